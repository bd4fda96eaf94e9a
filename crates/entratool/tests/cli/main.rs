//! Whole command lines within this process against the emulator over HTTPS, one folder or file for each command.
#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod cache;
mod certificate;
mod certificate_files;
mod certificate_forms;
mod completions;
mod config;
mod discover;
#[cfg(unix)]
mod doctor;
mod emulator;
mod error_object;
mod explain;
mod general;
mod get_token;
mod hostile_profile;
mod inspect;
mod managed_identity;
mod misplaced;
#[cfg(unix)]
mod ownership;
#[cfg(unix)]
mod paths;
mod redirect_advice;
mod refresh;
mod secrecy;
mod storage;
mod support;
mod terminal;
mod troubleshooting;
mod verify;
mod workload_identity;

use std::fs;
use std::path::Path;

#[test]
fn every_file_is_mounted() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli");
    let mut forgotten = Vec::new();
    look_into(&folder, &folder.join("main.rs"), &mut forgotten);
    assert_eq!(forgotten, Vec::<String>::new());
}

#[test]
fn every_command_has_tests() {
    let help = support::Sandbox::empty().ok("--help").stdout;
    let commands = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .map_while(|line| line.split_whitespace().next());
    let main = include_str!("main.rs");
    let missing: Vec<_> = commands
        .filter(|command| *command != "help")
        .filter(|command| !main.contains(&format!("\nmod {};", command.replace('-', "_"))))
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}

/// Files of `folder` that `root` does not mount; a folder stands for its own root.
fn look_into(folder: &Path, root: &Path, forgotten: &mut Vec<String>) {
    let mounted = fs::read_to_string(root).unwrap();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        if path != root && !mounted.contains(&format!("mod {name};")) {
            forgotten.push(path.display().to_string());
        }
        if path.is_dir() {
            let inside = path.join("mod.rs");
            let beside = path.with_extension("rs");
            look_into(
                &path,
                if inside.exists() { &inside } else { &beside },
                forgotten,
            );
        }
    }
}
