//! The endpoints at which machines in Azure ask for tokens of their managed identity.
//!
//! Which of them a machine has follows from its environment, which the program knows. They differ
//! in the names of their parameters and in how they distinguish a program of this host from a request
//! that a server was tricked into making.

mod answer;
mod app_service;
pub mod arc;
mod cloud_shell;
mod machine_learning;
mod service_fabric;
mod thumbprint;
mod virtual_machine;
mod which;

use std::path::PathBuf;

use thiserror::Error;

pub use answer::{Confirmed, granted, refused};
pub use thumbprint::{Thumbprint, ThumbprintError};
pub use which::{Identity, IdentityError};

use crate::secret::Secret;
use crate::wire::Form;

/// Where a machine asks for its tokens, with what proves that it is the machine.
///
/// ```
/// use entra::wire::identity::{Endpoint, VIRTUAL_MACHINE_HOST};
///
/// /// What the environment of a program says about where it runs.
/// fn endpoint(variable: impl Fn(&str) -> Option<String>) -> Endpoint {
///     match (variable("IDENTITY_ENDPOINT"), variable("IDENTITY_HEADER")) {
///         (Some(url), Some(header)) => Endpoint::AppService { url, header: header.into() },
///         _ => Endpoint::VirtualMachine { host: VIRTUAL_MACHINE_HOST.to_owned() },
///     }
/// }
/// assert_eq!(endpoint(|_| None).name(), "the instance metadata service");
/// ```
#[derive(Clone, Debug)]
pub enum Endpoint {
    /// App Service, Functions, Container Apps and Automation.
    AppService {
        /// `IDENTITY_ENDPOINT`.
        url: String,
        /// `IDENTITY_HEADER`.
        header: Secret,
    },
    /// The agent of Azure Arc.
    Arc {
        /// `IDENTITY_ENDPOINT`.
        url: String,
        /// The folder into which the agent writes keys for those who may have tokens.
        key_folder: PathBuf,
    },
    /// Cloud Shell, whose tokens are the user's.
    CloudShell {
        /// `MSI_ENDPOINT`.
        url: String,
    },
    /// Azure Machine Learning.
    MachineLearning {
        /// `MSI_ENDPOINT`.
        url: String,
        /// `MSI_SECRET`.
        secret: Secret,
    },
    /// A cluster of Service Fabric.
    ServiceFabric {
        /// `IDENTITY_ENDPOINT`, an https URL.
        url: String,
        /// `IDENTITY_HEADER`.
        header: Secret,
        /// `IDENTITY_SERVER_THUMBPRINT`: the endpoint's certificate, which no authority has signed.
        thumbprint: Thumbprint,
    },
    /// The instance metadata service (IMDS) of virtual machines, scale sets and AKS nodes.
    VirtualMachine {
        /// [`VIRTUAL_MACHINE_HOST`], unless `AZURE_POD_IDENTITY_AUTHORITY_HOST` names another.
        host: String,
    },
}

/// A request to an endpoint, ready to be sent.
#[derive(Debug)]
pub(crate) struct Inquiry {
    /// Where to.
    pub(crate) url: String,
    /// Additional headers.
    pub(crate) headers: Vec<(&'static str, Secret)>,
    /// The body of a POST; without one it is a GET.
    pub(crate) form: Option<Form>,
}

/// An endpoint does not know identities by such an ID.
///
/// ```
/// use entra::wire::identity::UnsupportedIdentity;
///
/// let error = UnsupportedIdentity { endpoint: "Cloud Shell", by: "an object ID" };
/// assert_eq!(error.to_string(), "Cloud Shell knows no managed identity by an object ID");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{endpoint} knows no managed identity by {by}")]
pub struct UnsupportedIdentity {
    /// Who does not.
    pub endpoint: &'static str,
    /// What it is not known by, for example `an object ID`.
    pub by: &'static str,
}

impl Endpoint {
    /// Its name, as people know it.
    ///
    /// ```
    /// # use entra::wire::identity::Endpoint;
    /// let url = "http://localhost:50342/oauth2/token".to_owned();
    /// assert_eq!(Endpoint::CloudShell { url }.name(), "Cloud Shell");
    /// ```
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::AppService { .. } => "App Service",
            Self::Arc { .. } => "Azure Arc",
            Self::CloudShell { .. } => "Cloud Shell",
            Self::MachineLearning { .. } => "Azure Machine Learning",
            Self::ServiceFabric { .. } => "Service Fabric",
            Self::VirtualMachine { .. } => "the instance metadata service",
        }
    }

    /// The address as the environment gave it.
    ///
    /// ```
    /// # use entra::wire::identity::{Endpoint, VIRTUAL_MACHINE_HOST};
    /// let host = VIRTUAL_MACHINE_HOST.to_owned();
    /// assert_eq!(Endpoint::VirtualMachine { host }.address(), "http://169.254.169.254");
    /// ```
    #[must_use]
    pub fn address(&self) -> &str {
        match self {
            Self::AppService { url, .. }
            | Self::Arc { url, .. }
            | Self::CloudShell { url }
            | Self::MachineLearning { url, .. }
            | Self::ServiceFabric { url, .. } => url,
            Self::VirtualMachine { host } => host,
        }
    }

    /// The one certificate that the endpoint may have, where no authority has signed it: requests
    /// carry it as [`Request::pinned`](crate::ports::Request::pinned).
    ///
    /// ```
    /// # use entra::wire::identity::{Endpoint, Thumbprint};
    /// let endpoint = Endpoint::ServiceFabric {
    ///     url: "https://10.0.0.4:2377/metadata/identity/oauth2/token".to_owned(),
    ///     header: "secret".into(),
    ///     thumbprint: Thumbprint::parse("0123456789abcdef0123456789abcdef01234567")?,
    /// };
    /// assert!(endpoint.pinned().is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn pinned(&self) -> Option<&Thumbprint> {
        match self {
            Self::ServiceFabric { thumbprint, .. } => Some(thumbprint),
            _ => None,
        }
    }

    /// The first request for a token of `identity` for `resource`.
    ///
    /// # Errors
    ///
    /// If the endpoint knows no identities by that kind of ID.
    pub(crate) fn inquiry(
        &self,
        resource: &str,
        identity: &Identity,
    ) -> Result<Inquiry, UnsupportedIdentity> {
        match self {
            Self::AppService { url, header } => {
                Ok(app_service::inquiry(url, header, resource, identity))
            }
            Self::Arc { url, .. } => Ok(arc::inquiry(url, None, resource, identity)),
            Self::CloudShell { url } => cloud_shell::inquiry(url, resource, identity),
            Self::MachineLearning { url, secret } => {
                machine_learning::inquiry(url, secret, resource, identity)
            }
            Self::ServiceFabric { url, header, .. } => {
                service_fabric::inquiry(url, header, resource, identity)
            }
            Self::VirtualMachine { host } => Ok(virtual_machine::inquiry(host, resource, identity)),
        }
    }

    /// Whether an answer with this status may be different a little later.
    #[must_use]
    pub(crate) fn is_transient(&self, status: u16) -> bool {
        let overloaded = matches!(status, 408 | 429 | 500..600);
        match self {
            Self::VirtualMachine { .. } => overloaded || virtual_machine::is_transient(status),
            _ => overloaded,
        }
    }
}

/// The address of the instance metadata service, the same on every virtual machine.
pub const VIRTUAL_MACHINE_HOST: &str = "http://169.254.169.254";

/// The header that a browser or a redirect cannot add.
fn metadata() -> (&'static str, Secret) {
    ("metadata", "true".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "7f6b1e20-9d84-4c35-a1b9-e45d02c8f673";
    const RESOURCE_ID: &str = "/subscriptions/1/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/x";

    #[test]
    fn each_endpoint_has_its_own_request() {
        let identities = ["system", ID, &format!("object:{ID}"), RESOURCE_ID];
        let [system, client, object, resource] =
            identities.map(|text| Identity::parse(text).unwrap());
        let secret = || Secret::from("canary");
        let app = Endpoint::AppService {
            url: "http://127.0.0.1:41/msi/token/".to_owned(),
            header: secret(),
        };
        let arc = Endpoint::Arc {
            url: "http://localhost:40342/metadata/identity/oauth2/token".to_owned(),
            key_folder: "/k".into(),
        };
        let shell = Endpoint::CloudShell {
            url: "http://localhost:50342/oauth2/token".to_owned(),
        };
        let learning = Endpoint::MachineLearning {
            url: "http://localhost/x?tenant=1".to_owned(),
            secret: secret(),
        };
        let fabric = Endpoint::ServiceFabric {
            url: "https://localhost:2377/metadata/identity/oauth2/token".to_owned(),
            header: secret(),
            thumbprint: Thumbprint::parse(&"0".repeat(40)).unwrap(),
        };
        let machine = Endpoint::VirtualMachine {
            host: format!("{VIRTUAL_MACHINE_HOST}/"),
        };
        let check = |endpoint: &Endpoint, identity: &Identity, want: &str| {
            let asked = match endpoint.inquiry("https://vault.azure.net", identity) {
                Ok(asked) => asked,
                Err(error) => {
                    assert_eq!(error.to_string(), want);
                    return;
                }
            };
            let headers: Vec<_> = asked.headers.iter().map(|(name, _)| *name).collect();
            let form = asked.form.map(|form| form.encode().expose().to_owned());
            let got = format!(
                "{} [{}] {}",
                asked.url,
                headers.join(" "),
                form.unwrap_or_default()
            );
            assert_eq!(got.trim_end(), want);
        };
        let vault = "resource=https%3A%2F%2Fvault.azure.net";
        let app_url = format!("http://127.0.0.1:41/msi/token/?api-version=2019-08-01&{vault}");
        let app_headers = "[x-identity-header metadata]";
        check(&app, &system, &format!("{app_url} {app_headers}"));
        check(
            &app,
            &client,
            &format!("{app_url}&client_id={ID} {app_headers}"),
        );
        check(
            &app,
            &object,
            &format!("{app_url}&object_id={ID} {app_headers}"),
        );
        let resource_id = RESOURCE_ID.replace('/', "%2F");
        check(
            &app,
            &resource,
            &format!("{app_url}&mi_res_id={resource_id} {app_headers}"),
        );
        let machine_url = format!(
            "{VIRTUAL_MACHINE_HOST}/metadata/identity/oauth2/token?api-version=2018-02-01&{vault}"
        );
        check(&machine, &system, &format!("{machine_url} [metadata]"));
        check(
            &machine,
            &resource,
            &format!("{machine_url}&msi_res_id={resource_id} [metadata]"),
        );
        check(
            &arc,
            &object,
            &format!(
                "http://localhost:40342/metadata/identity/oauth2/token?api-version=2020-06-01&{vault}&object_id={ID} [metadata]"
            ),
        );
        check(
            &learning,
            &client,
            &format!(
                "http://localhost/x?tenant=1&api-version=2017-09-01&{vault}&clientid={ID} [secret]"
            ),
        );
        check(
            &learning,
            &object,
            "Azure Machine Learning knows no managed identity by an object ID",
        );
        check(
            &fabric,
            &system,
            &format!(
                "https://localhost:2377/metadata/identity/oauth2/token?api-version=2019-07-01-preview&{vault} [secret]"
            ),
        );
        check(
            &fabric,
            &client,
            "Service Fabric knows no managed identity by a client ID",
        );
        check(
            &shell,
            &system,
            &format!("http://localhost:50342/oauth2/token [metadata] {vault}"),
        );
        check(
            &shell,
            &client,
            "Cloud Shell knows no managed identity by a client ID",
        );
    }

    #[test]
    fn only_the_metadata_service_comes_back_from_404_and_410() {
        let machine = Endpoint::VirtualMachine {
            host: VIRTUAL_MACHINE_HOST.to_owned(),
        };
        let shell = Endpoint::CloudShell { url: String::new() };
        let statuses = [400, 401, 403, 404, 408, 410, 429, 500, 503];
        let of = |endpoint: &Endpoint| -> Vec<u16> {
            let transient = |status: &u16| endpoint.is_transient(*status);
            statuses.into_iter().filter(transient).collect()
        };
        assert_eq!(of(&machine), [404, 408, 410, 429, 500, 503]);
        assert_eq!(of(&shell), [408, 429, 500, 503]);
    }

    #[test]
    fn debug_shows_no_secret() {
        let app = Endpoint::AppService {
            url: String::new(),
            header: "canary".into(),
        };
        let asked = app.inquiry("x", &Identity::SystemAssigned);
        assert!(!format!("{app:?} {asked:?}").contains("canary"));
    }
}
