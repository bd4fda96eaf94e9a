//! The key in a file that Windows opens for the user's account only.

use std::path::{Path, PathBuf};
use std::ptr;

use windows_sys::Win32::Foundation::LocalFree;
use windows_sys::Win32::Security::Cryptography::{
    CRYPT_INTEGER_BLOB, CRYPTPROTECT_UI_FORBIDDEN, CryptProtectData, CryptUnprotectData,
};
use zeroize::{Zeroize as _, Zeroizing};

use crate::file::Files;
use crate::vault::key::{Key, KeyId};
use crate::vault::key_store::{Backend, KeyStore, KeyStoreError};

/// `key-ID.dpapi` in the configuration folder.
pub(super) struct DpapiFile<'a> {
    files: &'a Files,
    path: PathBuf,
}

impl<'a> DpapiFile<'a> {
    /// The file in `folder` for the key called `id`.
    pub(super) fn new(files: &'a Files, folder: &Path, id: KeyId) -> Self {
        Self {
            files,
            path: folder.join(format!("key-{id}.dpapi")),
        }
    }
}

impl KeyStore for DpapiFile<'_> {
    fn backend(&self) -> Backend {
        Backend::Dpapi
    }

    fn load(&self) -> Result<Option<Key>, KeyStoreError> {
        let Some(bytes) = self.files.read(&self.path, LIMIT)? else {
            return Ok(None);
        };
        let key = unprotect(&bytes).ok_or(KeyStoreError::Damaged(Backend::Dpapi))?;
        Key::from_bytes(&key)
            .map(Some)
            .ok_or(KeyStoreError::Damaged(Backend::Dpapi))
    }

    fn store(&self, key: &Key) -> Result<(), KeyStoreError> {
        let bytes = protect(key.expose()).ok_or_else(|| KeyStoreError::Io {
            backend: Backend::Dpapi,
            source: std::io::Error::last_os_error(),
        })?;
        Ok(self.files.replace(&self.path, &bytes)?)
    }

    fn remove(&self) -> Result<(), KeyStoreError> {
        self.files.remove(&self.path)?;
        Ok(())
    }
}

/// <https://learn.microsoft.com/windows/win32/api/dpapi/nf-dpapi-cryptprotectdata>
#[expect(unsafe_code, reason = "there is no safe interface to this system call")]
fn protect(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let input = blob(bytes)?;
    let mut output = EMPTY;
    // SAFETY: the input lives and is only read; all optional arguments are absent.
    let done = unsafe {
        CryptProtectData(
            &raw const input,
            ptr::null(),
            ptr::null(),
            ptr::null(),
            ptr::null(),
            CRYPTPROTECT_UI_FORBIDDEN,
            &raw mut output,
        )
    };
    (done != 0).then(|| take(output))
}

/// <https://learn.microsoft.com/windows/win32/api/dpapi/nf-dpapi-cryptunprotectdata>
#[expect(unsafe_code, reason = "there is no safe interface to this system call")]
fn unprotect(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let input = blob(bytes)?;
    let mut output = EMPTY;
    // SAFETY: the input lives and is only read; all optional arguments are absent.
    let done = unsafe {
        CryptUnprotectData(
            &raw const input,
            ptr::null_mut(),
            ptr::null(),
            ptr::null(),
            ptr::null(),
            CRYPTPROTECT_UI_FORBIDDEN,
            &raw mut output,
        )
    };
    (done != 0).then(|| take(output))
}

fn blob(bytes: &[u8]) -> Option<CRYPT_INTEGER_BLOB> {
    Some(CRYPT_INTEGER_BLOB {
        cbData: u32::try_from(bytes.len()).ok()?,
        pbData: bytes.as_ptr().cast_mut(),
    })
}

/// Copies what the system returned, wipes it and gives its memory back.
#[expect(unsafe_code, reason = "the memory belongs to the system")]
fn take(output: CRYPT_INTEGER_BLOB) -> Zeroizing<Vec<u8>> {
    if output.pbData.is_null() {
        return Zeroizing::default();
    }
    // SAFETY: after success the system hands over `cbData` bytes at `pbData`, to be freed once.
    unsafe {
        let bytes = std::slice::from_raw_parts_mut(output.pbData, output.cbData as usize);
        let copy = Zeroizing::new(bytes.to_vec());
        bytes.zeroize();
        LocalFree(output.pbData.cast());
        copy
    }
}

const EMPTY: CRYPT_INTEGER_BLOB = CRYPT_INTEGER_BLOB {
    cbData: 0,
    pbData: ptr::null_mut(),
};
/// In bytes; such a file has about 300.
const LIMIT: u64 = 64 * 1024;

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn only_what_windows_protected_is_a_key() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::system();
        let key = Key::from_bytes(&[5; 32]).unwrap();
        let store = DpapiFile::new(&files, folder.path(), key.id());
        assert!(store.load().unwrap().is_none());
        store.store(&key).unwrap();
        assert_eq!(store.load().unwrap().unwrap().expose(), key.expose());
        let good = fs::read(&store.path).unwrap();
        assert!(!good.windows(8).any(|window| window == [5; 8]));
        for bad in [&good[1..], &good[..good.len() - 1], b"", b"malformed"] {
            fs::write(&store.path, bad).unwrap();
            assert!(matches!(
                store.load(),
                Err(KeyStoreError::Damaged(Backend::Dpapi))
            ));
        }
        store.remove().unwrap();
        assert!(store.load().unwrap().is_none());
        store.remove().unwrap();
    }
}
