//! The person's browser: whether there is one, and how to open it.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::env::Environment;

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

/// Whether a browser, or the program that finds one, has any use for a variable. Everything else
/// stays here: nobody knows all variables that hold credentials.
fn is_passed_on(name: &str) -> bool {
    let starts_with = |family: &&str| {
        let start = name.get(..family.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(family))
    };
    // Windows does not tell upper from lower case, and proxies are named in both.
    PASSED_ON
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name))
        || FAMILIES.iter().any(starts_with)
}

fn is_wsl(environment: &Environment) -> bool {
    environment.has("WSL_DISTRO_NAME") || environment.has("WSL_INTEROP")
}

/// Names, in the order of: every system, X and Wayland, desktops, VS Code's and Codespaces' opener of
/// URLs, proxies, macOS, Windows.
const PASSED_ON: [&str; 85] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "TERM",
    "COLORTERM",
    "TZ",
    "TMPDIR",
    "TMP",
    "TEMP",
    "BROWSER",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "WAYLAND_SOCKET",
    "XAUTHORITY",
    "ICEAUTHORITY",
    "XMODIFIERS",
    "DBUS_SESSION_BUS_ADDRESS",
    "DESKTOP_SESSION",
    "DESKTOP",
    "GDMSESSION",
    "SESSION_MANAGER",
    "KDE_FULL_SESSION",
    "KDE_SESSION_VERSION",
    "KDE_SESSION_UID",
    "KDE_APPLICATIONS_AS_SCOPE",
    "GNOME_DESKTOP_SESSION_ID",
    "GNOME_SETUP_DISPLAY",
    "MATE_DESKTOP_SESSION_ID",
    "SWAYSOCK",
    "HYPRLAND_INSTANCE_SIGNATURE",
    "PULSE_SERVER",
    "WSLENV",
    "VSCODE_IPC_HOOK_CLI",
    "VSCODE_IPC_HOOK",
    "VSCODE_CLIENT_COMMAND",
    "VSCODE_CLIENT_COMMAND_CWD",
    "VSCODE_CLI_AUTHORITY",
    "VSCODE_STDIN_FILE_PATH",
    "CODESPACES",
    "CODESPACE_NAME",
    "REMOTE_CONTAINERS",
    "REMOTE_CONTAINERS_IPC",
    "REMOTE_CONTAINERS_SOCKETS",
    "http_proxy",
    "https_proxy",
    "ftp_proxy",
    "all_proxy",
    "no_proxy",
    "auto_proxy",
    "Apple_PubSub_Socket_Render",
    "XPC_FLAGS",
    "XPC_SERVICE_NAME",
    "COMMAND_MODE",
    "SystemRoot",
    "SystemDrive",
    "windir",
    "ComSpec",
    "PATHEXT",
    "OS",
    "APPDATA",
    "LOCALAPPDATA",
    "USERPROFILE",
    "USERNAME",
    "USERDOMAIN",
    "USERDOMAIN_ROAMINGPROFILE",
    "HOMEDRIVE",
    "HOMEPATH",
    "ProgramFiles",
    "ProgramFiles(x86)",
    "ProgramW6432",
    "ProgramData",
    "CommonProgramFiles",
    "CommonProgramFiles(x86)",
    "CommonProgramW6432",
    "ALLUSERSPROFILE",
    "PUBLIC",
    "COMPUTERNAME",
    "SESSIONNAME",
    "PROCESSOR_ARCHITECTURE",
    "NUMBER_OF_PROCESSORS",
    "LOGONSERVER",
];
/// Names that begin like this say how things look and where they are.
const FAMILIES: [&str; 10] = [
    "LC_", "XDG_", "GDK_", "GTK_", "QT_", "MOZ_", "WSL_", "WSL2_", "__CF", "LIBGL_",
];

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
    fn a_browser_gets_what_it_needs_and_no_credential() {
        let check = |want: bool, names: &[&str]| {
            for name in names {
                assert_eq!(is_passed_on(name), want, "{name}");
            }
        };
        check(true, &["PATH", "Path", "HOME", "LANG", "LC_ALL", "DISPLAY"]);
        check(true, &["XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"]);
        check(true, &["BROWSER", "WSL_INTEROP", "VSCODE_IPC_HOOK_CLI"]);
        check(true, &["https_proxy", "NO_PROXY", "SystemRoot", "APPDATA"]);
        let ours = ["AZURE_CLIENT_SECRET", "azure_client_secret"];
        check(false, &ours);
        check(false, &["ENTRATOOL_PASSPHRASE", "Entratool_Passphrase"]);
        check(false, &["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]);
        check(false, &["ACTIONS_RUNTIME_TOKEN", "GITHUB_TOKEN"]);
        check(false, &["GITHUB_CODESPACE_TOKEN", "SYSTEM_ACCESSTOKEN"]);
        check(false, &["VSCODE_GIT_IPC_AUTH_TOKEN", "IDENTITY_HEADER"]);
        check(false, &["MSI_SECRET", "AWS_SECRET_ACCESS_KEY"]);
        check(false, &["SSH_AUTH_SOCK", "LC", "", "ÄÖ", "MY_HOME"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_started_program_has_no_other_variable() {
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
            ("GITHUB_TOKEN", "C4n4ry"),
            ("azure_client_secret", "C4n4ry"),
            ("LC_TIME", "C"),
        ]);
        open("http://x", &environment).unwrap();
        while !said.exists() {
            std::thread::yield_now();
        }
        let said = std::fs::read_to_string(&said).unwrap();
        assert!(
            said.contains("LC_TIME=C") && said.contains("BROWSER="),
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
