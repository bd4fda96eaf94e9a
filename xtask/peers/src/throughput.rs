//! How many tokens a second the emulator issues, beside the signatures that the machine can make.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::load::Load;
use crate::prepare::prepare;
use xtask::bench::stage::Stage;

/// What the emulator does under load.
pub(crate) struct Throughput {
    /// Tokens a second, with the clients on the same processors.
    pub(crate) tokens: f64,
    /// RSA-2048 signatures a second, by as many processes of `openssl speed` as the emulator has
    /// threads.
    pub(crate) signatures: f64,
    /// The same without AVX-512 IFMA, whose multiplications ring, which signs for the emulator,
    /// does not use.
    pub(crate) plain_signatures: f64,
    /// The median of the rounds' quotients of tokens and signatures.
    pub(crate) ratio: f64,
    /// As `ratio`, of plain signatures.
    pub(crate) plain_ratio: f64,
    /// Processor time of the emulator for one token.
    pub(crate) processor: Duration,
    /// KiB before the first request.
    pub(crate) idle: u64,
    /// KiB when it remembers as many requests as it ever will.
    pub(crate) begin: u64,
    /// KiB at the end.
    pub(crate) end: u64,
    /// Of load between the two.
    pub(crate) seconds: u64,
}

struct Round {
    signatures: f64,
    tokens: f64,
    plain_signatures: f64,
}

/// Signatures and tokens in turn, then tokens alone until `seconds` of load are over.
///
/// # Errors
///
/// If openssl says something else than expected, or the emulator does not answer with tokens.
pub(crate) fn measure(stage: &Stage, seconds: u64) -> Result<Throughput, String> {
    let load = Load::new(
        stage.said("authority"),
        stage.said("tenantId"),
        Path::new(stage.said("caBundle")),
        &form(stage),
    )?;
    let idle = resident(stage)?;
    let mut remembered = 0.0;
    while remembered < REMEMBERED {
        remembered += load.rate(CONNECTIONS, Duration::from_secs(1))?;
    }
    let begin = resident(stage)?;
    let mut rounds = Vec::new();
    let used = processor_time(stage)?;
    for _ in 0..ROUNDS {
        rounds.push(Round {
            signatures: openssl(stage, "")?,
            tokens: load.rate(CONNECTIONS, Duration::from_secs(ROUND))?,
            plain_signatures: openssl(stage, WITHOUT_IFMA)?,
        });
    }
    let used = processor_time(stage)?.saturating_sub(used);
    #[expect(clippy::cast_precision_loss, reason = "a few seconds")]
    let issued = rounds.iter().map(|round| round.tokens).sum::<f64>() * ROUND as f64;
    let mut loaded = ROUND * ROUNDS;
    if seconds > loaded {
        load.rate(CONNECTIONS, Duration::from_secs(seconds - loaded))?;
        loaded = seconds;
    }
    let median = |of: fn(&Round) -> f64| middle(rounds.iter().map(of).collect());
    Ok(Throughput {
        tokens: median(|round| round.tokens),
        signatures: median(|round| round.signatures),
        plain_signatures: median(|round| round.plain_signatures),
        ratio: median(|round| round.tokens / round.signatures),
        plain_ratio: median(|round| round.tokens / round.plain_signatures),
        processor: used.div_f64(issued),
        idle,
        begin,
        end: resident(stage)?,
        seconds: loaded,
    })
}

fn form(stage: &Stage) -> String {
    let encoded = |text: &str| {
        let byte = |byte: u8| match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        };
        text.bytes().map(byte).collect::<String>()
    };
    format!(
        "grant_type=client_credentials&client_id={}&client_secret={}&scope={}",
        stage.said("clientId"),
        encoded(stage.said("clientSecret")),
        encoded("https://graph.microsoft.com/.default")
    )
}

/// `capabilities` are taken from what OpenSSL finds the processor able to, OPENSSL_ia32cap(3).
fn openssl(stage: &Stage, capabilities: &str) -> Result<f64, String> {
    let mut speed = stage.command("openssl");
    if !capabilities.is_empty() {
        speed.env("OPENSSL_ia32cap", capabilities);
    }
    speed.args(["speed", "-elapsed", "-seconds", &ROUND.to_string()]);
    speed.args(["-multi", &THREADS.to_string(), "rsa2048"]);
    let report = prepare(&mut speed)?;
    signatures(&report).ok_or_else(|| format!("`openssl speed` said:\n{report}"))
}

/// Signatures a second: the first of the rates, which follow as many times in seconds.
fn signatures(report: &str) -> Option<f64> {
    let line = report.lines().find(|line| line.starts_with("rsa"))?;
    let (_, figures) = line.split_once(" bits ")?;
    let mut figures = figures.split_whitespace();
    figures.find(|figure| !figure.ends_with('s'))?.parse().ok()
}

/// KiB of the emulator that are in memory.
fn resident(stage: &Stage) -> Result<u64, String> {
    let path = format!("/proc/{}/status", stage.emulator());
    let status = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let size = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let size = size.and_then(|size| size.trim().parse().ok());
    size.ok_or_else(|| format!("{path} does not say how large"))
}

/// What the emulator took of the processor so far; proc_pid_stat(5), fields 14 and 15.
fn processor_time(stage: &Stage) -> Result<Duration, String> {
    let path = format!("/proc/{}/stat", stage.emulator());
    let stat = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields);
    let ticks = fields.split(' ').skip(11).take(2);
    let ticks: u64 = ticks.filter_map(|field| field.parse::<u64>().ok()).sum();
    // A tick is a hundredth of a second on every Linux that user space sees.
    Ok(Duration::from_millis(ticks * 10))
}

fn middle(mut figures: Vec<f64>) -> f64 {
    figures.sort_unstable_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}

/// As the emulator has.
pub(crate) const THREADS: usize = 2;
pub(crate) const CONNECTIONS: usize = 8;
/// Bit 21 of the second word; other processors than Intel's and AMD's do not look at it.
const WITHOUT_IFMA: &str = ":~0x200000";
/// The emulator shows a test its last 4096 requests; twice as many, for the allocator to settle.
const REMEMBERED: f64 = 8192.0;
const ROUNDS: u64 = 3;
/// Seconds.
const ROUND: u64 = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_a_second_are_read() {
        let check = |report: &str, want: Option<f64>| {
            assert_eq!(signatures(report), want, "{report}");
        };
        check(
            "                  sign    verify    sign/s verify/s\n\
             rsa 2048 bits 0.000699s 0.000048s   1431.0  20933.0\n",
            Some(1431.0),
        );
        check(
            "rsa  2048 bits 0.000575s 0.000034s 0.000035s 0.000575s   1738.1  29106.0 1.0 2.0\n",
            Some(1738.1),
        );
        check("Forked child 0\n", None);
    }
}
