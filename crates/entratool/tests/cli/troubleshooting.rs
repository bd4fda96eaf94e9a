//! Every entry of the troubleshooting lists: it happens, the advice names the remedy, and the remedy works.

use entra_emulator::{Effect, Endpoint, Fault, Options, demo};

use crate::support::{GRAPH, Run, Sandbox, claims};

/// The text contains all of `wants`.
#[track_caller]
fn contains(text: &str, wants: &[&str]) {
    for want in wants {
        assert!(text.contains(want), "no `{want}` in\n{text}");
    }
}

/// The explanation of `text` with the values of `demo`.
#[track_caller]
fn explained(sandbox: &Sandbox, text: &str) -> String {
    sandbox.type_in(text);
    sandbox.ok("explain -p demo").stdout
}

#[test]
fn profile_not_found() {
    let sandbox = Sandbox::new();
    let run = sandbox.fails(
        "get-token -p dem",
        4,
        &[
            "error: Profile not found: 'dem'",
            "hint: did you mean 'demo'?",
            "hint: list the profiles with `entratool config list`",
        ],
    );
    contains(
        &explained(&sandbox, &run.stderr),
        &["`entratool config list`", "use the correct name"],
    );
    let names = sandbox.ok("config list").stdout;
    sandbox.ok(&format!("get-token -p {}", names.lines().next().unwrap()));
}

#[test]
fn aadsts70011_invalid_scope() {
    let sandbox = Sandbox::new();
    let refusal = Effect::refuse("invalid_scope", 70_011);
    sandbox
        .control()
        .script(Fault::new(Endpoint::Token, refusal));
    let advice = "Azure Portal → App registrations → your app → API permissions → add the \
                  required permission → grant admin consent (if needed)";
    let run = sandbox.fails("get-token -p demo", 3, &["AADSTS70011", advice]);
    let explanation = explained(&sandbox, &run.stderr);
    let cause = "is not configured in the app registration";
    contains(&explanation, &[advice, cause]);
    let page = format!("/~/CallAnAPI/appId/{}", demo::CLIENT_ID);
    contains(&explanation, &[&page]);
    contains(&run.stderr, &[&page]);
}

#[test]
fn aadsts7000215_invalid_client_secret() {
    let sandbox = Sandbox::new();
    sandbox.store_secret("demo", "an old secret");
    let run = sandbox.fails(
        "get-token -p demo",
        3,
        &[
            "AADSTS7000215",
            "Rotate the secret in Azure Portal",
            "update the profile: `entratool config edit -p demo`, select Client Secret, enter the new secret",
        ],
    );
    let cause = "The client secret is expired or incorrect";
    contains(&explained(&sandbox, &run.stderr), &[cause]);
    sandbox.type_in(format!("Client Secret\n{}\nq\n", demo::CLIENT_SECRET));
    sandbox.ok("config edit -p demo");
    sandbox.ok("get-token -p demo");
}

/// Microsoft Graph refuses, not Entra ID, so its answer is passed to `explain`.
#[test]
fn insufficient_privileges() {
    let sandbox = Sandbox::new();
    let answer = r#"{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges to complete the operation."}}"#;
    let title = "Insufficient privileges: the token lacks the permission that the call needs\n";
    let of_users = |profile: &str| {
        [
            format!("`entratool get-token -p {profile} --scope SCOPES`"),
            "the user lacks the role behind it".to_owned(),
            "assign the Azure AD role".to_owned(),
        ]
    };
    let of_applications = ["application permission", "Application permissions"];
    let check = |profile: &str, client_id: &str, users: bool, applications: bool| {
        sandbox.type_in(answer);
        let explanation = sandbox.ok(&format!("explain -p {profile}")).stdout;
        let both = [
            title,
            &format!("`entratool inspect -p {profile} --claims`"),
            "Azure Portal → App registrations → your app → API permissions",
            "Grant admin consent",
            &format!("/~/CallAnAPI/appId/{client_id}"),
        ];
        contains(&explanation, &both);
        for half in of_users(profile) {
            assert_eq!(explanation.contains(&half), users, "{half}: {explanation}");
        }
        for half in of_applications {
            assert_eq!(
                explanation.contains(half),
                applications,
                "{half}: {explanation}"
            );
        }
        explanation
    };
    check("demo-device", demo::PUBLIC_CLIENT_ID, true, false);
    check("demo-web", demo::WEB_CLIENT_ID, true, false);
    let explanation = check("demo", demo::CLIENT_ID, false, true);
    sandbox.type_in(answer);
    let whole = sandbox.ok("explain").stdout;
    contains(&whole, &of_users("PROFILE").each_ref().map(String::as_str));
    contains(&whole, &of_applications);
    let words = "explain -p demo \"Insufficient privileges to complete the operation\"";
    assert_eq!(sandbox.ok(words).stdout, explanation);
    sandbox.ok("get-token -p demo");
    let allowed = &sandbox.ok("inspect -p demo --claims").json()["roles"];
    assert_ne!(allowed.as_array().unwrap().len(), 0);
}

#[test]
fn browser_did_not_respond() {
    let sandbox = Sandbox::with(Options {
        auto_approve: true,
        ..Options::default()
    });
    sandbox.browser.ignore();
    let line = "get-token -p demo-browser -f DeviceCode";
    let run = sandbox.fails(
        "get-token -p demo-browser",
        5,
        &[
            "caused by: Browser did not respond",
            &format!("try the device code flow instead: `entratool {line}`"),
            "check the redirect URI: the app registration needs `http://localhost`",
            "ensure that nothing blocks the port on localhost",
        ],
    );
    sandbox.type_in(run.stderr);
    let explanation = sandbox.ok("explain -p demo-browser").stdout;
    contains(&explanation, &[&format!("`entratool {line}`")]);
    assert_eq!(explanation.lines().last(), Some("http://localhost"));
    sandbox.ok(line);
}

#[test]
fn invalid_token() {
    let sandbox = Sandbox::new();
    let token = sandbox.ok("get-token -p demo").token().to_owned();
    let broken = &token[..token.len() / 3];
    for command in ["inspect", "discover", "verify"] {
        let run = sandbox.run(&format!("{command} -t {broken}"));
        assert_eq!(run.exit, 1, "{command}");
        contains(
            &run.stderr,
            &[
                "error: Invalid token: ",
                "hint: check that the whole token was copied, or get a fresh one with `entratool get-token`",
            ],
        );
        contains(
            &explained(&sandbox, &run.stderr),
            &[
                "`entratool inspect -f FILE`",
                "`entratool get-token -p demo --silent`",
            ],
        );
    }
    sandbox.ok(&format!("inspect -t {token}"));
    let graph = "InvalidAuthenticationToken: JWT is not well formed, there are no dots (.).";
    contains(&explained(&sandbox, graph), &["cut off", "not a JWT"]);
}

#[test]
fn token_expired() {
    let sandbox = Sandbox::new();
    let token = sandbox.ok("get-token -p demo").token().to_owned();
    sandbox.advance(120);
    let advice = "get a fresh one with `entratool get-token -p ";
    let says = |line: &str| -> Run {
        let run = sandbox.run(line);
        assert_eq!(run.exit, 1, "{line}");
        contains(&run.stderr, &[advice]);
        run
    };
    let run = says(&format!("discover --text -t {token}"));
    contains(&run.stdout, &["  Expired: "]);
    let run = says("discover --text -p demo");
    assert_eq!(run.stderr, format!("hint: {advice}demo`\n"));
    let authority = sandbox.authority().to_owned();
    let bundle = sandbox.path("certificates/ca.pem").display().to_string();
    says(&format!(
        "verify --text -t {token} --authority {authority} --ca-bundle {bundle}"
    ));
    let graph = "InvalidAuthenticationToken: Lifetime validation failed, the token is expired.";
    contains(
        &explained(&sandbox, graph),
        &["Token expired: ", "`entratool get-token -p demo --silent`"],
    );
    let fresh = sandbox.ok("get-token -p demo --silent").token().to_owned();
    sandbox.ok(&format!("discover -t {fresh}"));
}

#[test]
fn invalid_audience() {
    let sandbox = Sandbox::new();
    sandbox.ok("get-token -p demo");
    let api = format!("api://{}", demo::API_CLIENT_ID);
    let run = sandbox.run(&format!("verify -p demo --text --audience {api}"));
    assert_eq!(run.exit, 1, "{}", run.stderr);
    let scope = format!("--scope {api}/.default");
    contains(
        &run.stderr,
        &[
            &format!("it is for `https://graph.microsoft.com`, not for `{api}`"),
            &format!("get one for it: `entratool get-token {scope}`"),
        ],
    );
    let graph = "InvalidAuthenticationToken: Access token validation failure. Invalid audience.";
    contains(
        &explained(&sandbox, graph),
        &[
            "`entratool inspect -p demo --claims` shows `aud`",
            "`entratool get-token -p demo --scope \"https://correct-api.com/.default\"`",
        ],
    );
    let kept = sandbox.ok("inspect -p demo --claims").json();
    assert_eq!(kept["aud"], GRAPH.trim_end_matches("/.default"));
    let token = sandbox.ok(&format!("get-token -p demo {scope}"));
    assert_ne!(claims(token.token())["aud"], kept["aud"]);
}
