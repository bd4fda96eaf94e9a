//! The rules of the house that the compiler and clippy do not know, checked on every source file.

mod cycles;
mod examples;
mod layers;
mod rules;
mod source;
mod words;

use std::fs;
use std::path::{Path, PathBuf};

use crate::cycles::Imports;
use crate::layers::Layers;
use crate::source::{Source, without_test_modules};

/// From the words of a crate to its surface: a module may use only modules left of an arrow.
///
/// Neighbours between two arrows do not know each other. `lib` is the crate's root.
const ENTRA: &str = "entropy text secret guid → client → cloud → authority → scope → token → certificate → jwt \
     → account pkce → wire → ports → error → retry → cache grant metadata testing → acquire → lib";

/// Temporary files get random names.
const EXCEPTIONS_IN_ENTRATOOL: &[&str] = &["file uses os"];

/// As above; `os` stands beside everything, and only `main` names it.
const ENTRATOOL: &str = "text → around exit encoding duration json paste spelling token_issuer → env token_text \
     → file → lock → profile vault → asked → failure \
     → diagnosis → ui → world → input → ca_bundle client_secret output passphrase \
     → certificate → token → token_input → command → cli → lib → main";

/// The library's types are not `Serialize`, so that no secret is printed by accident; these
/// files write JSON that must be stored or sent.
const SERIALIZE_IN_ENTRA: &[&str] = &["cache/document.rs", "jwt/sign.rs"];

/// Import cycles that are still to be opened: crate and folder, and the modules in the ring.
///
/// Each was there before the rule. A list may lose names only; a ring that is open leaves it.
#[rustfmt::skip]
const RINGS: &[(&str, &str)] = &[
    ("entra certificate/create", "created pfx"),
];

/// Where text is filtered, streams are opened, or control characters are refused rather than dropped.
const WAYS_OUT: &[(&str, &str)] = &[
    ("entra/src/text/mod.rs", "is_control"),
    // A crate without dependencies, which fills in values.
    ("entra-explain/src/facts.rs", "is_control"),
    // A name or URL with such characters is refused.
    ("entratool/src/os/http/proxy_url.rs", "is_control"),
    ("entra/src/certificate/create/mod.rs", "is_control"),
    ("entratool/src/main.rs", "stdout"),
    ("entratool/src/main.rs", "stderr"),
    // What `--verbose` prints, and the cursor after Ctrl-C.
    ("entratool/src/os/log.rs", "stderr"),
    ("entratool/src/os/interrupt.rs", "stderr"),
];

/// For all systems together; raise it knowingly.
const MOST_PACKAGES: usize = 300;

/// `cargo xtask bench --peers` writes what is between the two.
const BEGIN: &str = "<!-- figures of docs/performance.md -->";
const END: &str = "<!-- end of the figures -->";

#[test]
fn modules_use_only_modules_to_their_left() {
    let mut violations = Vec::new();
    for (name, table, beside, exceptions) in [
        ("entra", ENTRA, "", &[][..]),
        ("entratool", ENTRATOOL, "os", EXCEPTIONS_IN_ENTRATOOL),
    ] {
        let sources = sources(&root().join("crates").join(name).join("src"), "rs");
        let sources = without_test_modules(sources);
        let lib = sources.iter().find(|source| source.path == "lib.rs");
        let layers = Layers::new(table, beside)
            .with_root(lib.expect("the crate is a library"))
            .with_exceptions(exceptions);
        violations.extend(sources.iter().flat_map(|source| layers.violations(source)));
    }
    assert_none(&violations);
}

#[test]
fn files_do_not_import_each_other_in_a_ring() {
    let mut found = Vec::new();
    for (name, folder) in [
        ("entra", "crates/entra/src"),
        ("entra-emulator", "crates/entra-emulator/src"),
        ("entra-explain", "crates/entra-explain/src"),
        ("entratool", "crates/entratool/src"),
        ("xtask", "xtask/src"),
        ("xtask-peers", "xtask/peers/src"),
    ] {
        let sources = without_test_modules(sources(&root().join(folder), "rs"));
        let rings = Imports::of(&sources).rings().into_iter();
        found.extend(rings.map(|(folder, members)| {
            let place = format!("{name} {folder}");
            (place.trim_end().to_owned(), members)
        }));
    }
    assert_none(&cycles::differences(&found, RINGS));
}

#[test]
fn every_file_of_command_is_a_command() {
    let folder = root().join("crates/entratool/src/command");
    let definition = fs::read_to_string(folder.join("mod.rs")).expect("the module can be read");
    let commands = rules::variants(&Source::new("mod.rs", &definition), "Command");
    let mut files: Vec<_> = fs::read_dir(&folder)
        .expect("the folder can be read")
        .map(|entry| entry.expect("its entries can be read").path())
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .filter(|name| name != "mod")
        .collect();
    files.sort();
    assert_none(&rules::no_commands(&commands, &files));
}

#[test]
fn crates_depend_only_on_crates_below() {
    let mut violations = Vec::new();
    for (name, allowed) in [
        ("entra", &[][..]),
        ("entra-emulator", &[][..]),
        ("entra-explain", &[][..]),
        (
            "entratool",
            &["entra", "entra-emulator", "entra-explain"][..],
        ),
        ("xtask", &[][..]),
    ] {
        let folder = if name == "xtask" {
            root()
        } else {
            root().join("crates")
        };
        let manifest = fs::read_to_string(folder.join(name).join("Cargo.toml"));
        let manifest = manifest.expect("the manifest can be read");
        violations.extend(rules::dependencies(name, &manifest, allowed));
    }
    assert_none(&violations);
}

#[test]
fn rust_files_follow_the_house_rules() {
    let mut violations = Vec::new();
    for folder in ["crates", "fuzz", "xtask"] {
        for source in sources(&root().join(folder), "rs") {
            violations.extend(rules::opening(&source));
            violations.extend(rules::length(&source));
            violations.extend(rules::loose_ends(&source));
            violations.extend(rules::unsafe_code(&source));
        }
    }
    assert_none(&violations);
}

#[test]
fn text_leaves_through_one_way() {
    let mut violations = Vec::new();
    for folder in ["entra", "entra-explain", "entratool"] {
        let sources = sources(&root().join("crates").join(folder).join("src"), "rs");
        let sources = without_test_modules(sources);
        let path = |path: &str| format!("{folder}/src/{path}");
        for Source {
            path: file, text, ..
        } in sources
        {
            let source = Source::new(&path(&file), &text);
            violations.extend(rules::terminal(&source, WAYS_OUT));
        }
    }
    assert_none(&violations);
}

#[test]
fn words_of_the_list_are_not_used() {
    let mut paths = Vec::new();
    collect(&root(), &|_| true, &mut paths);
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        let name = path.strip_prefix(root()).expect("it was found below");
        let name = name.to_string_lossy();
        // What is generated, what is not ours, what is not text, and the list itself.
        let is_ours = !name.starts_with("LICENSE-")
            && !name.ends_with(".lock")
            && !name.ends_with("package-lock.json")
            && name != "xtask/tests/tidy/words.rs";
        if is_ours && let Ok(text) = fs::read_to_string(&path) {
            found.extend(words::found(&name, &text));
        }
    }
    let found: Vec<_> = found.iter().map(words::line).collect();
    assert_none(&found);
}

#[test]
fn command_lines_to_paste_quote_their_values() {
    let sources = sources(&root().join("crates/entratool/src"), "rs");
    let violations: Vec<_> = without_test_modules(sources)
        .iter()
        // Finds the lines of others by their beginning.
        .filter(|source| source.path != "diagnosis/environment.rs")
        .filter(|source| !source.path.ends_with("/tests.rs") && !source.path.contains("/tests/"))
        .flat_map(rules::raw_command_lines)
        .collect();
    assert_none(&violations);
}

#[test]
fn the_library_does_not_serialize() {
    let sources = sources(&root().join("crates/entra/src"), "rs");
    let violations: Vec<_> = sources
        .iter()
        .filter(|source| !SERIALIZE_IN_ENTRA.contains(&source.path.as_str()))
        .flat_map(rules::serialize)
        .collect();
    assert_none(&violations);
}

#[test]
fn everything_public_in_the_library_has_an_example() {
    let sources = sources(&root().join("crates/entra/src"), "rs");
    let sources = without_test_modules(sources);
    let violations: Vec<_> = sources.iter().flat_map(examples::missing).collect();
    assert_none(&violations);
}

#[test]
fn witnesses_follow_the_house_rules() {
    let mut violations = Vec::new();
    for folder in ["witness", "xtask/peers"] {
        for extension in ["py", "mjs", "sh"] {
            for source in sources(&root().join(folder), extension) {
                violations.extend(rules::length(&source));
                violations.extend(rules::loose_ends(&source));
            }
        }
    }
    assert_none(&violations);
}

#[test]
fn the_number_of_packages_is_capped() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).expect("the lock file can be read");
    let count = lock.matches("[[package]]").count();
    assert!(
        count <= MOST_PACKAGES,
        "{count} packages: is the new dependency worth it?"
    );
}

#[test]
fn the_readme_shows_the_figures_of_the_page() {
    let figures = |path: &str| {
        let text = fs::read_to_string(root().join(path)).expect("the page can be read");
        let (_, text) = text.split_once(BEGIN).expect("the figures begin somewhere");
        let (figures, _) = text.split_once(END).expect("the figures end somewhere");
        figures.to_owned()
    };
    let readme = figures("README.md");
    assert!(readme.contains("| **entratool** |"), "{readme}");
    assert_eq!(readme, figures("docs/performance.md"));
}

#[test]
fn every_test_that_security_names_exists() {
    let page = fs::read_to_string(root().join("SECURITY.md")).expect("the page can be read");
    let mut paths = Vec::new();
    let is_wanted = |path: &Path| {
        path.extension()
            .is_some_and(|end| end == "rs" || end == "py")
    };
    for folder in ["crates", "witness/tests", "xtask/tests"] {
        collect(&root().join(folder), &is_wanted, &mut paths);
    }
    let read = |path: &PathBuf| fs::read_to_string(path).expect("a source file is UTF-8");
    let text: String = paths.iter().map(read).collect();
    let rows = page.lines().filter(|line| line.starts_with("| "));
    let tests = rows.filter_map(|row| row.trim_end_matches(" |").rsplit_once(" | "));
    let names = tests.flat_map(|(_, tests)| tests.split('`').skip(1).step_by(2));
    let names = names.filter(|name| name.contains('_') && *name == name.to_lowercase());
    let missing: Vec<_> = names
        .filter(|name| !text.contains(&format!(" {name}(")))
        .map(|name| format!("SECURITY.md names `{name}`, which is no test"))
        .collect();
    assert_none(&missing);
}

fn assert_none(violations: &[String]) {
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package
        .parent()
        .expect("the package is a member of the workspace")
        .to_owned()
}

/// The files below `folder` with that extension, sorted; never those of other people.
fn sources(folder: &Path, extension: &str) -> Vec<Source> {
    let mut paths = Vec::new();
    let is_wanted = |path: &Path| path.extension().is_some_and(|found| found == extension);
    collect(folder, &is_wanted, &mut paths);
    paths.sort();
    let read = |path: &PathBuf| {
        let text = fs::read_to_string(path).expect("a source file is UTF-8");
        let path = path
            .strip_prefix(folder)
            .expect("it was found below the folder");
        Source::new(&path.to_string_lossy(), &text)
    };
    paths.iter().map(read).collect()
}

fn collect(folder: &Path, is_wanted: &dyn Fn(&Path) -> bool, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a source folder can be read") {
        let path = entry.expect("a folder's entry can be read").path();
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() {
            if !NOT_OURS.iter().any(|folder| name == *folder) {
                collect(&path, is_wanted, paths);
            }
        } else if is_wanted(&path) {
            paths.push(path);
        }
    }
}

/// Folders of builds, installed packages and version control.
const NOT_OURS: &[&str] = &[
    ".git",
    ".pytest_cache",
    "__pycache__",
    "node_modules",
    "target",
];
