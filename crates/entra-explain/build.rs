//! Compiles the data files into one table, sorted by code, that is ready when a program starts.
#![expect(
    clippy::disallowed_methods,
    reason = "a build script reads the data and writes the table"
)]

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use serde::Deserialize;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    heading: String,
    #[serde(default)]
    general: bool,
    entry: Vec<Entry>,
}

/// One entry as `data/README.md` describes it.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Entry {
    codes: Vec<u32>,
    apps: Vec<String>,
    name: String,
    words: Vec<String>,
    phrases: Vec<String>,
    together: Vec<Vec<String>>,
    status: u16,
    catch_all: bool,
    title: String,
    who: String,
    meaning: String,
    meaning_user: Option<String>,
    meaning_app: Option<String>,
    next: Option<String>,
    next_as: Option<u32>,
    next_user: Option<String>,
    next_app: Option<String>,
    next_secret: Option<String>,
    next_secret_as: Option<u32>,
    next_certificate: Option<String>,
    next_federated: Option<String>,
    paste: Option<String>,
    page: Option<String>,
    sign_in: bool,
}

fn main() -> Result<()> {
    println!("cargo::rerun-if-changed=data");
    let mut table = String::new();
    let mut codes = BTreeMap::new();
    let mut families = String::new();
    let mut count = 0;
    for path in FILES {
        let text = fs::read_to_string(Path::new("data").join(path))?;
        let mut file: File =
            basic_toml::from_str(&text).map_err(|error| format!("data/{path}: {error}"))?;
        share(&mut file.entry).map_err(|error| format!("data/{path}: {error}"))?;
        let mut names = String::new();
        for entry in &file.entry {
            let written = entry.written(file.general);
            let written =
                written.map_err(|error| format!("data/{path}, {}: {error}", entry.title))?;
            writeln!(table, "static E{count}: Entry = {written};")?;
            write!(names, "&E{count}, ")?;
            for code in &entry.codes {
                // Entries for one app come before the entry for all.
                let key = (*code, entry.apps.is_empty(), entry.apps.first().cloned());
                if codes.insert(key, count).is_some() {
                    return Err(format!("data/{path}: {code} has two entries").into());
                }
            }
            count += 1;
        }
        let heading = &file.heading;
        writeln!(
            families,
            "    Family {{ heading: {heading:?}, entries: &[{names}] }},"
        )?;
    }
    writeln!(table, "static FAMILIES: &[Family] = &[\n{families}];")?;
    writeln!(table, "static CODES: &[(u32, &Entry)] = &[")?;
    for ((code, ..), entry) in codes {
        writeln!(table, "    ({code}, &E{entry}),")?;
    }
    writeln!(table, "];")?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("table.rs"), table)?;
    Ok(())
}

/// Copies the next steps that entries take from others of their file.
fn share(entries: &mut [Entry]) -> Result<()> {
    let with_code = |entries: &[Entry], code: u32| {
        let found = entries.iter().position(|entry| entry.codes.contains(&code));
        found.ok_or_else(|| format!("no entry for {code}, which another refers to"))
    };
    for index in 0..entries.len() {
        if let Some(code) = entries[index].next_as {
            let other = &entries[with_code(entries, code)?];
            let steps = (
                other.next.clone(),
                other.sign_in,
                other.next_user.clone(),
                other.next_app.clone(),
            );
            let by_method = (
                other.next_secret.clone(),
                other.next_certificate.clone(),
                other.next_federated.clone(),
            );
            let entry = &mut entries[index];
            (entry.next, entry.sign_in, entry.next_user, entry.next_app) = steps;
            (
                entry.next_secret,
                entry.next_certificate,
                entry.next_federated,
            ) = by_method;
        }
        if let Some(code) = entries[index].next_secret_as {
            let step = entries[with_code(entries, code)?].next_secret.clone();
            entries[index].next_secret =
                Some(step.ok_or_else(|| format!("{code} has no `next_secret`"))?);
        }
    }
    Ok(())
}

impl Entry {
    fn written(&self, is_general: bool) -> Result<String> {
        let next = self.next.as_ref().ok_or("neither `next` nor `next_as`")?;
        let meaning = texts(
            &self.meaning,
            &[("User", &self.meaning_user), ("App", &self.meaning_app)],
        );
        let next_step = texts(
            next,
            &[
                ("Secret", &self.next_secret),
                ("Certificate", &self.next_certificate),
                ("Federated", &self.next_federated),
                ("User", &self.next_user),
                ("App", &self.next_app),
            ],
        );
        let together: Vec<_> = self
            .together
            .iter()
            .map(|all| format!("&{all:?}"))
            .collect();
        Ok(format!(
            "Entry {{ codes: &{:?}, apps: &{:?}, name: {:?}, words: &{:?}, phrases: &{:?}, together: &[{}], status: {}, \
             rank: Rank::{}, title: {:?}, who: Who::{}, meaning: {meaning}, next_step: {next_step}, paste: {:?}, \
             page: Page::{}, signs_in_again: {} }}",
            self.codes,
            self.apps,
            self.name,
            self.words,
            self.phrases,
            together.join(", "),
            self.status,
            match (self.catch_all, is_general) {
                (true, _) => "CatchAll",
                (_, true) => "General",
                _ => "Specific",
            },
            self.title,
            variant(&self.who),
            self.paste.as_deref(),
            variant(self.page.as_deref().unwrap_or("none")),
            self.sign_in,
        ))
    }
}

/// A text and its variants, each as one line.
fn texts(general: &str, variants: &[(&str, &Option<String>)]) -> String {
    let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let given = variants
        .iter()
        .filter_map(|(case, text)| Some((case, text.as_ref()?)));
    let given: Vec<_> = given
        .map(|(case, text)| format!("(Case::{case}, {:?})", line(text)))
        .collect();
    format!(
        "Texts {{ general: {:?}, variants: &[{}] }}",
        line(general),
        given.join(", ")
    )
}

/// `tenant-admin` as `TenantAdmin`.
fn variant(kebab: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    kebab.split('-').map(capital).collect()
}

/// In the order of the troubleshooting page.
const FILES: [&str; 21] = [
    "codes/credentials.toml",
    "codes/federation.toml",
    "codes/application.toml",
    "codes/consent.toml",
    "codes/sign-in.toml",
    "codes/identity-provider.toml",
    "codes/grant.toml",
    "codes/tenant.toml",
    "codes/conditional-access.toml",
    "codes/device.toml",
    "codes/request.toml",
    "codes/transient.toml",
    "messages/graph.toml",
    "messages/exchange-sharepoint.toml",
    "messages/resource-manager.toml",
    "messages/key-vault-storage.toml",
    "messages/azure-services.toml",
    "messages/platforms.toml",
    "messages/identities.toml",
    "messages/own-apis.toml",
    "messages/general.toml",
];
