//! What Homebrew, Scoop and winget need to find, check and install the archives of a release.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::release::Release;
use super::{archive, sums};

/// What to do about an archive that is not there because it is built on another machine.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// A word in the place of its checksum says so.
    Named,
    /// Nothing is written.
    Refused,
}

/// Writes the manifests beside the archives in `folder`.
///
/// # Errors
///
/// If they cannot be written, or an archive is missing and must not be.
pub(super) fn write(release: &Release, folder: &Path, missing: Missing) -> Result<(), String> {
    let archive = |platform: &str| -> Result<Archive, String> {
        let name = format!("entratool-{}-{platform}", release.version);
        let file = archive::file_name(&name);
        let path = folder.join(&file);
        let sum = match (path.exists(), missing) {
            (true, _) => sums::of_file(&path)?,
            (false, Missing::Named) => format!("SHA-256-of-{file}"),
            (false, Missing::Refused) => return Err(format!("{} is missing", path.display())),
        };
        let url = release.url(&file);
        Ok(Archive { name, url, sum })
    };
    let windows = archive("x86_64-windows")?;
    let homebrew = homebrew(
        release,
        &archive("aarch64-macos")?,
        &archive("x86_64-macos")?,
        &archive("x86_64-linux")?,
    );
    let put = |name: &str, text: String| {
        let path = folder.join("manifests").join(name);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(&path, text))
            .map_err(|error| format!("{}: {error}", path.display()))
    };
    put("homebrew/entratool.rb", homebrew)?;
    put("scoop/entratool.json", scoop(release, &windows))?;
    for (part, text) in winget(release, &windows) {
        put(&format!("winget/{PACKAGE}{part}.yaml"), text)?;
    }
    Ok(())
}

/// Writes what is new in the release, as the changelog says.
///
/// # Errors
///
/// If the changelog says nothing of this version.
pub(super) fn write_notes(release: &Release, changelog: &str, folder: &Path) -> Result<(), String> {
    let notes = section(changelog, &release.version)
        .ok_or_else(|| format!("CHANGELOG.md says nothing of {}", release.version))?;
    let path = folder.join("manifests").join("release-notes.md");
    fs::write(&path, format!("{notes}\n")).map_err(|error| format!("{}: {error}", path.display()))
}

/// The section below the heading `## [VERSION]`, whatever follows in that line.
fn section<'a>(changelog: &'a str, version: &str) -> Option<&'a str> {
    let (_, rest) = changelog.split_once(&format!("\n## [{version}]"))?;
    let (_, rest) = rest.split_once('\n')?;
    let section = rest
        .split_once("\n## [")
        .map_or(rest, |(section, _)| section);
    Some(section.trim())
}

/// An archive, wherever it is built.
struct Archive {
    /// The file without its extension, and the folder in it.
    name: String,
    url: String,
    sum: String,
}

/// <https://docs.brew.sh/Formula-Cookbook>
fn homebrew(release: &Release, arm: &Archive, intel: &Archive, linux: &Archive) -> String {
    let place = |archive: &Archive, indent: &str| {
        format!(
            "{indent}url \"{}\"\n{indent}sha256 \"{}\"\n",
            archive.url, archive.sum
        )
    };
    format!(
        r##"class Entratool < Formula
  desc "{}"
  homepage "{}"
  version "{}"
  license any_of: ["MIT", "Apache-2.0"]

  on_macos do
    on_arm do
{}    end
    on_intel do
{}    end
  end

  on_linux do
    on_intel do
{}    end
  end

  def install
    bin.install "entratool"
    man1.install Dir["man/man1/*.1"]
    bash_completion.install "completions/entratool.bash" => "entratool"
    fish_completion.install "completions/entratool.fish"
    zsh_completion.install "completions/_entratool"
    doc.install "README.md", "CHANGELOG.md", "THIRD-PARTY-NOTICES.txt"
  end

  test do
    token = shell_output("#{{bin}}/entratool emulator run -- entratool get-token -p demo")
    assert_match(/^eyJ/, token)
  end
end
"##,
        release.description,
        release.repository,
        release.version,
        place(arm, "      "),
        place(intel, "      "),
        place(linux, "      "),
    )
}

/// <https://github.com/ScoopInstaller/Scoop/wiki/App-Manifests>
fn scoop(release: &Release, windows: &Archive) -> String {
    let any_version = |text: &str| text.replace(&release.version, "$version");
    let manifest = json!({
        "version": release.version,
        "description": release.description,
        "homepage": release.repository,
        "license": "MIT|Apache-2.0",
        "architecture": {
            "64bit": {
                "url": windows.url,
                "hash": windows.sum,
                "extract_dir": windows.name,
            },
        },
        "bin": "entratool.exe",
        "checkver": { "github": release.repository },
        "autoupdate": {
            "architecture": {
                "64bit": {
                    "url": any_version(&windows.url),
                    "extract_dir": any_version(&windows.name),
                },
            },
            "hash": { "url": "$baseurl/SHA256SUMS" },
        },
    });
    format!("{manifest:#}\n")
}

/// The three files of <https://github.com/microsoft/winget-cli/tree/master/schemas>, each with
/// what its name ends in.
fn winget(release: &Release, windows: &Archive) -> [(&'static str, String); 3] {
    let file = |kind: &str, fields: &[(&str, &str)]| {
        let mut text = format!(
            "# yaml-language-server: $schema=https://aka.ms/winget-manifest.{kind}.{SCHEMA}.schema.json\n\
             PackageIdentifier: {PACKAGE}\nPackageVersion: {}\n",
            release.version
        );
        for (name, value) in fields {
            let space = if value.starts_with('\n') { "" } else { " " };
            text.push_str(&format!("{name}:{space}{value}\n"));
        }
        text.push_str(&format!(
            "ManifestType: {kind}\nManifestVersion: {SCHEMA}\n"
        ));
        text
    };
    let installers = format!(
        "\n- Architecture: x64\n  InstallerUrl: {}\n  InstallerSha256: {}",
        windows.url, windows.sum
    );
    let nested = format!(
        "\n- RelativeFilePath: {}\\entratool.exe\n  PortableCommandAlias: entratool",
        windows.name
    );
    let publisher = "The entratool authors";
    [
        ("", file("version", &[("DefaultLocale", "en-US")])),
        (
            ".installer",
            file(
                "installer",
                &[
                    ("InstallerType", "zip"),
                    ("NestedInstallerType", "portable"),
                    ("NestedInstallerFiles", &nested),
                    ("Commands", "\n- entratool"),
                    ("Installers", &installers),
                ],
            ),
        ),
        (
            ".locale.en-US",
            file(
                "defaultLocale",
                &[
                    ("PackageLocale", "en-US"),
                    ("Publisher", publisher),
                    ("PackageName", "entratool"),
                    ("PackageUrl", &release.repository),
                    ("License", "MIT OR Apache-2.0"),
                    ("ShortDescription", &release.description),
                    ("Moniker", "entratool"),
                ],
            ),
        ),
    ]
}

const PACKAGE: &str = "Entratool.Entratool";

/// The version of winget's schemas.
const SCHEMA: &str = "1.6.0";

#[cfg(test)]
mod tests {
    use super::*;

    fn written(missing: Missing) -> Result<String, String> {
        let folder = tempfile::tempdir().unwrap();
        let release = Release::example();
        for platform in ["x86_64-linux.tar.gz", "x86_64-windows.zip"] {
            let file = format!("entratool-0.1.0-{platform}");
            fs::write(folder.path().join(file), platform).unwrap();
        }
        write(&release, folder.path(), missing)?;
        let mut text = String::new();
        for file in [
            "homebrew/entratool.rb",
            "scoop/entratool.json",
            "winget/Entratool.Entratool.yaml",
            "winget/Entratool.Entratool.installer.yaml",
            "winget/Entratool.Entratool.locale.en-US.yaml",
        ] {
            let path = folder.path().join("manifests").join(file);
            text.push_str(&fs::read_to_string(path).unwrap());
        }
        Ok(text)
    }

    #[test]
    fn manifests_name_archives_with_their_checksums() {
        let text = written(Missing::Named).unwrap();
        let linux = sums::of(b"x86_64-linux.tar.gz");
        let windows = sums::of(b"x86_64-windows.zip");
        let base = "https://example.com/owner/entratool/releases/download/v0.1.0/entratool-0.1.0-";
        for part in [
            format!("url \"{base}x86_64-linux.tar.gz\"\n      sha256 \"{linux}\""),
            format!(
                "url \"{base}aarch64-macos.tar.gz\"\n      sha256 \"SHA-256-of-entratool-0.1.0-aarch64-macos.tar.gz\""
            ),
            format!("\"hash\": \"{windows}\""),
            format!("InstallerUrl: {base}x86_64-windows.zip\n  InstallerSha256: {windows}\n"),
            "- RelativeFilePath: entratool-0.1.0-x86_64-windows\\entratool.exe\n".to_owned(),
            "releases/download/v$version/entratool-$version-x86_64-windows.zip".to_owned(),
        ] {
            assert!(text.contains(&part), "no {part} in\n{text}");
        }
    }

    #[test]
    fn notes_are_the_section_of_the_version() {
        let changelog = "# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2027-01-01\n\n- New.\n\n## [0.1.0]\n\n- First.\n";
        let check = |version: &str, want: Option<&str>| {
            assert_eq!(section(changelog, version), want, "{version}");
        };
        check("0.2.0", Some("- New."));
        check("0.1.0", Some("- First."));
        check("0.3.0", None);
    }

    #[test]
    fn a_release_is_not_announced_without_all_of_its_archives() {
        let reason = written(Missing::Refused).unwrap_err();
        assert!(reason.ends_with("macos.tar.gz is missing"), "{reason}");
    }
}
