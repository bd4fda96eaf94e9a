//! Writes the manual page of every command: `cargo run --example man -- FOLDER DATE`.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;
use entratool::cli::Cli;
use entratool::env;
use entratool::exit::Exit;
use roff::{Inline, Roff, bold, roman};

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, date] = &arguments[..] else {
        return Err(io::Error::new(
            ErrorKind::InvalidInput,
            "usage: man FOLDER DATE",
        ));
    };
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    fs::create_dir_all(folder)?;
    write_pages(&command, Path::new(folder), date)
}

/// The page of `command` and those of the commands below it.
fn write_pages(command: &Command, folder: &Path, date: &str) -> io::Result<()> {
    let man = Man::new(command.clone())
        .manual("entratool")
        .source(concat!("entratool ", env!("CARGO_PKG_VERSION")))
        .date(date);
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    match command.get_name() {
        "entratool" => overview(&mut page)?,
        _ => notes(command, &mut page)?,
    }
    fs::write(folder.join(man.get_filename()), without_idle_breaks(&page))?;
    command
        .get_subcommands()
        .filter(|subcommand| !subcommand.is_hide_set())
        .try_for_each(|subcommand| write_pages(subcommand, folder, date))
}

/// The page without the line breaks beside an empty line, which do nothing.
fn without_idle_breaks(page: &[u8]) -> String {
    let page = String::from_utf8_lossy(page);
    let lines: Vec<_> = page.lines().collect();
    let beside_empty = |at: usize| {
        let before = at.checked_sub(1).and_then(|before| lines.get(before));
        [before, lines.get(at + 1)].contains(&Some(&""))
    };
    (0..lines.len())
        .filter(|&at| lines[at] != ".br" || !beside_empty(at))
        .map(|at| format!("{}\n", lines[at]))
        .collect()
}

/// What `--help` says below the options, laid out as it is there.
fn notes(command: &Command, page: &mut dyn Write) -> io::Result<()> {
    let mut roff = Roff::new();
    if let Some(text) = command
        .get_after_long_help()
        .or_else(|| command.get_after_help())
    {
        roff.control("SH", ["NOTES"]).control("nf", []);
        for line in text.to_string().lines() {
            roff.text([roman(line)]);
        }
        roff.control("fi", []);
    }
    see_also(&mut roff, &["entratool"]);
    roff.to_writer(page)
}

/// What holds for every command.
fn overview(page: &mut dyn Write) -> io::Result<()> {
    let mut roff = Roff::new();
    roff.control("SH", ["EXIT STATUS"]);
    for (exit, meaning) in EXITS {
        item(&mut roff, &exit.status().to_string(), meaning);
    }
    roff.control("SH", ["ENVIRONMENT"]);
    for (name, meaning) in VARIABLES {
        item(&mut roff, name, meaning);
    }
    roff.control("SH", ["FILES"]);
    for (path, meaning) in FILES {
        item(&mut roff, path, meaning);
    }
    roff.control("SH", ["EXAMPLES"]);
    for (meaning, line) in EXAMPLES {
        roff.control("TP", ["4"]).text([roman(*meaning)]);
        roff.control("nf", []).text([bold(*line)]);
        roff.control("fi", []);
    }
    let pages: Vec<_> = Cli::command()
        .get_subcommands()
        .map(|subcommand| format!("entratool-{}", subcommand.get_name()))
        .collect();
    see_also(&mut roff, &pages);
    roff.to_writer(page)
}

fn item(roff: &mut Roff, term: &str, meaning: &str) {
    roff.control("TP", []);
    roff.text([bold(term)]);
    roff.text([roman(meaning)]);
}

fn see_also(roff: &mut Roff, pages: &[impl AsRef<str>]) {
    roff.control("SH", ["SEE ALSO"]).control("nh", []);
    let mut inlines: Vec<Inline> = Vec::new();
    for page in pages {
        if !inlines.is_empty() {
            inlines.push(roman(", "));
        }
        inlines.extend([bold(page.as_ref()), roman("(1)")]);
    }
    roff.text(inlines);
}

const EXITS: &[(Exit, &str)] = &[
    (Exit::Success, "Done; for discover: the token is valid."),
    (
        Exit::Failure,
        "Failed; for discover: expired, not yet valid, or unreadable.",
    ),
    (Exit::Usage, "The command line is wrong."),
    (Exit::Refused, "Entra ID refused the request."),
    (Exit::ProfileNotFound, "There is no such profile."),
    (
        Exit::SignInRequired,
        "Interactive sign-in is required, and it was not possible.",
    ),
    (
        Exit::Network,
        "No network, no answer in time, or an answer that is not Entra ID's.",
    ),
    (
        Exit::StorageUnavailable,
        "The key store is unavailable or locked.",
    ),
    (Exit::Interrupted, "Interrupted."),
];

const VARIABLES: &[(&str, &str)] = &[
    (env::PROFILE, "The profile to use when none is named."),
    (
        env::CONFIG_PATH,
        "The folder of profiles and secrets, in the place of ~/.entratool.",
    ),
    (
        env::CACHE_PATH,
        "The folder of tokens, in the place of ~/.msal/cache.",
    ),
    (
        env::PASSPHRASE,
        "Unlocks what is sealed under a passphrase.",
    ),
    (
        "AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, …",
        "Stand for a profile, as they do for the Azure libraries.",
    ),
    (
        "HTTPS_PROXY, ALL_PROXY, NO_PROXY",
        "The proxy, and who is asked without it.",
    ),
    (
        "SSL_CERT_FILE, SSL_CERT_DIR",
        "Root certificates beside those of the system.",
    ),
    ("BROWSER", "The browser to sign in with."),
    ("NO_COLOR", "No colour, whatever its value."),
];

const FILES: &[(&str, &str)] = &[
    ("~/.entratool/profiles.json", "Profiles, never a secret."),
    (
        "~/.entratool/secrets/",
        "Client secrets and certificate passwords, encrypted.",
    ),
    (
        "~/.msal/cache/",
        "Tokens, encrypted. Removing the folder signs you out.",
    ),
];

const EXAMPLES: &[(&str, &str)] = &[
    (
        "Try it without a tenant:",
        "entratool emulator run -- entratool get-token -p demo",
    ),
    (
        "A cached token in a script; it is valid for at least five more minutes:",
        "TOKEN=$(entratool get-token -p graph-sp --silent)",
    ),
    (
        "Call Microsoft Graph:",
        "entratool get-token -p graph-sp --silent --format header | curl -H @- https://graph.microsoft.com/v1.0/users",
    ),
    (
        "What is in a token, and is it still valid?",
        "entratool inspect -t \"$TOKEN\" && entratool discover -t \"$TOKEN\"",
    ),
];
