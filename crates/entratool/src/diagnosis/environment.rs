//! Advice for applications that variables name: what would change a profile becomes the variable.

use crate::diagnosis::Diagnosis;
use crate::failure::Whose;

/// The same diagnosis, whose hints name no profile.
pub(super) fn advised(mut diagnosis: Diagnosis) -> Diagnosis {
    for hint in &mut diagnosis.hints {
        *hint = without_profile(hint);
    }
    diagnosis
}

fn without_profile(hint: &str) -> String {
    let edit = format!("`entratool config edit -p {}", Whose::NO_NAME);
    let mut text = String::with_capacity(hint.len());
    let mut rest = hint;
    while let Some((before, after)) = rest.split_once(&edit) {
        text.push_str(before);
        let (options, after) = after.split_once('`').unwrap_or((after, ""));
        let (setting, after) = setting(options, after);
        let is_start =
            text.is_empty() || text.ends_with([' ', '\n']) && text.trim_end().ends_with('.');
        text.push_str(if is_start { "Set " } else { "set " });
        text.push_str(setting);
        rest = after;
    }
    text.push_str(rest);
    text.replace(&format!(" -p {}", Whose::NO_NAME), "")
        .replace(&format!("Profile `{}`", Whose::NO_NAME), "The application")
        .replace(&format!("profile `{}`", Whose::NO_NAME), "the application")
}

/// What sets the same as the options of `config edit`, or as the choice in its menu.
fn setting<'a>(options: &str, after: &'a str) -> (&'static str, &'a str) {
    let option = options.split_whitespace().next();
    let of_option = SETTINGS.iter().find(|(name, ..)| Some(*name) == option);
    if let Some((_, _, setting)) = of_option {
        return (setting, after);
    }
    let menu = after
        .trim_start_matches([',', ' ', '\n'])
        .strip_prefix("select ");
    let chosen = SETTINGS.iter().find_map(|(_, label, setting)| {
        let after = menu?.strip_prefix(label)?;
        Some((*setting, after))
    });
    chosen.unwrap_or(("the AZURE_… variables right", after))
}

/// Options of `config edit`, what its menu calls them, and what takes their place.
const SETTINGS: [(&str, &str, &str); 9] = [
    (
        "--client-secret-stdin",
        "Client Secret",
        "AZURE_CLIENT_SECRET",
    ),
    (
        "--certificate",
        "Certificate Path",
        "AZURE_CLIENT_CERTIFICATE_PATH",
    ),
    (
        "--certificate-password-stdin",
        "Certificate Password",
        "AZURE_CLIENT_CERTIFICATE_PASSWORD",
    ),
    ("--client-id", "Client ID", "AZURE_CLIENT_ID"),
    ("--tenant-id", "Tenant ID", "AZURE_TENANT_ID"),
    ("--authority", "Authority URL", "AZURE_AUTHORITY_HOST"),
    ("--ca-bundle", "CA Bundle", "SSL_CERT_FILE"),
    ("--scope", "Scope", "`--scope`"),
    ("--redirect-uri", "Redirect URI", "`--redirect-uri`"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_name_variables_where_there_is_no_profile() {
        let check = |hint: &str, want: &str| assert_eq!(without_profile(hint), want);
        check(
            "`entratool config edit -p PROFILE`, select Client Secret, enter the new secret.",
            "Set AZURE_CLIENT_SECRET, enter the new secret.",
        );
        check(
            "Check it: `entratool config edit -p PROFILE`, select Tenant ID. Then x.",
            "Check it: set AZURE_TENANT_ID. Then x.",
        );
        check(
            "pass `--tenant TENANT`, or `entratool config edit -p PROFILE --tenant-id TENANT`",
            "pass `--tenant TENANT`, or set AZURE_TENANT_ID",
        );
        check(
            "See it. `entratool config edit -p PROFILE`.",
            "See it. Set the AZURE_… variables right.",
        );
        check(
            "Sign in again: `entratool get-token -p PROFILE --force`.",
            "Sign in again: `entratool get-token --force`.",
        );
        check(
            "Profile `PROFILE` sends a client secret.",
            "The application sends a client secret.",
        );
        check("nothing to change", "nothing to change");
    }
}
