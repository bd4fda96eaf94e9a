//! Every flow meets every fault of the network: the matrix is printed with `--nocapture`.
#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]
#![expect(
    clippy::print_stdout,
    reason = "the matrix is the output of this program"
)]

mod fault;
mod flow;
mod matrix;
#[expect(
    dead_code,
    unused_imports,
    reason = "shared with the tests of whole command lines"
)]
#[path = "../cli"]
mod shared {
    pub(crate) mod support;
}

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::fault::{FAULTS, Fault};
use crate::flow::{FLOWS, Flow};
use crate::matrix::Cell;
use crate::shared::support;

#[test]
fn every_flow_meets_every_fault() {
    let flows = Arc::new(Mutex::new(FLOWS.iter()));
    let (sender, cells) = channel();
    for _ in 0..AT_A_TIME {
        let (flows, sender) = (Arc::clone(&flows), sender.clone());
        std::thread::spawn(move || {
            loop {
                let next = flows.lock().unwrap().next();
                let Some(flow) = next else { return };
                matrix::run(flow, &mut |fault, cell| {
                    // The receiver is gone once the test has failed.
                    let _ = sender.send((flow.name, fault.name, cell));
                });
            }
        });
    }
    drop(sender);
    let mut results = BTreeMap::new();
    loop {
        match cells.recv_timeout(CELL_TIMEOUT) {
            Ok((flow, fault, cell)) => drop(results.insert((fault, flow), cell)),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => panic!("a flow hangs\n{}", table(&results)),
        }
    }
    println!("{}", table(&results));
    let count = results.len();
    assert_eq!(count, FAULTS.len() * FLOWS.len(), "a row ended early");
    let problems: Vec<_> = results
        .iter()
        .flat_map(|((fault, flow), cell)| {
            let problems = cell.problems.iter();
            problems.map(move |problem| format!("{flow}, {fault}: {problem}"))
        })
        .collect();
    println!("{count} cells, {} problems", problems.len());
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

/// A line for each fault, a column for each flow: the exit status while the fault lasts, and after
/// it happened once.
fn table(results: &BTreeMap<(&str, &str), Cell>) -> String {
    let width = FAULTS.iter().map(|fault| fault.name.len()).max();
    let width = width.unwrap_or_default();
    let line = |name: &str, columns: &mut dyn Iterator<Item = String>| {
        let mut line = format!("{name:width$}");
        for column in columns {
            // Writing into a text does not fail.
            let _ = write!(line, " {column:>8}");
        }
        line + "\n"
    };
    let names = |flow: &Flow| flow.name.to_owned();
    let mut text = line("", &mut FLOWS.iter().map(names));
    for Fault { name, .. } in FAULTS {
        let cell = |flow: &Flow| match results.get(&(*name, flow.name)) {
            Some(cell) => cell.exits.clone(),
            None => "?".to_owned(),
        };
        text += &line(name, &mut FLOWS.iter().map(cell));
    }
    text
}

/// Most of the time is spent waiting for what does not come.
const AT_A_TIME: usize = 6;
/// For one cell, on a machine that is busy with other things; each ends within ten seconds.
const CELL_TIMEOUT: Duration = Duration::from_secs(120);
