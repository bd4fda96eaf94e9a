//! Calls to a service that may never answer.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::vault::key_store::{Backend, KeyStoreError};

/// What `call` returns, if it does so within `limit`.
///
/// It runs in a thread of its own, which is left behind when the time is over: a call that hangs
/// in the system cannot be ended, and this process ends soon.
///
/// # Errors
/// [`KeyStoreError::NoAnswer`] when the time is over, and what `call` returns.
pub(super) fn within<T: Send + 'static>(
    limit: Duration,
    backend: Backend,
    call: impl FnOnce() -> Result<T, KeyStoreError> + Send + 'static,
) -> Result<T, KeyStoreError> {
    let (sender, receiver) = mpsc::channel();
    thread::Builder::new()
        .name(backend.name().to_owned())
        .spawn(move || {
            // Nothing is there to receive an answer that comes too late.
            let _ = sender.send(call());
        })
        .map_err(|source| KeyStoreError::Io { backend, source })?;
    receiver
        .recv_timeout(limit)
        .map_err(|_| KeyStoreError::NoAnswer {
            backend,
            seconds: limit.as_secs(),
        })?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_in_time_is_passed_on() {
        let limit = Duration::from_secs(60);
        assert_eq!(within(limit, Backend::Keychain, || Ok(7)).unwrap(), 7);
        let locked = || Err::<(), _>(KeyStoreError::Locked(Backend::Keychain));
        assert!(matches!(
            within(limit, Backend::Keychain, locked),
            Err(KeyStoreError::Locked(Backend::Keychain))
        ));
    }

    #[test]
    fn silence_is_an_error() {
        let (hold, held) = mpsc::channel::<()>();
        let result = within(Duration::from_millis(1), Backend::Keychain, move || {
            let _ = held.recv();
            Ok(())
        });
        assert!(matches!(result, Err(KeyStoreError::NoAnswer { .. })));
        drop(hold);
    }
}
