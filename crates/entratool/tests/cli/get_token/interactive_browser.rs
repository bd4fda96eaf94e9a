//! Signing in with a browser on this machine, as a public client.

use std::net::TcpListener;
use std::time::Duration;

use entra::client::RedirectUri;
use entra::ports::Redirect;
use entra_emulator::demo;
use entratool::os::redirect;

use crate::support::{Sandbox, claims, free_port, names_in};

/// A sandbox whose user signs in as Alice.
fn willing() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.user_browses(|tab, url| drop(tab.sign_in(url)));
    sandbox
}

/// No account's tokens are cached.
#[track_caller]
fn nothing_is_cached(sandbox: &Sandbox) {
    assert_eq!(names_in(&sandbox.path(".msal/cache")), Vec::<String>::new());
}

#[test]
fn the_documented_lines_lead_to_a_token() {
    let sandbox = willing();
    let run = sandbox.check(
        "get-token -p demo-browser -f InteractiveBrowser",
        0,
        &["TOKEN"],
        &[
            "Opening browser for authentication...",
            "If it does not open, visit:",
            "  https://localhost:PORT/6f0a5c3e-4d1b-4c7a-9e52-0b8d7f3a1c64/oauth2/v2.0/authorize?…",
            "Signed in as alice@contoso.example",
            "✓ Authentication successful",
            "✓ Token acquired",
            "",
        ],
    );
    assert_eq!(claims(run.token())["scp"], "User.Read");
    assert_eq!(claims(run.token())["upn"], demo::USERNAME);
    let page = sandbox.browser.last_page();
    assert_eq!(page.status, 200);
    assert!(page.text.contains("You are signed in"), "{}", page.text);
    assert!(page.text.contains("You can close this tab"));
}

#[test]
fn a_public_client_sends_a_challenge_and_no_secret() {
    let sandbox = willing();
    sandbox.store_secret("demo-browser", "canary");
    sandbox.ok("get-token -p demo-browser --login-hint alice@contoso.example --prompt login");
    let requests = sandbox.requests();
    let authorize = &requests[0];
    let sent = |name: &str| {
        let found = authorize.query.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    };
    assert_eq!(authorize.method, "GET");
    assert_eq!(sent("response_type"), "code");
    assert_eq!(sent("response_mode"), "form_post");
    assert_eq!(sent("redirect_uri"), "http://localhost:8080");
    assert_eq!(sent("code_challenge_method"), "S256");
    assert_eq!(sent("login_hint"), demo::USERNAME);
    assert_eq!(sent("prompt"), "login");
    assert_eq!(
        sent("scope"),
        "https://graph.microsoft.com/User.Read openid profile offline_access"
    );
    for random in ["state", "nonce", "code_challenge"] {
        assert_eq!(sent(random).len(), 43, "{random}");
    }
    let redemption = requests.last().unwrap();
    assert_eq!(redemption.field("grant_type"), Some("authorization_code"));
    assert_eq!(
        redemption.field("redirect_uri"),
        Some("http://localhost:8080")
    );
    assert_eq!(redemption.field("code_verifier").unwrap().len(), 43);
    assert_eq!(redemption.field("client_secret"), None);
    assert_eq!(redemption.header("authorization"), None);
    assert!(!format!("{requests:?}").contains("canary"));
}

#[test]
fn every_sign_in_draws_new_random_values() {
    let sandbox = willing();
    sandbox.ok("get-token -p demo-browser --no-cache");
    sandbox.ok("get-token -p demo-browser --no-cache");
    let opened = sandbox.browser.opened();
    for name in ["state=", "nonce=", "code_challenge="] {
        let value = |url: &str| url.split_once(name).unwrap().1[..43].to_owned();
        assert_ne!(value(&opened[0]), value(&opened[1]), "{name}");
    }
}

#[test]
fn ports_8080_and_5000_come_first_by_default() {
    let sandbox = willing();
    let any = || Redirect::Localhost(vec![8080, 5000, 0]);
    let fixed = |uri: &str| Redirect::Fixed(RedirectUri::parse(uri).unwrap());
    let elsewhere = format!("http://127.0.0.1:{}", free_port());
    for (options, want) in [
        ("", any()),
        ("--port 5000", Redirect::Localhost(vec![5000])),
        ("--port 0", Redirect::Localhost(vec![0])),
        ("--redirect-uri http://localhost", any()),
        (&format!("--redirect-uri {elsewhere}"), fixed(&elsewhere)),
    ] {
        sandbox.ok(&format!("get-token -p demo-browser --no-cache {options}"));
        assert_eq!(sandbox.machine().listened(), [(want, false)], "{options}");
    }
    sandbox.fails(
        "get-token -p demo-browser --port 5000 --redirect-uri http://localhost:1",
        2,
        &["cannot be used with"],
    );
    sandbox.fails("get-token -p demo-browser --port 70000", 2, &["70000"]);
}

#[test]
fn where_both_are_taken_any_port_will_do() {
    let _taken: Vec<_> = [8080, 5000]
        .map(|port| TcpListener::bind(("127.0.0.1", port)))
        .into_iter()
        .collect();
    let sandbox = willing();
    sandbox.machine().use_real_ports();
    sandbox.ok("get-token -p demo-browser");
    let requests = sandbox.requests();
    let uri = requests.last().unwrap().field("redirect_uri").unwrap();
    let port: u16 = uri
        .strip_prefix("http://localhost:")
        .unwrap()
        .parse()
        .unwrap();
    assert!(![8080, 5000].contains(&port), "{uri}");
}

#[test]
fn a_taken_port_that_was_named_is_an_error() {
    let sandbox = Sandbox::new();
    let taken = redirect::listen(&Redirect::Localhost(vec![0]), false).unwrap();
    let port = taken.redirect_uri().port();
    sandbox.check(
        &format!("get-token -p demo-browser -f browser --port {port}"),
        1,
        &[],
        &[
            "error: no token for profile `demo-browser`",
            &format!("  caused by: port {port} on localhost is already in use"),
            &format!(
                "hint: find out which program uses port {port} and end it, or pass another one with `--port`"
            ),
        ],
    );
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn an_answer_in_the_query_is_as_good_as_a_form() {
    let sandbox = Sandbox::new();
    sandbox.user_browses(|tab, url| {
        drop(tab.sign_in(&url.replace("response_mode=form_post", "response_mode=query")));
    });
    sandbox.ok("get-token -p demo-browser");
}

#[test]
fn a_declined_consent_is_a_refusal() {
    let sandbox = Sandbox::new();
    sandbox.user_browses(|tab, url| drop(tab.cancel(url)));
    let run = sandbox.fails(
        "get-token -p demo-browser",
        3,
        &["AADSTS65004", "entratool explain AADSTS65004"],
    );
    assert!(!run.stderr.contains('✓'));
    assert!(
        sandbox
            .browser
            .last_page()
            .text
            .contains("Sign-in did not work")
    );
    nothing_is_cached(&sandbox);
}

#[test]
fn no_answer_ends_after_five_minutes_with_the_documented_advice() {
    let sandbox = Sandbox::new();
    sandbox.browser.ignore();
    sandbox.check(
        "get-token -p demo-browser -f browser -q",
        5,
        &[],
        &[
            "error: no token for profile `demo-browser`",
            "  caused by: Browser did not respond",
            "hint: try the device code flow instead: `entratool get-token -p demo-browser -f DeviceCode`",
            "hint: check the redirect URI: the app registration needs `http://localhost` under Mobile and desktop applications",
            "hint: ensure that nothing blocks the port on localhost",
        ],
    );
    let waited: Duration = sandbox.machine().waited().iter().sum();
    assert_eq!(waited, Duration::from_secs(300));
    nothing_is_cached(&sandbox);
}

#[test]
fn a_hint_at_explain_is_shown_once_in_browser_flows() {
    let sandbox = Sandbox::new();
    sandbox.browser.ignore();
    let help = |profile: &str| {
        format!("If the browser shows an AADSTS code: entratool explain CODE -p {profile}\n")
    };
    let check = |line: &str, want: usize| {
        let run = sandbox.run(&format!("get-token -p {line}"));
        assert_eq!(run.exit, 5, "{line}: {}", run.stderr);
        assert_eq!(run.stdout, "");
        let name = line.split(' ').next().unwrap();
        assert_eq!(
            run.stderr.matches(&help(name)).count(),
            want,
            "{}",
            run.stderr
        );
        run.stderr
    };
    let said = check("demo-browser -f browser", 1);
    assert!(said.find("visit:") < said.find("AADSTS"), "{said}");
    assert!(said.find("AADSTS") < said.find("error:"), "{said}");
    check("demo-web", 1);
    check("demo-browser -f browser --silent", 0);
    let said = check("demo-browser -f browser --json", 1);
    assert!(
        said.lines().last().unwrap().starts_with("{\"error\":"),
        "{said}"
    );
    sandbox.set("AZURE_TENANT_ID", demo::TENANT_ID);
    sandbox.set("AZURE_CLIENT_ID", demo::WEB_CLIENT_ID);
    sandbox.set("AZURE_CLIENT_SECRET", demo::WEB_CLIENT_SECRET);
    sandbox.set("AZURE_AUTHORITY_HOST", sandbox.authority());
    sandbox.set(
        "SSL_CERT_FILE",
        &sandbox.path("certificates/ca.pem").display().to_string(),
    );
    let run = sandbox.run("get-token -f AuthorizationCode --scope User.Read");
    let nameless = "code: entratool explain CODE\n";
    assert!(run.stderr.contains(nameless), "{}", run.stderr);
    sandbox.user_browses(|tab, url| drop(tab.sign_in(url)));
    let run = sandbox.ok("get-token -p demo-browser");
    assert!(!run.stderr.contains("AADSTS"), "{}", run.stderr);
}

#[test]
fn where_no_browser_starts_the_url_is_shown_even_when_silent() {
    let url =
        "  https://localhost:PORT/6f0a5c3e-4d1b-4c7a-9e52-0b8d7f3a1c64/oauth2/v2.0/authorize?…";
    let line = "get-token -p demo-browser -f browser -q";
    let open = "To sign in, open this URL in a browser:";
    let by_hand = |sandbox: &Sandbox| sandbox.run(line).stderr;
    let sandbox = Sandbox::new();
    sandbox.browser.break_it();
    assert!(by_hand(&sandbox).starts_with(open));
    let sandbox = Sandbox::new();
    let run = sandbox.run(&format!("{line} --no-browser"));
    assert!(run.stderr.starts_with(open), "{}", run.stderr);
    let sandbox = Sandbox::new();
    sandbox.machine().has_no_browser("this is an SSH session");
    sandbox.check(
        line,
        5,
        &[],
        &[
            open,
            url,
            "The browser has to reach http://localhost:8080 on this host (this is an SSH session).",
            "From elsewhere, connect with: ssh -L 8080:localhost:8080 HOST",
            "error: no token for profile `demo-browser`",
            "  caused by: Browser did not respond",
            "hint: try the device code flow instead: `entratool get-token -p demo-browser -f DeviceCode`",
            "hint: check the redirect URI: the app registration needs `http://localhost` under Mobile and desktop applications",
            "hint: ensure that nothing blocks the port on localhost",
        ],
    );
    assert_eq!(sandbox.browser.opened(), Vec::<String>::new());
    let shown = sandbox.run(line).stderr;
    assert!(shown.contains("&response_mode=query&"), "{shown}");
}

#[test]
fn the_final_url_can_be_pasted_at_a_terminal() {
    let sandbox = Sandbox::new();
    sandbox.user_answers(&[]);
    let run = sandbox.run("get-token -p demo-browser --no-browser");
    assert!(
        run.stderr
            .contains("Or paste the URL that the browser ends on here and press Enter.")
    );
    assert!(sandbox.machine().listened()[0].1);
}
