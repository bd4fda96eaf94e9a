//! Explains a failure: message, causes, next step and exit status.

pub mod allowed;
mod certificate;
pub mod checkup;
mod environment;
pub mod facts;
pub mod report;
mod storage;
#[cfg(test)]
mod tests;
mod token;
mod verification;
mod workload;

use serde::Serialize;
pub use verification::fresh_token;

use crate::exit::Exit;
use crate::failure::{Failure, Whose};
use crate::file::FileError;
use crate::paste::CommandLine;
use crate::profile::search::NameError;
use crate::text::{self, echo};

/// A failure, explained.
#[derive(Debug)]
pub struct Diagnosis {
    /// What the process exits with.
    pub exit: Exit,
    /// The kind of failure, one word for scripts.
    pub kind: &'static str,
    /// What went wrong, in one line.
    pub message: String,
    /// Why, from the outside in.
    pub causes: Vec<String>,
    /// What to do next.
    pub hints: Vec<String>,
    /// What the authority's support asks for.
    pub reference: Reference,
}

/// What identifies a refused request in Microsoft's logs.
#[derive(Clone, Debug, Default)]
pub struct Reference {
    /// The most specific AADSTS number.
    pub aadsts: Option<u32>,
    /// Equals the `client-request-id` that was sent.
    pub correlation_id: Option<String>,
    /// The authority's own number for the request.
    pub trace_id: Option<String>,
    /// When it refused.
    pub timestamp: Option<String>,
}

/// An error with all its causes in one line.
#[must_use]
pub fn one_line(error: &dyn std::error::Error) -> String {
    let causes = causes(error).map(|cause| format!(": {cause}"));
    error.to_string() + &causes.collect::<String>()
}

fn causes(error: &dyn std::error::Error) -> impl Iterator<Item = String> {
    std::iter::successors(error.source(), |cause| cause.source()).map(ToString::to_string)
}

impl Diagnosis {
    fn new(exit: Exit, kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            exit,
            kind,
            message: message.into(),
            causes: Vec::new(),
            hints: Vec::new(),
            reference: Reference::default(),
        }
    }

    /// A command line that cannot be parsed, in clap's words.
    #[must_use]
    pub fn usage(text: &str) -> Self {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let message = lines.next().unwrap_or_default();
        let mut diagnosis = Self::new(
            Exit::Usage,
            "usage",
            message.strip_prefix("error: ").unwrap_or(message),
        );
        diagnosis.hints.extend(lines.map(str::to_owned));
        diagnosis
    }

    fn because(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
        self
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Every error in the chain below `error`.
    fn because_of(mut self, error: &dyn std::error::Error) -> Self {
        self.causes.extend(causes(error));
        self
    }

    /// The lines that support asks for.
    #[must_use]
    pub fn details(&self) -> Vec<String> {
        let line = |label: &str, value: &Option<String>| {
            value.as_ref().map(|value| format!("{label}: {value}"))
        };
        let reference = &self.reference;
        [
            line("correlation ID", &reference.correlation_id),
            line("trace ID", &reference.trace_id),
            line("timestamp", &reference.timestamp),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The one JSON object of a failure; absent members are left out.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut message = self.message.clone();
        for cause in &self.causes {
            message.push_str(": ");
            message.push_str(cause);
        }
        let report = Report {
            error: ErrorReport {
                kind: self.kind,
                message,
                hint: (!self.hints.is_empty()).then(|| self.hints.join("\n")),
                aadsts: self.reference.aadsts.map(|code| format!("AADSTS{code}")),
                correlation_id: self.reference.correlation_id.as_deref(),
                trace_id: self.reference.trace_id.as_deref(),
                timestamp: self.reference.timestamp.as_deref(),
            },
        };
        serde_json::to_string(&report).unwrap_or_default()
    }
}

#[derive(Serialize)]
struct Report<'a> {
    error: ErrorReport<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorReport<'a> {
    kind: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aadsts: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    correlation_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<&'a str>,
}

/// Explains a failure.
#[must_use]
pub fn diagnose(failure: &Failure) -> Diagnosis {
    let diagnosis = explained(failure);
    match failure.whose() {
        Some(Whose::Environment | Whose::ManagedIdentity) => environment::advised(diagnosis),
        Some(Whose::Profile(_)) | None => diagnosis,
    }
}

fn explained(failure: &Failure) -> Diagnosis {
    let message = failure.to_string();
    let general = |kind| Diagnosis::new(Exit::Failure, kind, message.clone());
    let usage = || Diagnosis::new(Exit::Usage, "usage", message.clone());
    match failure {
        Failure::ArcKey { source, .. } => workload::arc_key(message, source),
        Failure::AssertionMissing { missing, .. } => workload::assertion_missing(message, *missing),
        Failure::CaBundle { named_by, path, .. } => {
            general("caBundle").hint(certificate::bundle(named_by, path))
        }
        Failure::Cancelled => Diagnosis::new(Exit::Interrupted, "cancelled", message),
        Failure::Certificate(failure) => certificate::diagnose(failure),
        Failure::CredentialMissing { whose, .. } => credential_missing(message, whose),
        #[cfg(feature = "emulator")]
        Failure::Emulator(error) => general("emulator")
            .because_of(error)
            .hint("choose another port with `--port`, or 0 for any free one"),
        Failure::EnvironmentProfile(_) => {
            usage().hint("correct them, or name a profile with `-p`")
        }
        Failure::Exists(name) => general("profileExists").hint(format!(
            "use `--overwrite` to replace it, or `{}` to change it",
            edit(name)
        )),
        Failure::File(error) => file(general("file").because_of(error), error),
        Failure::FlowUnsuitable { whose: Whose::Profile(profile), .. } => usage().hint(format!(
            "set the tenant with `{}`, or pass `--tenant TENANT`",
            edit(profile).with("--tenant-id TENANT")
        )),
        Failure::FlowUnsuitable { .. } => {
            usage().hint("set AZURE_TENANT_ID, or pass `--tenant TENANT`")
        }
        Failure::IncompleteEnvironment { missing, known } => {
            let missing = missing.join(" and ");
            no_profile(message, known).hint(format!("or set {missing}, too: then the variables are enough"))
        }
        Failure::Import { hint, .. } => {
            let diagnosis = general("import");
            match hint {
                Some(hint) => diagnosis.hint(hint),
                None => diagnosis,
            }
        }
        Failure::FileExists(_) => general("fileExists")
            .hint("use `--overwrite` to replace it, or `--output` for another name"),
        Failure::InvalidToken(_) => general("invalidToken").hint(
            "check that the whole token was copied, or get a fresh one with `entratool get-token`",
        ),
        Failure::Io { source, .. } => general("io").because(source.to_string()),
        Failure::KeyUnavailable { error, .. } => {
            storage::key_unavailable(message, error).because(error.to_string()).because_of(error)
        }
        Failure::Keys { authority, error } => verification::keys(authority, message, error),
        Failure::Name { name, why } => profile_not_found(message, name, why),
        Failure::NoHome => general("file").hint(
            "set HOME, or ENTRATOOL_CONFIG_PATH and ENTRATOOL_CACHE_PATH, to folders that can be written",
        ),
        Failure::NoProfile { known } => no_profile(message, known),
        Failure::NoRoots => general("caBundle").hint(certificate::NO_ROOTS),
        Failure::NotVerified { flaws, issuer } => {
            verification::not_verified(message, flaws, issuer.as_ref())
        }
        Failure::NotDeleted(_) => general("notDeleted"),
        Failure::NoCachedToken(name) => {
            let get_token = CommandLine::new("get-token").option("-p", name);
            general("noCachedToken").hint(format!("get one with `{get_token}`"))
        }
        Failure::CredentialNotShared {
            what,
            profile,
            authority,
            named_only_by_profile,
        } => workload::not_shared(usage(), *what, profile, authority, *named_only_by_profile),
        Failure::Profile { name, path, error } => {
            let (change, edit) = match error.member() {
                "name" => ("rename it with", edit(name).with("--name NEW")),
                _ => ("correct it with", edit(name)),
            };
            general("profile").hint(format!("{change} `{edit}`, or in {}", text::path(path)))
        }
        Failure::Profiles(error) => storage::profiles(message, error),
        Failure::Quoted(_) => usage().hint("remove the quotes: only a shell takes them off"),
        Failure::ReaderGone => Diagnosis::new(Exit::Success, "readerGone", message),
        Failure::Signing(_) => general("certificate"),
        Failure::Taken(_) => general("profileExists")
            .hint("choose with `--overwrite`, `--skip` or `--rename`; nothing was imported"),
        Failure::Token { asked, error } => token::diagnose(asked, error),
        Failure::Usage { hint, .. } => usage().hint(hint),
        Failure::Variable { name, .. } => {
            usage().hint(format!("correct {name}, or unset it if it is left over"))
        }
        Failure::Vault(error) => storage::vault(message, error),
    }
}

fn edit(profile: &str) -> CommandLine {
    CommandLine::new("config edit").option("-p", profile)
}

fn file(diagnosis: Diagnosis, error: &FileError) -> Diagnosis {
    match error.path().and_then(text::instead_of_path) {
        Some(remedy) => diagnosis.hint(remedy),
        None => diagnosis,
    }
}

fn credential_missing(message: String, whose: &Whose) -> Diagnosis {
    let diagnosis = Diagnosis::new(Exit::Failure, "credentialMissing", message);
    let variables =
        "set AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH or AZURE_FEDERATED_TOKEN_FILE";
    match whose {
        Whose::Profile(profile) => diagnosis
            .hint(format!(
                "store it with `{}` (or `--certificate PATH`)",
                edit(profile).with("--client-secret-stdin")
            ))
            .hint(format!("or {variables}")),
        Whose::Environment | Whose::ManagedIdentity => diagnosis.hint(variables),
    }
}

fn profile_not_found(message: String, name: &str, why: &NameError) -> Diagnosis {
    let diagnosis = match why {
        NameError::Unknown(_) => Diagnosis::new(Exit::ProfileNotFound, "profileNotFound", message),
        NameError::Ambiguous(names) => Diagnosis::new(
            Exit::ProfileNotFound,
            "profileNotFound",
            format!(
                "'{}' could be any of several profiles: {}",
                echo(name),
                echo(&names.join(", "))
            ),
        ),
    };
    match why {
        NameError::Unknown(Some(similar)) => {
            diagnosis.hint(format!("did you mean '{}'?", echo(similar)))
        }
        NameError::Unknown(None) => diagnosis,
        NameError::Ambiguous(names) => {
            let first = names.first().map_or("", String::as_str);
            if names.iter().all(|name| name == first) {
                let delete = CommandLine::new("config delete").option("-p", first);
                diagnosis.hint(format!(
                    "rename the second with `{}`, or remove it with `{}`",
                    edit(first).with("--number 2 --name NEW"),
                    delete.with("--number 2")
                ))
            } else {
                diagnosis.hint(format!(
                    "write the name as it is in the list, for example `{}`",
                    CommandLine::other("-p").argument(first)
                ))
            }
        }
    }
    .hint("list the profiles with `entratool config list`")
}

fn no_profile(message: String, known: &[String]) -> Diagnosis {
    let diagnosis = Diagnosis::new(Exit::Usage, "usage", message);
    if known.is_empty() {
        return diagnosis
            .hint("create one with `entratool config create`")
            .hint("or try the tool without a tenant: `entratool emulator run -- entratool get-token -p demo`");
    }
    let shown: Vec<_> = known.iter().take(10).map(String::as_str).collect();
    diagnosis.hint(format!(
        "pass `-p PROFILE` or set ENTRATOOL_PROFILE; there are: {}{}",
        echo(&shown.join(", ")),
        if known.len() > 10 { ", …" } else { "" }
    ))
}

/// Where a clock is that is `ahead` seconds ahead of another.
fn direction(ahead: i64) -> &'static str {
    if ahead.is_negative() {
        "behind"
    } else {
        "ahead of"
    }
}

/// Seconds by which clocks may differ before Entra ID refuses assertions and tokens look expired.
const CLOCK_LIMIT: i64 = 5 * 60;
