//! A disk on which one chosen step fails, as on a full one.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Disk, Folder, SystemDisk};

/// What happens after the step that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// The disk works again: a moment's shortage.
    Recover,
    /// Every further step fails too: as if the process had been killed.
    Stop,
}

/// The system's disk, with a fault.
pub(crate) struct FaultyDisk {
    steps: AtomicUsize,
    fails_at: usize,
    after: After,
    failed: OnceLock<&'static str>,
}

impl FaultyDisk {
    /// A disk whose step number `fails_at`, counted from 0, fails.
    pub(crate) fn new(fails_at: usize, after: After) -> Self {
        Self {
            steps: AtomicUsize::new(0),
            fails_at,
            after,
            failed: OnceLock::new(),
        }
    }

    /// The step that failed, if it has been met.
    pub(crate) fn failed(&self) -> Option<&'static str> {
        self.failed.get().copied()
    }

    fn step(&self, what: &'static str) -> io::Result<()> {
        let step = self.steps.fetch_add(1, Ordering::SeqCst);
        if step == self.fails_at || (step > self.fails_at && self.after == After::Stop) {
            self.failed.get_or_init(|| what);
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        Ok(())
    }
}

impl Disk for FaultyDisk {
    fn create(&self, folder: &Folder, name: &OsStr) -> io::Result<File> {
        self.step("create")?;
        SystemDisk.create(folder, name)
    }

    fn write(&self, file: &mut File, contents: &[u8]) -> io::Result<()> {
        if let Err(error) = self.step("write") {
            // A full disk takes what fits.
            SystemDisk.write(file, &contents[..contents.len() / 2])?;
            return Err(error);
        }
        SystemDisk.write(file, contents)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        self.step("sync")?;
        SystemDisk.sync(file)
    }

    fn rename(&self, folder: &Folder, from: &OsStr, to: &OsStr) -> io::Result<()> {
        self.step("rename")?;
        SystemDisk.rename(folder, from, to)
    }

    fn sync_folder(&self, folder: &Folder) -> io::Result<()> {
        self.step("sync folder")?;
        SystemDisk.sync_folder(folder)
    }

    fn remove(&self, folder: &Folder, name: &OsStr) -> io::Result<()> {
        self.step("remove")?;
        SystemDisk.remove(folder, name)
    }

    fn create_folder(&self, above: &Folder, name: &OsStr) -> io::Result<()> {
        self.step("create folder")?;
        SystemDisk.create_folder(above, name)
    }
}
