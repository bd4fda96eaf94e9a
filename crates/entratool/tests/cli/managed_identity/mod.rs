//! `get-token -f ManagedIdentity`: the endpoints of Azure's machines, one file for each thing that can be wrong with them.

mod challenge;
mod service_fabric;
mod times;
mod trouble;

use entra_emulator::{Effect, Endpoint, Fault, Options, demo};
use serde_json::json;

use crate::support::{Sandbox, claims};

pub(crate) const VAULT: &str = "get-token -f ManagedIdentity -s https://vault.azure.net/.default";
pub(crate) const ID: &str = demo::MANAGED_IDENTITY_CLIENT_ID;

/// A machine with no profile at all, and an emulator that serves its identity without TLS.
pub(crate) fn machine() -> Sandbox {
    let sandbox = Sandbox::empty_with(Options {
        identity_endpoint: true,
        ..Options::default()
    });
    sandbox.set(
        "AZURE_POD_IDENTITY_AUTHORITY_HOST",
        &sandbox.identity_endpoint(),
    );
    sandbox
}

/// The same, where the platform's variables name another endpoint.
fn platform(endpoint: &str, path: &str, others: &[(&str, &str)]) -> Sandbox {
    let sandbox = machine();
    sandbox.set(endpoint, &format!("{}{path}", sandbox.identity_endpoint()));
    for (name, value) in others {
        sandbox.set(name, value);
    }
    sandbox
}

fn app_service() -> Sandbox {
    let header = [("IDENTITY_HEADER", demo::IDENTITY_HEADER)];
    platform("IDENTITY_ENDPOINT", "/msi/token", &header)
}

pub(crate) fn arc() -> Sandbox {
    let imds = [("IMDS_ENDPOINT", "http://localhost:40342")];
    let path = "/arc/metadata/identity/oauth2/token";
    let sandbox = platform("IDENTITY_ENDPOINT", path, &imds);
    sandbox.write("agent-keys/1.key", demo::ARC_KEY);
    challenge(&sandbox, sandbox.path("agent-keys/1.key").to_str().unwrap());
    sandbox
}

pub(crate) fn challenge(sandbox: &Sandbox, path: &str) {
    sandbox
        .control()
        .configure(|settings| path.clone_into(&mut settings.arc_key_file));
}

fn fault(sandbox: &Sandbox, status: u16, times: u32) {
    let fault = Fault::new(Endpoint::ManagedIdentity, Effect::reply(status, ""));
    sandbox.control().script(fault.times(times));
}

#[test]
fn a_managed_identity_needs_no_profile() {
    let sandbox = machine();
    let run = sandbox.check(
        VAULT,
        0,
        &["TOKEN"],
        &[
            "The key to your secrets is kept in a file that only you can read.",
            "✓ Token acquired successfully",
            "",
        ],
    );
    assert_eq!(claims(run.token())["appid"], ID);
    let requests = sandbox.requests();
    assert_eq!(requests.len(), 1);
    let request = &requests[0];
    assert_eq!(request.path, "/metadata/identity/oauth2/token");
    let query = [
        ("api-version", "2018-02-01"),
        ("resource", "https://vault.azure.net"),
    ];
    let owned = query.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(request.query, owned);
    assert_eq!(request.header("metadata"), Some("true"));
    assert_eq!(request.header("authorization"), None);
    assert!(!sandbox.path(".entratool/profiles.json").exists());

    let cached = sandbox.ok(VAULT);
    assert_eq!(cached.token(), run.token());
    assert_eq!(sandbox.count(), 0);
    sandbox.ok(&format!("{VAULT} --force"));
    assert_eq!(sandbox.count(), 1);
}

#[test]
fn tokens_for_a_day_are_renewed_after_half_of_it() {
    let sandbox = machine();
    sandbox.ok(VAULT);
    sandbox.advance(11 * 60);
    sandbox.ok(VAULT);
    assert_eq!(sandbox.count(), 1);
    sandbox.advance(2 * 60);
    sandbox.ok(VAULT);
    assert_eq!(sandbox.count(), 1, "it is due");
    sandbox.advance(13 * 60);
    fault(&sandbox, 500, 6);
    sandbox.ok(VAULT);
    sandbox.ok(&format!("{VAULT} --min-ttl 20h"));
}

#[test]
fn scopes_have_to_be_those_of_one_resource() {
    let sandbox = machine();
    sandbox.check(
        "get-token -f ManagedIdentity -s User.Read",
        2,
        &[],
        &[
            "error: no token for the managed identity of this host",
            "  caused by: managed identities need exactly one scope of the form RESOURCE/.default, not `User.Read`",
            "hint: use `--scope https://graph.microsoft.com/.default`",
        ],
    );
    assert_eq!(sandbox.count(), 0);
    sandbox.ok("get-token -f msi");
    let request = &sandbox.requests()[0];
    let resource = ("resource".into(), "https://graph.microsoft.com".into());
    assert!(request.query.contains(&resource));
}

#[test]
fn each_platform_is_asked_in_its_own_way() {
    let check =
        |sandbox: &Sandbox, path: &str, header: &str, identity: &str, want: (&str, &str)| {
            let run = sandbox.ok(&format!("{VAULT} --silent {identity}"));
            assert_eq!(claims(run.token())["appid"], ID);
            let requests = sandbox.requests();
            let last = requests.last().unwrap();
            assert_eq!(last.path, path);
            assert!(last.header(header).is_some(), "{path}");
            let (name, value) = want;
            let named = last.query.iter().find(|(known, _)| known == name);
            assert_eq!(named.map(|(_, value)| value.as_str()), Some(value));
        };
    let object = format!("--identity object:{}", demo::MANAGED_IDENTITY_OBJECT_ID);
    let object_id = ("object_id", demo::MANAGED_IDENTITY_OBJECT_ID);
    let resource = format!("--identity {}", demo::MANAGED_IDENTITY_RESOURCE_ID);
    let client = format!("--identity {ID}");
    let vm = "/metadata/identity/oauth2/token";
    check(&machine(), vm, "metadata", &client, ("client_id", ID));
    check(&machine(), vm, "metadata", &object, object_id);
    let msi_res_id = ("msi_res_id", demo::MANAGED_IDENTITY_RESOURCE_ID);
    check(&machine(), vm, "metadata", &resource, msi_res_id);
    let mi_res_id = ("mi_res_id", demo::MANAGED_IDENTITY_RESOURCE_ID);
    let header = "x-identity-header";
    check(
        &app_service(),
        "/msi/token",
        header,
        &client,
        ("client_id", ID),
    );
    check(&app_service(), "/msi/token", header, &object, object_id);
    check(&app_service(), "/msi/token", header, &resource, mi_res_id);
    let path = "/arc/metadata/identity/oauth2/token";
    let version = ("api-version", "2020-06-01");
    check(&arc(), path, "authorization", "", version);
    check(&arc(), path, "authorization", &client, ("client_id", ID));
    check(&arc(), path, "authorization", &object, object_id);
    check(&arc(), path, "authorization", &resource, msi_res_id);
    let secret = [("MSI_SECRET", demo::IDENTITY_HEADER)];
    let learning = platform("MSI_ENDPOINT", "/machine-learning/token", &secret);
    let path = "/machine-learning/token";
    check(&learning, path, "secret", &client, ("clientid", ID));

    let shell = platform("MSI_ENDPOINT", "/cloud-shell/token", &[]);
    shell.ok(VAULT);
    let request = &shell.requests()[0];
    assert_eq!(request.method, "POST");
    assert_eq!(request.field("resource"), Some("https://vault.azure.net"));
    shell.fails(
        &format!("{VAULT} --identity {ID}"),
        2,
        &["Cloud Shell knows no managed identity by a client ID"],
    );
}

#[test]
fn every_identity_has_tokens_of_its_own() {
    let sandbox = machine();
    sandbox.ok(VAULT);
    sandbox.ok(&format!("{VAULT} --identity {ID}"));
    sandbox.ok(&format!(
        "{VAULT} --identity {}",
        demo::MANAGED_IDENTITY_RESOURCE_ID
    ));
    assert_eq!(sandbox.count(), 3);
    sandbox.ok(&format!("{VAULT} --identity {}", ID.to_uppercase()));
    sandbox.ok(&format!("{VAULT} --identity system"));
    assert_eq!(sandbox.count(), 0);
    sandbox.set("AZURE_CLIENT_ID", ID);
    sandbox.ok(VAULT);
    assert_eq!(sandbox.count(), 0, "the variable names the same one");
    sandbox.set("AZURE_CLIENT_ID", "none");
    sandbox.check(
        VAULT,
        2,
        &[],
        &[
            "error: AZURE_CLIENT_ID: client ID `none` is not a GUID",
            "hint: set it to the client ID of a user-assigned identity, or unset it",
        ],
    );
}

#[test]
fn another_endpoint_has_tokens_of_its_own() {
    let sandbox = machine();
    sandbox.ok(VAULT);
    let other = sandbox
        .identity_endpoint()
        .replace("127.0.0.1", "localhost");
    sandbox.set("AZURE_POD_IDENTITY_AUTHORITY_HOST", &other);
    sandbox.ok(VAULT);
    assert_eq!(sandbox.count(), 2);
}

#[test]
fn a_profile_may_name_the_identity() {
    let sandbox = machine();
    sandbox
        .ok("config create -n vm --flow ManagedIdentity --scope https://vault.azure.net/.default");
    sandbox.check(
        "config show vm",
        0,
        &[
            "Profile: vm",
            "  Scope: https://vault.azure.net/.default",
            "  OAuth2 Flow: ManagedIdentity",
            "  Authentication Method: managed identity",
        ],
        &[],
    );
    sandbox.ok("get-token -p vm");
    let system = sandbox.requests().remove(0);
    assert_eq!(system.query.len(), 2);
    sandbox.ok(&format!(
        "config edit -p vm --identity object:{}",
        demo::MANAGED_IDENTITY_OBJECT_ID
    ));
    sandbox.ok("get-token");
    assert_eq!(sandbox.requests()[0].query[2].0, "object_id");
    sandbox.check("refresh -p vm --silent", 0, &["TOKEN"], &[]);
    assert_eq!(sandbox.count(), 1);
    sandbox.write_profiles(&json!([{"name": "mine", "flow": "managed-identity", "clientId": ID}]));
    sandbox.ok("get-token -p mine -s https://vault.azure.net/.default");
    assert_eq!(
        sandbox.requests()[0].query[2],
        ("client_id".into(), ID.into())
    );
    sandbox.fails(
        "get-token -p mine -f DeviceCode",
        2,
        &["DeviceCode cannot be used with profile `mine`: it names no application and tenant"],
    );
    sandbox.fails(
        "config edit -p mine --identity x",
        2,
        &["managed identity `x` is none of"],
    );
    sandbox.write_profiles(&json!([{"name": "mine", "flow": "cc", "clientId": ID}]));
    sandbox.fails("get-token -p mine", 1, &["`tenantId` is missing"]);
}

#[test]
fn options_that_no_managed_identity_knows_are_refused() {
    let sandbox = machine();
    sandbox.fails(
        &format!("{VAULT} --tenant contoso.com"),
        2,
        &["`--tenant` does not go with"],
    );
    sandbox.fails(
        &format!("{VAULT} --claims {{}}"),
        2,
        &["`--claims` does not go with"],
    );
    sandbox.fails(
        &format!("{VAULT} --identity x"),
        2,
        &["managed identity `x` is none of"],
    );
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn the_tenant_is_the_tokens() {
    let sandbox = machine();
    let run = sandbox.ok(&format!("{VAULT} --format azcli"));
    let printed: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(printed["tenant"], demo::TENANT_ID);
}
