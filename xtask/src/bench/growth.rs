//! What each command took when it was last recorded, function by function, and where more of it is now.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// What one run of a command took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Measured {
    /// Instructions, from the first of the loader to the last.
    pub(super) instructions: u64,
    /// The instructions of each function with those of the functions that it calls.
    pub(super) functions: BTreeMap<String, u64>,
}

/// The recorded figures, by the name of their row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Baseline {
    rows: BTreeMap<String, Measured>,
}

impl Baseline {
    /// Reads the file below `root`; no file is no figures.
    pub(super) fn load(root: &Path) -> Result<Self, String> {
        let path = path(root);
        match fs::read_to_string(&path) {
            Ok(text) => {
                Self::parse(&text).ok_or_else(|| format!("`{}` is damaged", path.display()))
            }
            Err(_) if !path.exists() => Ok(Self::default()),
            Err(error) => Err(format!("{}: {error}", path.display())),
        }
    }

    /// Writes the file below `root`.
    pub(super) fn save(&self, root: &Path) -> Result<(), String> {
        let path = path(root);
        fs::write(&path, self.text()).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// How many instructions the row called `name` took.
    pub(super) fn instructions(&self, name: &str) -> Option<u64> {
        self.rows.get(name).map(|row| row.instructions)
    }

    /// Takes down what a row took: in all, and in the functions in which most of it was.
    pub(super) fn record(&mut self, name: &str, measured: &Measured) {
        let mut functions: Vec<_> = measured.functions.iter().collect();
        functions.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let kept = functions
            .into_iter()
            .filter(|(_, count)| **count * 100 >= measured.instructions)
            .take(MOST_FUNCTIONS);
        let row = Measured {
            instructions: measured.instructions,
            functions: kept.map(|(name, count)| (name.clone(), *count)).collect(),
        };
        self.rows.insert(name.to_owned(), row);
    }

    /// The functions that grew most since the row called `name` was recorded, the likeliest cause
    /// first.
    ///
    /// Whatever calls the cause grows as much as the cause, so the smallest function in which most
    /// of the growth is comes first.
    pub(super) fn growth(&self, name: &str, now: &Measured) -> Vec<String> {
        let nothing = Measured::default();
        let before = self.rows.get(name).unwrap_or(&nothing);
        // A function that was too small to be recorded had less than the smallest that was.
        let unknown = before.functions.values().min().copied().unwrap_or(0);
        let of = |function: &str| before.functions.get(function).copied();
        let mut grown: Vec<(&str, u64, u64, u64)> = now
            .functions
            .iter()
            .filter_map(|(function, &count)| {
                let growth = count.saturating_sub(of(function).unwrap_or(unknown));
                let from = of(function).unwrap_or(0);
                (growth > 0).then_some((function.as_str(), growth, from, count))
            })
            .collect();
        let most = grown
            .iter()
            .map(|(_, growth, ..)| *growth)
            .max()
            .unwrap_or(0);
        grown.sort_by_key(|(_, growth, _, count)| {
            let has_most = *growth * 2 > most;
            (!has_most, if has_most { *count } else { u64::MAX - growth })
        });
        grown
            .into_iter()
            .take(SHOWN)
            .map(|(function, growth, from, count)| {
                format!("+{growth:<12}{from:>12} → {count:<12}{function}")
            })
            .collect()
    }

    fn parse(text: &str) -> Option<Self> {
        let rows: Value = serde_json::from_str(text).ok()?;
        let row = |(name, row): (&String, &Value)| {
            let functions = row["functions"].as_object()?.iter();
            let functions = functions.map(|(name, count)| Some((name.clone(), count.as_u64()?)));
            let measured = Measured {
                instructions: row["instructions"].as_u64()?,
                functions: functions.collect::<Option<_>>()?,
            };
            Some((name.clone(), measured))
        };
        let rows = rows.as_object()?.iter().map(row).collect::<Option<_>>()?;
        Some(Self { rows })
    }

    fn text(&self) -> String {
        let row = |(name, row): (&String, &Measured)| {
            let value = json!({"instructions": row.instructions, "functions": row.functions});
            (name.clone(), value)
        };
        let rows: serde_json::Map<String, Value> = self.rows.iter().map(row).collect();
        format!("{:#}\n", Value::Object(rows))
    }
}

fn path(root: &Path) -> PathBuf {
    root.join("xtask/instructions.json")
}

/// How many functions of a row are recorded.
const MOST_FUNCTIONS: usize = 40;
/// How many functions are named when a row has grown.
const SHOWN: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(functions: &[(&str, u64)]) -> Measured {
        Measured {
            instructions: functions.iter().map(|(_, count)| *count).max().unwrap_or(0),
            functions: functions
                .iter()
                .map(|(name, count)| ((*name).to_owned(), *count))
                .collect(),
        }
    }

    #[test]
    fn the_smallest_function_with_most_of_the_growth_is_named_first() {
        let mut baseline = Baseline::default();
        baseline.record(
            "row",
            &measured(&[("main", 1000), ("run", 900), ("find", 50), ("print", 60)]),
        );
        let check = |now: &[(&str, u64)], want: &[&str]| {
            let lines = baseline.growth("row", &measured(now));
            let names: Vec<_> = lines
                .iter()
                .map(|line| line.rsplit(' ').next().unwrap_or_default())
                .collect();
            assert_eq!(names, want, "{lines:?}");
        };
        check(
            &[("main", 1300), ("run", 1200), ("find", 340), ("print", 70)],
            &["find", "run", "main", "print"],
        );
        check(
            &[("main", 1300), ("run", 1200), ("sort", 330), ("find", 50)],
            &["sort", "run", "main"],
        );
        check(&[("main", 900)], &[]);
    }

    #[test]
    fn what_is_written_is_read() {
        let mut baseline = Baseline::default();
        baseline.record("a", &measured(&[("main", 1000), ("small", 9)]));
        assert_eq!(Baseline::parse(&baseline.text()).as_ref(), Some(&baseline));
        assert_eq!(baseline.instructions("a"), Some(1000));
        assert_eq!(baseline.rows["a"].functions.len(), 1);
        assert_eq!(baseline.instructions("b"), None);
        assert_eq!(Baseline::parse("{\"a\":{}}"), None);
    }
}
