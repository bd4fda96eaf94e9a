//! The page of figures, and the part of it that the README repeats.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::conditions::today;
use crate::contenders::{ENTRATOOL, WITH_GLIBC};
use crate::install::Kit;
use crate::results::Results;
use crate::sample::{Figures, Outcome, Outcomes, of};
use crate::targets::Target;
use crate::throughput::{CONNECTIONS, THREADS, Throughput};
use crate::words::{AGAIN, BEGIN, DECODED, EMULATOR, END, IN_SHORT, KEPT, NEW, SIZES, TITLE};

/// The whole page.
pub(crate) fn render(results: &Results, kit: &Kit, targets: &[Target]) -> String {
    let text = [
        TITLE.to_owned(),
        format!(
            "Measured on {}, rounds: {}. The machine: {}. {}.\n",
            today(),
            results.rounds,
            results.machine,
            results.interpreters
        ),
        format!("{BEGIN}\n{}{END}\n", in_short(results, kit)),
        section(KEPT, &results.kept),
        section(NEW, &results.new),
        section(DECODED, &results.decoded),
        sizes(results, kit),
        emulator(&results.emulator),
        held(targets),
        AGAIN.to_owned(),
    ];
    text.join("\n")
}

/// Replaces the page, and the README's copy of its summary.
///
/// # Errors
///
/// If a file cannot be read or written, or the README has no place for the summary.
pub(crate) fn write(root: &Path, page: &str) -> Result<(), String> {
    let readme = root.join("README.md");
    let text = fs::read_to_string(&readme).map_err(|error| error.to_string())?;
    let text = with_summary(&text, page).ok_or("README.md has no place for the figures")?;
    fs::write(&readme, text).map_err(|error| error.to_string())?;
    fs::write(root.join("docs/performance.md"), page).map_err(|error| error.to_string())
}

/// Each program that should have figures and has none.
pub(crate) fn failures(results: &Results, kit: &Kit) -> Vec<String> {
    let missing = kit.peers().filter_map(|(peer, installed)| {
        let why = installed.err()?;
        Some(format!("{}: {why}", peer.name()))
    });
    let mut failures: Vec<String> = missing.collect();
    for (what, outcomes) in [
        ("a cached token", &results.kept),
        ("a new token", &results.new),
        ("decoding", &results.decoded),
    ] {
        for (name, outcome) in outcomes {
            if let Outcome::Failed(why) = outcome {
                failures.push(format!("{what}, {name}: {why}"));
            }
        }
    }
    if let Err(why) = &results.emulator {
        failures.push(format!("the emulator: {why}"));
    }
    failures
}

/// `text` with what `page` has between the marks, if both have them.
fn with_summary(text: &str, page: &str) -> Option<String> {
    let (_, rest) = page.split_once(BEGIN)?;
    let (summary, _) = rest.split_once(END)?;
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some([before, BEGIN, summary, END, after].concat())
}

fn in_short(results: &Results, kit: &Kit) -> String {
    let mut text = String::from(
        "| | a cached token | a new token | memory | installed |\n|---|---:|---:|---:|---:|\n",
    );
    let mut line = |name: &str, shown: &str, size: u64| {
        let cell = |outcomes| {
            let ours = of(outcomes, ENTRATOOL)?;
            let figures = of(outcomes, name)?;
            let time = milliseconds(figures.wall);
            Some(if name == ENTRATOOL {
                time
            } else {
                format!("{time} ({})", times(figures.wall, ours.wall))
            })
        };
        let memory = of(&results.kept, name).or_else(|| of(&results.new, name));
        let _ = writeln!(
            text,
            "| {shown} | {} | {} | {} | {} |",
            cell(&results.kept).unwrap_or_else(|| "–".to_owned()),
            cell(&results.new).unwrap_or_else(|| "–".to_owned()),
            memory.map_or_else(|| "–".to_owned(), |figures| mebibytes(figures.memory)),
            megabytes(size),
        );
    };
    line(ENTRATOOL, "**entratool**", results.size);
    line(WITH_GLIBC, WITH_GLIBC, results.size_with_glibc);
    for peer in IN_SHORT {
        let installed = kit.peers().find(|(name, _)| name == peer);
        if let Some((_, Ok(installed))) = installed {
            line(peer.name(), peer.name(), installed.size);
        }
    }
    text
}

fn section(heading: &str, outcomes: &Outcomes) -> String {
    let mut text = format!(
        "{heading}\n\n| program | wall | beside entratool | processor | beside entratool | peak memory |\n\
         |---|---:|---:|---:|---:|---:|\n"
    );
    let ours = of(outcomes, ENTRATOOL);
    for (name, outcome) in outcomes {
        let name = if *name == ENTRATOOL {
            "**entratool**"
        } else {
            name
        };
        // Writing to a string cannot fail.
        let _ = match outcome {
            Outcome::Figures(figures) => writeln!(text, "{}", row(name, figures, ours)),
            Outcome::Absent(why) => writeln!(text, "| {name} | {why} | | | | |"),
            Outcome::Failed(why) => writeln!(text, "| {name} | failed: {} | | | | |", flat(why)),
        };
    }
    text
}

fn row(name: &str, figures: &Figures, ours: Option<Figures>) -> String {
    let ours = ours.unwrap_or(*figures);
    format!(
        "| {name} | {} | {} | {} | {} | {} |",
        milliseconds(figures.wall),
        times(figures.wall, ours.wall),
        milliseconds(figures.processor),
        times(figures.processor, ours.processor),
        mebibytes(figures.memory),
    )
}

fn sizes(results: &Results, kit: &Kit) -> String {
    let mut text = format!(
        "{SIZES}\n\n| program | version | installed |\n|---|---|---:|\n| **entratool** | {version} | {} |\n\
         | {WITH_GLIBC} | {version} | {} |\n",
        megabytes(results.size),
        megabytes(results.size_with_glibc),
        version = results.version,
    );
    for (peer, installed) in kit.peers() {
        let _ = match installed {
            Ok(installed) => writeln!(
                text,
                "| {} | {} | {} |",
                peer.name(),
                installed.version,
                megabytes(installed.size)
            ),
            Err(why) => writeln!(text, "| {} | failed: {} | |", peer.name(), flat(why)),
        };
    }
    text
}

fn emulator(throughput: &Result<Throughput, String>) -> String {
    let measured = match throughput {
        Err(why) => return format!("{EMULATOR}\n\nFailed: {}\n", flat(why)),
        Ok(measured) => measured,
    };
    format!(
        "{EMULATOR}\n\n| over {CONNECTIONS} connections that stay open | |\n|---|---:|\n\
         | tokens a second | {:.0} |\n\
         | RSA-2048 signatures a second, `openssl speed` with {THREADS} processes | {:.0} |\n\
         | tokens by these signatures | {:.0} % |\n\
         | signatures a second without AVX-512 IFMA | {:.0} |\n\
         | tokens by these signatures | {:.0} % |\n\
         | processor time of the emulator for a token | {} |\n\
         | memory before the first request | {} |\n\
         | memory when it remembers as many requests as it ever will | {} |\n\
         | memory {} seconds of load later | {} |\n",
        measured.tokens,
        measured.signatures,
        measured.ratio * 100.0,
        measured.plain_signatures,
        measured.plain_ratio * 100.0,
        milliseconds(measured.processor),
        mebibytes(measured.idle),
        mebibytes(measured.begin),
        measured.seconds,
        mebibytes(measured.end),
    )
}

fn held(targets: &[Target]) -> String {
    let mut text = "## Targets\n\n| | wanted | measured | |\n|---|---:|---:|---|\n".to_owned();
    for target in targets {
        let verdict = if target.met { "ok" } else { "not met" };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {verdict} |",
            target.text, target.wanted, target.measured
        );
    }
    text
}

fn milliseconds(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1e3;
    match milliseconds {
        ..10.0 => format!("{milliseconds:.2} ms"),
        10.0..100.0 => format!("{milliseconds:.1} ms"),
        _ => format!("{milliseconds:.0} ms"),
    }
}

fn times(one: Duration, other: Duration) -> String {
    let ratio = one.as_secs_f64() / other.as_secs_f64().max(f64::MIN_POSITIVE);
    match ratio {
        ..10.0 => format!("{ratio:.1} ×"),
        _ => format!("{ratio:.0} ×"),
    }
}

fn mebibytes(kibibytes: u64) -> String {
    format!("{:.1} MiB", in_units(kibibytes, 1024))
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", in_units(bytes, 1_000_000))
}

#[expect(clippy::cast_precision_loss, reason = "far less than 2^52 bytes")]
fn in_units(size: u64, unit: u64) -> f64 {
    size as f64 / unit as f64
}

/// A reason in a cell of a table.
fn flat(why: &str) -> String {
    let words: Vec<&str> = why.split_whitespace().collect();
    words.join(" ").replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_is_replaced_between_the_marks_only() {
        let marked = |inside: &str| format!("a\n{BEGIN}\n{inside}{END}\nb\n");
        let check = |text: &str, page: &str, want: Option<String>| {
            assert_eq!(with_summary(text, page), want, "{text:?} {page:?}");
        };
        check(&marked("old\n"), &marked("new\n"), Some(marked("new\n")));
        check(&marked(""), &marked("new\n"), Some(marked("new\n")));
        check("a\nb\n", &marked("new\n"), None);
        check(&marked("old\n"), "a\nb\n", None);
    }

    #[test]
    fn figures_have_as_many_digits_as_they_deserve() {
        let check = |microseconds: u64, want: &str| {
            assert_eq!(milliseconds(Duration::from_micros(microseconds)), want);
        };
        check(1_234, "1.23 ms");
        check(12_345, "12.3 ms");
        check(123_456, "123 ms");
    }
}
