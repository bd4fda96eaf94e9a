//! The national clouds with their host names.

/// A national cloud with its own sign-in host
/// (<https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud>).
///
/// ```
/// use entra::{Authority, Cloud, Tenant};
///
/// for cloud in Cloud::ALL {
///     let authority = Authority::of_cloud(cloud, Tenant::parse("contoso.com")?);
///     assert_eq!(authority.cloud(), Some(cloud));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    ///
    /// ```
    /// # use entra::Cloud;
    /// assert_eq!(Cloud::ALL.map(Cloud::name), ["public", "usgov", "china"]);
    /// ```
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::China => "china",
            Self::Public => "public",
            Self::UsGovernment => "usgov",
        }
    }

    /// The sign-in host to send requests to.
    ///
    /// ```
    /// # use entra::Cloud;
    /// assert_eq!(Cloud::UsGovernment.host(), "login.microsoftonline.us");
    /// ```
    #[must_use]
    pub const fn host(self) -> &'static str {
        self.aliases()[0]
    }

    /// All host names of this cloud; the first is the one to send requests to.
    ///
    /// The hosts of one cloud are interchangeable in caches and issuers.
    ///
    /// ```
    /// # use entra::Cloud;
    /// assert!(Cloud::Public.aliases().contains(&"login.windows.net"));
    /// ```
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
    ///
    /// ```
    /// # use entra::Cloud;
    /// assert_eq!(Cloud::of_host("login.chinacloudapi.cn"), Some(Cloud::China));
    /// assert_eq!(Cloud::of_host("login.example.com"), None);
    /// ```
    #[must_use]
    pub fn of_host(host: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|cloud| cloud.aliases().contains(&host))
    }

    /// The portal where app registrations of this cloud are edited.
    ///
    /// ```
    /// # use entra::Cloud;
    /// assert_eq!(Cloud::Public.portal(), "https://portal.azure.com");
    /// ```
    #[must_use]
    pub const fn portal(self) -> &'static str {
        match self {
            Self::China => "https://portal.azure.cn",
            Self::Public => "https://portal.azure.com",
            Self::UsGovernment => "https://portal.azure.us",
        }
    }
}
