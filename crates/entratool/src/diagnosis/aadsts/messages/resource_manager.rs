//! What Azure Resource Manager says.
//!
//! <https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors>,
//! <https://learn.microsoft.com/azure/role-based-access-control/troubleshooting>

use super::{Message, Page, Who};

pub(super) const RESOURCE_MANAGER: &[Message] = &[
    Message {
        name: "LinkedAuthorizationFailed",
        codes: &["LinkedAuthorizationFailed"],
        signs: &["on the linked scope"],
        beside: &[],
        title: "a role is missing on a resource that this one refers to",
        who: Who::RoleAdmin,
        meaning: "The caller may change the resource, but not use another one that it refers to: \
            a subnet, a managed identity, a policy, perhaps in another subscription. The error \
            text names the action and the linked scope.",
        next_step: "Azure Portal → the linked resource → Access control (IAM) → Add role \
            assignment, with a role that has the action (subnets: Network Contributor; \
            identities: Managed Identity Operator). A resource of another tenant is out of reach \
            for this token.",
        page: Page::None,
    },
    Message {
        name: "AuthorizationFailed",
        codes: &["AuthorizationFailed"],
        signs: &["does not have authorization to perform action"],
        beside: &[],
        title: "the caller has no role that allows this in Azure",
        who: Who::RoleAdmin,
        meaning: "Azure Resource Manager takes the token, but no role of the caller allows the \
            action on the scope that the error text names, or that scope is mistyped. API \
            permissions of the app do not matter here.",
        next_step: "Azure Portal → the resource, its group or subscription → Access control (IAM) \
            → Add role assignment, for the token's `oid`: `entratool inspect -p {profile} \
            --claims`.{app} An application is listed there by its name.{end} A new role may take \
            ten minutes; then `entratool get-token -p {profile} --force`.",
        page: Page::None,
    },
    Message {
        name: "SubscriptionNotFound",
        codes: &["SubscriptionNotFound"],
        signs: &[],
        beside: &[],
        title: "the token does not see this subscription",
        who: Who::You,
        meaning: "The subscription's ID is mistyped, it belongs to another tenant than the \
            token's, or the caller has no role in it.",
        next_step: "Compare `tid` in `entratool inspect -p {profile} --claims` with the \
            subscription's directory. If it is another one: `entratool get-token -p {profile} \
            --tenant TENANT`. If not: Azure Portal → Subscriptions → Access control (IAM) → Add \
            role assignment → Reader.",
        page: Page::None,
    },
    Message {
        name: "InvalidAuthenticationTokenTenant",
        codes: &["InvalidAuthenticationTokenTenant"],
        signs: &["the access token is from the wrong issuer"],
        beside: &[],
        title: "the subscription belongs to another tenant than the token",
        who: Who::You,
        meaning: "The error text names two tenants: the one that issued the token, and after \
            `It must match` the one that the subscription trusts.",
        next_step: "Ask that tenant: `entratool get-token -p {profile} --tenant TENANT`; for good, \
            `entratool config edit -p {profile}`, select Tenant ID. App and person have to be \
            known there. After a transfer of the subscription, wait an hour.",
        page: Page::None,
    },
    Message {
        name: "InvalidAuthenticationTokenAudience",
        codes: &["InvalidAuthenticationTokenAudience"],
        signs: &[
            "has been obtained for wrong audience or resource",
            "has been obtained from wrong audience or resource",
        ],
        beside: &[],
        title: "the token is for another API than this one of Azure",
        who: Who::You,
        meaning: "Every access token is for exactly one API. The error text names the one that \
            this token is for, and after `allowed audiences` those that would do.",
        next_step: "Ask for one of them; for Azure Resource Manager: `entratool get-token -p \
            {profile} --scope https://management.azure.com/.default`.",
        page: Page::None,
    },
];
