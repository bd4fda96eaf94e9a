//! `config import` of service principals as other tools write them, and of files that hold none.

use entra_emulator::demo;
use serde_json::{Value, json};

use crate::support::{PROFILES, Sandbox};

/// The demo client as `az ad sp create-for-rbac` prints a service principal.
fn rbac(sandbox: &Sandbox) -> Value {
    json!({
        "appId": demo::CLIENT_ID,
        "displayName": "azure-cli-2026-12-01",
        "password": demo::CLIENT_SECRET,
        "tenant": demo::TENANT_ID,
        "activeDirectoryEndpointUrl": sandbox.authority(),
    })
}

fn import(sandbox: &Sandbox, file: &str, options: &str) -> String {
    format!(
        "config import -f {} {options}",
        sandbox.path(file).display()
    )
}

#[test]
fn a_service_principal_of_the_azure_cli_gets_a_token() {
    let sandbox = Sandbox::empty();
    sandbox.trust();
    sandbox.write("sp.json", rbac(&sandbox).to_string());
    sandbox.ok(&import(&sandbox, "sp.json", "-n ci"));
    sandbox.ok("get-token -p ci");
    assert!(!sandbox.read(PROFILES).contains(demo::CLIENT_SECRET));
    sandbox.type_in(rbac(&sandbox).to_string());
    sandbox.ok("config import -f -");
    sandbox.ok("get-token -p azure-cli-2026-12-01");
}

#[test]
fn an_env_file_gets_a_token() {
    let sandbox = Sandbox::empty();
    sandbox.trust();
    sandbox.write(
        "ci.env",
        format!(
            "export AZURE_TENANT_ID={}\r\nexport AZURE_CLIENT_ID={}\r\nexport AZURE_CLIENT_SECRET='{}'\r\nAZURE_AUTHORITY_HOST={}\r\n",
            demo::TENANT_ID,
            demo::CLIENT_ID,
            demo::CLIENT_SECRET,
            sandbox.authority()
        ),
    );
    sandbox.fails(&import(&sandbox, "ci.env", ""), 2, &["`-n NAME`"]);
    sandbox.ok(&import(&sandbox, "ci.env", "-n ci"));
    sandbox.ok("get-token -p ci");
}

#[test]
fn what_is_missing_is_named() {
    let sandbox = Sandbox::empty();
    sandbox.write(
        "sp.json",
        json!({
            "appId": demo::CLIENT_ID,
            "fileWithCertAndPrivateKey": "/nowhere/tmp1.pem",
            "password": null,
            "tenant": demo::TENANT_ID,
        })
        .to_string(),
    );
    let run = sandbox.ok(&import(&sandbox, "sp.json", "-n ci"));
    assert!(run.stderr.contains("/nowhere/tmp1.pem"), "{}", run.stderr);
    assert!(run.stderr.contains("--certificate PATH"), "{}", run.stderr);
    sandbox.write(
        "oidc.json",
        json!({"clientId": demo::CLIENT_ID, "tenantId": demo::TENANT_ID}).to_string(),
    );
    let run = sandbox.ok(&import(&sandbox, "oidc.json", "-n oidc"));
    assert!(
        run.stderr.contains("--client-secret-stdin"),
        "{}",
        run.stderr
    );
}

#[test]
fn other_files_are_refused_with_the_command_to_use() {
    let sandbox = Sandbox::empty();
    sandbox.write(
        "appsettings.json",
        json!({"AzureAd": {"TenantId": demo::TENANT_ID, "ClientId": demo::CLIENT_ID, "ClientSecret": "canary"}})
            .to_string(),
    );
    let line = format!(
        "`entratool config create --name NAME --client-id {} --tenant-id {} --client-secret-stdin`",
        demo::CLIENT_ID,
        demo::TENANT_ID
    );
    let run = sandbox.fails(&import(&sandbox, "appsettings.json", ""), 1, &[&line]);
    assert!(!run.stderr.contains("canary"), "{}", run.stderr);
    sandbox.write("key.env", "AZURE_CLIENT_ID=a\nAZURE_TENANT_ID=b\nAZURE_CLIENT_CERTIFICATE_PATH=\"-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\"\n");
    let run = sandbox.fails(&import(&sandbox, "key.env", "-n x"), 1, &["not a path"]);
    assert!(!run.stderr.contains("canary"), "{}", run.stderr);
    assert!(!sandbox.path(PROFILES).exists());
}

#[test]
fn a_client_secret_in_a_profile_implies_the_method() {
    let sandbox = Sandbox::empty();
    let mut profile = sandbox.profile("x", demo::CLIENT_ID, &json!({}));
    profile["client_secret"] = demo::CLIENT_SECRET.into();
    sandbox.type_in(profile.to_string());
    sandbox.ok("config import -f -");
    sandbox.ok("get-token -p x");
    assert_eq!(sandbox.profiles()["profiles"][0]["useClientSecret"], true);
}
