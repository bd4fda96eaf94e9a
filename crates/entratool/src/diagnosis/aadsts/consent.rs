//! Refusals about what the app may ask for: consent, API permissions, scopes and resources.

use super::{Advice, Page, Who};

const ONE_RESOURCE: &str = "Ask for one API per command, as `RESOURCE/.default` or as named scopes of the same API: \
    `entratool get-token -p {profile} --scope {default_scope}`. Requested was `{scope}`.";
const ADD_PERMISSION: &str = "Azure Portal → App registrations → your app → API permissions → Add a permission → the API \
    you call → choose it → Grant admin consent. Then run the command again.";
const ASK_FOR_CONSENT: &str = "Have an administrator of tenant `{tenant}` open the linked admin consent page, or Azure \
    Portal → App registrations → your app → API permissions → Grant admin consent.";

pub(super) const CONSENT: &[Advice] = &[
    Advice {
        codes: &[28000, 700022],
        title: "the scope names more than one API",
        meaning: "An access token is for one API. The scopes that were asked for belong to \
            several.",
        who: Who::You,
        next_step: ONE_RESOURCE,
        page: Page::None,
    },
    Advice {
        codes: &[28002, 28003, 700023],
        title: "the scope is empty or not valid",
        meaning: "The code or refresh token was redeemed without a scope, or with one that names \
            no API.",
        who: Who::You,
        next_step: ONE_RESOURCE,
        page: Page::None,
    },
    Advice {
        codes: &[50001, 500011],
        title: "the tenant does not know the API",
        meaning: "The API in the scope `{scope}` is mistyped, disabled, or has no service \
            principal in tenant `{tenant}`.",
        who: Who::You,
        next_step: "Compare the part before the last slash with the API's Application ID URI \
            (Azure Portal → App registrations → the API → Expose an API), and check the tenant. \
            If both are right, an administrator adds the API to the tenant: `az ad sp create --id \
            API_CLIENT_ID`.",
        page: Page::None,
    },
    Advice {
        codes: &[65001],
        title: "nobody has consented to this app yet",
        meaning: "Neither you nor an administrator has allowed app `{client_id}` to use the \
            requested permissions in tenant `{tenant}`.",
        who: Who::You,
        next_step: "{person}Consent in the browser: `entratool get-token -p {profile} -f \
            InteractiveBrowser --prompt consent`. If the page says that an administrator is \
            needed, have one open the admin consent page. {end}{app}For an application only an \
            administrator can consent, on the admin consent page. {end}Then run the command again.",
        page: Page::AdminConsent,
    },
    Advice {
        codes: &[65002],
        title: "this client ID belongs to Microsoft",
        meaning: "Apps of Microsoft may call Microsoft's APIs only where both sides have agreed \
            on it beforehand. SharedCredential client IDs (of the Azure CLI, for instance) do not reach \
            every API.",
        who: Who::You,
        next_step: "Register an app of your own: Azure Portal → App registrations → New \
            registration. Then `entratool config edit -p {profile}`, select Client ID.",
        page: Page::Applications,
    },
    Advice {
        codes: &[65004],
        title: "consent was declined",
        meaning: "Someone chose Cancel on the page that asks for the permissions.",
        who: Who::You,
        next_step: "Sign in again and choose Accept: `entratool get-token -p {profile} -f \
            InteractiveBrowser --prompt consent`. Ask for less with `--scope`, if it was too much.",
        page: Page::None,
    },
    Advice {
        codes: &[65005, 650056, 650057],
        title: "the app registration does not list this API",
        meaning: "The scope `{scope}` asks for an API that is not among the app's API \
            permissions, or nobody has consented to it in this tenant. The error text lists the \
            APIs that are.",
        who: Who::AppOwner,
        next_step: ADD_PERMISSION,
        page: Page::Permissions,
    },
    Advice {
        codes: &[650051],
        title: "the app's service principal is in the way",
        meaning: "The tenant already has a service principal of this name, or is still creating \
            it, so consent could not be stored.",
        who: Who::TenantAdmin,
        next_step: "Wait a minute and consent again. If it stays, look for a left-over entry of \
            that name: Azure Portal → Enterprise applications.",
        page: Page::EnterpriseApplications,
    },
    Advice {
        codes: &[650052],
        title: "the organisation does not have this API",
        meaning: "Tenant `{tenant}` has no service principal for the API, often because the \
            organisation has no subscription or licence for that service.",
        who: Who::TenantAdmin,
        next_step: "Have an administrator switch the service on (Microsoft 365 admin center → \
            Billing), or add the API to the tenant: `az ad sp create --id API_CLIENT_ID`.",
        page: Page::EnterpriseApplications,
    },
    Advice {
        codes: &[650053],
        title: "the API has no scope of this name",
        meaning: "A name in `{scope}` does not exist on that API: a typing error, a stray line \
            break, or a name of another API. A name without an API in front belongs to Microsoft \
            Graph.",
        who: Who::You,
        next_step: "Compare the names with Azure Portal → App registrations → your app → API \
            permissions, then `entratool config edit -p {profile}`, select Scope.",
        page: Page::Permissions,
    },
    Advice {
        codes: &[650054],
        title: "the app asks for an API that no longer exists",
        meaning: "One of the app's API permissions points to an API that was deleted or is not in \
            this tenant.",
        who: Who::AppOwner,
        next_step: "Azure Portal → App registrations → your app → API permissions: remove the \
            entry without a name and add the permission again.",
        page: Page::Permissions,
    },
    Advice {
        codes: &[70011],
        title: "the scope is not valid",
        meaning: "The requested scope `{scope}` is not configured in the app registration, is \
            mistyped, or mixes `.default` with named scopes.",
        who: Who::AppOwner,
        next_step: "Azure Portal → App registrations → your app → API permissions → add the \
            required permission → grant admin consent (if needed). Ask either for \
            `{default_scope}` or for named scopes of one API, not for both.",
        page: Page::Permissions,
    },
    Advice {
        codes: &[90008],
        title: "the app needs the permission to sign people in",
        meaning: "The app has no consent for the least permission of all, User.Read (sign in and \
            read the profile) of Microsoft Graph.",
        who: Who::AppOwner,
        next_step: "Azure Portal → App registrations → your app → API permissions → Add a \
            permission → Microsoft Graph → Delegated permissions → User.Read. Then sign in again \
            and accept.",
        page: Page::Permissions,
    },
    Advice {
        codes: &[90009],
        title: "an app that asks for itself has to use its client ID",
        meaning: "The app wants a token for itself. That works only when the scope names it by \
            its GUID.",
        who: Who::You,
        next_step: "`entratool get-token -p {profile} --scope {client_id}/.default`.",
        page: Page::None,
    },
    Advice {
        codes: &[90094],
        title: "an administrator has to consent",
        meaning: "The permissions asked for, or the tenant's settings, need the consent of an \
            administrator.",
        who: Who::TenantAdmin,
        next_step: ASK_FOR_CONSENT,
        page: Page::AdminConsent,
    },
    Advice {
        codes: &[90095],
        title: "the request for consent waits for an administrator",
        meaning: "The tenant lets people ask for apps: the sign-in page offers a form that goes \
            to the administrators.",
        who: Who::TenantAdmin,
        next_step: "Fill in the form on the sign-in page: `entratool get-token -p {profile} -f \
            InteractiveBrowser`. Run the command again once it is approved.",
        page: Page::AdminConsent,
    },
    Advice {
        codes: &[90099],
        title: "the app is not authorised in this tenant",
        meaning: "App `{client_id}` must be authorised in tenant `{tenant}` before partners \
            (delegated administrators) can use it there.",
        who: Who::TenantAdmin,
        next_step: ASK_FOR_CONSENT,
        page: Page::AdminConsent,
    },
    Advice {
        codes: &[1002012],
        title: "client credentials take `RESOURCE/.default` only",
        meaning: "An app that signs in as itself gets all that it was granted; it cannot pick \
            scopes. The same error comes when the scope was URL-encoded twice.",
        who: Who::You,
        next_step: "`entratool get-token -p {profile} -f ClientCredentials --scope \
            {default_scope}`. For Microsoft Graph that is \
            `https://graph.microsoft.com/.default`.",
        page: Page::None,
    },
];
