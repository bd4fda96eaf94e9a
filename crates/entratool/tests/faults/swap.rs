//! Keys that move while others read what is sealed under them.
//!
//! `ENTRATOOL_TEST_ROUNDS=100 cargo test -p entratool --test faults swap -- --nocapture`

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use crate::stage::{BINARY, Stage, in_own_session, printed, rounds, show};

#[test]
fn eight_readers_get_the_token_while_the_key_moves() {
    let test = "swap::eight_readers_get_the_token_while_the_key_moves";
    in_own_session(test, || {
        let started = Instant::now();
        let stage = Stage::new();
        let token = stage.ok(LINE);
        stage.control().clear_requests();
        let done = AtomicBool::new(false);
        let reads = [AtomicUsize::new(0), AtomicUsize::new(0)];
        let moves = rounds(4);
        std::thread::scope(|scope| {
            for reader in 0..8 {
                let (stage, done, reads, token) = (&stage, &done, &reads[reader % 2], &token);
                scope.spawn(move || {
                    while !done.load(Ordering::SeqCst) {
                        let mut command = match reader % 2 {
                            0 => stage.command(BINARY),
                            // In a session of its own the kernel does not remember the key.
                            _ => {
                                let mut command = stage.command("keyctl");
                                command.args(["session", "-", BINARY]);
                                command
                            }
                        };
                        let output = command.args(LINE.split(' ')).output().unwrap();
                        assert_eq!(printed(&output, LINE), *token);
                        reads.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
            let _done = Done(&done);
            for turn in 0..moves {
                stage.ok(["storage use passphrase", "storage use key-file"][turn % 2]);
            }
        });
        assert_eq!(stage.requests(), []);
        let [quick, slow] = reads.map(AtomicUsize::into_inner);
        assert!(quick > 0 && slow > 0, "{quick} {slow}");
        let time = started.elapsed().as_secs_f32();
        show(&format!(
            "{moves} moves; {quick} reads by 4 readers that get the key from the kernel, {slow} by 4 who ask for it; {time:.0} s"
        ));
    });
}

/// Stops the readers, also when the test fails.
struct Done<'a>(&'a AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

const LINE: &str = "get-token -p demo --silent";
