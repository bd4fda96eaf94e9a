//! What many APIs say about tokens, and what entratool itself says.

use super::{Message, Page, Who};

/// Those that say more come first: Microsoft Graph says `InvalidAuthenticationToken` with many reasons.
/// <https://learn.microsoft.com/graph/resolve-auth-errors>
pub(super) const GENERAL: &[Message] = &[
    // <https://learn.microsoft.com/entra/identity-platform/claims-challenge>
    Message {
        name: "Claims challenge",
        codes: &["insufficient_claims"],
        signs: &["continuous access evaluation resulted in"],
        beside: &[],
        title: "the API wants a newer or stronger token",
        who: Who::You,
        meaning: "A claims challenge: the token was taken back before its time (a new password, a \
            revoked session, another network), or the API wants more than it says, such as a \
            second factor.",
        next_step: "Answer it with the value of `claims` in the header WWW-Authenticate: \
            `entratool get-token -p {profile} --claims {claims}`. Kept tokens are not used \
            then{person}; a person may have to sign in again{end}.",
        page: Page::None,
    },
    Message {
        name: INSUFFICIENT,
        codes: &[],
        signs: &[
            "insufficient privileges",
            "authorization_requestdenied",
            "missing scope permissions",
        ],
        beside: &[],
        title: "the token lacks the permission that the call needs",
        who: Who::YouOrTenantAdmin,
        meaning: "The API takes the token for genuine, but does not find the permission in it that \
            the call needs.{person} A person's token: the scope was not asked for, nobody has \
            consented to it, or the person lacks the role behind it.{end}{app} An application's \
            token: the app has no such application permission, or no administrator has consented \
            to it.{end}",
        next_step: "See what the token allows (`scp` of a person, `roles` of an application): \
            `entratool inspect -p {profile} --claims`.{person} Ask as a person for what the call \
            needs: `entratool get-token -p {profile} --scope SCOPES`. If it is still not allowed, \
            have an administrator assign the Azure AD role.{end} Azure Portal → App \
            registrations → your app → API permissions → Add a permission{app} → Application \
            permissions{end} → Grant admin consent. Then `entratool get-token -p {profile} --force`.",
        page: Page::Permissions,
    },
    Message {
        name: "Token expired",
        codes: &[],
        signs: &[
            "token expired",
            "token is expired",
            "token has expired",
            "lifetime validation failed",
            "expiredauthenticationtoken",
            "the access token expiry utc time",
            "jwt expired",
            "idx10223",
        ],
        beside: &[],
        title: "the token's lifetime is over",
        who: Who::You,
        meaning: "Access tokens live for 60 to 90 minutes as a rule. If a new one counts as expired, \
            this machine's clock or the API's is wrong.",
        next_step: "Get a new token before each use; `get-token` keeps it and renews it in time: \
            `entratool get-token -p {profile} --silent`.",
        page: Page::None,
    },
    Message {
        name: "Invalid audience",
        codes: &[],
        signs: &[
            "invalid audience",
            "audience validation failed",
            "audience is invalid",
            "idx10214",
        ],
        beside: &[],
        title: "the token is for another API",
        who: Who::You,
        meaning: "Every access token is for exactly one API, the one whose scope was asked for.",
        next_step: "See which one: `entratool inspect -p {profile} --claims` shows `aud`. Get a token \
            for the correct API: `entratool get-token -p {profile} --scope \
            \"https://correct-api.com/.default\"`.",
        page: Page::None,
    },
    Message {
        name: "Invalid token",
        codes: &[],
        signs: &[
            "invalid token",
            "invalid_token",
            "invalidauthenticationtoken",
            "jwt is not well formed",
            "compacttoken",
            "jwt malformed",
        ],
        beside: &[],
        title: "the token is malformed or corrupted",
        who: Who::You,
        meaning: "What arrived is no token: cut off, broken over lines, or wrapped in something else.",
        next_step: "See whether it decodes: `entratool inspect -f FILE`, or pipe it into `entratool \
            inspect`. If it does not, get a fresh one: `entratool get-token -p {profile} --silent`.",
        page: Page::None,
    },
    Message {
        name: UNAUTHORIZED,
        codes: &[],
        signs: &[],
        beside: &[],
        title: "the API got no token, or does not accept the one it got",
        who: Who::You,
        meaning: "With the status 401 an API says that it does not know who asks: no token came, or \
            it is over, is for another API, or was changed on the way. The header WWW-Authenticate \
            or the body often says which.",
        next_step: "See for whom the token is and whether it is still valid: `entratool discover -p \
            {profile}`. Send a fresh one: `entratool get-token -p {profile} --silent --format \
            header`, for `curl -i -H @- URL` behind a pipe. What comes back then can be passed to \
            `entratool explain`.",
        page: Page::None,
    },
    Message {
        name: "Profile not found",
        codes: &[],
        signs: &["profile not found"],
        beside: &[],
        title: "no profile has that name",
        who: Who::You,
        meaning: "The profile's name is incorrect, or the profiles are in another folder \
            (ENTRATOOL_CONFIG_PATH).",
        next_step: "List the profiles with `entratool config list`, and use the correct name: \
            `entratool get-token -p NAME`.",
        page: Page::None,
    },
    Message {
        name: "Browser did not respond",
        codes: &[],
        signs: &["browser did not respond"],
        beside: &[],
        title: "nobody came back from the browser",
        who: Who::You,
        meaning: "The sign-in was not finished within five minutes, or its answer did not reach \
            entratool.",
        next_step: "Sign in with a code instead: `entratool get-token -p {profile} -f DeviceCode`. Or \
            check that nothing blocks the port on localhost, and that this redirect URI is registered \
            under {platform}:\n{redirect_uri}",
        page: Page::Authentication,
    },
];

/// What 403 means as a rule, and what the siblings of that message say.
pub(super) const INSUFFICIENT: &str = "Insufficient privileges";
/// What 401 means as a rule.
pub(super) const UNAUTHORIZED: &str = "Unauthorized";
