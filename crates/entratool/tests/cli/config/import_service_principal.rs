//! `config import` of service principals as other tools write them, and of files that hold none.

use entra_emulator::demo;
use serde_json::{Value, json};

use crate::support::{Jar, PROFILES};

/// The demo client as `az ad sp create-for-rbac` prints a service principal.
fn rbac(jar: &Jar) -> Value {
    json!({
        "appId": demo::CLIENT_ID,
        "displayName": "azure-cli-2026-12-01",
        "password": demo::CLIENT_SECRET,
        "tenant": demo::TENANT_ID,
        "activeDirectoryEndpointUrl": jar.authority(),
    })
}

fn import(jar: &Jar, file: &str, options: &str) -> String {
    format!("config import -f {} {options}", jar.path(file).display())
}

#[test]
fn a_service_principal_of_the_azure_cli_gets_a_token() {
    let jar = Jar::empty();
    jar.trust();
    jar.write("sp.json", rbac(&jar).to_string());
    jar.ok(&import(&jar, "sp.json", "-n ci"));
    jar.ok("get-token -p ci");
    assert!(!jar.read(PROFILES).contains(demo::CLIENT_SECRET));
    jar.type_in(rbac(&jar).to_string());
    jar.ok("config import -f -");
    jar.ok("get-token -p azure-cli-2026-12-01");
}

#[test]
fn an_env_file_gets_a_token() {
    let jar = Jar::empty();
    jar.trust();
    jar.write(
        "ci.env",
        format!(
            "export AZURE_TENANT_ID={}\r\nexport AZURE_CLIENT_ID={}\r\nexport AZURE_CLIENT_SECRET='{}'\r\nAZURE_AUTHORITY_HOST={}\r\n",
            demo::TENANT_ID,
            demo::CLIENT_ID,
            demo::CLIENT_SECRET,
            jar.authority()
        ),
    );
    jar.fails(&import(&jar, "ci.env", ""), 2, &["`-n NAME`"]);
    jar.ok(&import(&jar, "ci.env", "-n ci"));
    jar.ok("get-token -p ci");
}

#[test]
fn what_is_missing_is_named() {
    let jar = Jar::empty();
    jar.write(
        "sp.json",
        json!({
            "appId": demo::CLIENT_ID,
            "fileWithCertAndPrivateKey": "/nowhere/tmp1.pem",
            "password": null,
            "tenant": demo::TENANT_ID,
        })
        .to_string(),
    );
    let run = jar.ok(&import(&jar, "sp.json", "-n ci"));
    assert!(run.stderr.contains("/nowhere/tmp1.pem"), "{}", run.stderr);
    assert!(run.stderr.contains("--certificate PATH"), "{}", run.stderr);
    jar.write(
        "oidc.json",
        json!({"clientId": demo::CLIENT_ID, "tenantId": demo::TENANT_ID}).to_string(),
    );
    let run = jar.ok(&import(&jar, "oidc.json", "-n oidc"));
    assert!(
        run.stderr.contains("--client-secret-stdin"),
        "{}",
        run.stderr
    );
}

#[test]
fn other_files_are_refused_with_the_command_to_use() {
    let jar = Jar::empty();
    jar.write(
        "appsettings.json",
        json!({"AzureAd": {"TenantId": demo::TENANT_ID, "ClientId": demo::CLIENT_ID, "ClientSecret": "canary"}})
            .to_string(),
    );
    let line = format!(
        "`entratool config create --name NAME --client-id {} --tenant-id {} --client-secret-stdin`",
        demo::CLIENT_ID,
        demo::TENANT_ID
    );
    let run = jar.fails(&import(&jar, "appsettings.json", ""), 1, &[&line]);
    assert!(!run.stderr.contains("canary"), "{}", run.stderr);
    jar.write("key.env", "AZURE_CLIENT_ID=a\nAZURE_TENANT_ID=b\nAZURE_CLIENT_CERTIFICATE_PATH=\"-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\"\n");
    let run = jar.fails(&import(&jar, "key.env", "-n x"), 1, &["not a path"]);
    assert!(!run.stderr.contains("canary"), "{}", run.stderr);
    assert!(!jar.path(PROFILES).exists());
}

#[test]
fn a_client_secret_in_a_profile_implies_the_method() {
    let jar = Jar::empty();
    let mut profile = jar.profile("x", demo::CLIENT_ID, &json!({}));
    profile["client_secret"] = demo::CLIENT_SECRET.into();
    jar.type_in(profile.to_string());
    jar.ok("config import -f -");
    jar.ok("get-token -p x");
    assert_eq!(jar.profiles()["profiles"][0]["useClientSecret"], true);
}
