//! Which lines of the library no test runs, and whether those are few enough.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::Value;

use crate::process::{machine, output, succeed};
use crate::workspace::Workspace;

/// Runs the tests with coverage and prints the lines of `crates/entra/src` that none of them ran.
///
/// Fails below 95 %. Lines of the tests themselves do not count.
pub fn run(workspace: &Workspace) -> ExitCode {
    match measure(workspace) {
        Ok(files) => report(&files),
        Err(reason) => {
            println!("{reason}");
            ExitCode::from(2)
        }
    }
}

/// The lines of a file that can run: number, and whether it did.
type Lines = BTreeMap<usize, bool>;

fn measure(workspace: &Workspace) -> Result<BTreeMap<String, Lines>, String> {
    let tools = Tools::find(workspace)?;
    let folder = workspace.target.join("coverage");
    let profiles = folder.join("profiles");
    let text = |error: std::io::Error| format!("{}: {error}", profiles.display());
    if profiles.exists() {
        fs::remove_dir_all(&profiles).map_err(text)?;
    }
    fs::create_dir_all(&profiles).map_err(text)?;
    let test = |more: &[&str]| {
        let mut command = machine("cargo", &workspace.root);
        command
            .args([
                "test",
                "--locked",
                "--package",
                "entra",
                "--package",
                "entratool",
            ])
            .arg("--lib")
            .args(TESTS.map(|test| ["--test", test]).as_flattened())
            .arg("--target-dir")
            .arg(&folder)
            .args(more)
            .env("RUSTFLAGS", "-Cinstrument-coverage")
            .env("LLVM_PROFILE_FILE", profiles.join("%m-%p.profraw"));
        command
    };
    let built = output(&mut test(&["--no-run", "--message-format=json"]))?;
    succeed(&mut test(&[]))?;
    let merged = folder.join("merged.profdata");
    let mut merge = machine(&tools.profdata, &workspace.root);
    succeed(
        merge
            .args(["merge", "--sparse", "--output"])
            .arg(&merged)
            .arg(&profiles),
    )?;
    let mut export = machine(&tools.cov, &workspace.root);
    export
        .args(["export", "--format=lcov", "--instr-profile"])
        .arg(&merged);
    for program in programs(&built) {
        export.arg("--object").arg(program);
    }
    export.arg("--sources").arg(workspace.root.join(SOURCES));
    let mut files = lines(&output(&mut export)?, &workspace.root.join(SOURCES));
    for (file, lines) in &mut files {
        let path = workspace.root.join(SOURCES).join(file);
        let source = fs::read_to_string(&path).map_err(text)?;
        let end = tests_begin_at(&source);
        lines.retain(|line, _| *line < end);
    }
    Ok(files)
}

/// LLVM's tools of the version that the compiler was built with: rustup's or the distribution's.
struct Tools {
    cov: PathBuf,
    profdata: PathBuf,
}

impl Tools {
    fn find(workspace: &Workspace) -> Result<Self, String> {
        let version = output(machine("rustc", &workspace.root).arg("-vV"))?;
        let value = |name: &str| version.lines().find_map(|line| line.strip_prefix(name));
        let host = value("host: ").ok_or("`rustc -vV` names no host")?;
        let llvm = value("LLVM version: ").ok_or("`rustc -vV` names no LLVM")?;
        let major = llvm.split('.').next().unwrap_or_default();
        let sysroot = output(machine("rustc", &workspace.root).args(["--print", "sysroot"]))?;
        let of_rustup = Path::new(sysroot.trim())
            .join("lib/rustlib")
            .join(host)
            .join("bin");
        let find =
            |name: &str| {
                let candidates = [
                    of_rustup.join(name),
                    PathBuf::from(format!("/usr/bin/{name}-{major}")),
                ];
                candidates.into_iter().find(|path| path.exists()).ok_or_else(|| {
                format!("no `{name}`: `rustup component add llvm-tools`, or install llvm-{major}")
            })
            };
        Ok(Self {
            cov: find("llvm-cov")?,
            profdata: find("llvm-profdata")?,
        })
    }
}

/// The test programs, from what cargo says about its artifacts.
fn programs(built: &str) -> Vec<String> {
    built
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["profile"]["test"] == true)
        .filter_map(|message| Some(message["executable"].as_str()?.to_owned()))
        .collect()
}

/// The lines of each file below `folder` in a report in lcov's format.
fn lines(report: &str, folder: &Path) -> BTreeMap<String, Lines> {
    let mut files: BTreeMap<String, Lines> = BTreeMap::new();
    let mut file = None;
    for line in report.lines() {
        if let Some(path) = line.strip_prefix("SF:") {
            let below = Path::new(path).strip_prefix(folder).ok();
            file = below.map(|path| path.to_string_lossy().into_owned());
        } else if let (Some(file), Some(data)) = (&file, line.strip_prefix("DA:"))
            && let Some((number, count)) = data.split_once(',')
            && let Ok(number) = number.parse()
        {
            let ran = files.entry(file.clone()).or_default().entry(number);
            *ran.or_default() |= count != "0";
        }
    }
    files
}

/// The number of the line at which a file's tests begin, which is behind everything else.
fn tests_begin_at(source: &str) -> usize {
    let line = source.lines().position(|line| line == "#[cfg(test)]");
    line.map_or(usize::MAX, |index| index + 1)
}

fn report(files: &BTreeMap<String, Lines>) -> ExitCode {
    let (mut ran, mut all) = (0, 0);
    for (file, lines) in files {
        let missed: Vec<_> = lines
            .iter()
            .filter(|(_, ran)| !**ran)
            .map(|(line, _)| *line)
            .collect();
        ran += lines.len() - missed.len();
        all += lines.len();
        if !missed.is_empty() {
            println!("{SOURCES}/{file}: {}", ranges(&missed));
        }
    }
    let per_mille = 1000 * ran / all.max(1);
    println!(
        "{ran} of {all} lines run: {}.{} %",
        per_mille / 10,
        per_mille % 10
    );
    ExitCode::from(u8::from(per_mille < ENOUGH))
}

/// `3, 7-9`.
fn ranges(numbers: &[usize]) -> String {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, end)) if *end + 1 == *number => *end = *number,
            _ => ranges.push((*number, *number)),
        }
    }
    let shown = ranges.iter().map(|(start, end)| match end - start {
        0 => start.to_string(),
        _ => format!("{start}-{end}"),
    });
    shown.collect::<Vec<_>>().join(", ")
}

/// Not those that fill disks and take rights away: what counts coverage wants to write files too.
const TESTS: [&str; 4] = ["certificate", "cli", "library", "ports"];
const SOURCES: &str = "crates/entra/src";
/// In thousandths.
const ENOUGH: usize = 950;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_read() {
        let report =
            "SF:/x/crates/entra/src/a.rs\nDA:1,0\nDA:2,5\nend_of_record\nSF:/y/b.rs\nDA:1,0\n";
        let files = lines(report, Path::new("/x/crates/entra/src"));
        let want = BTreeMap::from([("a.rs".to_owned(), BTreeMap::from([(1, false), (2, true)]))]);
        assert_eq!(files, want);
    }

    #[test]
    fn tests_of_a_file_do_not_count() {
        assert_eq!(tests_begin_at("a\n\n#[cfg(test)]\nmod tests {\n"), 3);
        assert_eq!(tests_begin_at("a\n"), usize::MAX);
    }

    #[test]
    fn neighbours_are_ranges() {
        assert_eq!(ranges(&[3, 7, 8, 9, 11]), "3, 7-9, 11");
        assert_eq!(ranges(&[]), "");
    }

    #[test]
    fn programs_are_those_that_test() {
        let built = r#"{"reason":"compiler-artifact","profile":{"test":true},"executable":"/a"}
{"reason":"compiler-artifact","profile":{"test":false},"executable":"/b"}
{"reason":"build-finished","success":true}"#;
        assert_eq!(programs(built), ["/a"]);
    }
}
