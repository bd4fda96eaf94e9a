//! Clouds and authorities in profiles: aliases, pasted endpoints, and the Graph that belongs to each.

use entra_emulator::demo;
use serde_json::Value;

use crate::support::Sandbox;

const ID: &str = demo::CLIENT_ID;
const TENANT: &str = demo::TENANT_ID;

/// The only profile after `config create` with these options.
#[track_caller]
fn created(options: &str) -> Value {
    let sandbox = Sandbox::empty();
    sandbox.ok(&format!(
        "config create --name x --client-id {ID} {options}"
    ));
    sandbox.profiles()["profiles"][0].clone()
}

#[test]
fn the_default_scope_is_the_graph_of_the_cloud() {
    let check = |authority: &str, stored: &str, graph: &str| {
        let profile = created(&format!("--tenant-id {TENANT} --authority {authority}"));
        assert_eq!(profile["authority"], stored, "{authority}");
        assert_eq!(
            profile["scope"],
            format!("https://{graph}/.default"),
            "{authority}"
        );
    };
    check("usgov", "usgov", "graph.microsoft.us");
    check("AzureUSGovernment", "usgov", "graph.microsoft.us");
    check("gcchigh", "usgov", "graph.microsoft.us");
    check("DoD", "dod", "dod-graph.microsoft.us");
    check(
        "AzureChinaCloud",
        "china",
        "microsoftgraph.chinacloudapi.cn",
    );
    check("AzureCloud", "public", "graph.microsoft.com");
    check(
        "https://login.chinacloudapi.cn",
        "https://login.chinacloudapi.cn",
        "microsoftgraph.chinacloudapi.cn",
    );
    check(
        "https://sts.example",
        "https://sts.example",
        "graph.microsoft.com",
    );
}

#[test]
fn another_cloud_in_an_edit_takes_its_graph_along() {
    let sandbox = Sandbox::empty();
    sandbox.ok(&format!(
        "config create --name x --client-id {ID} --tenant-id {TENANT}"
    ));
    let scope = |sandbox: &Sandbox| sandbox.profiles()["profiles"][0]["scope"].clone();
    sandbox.ok("config edit -p x --authority usgov");
    assert_eq!(scope(&sandbox), "https://graph.microsoft.us/.default");
    sandbox.ok("config edit -p x --authority dod --scope https://vault.azure.us/.default");
    sandbox.ok("config edit -p x --authority china");
    assert_eq!(scope(&sandbox), "https://vault.azure.us/.default");
}

#[test]
fn a_pasted_endpoint_names_authority_and_tenant() {
    for end in [
        "",
        "/oauth2/v2.0/token",
        "/oauth2/v2.0/authorize?client_id=x",
        "/v2.0/.well-known/openid-configuration",
    ] {
        let url = format!("'https://login.microsoftonline.us/{TENANT}{end}'");
        let profile = created(&format!("--authority {url}"));
        assert_eq!(
            profile["authority"], "https://login.microsoftonline.us",
            "{end}"
        );
        assert_eq!(profile["tenantId"], TENANT, "{end}");
        assert_eq!(profile["scope"], "https://graph.microsoft.us/.default");
    }
}

#[test]
fn an_authority_that_does_not_fit_is_a_usage_error() {
    let check = |options: &str, said: &[&str]| {
        let sandbox = Sandbox::empty();
        let line = format!("config create --name x --client-id {ID} {options}");
        let run = sandbox.fails(&line, 2, said);
        assert!(!run.stderr.contains("config edit"), "{}", run.stderr);
    };
    let other = "--authority https://login.microsoftonline.com/fabrikam.example";
    check(
        &format!("--tenant-id {TENANT} {other}"),
        &["`--authority`", "`--tenant-id", "fabrikam.example"],
    );
    check(
        &format!("--tenant-id {TENANT} --authority https://a.b2clogin.com/a.example/B2C_1_x"),
        &["B2C", "not supported"],
    );
    check(
        &format!("--tenant-id {TENANT} --authority https://sts.contoso.com/adfs"),
        &["AD FS", "not supported"],
    );
    check(
        &format!("--tenant-id {TENANT} --authority AzureGermanCloud"),
        &["closed"],
    );
    let sandbox = Sandbox::new();
    sandbox.fails(
        &format!("config edit -p demo {other}"),
        2,
        &["the profile names another", "--tenant-id fabrikam.example"],
    );
}
