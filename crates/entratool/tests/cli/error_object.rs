//! The JSON object of an error: every kind can be met, and the schema and the book know them all.
//!
//! That each object is as `docs/error.schema.json` says is checked at every command line of these tests.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use entra::ports::InteractionError;
use entra_emulator::{Effect, Endpoint, Fault, Forgery, demo};
use entratool::diagnosis::diagnose;
use entratool::failure::{Asked, Failure, Whose};
use entratool::profile::flow::Flow;
use entratool::profile::registration::{Platform, Registration};
use serde_json::{Value, json};

use crate::managed_identity::{ID, VAULT, arc, challenge, machine};
use crate::support::prompter::Answer;
use crate::support::schema::{check_errors, exits};
use crate::support::{Sandbox, names_in};

#[test]
fn every_kind_is_met() {
    let met = RefCell::default();
    let meet = |sandbox: &Sandbox, line: &str, want: &str| {
        let run = sandbox.run(&format!("{line} --json"));
        assert_eq!(run.stdout, "", "{line}");
        let object = run.stderr.lines().last().unwrap_or_default();
        let object: Value = serde_json::from_str(object)
            .unwrap_or_else(|error| panic!("{line}: {error}\n{}", run.stderr));
        assert_eq!(object["error"]["kind"], want, "{line}: {object}");
        BTreeSet::insert(&mut met.borrow_mut(), want.to_owned());
    };
    at_once(&meet);
    from_files(&meet);
    from_entra(&meet);
    from_people(&meet);
    from_machines(&meet);
    for failure in without_json() {
        let diagnosis = diagnose(&failure);
        check_errors(&diagnosis.to_json(), diagnosis.exit.status());
        met.borrow_mut().insert(diagnosis.kind.to_owned());
    }
    // What the library may learn one day has a kind already.
    let not_yet = ["credential", "failure", "managedIdentity"].map(str::to_owned);
    let known: BTreeSet<_> = exits().into_keys().collect();
    let met: BTreeSet<_> = met.into_inner().into_iter().chain(not_yet).collect();
    assert_eq!(met, known);
}

/// Runs a line in a sandbox and expects an error of a kind.
type Meet<'a> = &'a dyn Fn(&Sandbox, &str, &str);

const GET: &str = "get-token -p demo";

fn at_once(meet: Meet<'_>) {
    let sandbox = Sandbox::new();
    meet(&sandbox, "get-token --nonsense", "usage");
    meet(&sandbox, "get-token -p unknown", "profileNotFound");
    meet(
        &sandbox,
        "get-token -p demo-device --no-interaction",
        "signInRequired",
    );
    meet(&sandbox, "discover -p demo", "noCachedToken");
    meet(&sandbox, "discover -t nonsense", "invalidToken");
    meet(&sandbox, "discover -f /nowhere", "io");
    meet(&sandbox, "certificate show /nowhere.pfx", "certificate");
    meet(
        &sandbox,
        "get-token -p demo --ca-bundle /nowhere.pem",
        "caBundle",
    );
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    meet(
        &sandbox,
        &format!("emulator start --port {port}"),
        "emulator",
    );
}

fn from_files(meet: Meet<'_>) {
    let with = |more: &Value| {
        let sandbox = Sandbox::new();
        let mut profiles = sandbox.profiles();
        for (member, value) in more.as_object().unwrap() {
            profiles["profiles"][0][member] = value.clone();
        }
        sandbox.write_profiles(&profiles);
        sandbox
    };
    meet(&with(&json!({"clientId": "no GUID"})), GET, "profile");
    let sandbox = with(&json!({"flow": "WorkloadIdentity"}));
    sandbox.trust();
    meet(&sandbox, GET, "noFederatedToken");
    let sandbox = Sandbox::new();
    let secrets = sandbox.path(".entratool/secrets");
    let secret = |sandbox: &Sandbox| {
        let names = names_in(&secrets);
        let name = names
            .iter()
            .find(|name| name.starts_with("client-secret.demo."));
        secrets.join(name.unwrap_or_else(|| panic!("{}", sandbox.path("").display())))
    };
    fs::write(secret(&sandbox), "damaged").unwrap();
    meet(&sandbox, GET, "storage");
    fs::remove_file(secret(&sandbox)).unwrap();
    meet(&sandbox, GET, "credentialMissing");
    let sandbox = Sandbox::new();
    let kept = names_in(&sandbox.path(".entratool"));
    let key = kept.iter().find(|name| name.starts_with("key-")).unwrap();
    fs::remove_file(sandbox.path(".entratool").join(key)).unwrap();
    meet(&sandbox, GET, "storageUnavailable");
    sandbox.write(".entratool/profiles.json", "{");
    meet(&sandbox, GET, "profiles");
    sandbox.write("app.pfx", "precious");
    let create = format!("certificate create -o {}", sandbox.path("app").display());
    meet(&sandbox, &create, "fileExists");
    sandbox.set("PASSWORD", "x");
    let create = "certificate create -o /nowhere/app --password-env PASSWORD";
    meet(&sandbox, create, "file");
}

fn from_entra(meet: Meet<'_>) {
    let scripted = |endpoint, effect, times| {
        let sandbox = Sandbox::new();
        sandbox.user_browses(|tab, url| drop(tab.sign_in(url)));
        sandbox
            .control()
            .script(Fault::new(endpoint, effect).times(times));
        sandbox
    };
    let reply = |status, body, times| scripted(Endpoint::Token, Effect::reply(status, body), times);
    meet(&reply(200, "<html>", 1), GET, "noOAuthAnswer");
    meet(&reply(503, "", 9), GET, "unavailable");
    let sandbox = scripted(
        Endpoint::Token,
        Effect::refuse("invalid_client", 7_000_215),
        1,
    );
    meet(&sandbox, GET, "refused");
    let (what, value) = (Forgery::Nonce, None);
    let sandbox = scripted(Endpoint::Token, Effect::Forge { what, value }, 1);
    meet(&sandbox, "get-token -p demo-browser", "idToken");
    let _busy = sandbox.another_process_gets("demo");
    meet(&sandbox, GET, "busy");
    sandbox.stop_emulator();
    meet(&sandbox, "get-token -p demo-device", "network");
}

fn from_people(meet: Meet<'_>) {
    let sandbox = Sandbox::new();
    sandbox.browser.ignore();
    meet(
        &sandbox,
        "get-token -p demo-browser",
        "browserDidNotRespond",
    );
    sandbox.machine().use_real_ports();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let line = format!("get-token -p demo-browser --port {port}");
    meet(&sandbox, &line, "portBusy");
    sandbox.user_answers(&[Answer::GiveUp]);
    let create = format!("certificate create -o {}", sandbox.path("app").display());
    meet(&sandbox, &create, "cancelled");
}

fn from_machines(meet: Meet<'_>) {
    let sandbox = machine();
    sandbox.stop_emulator();
    meet(&sandbox, VAULT, "noManagedIdentity");
    let sandbox = arc();
    challenge(&sandbox, "/etc/passwd");
    meet(&sandbox, VAULT, "challenge");
    challenge(&sandbox, sandbox.path("agent-keys/2.key").to_str().unwrap());
    meet(&sandbox, VAULT, "arcKey");
    let sandbox = arc();
    let control = sandbox.control();
    control.configure(|settings| settings.arc_ignores_identities = true);
    meet(
        &sandbox,
        &format!("{VAULT} --identity {ID}"),
        "otherIdentity",
    );
}

/// What only commands without `--json` fail with, or what takes another user than root.
fn without_json() -> Vec<Failure> {
    let asked = Asked {
        whose: Whose::Profile("demo".to_owned()),
        client_id: demo::CLIENT_ID.to_owned(),
        tenant: demo::TENANT_ID.to_owned(),
        scopes: "User.Read".to_owned(),
        flow: Flow::AuthorizationCode,
        sign_in: "entratool get-token -p demo --force".to_owned(),
        registration: Registration {
            platform: Platform::Web,
            redirect_uri: "http://localhost".to_owned(),
        },
        authentication: None,
        thumbprint: None,
        certificate_end: None,
        authority: "https://login.microsoftonline.com".to_owned(),
        suspects: Vec::new(),
        endpoint_variable: None,
        unattended: None,
        now: 0,
    };
    let closed = InteractionError::Failed("cannot listen on port 80 of localhost".into());
    vec![
        Failure::Token {
            asked: Box::new(asked),
            error: closed.into(),
        },
        Failure::Exists("demo".to_owned()),
        Failure::Import {
            from: "x.json".into(),
            problem: "it is empty".to_owned(),
            hint: None,
        },
        Failure::NotDeleted("demo".to_owned()),
        Failure::NotVerified {
            flaws: Vec::new(),
            issuer: None,
        },
    ]
}

#[test]
fn the_schema_and_the_book_know_every_kind_in_the_source() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut source = String::new();
    collect(&root.join("src/diagnosis"), &mut source);
    let source = source.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut kinds = BTreeSet::new();
    for (at, start) in source
        .match_indices("Exit::")
        .chain(source.match_indices("general(\""))
    {
        let rest = &source[at + start.len()..];
        let rest = rest.trim_start_matches(|c: char| c.is_ascii_alphabetic() && start == "Exit::");
        let rest = if start == "Exit::" {
            rest.strip_prefix(", \"")
        } else {
            Some(rest)
        };
        kinds.extend(
            rest.and_then(|rest| rest.split('"').next())
                .map(str::to_owned),
        );
    }
    // Nothing is printed then.
    assert!(kinds.remove("readerGone"));
    let known = exits();
    assert_eq!(kinds, known.keys().cloned().collect());

    let book = fs::read_to_string(root.join("../../docs/scripting.md")).unwrap();
    let mut documented = BTreeMap::new();
    for row in book.lines().filter_map(|line| line.strip_prefix("| ")) {
        let cells: Vec<_> = row.split(" | ").collect();
        if let [exit, _, kinds] = cells.as_slice()
            && let Ok(exit) = exit.parse::<u8>()
        {
            let kinds = kinds.split('`').skip(1).step_by(2);
            documented.extend(kinds.map(|kind| (kind.to_owned(), exit)));
        }
    }
    assert_eq!(documented, known);
    assert!(book.contains("(error.schema.json)"));
}

fn collect(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, text);
        } else {
            text.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}
