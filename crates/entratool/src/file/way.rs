//! The way to a file that is written: followed name by name, and no link in it is one that another user could have put there.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Component, Path, PathBuf};

use super::FileError;
use super::folder::{Entry, Folder};
use super::ownership;

/// Where a file is or will be.
#[derive(Debug)]
pub(super) struct Destination {
    pub(super) folder: Folder,
    pub(super) name: OsString,
    /// What has that name now; [`Entry::Link`] only for an open descriptor of this process.
    pub(super) entry: Entry,
}

/// Finds the file that `path` leads to, which may be missing. A link in its place is followed if
/// `links` says so and no other user can make names in its folder.
///
/// # Errors
/// [`FileError::Link`], [`FileError::NotRegular`] for a folder, or what the operating system says.
pub(super) fn to_file(path: &Path, links: Links) -> Result<Destination, FileError> {
    match walk(path, Some(links))? {
        (folder, Some((name, entry))) => Ok(Destination {
            folder,
            name,
            entry,
        }),
        (_, None) => Err(FileError::NotRegular(path.to_owned())),
    }
}

/// Opens the folder that `path` leads to.
///
/// # Errors
/// [`FileError::Link`], or what the operating system says.
pub(super) fn to_folder(path: &Path) -> Result<Folder, FileError> {
    Ok(walk(path, None)?.0)
}

/// What to do about a link in the place of the file itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Links {
    Follow,
    Refuse,
}

type Found = (Folder, Option<(OsString, Entry)>);

fn walk(path: &Path, last: Option<Links>) -> Result<Found, FileError> {
    let failed = || FileError::io("reach", path);
    let mut names = VecDeque::new();
    let mut folder = start(path, &mut names).map_err(failed())?;
    let mut links = 0;
    while let Some(name) = names.pop_front() {
        let is_file = last.filter(|_| names.is_empty() && name != "..");
        let (entry, owner) = folder.entry(&name).map_err(failed())?;
        if entry != Entry::Link {
            if is_file.is_some() && entry != Entry::Folder {
                return Ok((folder, Some((name, entry))));
            }
            folder = enter(&folder, &name).map_err(failed())?;
            continue;
        }
        links += 1;
        let is_shared = ownership::is_shared(&folder.metadata().map_err(failed())?);
        let is_refused = match is_file {
            Some(Links::Refuse) => true,
            Some(Links::Follow) => is_shared,
            None => is_shared && !ownership::is_trusted(owner),
        };
        if is_refused {
            return Err(FileError::Link(folder.join(&name)));
        }
        if links > MOST_LINKS {
            return Err(failed()(io::Error::other("too many links lead on")));
        }
        if is_file.is_some() && is_descriptor(&folder) {
            return Ok((folder, Some((name, Entry::Link))));
        }
        let target = link(&folder, &name).map_err(failed())?;
        let mut before = VecDeque::new();
        folder = match target.is_absolute() {
            true => start(&target, &mut before).map_err(failed())?,
            false => {
                append(&target, &mut before);
                folder
            }
        };
        before.append(&mut names);
        names = before;
    }
    Ok((folder, None))
}

/// The folder where `path` begins; its names are put into `names`.
fn start(path: &Path, names: &mut VecDeque<OsString>) -> io::Result<Folder> {
    append(path, names);
    let is_root = |part: &Component<'_>| matches!(part, Component::Prefix(_) | Component::RootDir);
    let root: PathBuf = path.components().take_while(is_root).collect();
    Folder::open(if root.as_os_str().is_empty() {
        Path::new(".")
    } else {
        &root
    })
}

fn append(path: &Path, names: &mut VecDeque<OsString>) {
    for part in path.components() {
        match part {
            Component::Normal(name) => names.push_back(name.to_owned()),
            Component::ParentDir => names.push_back("..".into()),
            Component::Prefix(_) | Component::RootDir | Component::CurDir => {}
        }
    }
}

#[cfg(unix)]
fn enter(folder: &Folder, name: &OsStr) -> io::Result<Folder> {
    Folder::open_in(folder, name)
}

#[cfg(unix)]
fn link(folder: &Folder, name: &OsStr) -> io::Result<PathBuf> {
    folder.link(name)
}

/// Whether the links in `folder` are the open descriptors of this process, which lead to what has
/// no other name: `/dev/stdout`, bash's `>(…)`.
#[cfg(target_os = "linux")]
fn is_descriptor(folder: &Folder) -> bool {
    let process = rustix::process::getpid().as_raw_nonzero();
    folder.path() == Path::new(&format!("/proc/{process}/fd"))
}

#[cfg(not(target_os = "linux"))]
fn is_descriptor(_folder: &Folder) -> bool {
    false
}

#[cfg(not(unix))]
fn enter(folder: &Folder, name: &OsStr) -> io::Result<Folder> {
    Folder::open(&folder.join(name))
}

#[cfg(not(unix))]
fn link(folder: &Folder, name: &OsStr) -> io::Result<PathBuf> {
    std::fs::read_link(folder.join(name))
}

/// As the kernel of Linux has it.
const MOST_LINKS: usize = 40;
