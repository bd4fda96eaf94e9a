//! The person's browser: whether there is one, and how to open it.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::env::{self, Environment};

/// Why no browser can be opened here; `None` if one can.
#[must_use]
pub fn unreachable(environment: &Environment) -> Option<&'static str> {
    if environment.has("BROWSER") {
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
    match environment.text("BROWSER") {
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
        .envs(environment.iter().filter(|(name, _)| !is_secret(name)))
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

/// A browser has no business with our credentials.
fn is_secret(name: &str) -> bool {
    let families = ["AZURE_", "ENTRATOOL_", "ACTIONS_ID_TOKEN"];
    families.iter().any(|start| name.starts_with(start))
        || [
            env::IDENTITY_HEADER,
            env::MSI_SECRET,
            env::SYSTEM_ACCESSTOKEN,
        ]
        .contains(&name)
}

fn is_wsl(environment: &Environment) -> bool {
    environment.has("WSL_DISTRO_NAME") || environment.has("WSL_INTEROP")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        Environment::new(variables.iter().map(|(k, v)| ((*k).into(), (*v).into())))
    }

    #[test]
    fn a_named_browser_is_always_believed() {
        let named = environment(&[("BROWSER", "x"), ("SSH_TTY", "/dev/pts/0")]);
        assert_eq!(unreachable(&named), None);
    }

    #[test]
    fn places_without_a_browser_are_told_apart() {
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
    fn a_browser_gets_no_credential_and_everything_else() {
        let check = |name: &str, want: bool| assert_eq!(is_secret(name), want, "{name}");
        check("AZURE_CLIENT_SECRET", true);
        check("ENTRATOOL_PASSPHRASE", true);
        check("ACTIONS_ID_TOKEN_REQUEST_TOKEN", true);
        check("SYSTEM_ACCESSTOKEN", true);
        check("IDENTITY_HEADER", true);
        check("MSI_SECRET", true);
        check("DISPLAY", false);
        check("HOME", false);
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
