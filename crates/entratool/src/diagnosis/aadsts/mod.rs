//! What the AADSTS codes of Entra ID mean, who can act on them, and the next step.
//!
//! The numbers choose help text and nothing else: Microsoft may change them at any time, so programs
//! branch on `error`, `suberror`, the status and `claims`
//! (<https://learn.microsoft.com/entra/identity-platform/reference-error-codes>).

mod application;
mod by_method;
mod codes;
mod conditional_access;
mod consent;
mod credentials;
mod device;
mod document;
mod facts;
mod federation;
mod grant;
mod messages;
mod page;
mod report;
mod request;
mod sign_in;
mod tenant;
mod told;
mod transient;

pub use codes::codes_in;
pub use document::troubleshooting;
pub use facts::Facts;
use page::Page;
pub use page::portal_of;
pub use report::Report;
use serde::Serialize;

/// What is known about one AADSTS code.
///
/// `meaning` and `next_step` are templates: [`Entry::meaning`] and [`Entry::next_step`] fill them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The number after `AADSTS`.
    pub code: u32,
    /// What it means, in one line without a full stop.
    pub title: &'static str,
    /// Who can do something about it.
    pub who: Who,
    meaning: &'static str,
    next_step: &'static str,
    page: Page,
}

/// Who can fix a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Who {
    /// The person at the keyboard.
    You,
    /// The person at the keyboard, or an administrator of the tenant that the text names.
    YouOrTenantAdmin,
    /// Whoever may change the app registration.
    AppOwner,
    /// An administrator of the tenant that the text names.
    TenantAdmin,
    /// The owner of the API that the token is for.
    ResourceOwner,
    /// Whoever may assign roles on a resource in Azure.
    RoleAdmin,
    /// Whoever runs the network or its proxy.
    NetworkAdmin,
    /// The author of the program that sent the request.
    Developer,
    /// Microsoft's support.
    Microsoft,
    /// Time.
    Wait,
    /// Nobody: a command-line tool cannot do what is asked.
    Nobody,
}

impl Who {
    /// The words after "Who can fix it:".
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::You => "you",
            Self::YouOrTenantAdmin => "you, or an administrator where consent is restricted",
            Self::AppOwner => "the owner of the app registration",
            Self::TenantAdmin => "an administrator of the tenant",
            Self::ResourceOwner => "the owner of the API",
            Self::RoleAdmin => {
                "whoever may assign roles on the resource (Owner, User Access Administrator)"
            }
            Self::NetworkAdmin => "whoever runs your network",
            Self::Developer => "the developer of the program that sent the request",
            Self::Microsoft => "Microsoft's support",
            Self::Wait => "nobody: wait, then try again",
            Self::Nobody => "nobody: a command-line tool cannot do what is asked here",
        }
    }
}

impl Entry {
    /// What the code means, in a few sentences.
    #[must_use]
    pub fn meaning(&self, facts: &Facts<'_>) -> String {
        facts.fill(self.meaning)
    }

    /// What to do now: a command or a way through the portal.
    ///
    /// A line break in it sets off a last line that is to be pasted as it is.
    #[must_use]
    pub fn next_step(&self, facts: &Facts<'_>) -> String {
        let other = facts.authentication;
        let other = other.and_then(|method| by_method::next_step(self.code, method));
        facts.fill(other.unwrap_or(self.next_step))
    }

    /// Whether the next step is a new sign-in, in whatever way the profile and the machine have.
    pub(super) fn is_to_sign_in_again(&self) -> bool {
        self.next_step == grant::SIGN_IN_AGAIN
    }

    /// The page to open, if one helps.
    #[must_use]
    pub fn page(&self, facts: &Facts<'_>) -> Option<String> {
        facts.page(self.page)
    }
}

/// What is known about `code`, or nothing.
#[must_use]
pub fn find(code: u32) -> Option<&'static Entry> {
    let index = TABLE.binary_search_by_key(&code, |entry| entry.code).ok()?;
    TABLE.get(index)
}

/// Everything known, by code.
#[must_use]
pub fn entries() -> &'static [Entry] {
    &TABLE
}

/// Microsoft's own page about `code`, known to us or not.
#[must_use]
pub fn lookup_link(code: u32) -> String {
    format!("https://login.microsoftonline.com/error?code={code}")
}

/// One piece of advice, shared by the codes that call for it.
#[derive(Clone, Copy)]
struct Advice {
    codes: &'static [u32],
    title: &'static str,
    meaning: &'static str,
    who: Who,
    next_step: &'static str,
    page: Page,
}

/// Copies the advice of all families into one sorted table while compiling; a code given twice does not compile.
const fn table() -> [Entry; LENGTH] {
    let mut table = [BLANK; LENGTH];
    let mut filled = 0;
    let mut family = 0;
    while family < FAMILIES.len() {
        let mut advice = 0;
        while advice < FAMILIES[family].1.len() {
            let shared = &FAMILIES[family].1[advice];
            let mut code = 0;
            while code < shared.codes.len() {
                let entry = Entry {
                    code: shared.codes[code],
                    title: shared.title,
                    who: shared.who,
                    meaning: shared.meaning,
                    next_step: shared.next_step,
                    page: shared.page,
                };
                let mut place = filled;
                while place > 0 && table[place - 1].code >= entry.code {
                    assert!(
                        table[place - 1].code != entry.code,
                        "a code has two entries"
                    );
                    table[place] = table[place - 1];
                    place -= 1;
                }
                table[place] = entry;
                filled += 1;
                code += 1;
            }
            advice += 1;
        }
        family += 1;
    }
    table
}

const fn count() -> usize {
    let mut count = 0;
    let mut family = 0;
    while family < FAMILIES.len() {
        let mut advice = 0;
        while advice < FAMILIES[family].1.len() {
            count += FAMILIES[family].1[advice].codes.len();
            advice += 1;
        }
        family += 1;
    }
    count
}

/// The families and their headings, in the order of the troubleshooting page.
const FAMILIES: &[(&str, &[Advice])] = &[
    (
        "Secrets, certificates and federated credentials",
        credentials::CREDENTIALS,
    ),
    (
        "The app registration and its redirect URIs",
        application::APPLICATION,
    ),
    ("Consent, permissions and scopes", consent::CONSENT),
    ("Signing in", sign_in::SIGN_IN),
    ("Codes, refresh tokens and device codes", grant::GRANT),
    ("Tenants, clouds and guests", tenant::TENANT),
    (
        "Conditional Access and security defaults",
        conditional_access::CONDITIONAL_ACCESS,
    ),
    ("Devices and brokers", device::DEVICE),
    ("Malformed requests", request::REQUEST),
    (
        "SAML, on-premises passwords and Kerberos",
        federation::FEDERATION,
    ),
    ("Faults that pass", transient::TRANSIENT),
];
const LENGTH: usize = count();
const BLANK: Entry = Entry {
    code: 0,
    title: "",
    who: Who::Nobody,
    meaning: "",
    next_step: "",
    page: Page::None,
};
static TABLE: [Entry; LENGTH] = table();

#[cfg(test)]
mod tests;
