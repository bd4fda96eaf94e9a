//! Many processes that want the same token in the same instant.

use std::collections::HashSet;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStderr, Command};
use std::time::Duration;

use entra_emulator::RecordedRequest;
use entratool::vault::token_store::TokenFile;

use crate::stage::Stage;

#[test]
fn sixty_four_cold_processes_make_one_token_request() {
    let stage = Stage::new();
    let tokens = at_once(&stage, 64, "demo", "get-token -p demo --timeout 5m", |_| {});
    assert_eq!(distinct(&tokens), 1);
    let requests = stage.requests();
    assert_eq!(requests.len(), 1, "{requests:?}");
    assert_eq!(requests[0].field("grant_type"), Some("client_credentials"));
}

#[test]
fn sixteen_signed_out_processes_open_one_browser() {
    let stage = Stage::new();
    let browser = stage.browser();
    let tokens = at_once(
        &stage,
        16,
        "browser",
        "get-token -p browser --timeout 5m",
        |command| {
            command.env("BROWSER", &browser);
        },
    );
    assert_eq!(distinct(&tokens), 1);
    let opened = fs::read_to_string(stage.browsed()).unwrap();
    assert_eq!(opened.lines().count(), 1, "{opened}");
    assert_eq!(token_requests(&stage, "authorization_code").len(), 1);
}

#[test]
fn sixteen_signed_out_processes_show_one_device_code() {
    let stage = Stage::new();
    let tokens = at_once(&stage, 16, "user", "get-token -p user --timeout 5m", |_| {});
    assert_eq!(distinct(&tokens), 1);
    let codes = stage.requests();
    let asked = codes
        .iter()
        .filter(|request| request.path.ends_with("/devicecode"));
    assert_eq!(asked.count(), 1);
}

#[test]
fn thirty_two_refreshes_at_once_lose_no_refresh_token() {
    let stage = signed_in_for_a_minute();
    for line in [
        "refresh -p user --timeout 5m",
        "get-token -p user --timeout 5m",
    ] {
        // The answers are about to expire as well, so that no process can use another one's.
        let tokens = at_once(&stage, 32, "user", line, |_| {});
        assert_eq!(distinct(&tokens), 32, "{line}");
        each_is_used_once(&token_requests(&stage, "refresh_token"), 32);
    }
    stage.ok("refresh -p user");
    each_is_used_once(&token_requests(&stage, "refresh_token"), 1);
}

#[test]
fn thirty_two_processes_with_an_expired_token_renew_it_once() {
    let stage = signed_in_for_a_minute();
    stage
        .control()
        .configure(|settings| settings.expires_in = None);
    let tokens = at_once(&stage, 32, "user", "get-token -p user --timeout 5m", |_| {});
    assert_eq!(distinct(&tokens), 1);
    each_is_used_once(&token_requests(&stage, "refresh_token"), 1);
    stage.ok("refresh -p user");
}

#[test]
fn waiting_for_a_process_that_is_killed_ends() {
    let stage = Stage::new();
    // No user approves: it holds the lock until it is killed.
    stage
        .control()
        .configure(|settings| settings.auto_approve = false);
    let mut first = stage.entratool("get-token -p user").spawn().unwrap();
    let mut said = BufReader::new(first.stderr.take().unwrap());
    read_until(&mut said, "Waiting for authentication");
    let waiting = waiting(&stage, 8, "get-token -p user --timeout 5m", |_| {});
    stage
        .control()
        .configure(|settings| settings.auto_approve = true);
    first.kill().unwrap();
    first.wait().unwrap();
    assert_eq!(distinct(&finished(waiting)), 1);
}

/// A user who signed in, with a token that is not returned again; refresh tokens work once.
fn signed_in_for_a_minute() -> Stage {
    let stage = Stage::new();
    stage.control().configure(|settings| {
        settings.single_use_refresh_tokens = true;
        settings.expires_in = Some(60);
    });
    stage.ok("get-token -p user");
    stage.control().clear_requests();
    stage
}

/// The tokens of `count` processes that all want it while it is locked: this test holds the
/// lock of the `profile` until each of them has looked, found nothing, and waits.
fn at_once(
    stage: &Stage,
    count: usize,
    profile: &str,
    line: &str,
    prepare: impl Fn(&mut Command),
) -> Vec<String> {
    let vault = stage.vault();
    let no_wait = |_| panic!("no other process should hold the lock");
    let lock = TokenFile::new(&vault, profile)
        .lock(Duration::from_secs(1), &no_wait)
        .unwrap();
    let waiting = waiting(stage, count, line, prepare);
    drop(lock);
    finished(waiting)
}

struct Waiting {
    child: Child,
    stderr: BufReader<ChildStderr>,
    said: String,
}

/// Processes that wait for another one that holds the lock.
fn waiting(
    stage: &Stage,
    count: usize,
    line: &str,
    prepare: impl Fn(&mut Command),
) -> Vec<Waiting> {
    let children: Vec<_> = (0..count)
        .map(|_| {
            let mut command = stage.entratool(line);
            prepare(&mut command);
            command.spawn().unwrap()
        })
        .collect();
    children
        .into_iter()
        .map(|mut child| {
            let mut stderr = BufReader::new(child.stderr.take().unwrap());
            let said = read_until(&mut stderr, "Waiting for another entratool");
            Waiting {
                child,
                stderr,
                said,
            }
        })
        .collect()
}

/// What they print in the end.
fn finished(waiting: Vec<Waiting>) -> Vec<String> {
    let token = |mut process: Waiting| {
        process.stderr.read_to_string(&mut process.said).unwrap();
        let output = process.child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", process.said);
        let token = String::from_utf8(output.stdout).unwrap();
        assert!(token.starts_with("eyJ"), "{token}");
        token
    };
    waiting.into_iter().map(token).collect()
}

fn read_until(stderr: &mut BufReader<ChildStderr>, wanted: &str) -> String {
    let mut said = String::new();
    while !said.contains(wanted) {
        assert!(stderr.read_line(&mut said).unwrap() > 0, "{said}");
    }
    said
}

fn distinct(tokens: &[String]) -> usize {
    tokens.iter().collect::<HashSet<_>>().len()
}

/// The token requests of this grant since the last look.
fn token_requests(stage: &Stage, grant: &str) -> Vec<RecordedRequest> {
    let mut requests = stage.requests();
    requests.retain(|request| request.field("grant_type") == Some(grant));
    requests
}

/// A refresh token that was used twice would have been refused, and one that was lost not used.
fn each_is_used_once(requests: &[RecordedRequest], count: usize) {
    let used: HashSet<_> = requests
        .iter()
        .map(|request| request.field("refresh_token").unwrap())
        .collect();
    assert_eq!((requests.len(), used.len()), (count, count));
}
