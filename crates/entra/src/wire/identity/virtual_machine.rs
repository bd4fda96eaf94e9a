//! The instance metadata service of virtual machines.
//!
//! <https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token>

use super::{Identity, Inquiry, metadata};
use crate::wire::with_query;

pub(super) fn inquiry(host: &str, resource: &str, identity: &Identity) -> Inquiry {
    let url = format!("{}{PATH}", host.trim_end_matches('/'));
    let version = [("api-version", "2018-02-01"), ("resource", resource)];
    Inquiry {
        url: with_query(
            &url,
            version.into_iter().chain(identity.parameter("msi_res_id")),
        ),
        headers: vec![metadata()],
        form: None,
    }
}

/// While the service is updated it answers 404, or 410 for up to 70 seconds.
///
/// <https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token#retry-guidance>
pub(super) fn is_transient(status: u16) -> bool {
    matches!(status, 404 | 410)
}

const PATH: &str = "/metadata/identity/oauth2/token";
