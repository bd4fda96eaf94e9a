//! Refusals about where to sign in: tenants, clouds, guests and kinds of accounts.

use super::{Advice, Page, Who};

const USE_TENANT_ID: &str = "Name the tenant itself: `entratool config edit -p {profile} --tenant-id TENANT`, with \
    Directory (tenant) ID from Azure Portal → App registrations → your app → Overview.";
const ANOTHER_ACCOUNT_OR_GUEST: &str = "Sign in with an account of tenant `{tenant}`: `entratool get-token -p {profile} -f \
    InteractiveBrowser --prompt select_account`. Otherwise correct the tenant (`entratool config \
    edit -p {profile}`, select Tenant ID), or have an administrator invite the account as a guest.";
const RIGHT_CLOUD: &str = "Set the cloud that the tenant lives in: `entratool config edit -p {profile}`, select \
    Authority URL, and enter `public`, `usgov` or `china`.";

pub(super) const TENANT: &[Advice] = &[
    Advice {
        codes: &[16000, 16003, 50020, 50034, 51004],
        title: "the account is not in this tenant",
        meaning: "The account that signed in does not exist in tenant `{tenant}`, neither as a \
            member nor as a guest: a mistyped name, the wrong tenant, or the browser picked \
            another account.",
        who: Who::You,
        next_step: ANOTHER_ACCOUNT_OR_GUEST,
        page: Page::None,
    },
    Advice {
        codes: &[90072],
        title: "the external account is not in this tenant",
        meaning: "The account comes from elsewhere and does not exist in tenant `{tenant}`, so it \
            cannot meet that tenant's multi-factor rules. Synchronised directories cause it too, \
            when the account's anchors differ.",
        who: Who::You,
        next_step: ANOTHER_ACCOUNT_OR_GUEST,
        page: Page::None,
    },
    Advice {
        codes: &[50014],
        title: "the guest has not accepted the invitation",
        meaning: "The account's invitation to tenant `{tenant}` is still open, or the app chose a \
            tenant in which the account does not exist.",
        who: Who::You,
        next_step: "Open the link in the invitation mail and accept it (an administrator can send \
            it again), then `entratool get-token -p {profile} -f InteractiveBrowser`.",
        page: Page::None,
    },
    Advice {
        codes: &[50002, 500021, 500022],
        title: "your network does not let you into this tenant",
        meaning: "A proxy adds a header with the tenants that people may sign in to (tenant \
            restrictions), and `{tenant}` is not among them.",
        who: Who::NetworkAdmin,
        next_step: "Ask whoever runs the network or proxy to allow tenant `{tenant}`, or sign in \
            from another network.",
        page: Page::None,
    },
    Advice {
        codes: &[500208],
        title: "the account is of the wrong kind",
        meaning: "A personal account was used where the tenant takes work or school accounts \
            only, or the other way round.",
        who: Who::You,
        next_step: "Choose another account: `entratool get-token -p {profile} -f \
            InteractiveBrowser --prompt select_account`. For personal accounts the tenant is \
            `consumers`, and the app must support them (Azure Portal → App registrations → your \
            app → Authentication → Supported account types).",
        page: Page::Authentication,
    },
    Advice {
        codes: &[500212],
        title: "your organisation does not let you into that tenant",
        meaning: "The home tenant's outbound access policy forbids this account to use tenant \
            `{tenant}`.",
        who: Who::TenantAdmin,
        next_step: "Ask an administrator of your home tenant: Microsoft Entra ID → External \
            Identities → Cross-tenant access settings → Outbound access.",
        page: Page::None,
    },
    Advice {
        codes: &[500213],
        title: "that tenant does not let your organisation in",
        meaning: "The inbound access policy of tenant `{tenant}` forbids this account.",
        who: Who::TenantAdmin,
        next_step: "Ask an administrator of tenant `{tenant}`: Microsoft Entra ID → External \
            Identities → Cross-tenant access settings → Inbound access.",
        page: Page::None,
    },
    Advice {
        codes: &[50049],
        title: "Entra ID does not know this authority",
        meaning: "The host of the authority URL is not one of Microsoft's clouds.",
        who: Who::You,
        next_step: "Correct it: `entratool config edit -p {profile}`, select Authority URL. Usual \
            is `https://login.microsoftonline.com`; `public`, `usgov` and `china` are accepted as \
            names.",
        page: Page::None,
    },
    Advice {
        codes: &[50059, 90019],
        title: "the request does not say which tenant",
        meaning: "An app that signs in as itself has to name its tenant; `common`, \
            `organizations` and `consumers` do not tell.",
        who: Who::You,
        next_step: USE_TENANT_ID,
        page: Page::Overview,
    },
    Advice {
        codes: &[50107],
        title: "the federated domain is not known",
        meaning: "The sign-in refers to a federation that the tenant does not have (any more).",
        who: Who::TenantAdmin,
        next_step: "Ask an administrator to check Microsoft Entra ID → Custom domain names and \
            the federation settings of the account's domain.",
        page: Page::None,
    },
    Advice {
        codes: &[50128],
        title: "the domain is not known",
        meaning: "No tenant owns the domain that was given, neither in the profile nor in the \
            account's name.",
        who: Who::You,
        next_step: USE_TENANT_ID,
        page: Page::Overview,
    },
    Advice {
        codes: &[50194],
        title: "the app is for one tenant only",
        meaning: "App `{client_id}` is registered for a single tenant and cannot be used through \
            `common`.",
        who: Who::You,
        next_step: USE_TENANT_ID,
        page: Page::Overview,
    },
    Advice {
        codes: &[90002],
        title: "the tenant does not exist",
        meaning: "Tenant `{tenant}` was not found: mistyped, without an active subscription, a \
            domain that is not verified, or in another cloud.",
        who: Who::You,
        next_step: "Copy Directory (tenant) ID from Azure Portal → App registrations → your app → \
            Overview, then `entratool config edit -p {profile}`, select Tenant ID. For US \
            Government and China, select Authority URL as well.",
        page: Page::Overview,
    },
    Advice {
        codes: &[900023],
        title: "the tenant is neither a GUID nor a domain",
        meaning: "The text `{tenant}` cannot be the name of a tenant.",
        who: Who::You,
        next_step: "`entratool config edit -p {profile}`, select Tenant ID, and enter the GUID or \
            a verified domain such as `contoso.onmicrosoft.com`.",
        page: Page::Overview,
    },
    Advice {
        codes: &[90010, 9001023],
        title: "this flow needs a tenant of its own",
        meaning: "The grant, or its algorithm, is not supported through `common` or `consumers`.",
        who: Who::You,
        next_step: USE_TENANT_ID,
        page: Page::Overview,
    },
    Advice {
        codes: &[90027],
        title: "personal accounts need the v2.0 endpoint",
        meaning: "A token for a personal Microsoft account was asked for at the older v1 endpoint.",
        who: Who::Developer,
        next_step: "Use `{authority}/consumers/oauth2/v2.0/token` and `scope` instead of \
            `resource`; entratool always does.",
        page: Page::None,
    },
    Advice {
        codes: &[90038, 90043, 90051, 900382, 900432],
        title: "the tenant lives in another cloud",
        meaning: "Tenant `{tenant}` belongs to another of Microsoft's clouds (US Government, \
            China) than the authority that was asked, and this request cannot cross over.",
        who: Who::You,
        next_step: RIGHT_CLOUD,
        page: Page::None,
    },
    Advice {
        codes: &[1000104],
        title: "guests from this cloud are not allowed",
        meaning: "The API lives in another of Microsoft's clouds than the account, and the \
            account's home tenant does not allow that cloud.",
        who: Who::TenantAdmin,
        next_step: "Ask an administrator of your home tenant: Microsoft Entra ID → External \
            Identities → Cross-tenant access settings → Microsoft cloud settings.",
        page: Page::None,
    },
    Advice {
        codes: &[90124, 90126, 90130],
        title: "`common` and `consumers` do not work here",
        meaning: "The API, the app or the kind of account is not supported through these two; the \
            app may be for organisations only.",
        who: Who::You,
        next_step: USE_TENANT_ID,
        page: Page::Overview,
    },
    Advice {
        codes: &[9002332],
        title: "the app is for work and school accounts only",
        meaning: "App `{client_id}` does not take personal accounts, but the request went to \
            `consumers`.",
        who: Who::You,
        next_step: "`entratool config edit -p {profile} --tenant-id organizations` (or the \
            tenant's GUID). To take personal accounts: Azure Portal → App registrations → your \
            app → Authentication → Supported account types.",
        page: Page::Authentication,
    },
    Advice {
        codes: &[100007],
        title: "regional endpoints are for Microsoft's own services",
        meaning: "The request went to a regional host of Entra ID, which serves managed \
            identities and Microsoft's apps only.",
        who: Who::You,
        next_step: "Use the global host: `entratool config edit -p {profile}`, select Authority \
            URL, and enter `public`.",
        page: Page::None,
    },
];
