//! Exit statuses of the process.

/// Exit statuses; scripts rely on these numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done; for `discover` and `verify`: the token is valid.
    Success,
    /// The answer is no, or something failed that has no number of its own.
    Failure,
    /// The command line is invalid.
    Usage,
    /// Entra ID refused the request.
    Refused,
    /// There is no such profile.
    ProfileNotFound,
    /// Interactive sign-in is required, and was not possible.
    SignInRequired,
    /// No network, no answer in time, or an answer that is not OAuth.
    Network,
    /// The secure storage is unavailable or locked.
    StorageUnavailable,
    /// Interrupted with Ctrl-C.
    Interrupted,
    /// The status of the command that was run.
    Child(u8),
}

impl Exit {
    /// The number.
    #[must_use]
    pub const fn status(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failure => 1,
            Self::Usage => 2,
            Self::Refused => 3,
            Self::ProfileNotFound => 4,
            Self::SignInRequired => 5,
            Self::Network => 6,
            Self::StorageUnavailable => 7,
            Self::Interrupted => 130,
            Self::Child(status) => status,
        }
    }
}
