//! Counting instructions with valgrind's callgrind, in all and by function.

use std::collections::BTreeMap;
use std::process::Command;

use super::growth::Measured;
use super::stage::Stage;
use crate::process::output;

/// Runs `command`, which is [`Stage::under_callgrind`]'s, and reads what it left.
pub(super) fn measure(mut command: Command, stage: &Stage) -> Result<Measured, String> {
    let report = command
        .output()
        .map_err(|error| format!("cannot start `valgrind`: {error}"))?;
    let said = String::from_utf8_lossy(&report.stderr).into_owned();
    if !report.status.success() {
        return Err(format!("a counted command failed:\n{said}"));
    }
    of_report(&said, stage)
}

/// As [`measure`], of a run whose standard error was `said`.
pub(super) fn of_report(said: &str, stage: &Stage) -> Result<Measured, String> {
    let collected = said
        .lines()
        .find_map(|line| line.split_once("Collected : "));
    let instructions = collected
        .and_then(|(_, count)| count.trim().parse().ok())
        .ok_or_else(|| format!("callgrind did not count:\n{said}"))?;
    let mut annotate = stage.command("callgrind_annotate");
    annotate.args(["--inclusive=yes", "--threshold=100", "--auto=no"]);
    let report = output(annotate.arg(stage.counts()))?;
    let mut functions = BTreeMap::new();
    for (name, count) in report.lines().filter_map(function) {
        // Recursion is shown as several functions, of which the outermost has it all.
        let most = functions.entry(name).or_default();
        *most = count.max(*most);
    }
    Ok(Measured {
        instructions,
        functions,
    })
}

/// The name and the count of one line: `1,234 (5.6%)  FILE:FUNCTION [OBJECT]`.
fn function(line: &str) -> Option<(String, u64)> {
    let (count, rest) = line.trim_start().split_once(" (")?;
    let count = count.replace(',', "").parse().ok()?;
    let (_, place) = rest.split_once("%)  ")?;
    let place = place.rfind(" [/").map_or(place, |object| &place[..object]);
    let (_, name) = place.split_once(':')?;
    let name = name.split('\'').next().unwrap_or(name);
    // Without a name there is an address, which every build changes.
    (!name.starts_with("0x")).then(|| (name.to_owned(), count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_report_are_read() {
        let check = |line: &str, want: Option<(&str, u64)>| {
            let got = function(line);
            let got = got.as_ref().map(|(name, count)| (name.as_str(), *count));
            assert_eq!(got, want, "{line}");
        };
        check(
            "12,744,499 (95.79%)  ???:std::sys::main [/tmp/a b/entratool]",
            Some(("std::sys::main", 12_744_499)),
        );
        check(
            "   550,009 ( 4.13%)  ./string/memset.S:memset [/usr/lib/libc.so.6]",
            Some(("memset", 550_009)),
        );
        check(
            "    93 ( 0.01%)  ???:<[T] as a::B<C>>::f'2",
            Some(("<[T] as a::B<C>>::f", 93)),
        );
        check("57 ( 0.62%)  ???:0x000000000001ab70 [/usr/lib/ld.so]", None);
        check("13,304,687 (100.0%)  PROGRAM TOTALS", None);
        check("Events recorded:  Ir", None);
    }
}
