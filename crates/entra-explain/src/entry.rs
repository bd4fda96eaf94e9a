//! What is known about one refusal: an entry of the table.

use crate::facts::{Actor, Facts, Method};

/// A group of entries under one heading.
#[derive(Debug)]
#[non_exhaustive]
pub struct Family {
    /// The heading, without a full stop.
    pub heading: &'static str,
    /// The entries, in the order of the data file.
    pub entries: &'static [&'static Entry],
}

/// What is known about one refusal.
#[derive(Debug)]
#[non_exhaustive]
pub struct Entry {
    /// The numbers after `AADSTS`; none for the message of an API.
    pub codes: &'static [u32],
    /// The client IDs that this entry is about; none: all.
    pub apps: &'static [&'static str],
    /// The name of a message; empty for codes.
    pub name: &'static str,
    /// What it means, in one line without a full stop.
    pub title: &'static str,
    /// Who can fix it.
    pub who: Who,
    pub(crate) words: &'static [&'static str],
    pub(crate) phrases: &'static [&'static str],
    pub(crate) together: &'static [&'static [&'static str]],
    pub(crate) status: u16,
    pub(crate) rank: Rank,
    pub(crate) meaning: Texts,
    pub(crate) next_step: Texts,
    pub(crate) paste: Option<&'static str>,
    pub(crate) page: Page,
    pub(crate) signs_in_again: bool,
}

impl Entry {
    /// What it means, in a few sentences.
    #[must_use]
    pub fn meaning(&self, facts: &Facts<'_>) -> String {
        facts.fill(self.meaning.for_facts(facts))
    }

    /// What to do now; a last line of its own is to be pasted as it is.
    #[must_use]
    pub fn next_step(&self, facts: &Facts<'_>) -> String {
        let mut step = facts.fill(self.next_step.for_facts(facts));
        if let Some(paste) = self.paste {
            step.push('\n');
            step.push_str(&facts.fill(paste));
        }
        step
    }

    /// The address of the page where that is done, in the portal of the facts.
    #[must_use]
    pub fn page(&self, facts: &Facts<'_>) -> Option<String> {
        self.page.address(facts)
    }

    /// Who can fix it, since an application cannot consent for itself.
    #[must_use]
    pub fn who(&self, facts: &Facts<'_>) -> Who {
        match (self.who, facts.actor) {
            (Who::YouOrTenantAdmin, Some(Actor::Application)) => Who::TenantAdmin,
            (who, _) => who,
        }
    }
}

/// How much an entry says about a message: an API's own entry wins over a general one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    CatchAll,
    General,
    Specific,
}

/// A text, and others in its place for a kind of credential or caller.
#[derive(Debug)]
pub(crate) struct Texts {
    pub(crate) general: &'static str,
    pub(crate) variants: &'static [(Case, &'static str)],
}

impl Texts {
    fn for_facts(&self, facts: &Facts<'_>) -> &'static str {
        let applies = |case: Case| match case {
            Case::User => facts.actor == Some(Actor::User),
            Case::App => facts.actor == Some(Actor::Application),
            Case::Secret => facts.method == Some(Method::Secret),
            Case::Certificate => facts.method == Some(Method::Certificate),
            Case::Federated => facts.method == Some(Method::Federated),
        };
        let mut variants = self.variants.iter();
        variants
            .find(|(case, _)| applies(*case))
            .map_or(self.general, |(_, text)| text)
    }
}

/// What a variant of a text is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Case {
    User,
    App,
    Secret,
    Certificate,
    Federated,
}

/// Who can fix a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
#[non_exhaustive]
pub enum Who {
    /// The user of the program.
    You,
    /// The user, or an administrator of the tenant.
    YouOrTenantAdmin,
    /// The owner of the app registration.
    AppOwner,
    /// An administrator of the tenant.
    TenantAdmin,
    /// The owner of the API or resource.
    ApiOwner,
    /// An administrator of role assignments on the resource.
    RoleAdmin,
    /// An administrator of the network or its proxy.
    NetworkAdmin,
    /// The developer of the program that sent the request.
    Developer,
    /// Microsoft's support.
    Microsoft,
    /// Time.
    Wait,
    /// It cannot be fixed: command-line tools do not support it.
    Unsupported,
}

impl Who {
    /// The words after "Who can fix it:".
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::You => "you",
            Self::YouOrTenantAdmin => "you, or an administrator if consent is restricted",
            Self::AppOwner => "the owner of the app registration",
            Self::TenantAdmin => "an administrator of the tenant",
            Self::ApiOwner => "the owner of the API or resource",
            Self::RoleAdmin => "an Owner or User Access Administrator of the resource",
            Self::NetworkAdmin => "the administrators of your network",
            Self::Developer => "the developer of the program that sent the request",
            Self::Microsoft => "Microsoft's support",
            Self::Wait => "you: wait, then try again",
            Self::Unsupported => "not supported by command-line tools",
        }
    }
}

/// A page that helps to follow the advice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    None,
    /// The list of app registrations.
    Applications,
    /// The app's client ID and tenant.
    Overview,
    /// The app's redirect URIs, account types, public client switch.
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
    /// Where a user sets up second factors.
    SecurityInfo,
    /// Where a user resets the password.
    PasswordReset,
    /// The state of Microsoft's services.
    Status,
}

impl Page {
    fn address(self, facts: &Facts<'_>) -> Option<String> {
        let app = match self {
            Self::None => return None,
            Self::AdminConsent => {
                return Some(facts.fill("{authority}/{tenant}/adminconsent?client_id={client_id}"));
            }
            Self::SecurityInfo => {
                return Some("https://mysignins.microsoft.com/security-info".to_owned());
            }
            Self::PasswordReset => {
                return Some("https://passwordreset.microsoftonline.com".to_owned());
            }
            Self::Status => return Some("https://azure.status.microsoft".to_owned()),
            Self::EnterpriseApplications => return Some(facts.blade(ENTERPRISE_APPLICATIONS)),
            Self::ConditionalAccess => return Some(facts.blade(CONDITIONAL_ACCESS)),
            Self::Applications | Self::ExposeAnApi => None,
            Self::Overview => Some("Overview"),
            Self::Authentication => Some("Authentication"),
            Self::Credentials => Some("Credentials"),
            Self::Permissions => Some("CallAnAPI"),
        };
        // Without a client ID: the list of apps.
        Some(match (app, facts.client_id) {
            (Some(blade), Some(client_id)) => {
                facts.blade(&format!("{APPLICATION}/~/{blade}/appId/{client_id}"))
            }
            _ => facts.blade(APPLICATIONS),
        })
    }
}

const APPLICATIONS: &str = "Microsoft_AAD_RegisteredApps/ApplicationsListBlade";
const APPLICATION: &str = "Microsoft_AAD_RegisteredApps/ApplicationMenuBlade";
const ENTERPRISE_APPLICATIONS: &str =
    "Microsoft_AAD_IAM/StartboardApplicationsMenuBlade/~/AppAppsPreview";
const CONDITIONAL_ACCESS: &str =
    "Microsoft_AAD_ConditionalAccess/ConditionalAccessBlade/~/Policies";
