//! What is released: which version, for which machines, from when, and where it can be found.

use std::time::Duration;

use serde_json::Value;
use time::OffsetDateTime;

use crate::process::{machine, output};
use crate::workspace::Workspace;

/// One version for one kind of machine.
pub(crate) struct Release {
    pub(crate) version: String,
    /// The target triple.
    pub(crate) target: String,
    /// The time that everything bears, so that two builds of one commit are equal.
    pub(crate) time: OffsetDateTime,
    /// One sentence, without a full stop.
    pub(crate) description: String,
    /// The address of the repository; see [`Release::is_published`].
    pub(crate) repository: String,
    /// Who answers for the packages, as Debian writes it.
    pub(crate) maintainer: String,
    /// The compiler, as `rustc --version` says.
    pub(crate) compiler: String,
}

impl Release {
    /// What the workspace, the commit and the compiler say.
    ///
    /// # Errors
    ///
    /// If one of them cannot be asked.
    pub(crate) fn of(workspace: &Workspace, target: Option<&str>) -> Result<Self, String> {
        let rustc = output(machine("rustc", &workspace.root).arg("-vV"))?;
        let host = rustc.lines().find_map(|line| line.strip_prefix("host: "));
        let metadata = output(machine("cargo", &workspace.root).args([
            "metadata",
            "--no-deps",
            "--format-version=1",
            "--locked",
        ]))?;
        let metadata: Value = serde_json::from_str(&metadata).map_err(|e| e.to_string())?;
        let packages = metadata["packages"].as_array().into_iter().flatten();
        let mut packages = packages.filter(|package| package["name"] == "entratool");
        let package = packages.next().ok_or("no package `entratool`")?;
        let text = |name: &str| package[name].as_str().map(str::to_owned);
        Ok(Self {
            version: text("version").ok_or("no version")?,
            target: target.or(host).ok_or("no host in `rustc -vV`")?.to_owned(),
            time: time(workspace)?,
            description: text("description").ok_or("no description")?,
            repository: hosted()
                .or_else(|| text("repository"))
                .unwrap_or_else(|| NOWHERE.to_owned()),
            maintainer: variable("DEBEMAIL").map_or_else(
                || NO_MAINTAINER.to_owned(),
                |email| {
                    let name = variable("DEBFULLNAME");
                    format!("{} <{email}>", name.as_deref().unwrap_or(AUTHORS))
                },
            ),
            compiler: rustc.lines().next().unwrap_or_default().to_owned(),
        })
    }

    /// Whether the release can be found where its manifests say.
    pub(crate) fn is_published(&self) -> bool {
        self.repository != NOWHERE
    }

    /// Whether it runs on Linux.
    pub(crate) fn is_linux(&self) -> bool {
        self.target.contains("linux")
    }

    /// Whether it runs on any Linux, because it has its C library in it.
    pub(crate) fn is_static(&self) -> bool {
        self.target.ends_with("musl")
    }

    /// Whether it runs on Windows.
    pub(crate) fn is_windows(&self) -> bool {
        self.target.contains("windows")
    }

    /// The processor, as target triples name it.
    pub(crate) fn architecture(&self) -> &str {
        self.target.split('-').next().unwrap_or_default()
    }

    /// `entratool-0.1.0-x86_64-linux`.
    pub(crate) fn name(&self) -> String {
        let system = match (self.is_linux(), self.is_windows()) {
            (true, _) if self.is_static() => "linux-static",
            (true, _) => "linux",
            (_, true) => "windows",
            _ => "macos",
        };
        format!(
            "entratool-{}-{}-{system}",
            self.version,
            self.architecture()
        )
    }

    /// The file of the program.
    pub(crate) fn program(&self) -> &'static str {
        if self.is_windows() {
            "entratool.exe"
        } else {
            "entratool"
        }
    }

    /// Seconds since 1970.
    pub(crate) fn epoch(&self) -> u64 {
        u64::try_from(self.time.unix_timestamp()).unwrap_or(0)
    }

    /// Where an archive of the release will be.
    pub(crate) fn url(&self, file: &str) -> String {
        format!(
            "{}/releases/download/v{}/{file}",
            self.repository, self.version
        )
    }
}

/// `SOURCE_DATE_EPOCH` (<https://reproducible-builds.org/specs/source-date-epoch/>), else the
/// time of the last commit.
fn time(workspace: &Workspace) -> Result<OffsetDateTime, String> {
    let seconds = match variable("SOURCE_DATE_EPOCH") {
        Some(seconds) => seconds,
        None => output(machine("git", &workspace.root).args(["log", "-1", "--format=%ct"]))?,
    };
    let seconds = seconds
        .trim()
        .parse()
        .map_err(|_| "not a time in seconds")?;
    Ok(OffsetDateTime::UNIX_EPOCH + Duration::from_secs(seconds))
}

/// The repository whose workflow this runs in.
fn hosted() -> Option<String> {
    let server = variable("GITHUB_SERVER_URL")?;
    Some(format!("{server}/{}", variable("GITHUB_REPOSITORY")?))
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Stands for the repository until there is one (<https://www.rfc-editor.org/rfc/rfc2606>).
const NOWHERE: &str = "https://example.com/entratool";

const NO_MAINTAINER: &str = "The entratool authors <entratool@example.com>";

/// As LICENSE-MIT names them.
pub(crate) const AUTHORS: &str = "The entratool authors";

#[cfg(test)]
impl Release {
    /// A release for tests.
    pub(crate) fn example() -> Self {
        Self {
            version: "0.1.0".to_owned(),
            target: "x86_64-unknown-linux-gnu".to_owned(),
            time: OffsetDateTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000),
            description: "Gets tokens".to_owned(),
            repository: "https://example.com/owner/entratool".to_owned(),
            maintainer: NO_MAINTAINER.to_owned(),
            compiler: "rustc 1.95.0 (f2d3ce0bd 2026-03-21)".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_are_named_after_version_processor_and_system() {
        let check = |target: &str, want: &str| {
            let target = target.to_owned();
            let release = Release {
                target,
                ..Release::example()
            };
            assert_eq!(release.name(), want);
        };
        check("x86_64-unknown-linux-gnu", "entratool-0.1.0-x86_64-linux");
        check("aarch64-apple-darwin", "entratool-0.1.0-aarch64-macos");
        check("x86_64-pc-windows-msvc", "entratool-0.1.0-x86_64-windows");
    }
}
