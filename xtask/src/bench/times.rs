//! Wall and processor time beside `/bin/true`, `curl` and a bare RSA signature, all in one run.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use ring::rand::SystemRandom;
use ring::signature::{RSA_PSS_SHA256, RsaKeyPair};

use super::budget::Folder;
use super::rounds::{Times, interleaved, median};
use super::stage::Stage;
use crate::process::succeed;

/// Prints the times, and gives what has to hold of them with whether it does.
pub fn measure(stage: &Stage) -> Result<Vec<(String, bool)>, String> {
    let tool = |folder, line: &str| {
        let mut command = stage.entratool(folder);
        command.args(line.split(' '));
        command
    };
    let quick = table(
        vec![
            ("/bin/true", stage.command("/bin/true")),
            ("--version", tool(Folder::Few, "--version")),
            ("get-token, kept", tool(Folder::Few, KEPT)),
            ("get-token, kept, 10,000 profiles", tool(Folder::Many, KEPT)),
            (
                "config list, 10,000 profiles",
                tool(Folder::Many, "config list"),
            ),
        ],
        100,
    )?;
    let cold = table(
        vec![
            ("curl, with the emulator's root", curl(stage, false)?),
            ("curl, with the system's roots too", curl(stage, true)?),
            ("get-token, new, by secret", tool(Folder::Few, SECRET)),
            ("get-token, new, by PEM", tool(Folder::Few, PEM)),
            ("get-token, new, by PFX", tool(Folder::Few, PFX)),
            ("refresh", tool(Folder::Few, "refresh -p me --silent")),
        ],
        40,
    )?;
    let signature = signature(stage)?;
    let rounds = password_rounds(stage)?;
    for (name, time) in [
        ("an RSA signature", signature),
        ("a PFX's password", rounds),
    ] {
        println!("{name:<44}{:>9.3} ms", milliseconds(time));
    }
    println!();

    let [true_, _, kept, _, list] = quick[..] else {
        return Err("a command is missing".to_owned());
    };
    let [curl, _, secret, pem, pfx, _] = cold[..] else {
        return Err("a command is missing".to_owned());
    };
    let ratio = |one: Duration, other: Duration| one.as_secs_f64() / other.as_secs_f64();
    let at_most = |what: &str, ratio: f64, most: f64| {
        (format!("{what} {ratio:.2}, at most {most}"), ratio <= most)
    };
    Ok(vec![
        at_most(
            "a cached token's wall time, by that of /bin/true:",
            ratio(kept.wall, true_.wall),
            2.0,
        ),
        at_most(
            "10,000 profiles are listed in milliseconds:",
            milliseconds(list.wall),
            100.0,
        ),
        at_most(
            "a new token's wall time, by curl's:",
            ratio(secret.wall, curl.wall),
            0.5,
        ),
        at_most(
            "a new token's processor time, by curl's:",
            ratio(secret.processor, curl.processor),
            0.5,
        ),
        at_most(
            "a new token's wall time by PEM, by that by secret and a signature:",
            ratio(pem.wall, secret.wall + signature),
            1.15,
        ),
        at_most(
            "the same by PFX, with the rounds that its password takes:",
            ratio(pfx.wall, secret.wall + signature + rounds),
            1.15,
        ),
    ])
}

fn table(rows: Vec<(&str, Command)>, rounds: usize) -> Result<Vec<Times>, String> {
    let (names, mut commands): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    let times = interleaved(&mut commands, rounds)?;
    let first = times.first().ok_or("nothing to measure")?;
    println!(
        "\n{:<44}{:>12}{:>8}{:>12}{:>8}",
        format!("median of {rounds}"),
        "wall",
        "÷",
        "processor",
        "÷"
    );
    for (name, time) in names.iter().zip(&times) {
        println!(
            "{name:<44}{:>9.3} ms{:>8.2}{:>9.3} ms{:>8.2}",
            milliseconds(time.wall),
            time.wall.as_secs_f64() / first.wall.as_secs_f64(),
            milliseconds(time.processor),
            time.processor.as_secs_f64() / first.processor.as_secs_f64(),
        );
    }
    Ok(times)
}

/// The request that `get-token` makes, made by curl. `--cacert` stands in the place of the system's
/// roots, which are what costs curl most; with `all` it has those too, as `get-token` does.
pub fn curl(stage: &Stage, all: bool) -> Result<Command, String> {
    let mut roots = stage.said("caBundle").to_owned();
    if all {
        let text = |error: std::io::Error| error.to_string();
        let system = fs::read_to_string(SYSTEM_ROOTS).map_err(text)?;
        let ours = fs::read_to_string(&roots).map_err(text)?;
        let both = stage.path("roots.pem");
        fs::write(&both, system + &ours).map_err(text)?;
        roots = both.display().to_string();
    }
    let client = format!("client_id={}", stage.said("clientId"));
    let secret = format!("client_secret={}", stage.said("clientSecret"));
    let (authority, tenant) = (stage.said("authority"), stage.said("tenantId"));
    let mut curl = stage.command("curl");
    curl.args(["--silent", "--show-error", "--fail", "--cacert", &roots])
        .args(["--data", "grant_type=client_credentials"])
        .args(["--data", &client, "--data-urlencode", &secret])
        .args([
            "--data-urlencode",
            "scope=https://graph.microsoft.com/.default",
        ])
        .arg(format!("{authority}/{tenant}/oauth2/v2.0/token"));
    Ok(curl)
}

/// One RSA-2048 PSS signature by the library that the command signs with.
fn signature(stage: &Stage) -> Result<Duration, String> {
    let file = stage.path("rsa.der");
    let mut generate = stage.command("openssl");
    generate.args(["genpkey", "-quiet", "-algorithm", "RSA", "-outform", "DER"]);
    succeed(
        generate
            .args(["-pkeyopt", "rsa_keygen_bits:2048", "-out"])
            .arg(&file),
    )?;
    let key = fs::read(&file).map_err(|error| error.to_string())?;
    // OpenSSL's versions differ in what they write.
    let key = RsaKeyPair::from_pkcs8(&key)
        .or_else(|_| RsaKeyPair::from_der(&key))
        .map_err(|error| error.to_string())?;
    let (random, mut signature) = (SystemRandom::new(), vec![0; key.public().modulus_len()]);
    let sign = |_| {
        let start = Instant::now();
        let signed = key.sign(&RSA_PSS_SHA256, &random, b"assertion", &mut signature);
        signed
            .map(|()| start.elapsed())
            .map_err(|_| "ring does not sign".to_owned())
    };
    let times: Vec<Duration> = (0..200).map(sign).collect::<Result<_, String>>()?;
    Ok(median(times))
}

/// The rounds of SHA-256 that our PFX makes of its password, as OpenSSL's own files do: 2048 of
/// PBKDF2 for the key, as many for the certificate, and as many of half the work for the check.
fn password_rounds(stage: &Stage) -> Result<Duration, String> {
    const ROUNDS: u32 = 2048 * 5 / 2;
    const TIMES: u32 = 200;
    let mut derive = stage.command("openssl");
    derive.args(["kdf", "-keylen", "32", "-kdfopt", "digest:SHA256"]);
    derive.args(["-kdfopt", "pass:bench", "-kdfopt", "salt:12345678"]);
    derive.args(["-kdfopt", &format!("iter:{}", ROUNDS * TIMES), "PBKDF2"]);
    // It is long enough for the machine to interrupt it, so that its wall time says little.
    let times = interleaved(&mut [derive], 3)?;
    Ok(times[0].processor / TIMES)
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

const KEPT: &str = "get-token -p demo --silent";
const SECRET: &str = "get-token -p demo --no-cache --silent";
const PEM: &str = "get-token -p pem --no-cache --silent";
const PFX: &str = "get-token -p cert --no-cache --silent";
const SYSTEM_ROOTS: &str = "/etc/ssl/certs/ca-certificates.crt";
