//! Refusals about the app registration: unknown, disabled, unassigned, or its redirect URIs do not fit.

use super::{Advice, Page, Who};

const MOVE_FROM_PAGE: &str = "Azure Portal → App registrations → your app → Authentication: delete the redirect URI under \
    Single-page application and add it under {platform}:\n{redirect_uri}";

pub(super) const APPLICATION: &[Advice] = &[
    Advice {
        codes: &[50003, 50146],
        title: "the app has no usable signing key",
        meaning: "The app is set up to have its tokens signed with a key of its own, and there is \
            none, or it is expired or not valid yet.",
        who: Who::AppOwner,
        next_step: "Azure Portal → Enterprise applications → your app → Single sign-on: add or \
            renew the signing certificate, or undo the custom claims mapping that asks for one.",
        page: Page::EnterpriseApplications,
    },
    Advice {
        codes: &[50011],
        title: "the redirect URI is not registered",
        meaning: "The redirect URI that was sent is not one of the app's. Scheme, host and path \
            are compared letter by letter; a slash at the end counts. Under Mobile and desktop \
            applications the port of http://localhost is ignored. Unless told otherwise, the flow \
            InteractiveBrowser sends http://localhost with a free port, AuthorizationCode \
            http://localhost:8080.",
        who: Who::AppOwner,
        next_step: "Azure Portal → App registrations → your app → Authentication → Add a platform \
            → {platform}, and paste this line as the redirect URI:\n{redirect_uri}",
        page: Page::Authentication,
    },
    Advice {
        codes: &[500112],
        title: "the redirect URI changed between sign-in and redemption",
        meaning: "The code was asked for with one redirect URI and redeemed with another. Both \
            must be equal, the slash at the end included.",
        who: Who::You,
        next_step: "Sign in again: `entratool get-token -p {profile} --force`. A program of your \
            own has to send `{redirect_uri}` both times.",
        page: Page::None,
    },
    Advice {
        codes: &[500113, 900971],
        title: "the app has no redirect URI",
        meaning: "The app registration has no redirect URI, or the request named none, so there \
            is nowhere to send the answer.",
        who: Who::AppOwner,
        next_step: "Azure Portal → App registrations → your app → Authentication → Add a platform \
            → {platform}, and paste this line as the redirect URI:\n{redirect_uri}",
        page: Page::Authentication,
    },
    Advice {
        codes: &[50105],
        title: "the account is not assigned to the app",
        meaning: "The tenant lets only assigned people use this app, and the account is neither \
            assigned nor in an assigned group. Groups inside groups do not count.",
        who: Who::TenantAdmin,
        next_step: "Azure Portal → Enterprise applications → the app with client ID `{client_id}` \
            → Users and groups → Add user/group. Or Properties → Assignment required? → No.",
        page: Page::EnterpriseApplications,
    },
    Advice {
        codes: &[501051],
        title: "the calling app has no role on the API",
        meaning: "The API accepts only apps to which one of its app roles is assigned, and \
            `{client_id}` has none.",
        who: Who::ResourceOwner,
        next_step: "Azure Portal → App registrations → your app → API permissions → Add a \
            permission → the API → Application permissions → choose a role → Grant admin consent. \
            Then ask for `{default_scope}` again.",
        page: Page::Permissions,
    },
    Advice {
        codes: &[501461],
        title: "custom claims are not allowed for this audience",
        meaning: "The API wants custom claims in its tokens, but its identifier is neither its \
            client ID nor in a verified domain of the tenant, and it has no signing key of its \
            own.",
        who: Who::ResourceOwner,
        next_step: "Have the API's owner change its Application ID URI (Azure Portal → App \
            registrations → the API → Expose an API) or give it its own signing key.",
        page: Page::ExposeAnApi,
    },
    Advice {
        codes: &[70001, 7000112],
        title: "the app is disabled or missing in this tenant",
        meaning: "The tenant knows the app `{client_id}` but has switched it off, or its \
            identifier is wrong.",
        who: Who::TenantAdmin,
        next_step: "Azure Portal → Enterprise applications → the app with client ID `{client_id}` \
            → Properties → Enabled for users to sign-in? → Yes. Check client ID and tenant as \
            well: `entratool config show -p {profile}`.",
        page: Page::EnterpriseApplications,
    },
    Advice {
        codes: &[700011, 700016],
        title: "the tenant does not know this client ID",
        meaning: "No app `{client_id}` exists in tenant `{tenant}`: a mistyped client ID, the \
            wrong tenant or cloud, or an app of another organisation that nobody here has \
            consented to.",
        who: Who::You,
        next_step: "Compare both with Azure Portal → App registrations → your app → Overview, then \
            `entratool config edit -p {profile}`, select Client ID or Tenant ID. If the app \
            belongs to another organisation, an administrator has to open this page once: \
            `{authority}/{tenant}/adminconsent?client_id={client_id}`.",
        page: Page::Overview,
    },
    Advice {
        codes: &[7000229],
        title: "the app has no service principal in this tenant",
        meaning: "The app registration exists, but tenant `{tenant}` has no enterprise \
            application (service principal) for it, so it cannot sign in there by itself.",
        who: Who::TenantAdmin,
        next_step: "Create it: `az ad sp create --id {client_id}` as an administrator of tenant \
            `{tenant}`, or open the admin consent page.",
        page: Page::AdminConsent,
    },
    Advice {
        codes: &[70004],
        title: "the redirect URI is not valid",
        meaning: "The redirect URI is not well formed or not one that the app may use.",
        who: Who::AppOwner,
        next_step: "Azure Portal → App registrations → your app → Authentication: register \
            exactly this line, or change the profile with `entratool config edit -p {profile}`, \
            select Redirect URI:\n{redirect_uri}",
        page: Page::Authentication,
    },
    Advice {
        codes: &[700054],
        title: "the app may not receive ID tokens from the sign-in page",
        meaning: "The request asked the sign-in page for an ID token directly, and the app does \
            not have that (implicit or hybrid) grant switched on.",
        who: Who::Developer,
        next_step: "Use the authorization code flow with PKCE (`entratool get-token -f \
            InteractiveBrowser`). If your own program needs the hybrid flow: Azure Portal → App \
            registrations → your app → Authentication → ID tokens.",
        page: Page::Authentication,
    },
    Advice {
        codes: &[7000114],
        title: "the app may not act on behalf of people",
        meaning: "The on-behalf-of exchange is not allowed for this app.",
        who: Who::TenantAdmin,
        next_step: "Use an app registration of your own as the middle tier, with its own API \
            permissions and consent, and exchange a token whose `aud` is that app.",
        page: Page::Permissions,
    },
    Advice {
        codes: &[9002325],
        title: "the redirect URI is registered for a single-page application",
        meaning: "Redirect URIs of the platform Single-page application need PKCE from a page in \
            the browser. A command-line tool belongs to another platform.",
        who: Who::AppOwner,
        next_step: MOVE_FROM_PAGE,
        page: Page::Authentication,
    },
    Advice {
        codes: &[9002326],
        title: "the code was redeemed from a web page",
        meaning: "The request came with an `Origin` header, which only apps of the platform \
            Single-page application may send.",
        who: Who::Developer,
        next_step: "Redeem the code from a program, not from a page's script. For a page: Azure \
            Portal → App registrations → your app → Authentication → Single-page application, and \
            register its URI there.",
        page: Page::Authentication,
    },
    Advice {
        codes: &[9002327],
        title: "this code or refresh token belongs to a single-page application",
        meaning: "It was issued for a redirect URI of the platform Single-page application and \
            can be redeemed only by a page in the browser.",
        who: Who::AppOwner,
        next_step: MOVE_FROM_PAGE,
        page: Page::Authentication,
    },
    Advice {
        codes: &[90112],
        title: "the client ID is not a GUID",
        meaning: "The client ID that was sent, `{client_id}`, is not in the form of one.",
        who: Who::You,
        next_step: "Copy Application (client) ID from Azure Portal → App registrations → your app \
            → Overview, then `entratool config edit -p {profile}`, select Client ID.",
        page: Page::Overview,
    },
    Advice {
        codes: &[1000031],
        title: "the app cannot be used at the moment",
        meaning: "Microsoft or the tenant's administrator has stopped access to this app.",
        who: Who::TenantAdmin,
        next_step: "Ask an administrator of tenant `{tenant}`: Azure Portal → Enterprise \
            applications → the app with client ID `{client_id}` → Properties.",
        page: Page::EnterpriseApplications,
    },
];
