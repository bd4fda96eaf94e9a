//! What is said to be registered is what a sign-in with the profile sends, on the platform where it works.

use entra_emulator::{Effect, Endpoint, Fault, demo};
use serde_json::{Value, json};

use crate::support::{Sandbox, free_port};

const DESKTOP: &str = "Mobile and desktop applications";

/// The way through the portal as `explain` and errors show it, with the line to paste at its end.
fn way(platform: &str, line: &str) -> String {
    format!(
        "Azure Portal → App registrations → your app → Authentication → Add a platform → \
         {platform}, and paste this line as the redirect URI:\n{line}\n"
    )
}

#[test]
fn explain_ends_with_the_line_to_paste_for_the_profile() {
    let check = |more: &Value, platform: &str, line: &str| {
        let sandbox = Sandbox::empty();
        let mut profile = sandbox.profile("app", demo::CLIENT_ID, &json!({"scope": "User.Read"}));
        for (member, value) in more.as_object().unwrap() {
            profile[member] = value.clone();
        }
        sandbox.write_profiles(&json!([profile]));
        let end = format!("Next step: {}", way(platform, line));
        for text in ["AADSTS50011", "AADSTS500113"] {
            let text = sandbox.ok(&format!("explain -p app {text}")).stdout;
            assert!(text.ends_with(&end), "{more}: {text}");
        }
    };
    let any_port = "http://localhost";
    check(&json!({}), DESKTOP, any_port);
    check(&json!({"flow": "InteractiveBrowser"}), DESKTOP, any_port);
    check(&json!({"flow": "DeviceCode"}), DESKTOP, any_port);
    check(
        &json!({"redirectUri": "http://localhost/"}),
        DESKTOP,
        any_port,
    );
    let own = "http://localhost:9000/Callback";
    check(&json!({"redirectUri": own}), DESKTOP, own);
    let exact = "http://localhost:8080";
    check(&json!({"flow": "AuthorizationCode"}), DESKTOP, exact);

    let confidential = [
        json!({"useClientSecret": true}),
        json!({"useCertificate": true, "certificatePath": "app.pfx"}),
    ];
    for mut profile in confidential {
        check(&profile, "Web", exact);
        profile["flow"] = "ClientCredentials".into();
        check(&profile, "Web", exact);
        profile["flow"] = "AuthorizationCode".into();
        check(&profile, "Web", exact);
        profile["redirectUri"] = own.into();
        check(&profile, "Web", own);
        // This flow never sends a credential, and Web wants one.
        profile["flow"] = "InteractiveBrowser".into();
        check(&profile, DESKTOP, own);
    }
}

#[test]
fn without_a_profile_both_platforms_are_named() {
    let either = format!("{DESKTOP} (Web, if the profile has a client secret or certificate)");
    let text = Sandbox::empty().ok("explain AADSTS50011").stdout;
    assert!(text.ends_with(&way(&either, "http://localhost")), "{text}");
}

#[test]
fn a_quoted_address_counts_unless_the_registered_one_covers_it() {
    let sandbox = Sandbox::new();
    let check = |profile: &str, quoted: &str, want: &str| {
        sandbox.type_in(format!(
            "AADSTS50011: The redirect URI '{quoted}' specified"
        ));
        let text = sandbox.ok(&format!("explain -p {profile}")).stdout;
        assert_eq!(text.lines().last(), Some(want), "{profile}: {quoted}");
    };
    let browser = "demo-browser";
    check(browser, "http://localhost:5000", "http://localhost");
    check(
        browser,
        "http://localhost:5000/cb",
        "http://localhost:5000/cb",
    );
    check("demo-web", "http://localhost:5000", "http://localhost:5000");
}

/// Entra ID shows it in the browser only; some say it later.
#[test]
fn a_refusal_ends_with_the_line_for_what_was_sent() {
    let check = |line: &str, platform: &str, paste: &str, sent: &str| {
        let sandbox = Sandbox::new();
        sandbox.user_browses(|tab, url| drop(tab.sign_in(url)));
        let refusal = Effect::refuse("invalid_request", 50_011);
        sandbox
            .control()
            .script(Fault::new(Endpoint::Token, refusal));
        let run = sandbox.fails(line, 3, &["AADSTS50011"]);
        let hint = format!("hint: {}", way(platform, paste));
        let hint = hint.replace(":\nhttp", ":\n      http");
        assert!(run.stderr.ends_with(&hint), "{}", run.stderr);
        let requests = sandbox.requests();
        let redemption = requests.last().unwrap();
        assert_eq!(redemption.field("redirect_uri"), Some(sent), "{line}");
    };
    let usual = "http://localhost:8080";
    check(
        "get-token -p demo-browser",
        DESKTOP,
        "http://localhost",
        usual,
    );
    check("get-token -p demo-web", "Web", usual, usual);
    check(
        "get-token -p demo-browser --port 5000",
        DESKTOP,
        "http://localhost",
        "http://localhost:5000",
    );
    let own = format!("http://localhost:{}/signin-oidc", free_port());
    let line = format!("get-token -p demo-web --redirect-uri {own}");
    check(&line, "Web", &own, &own);
}

#[test]
fn no_answer_names_the_same_redirect_uri() {
    let check = |line: &str, want: &str| {
        let sandbox = Sandbox::new();
        sandbox.browser.ignore();
        sandbox.fails(line, 5, &[want]);
    };
    check(
        "get-token -p demo-browser",
        "the app registration needs `http://localhost` under Mobile and desktop applications\n",
    );
    check(
        "get-token -p demo-web",
        "the app registration needs `http://localhost:8080` under Web\n",
    );
}

#[test]
fn pages_and_commands_name_the_same_redirect_uri() {
    let book = concat!(env!("CARGO_MANIFEST_DIR"), "/../../");
    let page = |name: &str| std::fs::read_to_string(format!("{book}{name}")).unwrap();
    let plain = |text: &str| {
        text.replace('*', "")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    for name in ["README.md", "docs/first-token.md"] {
        let text = plain(&page(name));
        let at = text.find("`http://localhost`").expect(name);
        assert!(text[at..at + 150].contains(DESKTOP), "{name}");
        assert!(!text.contains("`http://localhost:8080`"), "{name}");
    }
    let flows = plain(&page("docs/flows.md"));
    let desktop = format!("The app registration needs `http://localhost` under {DESKTOP}");
    assert!(flows.contains(&desktop));
    let web = "else exactly `http://localhost:8080`, and has to be registered letter by letter, under \
               Web if the profile has a secret or certificate";
    assert!(flows.contains(web));
}
