//! Which flow is used: as typed, as in the profile, or as credential, scopes and machine suggest.

use entra_emulator::demo;
use serde_json::json;

use crate::support::{GRAPH, Sandbox};

/// How the last request says what it is.
fn grant(sandbox: &Sandbox) -> String {
    let requests = sandbox.requests();
    let last = requests.last().unwrap().field("grant_type").unwrap();
    last.rsplit(':').next().unwrap().to_owned()
}

/// A sandbox in which every sign-in succeeds.
fn willing() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox
        .control()
        .configure(|settings| settings.auto_approve = true);
    sandbox.user_browses(|tab, url| drop(tab.sign_in(url)));
    sandbox
}

#[test]
fn every_name_of_a_flow_is_understood() {
    for (name, want) in [
        ("ClientCredentials", "client_credentials"),
        ("client-credentials", "client_credentials"),
        ("CLIENT_CREDENTIALS", "client_credentials"),
        ("cc", "client_credentials"),
        ("DeviceCode", "device_code"),
        ("device", "device_code"),
        ("InteractiveBrowser", "authorization_code"),
        ("interactive", "authorization_code"),
        ("browser", "authorization_code"),
        ("AuthorizationCode", "authorization_code"),
        ("code", "authorization_code"),
    ] {
        let sandbox = willing();
        let profile = match want {
            "client_credentials" => "demo",
            _ if name.to_lowercase().contains("code") && name != "DeviceCode" => "demo-web",
            _ => "demo-browser",
        };
        sandbox.ok(&format!("get-token -p {profile} -f {name}"));
        assert_eq!(grant(&sandbox), want, "{name}");
    }
}

#[test]
fn a_delegated_scope_says_why_a_user_signs_in() {
    let sandbox = willing();
    let more = json!({"scope": GRAPH, "useClientSecret": true});
    let profile = sandbox.profile("app", demo::WEB_CLIENT_ID, &more);
    sandbox.write_profiles(&json!({"profiles": [profile]}));
    sandbox.store_secret("app", demo::WEB_CLIENT_SECRET);
    let said = |line: &str| {
        sandbox
            .ok(line)
            .stderr
            .contains("This scope is a delegated permission")
    };
    assert!(!said("get-token -p app"));
    assert!(said("get-token -p app --scope User.Read"));
    assert!(!said("get-token -p app --scope User.Read --silent"));
    assert_eq!(grant(&sandbox), "authorization_code");
}

#[test]
fn an_unknown_flow_lists_the_four() {
    let sandbox = Sandbox::new();
    sandbox.fails(
        "get-token -p demo -f magic",
        2,
        &["unknown flow `magic`: use ClientCredentials, AuthorizationCode, DeviceCode or InteractiveBrowser"],
    );
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn an_unknown_flow_in_a_profile_says_where_to_correct_it() {
    let sandbox = Sandbox::new();
    let mut profiles = sandbox.demo_profiles();
    profiles["profiles"][0]["flow"] = "magic".into();
    sandbox.write_profiles(&profiles);
    sandbox.check(
        "get-token -p demo",
        1,
        &[],
        &[
            "error: profile `demo` cannot be used: unknown flow `magic`: use ClientCredentials, AuthorizationCode, DeviceCode or InteractiveBrowser, or for machines WorkloadIdentity or ManagedIdentity",
            "hint: correct it with `entratool config edit -p demo`, or in HOME/.entratool/profiles.json",
        ],
    );
    sandbox.ok("config edit -p demo --flow cc");
    sandbox.ok("get-token -p demo");
}

#[test]
fn without_a_flow_credential_and_scopes_decide() {
    let check = |client_id: &str, secret: Option<&str>, scope: &str, want: &str| {
        let sandbox = willing();
        let more = json!({"scope": scope, "useClientSecret": secret.is_some()});
        sandbox.write_profiles(&json!([sandbox.profile("x", client_id, &more)]));
        if let Some(secret) = secret {
            sandbox.store_secret("x", secret);
        }
        sandbox.ok("get-token -p x");
        assert_eq!(grant(&sandbox), want, "{scope}");
    };
    check(
        demo::CLIENT_ID,
        Some(demo::CLIENT_SECRET),
        GRAPH,
        "client_credentials",
    );
    check(
        demo::WEB_CLIENT_ID,
        Some(demo::WEB_CLIENT_SECRET),
        "User.Read",
        "authorization_code",
    );
    check(
        demo::PUBLIC_CLIENT_ID,
        None,
        "User.Read",
        "authorization_code",
    );
    check(demo::PUBLIC_CLIENT_ID, None, GRAPH, "authorization_code");
}

#[test]
fn where_no_browser_can_be_opened_a_device_code_serves_and_that_is_said() {
    for profile in ["demo-browser", "plain"] {
        let sandbox = willing();
        let mut profiles = sandbox.demo_profiles();
        let plain = sandbox.profile(
            "plain",
            demo::PUBLIC_CLIENT_ID,
            &json!({"scope": "User.Read"}),
        );
        profiles["profiles"].as_array_mut().unwrap().push(plain);
        sandbox.write_profiles(&profiles);
        sandbox.machine().has_no_browser("this is an SSH session");
        let run = sandbox.ok(&format!("get-token -p {profile}"));
        assert_eq!(grant(&sandbox), "device_code");
        let said = "No browser can be opened here (this is an SSH session): signing in with a device code.";
        assert!(run.stderr.contains(said), "{}", run.stderr);
        let again = sandbox.ok(&format!("get-token -p {profile}"));
        assert!(!again.stderr.contains("No browser"), "{}", again.stderr);
    }
}

#[test]
fn a_typed_flow_is_kept_to_where_no_browser_can_be_opened() {
    let sandbox = willing();
    sandbox.machine().has_no_browser("there is no display");
    sandbox
        .clock
        .at_each_sleep(|_| panic!("no device code was asked for"));
    sandbox.fails(
        "get-token -p demo-browser -f InteractiveBrowser",
        5,
        &["Browser did not respond"],
    );
}

#[test]
fn an_application_needs_a_directory_of_its_own() {
    for tenant in ["common", "organizations", "consumers"] {
        let sandbox = Sandbox::new();
        let error = format!(
            "error: ClientCredentials cannot be used with profile `demo`: `{tenant}` is no \
             directory of its own; set the tenant's ID or domain"
        );
        let hint = "hint: set the tenant with `entratool config edit -p demo --tenant-id TENANT`, \
                    or pass `--tenant TENANT`";
        sandbox.check(
            &format!("get-token -p demo --tenant {tenant}"),
            2,
            &[],
            &[&error, hint],
        );
        assert_eq!(sandbox.count(), 0);
    }
}

#[test]
fn a_tenant_can_be_named_by_its_domain() {
    let sandbox = Sandbox::new();
    sandbox.ok(&format!(
        "get-token -p demo --tenant {}",
        demo::TENANT_DOMAIN
    ));
    assert!(sandbox.requests()[0].path.starts_with("/contoso.example/"));
    sandbox.fails(
        "get-token -p demo --tenant 'not a tenant'",
        2,
        &["tenant `not a tenant` is neither a GUID"],
    );
}

#[test]
fn a_public_client_has_nothing_to_prove_itself_with() {
    let sandbox = Sandbox::new();
    sandbox.fails(
        "get-token -p demo-device -f cc --scope https://graph.microsoft.com/.default",
        1,
        &[
            "profile `demo-device` has no client credential",
            "--client-secret-stdin",
        ],
    );
    assert_eq!(sandbox.count(), 0);
}
