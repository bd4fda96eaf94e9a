//! Refusals of the person who signs in: passwords, multi-factor authentication, prompts and sessions.

use super::{Advice, Page, Who};

const IN_THE_BROWSER: &str = "Sign in where the page can ask for it: `entratool get-token -p {profile} -f \
    InteractiveBrowser --force`.";
const CHOOSE_ACCOUNT: &str = "Choose the account yourself: `entratool get-token -p {profile} -f InteractiveBrowser \
    --prompt select_account`.";
const RESET_PASSWORD: &str = "Set another password on the linked page (or have an administrator do it), then `entratool \
    get-token -p {profile} -f InteractiveBrowser --force`.";

pub(super) const SIGN_IN: &[Advice] = &[
    Advice {
        codes: &[16001, 16002, 160021],
        title: "the chosen session is not there any more",
        meaning: "The request or the page pointed to a signed-in session that does not exist or \
            does not fit.",
        who: Who::You,
        next_step: CHOOSE_ACCOUNT,
        page: Page::None,
    },
    Advice {
        codes: &[50053],
        title: "the account is locked, or the address is blocked",
        meaning: "Too many wrong passwords have locked the account for a while, or the sign-in \
            came from an internet address with a bad record.",
        who: Who::Wait,
        next_step: "Wait some minutes and try once. If it stays locked, reset the password on the \
            linked page, or have an administrator look at Microsoft Entra ID → Sign-in logs for \
            the failure reason.",
        page: Page::PasswordReset,
    },
    Advice {
        codes: &[50055, 50144],
        title: "the password is expired",
        meaning: "The account's password is past its lifetime. Refresh tokens from before end \
            with it.",
        who: Who::You,
        next_step: RESET_PASSWORD,
        page: Page::PasswordReset,
    },
    Advice {
        codes: &[50056],
        title: "the account has no usable password",
        meaning: "The directory holds no password for this account, as with guests and with \
            people who sign in elsewhere or without one.",
        who: Who::You,
        next_step: IN_THE_BROWSER,
        page: Page::None,
    },
    Advice {
        codes: &[50057],
        title: "the account is disabled",
        meaning: "An administrator has switched the account off.",
        who: Who::TenantAdmin,
        next_step: "Ask an administrator of tenant `{tenant}` (Azure Portal → Microsoft Entra ID \
            → Users → the account → Account status), or use another account: `entratool get-token \
            -p {profile} -f InteractiveBrowser --prompt select_account`.",
        page: Page::None,
    },
    Advice {
        codes: &[50058],
        title: "nobody is signed in",
        meaning: "The request asked for an answer without any prompt, and there is no signed-in \
            session to answer from.",
        who: Who::You,
        next_step: "Sign in with a prompt: `entratool get-token -p {profile} -f \
            InteractiveBrowser` (without `--prompt none`).",
        page: Page::None,
    },
    Advice {
        codes: &[50064, 50126],
        title: "wrong user name or password",
        meaning: "The account's name or password is not right.",
        who: Who::You,
        next_step: "Sign in again and type both anew: `entratool get-token -p {profile} -f \
            InteractiveBrowser`. A forgotten password is reset on the linked page.",
        page: Page::PasswordReset,
    },
    Advice {
        codes: &[50072, 50079],
        title: "the account has to set up multi-factor authentication",
        meaning: "The tenant wants a second factor, and the account has none yet, or the home \
            organisation has to vouch for it.",
        who: Who::You,
        next_step: "Add a method on the linked page, then `entratool get-token -p {profile} -f \
            InteractiveBrowser --force`.",
        page: Page::SecurityInfo,
    },
    Advice {
        codes: &[50074, 50076, 50078],
        title: "multi-factor authentication is required",
        meaning: "The tenant's policy wants a second factor for this API, and the sign-in had \
            none, or it is too long ago.",
        who: Who::You,
        next_step: "Sign in where the second factor can be asked for: `entratool get-token -p \
            {profile} -f InteractiveBrowser --force`. An unattended job should use client \
            credentials or a managed identity instead of a person's account.",
        page: Page::None,
    },
    Advice {
        codes: &[50085],
        title: "the social account has to sign in again",
        meaning: "The account comes from a social identity provider, and its session there has \
            ended.",
        who: Who::You,
        next_step: IN_THE_BROWSER,
        page: Page::None,
    },
    Advice {
        codes: &[50125],
        title: "the account has to register for password reset",
        meaning: "The sign-in was interrupted because the tenant wants the account's reset \
            details first.",
        who: Who::You,
        next_step: IN_THE_BROWSER,
        page: Page::SecurityInfo,
    },
    Advice {
        codes: &[50135],
        title: "the password is known to be compromised",
        meaning: "The account is at risk and must change its password before it goes on.",
        who: Who::You,
        next_step: RESET_PASSWORD,
        page: Page::PasswordReset,
    },
    Advice {
        codes: &[50140, 50199],
        title: "the sign-in page waits for an answer",
        meaning: "The page has asked whether to stay signed in, or whether this is really the app \
            you meant to use. It is no fault, but nobody answered.",
        who: Who::You,
        next_step: "Answer it in the browser: `entratool get-token -p {profile} -f \
            InteractiveBrowser`.",
        page: Page::None,
    },
    Advice {
        codes: &[50158],
        title: "a check outside Entra ID is still open",
        meaning: "The policy sends people to another provider (for multi-factor or terms of use), \
            and that step was not finished.",
        who: Who::You,
        next_step: IN_THE_BROWSER,
        page: Page::None,
    },
    Advice {
        codes: &[50177],
        title: "this account cannot pass the outside check",
        meaning: "The policy asks for a challenge at another provider, which accounts that only \
            pass through this tenant cannot take.",
        who: Who::TenantAdmin,
        next_step: "Use a member account of tenant `{tenant}`: `entratool get-token -p {profile} \
            -f InteractiveBrowser --prompt select_account`. Otherwise an administrator has to \
            change the policy.",
        page: Page::ConditionalAccess,
    },
    Advice {
        codes: &[50196],
        title: "the same request was sent too often",
        meaning: "Entra ID saw a loop: one program asking for the same token again and again. It \
            refuses that request for some minutes.",
        who: Who::Wait,
        next_step: "Stop the loop and wait five minutes. Let the cache answer: call `entratool \
            get-token -p {profile} --silent` without `--force` and `--no-cache`.",
        page: Page::None,
    },
    Advice {
        codes: &[50197],
        title: "two identities are in conflict",
        meaning: "The browser's session and the account that was asked for do not belong together.",
        who: Who::You,
        next_step: "Sign out in the browser, then choose the account: `entratool get-token -p \
            {profile} -f InteractiveBrowser --prompt select_account`.",
        page: Page::None,
    },
    Advice {
        codes: &[54000],
        title: "the law on minors forbids it",
        meaning: "The account belongs to a minor, and the age rules of its country do not allow \
            this app.",
        who: Who::TenantAdmin,
        next_step: "A guardian or an administrator of tenant `{tenant}` has to give consent for \
            the account. Otherwise use another account.",
        page: Page::None,
    },
    Advice {
        codes: &[700020],
        title: "a person has to sign in",
        meaning: "The grant cannot be used silently: Entra ID wants to ask the person something.",
        who: Who::You,
        next_step: IN_THE_BROWSER,
        page: Page::None,
    },
    Advice {
        codes: &[9002341],
        title: "single sign-on has to be permitted",
        meaning: "The account was not yet allowed to be used for single sign-on, which has to be \
            confirmed once (in Europe by law).",
        who: Who::You,
        next_step: "Answer the question in the browser: `entratool get-token -p {profile} -f \
            InteractiveBrowser`.",
        page: Page::None,
    },
    Advice {
        codes: &[
            120000, 120002, 120003, 120004, 120005, 120008, 120011, 120012, 120013, 120014, 120015,
            120016, 120018, 120020, 120021,
        ],
        title: "the password could not be changed",
        meaning: "The page for changing the password refused: the old one is wrong, the new one \
            is too weak or holds the name, or the organisation's own directory could not be \
            reached or has to do it.",
        who: Who::You,
        next_step: "Finish it on the linked page or with an administrator; no command-line tool \
            can do it. Then `entratool get-token -p {profile} -f InteractiveBrowser --force`.",
        page: Page::PasswordReset,
    },
];
