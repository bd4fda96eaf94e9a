//! Indexes that are made, used, outdated and altered.

#![cfg(unix)]

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use entra::token::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::file::Files;
use crate::profile::search::NameError;
use crate::profile::store::ProfileFile;

/// A large `profiles.json`, long after its last change.
struct Home {
    folder: TempDir,
    files: Files,
}

impl Home {
    fn new() -> Self {
        let home = Self {
            folder: tempfile::tempdir().unwrap(),
            files: Files::system(),
        };
        home.write(&text(&many()));
        home
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("profiles.json")
    }

    fn index(&self) -> PathBuf {
        self.folder.path().join("profiles.index")
    }

    /// Writes in place, as editors do.
    fn write(&self, text: &str) {
        fs::write(self.path(), text).unwrap();
    }

    /// The client ID of the profile called `name`, looked up `later` seconds after the last change.
    fn found(&self, name: &str, later: i64) -> Result<String, NameError> {
        let changed = fs::metadata(self.path()).unwrap().ctime();
        let now = Timestamp::from_unix(changed + later);
        let file = ProfileFile::new(&self.files, self.folder.path());
        let found = file.find_at(name, || Ok(now)).unwrap();
        found.map(|profile| profile.text("clientId").unwrap().to_owned())
    }

    /// Whether a look-up would use the index.
    fn is_indexed(&self, name: &str) -> bool {
        let stamp = self.files.open(&self.path()).unwrap().unwrap().stamp();
        let index = self.files.open(&self.index()).unwrap();
        index.is_some_and(|index| place(&index, stamp.unwrap(), name).is_some())
    }

    /// Waits until the file system would give another time to a change.
    fn tick(&self) {
        let probe = self.folder.path().join("probe");
        let time = |path: &Path| {
            let metadata = fs::metadata(path).unwrap();
            (metadata.ctime(), metadata.ctime_nsec())
        };
        while !probe.exists() || time(&probe) <= time(&self.path()) {
            fs::write(&probe, "").unwrap();
        }
    }
}

fn many() -> Vec<Value> {
    let profile = |number| json!({"name": format!("p{number:03}"), "clientId": id(number)});
    (0..300).map(profile).collect()
}

fn id(number: usize) -> String {
    format!("1d4f8b62-7c95-4e3a-8f10-{number:012}")
}

fn text(profiles: &[Value]) -> String {
    format!("{:#}", json!({"profiles": profiles}))
}

#[test]
fn a_large_file_is_indexed_and_a_small_one_is_not() {
    let home = Home::new();
    assert_eq!(home.found("p123", LATER), Ok(id(123)));
    for number in 0..300 {
        let name = format!("p{number:03}");
        assert!(home.is_indexed(&name));
        assert_eq!(home.found(&name, LATER), Ok(id(number)));
    }
    assert_eq!(fs::metadata(home.index()).unwrap().mode() & 0o777, 0o600);

    let home = Home::new();
    home.write(&text(&many()[..3]));
    assert_eq!(home.found("p002", LATER), Ok(id(2)));
    assert!(!home.index().exists());
}

#[test]
fn names_that_the_index_does_not_have_are_found_as_ever() {
    let home = Home::new();
    let mut profiles = many();
    profiles.push(json!({"name": "P001", "clientId": "upper"}));
    profiles.push(json!({"name": "Only", "clientId": "only"}));
    profiles.push(json!({"name": "p002", "clientId": "again"}));
    profiles.push(json!({"clientId": "nameless"}));
    home.write(&format!("\u{feff}{}", text(&profiles)));
    let ambiguous = |names: [&str; 2]| NameError::Ambiguous(names.map(str::to_owned).into());
    for _ in 0..2 {
        assert_eq!(home.found("p001", LATER), Ok(id(1)));
        assert_eq!(home.found("P001", LATER), Ok("upper".to_owned()));
        assert_eq!(home.found("ONLY", LATER), Ok("only".to_owned()));
        let twice = home.found("p002", LATER);
        assert_eq!(twice, Err(ambiguous(["p002", "p002"])));
        let unknown = NameError::Unknown(Some("Only".to_owned()));
        assert_eq!(home.found("olny", LATER), Err(unknown));
    }
    assert!(home.is_indexed("Only") && home.is_indexed("P001"));
    assert!(!home.is_indexed("p002") && !home.is_indexed("only"));
}

#[test]
fn every_edit_is_seen_at_once() {
    let instead = |profiles: &mut Vec<Value>| profiles[7]["clientId"] = json!(id(900));
    let check = |what: &str, edit: &dyn Fn(&Home), want: Result<String, NameError>| {
        let home = Home::new();
        assert_eq!(home.found("p007", LATER), Ok(id(7)), "{what}");
        assert!(home.is_indexed("p007"), "{what}");
        home.tick();
        edit(&home);
        assert!(!home.is_indexed("p007"), "{what}");
        assert_eq!(home.found("p007", 0), want, "{what}, at once");
        assert!(!home.is_indexed("p007"), "{what}, at once");
        assert_eq!(home.found("p007", LATER), want, "{what}, later");
        assert_eq!(home.found("p007", LATER), want, "{what}, again");
    };
    let edited = |change: &dyn Fn(&mut Vec<Value>)| {
        let mut profiles = many();
        change(&mut profiles);
        text(&profiles)
    };
    let unknown = || Err(NameError::Unknown(Some("p000".to_owned())));
    let same_length = edited(&instead);
    check("in place", &|home| home.write(&same_length), Ok(id(900)));
    let time_set_back = |home: &Home| {
        let before = fs::metadata(home.path()).unwrap().modified().unwrap();
        home.write(&same_length);
        let file = File::options().append(true).open(home.path()).unwrap();
        file.set_modified(before).unwrap();
    };
    check("in place, time set back", &time_set_back, Ok(id(900)));
    let replaced = |home: &Home| {
        let before = fs::metadata(home.path()).unwrap().modified().unwrap();
        let other = home.folder.path().join("other");
        fs::write(&other, &same_length).unwrap();
        let file = File::options().append(true).open(&other).unwrap();
        file.set_modified(before).unwrap();
        fs::rename(&other, home.path()).unwrap();
    };
    check("replaced, time set back", &replaced, Ok(id(900)));
    let renamed = edited(&|profiles| profiles[7]["name"] = json!("q007"));
    check("renamed", &|home| home.write(&renamed), unknown());
    let removed = edited(&|profiles| drop(profiles.remove(7)));
    check("removed", &|home| home.write(&removed), unknown());
    let moved = edited(&|profiles| profiles.swap(7, 250));
    check("moved", &|home| home.write(&moved), Ok(id(7)));
    let twice = edited(&|profiles| profiles[250]["name"] = json!("p007"));
    let both = vec!["p007".to_owned(), "p007".to_owned()];
    let ambiguous = Err(NameError::Ambiguous(both));
    check("given twice", &|home| home.write(&twice), ambiguous);
}

#[test]
fn a_file_that_was_just_changed_gets_no_index() {
    let home = Home::new();
    for later in [-1000, -1, 0, 1, 2] {
        assert_eq!(home.found("p007", later), Ok(id(7)), "{later}");
        assert!(!home.index().exists(), "{later}");
    }
    assert_eq!(home.found("p007", 3), Ok(id(7)));
    assert!(home.is_indexed("p007"));
}

#[test]
fn the_clock_that_counts_is_that_of_the_file_system() {
    let home = Home::new();
    let file = ProfileFile::new(&home.files, home.folder.path());
    let names = || fs::read_dir(home.folder.path()).unwrap().count();
    let time = |path: &Path| fs::metadata(path).unwrap().ctime();
    let before = time(&home.path());
    let now = home.files.time_beside(&home.index()).unwrap();
    fs::write(home.folder.path().join("after"), "").unwrap();
    let after = time(&home.folder.path().join("after"));
    assert!((before..=after).contains(&now.unix()));
    assert_eq!(names(), 2, "nothing else is left behind");
    let unknown = || Err(std::io::ErrorKind::PermissionDenied.into());
    assert!(file.find_at("p007", unknown).unwrap().is_ok());
    assert!(!home.index().exists());
}

#[test]
fn an_index_that_lies_is_not_believed() {
    let home = Home::new();
    assert_eq!(home.found("p007", LATER), Ok(id(7)));
    let good = fs::read(home.index()).unwrap();
    for start in (0..HEADER).chain((HEADER..good.len()).step_by(71)) {
        for change in [1, 0x80] {
            let mut bad = good.clone();
            bad[start] ^= change;
            fs::write(home.index(), bad).unwrap();
            assert_eq!(home.found("p007", 0), Ok(id(7)), "byte {start}");
        }
        fs::write(home.index(), &good[..start]).unwrap();
        assert_eq!(home.found("p007", 0), Ok(id(7)), "{start} bytes");
    }
}

#[test]
fn where_no_index_can_be_written_profiles_are_found_all_the_same() {
    let home = Home::new();
    fs::create_dir(home.index()).unwrap();
    assert_eq!(home.found("p007", LATER), Ok(id(7)));
    assert_eq!(home.found("P008", LATER), Ok(id(8)));
}

const LATER: i64 = 10;
