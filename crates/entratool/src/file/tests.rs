//! What is promised about files, tried on a real disk and on failing ones.

use std::fs;

use super::faulty::{After, FaultyDisk};
use super::sweep::is_temporary;
use super::*;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names = Files::system().list(folder).unwrap();
    names.sort();
    names
}

#[test]
fn what_was_written_is_read() {
    let folder = folder();
    let path = folder.path().join("file");
    let files = Files::system();
    assert_eq!(files.read(&path, 10).unwrap(), None);
    files.replace(&path, b"one").unwrap();
    assert_eq!(files.read(&path, 3).unwrap().unwrap(), b"one");
    files.replace(&path, b"").unwrap();
    assert_eq!(files.read(&path, 3).unwrap().unwrap(), b"");
    assert!(files.remove(&path).unwrap());
    assert!(!files.remove(&path).unwrap());
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

#[test]
fn a_file_over_the_limit_is_refused() {
    let folder = folder();
    let path = folder.path().join("file");
    let files = Files::system();
    files.replace(&path, b"1234").unwrap();
    assert!(matches!(
        files.read(&path, 3),
        Err(FileError::TooLarge { limit: 3, .. })
    ));
    assert!(files.read(&path, 4).is_ok());
    assert!(matches!(
        files.read(folder.path(), 4),
        Err(FileError::NotRegular(_) | FileError::Io { .. })
    ));
}

#[test]
fn folders_are_made_as_deep_as_needed() {
    let folder = folder();
    let deep = folder.path().join("a").join("b").join("c");
    let files = Files::system();
    files.ensure_folder(&deep).unwrap();
    files.ensure_folder(&deep).unwrap();
    assert!(deep.is_dir());
    fs::write(deep.join("file"), "").unwrap();
    assert!(files.ensure_folder(&deep.join("file").join("d")).is_err());
}

#[test]
fn a_damaged_file_is_set_aside_over_an_earlier_one() {
    let folder = folder();
    let path = folder.path().join("file");
    let files = Files::system();
    for contents in [b"one", b"two"] {
        files.replace(&path, contents).unwrap();
        let aside = files.set_aside(&path).unwrap();
        assert_eq!(aside, folder.path().join("file.damaged"));
        assert_eq!(fs::read(aside).unwrap(), contents);
    }
    assert_eq!(names(folder.path()), ["file.damaged"]);
}

#[test]
fn every_failing_step_leaves_the_old_contents_or_the_new() {
    for after in [After::Recover, After::Stop] {
        for old in [None, Some(b"old".as_slice())] {
            let mut failures = 0;
            loop {
                let folder = folder();
                let path = folder.path().join("file");
                if let Some(old) = old {
                    fs::write(&path, old).unwrap();
                }
                let disk = Arc::new(FaultyDisk::new(failures, after));
                let result = Files::on(disk.clone()).replace(&path, b"new");
                if disk.failed().is_none() {
                    result.unwrap();
                    break;
                }
                assert_eq!(result.unwrap_err().kind(), Some(io::ErrorKind::StorageFull));
                let found = Files::system().read(&path, 100).unwrap();
                assert!(
                    found.as_deref() == old || found.as_deref() == Some(b"new"),
                    "step {failures}: {found:?}"
                );
                // Whatever is left, the next run removes.
                Files::system().sweep(folder.path());
                let left = names(folder.path());
                assert!(left.iter().all(|name| name == "file"), "{left:?}");
                failures += 1;
            }
            // Create, write, flush, rename, flush the folder.
            assert_eq!(failures, 5);
        }
    }
}

#[test]
fn a_sweep_spares_the_living_and_the_foreign() {
    let folder = folder();
    let alive = folder.path().join(".a.1-00112233445566ff.tmp");
    let dead = folder.path().join(".b.1-00112233445566ff.tmp");
    let others = [".tmp", "x.tmp", ".x.1-2.tmp", ".x.g-00112233445566ff.tmp"];
    for name in others {
        fs::write(folder.path().join(name), "").unwrap();
    }
    fs::write(&dead, "").unwrap();
    let opened = Folder::open(folder.path()).unwrap();
    let writing = opened.create(&file_name(&alive)).unwrap();
    if cfg!(unix) {
        writing.try_lock().unwrap();
    }
    Files::system().sweep(folder.path());
    assert!(alive.exists() && !dead.exists());
    for name in others {
        assert!(folder.path().join(name).exists(), "{name}");
    }
    drop(writing);
    Files::system().sweep(folder.path());
    assert!(!alive.exists());
}

#[test]
fn temporary_names_are_recognised_and_short() {
    for name in ["file", "a.b-c.json", &"long".repeat(60)] {
        let temporary = temporary_name(OsStr::new(name));
        assert!(is_temporary(&temporary), "{temporary}");
        assert!(temporary.len() < 100);
    }
}

#[test]
fn a_file_that_a_sweep_took_is_written_again() {
    /// Removes the first temporary file behind its writer's back, as an early sweep would.
    struct Swept(AtomicBool);

    impl Disk for Swept {
        fn create(&self, folder: &Folder, name: &OsStr) -> io::Result<File> {
            SystemDisk.create(folder, name)
        }
        fn write(&self, file: &mut File, contents: &[u8]) -> io::Result<()> {
            SystemDisk.write(file, contents)
        }
        fn sync(&self, file: &File) -> io::Result<()> {
            SystemDisk.sync(file)
        }
        fn rename(&self, folder: &Folder, from: &OsStr, to: &OsStr) -> io::Result<()> {
            if !self.0.swap(true, Ordering::SeqCst) {
                SystemDisk.remove(folder, from)?;
            }
            SystemDisk.rename(folder, from, to)
        }
        fn sync_folder(&self, folder: &Folder) -> io::Result<()> {
            SystemDisk.sync_folder(folder)
        }
        fn remove(&self, folder: &Folder, name: &OsStr) -> io::Result<()> {
            SystemDisk.remove(folder, name)
        }
        fn create_folder(&self, above: &Folder, name: &OsStr) -> io::Result<()> {
            SystemDisk.create_folder(above, name)
        }
    }

    let folder = folder();
    let path = folder.path().join("file");
    let files = Files::on(Arc::new(Swept(false.into())));
    files.replace(&path, b"new").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn only_the_owner_may_read() {
        let folder = folder();
        let deep = folder.path().join("a").join("b");
        let files = Files::system();
        files.ensure_folder(&deep).unwrap();
        assert_eq!(mode(&deep), 0o700);
        assert_eq!(mode(&folder.path().join("a")), 0o700);
        let path = deep.join("file");
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        files.replace(&path, b"new").unwrap();
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn a_private_file_that_others_can_read_is_refused() {
        let folder = folder();
        let path = folder.path().join("file");
        let files = Files::system();
        files.replace(&path, b"x").unwrap();
        for (bits, fine) in [
            (0o600, true),
            (0o400, true),
            (0o640, false),
            (0o604, false),
            (0o620, false),
            (0o602, false),
        ] {
            fs::set_permissions(&path, fs::Permissions::from_mode(bits)).unwrap();
            match files.read_private(&path, 10) {
                Ok(contents) => assert!(fine && contents.is_some(), "{bits:o}"),
                Err(FileError::Exposed { mode, .. }) => assert!(!fine && mode == bits, "{bits:o}"),
                Err(error) => panic!("{bits:o}: {error}"),
            }
            assert!(files.read(&path, 10).is_ok());
        }
    }

    #[test]
    fn links_and_other_things_are_not_written_through() {
        let folder = folder();
        let target = folder.path().join("target");
        fs::write(&target, "precious").unwrap();
        let link = folder.path().join("link");
        symlink(&target, &link).unwrap();
        let dangling = folder.path().join("dangling");
        symlink(folder.path().join("nowhere"), &dangling).unwrap();
        let files = Files::system();
        for path in [&link, &dangling] {
            assert!(matches!(files.replace(path, b"x"), Err(FileError::Link(_))));
            assert!(path.is_symlink());
        }
        assert_eq!(fs::read(&target).unwrap(), b"precious");
        assert!(matches!(
            files.replace(folder.path(), b"x"),
            Err(FileError::NotRegular(_))
        ));
        assert_eq!(names(folder.path()), ["dangling", "link", "target"]);
    }

    #[test]
    fn a_pipe_does_not_hang_its_reader() {
        let folder = folder();
        let path = folder.path().join("pipe");
        let status = std::process::Command::new("mkfifo")
            .arg(&path)
            .status()
            .unwrap();
        assert!(status.success());
        assert!(matches!(
            Files::system().read(&path, 10),
            Err(FileError::NotRegular(_))
        ));
    }
}

#[cfg(unix)]
#[test]
fn files_that_are_left_untouched_cannot_be_changed() {
    let folder = tempfile::tempdir().unwrap();
    let (files, path) = (Files::system(), folder.path().join("a"));
    files.replace(&path, b"old").unwrap();
    fs::set_permissions(&path, owner_only(0o666)).unwrap();
    let clone = files.clone();
    let untouched = files.leave_untouched();
    assert!(clone.replace(&path, b"new").is_err());
    assert!(clone.remove(&path).is_err());
    assert!(clone.ensure_folder(&folder.path().join("b")).is_err());
    let open = clone.read_own(&path, 10);
    assert!(matches!(open, Err(FileError::Exposed { mode: 0o666, .. })));
    assert_eq!(clone.read(&path, 10).unwrap().unwrap(), b"old");
    drop(untouched);
    assert_eq!(clone.read_own(&path, 10).unwrap().unwrap(), b"old");
    assert_eq!(clone.take_tightened(), std::slice::from_ref(&path));
    clone.replace(&path, b"new").unwrap();
}
