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
    /// The US Department of Defense: signs in where `UsGovernment` does, with a Graph of its own.
    UsDefense,
    /// `login.microsoftonline.us`.
    UsGovernment,
}

impl Cloud {
    /// Every cloud that has a sign-in host of its own.
    pub const ALL: [Self; 3] = [Self::Public, Self::UsGovernment, Self::China];

    /// The cloud of this name, as the Azure CLI, MSAL, Terraform, PowerShell, Microsoft 365 and
    /// people write it; letter case, blanks, `-` and `_` do not matter.
    ///
    /// ```
    /// # use entra::Cloud;
    /// assert_eq!(Cloud::named("AzureUSGovernment"), Some(Cloud::UsGovernment));
    /// assert_eq!(Cloud::named("AZURE_CHINA"), Some(Cloud::China));
    /// assert_eq!(Cloud::named("publik"), None);
    /// ```
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        let plain = plain(text)?;
        let is_named = |(name, _): &&(&str, Self)| *name == plain;
        NAMES.iter().find(is_named).map(|(_, cloud)| *cloud)
    }

    /// Whether a name or sign-in host is that of Microsoft Cloud Germany, which closed in 2021
    /// (<https://learn.microsoft.com/previous-versions/azure/germany/germany-welcome>).
    pub(crate) fn is_closed(text: &str) -> bool {
        text.eq_ignore_ascii_case("login.microsoftonline.de")
            || plain(text).is_some_and(|plain| CLOSED.contains(&&*plain))
    }

    /// The usual name: `public`, `usgov`, `dod` or `china`.
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
            Self::UsDefense => "dod",
            Self::UsGovernment => "usgov",
        }
    }

    /// The base URL of Microsoft Graph in this cloud
    /// (<https://learn.microsoft.com/graph/deployments>).
    ///
    /// ```
    /// # use entra::Cloud;
    /// assert_eq!(Cloud::UsGovernment.graph(), "https://graph.microsoft.us");
    /// ```
    #[must_use]
    pub const fn graph(self) -> &'static str {
        match self {
            Self::China => "https://microsoftgraph.chinacloudapi.cn",
            Self::Public => "https://graph.microsoft.com",
            Self::UsDefense => "https://dod-graph.microsoft.us",
            Self::UsGovernment => "https://graph.microsoft.us",
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
            Self::UsDefense | Self::UsGovernment => &[
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
            Self::UsDefense | Self::UsGovernment => "https://portal.azure.us",
        }
    }
}

/// A name in the spelling of the tables; `None` for a host or URL.
fn plain(text: &str) -> Option<String> {
    if text.len() > LONGEST || text.contains(['.', ':', '/']) {
        return None;
    }
    let letters = text.chars().filter(|c| !matches!(c, '-' | '_' | ' '));
    Some(letters.map(|c| c.to_ascii_lowercase()).collect())
}

/// In bytes: more than any name with all its blanks.
const LONGEST: usize = 64;

const NAMES: [(&str, Cloud); 46] = [
    ("public", Cloud::Public),
    ("azure", Cloud::Public),
    ("azurecloud", Cloud::Public),
    ("azurecommercial", Cloud::Public),
    ("azureglobal", Cloud::Public),
    ("azurepublic", Cloud::Public),
    ("azurepubliccloud", Cloud::Public),
    ("commercial", Cloud::Public),
    ("default", Cloud::Public),
    ("global", Cloud::Public),
    // Microsoft 365 GCC signs in at the public cloud, unlike GCC High.
    ("gcc", Cloud::Public),
    ("o365default", Cloud::Public),
    ("production", Cloud::Public),
    ("publiccloud", Cloud::Public),
    ("worldwide", Cloud::Public),
    ("usgov", Cloud::UsGovernment),
    ("azuregov", Cloud::UsGovernment),
    ("azuregovernment", Cloud::UsGovernment),
    ("azuregovernmentcloud", Cloud::UsGovernment),
    ("azureusgov", Cloud::UsGovernment),
    ("azureusgovernment", Cloud::UsGovernment),
    ("azureusgovernmentcloud", Cloud::UsGovernment),
    ("fairfax", Cloud::UsGovernment),
    ("gcch", Cloud::UsGovernment),
    ("gcchigh", Cloud::UsGovernment),
    ("gov", Cloud::UsGovernment),
    ("government", Cloud::UsGovernment),
    ("o365usgovgcchigh", Cloud::UsGovernment),
    ("us", Cloud::UsGovernment),
    ("usgovcloud", Cloud::UsGovernment),
    ("usgovernment", Cloud::UsGovernment),
    ("usgovernmentcloud", Cloud::UsGovernment),
    ("usgovernmenthigh", Cloud::UsGovernment),
    ("usgovhigh", Cloud::UsGovernment),
    ("dod", Cloud::UsDefense),
    ("o365usgovdod", Cloud::UsDefense),
    ("usdod", Cloud::UsDefense),
    ("usgovdod", Cloud::UsDefense),
    ("usgovernmentdod", Cloud::UsDefense),
    ("china", Cloud::China),
    ("21vianet", Cloud::China),
    ("azurechina", Cloud::China),
    ("azurechinacloud", Cloud::China),
    ("chinacloud", Cloud::China),
    ("mooncake", Cloud::China),
    ("o365china", Cloud::China),
];

const CLOSED: [&str; 7] = [
    "azuregerman",
    "azuregermancloud",
    "azuregermany",
    "blackforest",
    "german",
    "germany",
    "o365germanycloud",
];
