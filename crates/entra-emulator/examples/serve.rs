//! Runs an emulator until standard input ends, for a client in another language.
//!
//! ```console
//! $ cargo run -p entra-emulator --example serve -- /tmp/emulator
//! {"authority":"https://localhost:40123","tenantId":…,"caBundle":"/tmp/emulator/ca.pem",…}
//! ```

use std::error::Error;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use entra_emulator::{Emulator, Options};

fn main() -> Result<(), Box<dyn Error>> {
    let directory = std::env::args_os()
        .nth(1)
        .map(PathBuf::from)
        .ok_or("give a directory for the certificates")?;
    let emulator = Emulator::start(Options {
        certificate_directory: Some(directory),
        faults: true,
        ..Options::default()
    })?;
    let ca_bundle = emulator
        .certificate_bundle()
        .ok_or("the certificates are in a directory")?;
    writeln!(io::stdout(), "{}", emulator.summary(ca_bundle))?;
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
