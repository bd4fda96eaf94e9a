//! The user's word for how to get a token.

use std::fmt;

use thiserror::Error;

use crate::text::echo;

/// How to get a token, in the words of the command line and the profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// A user signs in with a browser, for a registered web application.
    AuthorizationCode,
    /// The application asks for itself.
    ClientCredentials,
    /// A user signs in with a browser on another device.
    DeviceCode,
    /// A user signs in with a browser on this host.
    InteractiveBrowser,
    /// A machine in Azure asks for itself.
    ManagedIdentity,
    /// The application asks for itself, with a token of another identity provider.
    WorkloadIdentity,
}

/// Why a text does not name a flow.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "unknown flow `{0}`: use ClientCredentials, AuthorizationCode, DeviceCode or InteractiveBrowser, \
     or for machines WorkloadIdentity or ManagedIdentity"
)]
pub struct FlowError(String);

impl Flow {
    /// The flows of people and of applications anywhere, in the order of the documentation.
    pub const ALL: [Self; 4] = [
        Self::ClientCredentials,
        Self::AuthorizationCode,
        Self::DeviceCode,
        Self::InteractiveBrowser,
    ];

    /// The flows of workloads that the platform authenticates.
    pub const OF_MACHINES: [Self; 2] = [Self::WorkloadIdentity, Self::ManagedIdentity];

    /// Every flow, in the order of the documentation.
    pub fn every() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().chain(Self::OF_MACHINES)
    }

    /// Whether a user signs in, which may leave a refresh token.
    #[must_use]
    pub const fn is_interactive(self) -> bool {
        matches!(
            self,
            Self::AuthorizationCode | Self::DeviceCode | Self::InteractiveBrowser
        )
    }

    /// Takes a flow's name or alias; letter case, `-` and `_` do not matter.
    ///
    /// # Errors
    ///
    /// If the text is none of them.
    pub fn parse(text: &str) -> Result<Self, FlowError> {
        let plain: String = text
            .chars()
            .filter(|c| !matches!(c, '-' | '_' | ' '))
            .map(|c| c.to_ascii_lowercase())
            .collect();
        match plain.as_str() {
            "authorizationcode" | "code" => Ok(Self::AuthorizationCode),
            "clientcredentials" | "cc" => Ok(Self::ClientCredentials),
            "devicecode" | "device" => Ok(Self::DeviceCode),
            "interactivebrowser" | "interactive" | "browser" => Ok(Self::InteractiveBrowser),
            "managedidentity" | "msi" => Ok(Self::ManagedIdentity),
            "workloadidentity" | "workload" => Ok(Self::WorkloadIdentity),
            _ => Err(FlowError(echo(text))),
        }
    }

    /// The name as the documentation writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "AuthorizationCode",
            Self::ClientCredentials => "ClientCredentials",
            Self::DeviceCode => "DeviceCode",
            Self::InteractiveBrowser => "InteractiveBrowser",
            Self::ManagedIdentity => "ManagedIdentity",
            Self::WorkloadIdentity => "WorkloadIdentity",
        }
    }
}

impl fmt::Display for Flow {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_understood() {
        let check = |text: &str, want: Flow| assert_eq!(Flow::parse(text), Ok(want), "{text}");
        for flow in Flow::ALL.into_iter().chain(Flow::OF_MACHINES) {
            check(flow.name(), flow);
        }
        check("client-credentials", Flow::ClientCredentials);
        check("CLIENT_CREDENTIALS", Flow::ClientCredentials);
        check("cc", Flow::ClientCredentials);
        check("interactive", Flow::InteractiveBrowser);
        check("browser", Flow::InteractiveBrowser);
        check("device", Flow::DeviceCode);
        check("code", Flow::AuthorizationCode);
        check("workload-identity", Flow::WorkloadIdentity);
        check("workload", Flow::WorkloadIdentity);
        check("MSI", Flow::ManagedIdentity);
    }

    #[test]
    fn unknown_flows_list_the_known() {
        let error = Flow::parse("magic").unwrap_err().to_string();
        for flow in Flow::ALL.into_iter().chain(Flow::OF_MACHINES) {
            assert!(error.contains(flow.name()), "{error}");
        }
    }
}
