//! Processes that are killed in the middle of writing, and what the next one finds.

use std::collections::HashMap;
use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use entra::ports::{Entropy as _, SystemRandom};
use entra::secret::Secret;
use entratool::vault::key_store::Backend;

use crate::{text, token, vault};

#[test]
fn a_killed_writer_loses_nothing_that_it_acknowledged() {
    if let Some(folder) = env::var_os(FOLDER) {
        write_until_killed(&PathBuf::from(folder));
    }
    let count = match env::var("ENTRATOOL_TEST_ROUNDS") {
        Ok(count) => count.parse().unwrap(),
        Err(_) => 60,
    };
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = HashMap::new();
    for round in 0..count {
        for (profile, count) in run_and_kill(folder.path()) {
            acknowledged.insert(profile, count);
        }
        let reader = vault(folder.path(), &[Backend::KeyFile]);
        for (profile, count) in &acknowledged {
            let found = text(&reader, &token(profile)).unwrap();
            let found: usize = found.trim().parse().unwrap();
            assert!(
                found >= *count,
                "round {round}: {profile} {found} < {count}"
            );
        }
        // The next change finishes what was begun and leaves no litter.
        reader.seal(&token("next"), &Secret::from("x")).unwrap();
        assert!(!reader.status().unwrap().unfinished, "round {round}");
        let files = files_under(folder.path());
        let keys = files.iter().filter(|file| file.contains("config/key-"));
        assert_eq!(keys.count(), 1, "round {round}: {files:?}");
        let litter = files.iter().find(|file| file.ends_with(".tmp"));
        assert_eq!(litter, None, "round {round}");
    }
}

/// Seals and switches as fast as it can, and says what is on the disk.
fn write_until_killed(folder: &Path) {
    let vault = vault(folder, &[Backend::KeyFile]);
    let mut out = std::io::stdout().lock();
    let known = |profile: &str| -> usize {
        text(&vault, &token(profile)).map_or(0, |text| text.trim().parse().unwrap())
    };
    let mut counts = PROFILES.map(known);
    for turn in 0.. {
        let index = turn % PROFILES.len();
        counts[index] += 1;
        // Long, so that a write takes a while.
        let text = format!("{:20000}", counts[index]);
        vault
            .seal(&token(PROFILES[index]), &Secret::from(text))
            .unwrap();
        writeln!(out, "\n{MARK} {} {}", PROFILES[index], counts[index]).unwrap();
        if turn % 5 == 4 {
            vault.rotate().unwrap();
        }
    }
}

/// Lets such a process write for a random while; returns what it acknowledged.
fn run_and_kill(folder: &Path) -> Vec<(String, usize)> {
    let test = "kill::a_killed_writer_loses_nothing_that_it_acknowledged";
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut random = [0; 2];
    SystemRandom.fill(&mut random);
    let mut acknowledged = Vec::new();
    let mut note = |line: String| {
        let mut words = line.split(' ');
        if words.next() == Some(MARK) {
            let profile = words.next().unwrap().to_owned();
            acknowledged.push((profile, words.next().unwrap().parse().unwrap()));
        }
    };
    for _ in 0..random[0] % 16 {
        note(lines.next().unwrap().unwrap());
    }
    // A little longer, so that the end may come anywhere in a write.
    for _ in 0..u32::from(random[1]) * 2000 {
        std::hint::spin_loop();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    lines.map_while(Result::ok).for_each(&mut note);
    acknowledged
}

fn files_under(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_under(&path));
        } else {
            found.push(path.to_string_lossy().into_owned());
        }
    }
    found
}

const FOLDER: &str = "ENTRATOOL_TEST_FOLDER";
const MARK: &str = "acknowledged";
const PROFILES: [&str; 3] = ["a", "B", "c"];
