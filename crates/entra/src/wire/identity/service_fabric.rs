//! Service Fabric, whose own certificate is known by its thumbprint alone.
//!
//! <https://learn.microsoft.com/azure/service-fabric/how-to-managed-identity-service-fabric-app-code>

use super::{Identity, Inquiry, UnsupportedIdentity};
use crate::secret::Secret;
use crate::wire::with_query;

/// Which identity a service has is written in the manifest of its application.
pub(super) fn inquiry(
    url: &str,
    header: &Secret,
    resource: &str,
    identity: &Identity,
) -> Result<Inquiry, UnsupportedIdentity> {
    if *identity != Identity::SystemAssigned {
        return Err(UnsupportedIdentity {
            endpoint: "Service Fabric",
            by: identity.kind(),
        });
    }
    let version = [
        ("api-version", "2019-07-01-preview"),
        ("resource", resource),
    ];
    Ok(Inquiry {
        url: with_query(url, version),
        headers: vec![("secret", header.clone())],
        form: None,
    })
}
