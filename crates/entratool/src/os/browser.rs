//! The user's browser: whether there is one, and how to open it.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::env::{self, Environment};

/// Why no browser can be opened here; `None` if one can.
#[must_use]
pub fn unreachable(environment: &Environment) -> Option<&'static str> {
    if environment.has(env::BROWSER) {
        return None;
    }
    if environment.has("SSH_CONNECTION") || environment.has("SSH_TTY") {
        return Some("this is an SSH session");
    }
    if environment.has("CODESPACES") || environment.has("REMOTE_CONTAINERS") {
        return Some("this is a remote container");
    }
    if cfg!(any(windows, target_os = "macos")) || is_wsl(environment) {
        return None;
    }
    if ["/.dockerenv", "/run/.containerenv"]
        .iter()
        .any(|mark| Path::new(mark).exists())
    {
        return Some("this is a container");
    }
    let has_display = environment.has("DISPLAY") || environment.has("WAYLAND_DISPLAY");
    (!has_display).then_some("there is no display")
}

/// Opens `url` with `$BROWSER`, else with the system's own way, and does not wait.
///
/// # Errors
///
/// If nothing could be started.
pub fn open(url: &str, environment: &Environment) -> io::Result<()> {
    let mut result = Err(io::ErrorKind::NotFound.into());
    for command in commands(environment, url) {
        result = start(command, environment);
        if result.is_ok() {
            break;
        }
    }
    result
}

/// The program that [`open()`] would start first, if it is there.
#[must_use]
pub fn program(environment: &Environment) -> Option<String> {
    let commands = commands(environment, "http://localhost");
    let folders = environment.path("PATH").unwrap_or_default();
    let programs = commands
        .iter()
        .map(|command| Path::new(command.get_program()));
    programs
        .filter(|program| is_there(program, &folders))
        .map(|program| program.display().to_string())
        .next()
}

/// What is tried in turn to open `url`.
fn commands(environment: &Environment, url: &str) -> Vec<Command> {
    match environment.text(env::BROWSER) {
        Some(browsers) => browsers
            .split(if cfg!(windows) { ';' } else { ':' })
            .filter_map(|browser| command(browser, url))
            .collect(),
        None => open::commands(url),
    }
}

/// Systems other than Unix find programs in more ways than by `PATH`.
fn is_there(program: &Path, folders: &Path) -> bool {
    let mut folders = std::env::split_paths(folders.as_os_str());
    !cfg!(unix) || folders.any(|folder| folder.join(program).is_file())
}

/// A command of `$BROWSER`: words, `%s` for the URL (else it comes last), perhaps a final `&`.
fn command(browser: &str, url: &str) -> Option<Command> {
    let mut words = browser.split_whitespace().filter(|word| *word != "&");
    let mut command = Command::new(words.next()?);
    let mut placed = false;
    for word in words {
        placed |= word.contains("%s");
        command.arg(word.replace("%s", url));
    }
    if !placed {
        command.arg(url);
    }
    Some(command)
}

/// The browser must neither write between our output nor end with our terminal.
fn start(mut command: Command, environment: &Environment) -> io::Result<()> {
    command
        .env_clear()
        .envs(environment.iter().filter(|(name, _)| is_passed_on(name)))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn()?;
    // Reaped when it ends, so that a long sign-in leaves no zombie.
    std::thread::spawn(move || child.wait());
    Ok(())
}

/// Whether a variable may be seen by a browser and the scripts that `$BROWSER` names: all but those
/// that hold our own secrets. Desktops, package managers and remote editors have too many of theirs
/// to know them all.
fn is_passed_on(name: &str) -> bool {
    // Windows ignores letter case.
    !SECRETS
        .iter()
        .any(|secret| secret.eq_ignore_ascii_case(name))
}

fn is_wsl(environment: &Environment) -> bool {
    environment.has("WSL_DISTRO_NAME") || environment.has("WSL_INTEROP")
}

/// Variables that hold secrets of this program.
const SECRETS: [&str; 11] = [
    env::PASSPHRASE,
    env::EXPORT_PASSPHRASE,
    "ENTRATOOL_CACHE_PASSWORD",
    env::AZURE_CLIENT_SECRET,
    env::AZURE_CLIENT_CERTIFICATE_PASSWORD,
    env::ACTIONS_ID_TOKEN_REQUEST_TOKEN,
    env::SYSTEM_ACCESSTOKEN,
    env::IDENTITY_HEADER,
    env::MSI_SECRET,
    "VAULT_TOKEN",
    "BAO_TOKEN",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        Environment::new(variables.iter().map(|(k, v)| ((*k).into(), (*v).into())))
    }

    #[test]
    fn a_named_browser_counts_everywhere() {
        let named = environment(&[("BROWSER", "x"), ("SSH_TTY", "/dev/pts/0")]);
        assert_eq!(unreachable(&named), None);
    }

    #[test]
    fn places_without_a_browser_have_their_reasons() {
        let check = |variable: &str, want: &str| {
            let reason = unreachable(&environment(&[(variable, "1"), ("DISPLAY", ":0")]));
            assert!(
                reason.is_some_and(|reason| reason.contains(want)),
                "{variable}"
            );
        };
        check("SSH_CONNECTION", "SSH");
        check("CODESPACES", "container");
        assert_eq!(
            unreachable(&environment(&[("WSL_DISTRO_NAME", "Debian")])),
            None
        );
    }

    #[test]
    fn a_browser_gets_every_variable_but_our_secrets() {
        for name in [
            "PATH",
            "NIX_PROFILES",
            "SNAP",
            "MY_PROXY",
            "https_proxy",
            "LC",
            "",
        ] {
            assert!(is_passed_on(name), "{name}");
        }
        for name in SECRETS {
            assert!(!is_passed_on(name), "{name}");
            assert!(!is_passed_on(&name.to_lowercase()), "{name}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_started_program_has_none_of_our_secrets() {
        let folder = tempfile::tempdir().unwrap();
        let said = folder.path().join("said");
        let script = format!("env > {0}.part; mv {0}.part {0}", said.display());
        let program = folder.path().join("browser");
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(
            &program,
            std::os::unix::fs::PermissionsExt::from_mode(0o700),
        )
        .unwrap();
        let environment = environment(&[
            ("BROWSER", program.to_str().unwrap()),
            ("PATH", "/usr/bin:/bin"),
            ("ENTRATOOL_PASSPHRASE", "C4n4ry"),
            ("azure_client_secret", "C4n4ry"),
            ("SYSTEM_ACCESSTOKEN", "C4n4ry"),
            ("NIX_PROFILES", "/nix"),
        ]);
        open("http://x", &environment).unwrap();
        while !said.exists() {
            std::thread::yield_now();
        }
        let said = std::fs::read_to_string(&said).unwrap();
        assert!(
            said.contains("NIX_PROFILES=/nix") && said.contains("BROWSER="),
            "{said}"
        );
        assert!(!said.contains("C4n4ry"), "{said}");
    }

    #[test]
    fn the_url_goes_where_the_variable_says() {
        let check = |browser: &str, want: &[&str]| {
            let command = command(browser, "http://x").unwrap();
            let words: Vec<_> = command
                .get_args()
                .map(|word| word.to_str().unwrap())
                .collect();
            assert_eq!(words, want, "{browser}");
        };
        check("firefox", &["http://x"]);
        check("firefox --new %s &", &["--new", "http://x"]);
        check("script --url=%s", &["--url=http://x"]);
        assert!(command(" ", "http://x").is_none());
    }
}
