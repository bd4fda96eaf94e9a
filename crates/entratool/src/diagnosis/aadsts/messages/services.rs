//! What services of Azure say: Key Vault, Storage, Container Registry, Kubernetes, Azure DevOps.

use super::{Message, Page, Who};

pub(super) const SERVICES: &[Message] = &[
    // <https://learn.microsoft.com/azure/key-vault/general/rest-error-codes>
    Message {
        name: "AKV10032",
        codes: &[],
        signs: &["akv10032"],
        beside: &[],
        title: "the key vault belongs to another tenant than the token",
        who: Who::You,
        meaning: "A key vault trusts one tenant. The error text names the issuers that it \
            expects, and the one that it found.",
        next_step: "Ask the vault's tenant: `entratool get-token -p {profile} --tenant TENANT \
            --scope https://vault.azure.net/.default`. App and person have to be known there.",
        page: Page::None,
    },
    Message {
        name: "AKV10022",
        codes: &[],
        signs: &["akv10022"],
        beside: &[],
        title: "the token is not for Key Vault",
        who: Who::You,
        meaning: "All vaults share the audience `https://vault.azure.net`; neither Azure Resource \
            Manager's nor the vault's own address will do.",
        next_step: "`entratool get-token -p {profile} --scope https://vault.azure.net/.default`.",
        page: Page::None,
    },
    Message {
        name: "ForbiddenByFirewall",
        codes: &["ForbiddenByFirewall", "ForbiddenByConnection"],
        signs: &["client address is not authorized"],
        beside: &[],
        title: "the key vault's firewall does not let this network in",
        who: Who::ResourceOwner,
        meaning: "The token was not even judged: the vault takes requests from chosen networks or \
            private endpoints only. The error text names the address that it saw.",
        next_step: "Azure Portal → the key vault → Networking → add that address, or call from a \
            network that is allowed. Another token changes nothing.",
        page: Page::None,
    },
    Message {
        name: "Forbidden (Key Vault)",
        codes: &["ForbiddenByRbac", "ForbiddenByPolicy"],
        signs: &[
            "caller is not authorized to perform action on resource",
            "permission on key vault",
        ],
        beside: &[("Forbidden", "vault")],
        title: "the caller may not do this with the vault's secrets, keys or certificates",
        who: Who::RoleAdmin,
        meaning: "The vault takes the token, but the caller lacks a role for its contents. Owner \
            and Contributor manage a vault; they do not read what is in it.",
        next_step: "For the token's `oid` (`entratool inspect -p {profile} --claims`): Azure \
            Portal → the key vault → Access control (IAM) → Add role assignment → Key Vault \
            Secrets User, or the one for keys or certificates. Where the vault works with access \
            policies: Access policies → Create. A new role may take ten minutes.",
        page: Page::None,
    },
    // <https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory>
    Message {
        name: "AuthorizationPermissionMismatch",
        codes: &["AuthorizationPermissionMismatch"],
        signs: &["not authorized to perform this operation using this permission"],
        beside: &[],
        title: "the caller has no role for the data in this storage account",
        who: Who::RoleAdmin,
        meaning: "Storage takes the token, but the caller lacks a role for the data. Owner and \
            Contributor manage an account; they do not read what is in it.",
        next_step: "Azure Portal → the storage account or container → Access control (IAM) → Add \
            role assignment → Storage Blob Data Reader or Contributor (queues, tables and files \
            have their own), for the token's `oid`: `entratool inspect -p {profile} --claims`. A \
            new role may take ten minutes.",
        page: Page::None,
    },
    Message {
        name: "AuthorizationFailure",
        codes: &["AuthorizationFailure"],
        signs: &["this request is not authorized to perform this operation."],
        beside: &[],
        title: "the storage account does not let this request in",
        who: Who::ResourceOwner,
        meaning: "Most often the account's firewall: it takes requests from chosen networks or \
            private endpoints only, whatever the token says. With a shared access signature, the \
            signature does not cover the call.",
        next_step: "Azure Portal → the storage account → Networking → add your network, or call \
            from one that is allowed. If the network is open, look for the role: Access control \
            (IAM) → Check access.",
        page: Page::None,
    },
    Message {
        name: "InvalidAuthenticationInfo",
        codes: &["InvalidAuthenticationInfo"],
        signs: &["authentication information is not given in the correct format"],
        beside: &[],
        title: "Storage cannot read the header Authorization",
        who: Who::You,
        meaning: "The header is not `Authorization: Bearer TOKEN`, `x-ms-version` is missing or \
            from before 2017-11-09, or the header was sent on to an address that is signed \
            itself, as `curl -L` does.",
        next_step: "Get a token for Storage: `entratool get-token -p {profile} --scope \
            https://storage.azure.com/.default --format header`, and send `x-ms-version: \
            2020-04-08` with it. To an address with `sig=` in it, send no token.",
        page: Page::None,
    },
    // <https://github.com/Azure/acr/blob/main/docs/AAD-OAuth.md>
    Message {
        name: "UNAUTHORIZED (Container Registry)",
        codes: &[],
        signs: &["aka.ms/acr/authorization"],
        beside: &[],
        title: "the registry wants a token of its own",
        who: Who::You,
        meaning: "A container registry does not take Entra ID's token itself: it is exchanged at \
            the registry for one of its own. That fails the same way where the caller has no role \
            on the registry, such as AcrPull.",
        next_step: "`az acr login --name REGISTRY` does the exchange. By hand: POST \
            `grant_type=access_token&service=REGISTRY.azurecr.io&access_token=TOKEN` to \
            `https://REGISTRY.azurecr.io/oauth2/exchange`, with the token of `entratool get-token \
            -p {profile} --scope https://containerregistry.azure.net/.default`.",
        page: Page::None,
    },
    // <https://azure.github.io/kubelogin/concepts/aks.html>
    Message {
        name: "Unauthorized (Kubernetes)",
        codes: &[],
        signs: &["you must be logged in to the server"],
        beside: &[],
        title: "the cluster does not take the token, or got none",
        who: Who::You,
        meaning: "A cluster of Azure Kubernetes Service with Entra ID wants a token for its own \
            server application, from the cluster's tenant, and a new one when that has expired.",
        next_step: "Let `kubelogin convert-kubeconfig` make kubectl ask for it. To see whether you \
            get one: `entratool get-token -p {profile} --scope \
            6dae42f8-4368-4678-94ff-3960e28e3630/.default`, the ID of that application in every \
            tenant.",
        page: Page::None,
    },
    // <https://learn.microsoft.com/azure/devops/integrate/get-started/authentication/service-principal-managed-identity>
    Message {
        name: "TF400813",
        codes: &[],
        signs: &["tf400813"],
        beside: &[],
        title: "Azure DevOps does not know the caller in this organisation",
        who: Who::ResourceOwner,
        meaning: "The person or application of the token is no user of the organisation, has no \
            access level, or the organisation belongs to another tenant. API permissions of the \
            app do not make it a user.",
        next_step: "Azure DevOps → Organization settings → Users → Add users: the person, or the \
            app by its name. The token has to be for Azure DevOps: `entratool get-token -p \
            {profile} --scope 499b84ac-1321-427f-aa17-267ca6975798/.default`.",
        page: Page::None,
    },
];
