//! Running several commands in turn, so that whatever else the machine does meets them all.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeVal;

/// The medians of a command's runs.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// From its start to its end.
    pub wall: Duration,
    /// Of the processor, for the command and the kernel on its behalf.
    pub processor: Duration,
}

/// Runs all commands so many times, one after the other in each round.
///
/// # Errors
///
/// If one cannot be started or fails.
pub fn interleaved(commands: &mut [Command], rounds: usize) -> Result<Vec<Times>, String> {
    let mut wall = vec![Vec::with_capacity(rounds); commands.len()];
    let mut processor = wall.clone();
    for round in 0..=rounds {
        for (index, command) in commands.iter_mut().enumerate() {
            let (spent, used) = once(command)?;
            // The first round fills the caches.
            if round > 0 {
                wall[index].push(spent);
                processor[index].push(used);
            }
        }
    }
    let times = wall.into_iter().zip(processor);
    Ok(times
        .map(|(wall, processor)| Times {
            wall: median(wall),
            processor: median(processor),
        })
        .collect())
}

/// The one in the middle.
pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// One run: its wall time and what it took of the processor.
pub fn once(command: &mut Command) -> Result<(Duration, Duration), String> {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let name = |command: &Command| command.get_program().to_string_lossy().into_owned();
    let before = processor_time()?;
    let start = Instant::now();
    let status = command
        .status()
        .map_err(|error| format!("cannot start `{}`: {error}", name(command)))?;
    let wall = start.elapsed();
    if !status.success() {
        return Err(format!("`{}` ended with {status}", name(command)));
    }
    Ok((wall, processor_time()?.saturating_sub(before)))
}

/// What all processes took that were started here and have ended.
fn processor_time() -> Result<Duration, String> {
    let usage: Usage = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(|error| error.to_string())?;
    let microseconds = |time: TimeVal| {
        let seconds = u64::try_from(time.tv_sec()).unwrap_or_default();
        let rest = u64::try_from(time.tv_usec()).unwrap_or_default();
        Duration::from_secs(seconds) + Duration::from_micros(rest)
    };
    Ok(microseconds(usage.user_time()) + microseconds(usage.system_time()))
}
