//! Azure Machine Learning, which speaks App Service's first version and calls the client ID `clientid`.

use super::{Identity, Inquiry, UnsupportedIdentity};
use crate::secret::Secret;
use crate::wire::with_query;

pub(super) fn inquiry(
    url: &str,
    secret: &Secret,
    resource: &str,
    identity: &Identity,
) -> Result<Inquiry, UnsupportedIdentity> {
    let id = match identity {
        Identity::SystemAssigned => None,
        Identity::ClientId(id) => Some(("clientid", id.as_str())),
        Identity::ObjectId(_) | Identity::ResourceId(_) => {
            return Err(UnsupportedIdentity {
                endpoint: "Azure Machine Learning",
                by: identity.kind(),
            });
        }
    };
    let version = [("api-version", "2017-09-01"), ("resource", resource)];
    Ok(Inquiry {
        url: with_query(url, version.into_iter().chain(id)),
        headers: vec![("secret", secret.clone())],
        form: None,
    })
}
