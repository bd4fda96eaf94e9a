//! Refusals by the tenant's policies: Conditional Access, risk, security defaults.

use super::{Advice, Page, Who};

pub(super) const CONDITIONAL_ACCESS: &[Advice] = &[
    Advice {
        codes: &[50131],
        title: "Conditional Access did not let the sign-in pass",
        meaning: "The device's state, suspicious activity or a policy has stopped the request.",
        who: Who::TenantAdmin,
        next_step: "Give an administrator of tenant `{tenant}` the correlation ID: Azure Portal → \
            Microsoft Entra ID → Sign-in logs → the sign-in → Conditional Access names the policy.",
        page: Page::ConditionalAccess,
    },
    Advice {
        codes: &[53002],
        title: "only approved apps may sign in",
        meaning: "A Conditional Access policy asks for one of Microsoft's approved client apps, \
            and your app is not one.",
        who: Who::TenantAdmin,
        next_step: "Have an administrator of tenant `{tenant}` exclude the API from that policy, \
            or use an approved app for this API.",
        page: Page::ConditionalAccess,
    },
    Advice {
        codes: &[53003, 530032],
        title: "a policy of the tenant blocks this sign-in",
        meaning: "Conditional Access does not allow a token here: because of the place, the \
            device, the risk, the app, or the flow. Many tenants block the device code flow.",
        who: Who::TenantAdmin,
        next_step: "With the device code flow, try the browser: `entratool get-token -p {profile} \
            -f InteractiveBrowser`. Otherwise give an administrator of tenant `{tenant}` the \
            correlation ID: Microsoft Entra ID → Sign-in logs → the sign-in → Conditional Access \
            names the policy.",
        page: Page::ConditionalAccess,
    },
    Advice {
        codes: &[530034, 53011],
        title: "the account is blocked because of risk in its home tenant",
        meaning: "The account's home organisation counts it as at risk, so other tenants do not \
            let it in.",
        who: Who::TenantAdmin,
        next_step: "Have an administrator of the account's home tenant look at Microsoft Entra ID \
            → Security → Risky users and clear or remedy the risk.",
        page: Page::None,
    },
    Advice {
        codes: &[530035],
        title: "security defaults block this sign-in",
        meaning: "The tenant uses Microsoft's security defaults, which refuse old ways of signing \
            in and, in newer tenants, the device code flow.",
        who: Who::You,
        next_step: "Use the browser: `entratool get-token -p {profile} -f InteractiveBrowser`. \
            For unattended jobs use client credentials.",
        page: Page::None,
    },
    Advice {
        codes: &[530036],
        title: "a policy does not accept how this sign-in began",
        meaning: "The refresh token goes back to a flow (usually the device code flow) that a \
            Conditional Access policy blocks by now. It stays unusable.",
        who: Who::You,
        next_step: "Sign in again with the browser: `entratool get-token -p {profile} -f \
            InteractiveBrowser --force`.",
        page: Page::ConditionalAccess,
    },
    Advice {
        codes: &[53004],
        title: "multi-factor registration is stopped because of risk",
        meaning: "The account must register a second factor first, but the sign-in looks too \
            risky to allow it.",
        who: Who::TenantAdmin,
        next_step: "Register from a usual place and device on the linked page, or have an \
            administrator of tenant `{tenant}` issue a Temporary Access Pass.",
        page: Page::SecurityInfo,
    },
    Advice {
        codes: &[53010],
        title: "multi-factor methods cannot be set up from here",
        meaning: "The organisation allows the registration of a second factor from certain places \
            or devices only.",
        who: Who::You,
        next_step: "Open the linked page from the organisation's network or a managed device, then \
            `entratool get-token -p {profile} -f InteractiveBrowser --force`.",
        page: Page::SecurityInfo,
    },
    Advice {
        codes: &[90123],
        title: "an identity provider has refused the token",
        meaning: "The account's identity provider, or a provider of claims that takes part, said \
            no.",
        who: Who::TenantAdmin,
        next_step: "Give an administrator of tenant `{tenant}` the correlation ID: Azure Portal → \
            Microsoft Entra ID → Sign-in logs.",
        page: Page::None,
    },
];
