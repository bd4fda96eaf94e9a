//! The archive of a release: a tarball, or a zip file for Windows, equal whenever it is made.

use std::fs::File;
use std::io::{self, Cursor, Write};
use std::path::{Path, PathBuf};

use flate2::{Compression, GzBuilder};
use time::OffsetDateTime;
use zip::write::SimpleFileOptions;

use super::contents::Contents;
use super::release::Release;

/// Writes the archive into `folder` and gives its path.
///
/// # Errors
///
/// If it cannot be written.
pub(super) fn write(
    release: &Release,
    contents: &Contents,
    folder: &Path,
) -> Result<PathBuf, String> {
    let path = folder.join(file_name(&release.name()));
    let members = members(release, contents);
    let file = File::create(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let written = if release.is_windows() {
        zip(&members, release.time, file)
    } else {
        tarball(&members, release.epoch(), file)
    };
    written.map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}

/// The file that holds the archive `name`.
pub(super) fn file_name(name: &str) -> String {
    if name.ends_with("windows") {
        format!("{name}.zip")
    } else {
        format!("{name}.tar.gz")
    }
}

struct Member<'a> {
    path: String,
    content: &'a [u8],
    is_program: bool,
}

/// All files, sorted by path, below one folder that bears the archive's name.
fn members<'a>(release: &Release, contents: &'a Contents) -> Vec<Member<'a>> {
    let name = release.name();
    let below = |folder: &str, file: &'a super::contents::File| Member {
        path: format!("{name}/{folder}{}", file.name),
        content: &file.content,
        is_program: false,
    };
    let mut members = vec![Member {
        path: format!("{name}/{}", release.program()),
        content: &contents.program,
        is_program: true,
    }];
    members.extend(contents.documents.iter().map(|file| below("", file)));
    let completions = contents.completions.iter();
    members.extend(completions.map(|file| below("completions/", file)));
    if !release.is_windows() {
        members.extend(contents.manual.iter().map(|file| below("man/man1/", file)));
    }
    members.sort_by(|one, other| one.path.cmp(&other.path));
    members
}

fn tarball(members: &[Member<'_>], epoch: u64, file: impl Write) -> io::Result<()> {
    // Neither name nor time of its own.
    let gzip = GzBuilder::new().write(file, Compression::best());
    let mut archive = tar::Builder::new(gzip);
    for member in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(member.content.len() as u64);
        header.set_mode(if member.is_program { 0o755 } else { 0o644 });
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(epoch);
        archive.append_data(&mut header, &member.path, member.content)?;
    }
    archive.into_inner()?.finish()?.flush()
}

fn zip(members: &[Member<'_>], time: OffsetDateTime, mut file: impl Write) -> io::Result<()> {
    let time = zip_time(time).map_err(io::Error::other)?;
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for member in members {
        let options = SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated)
            .last_modified_time(time)
            .unix_permissions(if member.is_program { 0o755 } else { 0o644 });
        archive.start_file(&member.path, options)?;
        archive.write_all(member.content)?;
    }
    file.write_all(archive.finish()?.get_ref())
}

/// A zip file knows no time zone and nothing before 1980.
fn zip_time(time: OffsetDateTime) -> Result<zip::DateTime, String> {
    let year = u16::try_from(time.year()).map_err(|error| error.to_string())?;
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    zip::DateTime::from_date_and_time(year, time.month().into(), time.day(), hour, minute, second)
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn members() -> Vec<Member<'static>> {
        let member = |path: &str, content, is_program| Member {
            path: path.to_owned(),
            content,
            is_program,
        };
        vec![
            member("e/README.md", b"read me", false),
            member("e/entratool", b"run me", true),
        ]
    }

    #[test]
    fn a_tarball_says_nothing_of_who_made_it_and_when() {
        let make = || {
            let mut bytes = Vec::new();
            tarball(&members(), 86_400, &mut bytes).unwrap();
            bytes
        };
        let bytes = make();
        assert_eq!(bytes, make());
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(&bytes[..]));
        let seen: Vec<_> = archive
            .entries()
            .unwrap()
            .map(|entry| {
                let mut entry = entry.unwrap();
                let header = entry.header().clone();
                let mut content = String::new();
                entry.read_to_string(&mut content).unwrap();
                let path = header.path().unwrap().display().to_string();
                let owner = (header.uid().unwrap(), header.gid().unwrap());
                assert_eq!((owner, header.mtime().unwrap()), ((0, 0), 86_400));
                (path, content, header.mode().unwrap())
            })
            .collect();
        let want = [
            ("e/README.md".into(), "read me".into(), 0o644),
            ("e/entratool".into(), "run me".into(), 0o755),
        ];
        assert_eq!(seen, want);
    }

    #[test]
    fn a_zip_file_says_nothing_of_who_made_it_and_when() {
        let time = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        let make = || {
            let mut bytes = Vec::new();
            zip(&members(), time, &mut bytes).unwrap();
            bytes
        };
        let bytes = make();
        assert_eq!(bytes, make());
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut file = archive.by_name("e/entratool").unwrap();
        let mut content = String::new();
        file.read_to_string(&mut content).unwrap();
        assert_eq!(content, "run me");
        assert_eq!(file.last_modified(), Some(zip_time(time).unwrap()));
    }
}
