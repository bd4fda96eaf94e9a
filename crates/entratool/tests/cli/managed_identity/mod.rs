//! `get-token -f ManagedIdentity`: the endpoints of Azure's machines, one file for each thing that can be wrong with them.

mod challenge;
mod service_fabric;
mod times;
mod trouble;

use entra_emulator::{Effect, Endpoint, Fault, Options, demo};
use serde_json::json;

use crate::support::{Jar, claims};

pub(crate) const VAULT: &str = "get-token -f ManagedIdentity -s https://vault.azure.net/.default";
pub(crate) const ID: &str = demo::MANAGED_IDENTITY_CLIENT_ID;

/// A machine with no profile at all, and an emulator that serves its identity without TLS.
pub(crate) fn machine() -> Jar {
    let jar = Jar::empty_with(Options {
        identity_endpoint: true,
        ..Options::default()
    });
    jar.set(
        "AZURE_POD_IDENTITY_AUTHORITY_HOST",
        &jar.identity_endpoint(),
    );
    jar
}

/// The same, where the platform's variables name another endpoint.
fn platform(endpoint: &str, path: &str, others: &[(&str, &str)]) -> Jar {
    let jar = machine();
    jar.set(endpoint, &format!("{}{path}", jar.identity_endpoint()));
    for (name, value) in others {
        jar.set(name, value);
    }
    jar
}

fn app_service() -> Jar {
    let header = [("IDENTITY_HEADER", demo::IDENTITY_HEADER)];
    platform("IDENTITY_ENDPOINT", "/msi/token", &header)
}

pub(crate) fn arc() -> Jar {
    let imds = [("IMDS_ENDPOINT", "http://localhost:40342")];
    let path = "/arc/metadata/identity/oauth2/token";
    let jar = platform("IDENTITY_ENDPOINT", path, &imds);
    jar.write("agent-keys/1.key", demo::ARC_KEY);
    challenge(&jar, jar.path("agent-keys/1.key").to_str().unwrap());
    jar
}

pub(crate) fn challenge(jar: &Jar, path: &str) {
    jar.control()
        .configure(|settings| path.clone_into(&mut settings.arc_key_file));
}

fn fault(jar: &Jar, status: u16, times: u32) {
    let fault = Fault::new(Endpoint::ManagedIdentity, Effect::reply(status, ""));
    jar.control().script(fault.times(times));
}

#[test]
fn a_managed_identity_needs_no_profile() {
    let jar = machine();
    let run = jar.check(
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
    let requests = jar.requests();
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
    assert!(!jar.path(".entratool/profiles.json").exists());

    let cached = jar.ok(VAULT);
    assert_eq!(cached.token(), run.token());
    assert_eq!(jar.count(), 0);
    jar.ok(&format!("{VAULT} --force"));
    assert_eq!(jar.count(), 1);
}

#[test]
fn tokens_for_a_day_are_renewed_after_half_of_it() {
    let jar = machine();
    jar.ok(VAULT);
    jar.advance(11 * 60);
    jar.ok(VAULT);
    assert_eq!(jar.count(), 1);
    jar.advance(2 * 60);
    jar.ok(VAULT);
    assert_eq!(jar.count(), 1, "it is due");
    jar.advance(13 * 60);
    fault(&jar, 500, 6);
    jar.ok(VAULT);
    jar.ok(&format!("{VAULT} --min-ttl 20h"));
}

#[test]
fn scopes_have_to_be_those_of_one_resource() {
    let jar = machine();
    jar.check(
        "get-token -f ManagedIdentity -s User.Read",
        2,
        &[],
        &[
            "error: no token for the managed identity of this host",
            "  caused by: managed identities need exactly one scope of the form RESOURCE/.default, not `User.Read`",
            "hint: use `--scope https://graph.microsoft.com/.default`",
        ],
    );
    assert_eq!(jar.count(), 0);
    jar.ok("get-token -f msi");
    let request = &jar.requests()[0];
    let resource = ("resource".into(), "https://graph.microsoft.com".into());
    assert!(request.query.contains(&resource));
}

#[test]
fn each_platform_is_asked_in_its_own_way() {
    let check = |jar: &Jar, path: &str, header: &str, identity: &str, want: (&str, &str)| {
        let run = jar.ok(&format!("{VAULT} --silent {identity}"));
        assert_eq!(claims(run.token())["appid"], ID);
        let requests = jar.requests();
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
    let jar = machine();
    jar.ok(VAULT);
    jar.ok(&format!("{VAULT} --identity {ID}"));
    jar.ok(&format!(
        "{VAULT} --identity {}",
        demo::MANAGED_IDENTITY_RESOURCE_ID
    ));
    assert_eq!(jar.count(), 3);
    jar.ok(&format!("{VAULT} --identity {}", ID.to_uppercase()));
    jar.ok(&format!("{VAULT} --identity system"));
    assert_eq!(jar.count(), 0);
    jar.set("AZURE_CLIENT_ID", ID);
    jar.ok(VAULT);
    assert_eq!(jar.count(), 0, "the variable names the same one");
    jar.set("AZURE_CLIENT_ID", "none");
    jar.check(
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
    let jar = machine();
    jar.ok(VAULT);
    let other = jar.identity_endpoint().replace("127.0.0.1", "localhost");
    jar.set("AZURE_POD_IDENTITY_AUTHORITY_HOST", &other);
    jar.ok(VAULT);
    assert_eq!(jar.count(), 2);
}

#[test]
fn a_profile_may_name_the_identity() {
    let jar = machine();
    jar.ok("config create -n vm --flow ManagedIdentity --scope https://vault.azure.net/.default");
    jar.check(
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
    jar.ok("get-token -p vm");
    let system = jar.requests().remove(0);
    assert_eq!(system.query.len(), 2);
    jar.ok(&format!(
        "config edit -p vm --identity object:{}",
        demo::MANAGED_IDENTITY_OBJECT_ID
    ));
    jar.ok("get-token");
    assert_eq!(jar.requests()[0].query[2].0, "object_id");
    jar.check("refresh -p vm --silent", 0, &["TOKEN"], &[]);
    assert_eq!(jar.count(), 1);
    jar.write_profiles(&json!([{"name": "mine", "flow": "managed-identity", "clientId": ID}]));
    jar.ok("get-token -p mine -s https://vault.azure.net/.default");
    assert_eq!(jar.requests()[0].query[2], ("client_id".into(), ID.into()));
    jar.fails(
        "get-token -p mine -f DeviceCode",
        2,
        &["DeviceCode cannot be used with profile `mine`: it names no application and tenant"],
    );
    jar.fails(
        "config edit -p mine --identity x",
        2,
        &["managed identity `x` is none of"],
    );
    jar.write_profiles(&json!([{"name": "mine", "flow": "cc", "clientId": ID}]));
    jar.fails("get-token -p mine", 1, &["`tenantId` is missing"]);
}

#[test]
fn options_that_no_managed_identity_knows_are_refused() {
    let jar = machine();
    jar.fails(
        &format!("{VAULT} --tenant contoso.com"),
        2,
        &["`--tenant` does not go with"],
    );
    jar.fails(
        &format!("{VAULT} --claims {{}}"),
        2,
        &["`--claims` does not go with"],
    );
    jar.fails(
        &format!("{VAULT} --identity x"),
        2,
        &["managed identity `x` is none of"],
    );
    assert_eq!(jar.count(), 0);
}

#[test]
fn the_tenant_is_the_tokens() {
    let jar = machine();
    let run = jar.ok(&format!("{VAULT} --format azcli"));
    let printed: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(printed["tenant"], demo::TENANT_ID);
}
