//! App Service, Functions, Container Apps and Automation.
//!
//! <https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference>

use super::{Identity, Inquiry, metadata};
use crate::secret::Secret;
use crate::wire::with_query;

/// Automation wants the metadata header too; the others do not mind it.
pub(super) fn inquiry(url: &str, header: &Secret, resource: &str, identity: &Identity) -> Inquiry {
    let version = [("api-version", "2019-08-01"), ("resource", resource)];
    Inquiry {
        url: with_query(
            url,
            version.into_iter().chain(identity.parameter("mi_res_id")),
        ),
        headers: vec![("x-identity-header", header.clone()), metadata()],
        form: None,
    }
}
