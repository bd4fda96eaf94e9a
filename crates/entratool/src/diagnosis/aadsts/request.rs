//! Refusals of the request itself: missing, malformed or unsupported parameters.

use super::{Advice, Page, Who};

const REPORT: &str = "From entratool it is a bug: run the command again with `-vv` and report the \
    output with the correlation ID. In your own program, compare the request with Microsoft's \
    description (https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow).";

pub(super) const REQUEST: &[Advice] = &[
    Advice {
        codes: &[50006],
        title: "a signature in the request is wrong",
        meaning: "Entra ID could not verify the signature of something in the request.",
        who: Who::Developer,
        next_step: "Check which certificate signs: `entratool config show -p {profile}`, and \
            compare its thumbprint with Azure Portal → App registrations → your app → \
            Certificates & secrets.",
        page: Page::Credentials,
    },
    Advice {
        codes: &[70003],
        title: "the grant type is not supported",
        meaning: "The `grant_type` of the request is mistyped or one that Entra ID does not offer.",
        who: Who::Developer,
        next_step: REPORT,
        page: Page::None,
    },
    Advice {
        codes: &[70005, 70007],
        title: "the response type or mode is not supported",
        meaning: "`response_type` or `response_mode` of the sign-in request is unknown, or not \
            switched on for the app.",
        who: Who::Developer,
        next_step: REPORT,
        page: Page::Authentication,
    },
    Advice {
        codes: &[90004, 90013, 90014, 90023, 90100, 900144, 9002313],
        title: "the request is malformed or incomplete",
        meaning: "A parameter is missing, empty or not readable. The error text usually names it; \
            often a value was cut off or encoded twice.",
        who: Who::Developer,
        next_step: REPORT,
        page: Page::None,
    },
    Advice {
        codes: &[90005],
        title: "`login_hint` contradicts another parameter",
        meaning: "The request names the account twice, in ways that cannot be used together.",
        who: Who::You,
        next_step: "Leave `--login-hint` out, or drop the session or domain parameter beside it.",
        page: Page::None,
    },
    Advice {
        codes: &[90007],
        title: "the session ID cannot be read",
        meaning: "The request names a session in a form that Entra ID does not know.",
        who: Who::Developer,
        next_step: "Close the browser's sign-in pages and start anew: `entratool get-token -p \
            {profile} -f InteractiveBrowser`.",
        page: Page::None,
    },
    Advice {
        codes: &[90015],
        title: "the request's address is too long",
        meaning: "The query of the sign-in address is longer than Entra ID takes, usually because \
            of many scopes or claims.",
        who: Who::You,
        next_step: "Ask for fewer scopes, or for all of one API at once: `entratool get-token -p \
            {profile} --scope {default_scope}`.",
        page: Page::None,
    },
    Advice {
        codes: &[90016],
        title: "a token in the request lacks a claim",
        meaning: "The token that was presented does not hold a claim that this exchange needs.",
        who: Who::Developer,
        next_step: "`entratool inspect -f TOKEN_FILE` shows the claims of the token you present; \
            use an access token for this API.",
        page: Page::None,
    },
    Advice {
        codes: &[90056],
        title: "the sign-in and token addresses are mixed up",
        meaning: "A code is redeemed with a POST to the token endpoint, and asked for at the \
            authorize endpoint.",
        who: Who::Developer,
        next_step: "Use `{authority}/{tenant}/oauth2/v2.0/authorize` for the sign-in and \
            `{authority}/{tenant}/oauth2/v2.0/token` for tokens.",
        page: Page::None,
    },
    Advice {
        codes: &[900561],
        title: "the endpoint was called with the wrong HTTP method",
        meaning: "The token endpoint takes POST only. The browser's Back button causes this as \
            well, and then it means nothing.",
        who: Who::You,
        next_step: "Close the page and start anew: `entratool get-token -p {profile} -f \
            InteractiveBrowser`.",
        page: Page::None,
    },
    Advice {
        codes: &[901002],
        title: "the parameter `resource` is not for v2.0",
        meaning: "The v2.0 endpoint takes `scope`; `resource` belongs to the older v1 endpoint.",
        who: Who::Developer,
        next_step: "Send `scope=RESOURCE/.default` instead of `resource=RESOURCE`; with \
            entratool: `entratool get-token -p {profile} --scope {default_scope}`.",
        page: Page::None,
    },
    Advice {
        codes: &[165900],
        title: "the request was not understood",
        meaning: "A general refusal of an internal interface of the sign-in page.",
        who: Who::Developer,
        next_step: "Start anew: `entratool get-token -p {profile} -f InteractiveBrowser --force`. \
            If it comes back, report it with the correlation ID.",
        page: Page::None,
    },
];
