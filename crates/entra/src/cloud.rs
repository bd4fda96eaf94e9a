//! The national clouds with their host names.

/// A national cloud with its own sign-in host
/// (<https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cloud {
    /// `login.partner.microsoftonline.cn`, operated by 21Vianet.
    China,
    /// `login.microsoftonline.com`.
    Public,
    /// `login.microsoftonline.us`.
    UsGovernment,
}

impl Cloud {
    /// Every cloud.
    pub const ALL: [Self; 3] = [Self::Public, Self::UsGovernment, Self::China];

    /// The name people write: `public`, `usgov` or `china`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::China => "china",
            Self::Public => "public",
            Self::UsGovernment => "usgov",
        }
    }

    /// The sign-in host to send requests to.
    #[must_use]
    pub const fn host(self) -> &'static str {
        self.aliases()[0]
    }

    /// All host names of this cloud; the first is the one to send requests to.
    ///
    /// The hosts of one cloud are interchangeable in caches and issuers.
    #[must_use]
    pub const fn aliases(self) -> &'static [&'static str] {
        match self {
            Self::China => &[
                "login.partner.microsoftonline.cn",
                "login.chinacloudapi.cn",
                "sts.chinacloudapi.cn",
            ],
            Self::Public => &[
                "login.microsoftonline.com",
                "login.windows.net",
                "login.microsoft.com",
                "sts.windows.net",
            ],
            Self::UsGovernment => &[
                "login.microsoftonline.us",
                "login.usgovcloudapi.net",
                "sts.windows.net",
            ],
        }
    }

    /// The cloud that a sign-in host belongs to.
    #[must_use]
    pub fn of_host(host: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|cloud| cloud.aliases().contains(&host))
    }

    /// The portal where app registrations of this cloud are edited.
    #[must_use]
    pub const fn portal(self) -> &'static str {
        match self {
            Self::China => "https://portal.azure.cn",
            Self::Public => "https://portal.azure.com",
            Self::UsGovernment => "https://portal.azure.us",
        }
    }
}
