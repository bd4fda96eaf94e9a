//! One flow meets every fault: what it exits with, and everything that must hold besides.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use entra_emulator::{Endpoint, RecordedRequest};

use crate::fault::{FAULTS, Fault, Meaning};
use crate::flow::{Flow, Kind};
use crate::support::{Run, Sandbox};

/// How one flow met one fault.
pub(crate) struct Cell {
    /// The exit status while it lasts, and after it happened once.
    pub(crate) exits: String,
    pub(crate) problems: Vec<String>,
}

/// Lets `flow` meet each fault twice, lasting and single, and passes each result to `report`.
pub(crate) fn run(flow: &Flow, report: &mut dyn FnMut(&'static Fault, Cell)) {
    let sandbox = (flow.machine)();
    for fault in FAULTS {
        let mut problems = Vec::new();
        let exits = if flow.can_meet(fault) {
            let lasting = meet(flow, fault, &sandbox, LASTING, &mut problems);
            let single = meet(flow, fault, &sandbox, 1, &mut problems);
            let shown =
                |exit: Option<u8>| exit.map_or_else(|| "panic".to_owned(), |exit| exit.to_string());
            let mark = if problems.is_empty() { "" } else { "!" };
            format!("{mark}{}/{}", shown(lasting), shown(single))
        } else {
            "–".to_owned()
        };
        report(fault, Cell { exits, problems });
    }
}

/// The exit status; `None` after a panic.
fn meet(
    flow: &Flow,
    fault: &Fault,
    sandbox: &Sandbox,
    times: u32,
    problems: &mut Vec<String>,
) -> Option<u8> {
    (flow.prepare)(sandbox);
    let before = kept(sandbox);
    sandbox.requests();
    sandbox.clock.slept();
    flow.script(sandbox, &(fault.effect)(), times);
    let timeout = match (fault.meaning, flow.kind) {
        // It bounds the pauses between polls too, which pass at once, unlike the polls themselves.
        (Meaning::Late, Kind::Polling) => " --timeout 8s",
        (Meaning::Late, _) => " --timeout 200ms",
        _ => "",
    };
    let line = format!("{}{timeout} -vv", flow.line);
    let kind = if times == 1 { "single" } else { "lasting" };
    let mut problem = |text: String| problems.push(format!("{kind}: {text}"));
    let (run, took) = timed(|| catch_unwind(AssertUnwindSafe(|| sandbox.run(&line))).ok());
    sandbox.control().clear_faults();
    sandbox.clock.at_each_sleep(|_| {});
    sandbox.user_browses(|tab, url| drop(tab.sign_in(url)));
    let Some(run) = run else {
        problem("it panicked".to_owned());
        return None;
    };
    if took > LONGEST {
        problem(format!("it took {took:?}"));
    }
    let (lasting, single) = flow.exits(fault);
    let want = if times == 1 { single } else { lasting };
    if run.exit != want {
        problem(format!(
            "exit {} instead of {want}\n{}{}",
            run.exit, run.stderr, run.log
        ));
    }
    let requests = sandbox.requests();
    for found in look(flow, fault, &requests, &run, times) {
        problem(found);
    }
    if flow.kind == Kind::Kept && kept(sandbox) != before {
        problem("the cached token changed".to_owned());
    }
    // Nothing is lost: without the fault the same line succeeds, with what was kept before.
    let again = sandbox.run(flow.line);
    if again.exit != 0 {
        problem(format!("afterwards exit {}\n{}", again.exit, again.stderr));
    }
    sandbox.requests();
    Some(run.exit)
}

/// Everything that must hold whatever the exit status.
fn look(
    flow: &Flow,
    fault: &Fault,
    requests: &[RecordedRequest],
    run: &Run,
    times: u32,
) -> Vec<String> {
    let mut found = Vec::new();
    let at_the_endpoint = requests.iter().filter(|request| met(flow, request)).count();
    let most = flow.most_requests(fault.meaning);
    if times == LASTING && at_the_endpoint > most {
        found.push(format!(
            "{at_the_endpoint} requests, at most {most} are allowed"
        ));
    }
    let codes: Vec<_> = requests
        .iter()
        .filter_map(|request| request.field("code"))
        .collect();
    let distinct: BTreeSet<_> = codes.iter().collect();
    if distinct.len() < codes.len() {
        found.push("a code was sent twice".to_owned());
    }
    if run.exit != 0 && !run.stdout.is_empty() {
        found.push(format!("standard output: {}", run.stdout));
    }
    if run.exit == 0 && flow.endpoint != Endpoint::Keys && !run.stdout.starts_with("eyJ") {
        found.push(format!("no token: {}", run.stdout));
    }
    if run.exit != 0 && !run.stderr.contains("error: ") {
        found.push(format!("no error is printed: {}", run.stderr));
    }
    let token = run.stdout.split_whitespace();
    let token = token.filter(|word| word.starts_with("eyJ"));
    let secrets = requests.iter().flat_map(secrets).chain(token);
    let secrets = secrets.chain([CANARY]);
    for secret in secrets {
        for (stream, text) in [("standard error", &run.stderr), ("the log", &run.log)] {
            if text.contains(secret) {
                found.push(format!("`{secret}` is on {stream}:\n{text}"));
            }
        }
    }
    if flow.kind != Kind::Kept && run.log.is_empty() {
        found.push("nothing was logged".to_owned());
    }
    found
}

/// What only the authority may see of a request.
fn secrets(request: &RecordedRequest) -> Vec<&str> {
    let fields = SECRET_FIELDS.iter().map(|name| request.field(name));
    // A header may begin with the name of its scheme.
    let last_word = |text: &'static str| request.header(text)?.split(' ').next_back();
    let headers = SECRET_HEADERS.iter().map(|name| last_word(name));
    fields.chain(headers).flatten().collect()
}

/// Whether a request is one that the fault was for.
fn met(flow: &Flow, request: &RecordedRequest) -> bool {
    match flow.endpoint {
        Endpoint::Token | Endpoint::ManagedIdentity => request.path.ends_with("/token"),
        Endpoint::DeviceCode => request.path.ends_with("/devicecode"),
        Endpoint::Federation => request.path.starts_with("/federated/"),
        Endpoint::Keys => request.path.ends_with("/keys"),
        _ => true,
    }
}

fn kept(sandbox: &Sandbox) -> Option<Vec<u8>> {
    std::fs::read(sandbox.path(".msal/cache/token.demo-device.sealed")).ok()
}

#[expect(clippy::disallowed_methods, reason = "a hang is one by the real clock")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed())
}

const LASTING: u32 = 10_000;
/// In the tokens of answers that are no good.
const CANARY: &str = "C4n4ry";
/// No wait may take longer, however busy the host.
const LONGEST: Duration = Duration::from_secs(60);
const SECRET_HEADERS: [&str; 2] = ["authorization", "x-identity-header"];
const SECRET_FIELDS: [&str; 7] = [
    "client_secret",
    "client_assertion",
    "refresh_token",
    "code",
    "code_verifier",
    "device_code",
    "password",
];
