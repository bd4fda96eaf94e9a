//! Whatever the umask is, files are for their owner, and for their owner they can be read.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use entra::secret::Secret;
use entratool::vault::key_store::Backend;
use entratool::vault::secrets::{SecretKind, SecretName, Secrets};

use crate::{token, vault};

#[test]
fn no_umask_opens_or_closes_a_file() {
    if let Some(folder) = env::var_os(FOLDER) {
        return write(&PathBuf::from(folder));
    }
    for umask in ["000", "022", "077", "777"] {
        let folder = tempfile::tempdir().unwrap();
        let output = Command::new("bash")
            .args(["-c", "umask \"$1\" && shift && exec \"$@\"", "bash", umask])
            .arg(env::current_exe().unwrap())
            .args(["--exact", "umask::no_umask_opens_or_closes_a_file"])
            .env(FOLDER, folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "umask {umask}: {output:?}");
        let mut files = 0;
        check(folder.path(), umask, &mut files);
        assert!(files >= 6, "umask {umask}: {files}");
    }
}

fn write(folder: &Path) {
    let vault = vault(folder, &[Backend::KeyFile]);
    vault.seal(&token("a"), &Secret::from("x")).unwrap();
    let name = SecretName::new("a", SecretKind::ClientSecret);
    Secrets::new(&vault).set(&name, &Secret::from("x")).unwrap();
    vault.rotate().unwrap();
}

fn check(folder: &Path, umask: &str, files: &mut usize) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let metadata = fs::metadata(&path).unwrap();
        let mode = metadata.permissions().mode() & 0o7777;
        let want = if metadata.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode, want, "umask {umask}: {}", path.display());
        if metadata.is_dir() {
            check(&path, umask, files);
        } else {
            *files += 1;
        }
    }
}

const FOLDER: &str = "ENTRATOOL_TEST_UMASK_FOLDER";
