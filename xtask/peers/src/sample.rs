//! What a program takes from its start to its end, measured in turn with those it is compared with.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::prepare::prepare;
use xtask::bench::rounds::{median, once};
use xtask::bench::stage::Stage;

/// A row of a table: who, and what it does.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) job: Job,
}

/// What is measured, or why nothing is.
pub(crate) enum Job {
    /// A program.
    Run(Box<Run>),
    /// The program cannot do this, by design.
    Absent(&'static str),
    /// It should, and does not.
    Failed(String),
}

/// A program that is run many times.
pub(crate) struct Run {
    pub(crate) command: Command,
    /// Removed before each run, so that nothing is remembered.
    pub(crate) forget: Option<PathBuf>,
    /// What its output must contain, or the figures mean nothing.
    pub(crate) shows: &'static str,
}

/// What came of a row.
pub(crate) enum Outcome {
    /// Its figures.
    Figures(Figures),
    /// As [`Job::Absent`].
    Absent(&'static str),
    /// Why there are none, though there should be.
    Failed(String),
}

/// Medians of one program.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    /// From start to end.
    pub(crate) wall: Duration,
    /// Of the processor, by the program and by the kernel on its behalf.
    pub(crate) processor: Duration,
    /// KiB that were resident at most.
    pub(crate) memory: u64,
}

/// A table in the making.
pub(crate) type Outcomes = Vec<(&'static str, Outcome)>;

impl Job {
    /// `command`, which prints a token.
    pub(crate) fn token(command: Command) -> Self {
        Self::showing("eyJ", command)
    }

    /// `command`, whose output contains `shows`.
    pub(crate) fn showing(shows: &'static str, command: Command) -> Self {
        Self::Run(Box::new(Run {
            command,
            forget: None,
            shows,
        }))
    }
}

/// The figures of a row, if it has any.
pub(crate) fn of(outcomes: &Outcomes, name: &str) -> Option<Figures> {
    outcomes.iter().find_map(|(row, outcome)| match outcome {
        Outcome::Figures(figures) if *row == name => Some(*figures),
        _ => None,
    })
}

/// Runs everything once to see that it works, then `rounds` times in turn.
pub(crate) fn measure(stage: &Stage, entries: Vec<Entry>, rounds: usize) -> Outcomes {
    let mut rows: Vec<_> = entries
        .into_iter()
        .map(|entry| (entry.name, Row::try_out(stage, entry.job)))
        .collect();
    for _ in 0..rounds {
        for (_, row) in &mut rows {
            row.sample();
        }
    }
    rows.into_iter()
        .map(|(name, row)| (name, row.outcome(stage)))
        .collect()
}

enum Row {
    Running(Box<Samples>),
    Ended(Outcome),
}

struct Samples {
    run: Run,
    /// A quick program is run more often in each round, for its median to mean something.
    each: usize,
    wall: Vec<Duration>,
    processor: Vec<Duration>,
}

impl Row {
    fn try_out(stage: &Stage, job: Job) -> Self {
        let run = match job {
            Job::Absent(why) => return Self::Ended(Outcome::Absent(why)),
            Job::Failed(why) => return Self::Ended(Outcome::Failed(why)),
            Job::Run(run) => *run,
        };
        match Samples::begin(stage, run) {
            Ok(samples) => Self::Running(Box::new(samples)),
            Err(why) => Self::Ended(Outcome::Failed(why)),
        }
    }

    fn sample(&mut self) {
        if let Self::Running(samples) = self
            && let Err(why) = samples.add()
        {
            *self = Self::Ended(Outcome::Failed(why));
        }
    }

    fn outcome(self, stage: &Stage) -> Outcome {
        match self {
            Self::Ended(outcome) => outcome,
            Self::Running(samples) => samples
                .end(stage)
                .map_or_else(Outcome::Failed, Outcome::Figures),
        }
    }
}

impl Samples {
    fn begin(stage: &Stage, mut run: Run) -> Result<Self, String> {
        // The first run fills the caches of the machine.
        for _ in 0..2 {
            run.forget()?;
            let ended = run
                .command
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .output();
            let ended = ended.map_err(|error| error.to_string())?;
            let said = String::from_utf8_lossy(&ended.stdout);
            if !ended.status.success() || !said.contains(run.shows) {
                let error = String::from_utf8_lossy(&ended.stderr);
                let last = error.lines().rfind(|line| !line.trim().is_empty());
                return Err(format!("{}: {}", ended.status, last.unwrap_or("no output")));
            }
        }
        run.forget()?;
        let (wall, _) = once(&mut run.command)?;
        run.memory(stage)?;
        Ok(Self {
            each: if wall < QUICK { QUICK_RUNS } else { 1 },
            run,
            wall: Vec::new(),
            processor: Vec::new(),
        })
    }

    fn add(&mut self) -> Result<(), String> {
        for _ in 0..self.each {
            self.run.forget()?;
            let (wall, processor) = once(&mut self.run.command)?;
            self.wall.push(wall);
            self.processor.push(processor);
        }
        Ok(())
    }

    fn end(self, stage: &Stage) -> Result<Figures, String> {
        let sizes: Result<Vec<u64>, String> =
            (0..MEMORY_RUNS).map(|_| self.run.memory(stage)).collect();
        let mut sizes = sizes?;
        sizes.sort_unstable();
        Ok(Figures {
            wall: median(self.wall),
            processor: median(self.processor),
            memory: sizes[MEMORY_RUNS / 2],
        })
    }
}

impl Run {
    fn forget(&self) -> Result<(), String> {
        let Some(file) = &self.forget else {
            return Ok(());
        };
        match fs::remove_file(file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(format!("{}: {error}", file.display()))
            }
            _ => Ok(()),
        }
    }

    /// The largest resident size of a run of its own, in KiB, as the kernel reports it to its parent.
    fn memory(&self, stage: &Stage) -> Result<u64, String> {
        self.forget()?;
        let report = stage.path("time.txt");
        let mut time = stage.command("/usr/bin/time");
        time.args(["--format=%M", "--output"])
            .arg(&report)
            .arg(self.command.get_program())
            .args(self.command.get_args());
        for (name, value) in self.command.get_envs() {
            if let Some(value) = value {
                time.env(name, value);
            }
        }
        prepare(&mut time)?;
        let size = fs::read_to_string(&report).map_err(|error| error.to_string())?;
        let size = size.trim();
        size.parse().map_err(|_| format!("`time` said `{size}`"))
    }
}

const QUICK: Duration = Duration::from_millis(25);
const QUICK_RUNS: usize = 5;
const MEMORY_RUNS: usize = 3;
