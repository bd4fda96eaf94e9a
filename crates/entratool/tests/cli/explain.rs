//! `explain`: an AADSTS code looked up without a network.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use entra_emulator::{Effect, Endpoint, Fault};
use serde_json::json;

use crate::support::{Sandbox, claims};

#[test]
fn a_code_leads_to_meaning_and_next_step() {
    let sandbox = Sandbox::empty();
    let run = sandbox.ok("explain AADSTS7000215");
    assert!(
        run.stdout
            .starts_with("AADSTS7000215: the client secret is wrong\n"),
        "{}",
        run.stdout
    );
    assert!(
        run.stdout.contains("entratool config edit -p PROFILE"),
        "{}",
        run.stdout
    );
    assert_eq!(run.stderr, "");
    assert_eq!(sandbox.ok("explain 7000215").stdout, run.stdout);
}

#[test]
fn the_error_of_get_token_can_be_piped_in() {
    let sandbox = Sandbox::new();
    let refusal = Effect::refuse("invalid_scope", 70_011);
    sandbox
        .control()
        .script(Fault::new(Endpoint::Token, refusal));
    let failed = sandbox.run("get-token -p demo");
    sandbox.type_in(failed.stderr);
    let run = sandbox.ok("explain -p demo");
    assert!(
        run.stdout.contains("AADSTS70011: the scope is not valid"),
        "{}",
        run.stdout
    );
    assert!(
        run.stdout
            .contains("`https://graph.microsoft.com/.default`"),
        "{}",
        run.stdout
    );
}

#[test]
fn json_has_the_documented_members() {
    let report = Sandbox::empty().ok("explain AADSTS65001 --json").json();
    let members: Vec<_> = report.as_object().unwrap().keys().collect();
    assert_eq!(
        members,
        [
            "code", "title", "meaning", "who", "nextStep", "page", "link", "known"
        ]
    );
}

#[test]
fn without_a_code_there_is_nothing_to_explain() {
    let sandbox = Sandbox::empty();
    sandbox.fails(
        "explain nothing here",
        2,
        &[
            "the text contains no AADSTS code",
            "entratool explain AADSTS50011",
        ],
    );
    sandbox.fails("explain", 2, &["the text contains no AADSTS code"]);
    sandbox.terminals(true, true, true);
    sandbox.fails(
        "explain",
        2,
        &["no AADSTS code or error text given, and standard input is a terminal"],
    );
    sandbox.fails(
        "explain 50011 -p unknown",
        4,
        &["Profile not found: 'unknown'"],
    );
}

#[test]
fn a_claims_challenge_ends_in_the_command_that_answers_it() {
    let sandbox = Sandbox::new();
    let token = sandbox.ok("get-token -p demo").token().to_owned();
    let now = sandbox.control().now();
    let wanted = format!(r#"{{"access_token":{{"nbf":{{"essential":true,"value":"{now}"}}}}}}"#);
    let challenge = format!(
        "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer realm=\"\", \
         error=\"insufficient_claims\", claims=\"{}\"\r\n",
        STANDARD.encode(wanted)
    );
    assert!(claims(&token)["nbf"].as_i64().unwrap() < now);
    sandbox.type_in(challenge);
    let explanation = sandbox.ok("explain -p demo").stdout;
    let (_, command) = explanation.split_once("`entratool ").unwrap();
    let (command, _) = command.split_once('`').unwrap();
    assert!(
        command.starts_with("get-token -p demo --claims eyJ"),
        "{command}"
    );
    assert!(!explanation.contains("interactive"), "{explanation}");
    let newer = sandbox.ok(command).token().to_owned();
    assert_ne!(newer, token);
    assert_eq!(claims(&newer)["nbf"], now);
}

#[test]
fn the_advice_fits_the_credential_of_the_profile() {
    let sandbox = Sandbox::empty();
    let app = |name: &str, more: &serde_json::Value| {
        sandbox.profile(name, "11111111-2222-4333-8444-555555555555", more)
    };
    sandbox.write_profiles(&json!([
        app("public", &json!({"scope": "User.Read"})),
        app("secret", &json!({"useClientSecret": true})),
        app(
            "cert",
            &json!({"useCertificate": true, "certificatePath": "app.pfx"})
        ),
    ]));
    let check = |profile: &str, code: u32, wants: &[&str]| {
        let text = sandbox.ok(&format!("explain -p {profile} {code}")).stdout;
        for want in wants {
            assert!(text.contains(want), "{profile}: no `{want}` in {text}");
        }
    };
    let rotate = "Rotate the secret in Azure Portal";
    check("public", 7_000_215, &[rotate]);
    check("secret", 7_000_215, &[rotate, "config edit -p secret"]);
    let upload = "upload the public part of its certificate";
    check("cert", 7_000_215, &[upload, "config show -p cert"]);
    check("cert", 700_027, &["Upload certificate: the public part"]);
    check(
        "secret",
        700_027,
        &["Profile `secret` sends a client secret and signs nothing"],
    );
    let toggle = "Authentication → Advanced settings → Allow public client flows → Enable the \
                  following mobile and desktop flows → Yes → Save";
    check("public", 7_000_218, &[toggle]);
    check("secret", 7_000_218, &[toggle, "never send the secret"]);
    check("cert", 7_000_218, &[toggle, "never send the certificate"]);
}

#[test]
fn a_missing_permission_is_explained_with_those_of_the_cached_token() {
    let sandbox = Sandbox::new();
    let line = "\nThe cached token ";
    let nothing = sandbox.ok("explain -p demo 403").stdout;
    assert!(!nothing.contains(line), "{nothing}");
    let check = |profile: &str, claim: &str, token: &str| {
        let wanted = match &claims(token)[claim] {
            serde_json::Value::String(scopes) => scopes.split(' ').map(str::to_owned).collect(),
            roles => serde_json::from_value::<Vec<String>>(roles.clone()).unwrap(),
        };
        assert!(!wanted.is_empty());
        sandbox.count();
        for text in ["403", "ErrorAccessDenied", "accessDenied"] {
            let run = sandbox.ok(&format!("explain -p {profile} {text}"));
            let allowed = format!("{line}allows: {} ({claim})\n", wanted.join(", "));
            assert!(
                run.stdout.contains(&allowed),
                "no `{allowed}` in {}",
                run.stdout
            );
            assert_eq!(run.stderr, "");
        }
        let json = sandbox
            .ok(&format!("explain -p {profile} Forbidden --json"))
            .json();
        assert_eq!(json["cachedToken"], json!({claim: wanted}));
        for text in ["401", "AuthorizationFailed", "AADSTS7000215"] {
            let run = sandbox.ok(&format!("explain -p {profile} {text}"));
            assert!(!run.stdout.contains(line), "{}", run.stdout);
        }
        assert_eq!(sandbox.count(), 0);
    };
    check("demo", "roles", sandbox.ok("get-token -p demo").token());
    sandbox
        .control()
        .configure(|settings| settings.auto_approve = true);
    let user = sandbox.ok("get-token -p demo-device");
    check("demo-device", "scp", user.token());

    let id = sandbox.ok("storage status --json").json()["keyId"].clone();
    let key = format!(".entratool/key-{}", id.as_str().unwrap());
    std::fs::remove_file(sandbox.path(&key)).unwrap();
    let locked = sandbox.ok("explain -p demo 403");
    assert_eq!((locked.stdout, locked.stderr), (nothing, String::new()));
}
