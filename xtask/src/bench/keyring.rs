//! What a cached token costs when its key is in a keyring and the kernel remembers it.

use std::fs;

use super::budget::{CACHED, Ceiling, Folder, Row};
use super::callgrind;
use super::growth::Measured;
use super::stage::Stage;
use crate::process::quietly;

/// A run in a login session whose kernel has the key.
pub(super) enum Warm {
    /// What it took.
    Measured(Measured),
    /// The kernel keeps no keys here, as in many containers.
    Refused,
}

/// Starts a login session with GNOME Keyring, signs in, and counts a look-up.
pub(super) fn measure(stage: &Stage) -> Result<Warm, String> {
    let text = |error: std::io::Error| error.to_string();
    let (home, runtime) = (stage.path("keyring"), stage.path("keyring/run"));
    fs::create_dir_all(&runtime).map_err(text)?;
    let secret = ["--flow", "cc", "--client-secret-stdin", "--silent"];
    let mut session = stage.command("keyctl");
    session
        .args(["session", "-", "dbus-run-session", "--"])
        .args(["bash", "-c", SESSION, "bash"])
        .args(stage.create_options("demo", stage.said("clientId"), &secret))
        .env("HOME", &home)
        .env("XDG_RUNTIME_DIR", &runtime)
        .env("SECRET", stage.said("clientSecret"))
        .env("ENTRATOOL", &stage.binary)
        .env("COUNTS", stage.counts_option());
    if quietly(&mut session, "")?.contains("refused") {
        return Ok(Warm::Refused);
    }
    let said = fs::read_to_string(home.join("valgrind.txt")).map_err(text)?;
    callgrind::of_report(&said, stage).map(Warm::Measured)
}

pub(super) const ROW: Row = Row {
    name: "get-token, key in the Secret Service",
    line: CACHED,
    folder: Folder::Few,
    ceiling: Ceiling::Instructions(1_100_000),
};

/// The daemon ends with the script, whatever the script met.
const SESSION: &str = r#"
set -e
printf testpass | gnome-keyring-daemon --foreground --unlock --components=secrets >/dev/null 2>&1 &
daemon=$!
trap 'kill -KILL $daemon' EXIT
owned() {
    dbus-send --session --print-reply=literal --dest=org.freedesktop.DBus /org/freedesktop/DBus \
        org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets | grep -q true
}
for _ in $(seq 200); do owned && break; sleep 0.05; done
printf '%s\n' "$SECRET" | "$ENTRATOOL" "$@"
grep -q secret-service "$HOME/.entratool/storage.json"
for _ in 1 2; do "$ENTRATOOL" get-token -p demo --silent >/dev/null; done
if keyctl list @s | grep -q entratool:key:; then
    valgrind --tool=callgrind "$COUNTS" "$ENTRATOOL" get-token -p demo --silent \
        >/dev/null 2>"$HOME/valgrind.txt"
else
    echo refused
fi
"#;
