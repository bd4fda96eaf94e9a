//! Refusals of what is exchanged for a token: authorization codes, refresh tokens, device codes, assertions of people.

use super::{Advice, Page, Who};

/// Without a flow: the profile's works, and where there is no browser a device code does.
pub(super) const SIGN_IN_AGAIN: &str = "Sign in again: `entratool get-token -p {profile} --force`.";
const NEW_DEVICE_CODE: &str = "Start anew, and enter the new code within its time: `entratool get-token -p {profile} -f \
    DeviceCode`.";
const FRESH_USER_TOKEN: &str = "Ask for a token of this API first and pass that one on: its `aud` must be the middle app. \
    `entratool discover -f FILE` shows audience and expiry.";

pub(super) const GRANT: &[Advice] = &[
    Advice {
        codes: &[50013],
        title: "the token passed on behalf of a person is not valid",
        meaning: "The user assertion of an on-behalf-of exchange has the wrong issuer, signature \
            or audience, or is expired.",
        who: Who::Developer,
        next_step: FRESH_USER_TOKEN,
        page: Page::None,
    },
    Advice {
        codes: &[500131],
        title: "the token passed on is for another app",
        meaning: "The audience of the user assertion is not the app that exchanges it. Tokens for \
            Microsoft Graph cannot be exchanged.",
        who: Who::Developer,
        next_step: FRESH_USER_TOKEN,
        page: Page::None,
    },
    Advice {
        codes: &[500133],
        title: "the assertion is outside its time window",
        meaning: "The token passed as an assertion is expired or not valid yet: it was kept too \
            long, or this machine's clock is wrong.",
        who: Who::You,
        next_step: "Get a new one with `entratool get-token -p {profile} --force`. If \
            that one is refused as well, set this machine's clock.",
        page: Page::None,
    },
    Advice {
        codes: &[50089],
        title: "the sign-in took too long",
        meaning: "The page's own token ran out before the sign-in was finished.",
        who: Who::You,
        next_step: SIGN_IN_AGAIN,
        page: Page::None,
    },
    Advice {
        codes: &[50132, 50133],
        title: "the session was ended by a change of password",
        meaning: "The password is expired or was changed, which ends every session and refresh \
            token from before.",
        who: Who::You,
        next_step: SIGN_IN_AGAIN,
        page: Page::None,
    },
    Advice {
        codes: &[50134],
        title: "the device code was entered in another data centre",
        meaning: "The request and the page that approved it met different regions of Entra ID.",
        who: Who::You,
        next_step: NEW_DEVICE_CODE,
        page: Page::None,
    },
    Advice {
        codes: &[50147, 501491],
        title: "the PKCE challenge has the wrong size or form",
        meaning: "The `code_challenge` of the sign-in request is not what RFC 7636 asks for.",
        who: Who::Developer,
        next_step: "Send the base64url text (43 characters, without `=`) of the SHA-256 of the \
            verifier, and `code_challenge_method=S256`. From entratool it is a bug: report it \
            with the output of `-vv`.",
        page: Page::None,
    },
    Advice {
        codes: &[501481],
        title: "the PKCE verifier does not fit the challenge",
        meaning: "The code was redeemed with another verifier than the one of its sign-in, as \
            happens when two sign-ins run at once and their answers are mixed up.",
        who: Who::You,
        next_step: "Close the other sign-in pages and start once: `entratool get-token -p \
            {profile} -f InteractiveBrowser`.",
        page: Page::None,
    },
    Advice {
        codes: &[50173],
        title: "the sign-in was revoked",
        meaning: "The account's tokens were revoked after this one was issued: a new password, or \
            an administrator chose to end all sessions.",
        who: Who::You,
        next_step: SIGN_IN_AGAIN,
        page: Page::None,
    },
    Advice {
        codes: &[54005],
        title: "the authorization code was used before",
        meaning: "A code can be redeemed once. It was sent twice: by a repeated request, or by \
            loading the last page of the sign-in again.",
        who: Who::You,
        next_step: SIGN_IN_AGAIN,
        page: Page::None,
    },
    Advice {
        codes: &[70000],
        title: "the code or refresh token is not valid",
        meaning: "It is cut off, revoked, or was issued to another app.",
        who: Who::You,
        next_step: SIGN_IN_AGAIN,
        page: Page::None,
    },
    Advice {
        codes: &[700005, 7000012],
        title: "the code or refresh token belongs to another tenant",
        meaning: "It was issued through one tenant (or `common`) and redeemed at another. Both \
            requests must name the same one.",
        who: Who::You,
        next_step: "Check the tenant `{tenant}`: `entratool config edit -p {profile}`, select \
            Tenant ID. Then sign in again: `entratool get-token -p {profile} \
            --force`.",
        page: Page::None,
    },
    Advice {
        codes: &[70000121],
        title: "a personal account was used with an organisation's tenant",
        meaning: "The code or refresh token is of a personal Microsoft account and can be \
            redeemed at `consumers` or `common` only.",
        who: Who::You,
        next_step: "`entratool config edit -p {profile} --tenant-id consumers`, or sign in with a \
            work or school account: `entratool get-token -p {profile} -f InteractiveBrowser \
            --prompt select_account`.",
        page: Page::None,
    },
    Advice {
        codes: &[700007],
        title: "the code or refresh token belongs to another app",
        meaning: "It was issued to another client ID than `{client_id}`. Apps cannot share \
            refresh tokens.",
        who: Who::You,
        next_step: "Use the profile it was issued for, or sign in with this one: `entratool \
            get-token -p {profile} --force`.",
        page: Page::None,
    },
    Advice {
        codes: &[700009],
        title: "the code was redeemed without its redirect URI",
        meaning: "The sign-in named a redirect URI, so the redemption must name the same one.",
        who: Who::Developer,
        next_step: "Send `redirect_uri={redirect_uri}` with the code. From entratool it is a bug: \
            report it with the output of `-vv`.",
        page: Page::None,
    },
    Advice {
        codes: &[70008],
        title: "the code or refresh token is expired",
        meaning: "Codes live for minutes, refresh tokens until they are not used for a long time \
            or are revoked.",
        who: Who::You,
        next_step: SIGN_IN_AGAIN,
        page: Page::None,
    },
    Advice {
        codes: &[700082],
        title: "the refresh token was not used for too long",
        meaning: "Refresh tokens end after 90 days without use. This is normal after a long pause.",
        who: Who::You,
        next_step: SIGN_IN_AGAIN,
        page: Page::None,
    },
    Advice {
        codes: &[700084],
        title: "the refresh token of a single-page application is over",
        meaning: "For redirect URIs of the platform Single-page application, refresh tokens end \
            after 24 hours and cannot be extended.",
        who: Who::AppOwner,
        next_step: "Sign in again: `entratool get-token -p {profile} -f InteractiveBrowser \
            --force`. To stay signed in longer: Azure Portal → App registrations → your app → \
            Authentication, and move the redirect URI to Mobile and desktop applications.",
        page: Page::Authentication,
    },
    Advice {
        codes: &[70016],
        title: "the device code was not entered yet",
        meaning: "The tool asks every few seconds whether the sign-in on the other device is \
            finished; it is not.",
        who: Who::You,
        next_step: "Open the shown address, enter the code and finish the sign-in; the waiting \
            command goes on by itself.",
        page: Page::None,
    },
    Advice {
        codes: &[70018],
        title: "the device code is not known",
        meaning: "A wrong code was typed on the sign-in page.",
        who: Who::You,
        next_step: NEW_DEVICE_CODE,
        page: Page::None,
    },
    Advice {
        codes: &[70019, 70020],
        title: "the device code is expired",
        meaning: "Nobody finished the sign-in in time; a code usually lives for 15 minutes. If it \
            was sooner, check this machine's clock.",
        who: Who::You,
        next_step: NEW_DEVICE_CODE,
        page: Page::None,
    },
    Advice {
        codes: &[7000014, 90119],
        title: "the device code is not valid",
        meaning: "The code is empty, cut off, or was used before.",
        who: Who::You,
        next_step: NEW_DEVICE_CODE,
        page: Page::None,
    },
    Advice {
        codes: &[90120],
        title: "this device code was answered before",
        meaning: "The sign-in with this code was already approved or declined.",
        who: Who::You,
        next_step: NEW_DEVICE_CODE,
        page: Page::None,
    },
    Advice {
        codes: &[70043, 70044],
        title: "the tenant wants a new sign-in",
        meaning: "A Conditional Access policy limits how long a sign-in lasts (sign-in \
            frequency), and that time is over.",
        who: Who::You,
        next_step: SIGN_IN_AGAIN,
        page: Page::None,
    },
    Advice {
        codes: &[70046],
        title: "the session has to be confirmed again",
        meaning: "The session is not valid any more because a check asks for a new sign-in.",
        who: Who::You,
        next_step: SIGN_IN_AGAIN,
        page: Page::None,
    },
    Advice {
        codes: &[70049],
        title: "the session is not accepted any more",
        meaning: "Microsoft does not document this code; it comes with refused sessions and \
            refresh tokens.",
        who: Who::You,
        next_step: SIGN_IN_AGAIN,
        page: Page::None,
    },
    Advice {
        codes: &[240002],
        title: "an ID token cannot be exchanged",
        meaning: "The on-behalf-of exchange was given an ID token. It takes access tokens.",
        who: Who::Developer,
        next_step: FRESH_USER_TOKEN,
        page: Page::None,
    },
];
