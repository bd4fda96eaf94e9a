//! What the commands that people run all day cost: instructions, held to budgets, and times beside other programs.

pub mod budget;
mod callgrind;
mod growth;
mod keyring;
mod memory;
mod network;
pub mod rounds;
pub mod stage;
pub mod times;

use std::process::ExitCode;

use self::budget::{Budget, Limit, ROWS, Row};
use self::growth::{Baseline, Measured};
use self::keyring::Warm;
use self::stage::Stage;
use crate::tally::Tally;
use crate::workspace::Workspace;

/// What to do with the figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Print them, with times.
    Show,
    /// Compare counts with their budgets; nothing that another load of the machine would change.
    Check,
    /// Write the counts down, for later changes to be compared with.
    Record,
}

/// Prints one table from one run; fails if anything is over its budget, but for [`Mode::Record`].
pub fn run(workspace: &Workspace, mode: Mode) -> ExitCode {
    match measure(workspace, mode) {
        Ok(tally) => ExitCode::from(u8::from(mode != Mode::Record && tally.failed > 0)),
        Err(reason) => {
            println!("bench: {reason}");
            ExitCode::FAILURE
        }
    }
}

/// As [`run`], as a part of more; each budget counts as one check.
///
/// # Errors
///
/// If something could not be measured.
pub fn measure(workspace: &Workspace, mode: Mode) -> Result<Tally, String> {
    let stage = Stage::set(workspace)?;
    let mut baseline = Baseline::load(&workspace.root)?;
    let mut tally = Tally::default();
    println!("\n{:<44}{:>14}{:>14}", "command", "instructions", "at most");
    let mut counts: Vec<(&str, u64)> = Vec::new();
    for row in ROWS {
        let measured = callgrind::measure(stage.under_callgrind(row), &stage)?;
        counts.push((row.name, measured.instructions));
        tally += judge(row, &measured, &counts, &mut baseline, mode);
    }
    match keyring::measure(&stage)? {
        Warm::Measured(measured) => {
            tally += judge(&keyring::ROW, &measured, &counts, &mut baseline, mode);
        }
        Warm::Refused => println!(
            "{:<44}{:>14}",
            keyring::ROW.name,
            "the kernel keeps no key here"
        ),
    }
    if mode == Mode::Record {
        baseline.save(&workspace.root)?;
    }
    println!();
    let mut claim = |claim: &str, holds: bool| {
        println!("{claim}: {}", if holds { "ok" } else { "no" });
        tally += Tally::one(holds);
    };
    claim(
        "a cached token needs no network",
        network::is_not_needed(&stage)?,
    );
    claim(
        "a cached token opens no socket",
        network::opens_no_socket(&stage)?,
    );
    let peak = memory::peak(&stage)?;
    claim(
        &format!(
            "a cached token takes {peak} KiB of memory, at most {}",
            memory::MOST
        ),
        peak <= memory::MOST,
    );
    if mode == Mode::Show {
        for (text, holds) in times::measure(&stage)? {
            claim(&text, holds);
        }
    }
    Ok(tally)
}

/// Prints one row, and which functions grew if it is over its budget.
fn judge(
    row: &Row,
    measured: &Measured,
    counts: &[(&str, u64)],
    baseline: &mut Baseline,
    mode: Mode,
) -> Tally {
    if mode == Mode::Record {
        baseline.record(row.name, measured);
    }
    let Budget { most, grown } = budget::of(row, counts, baseline);
    let kept = measured.instructions <= most;
    println!(
        "{:<44}{:>14}{:>14}  {}",
        row.name,
        grouped(measured.instructions),
        if most == u64::MAX {
            "–".to_owned()
        } else {
            grouped(most)
        },
        match (kept, grown) {
            (true, _) => "ok",
            (false, Limit::Ceiling) => "over",
            (false, Limit::Growth) => "grown",
        }
    );
    if !kept {
        for line in baseline.growth(row.name, measured) {
            println!("    {line}");
        }
    }
    Tally::one(kept)
}

/// `1234567` as `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        let check = |number: u64, want: &str| assert_eq!(grouped(number), want);
        check(0, "0");
        check(999, "999");
        check(1_000, "1,000");
        check(1_234_567, "1,234,567");
    }
}
