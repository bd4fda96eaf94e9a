//! What failures of files and secure storage mean.

use crate::diagnosis::Diagnosis;
use crate::exit::Exit;
use crate::profile::store::ProfilesError;
use crate::vault::VaultError;

/// `profiles.json` cannot be read or changed.
pub(super) fn profiles(message: String, error: &ProfilesError) -> Diagnosis {
    let diagnosis = Diagnosis::new(Exit::Failure, "profiles", message).because_of(error);
    match error {
        ProfilesError::Json { .. } | ProfilesError::Shape { .. } => {
            diagnosis.hint("correct the file by hand; it was not changed")
        }
        ProfilesError::File(_) | ProfilesError::Lock(_) => diagnosis,
    }
}

/// Secure storage failed.
pub(super) fn vault(message: String, error: &VaultError) -> Diagnosis {
    let unavailable = matches!(error, VaultError::KeyStore(_));
    let (exit, kind) = if unavailable {
        (Exit::StorageUnavailable, "storageUnavailable")
    } else {
        (Exit::Failure, "storage")
    };
    let diagnosis = Diagnosis::new(exit, kind, message).because_of(error);
    if unavailable {
        return diagnosis.hint(
            "see `entratool storage status`; unlock the keyring or set ENTRATOOL_PASSPHRASE, whichever is in use",
        );
    }
    diagnosis
}
