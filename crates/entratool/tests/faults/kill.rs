//! Commands that are killed at random points, and what the next one finds.
//!
//! `ENTRATOOL_TEST_ROUNDS=1000 cargo test -p entratool --test faults kill -- --nocapture`

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use entra::ports::{Entropy as _, SystemRandom};

use crate::remains::Remains;
use crate::stage::{BINARY, Stage, in_own_session, rounds, show};

#[test]
fn a_killed_command_loses_nothing_that_it_acknowledged() {
    let test = "kill::a_killed_command_loses_nothing_that_it_acknowledged";
    in_own_session(test, || {
        let started = Instant::now();
        let mut story = Story::begin();
        for round in 0..rounds(20) {
            story.round(round);
        }
        story.end(started.elapsed());
    });
}

/// A command that changes files, and how its rounds went.
#[derive(Clone, Debug)]
struct Change {
    line: &'static str,
    /// How long it takes when it is not killed.
    time: Duration,
    /// No more than so many system calls of [`CALLS`].
    calls: u32,
    rounds: usize,
    killed: usize,
    acknowledged: usize,
}

/// When a command is killed.
#[derive(Clone, Copy, Debug)]
enum Death {
    Never,
    /// Wherever it is by then.
    After(Duration),
    /// When it makes its n-th system call of [`CALLS`].
    AtCall(u32),
}

/// How a command ended.
struct End {
    killed: bool,
    /// It exited with 0, or had printed the token already.
    acknowledged: bool,
}

/// What is known of the files from one round to the next.
struct Story {
    stage: Stage,
    changes: Vec<Change>,
    /// Every refresh token that was found in the cache, the newest last.
    refresh_tokens: Vec<String>,
    /// The client secrets that may be there: the one found last, then those tried since.
    secrets: Vec<String>,
}

impl Story {
    /// Signs in, and runs each command once to its end.
    ///
    /// The emulator goes on to take a refresh token that was used, as Entra ID does: a client that
    /// is killed between the answer and the disk has only the old one.
    fn begin() -> Self {
        let stage = Stage::new();
        // Whatever is kept of the user is about to expire.
        stage
            .control()
            .configure(|settings| settings.expires_in = Some(60));
        stage.ok("get-token -p user");
        let changes = LINES.iter().map(|line| Change {
            line,
            time: Duration::ZERO,
            calls: 60,
            rounds: 0,
            killed: 0,
            acknowledged: 0,
        });
        let mut story = Self {
            changes: changes.collect(),
            stage,
            refresh_tokens: Vec::new(),
            secrets: Vec::new(),
        };
        for index in 0..story.changes.len() {
            let started = Instant::now();
            let end = story.run(index, "the first secret", Death::Never);
            assert!(end.acknowledged, "{}", story.changes[index].line);
            story.changes[index].time = started.elapsed();
            story.look(index, &end, "before the first round");
        }
        story
    }

    /// One command, one death, and what is left.
    fn round(&mut self, round: usize) {
        let index = random(self.changes.len().try_into().unwrap()) as usize;
        let change = &self.changes[index];
        let death = if round.is_multiple_of(2) {
            let most = u32::try_from(change.time.as_micros() * 3 / 2).unwrap();
            Death::After(Duration::from_micros(random(most).into()))
        } else {
            Death::AtCall(1 + random(change.calls))
        };
        let end = self.run(index, &format!("secret {round}"), death);
        let change = &mut self.changes[index];
        if let (Death::AtCall(call), false) = (death, end.killed) {
            // A few are alive at the end, so that something is acknowledged as well.
            change.calls = change.calls.min(call + 5);
        }
        change.rounds += 1;
        change.killed += usize::from(end.killed);
        change.acknowledged += usize::from(end.acknowledged);
        let story = format!("round {round}: `{}`, {death:?}", change.line);
        self.look(index, &end, &story);
    }

    /// Compares what is on the disk with what was there and what was acknowledged.
    fn look(&mut self, index: usize, end: &End, story: &str) {
        let line = self.changes[index].line;
        let remains = Remains::of(&self.stage, story);
        // A rotated refresh token is the newest one, and there is no way back to an older one.
        let found = remains.refresh_token("user");
        let newest = self.refresh_tokens.last() == Some(&found);
        if line.ends_with("-p user") && end.acknowledged {
            assert!(!newest, "{story}: the new refresh token was lost");
        }
        if !newest {
            let known = self.refresh_tokens.contains(&found);
            assert!(!known, "{story}: an older refresh token is back");
            self.refresh_tokens.push(found);
        }
        let found = remains.client_secret("web");
        if line.starts_with("config edit") && end.acknowledged {
            let newest = self.secrets.last();
            assert_eq!(newest, Some(&found), "{story}: the secret was lost");
        }
        if !self.secrets.is_empty() {
            assert!(self.secrets.contains(&found), "{story}: {found}");
        }
        self.secrets = vec![found];
        remains.next_run(story);
    }

    fn run(&mut self, index: usize, secret: &str, death: Death) -> End {
        let mut line = self.changes[index].line.to_owned();
        if line == "storage use" {
            let now = self.stage.backend();
            let next = if now == "key-file" {
                " passphrase"
            } else {
                " key-file"
            };
            line.push_str(next);
        }
        if line.starts_with("config edit") {
            self.secrets.push(secret.to_owned());
        }
        let mut command = match death {
            Death::AtCall(call) => self.traced(call),
            _ => self.stage.command(BINARY),
        };
        let errors = self.stage.path("errors.txt");
        let mut child = command
            .args(line.split(' '))
            .stdin(Stdio::piped())
            .stderr(File::create(&errors).unwrap())
            .spawn()
            .unwrap();
        // A command that was killed already reads nothing.
        let _ = child.stdin.take().unwrap().write_all(secret.as_bytes());
        let (sender, receiver) = channel();
        let mut stdout = child.stdout.take().unwrap();
        std::thread::spawn(move || {
            let mut text = String::new();
            stdout.read_to_string(&mut text).unwrap();
            sender.send(text).unwrap();
        });
        let early = match death {
            Death::After(moment) => receiver.recv_timeout(moment).ok(),
            _ => receiver.recv().ok(),
        };
        if early.is_none() {
            child.kill().unwrap();
        }
        let text = early.unwrap_or_else(|| receiver.recv().unwrap());
        let status = child.wait().unwrap();
        let killed = status.code().is_none();
        let said = std::fs::read_to_string(&errors).unwrap();
        assert!(killed || status.success(), "`{line}`: {status}\n{said}");
        std::fs::remove_file(&errors).unwrap();
        if status.success() && line.starts_with("storage use") {
            assert!(
                line.ends_with(&self.stage.backend()),
                "`{line}` moved nothing"
            );
        }
        End {
            killed,
            acknowledged: status.success() || (text.starts_with("eyJ") && text.ends_with('\n')),
        }
    }

    /// An entratool that strace kills.
    fn traced(&self, call: u32) -> Command {
        let mut command = self.stage.command("strace");
        command
            .args(["-f", "-qq", "-o", "/dev/null"])
            .arg(format!("--trace={CALLS}"))
            .arg(format!("--inject={CALLS}:signal=KILL:when={call}"))
            .arg(BINARY);
        command
    }

    /// Nothing is broken after all that: each command works, and the refresh token is taken.
    fn end(mut self, elapsed: Duration) {
        for index in 0..self.changes.len() {
            let end = self.run(index, "the last secret", Death::Never);
            self.look(index, &end, "after the last round");
        }
        let mut all = [0; 3];
        show("command                                    rounds  killed  acknowledged");
        for change in &self.changes {
            let counts = [change.rounds, change.killed, change.acknowledged];
            let [rounds, killed, acknowledged] = counts;
            let line = change.line;
            show(&format!(
                "{line:<42}{rounds:>7}{killed:>8}{acknowledged:>14}"
            ));
            for (sum, count) in all.iter_mut().zip(counts) {
                *sum += count;
            }
        }
        let [rounds, killed, acknowledged] = all;
        show(&format!(
            "{:<42}{rounds:>7}{killed:>8}{acknowledged:>14}",
            "all"
        ));
        let tokens = self.refresh_tokens.len();
        show(&format!(
            "{tokens} refresh tokens, none lost; {:.0} s",
            elapsed.as_secs_f32()
        ));
    }
}

/// A random number below `limit`.
fn random(limit: u32) -> u32 {
    let mut bytes = [0; 4];
    SystemRandom.fill(&mut bytes);
    u32::from_le_bytes(bytes) % limit.max(1)
}

/// `storage use` goes to wherever the key is not.
const LINES: [&str; 7] = [
    "get-token -p demo --force",
    "get-token -p demo --force -o token.txt",
    "get-token -p user",
    "refresh -p user",
    "config edit -p web --client-secret-stdin",
    "storage use",
    "storage rotate",
];

/// The system calls between which the disk changes.
const CALLS: &str = "write,fsync,renameat,unlinkat,mkdirat,fchmodat,fchmod,flock";
