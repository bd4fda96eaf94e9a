//! The pages that help to follow an advice, in the portal of the profile's cloud.

use entra::cloud::Cloud;

use super::Facts;

/// A page that helps to follow the advice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Page {
    /// None helps.
    None,
    /// The list of app registrations.
    Applications,
    /// The app's client ID and tenant.
    Overview,
    /// The app's redirect URIs, kinds of accounts, public client switch.
    Authentication,
    /// The app's secrets, certificates and federated credentials.
    Credentials,
    /// The app's API permissions.
    Permissions,
    /// The scopes and identifier of an API.
    ExposeAnApi,
    /// The list of enterprise applications (service principals).
    EnterpriseApplications,
    /// The list of Conditional Access policies.
    ConditionalAccess,
    /// Where an administrator consents for the whole tenant.
    AdminConsent,
    /// Where a person sets up second factors.
    SecurityInfo,
    /// Where a person resets the password.
    PasswordReset,
    /// The state of Microsoft's services.
    Status,
}

impl Facts<'_> {
    /// The address of `page` in this cloud.
    pub(super) fn page(&self, page: Page) -> Option<String> {
        let blade = match page {
            Page::None => return None,
            Page::Applications => LIST_OF_APPLICATIONS,
            Page::Overview => return Some(self.application_page("Overview")),
            Page::Authentication => return Some(self.application_page("Authentication")),
            Page::Credentials => return Some(self.application_page("Credentials")),
            Page::Permissions => return Some(self.application_page("CallAnAPI")),
            Page::ExposeAnApi => LIST_OF_APPLICATIONS,
            Page::EnterpriseApplications => {
                "Microsoft_AAD_IAM/StartboardApplicationsMenuBlade/~/AppAppsPreview"
            }
            Page::ConditionalAccess => {
                "Microsoft_AAD_ConditionalAccess/ConditionalAccessBlade/~/Policies"
            }
            Page::AdminConsent => {
                return Some(self.fill("{authority}/{tenant}/adminconsent?client_id={client_id}"));
            }
            Page::SecurityInfo => {
                return Some("https://mysignins.microsoft.com/security-info".to_owned());
            }
            Page::PasswordReset => {
                return Some("https://passwordreset.microsoftonline.com".to_owned());
            }
            Page::Status => return Some("https://azure.status.microsoft".to_owned()),
        };
        Some(format!("{}/#view/{blade}", self.portal()))
    }

    /// A page of the app's registration; the list of them while the client ID is not known.
    fn application_page(&self, blade: &str) -> String {
        let portal = self.portal();
        match self.client_id {
            Some(client_id) => {
                format!(
                    "{portal}/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/{blade}/appId/{client_id}"
                )
            }
            None => format!("{portal}/#view/{LIST_OF_APPLICATIONS}"),
        }
    }
}

/// The Azure Portal of the cloud that `authority` (a URL or a host) belongs to; the public one for every other host.
#[must_use]
pub fn portal_of(authority: &str) -> &'static str {
    let host = authority
        .split_once("://")
        .map_or(authority, |(_, rest)| rest);
    let host = host.split(['/', ':']).next().unwrap_or_default();
    let cloud = Cloud::of_host(&host.to_ascii_lowercase());
    cloud.unwrap_or(Cloud::Public).portal()
}

const LIST_OF_APPLICATIONS: &str = "Microsoft_AAD_RegisteredApps/ApplicationsListBlade";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_has_its_address() {
        fn check(page: Page, want: Option<&str>) {
            let facts = Facts {
                client_id: Some("APP"),
                tenant: Some("T"),
                ..Facts::default()
            };
            assert_eq!(facts.page(page).as_deref(), want, "{page:?}");
        }
        const APP_PAGE: &str =
            "https://portal.azure.com/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~";
        const APPS: &str =
            "https://portal.azure.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade";
        check(Page::None, None);
        check(Page::Applications, Some(APPS));
        check(Page::ExposeAnApi, Some(APPS));
        check(
            Page::Overview,
            Some(&format!("{APP_PAGE}/Overview/appId/APP")),
        );
        check(
            Page::Authentication,
            Some(&format!("{APP_PAGE}/Authentication/appId/APP")),
        );
        check(
            Page::Credentials,
            Some(&format!("{APP_PAGE}/Credentials/appId/APP")),
        );
        check(
            Page::Permissions,
            Some(&format!("{APP_PAGE}/CallAnAPI/appId/APP")),
        );
        check(
            Page::AdminConsent,
            Some("https://login.microsoftonline.com/T/adminconsent?client_id=APP"),
        );
        check(
            Page::EnterpriseApplications,
            Some(
                "https://portal.azure.com/#view/Microsoft_AAD_IAM/StartboardApplicationsMenuBlade/~\
                 /AppAppsPreview",
            ),
        );
        check(
            Page::ConditionalAccess,
            Some(
                "https://portal.azure.com/#view/Microsoft_AAD_ConditionalAccess\
                 /ConditionalAccessBlade/~/Policies",
            ),
        );
        check(
            Page::SecurityInfo,
            Some("https://mysignins.microsoft.com/security-info"),
        );
        check(
            Page::PasswordReset,
            Some("https://passwordreset.microsoftonline.com"),
        );
        check(Page::Status, Some("https://azure.status.microsoft"));
    }

    #[test]
    fn each_cloud_has_its_portal() {
        fn check(authority: &str, want: &str) {
            assert_eq!(
                portal_of(authority),
                format!("https://portal.azure.{want}"),
                "{authority}"
            );
        }
        check("https://login.microsoftonline.com/common", "com");
        check("https://login.microsoftonline.us", "us");
        check("login.usgovcloudapi.net", "us");
        check("HTTPS://LOGIN.microsoftonline.US:443/tenant", "us");
        check("https://login.partner.microsoftonline.cn/", "cn");
        check("https://login.chinacloudapi.cn", "cn");
        check("https://example.com/login.microsoftonline.us", "com");
        check("", "com");
    }
}
