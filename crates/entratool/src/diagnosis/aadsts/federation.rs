//! Refusals from outside the OAuth flows: SAML, the organisation's own directory, Kerberos.

use super::{Advice, Page, Who};

const NOT_A_TOKEN_MATTER: &str = "Have the owner of that SAML application look at Azure Portal → Enterprise applications → the \
    app → Single sign-on. entratool sends no SAML.";
const ON_PREMISES: &str = "Give the organisation's administrators the code, the time and the correlation ID: they find \
    the cause in the logs of the authentication agent and Active Directory. A cloud-only account, \
    or client credentials, does not need them.";
const WITHOUT_KERBEROS: &str = "Sign in with another method: `entratool get-token -p {profile} -f InteractiveBrowser \
    --prompt login`. An administrator can check Microsoft Entra Connect → Seamless single sign-on.";

pub(super) const FEDERATION: &[Advice] = &[
    Advice {
        codes: &[50008],
        title: "the SAML token is missing or wrong",
        meaning: "The federation provider that vouches for the account sent a SAML assertion that \
            Entra ID cannot use.",
        who: Who::TenantAdmin,
        next_step: "Ask whoever runs the account's federation service (AD FS or another) to check \
            its claims and signing certificate.",
        page: Page::None,
    },
    Advice {
        codes: &[75005, 75011, 76021, 76026],
        title: "a SAML request was refused",
        meaning: "The request is not valid SAML, is unsigned or too old, or asks for another way \
            of signing in than the one that was used.",
        who: Who::Developer,
        next_step: NOT_A_TOKEN_MATTER,
        page: Page::EnterpriseApplications,
    },
    Advice {
        codes: &[80001, 80002, 80005, 80007, 80010, 80014],
        title: "the organisation's directory did not check the password",
        meaning: "Passwords are checked by an agent in the organisation's own network, and that \
            agent could not be reached, was too slow, or failed.",
        who: Who::TenantAdmin,
        next_step: ON_PREMISES,
        page: Page::None,
    },
    Advice {
        codes: &[80012],
        title: "the account may not sign in at this hour",
        meaning: "Active Directory allows this account certain hours only.",
        who: Who::Wait,
        next_step: "Try again within the allowed hours, or ask an administrator to change them.",
        page: Page::None,
    },
    Advice {
        codes: &[80013],
        title: "the organisation's clocks differ",
        meaning: "The machine of the authentication agent and Active Directory do not agree on \
            the time.",
        who: Who::TenantAdmin,
        next_step: ON_PREMISES,
        page: Page::None,
    },
    Advice {
        codes: &[81004, 81005, 81006, 81007, 81009, 81010, 81011, 81012],
        title: "single sign-on with Kerberos failed",
        meaning: "Seamless single sign-on could not use the device's Kerberos ticket: none was \
            sent, it is expired or of another person, or the tenant has it switched off.",
        who: Who::You,
        next_step: WITHOUT_KERBEROS,
        page: Page::None,
    },
    Advice {
        codes: &[81016],
        title: "the single sign-on endpoint did not understand the request",
        meaning: "A request to the endpoint for seamless single sign-on was not valid.",
        who: Who::TenantAdmin,
        next_step: WITHOUT_KERBEROS,
        page: Page::None,
    },
];
