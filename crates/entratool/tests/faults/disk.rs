//! Every command on a disk of which every step fails in turn: old or new contents, never neither.
//!
//! `cargo test -p entratool --test faults disk -- --nocapture`

#[path = "../../src/file/faulty.rs"]
mod faulty;

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use entra_emulator::demo;
use entratool::file::{Disk, Files, Folder, SystemDisk, Waiting};
use entratool::vault::name::SealedName;
use serde_json::Value;

use self::faulty::{After, FaultyDisk};
use crate::remains::{Remains, files_below};
use crate::stage::{Stage, in_own_session, show};
use crate::within::Run;

/// A command, and what it finds.
struct Case {
    line: &'static str,
    stdin: &'static str,
    prepare: fn(&Stage),
    /// How a user says it again when it has failed.
    again: &'static str,
    /// What has to succeed after the fault, whatever that left.
    then: &'static str,
    /// Whether it finds a file that is damaged already.
    damaged: bool,
    /// Whether one kind of fault has to do, because there are many steps.
    slow: bool,
}

impl Default for Case {
    fn default() -> Self {
        Self {
            line: "",
            stdin: "",
            prepare: |_| {},
            again: "",
            then: "config list",
            damaged: false,
            slow: false,
        }
    }
}

impl Case {
    fn gets_token(&self) -> bool {
        ["get-token", "refresh"].contains(&self.line.split(' ').next().unwrap())
    }

    /// Whether it prints a token, which has to appear whatever the disk does.
    fn prints(&self) -> bool {
        self.gets_token() && !self.line.contains(" -o ")
    }
}

#[test]
fn tokens_are_printed_whatever_the_disk_does() {
    let cases = [
        Case {
            line: "get-token -p demo --force",
            ..Case::default()
        },
        Case {
            line: "get-token -p first --force",
            prepare: first_use,
            ..Case::default()
        },
        Case {
            line: "get-token -p demo",
            prepare: damaged_cache,
            damaged: true,
            ..Case::default()
        },
        Case {
            line: "get-token -p user",
            prepare: signed_in,
            ..Case::default()
        },
        Case {
            line: "refresh -p user",
            prepare: signed_in,
            ..Case::default()
        },
        Case {
            line: "get-token -p demo --force -o HOME/token.txt",
            prepare: |stage| fs::write(stage.path("token.txt"), "eyJ.old\n").unwrap(),
            ..Case::default()
        },
    ];
    in_own_session("disk::tokens_are_printed_whatever_the_disk_does", || {
        all(&cases);
    });
}

#[test]
fn every_change_is_whole_whatever_the_disk_does() {
    let cases = [
        Case {
            line: "config create -n new --client-id 1d4f8b62-7c95-4e3a-8f10-a96b3c5d2e78 --tenant-id contoso.example --client-secret-stdin",
            stdin: "a new secret",
            again: "config create -n new --client-id 1d4f8b62-7c95-4e3a-8f10-a96b3c5d2e78 --tenant-id contoso.example --client-secret-stdin --overwrite",
            ..Case::default()
        },
        Case {
            line: "config edit -p web --client-secret-stdin",
            stdin: "a new secret",
            ..Case::default()
        },
        Case {
            line: "config edit -p demo --certificate HOME/app.pem",
            prepare: with_certificate,
            then: "get-token -p demo --force",
            ..Case::default()
        },
        Case {
            line: "config delete -p demo --force",
            prepare: |stage| drop(stage.ok("get-token -p demo")),
            ..Case::default()
        },
        Case {
            line: "storage use key-file",
            prepare: signed_in,
            then: "get-token -p demo",
            slow: true,
            ..Case::default()
        },
        Case {
            line: "storage use passphrase",
            prepare: signed_in,
            then: "get-token -p demo",
            slow: true,
            ..Case::default()
        },
        Case {
            line: "cache import -p user --msal HOME/msal.json",
            prepare: |stage| {
                signed_in(stage);
                stage.ok("cache export -p user --msal msal.json");
                stage.ok("cache clear -p user");
            },
            ..Case::default()
        },
        Case {
            line: "cache clear",
            prepare: signed_in,
            ..Case::default()
        },
    ];
    in_own_session("disk::every_change_is_whole_whatever_the_disk_does", || {
        all(&cases);
    });
}

/// How the runs of a command ended, one for each step that failed.
#[derive(Default)]
struct Row {
    steps: BTreeMap<&'static str, usize>,
    old: usize,
    new: usize,
    /// Some files are old and others new, and the next run goes on from there.
    between: usize,
    printed: usize,
    warned: usize,
}

fn all(cases: &[Case]) {
    let header = STEPS.map(|(step, width)| format!("{:>width$}", step.replace(' ', "-")));
    show(&format!(
        "{:<40}{}{:>12}{:>5}{:>9}{:>9}{:>8}",
        "steps that failed, and what they left",
        header.concat(),
        "old",
        "new",
        "between",
        "printed",
        "warned"
    ));
    for case in cases {
        let row = every_step(case);
        let line = case.line;
        let count = |step| row.steps.get(step).copied().unwrap_or(0);
        let steps = STEPS
            .map(|(step, width)| format!("{:>width$}", count(step)))
            .concat();
        let Row {
            old,
            new,
            between,
            printed,
            warned,
            ..
        } = row;
        show(&format!(
            "{line:<40.40}{steps}{old:>12}{new:>5}{between:>9}{printed:>9}{warned:>8}"
        ));
        assert!(row.steps.len() >= 2, "{}: too few steps", case.line);
    }
}

/// Runs a command once for each step and each kind of fault, each time on the same files.
fn every_step(case: &Case) -> Row {
    let stage = Stage::new();
    (case.prepare)(&stage);
    let (template, old) = (stage.save(), state(&stage));
    let healthy = stage.run_on(Files::system(), case.line, case.stdin);
    assert_eq!(healthy.exit, 0, "{}: {}", case.line, healthy.stderr);
    let new = state(&stage);
    let mut row = Row::default();
    let kinds = [After::Stop, After::Recover];
    for after in &kinds[usize::from(case.slow)..] {
        for step in 0.. {
            stage.restore(&template);
            let disk = Arc::new(FaultyDisk::new(step, *after));
            let run = stage.run_on(Files::on(disk.clone()), case.line, case.stdin);
            let Some(fault) = disk.failed() else {
                assert_eq!(run.exit, 0, "{}: {}", case.line, run.stderr);
                break;
            };
            *row.steps.entry(fault).or_default() += 1;
            let story = format!("`{}`, step {step}: {fault}, {after:?}", case.line);
            judge(case, &stage, &run, [&old, &new], &mut row, &story);
        }
    }
    row
}

fn judge(
    case: &Case,
    stage: &Stage,
    run: &Run,
    [old, new]: [&State; 2],
    row: &mut Row,
    story: &str,
) {
    if !case.damaged {
        Remains::of(stage, story);
    }
    let found = state(stage);
    if case.prints() {
        assert!(
            run.exit == 0 && run.stdout.starts_with("eyJ"),
            "{story}: {}",
            run.stderr
        );
        let kept = found.values().any(|text| text.contains(run.stdout.trim()));
        let warned = run.stderr.contains("warning: the token was not cached");
        assert!(kept || warned, "{story}: {}", run.stderr);
        row.printed += 1;
        row.warned += usize::from(warned);
        if case.line.ends_with("-p user") {
            Remains::of(stage, story).refresh_token("user");
        }
    } else if !case.gets_token() {
        for name in found.keys().chain(old.keys()).chain(new.keys()) {
            let found = found.get(name);
            let known = found == old.get(name) || found == new.get(name);
            assert!(known, "{story}: {name} is neither old nor new: {found:?}");
        }
        assert!(
            run.exit != 0 || found == *new,
            "{story}: not done, and no error"
        );
        row.old += usize::from(found == *old);
        row.new += usize::from(found == *new);
        row.between += usize::from(found != *old && found != *new);
    } else {
        let (before, now) = (old.get("token.txt"), found.get("token.txt"));
        assert_eq!(run.stdout, "", "{story}");
        assert!(
            run.exit != 0 || before != now,
            "{story}: not done, and no error"
        );
        row.old += usize::from(before == now);
        row.new += usize::from(before != now);
    }
    let then = stage.run_on(Files::system(), case.then, "");
    assert_eq!(
        then.exit, 0,
        "{story}, then `{}`: {}",
        case.then, then.stderr
    );
    if found != *new {
        let again = if case.again.is_empty() {
            case.line
        } else {
            case.again
        };
        let again = stage.run_on(Files::system(), again, case.stdin);
        assert_eq!(again.exit, 0, "{story}, again: {}", again.stderr);
        if !case.gets_token() {
            assert_eq!(state(stage), *new, "{story}, again");
        }
    }
    Remains::of(stage, story).next_run(story);
}

/// The names of sealed and other files, and what they say.
type State = BTreeMap<String, String>;

fn state(stage: &Stage) -> State {
    let vault = stage.vault();
    let mut state = State::new();
    for file in files_below(&stage.path("")) {
        let name = file.file_name().unwrap().to_str().unwrap();
        if let Some(name) = SealedName::from_file_name(name) {
            let text = vault.open(&name).ok().flatten();
            let text = text.map_or_else(|| "damaged".to_owned(), |text| text.expose().to_owned());
            state.insert(name.identity(), text);
        } else if name == "token.txt" {
            state.insert(name.to_owned(), fs::read_to_string(&file).unwrap());
        } else if name == "profiles.json" {
            let profiles: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
            state.insert(name.to_owned(), profiles.to_string());
        }
    }
    state
}

/// A user whose token is about to expire.
fn signed_in(stage: &Stage) {
    stage
        .control()
        .configure(|settings| settings.expires_in = Some(60));
    stage.ok("get-token -p user");
}

/// Only a profile, which proves itself with a certificate: nothing secret was ever kept.
fn first_use(stage: &Stage) {
    with_certificate(stage);
    let file = stage.path(".entratool/profiles.json");
    let mut profiles: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    let first = &mut profiles["profiles"][0];
    first["name"] = "first".into();
    first["useClientSecret"] = false.into();
    first["useCertificate"] = true.into();
    first["certificatePath"] = stage.path("app.pem").to_str().into();
    for folder in [".entratool", ".msal"] {
        fs::remove_dir_all(stage.path(folder)).unwrap();
    }
    Files::system()
        .ensure_folder(file.parent().unwrap())
        .unwrap();
    Files::system()
        .replace(&file, profiles.to_string().as_bytes())
        .unwrap();
}

/// A certificate that the emulator takes in the place of the secret, and a cached token.
fn with_certificate(stage: &Stage) {
    let certificate = format!("{}{}", demo::CERTIFICATE_KEY, demo::CERTIFICATE);
    Files::system()
        .save_output(
            &stage.path("app.pem"),
            certificate.as_bytes(),
            &Waiting::NEVER,
        )
        .unwrap();
    stage
        .control()
        .register_certificate(demo::CLIENT_ID, demo::CERTIFICATE.as_bytes())
        .unwrap();
    stage.ok("get-token -p demo");
}

fn damaged_cache(stage: &Stage) {
    stage.ok("get-token -p demo");
    let file = stage.path(".msal/cache/token.demo.sealed");
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(file, bytes).unwrap();
}

/// The steps of [`Disk`], and the width of their columns.
const STEPS: [(&str, usize); 7] = [
    ("create", 7),
    ("write", 6),
    ("sync", 5),
    ("rename", 7),
    ("sync folder", 12),
    ("remove", 7),
    ("create folder", 14),
];
