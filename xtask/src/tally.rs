//! How many checks passed and failed, read from what the test runners report.

use std::fmt;
use std::ops::AddAssign;

/// Checks that passed and checks that failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Checks that ran and passed.
    pub passed: u32,
    /// Checks that failed, could not run or were skipped.
    pub failed: u32,
}

impl Tally {
    /// One check, as its result says.
    pub fn one(passed: bool) -> Self {
        Self {
            passed: u32::from(passed),
            failed: u32::from(!passed),
        }
    }

    /// What one line of `cargo test` adds: `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
    ///
    /// An ignored test counts as failed: this project skips nothing.
    pub fn of_cargo_line(line: &str) -> Self {
        let Some(result) = line.strip_prefix("test result: ") else {
            return Self::default();
        };
        let words: Vec<&str> = result
            .split([' ', ';', '.'])
            .filter(|word| !word.is_empty())
            .collect();
        let count = |label: &str| {
            let counts = words.windows(2).find(|pair| pair[1] == label);
            counts
                .and_then(|pair| pair[0].parse::<u32>().ok())
                .unwrap_or(0)
        };
        Self {
            passed: count("passed"),
            failed: count("failed") + count("ignored"),
        }
    }

    /// What pytest's JUnit report says of its suite; a skipped test counts as failed.
    pub fn of_junit(report: &str) -> Option<Self> {
        let suite = report.split_once("<testsuite ")?.1.split_once('>')?.0;
        let attribute = |name: &str| -> Option<u32> {
            let value = suite.split_once(&format!(" {name}=\""))?.1;
            value.split_once('"')?.0.parse().ok()
        };
        let failed = attribute("errors")? + attribute("failures")? + attribute("skipped")?;
        let tests = attribute("tests")?;
        Some(Self {
            passed: tests.saturating_sub(failed),
            failed,
        })
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_lines_are_counted() {
        let check = |line: &str, passed: u32, failed: u32| {
            assert_eq!(
                Tally::of_cargo_line(line),
                Tally { passed, failed },
                "{line}"
            );
        };
        check(
            "test result: ok. 7 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            7,
            0,
        );
        check(
            "test result: FAILED. 7 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out",
            7,
            3,
        );
        check("test some::name ... ok", 0, 0);
        check("running 3 tests", 0, 0);
    }

    #[test]
    fn junit_reports_are_counted() {
        let report = r#"<?xml version="1.0"?><testsuites name="pytest"><testsuite name="pytest" errors="1" failures="2" skipped="1" tests="10" time="0.1"><testcase/></testsuite></testsuites>"#;
        assert_eq!(
            Tally::of_junit(report),
            Some(Tally {
                passed: 6,
                failed: 4
            })
        );
        assert_eq!(Tally::of_junit("<nothing/>"), None);
    }
}
