//! Rules for one file or manifest at a time; each gives its violations as `path:line: what`.

use crate::source::Source;

/// A file opens with one sentence that says what it is.
pub(crate) fn opening(source: &Source) -> Vec<String> {
    let lines = source
        .text
        .lines()
        .map_while(|line| line.strip_prefix("//!"));
    let paragraph: Vec<_> = lines
        .map(str::trim)
        .take_while(|line| !line.is_empty())
        .collect();
    let sentence = paragraph.join(" ");
    let is_one_sentence = sentence.ends_with('.') && !sentence.contains(". ");
    unless(
        is_one_sentence,
        source,
        1,
        "does not open with one sentence, `//! … .`",
    )
}

/// A file has at most 400 lines.
pub(crate) fn length(source: &Source) -> Vec<String> {
    let lines = source.text.lines().count();
    unless(lines <= LONGEST, source, lines, "is longer than 400 lines")
}

/// Nothing is put off: no reminders, ignored tests or silenced lints.
pub(crate) fn loose_ends(source: &Source) -> Vec<String> {
    let mut violations = Vec::new();
    for (index, line) in source.text.lines().enumerate() {
        for sign in LOOSE_ENDS {
            if line.contains(sign) {
                violations.push(format!("{}:{}: `{sign}`", source.path, index + 1));
            }
        }
    }
    violations
}

/// Values in command lines to paste are quoted by `CommandLine`, and never formatted into them.
pub(crate) fn raw_command_lines(source: &Source) -> Vec<String> {
    let lines = source.text.lines().enumerate();
    let is_raw = |line: &str| {
        let commands = line.split("`entratool ").skip(1);
        commands
            .filter_map(|command| command.split('`').next())
            .any(|command| command.contains('{'))
    };
    lines
        .filter(|(_, line)| is_raw(line))
        .map(|(index, _)| format!("{}:{}: a value in a command line", source.path, index + 1))
        .collect()
}

/// `unsafe` is for the operating system's own interface.
pub(crate) fn unsafe_code(source: &Source) -> Vec<String> {
    if source.path.starts_with("entratool/src/os/") {
        return Vec::new();
    }
    words(source, "unsafe")
}

/// Characters that steer a terminal are filtered, and streams opened, in one place each.
pub(crate) fn terminal(source: &Source, allowed: &[(&str, &str)]) -> Vec<String> {
    let mut violations = Vec::new();
    for word in ["is_control", "is_ascii_control", "stdout", "stderr"] {
        let is_allowed = |(path, allowed): &(&str, &str)| source.path == *path && *allowed == word;
        if allowed.iter().any(is_allowed) {
            continue;
        }
        let called = source.tokens.windows(3).filter(|three| {
            let function = three[0].text == "::" && three[2].text == "(";
            three[1].text == word && (function || word.ends_with("control"))
        });
        violations.extend(called.map(|three| {
            let line = three[1].line;
            format!(
                "{}:{line}: `{word}`: text leaves through `ui` alone",
                source.path
            )
        }));
    }
    violations
}

/// The word `Serialize`, where no type may be written as JSON.
pub(crate) fn serialize(source: &Source) -> Vec<String> {
    words(source, "Serialize")
}

/// Dependencies of `name` on crates of this workspace that are not `allowed`.
pub(crate) fn dependencies(name: &str, manifest: &str, allowed: &[&str]) -> Vec<String> {
    let mut violations = Vec::new();
    let mut in_dependencies = false;
    for (index, line) in manifest.lines().enumerate() {
        if let Some(section) = line.trim().strip_prefix('[') {
            let section = section.trim_end_matches(']');
            in_dependencies = section.contains("dependencies");
        }
        let dependency = line.split(['.', '=', ' ']).next().unwrap_or_default();
        let known = WORKSPACE.contains(&dependency) && dependency != name;
        if in_dependencies && known && !allowed.contains(&dependency) {
            violations.push(format!(
                "{name}/Cargo.toml:{}: {name} depends on {dependency}",
                index + 1
            ));
        }
    }
    violations
}

/// The variants of an enum, as the names of files: `GetToken` is `get_token`.
pub(crate) fn variants(source: &Source, name: &str) -> Vec<String> {
    let texts: Vec<_> = source
        .tokens
        .iter()
        .map(|token| token.text.as_str())
        .collect();
    let start = texts
        .windows(3)
        .position(|three| three == ["enum", name, "{"]);
    let mut depth = 0;
    let mut variants = Vec::new();
    for pair in texts[start.map_or(texts.len(), |start| start + 2)..].windows(2) {
        match pair[0] {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        let ends = matches!(pair[1], "(" | "{" | "," | "}");
        if depth == 1 && ends && pair[0].starts_with(char::is_uppercase) {
            variants.push(snake_case(pair[0]));
        }
    }
    variants
}

/// Files of `command/` that are no command.
pub(crate) fn no_commands(commands: &[String], files: &[String]) -> Vec<String> {
    files
        .iter()
        .filter(|file| !commands.contains(file))
        .map(|file| format!("command/{file}: is no command"))
        .collect()
}

fn snake_case(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

fn words(source: &Source, word: &str) -> Vec<String> {
    let found = source.tokens.iter().filter(|token| token.text == word);
    found
        .map(|token| format!("{}:{}: `{word}`", source.path, token.line))
        .collect()
}

fn unless(holds: bool, source: &Source, line: usize, what: &str) -> Vec<String> {
    if holds {
        return Vec::new();
    }
    vec![format!("{}:{line}: {what}", source.path)]
}

const LONGEST: usize = 400;

const WORKSPACE: &[&str] = &[
    "entra",
    "entra-emulator",
    "entra-explain",
    "entratool",
    "xtask",
];

const LOOSE_ENDS: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("#[", "ignore"),
    concat!("#[", "allow("),
    concat!("#![", "allow("),
    concat!("pytest.mark.", "skip"),
    concat!("pytest.", "skip("),
    concat!("mark.", "xfail"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn openings() {
        let check = |text: &str, want: usize| {
            assert_eq!(opening(&Source::new("a.rs", text)).len(), want, "{text}");
        };
        check("//! One sentence.\n//!\n//! More. And more.\n", 0);
        check("//! One sentence, over\n//! two lines.\nuse a;\n", 0);
        check("//! Two. Sentences.\n", 1);
        check("//! no full stop\n", 1);
        check("use a;\n", 1);
        check("", 1);
    }

    #[test]
    fn lengths() {
        let check = |lines: usize, want: usize| {
            assert_eq!(
                length(&Source::new("a.rs", &"\n".repeat(lines))).len(),
                want,
                "{lines}"
            );
        };
        check(400, 0);
        check(401, 1);
    }

    #[test]
    fn loose_ends_are_found() {
        for sign in LOOSE_ENDS {
            let violations = loose_ends(&Source::new("a.rs", &format!("\n  // {sign}")));
            assert_eq!(violations, [format!("a.rs:2: `{sign}`")]);
        }
        assert!(loose_ends(&Source::new("a.rs", "// ignored")).is_empty());
    }

    #[test]
    fn values_in_command_lines_are_found() {
        let check = |text: &str, want: usize| {
            let found = raw_command_lines(&Source::new("a.rs", text));
            assert_eq!(found.len(), want, "{text}");
        };
        check("format!(\"run `entratool config edit -p {name}`\")", 1);
        check("format!(\"run `entratool config list`; {name}\")", 0);
        check("format!(\"run `{edit}`\")", 0);
    }

    #[test]
    fn unsafe_code_is_found() {
        let check = |path: &str, text: &str, want: usize| {
            assert_eq!(
                unsafe_code(&Source::new(path, text)).len(),
                want,
                "{path}: {text}"
            );
        };
        check("entra/src/a.rs", "unsafe { f() }", 1);
        check("entra/src/a.rs", "// unsafe", 0);
        check("entratool/src/os/dpapi.rs", "unsafe { f() }", 0);
    }

    #[test]
    fn other_ways_to_the_terminal_are_found() {
        let check = |text: &str, want: usize| {
            let source = Source::new("a.rs", text);
            assert_eq!(
                terminal(&source, &[("a.rs", "stderr")]).len(),
                want,
                "{text}"
            );
        };
        check("text.chars().all(char::is_control)", 1);
        check("let out = io::stdout();", 1);
        check("let out = io::stderr();", 0);
        check("host.stdout.write()", 0);
        check("// is_control", 0);
    }

    #[test]
    fn serialize_is_found() {
        let found = serialize(&Source::new("a.rs", "\n#[derive(Serialize)] struct A;"));
        assert_eq!(found, ["a.rs:2: `Serialize`"]);
        assert!(serialize(&Source::new("a.rs", "use serde::Deserialize;")).is_empty());
    }

    #[test]
    fn variants_name_files() {
        let text = "enum A { X } #[derive(B)] enum Command { /// C\n #[d(E)] GetToken(f::G), \
                    #[cfg(h)] Config { i: J }, Storage }";
        let found = variants(&Source::new("a.rs", text), "Command");
        assert_eq!(found, ["get_token", "config", "storage"]);
        assert!(variants(&Source::new("a.rs", text), "Other").is_empty());
    }

    #[test]
    fn files_that_are_no_commands_are_found() {
        let names = |names: &[&str]| {
            names
                .iter()
                .map(|&name| name.to_owned())
                .collect::<Vec<_>>()
        };
        let commands = names(&["config", "get_token"]);
        let files = names(&["config", "get_token", "shared"]);
        assert_eq!(
            no_commands(&commands, &files),
            ["command/shared: is no command"]
        );
    }

    #[test]
    fn forbidden_dependencies_are_found() {
        let check = |manifest: &str, want: &[&str]| {
            assert_eq!(
                dependencies("entra-emulator", manifest, &[]),
                want,
                "{manifest}"
            );
        };
        check(
            "[package]\nname = \"entra-emulator\"\n[dependencies]\nentra.workspace = true\n",
            &["entra-emulator/Cargo.toml:4: entra-emulator depends on entra"],
        );
        check(
            "[dev-dependencies]\nentra = { path = \"../entra\" }\n",
            &["entra-emulator/Cargo.toml:2: entra-emulator depends on entra"],
        );
        check(
            "[dependencies]\nserde.workspace = true\n[lints]\nworkspace = true\n",
            &[],
        );
    }
}
