//! The commands that are counted, and how many instructions each may take.

use super::growth::Baseline;

/// One command line that is counted.
pub struct Row {
    /// What the table calls it.
    pub name: &'static str,
    /// Its words; `TOKEN` stands for a token.
    pub line: &'static str,
    /// Whose profiles and tokens it finds.
    pub folder: Folder,
    /// How many instructions it may take, whatever it took before.
    pub ceiling: Ceiling,
}

/// Whose profiles and tokens a command finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folder {
    /// Those of a secret, a certificate and a user.
    Few,
    /// Ten thousand.
    Many,
    /// Those of `Few`, where this many tokens are cached for `demo`.
    Tokens(usize),
}

/// How many instructions a command may take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ceiling {
    /// So many.
    Instructions(u64),
    /// As many as the row of this name took in the same run, times this many hundredths.
    Percent(u64, &'static str),
    /// Whatever it takes: only growth counts.
    None,
}

/// The budget of one row.
pub(super) struct Budget {
    /// How many instructions are within it.
    pub(super) most: u64,
    /// Which of the limits that is.
    pub(super) grown: Limit,
}

/// Why there is a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    /// More would be too slow.
    Ceiling,
    /// It took less before.
    Growth,
}

/// The lower of a row's ceiling and 105 % of what was recorded for it; `counts` are those of this run.
pub(super) fn of(row: &Row, counts: &[(&str, u64)], baseline: &Baseline) -> Budget {
    let of_row = |name: &str| counts.iter().find(|(row, _)| *row == name);
    let ceiling = match row.ceiling {
        Ceiling::Instructions(most) => most,
        Ceiling::Percent(percent, name) => {
            of_row(name).map_or(0, |(_, count)| count / 100 * percent)
        }
        Ceiling::None => u64::MAX,
    };
    let growth = baseline
        .instructions(row.name)
        .map_or(u64::MAX, |before| before + before / 20);
    Budget {
        most: ceiling.min(growth),
        grown: if growth < ceiling {
            Limit::Growth
        } else {
            Limit::Ceiling
        },
    }
}

/// The row of a cached token, which others are compared with.
pub const CACHED: &str = "get-token -p demo --silent";

#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    Row { name: "--version", line: "--version", folder: Folder::Few, ceiling: Ceiling::Instructions(600_000) },
    Row { name: "inspect -t TOKEN", line: "inspect -t TOKEN", folder: Folder::Few, ceiling: Ceiling::Instructions(800_000) },
    Row { name: "discover -t TOKEN", line: "discover -t TOKEN", folder: Folder::Few, ceiling: Ceiling::Instructions(800_000) },
    Row { name: CACHED, line: CACHED, folder: Folder::Few, ceiling: Ceiling::Instructions(1_000_000) },
    Row { name: "get-token -p me --silent", line: "get-token -p me --silent", folder: Folder::Few, ceiling: Ceiling::Instructions(1_000_000) },
    Row { name: "get-token, 10,000 profiles", line: CACHED, folder: Folder::Many, ceiling: Ceiling::Percent(130, CACHED) },
    Row { name: "get-token, 10 tokens", line: CACHED, folder: Folder::Tokens(10), ceiling: Ceiling::Instructions(1_000_000) },
    Row { name: "get-token, 100 tokens", line: CACHED, folder: Folder::Tokens(100), ceiling: Ceiling::Instructions(2_400_000) },
    Row { name: "config list, 10,000 profiles", line: "config list", folder: Folder::Many, ceiling: Ceiling::None },
    Row { name: "get-token -p demo --no-cache --silent", line: "get-token -p demo --no-cache --silent", folder: Folder::Few, ceiling: Ceiling::None },
    Row { name: "get-token -p cert --no-cache --silent", line: "get-token -p cert --no-cache --silent", folder: Folder::Few, ceiling: Ceiling::None },
    Row { name: "refresh -p me --silent", line: "refresh -p me --silent", folder: Folder::Few, ceiling: Ceiling::None },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::growth::Measured;

    #[test]
    fn the_lower_limit_counts() {
        let mut baseline = Baseline::default();
        let measured = |instructions| Measured {
            instructions,
            ..Measured::default()
        };
        baseline.record("recorded", &measured(1000));
        let check = |name, ceiling, want: (u64, Limit)| {
            let row = Row {
                name,
                line: "",
                folder: Folder::Few,
                ceiling,
            };
            let budget = of(&row, &[("other", 400)], &baseline);
            assert_eq!((budget.most, budget.grown), want, "{name} {ceiling:?}");
        };
        check("new", Ceiling::Instructions(900), (900, Limit::Ceiling));
        check("new", Ceiling::None, (u64::MAX, Limit::Ceiling));
        check("new", Ceiling::Percent(130, "other"), (520, Limit::Ceiling));
        check(
            "recorded",
            Ceiling::Instructions(900),
            (900, Limit::Ceiling),
        );
        check(
            "recorded",
            Ceiling::Instructions(2000),
            (1050, Limit::Growth),
        );
        check("recorded", Ceiling::None, (1050, Limit::Growth));
    }
}
