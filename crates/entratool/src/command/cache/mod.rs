//! `cache`: export, import and clear cached tokens.

mod clear;
mod export;
mod import;

use clap::Subcommand;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::world::World;

/// What to do with cached tokens.
#[derive(Debug, Subcommand)]
pub enum CacheCommand {
    /// Remove the cached tokens of a profile or of all; the next get-token signs in again
    Clear {
        /// The profile; default: all
        #[arg(short, long)]
        profile: Option<String>,
    },
    /// Export the cached tokens of a profile for MSAL applications
    Export(export::ExportArgs),
    /// Import tokens from a cache file of an MSAL application
    Import(import::ImportArgs),
}

impl CacheCommand {
    /// Does it.
    ///
    /// # Errors
    ///
    /// If tokens cannot be removed, read or kept.
    pub fn run(&self, world: &World<'_>) -> Result<Exit, Failure> {
        match self {
            Self::Clear { profile } => clear::run(profile.as_deref(), world),
            Self::Export(arguments) => export::run(arguments, world),
            Self::Import(arguments) => import::run(arguments, world),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::Home;

    const CLIENT: &str = "11111111-2222-3333-4444-555555555555";

    fn home() -> Home {
        let home = Home::new();
        let create = "config create --name app --tenant-id contoso.com --client-id";
        home.check(&format!("{create} {CLIENT}"), "", 0);
        home
    }

    /// What MSAL for Python writes for one user.
    fn msal(secret: &str) -> Value {
        json!({
            "RefreshToken": {format!("u.t-login.microsoftonline.com-refreshtoken-{CLIENT}--"): {
                "credential_type": "RefreshToken", "secret": secret, "home_account_id": "u.t",
                "environment": "login.microsoftonline.com", "client_id": CLIENT, "target": "User.Read",
            }},
            "Account": {"u.t-login.microsoftonline.com-t": {
                "home_account_id": "u.t", "environment": "login.microsoftonline.com", "realm": "t",
                "local_account_id": "u", "username": "adele@contoso.com", "authority_type": "MSSTS",
            }},
            "Unknown": {"x": 1},
        })
    }

    fn exported(home: &Home) -> Value {
        let run = home.check("cache export -p app --msal -", "", 0);
        assert!(run.stderr.contains("plain text"), "{}", run.stderr);
        serde_json::from_str(&run.stdout).unwrap()
    }

    #[test]
    fn what_comes_in_goes_out_again() {
        let home = home();
        let run = home.check("cache import -p app --msal -", &msal("one").to_string(), 0);
        assert!(
            run.stderr.contains("Signed in: adele@contoso.com"),
            "{}",
            run.stderr
        );
        assert_eq!(exported(&home), msal("one"));
        home.check("cache export -p app --msal PATH/out.json", "", 0);
        let file = std::fs::read_to_string(home.path("out.json")).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&file).unwrap(), msal("one"));
        home.check("cache import -p app --msal PATH/out.json", "", 0);
        assert_eq!(exported(&home), msal("one"));
    }

    #[cfg(unix)]
    #[test]
    fn an_export_is_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = home();
        home.check("cache import -p app --msal -", &msal("one").to_string(), 0);
        home.check("cache export -p app --msal PATH/out.json", "", 0);
        let mode = std::fs::metadata(home.path("out.json")).unwrap();
        assert_eq!(mode.permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn imports_add_or_replace() {
        let home = home();
        home.check("cache import -p app --msal -", &msal("one").to_string(), 0);
        let other = json!({"AccessToken": {"a": {"client_id": CLIENT, "secret": "x"}}});
        home.check("cache import -p app --msal -", &other.to_string(), 0);
        let both = exported(&home);
        assert_eq!(both["AccessToken"], other["AccessToken"]);
        assert_eq!(both["RefreshToken"], msal("one")["RefreshToken"]);
        home.check(
            "cache import -p app --replace --msal -",
            &other.to_string(),
            0,
        );
        assert_eq!(exported(&home), other);
    }

    #[test]
    fn what_is_no_cache_is_refused() {
        let home = home();
        let check = |text: &str, want: &str| {
            let run = home.check("cache import -p app --msal -", text, 1);
            assert!(run.stderr.contains(want), "no `{want}` in {}", run.stderr);
        };
        check("not JSON", "not MSAL's JSON");
        check("[]", "not MSAL's JSON");
        check("{}", "no token of application");
        check(
            &msal("one").to_string().replace(CLIENT, "99999999"),
            "no token of application",
        );
        home.check("cache import -p app --msal PATH/missing", "", 1);
        home.check("cache export -p app --msal -", "", 1);
        home.check("cache export -p app", "", 2);
    }

    #[test]
    fn clearing_everything_leaves_no_tokens() {
        let home = home();
        let clear = |want: &str| {
            let run = home.check("cache clear", "", 0);
            assert!(run.stderr.contains(want), "no `{want}` in {}", run.stderr);
        };
        home.check("cache import -p app --msal -", &msal("one").to_string(), 0);
        clear("of 1 profile removed");
        home.check("cache import -p app --msal -", &msal("one").to_string(), 0);
        let cache = home.path(".msal/cache");
        for name in [
            "token.gone.sealed",
            "token.environment=_20x.sealed",
            "token.app.sealed.damaged",
        ] {
            std::fs::write(cache.join(name), "x").unwrap();
        }
        std::fs::write(cache.join("of-another-program.json"), "{}").unwrap();
        clear("of 3 profiles removed");
        let mut left = crate::file::Files::system().list(&cache).unwrap();
        left.sort();
        assert_eq!(left, ["locks", "of-another-program.json"]);
        clear("of 0 profiles removed");
    }
}
