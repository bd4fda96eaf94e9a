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
use crate::support::{Jar, names_in};

#[test]
fn every_kind_is_met() {
    let met = RefCell::default();
    let meet = |jar: &Jar, line: &str, want: &str| {
        let run = jar.run(&format!("{line} --json"));
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

/// Runs a line in a jar and expects an error of a kind.
type Meet<'a> = &'a dyn Fn(&Jar, &str, &str);

const GET: &str = "get-token -p demo";

fn at_once(meet: Meet<'_>) {
    let jar = Jar::new();
    meet(&jar, "get-token --nonsense", "usage");
    meet(&jar, "get-token -p unknown", "profileNotFound");
    meet(
        &jar,
        "get-token -p demo-device --no-interaction",
        "signInRequired",
    );
    meet(&jar, "discover -p demo", "noCachedToken");
    meet(&jar, "discover -t nonsense", "invalidToken");
    meet(&jar, "discover -f /nowhere", "io");
    meet(&jar, "certificate show /nowhere.pfx", "certificate");
    meet(
        &jar,
        "get-token -p demo --ca-bundle /nowhere.pem",
        "caBundle",
    );
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    meet(&jar, &format!("emulator start --port {port}"), "emulator");
}

fn from_files(meet: Meet<'_>) {
    let with = |more: &Value| {
        let jar = Jar::new();
        let mut profiles = jar.profiles();
        for (member, value) in more.as_object().unwrap() {
            profiles["profiles"][0][member] = value.clone();
        }
        jar.write_profiles(&profiles);
        jar
    };
    meet(&with(&json!({"clientId": "no GUID"})), GET, "profile");
    let jar = with(&json!({"flow": "WorkloadIdentity"}));
    jar.trust();
    meet(&jar, GET, "noFederatedToken");
    let jar = Jar::new();
    let secrets = jar.path(".entratool/secrets");
    let secret = |jar: &Jar| {
        let names = names_in(&secrets);
        let name = names
            .iter()
            .find(|name| name.starts_with("client-secret.demo."));
        secrets.join(name.unwrap_or_else(|| panic!("{}", jar.path("").display())))
    };
    fs::write(secret(&jar), "damaged").unwrap();
    meet(&jar, GET, "storage");
    fs::remove_file(secret(&jar)).unwrap();
    meet(&jar, GET, "credentialMissing");
    let jar = Jar::new();
    let kept = names_in(&jar.path(".entratool"));
    let key = kept.iter().find(|name| name.starts_with("key-")).unwrap();
    fs::remove_file(jar.path(".entratool").join(key)).unwrap();
    meet(&jar, GET, "storageUnavailable");
    jar.write(".entratool/profiles.json", "{");
    meet(&jar, GET, "profiles");
    jar.write("app.pfx", "precious");
    let create = format!("certificate create -o {}", jar.path("app").display());
    meet(&jar, &create, "fileExists");
    jar.set("PASSWORD", "x");
    let create = "certificate create -o /nowhere/app --password-env PASSWORD";
    meet(&jar, create, "file");
}

fn from_entra(meet: Meet<'_>) {
    let scripted = |endpoint, effect, times| {
        let jar = Jar::new();
        jar.person_browses(|tab, url| drop(tab.sign_in(url)));
        jar.control()
            .script(Fault::new(endpoint, effect).times(times));
        jar
    };
    let reply = |status, body, times| scripted(Endpoint::Token, Effect::reply(status, body), times);
    meet(&reply(200, "<html>", 1), GET, "noOAuthAnswer");
    meet(&reply(503, "", 9), GET, "unavailable");
    let jar = scripted(
        Endpoint::Token,
        Effect::refuse("invalid_client", 7_000_215),
        1,
    );
    meet(&jar, GET, "refused");
    let (what, value) = (Forgery::Nonce, None);
    let jar = scripted(Endpoint::Token, Effect::Forge { what, value }, 1);
    meet(&jar, "get-token -p demo-browser", "idToken");
    let _busy = jar.another_process_gets("demo");
    meet(&jar, GET, "busy");
    jar.stop_emulator();
    meet(&jar, "get-token -p demo-device", "network");
}

fn from_people(meet: Meet<'_>) {
    let jar = Jar::new();
    jar.browser.ignore();
    meet(&jar, "get-token -p demo-browser", "browserDidNotRespond");
    jar.machine().use_real_ports();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let line = format!("get-token -p demo-browser --port {port}");
    meet(&jar, &line, "portBusy");
    jar.person_answers(&[Answer::GiveUp]);
    let create = format!("certificate create -o {}", jar.path("app").display());
    meet(&jar, &create, "cancelled");
}

fn from_machines(meet: Meet<'_>) {
    let jar = machine();
    jar.stop_emulator();
    meet(&jar, VAULT, "noManagedIdentity");
    let jar = arc();
    challenge(&jar, "/etc/passwd");
    meet(&jar, VAULT, "challenge");
    challenge(&jar, jar.path("agent-keys/2.key").to_str().unwrap());
    meet(&jar, VAULT, "arcKey");
    let jar = arc();
    let control = jar.control();
    control.configure(|settings| settings.arc_ignores_identities = true);
    meet(&jar, &format!("{VAULT} --identity {ID}"), "otherIdentity");
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
