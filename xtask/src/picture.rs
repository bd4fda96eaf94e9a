//! The README's picture: a terminal session that really took place, as SVG.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anstyle_svg::Term;

use crate::process::{clean, machine, output, succeed};
use crate::workspace::Workspace;

/// Runs the commands of `docs/terminal.sh` in a terminal, beside the emulator,
/// and draws what was seen as `docs/terminal.svg`.
pub fn draw(workspace: &Workspace) -> Result<(), String> {
    succeed(machine("cargo", &workspace.root).args([
        "build",
        "--release",
        "--locked",
        "--package",
        "entratool",
    ]))?;
    let commands = workspace.root.join("docs/terminal.sh");
    let commands = fs::read_to_string(commands).map_err(|error| error.to_string())?;
    let seen = session(workspace, &commands)?;
    let picture = Term::new()
        .min_width_px(COLUMNS * 9)
        .render_svg(&folded(&seen));
    let file = workspace.root.join("docs/terminal.svg");
    fs::write(&file, picture).map_err(|error| error.to_string())?;
    println!("{}", file.display());
    Ok(())
}

/// What a terminal gets to see of `commands`, one to a line.
fn session(workspace: &Workspace, commands: &str) -> Result<String, String> {
    let home = tempfile::tempdir().map_err(|error| error.to_string())?;
    let programs = workspace.target.join("release");
    let mut script = format!("echo {BEGIN}\n");
    for command in commands.lines() {
        let shown = command.replace('\'', r"'\''");
        let _ = writeln!(script, "printf '\\033[1;32m$\\033[0m %s\\n' '{shown}'");
        let _ = writeln!(script, "{command}");
    }
    let file = home.path().join("session");
    fs::write(&file, script).map_err(|error| error.to_string())?;
    // `script` gives the command a terminal, so that colours are as people see them.
    let inner = format!("entratool emulator run -- bash {}", file.display());
    let seen = output(
        clean("script", &workspace.root)
            .args(["--quiet", "--command", &inner, "/dev/null"])
            .env("HOME", home.path())
            .env("TERM", "xterm-256color")
            .env("PATH", search_path(&programs)),
    )?;
    let (_, session) = seen
        .split_once(BEGIN)
        .ok_or_else(|| format!("the session did not begin: {seen}"))?;
    Ok(session.replace('\r', "").trim().to_owned())
}

fn search_path(first: &Path) -> String {
    let inherited = std::env::var("PATH").unwrap_or_default();
    format!("{}:{inherited}", first.display())
}

/// `text` with lines broken as a terminal of `COLUMNS` breaks them; colours take no room.
fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut column = 0;
    let mut is_colour = false;
    for character in text.chars() {
        match character {
            '\u{1b}' => is_colour = true,
            '\n' => column = 0,
            _ if is_colour => is_colour = character != 'm',
            _ => {
                if column == COLUMNS {
                    folded.push('\n');
                    column = 0;
                }
                column += 1;
            }
        }
        folded.push(character);
    }
    folded
}

const COLUMNS: usize = 100;
const BEGIN: &str = "the session begins";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_where_a_terminal_breaks_them() {
        let check = |text: &str, want: &str| assert_eq!(folded(text), want);
        let full = "x".repeat(COLUMNS);
        check("short\nlines", "short\nlines");
        check(&full, &full);
        check(&format!("{full}y"), &format!("{full}\ny"));
        let coloured = format!("\u{1b}[31m{full}\u{1b}[0m");
        check(&coloured, &coloured);
    }
}
