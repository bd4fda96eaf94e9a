//! Refusals of what the app proves itself with: secrets, certificates, assertions, federated credentials.

use super::{Advice, Page, Who};

const ROTATE_SECRET: &str = "Rotate the secret in Azure Portal (App registrations → your app → Certificates & secrets → \
    New client secret; copy its Value, not its Secret ID), then update the profile: `entratool \
    config edit -p {profile}`, select Client Secret, enter the new secret.";
const COMPARE_FEDERATED_CREDENTIAL: &str = "Azure Portal → App registrations → your app → Certificates & secrets → Federated \
    credentials: make issuer, subject and audience equal, letter by letter, to `iss`, `sub` and \
    `aud` of the token you present; `entratool inspect -f TOKEN_FILE` prints them.";

pub(super) const CREDENTIALS: &[Advice] = &[
    Advice {
        codes: &[50012],
        title: "the app's credential was not accepted",
        meaning: "The check of the client secret, certificate or assertion failed. For \
            certificates: not registered with the app, not valid now, or its chain or subject is \
            not trusted by the tenant.",
        who: Who::AppOwner,
        next_step: "Azure Portal → App registrations → your app → Certificates & secrets: compare \
            the registered certificate with the profile's (thumbprint {thumbprint}), or create \
            another secret, then `entratool config edit -p {profile}`.",
        page: Page::Credentials,
    },
    Advice {
        codes: &[50017],
        title: "the certificate's chain could not be validated",
        meaning: "Entra ID could not build or check the chain of the certificate: an issuer that \
            the tenant does not trust, or a revocation list that cannot be fetched.",
        who: Who::TenantAdmin,
        next_step: "Have the administrator upload every issuing certificate and check that the \
            revocation list's address answers from the internet. For an app, a certificate \
            uploaded under Certificates & secrets needs no chain.",
        page: Page::Credentials,
    },
    Advice {
        codes: &[50027],
        title: "the JWT in the request is malformed",
        meaning: "An assertion or ID token in the request cannot be used: a claim is missing or \
            there twice, issuer or audience is another one, the time window is over, or the \
            signature is wrong.",
        who: Who::AppOwner,
        next_step: "Look at the token you present with `entratool inspect -f TOKEN_FILE`: `aud` \
            must name the token endpoint of tenant `{tenant}`, `iss` and `sub` the app \
            `{client_id}`. Then sign in again with a new one.",
        page: Page::Credentials,
    },
    Advice {
        codes: &[50048],
        title: "subject and issuer of the client assertion differ",
        meaning: "A client assertion that an app signs for itself names the app's client ID in \
            both `iss` and `sub`.",
        who: Who::AppOwner,
        next_step: "Set `iss` and `sub` of the assertion to `{client_id}`. A token of another \
            identity provider needs a federated credential: Azure Portal → App registrations → \
            your app → Certificates & secrets → Federated credentials.",
        page: Page::Credentials,
    },
    Advice {
        codes: &[70002],
        title: "the credential check failed",
        meaning: "A general refusal of the app's or person's credential. The error text usually \
            holds a second AADSTS code, and that one has the reason.",
        who: Who::You,
        next_step: "Look up the second code: `entratool explain` with the whole error text. \
            Alone, it usually means a wrong secret: `entratool config edit -p {profile}`, select \
            Client Secret.",
        page: Page::Credentials,
    },
    Advice {
        codes: &[70021, 70025, 700211, 700212, 700213, 7002131],
        title: "no federated credential of the app matches the token",
        meaning: "The token of the other identity provider is genuine, but the app has no \
            federated credential with exactly its issuer (700211), audience (700212) or subject \
            (700213). A new one takes some minutes to be known everywhere. Newer GitHub \
            repositories may put numeric IDs into the subject.",
        who: Who::AppOwner,
        next_step: COMPARE_FEDERATED_CREDENTIAL,
        page: Page::Credentials,
    },
    Advice {
        codes: &[7002137, 7002138],
        title: "the federated credential differs in upper and lower case only",
        meaning: "Issuer, subject and audience of a federated credential are compared letter by \
            letter, and case counts.",
        who: Who::AppOwner,
        next_step: COMPARE_FEDERATED_CREDENTIAL,
        page: Page::Credentials,
    },
    Advice {
        codes: &[700024],
        title: "the client assertion is outside its time window",
        meaning: "The signed assertion is expired or not valid yet. Either this machine's clock \
            is wrong, or an assertion was kept too long (GitHub's live for about five minutes).",
        who: Who::You,
        next_step: "With a certificate: set this machine's clock. With a token of a platform (GitHub, Azure Pipelines, \
            Kubernetes): let it issue another and sign in at once, in the same step of the pipeline; these tokens \
            cannot be kept.",
        page: Page::None,
    },
    Advice {
        codes: &[700025],
        title: "a public app must not send a secret",
        meaning: "The redirect URI belongs to the platform Mobile and desktop applications, or \
            the app is public, yet the request held a client secret or certificate.",
        who: Who::You,
        next_step: "Drop the credential: `entratool config edit -p {profile}`, select \
            Authentication Method, choose none. Or keep it and move the redirect URI \
            `{redirect_uri}` to the platform Web: Azure Portal → App registrations → your app → \
            Authentication.",
        page: Page::Authentication,
    },
    Advice {
        codes: &[700027],
        title: "the app does not know the certificate that signed the request",
        meaning: "The signature cannot be checked with any certificate registered for this app in \
            this tenant: not uploaded, uploaded to another app, or removed.",
        who: Who::AppOwner,
        next_step: "Azure Portal → App registrations → your app → Certificates & secrets → \
            Certificates → Upload certificate: the public part (.cer or .pem) of the one with \
            thumbprint {thumbprint}. Check as well that client ID `{client_id}` and tenant \
            `{tenant}` belong together. If it is there, try the older signature: `entratool config \
            edit -p {profile} --assertion-alg RS256`.",
        page: Page::Credentials,
    },
    Advice {
        codes: &[7000214],
        title: "the certificate is revoked",
        meaning: "The certificate that signed the request has been revoked.",
        who: Who::AppOwner,
        next_step: "Issue another certificate (`entratool certificate create`), upload its public part (Azure Portal → App \
            registrations → your app → Certificates & secrets → Certificates), then `entratool \
            config edit -p {profile}`, select Certificate Path.",
        page: Page::Credentials,
    },
    Advice {
        codes: &[1000502],
        title: "the registered certificate is expired or not valid yet",
        meaning: "The certificate with thumbprint {thumbprint} is outside the dates printed in it.",
        who: Who::AppOwner,
        next_step: "Renew it (`entratool certificate create` makes one), upload its public part (Azure Portal → App registrations → your app \
            → Certificates & secrets → Certificates), then `entratool config edit -p {profile}`, \
            select Certificate Path. If the dates look right, set this machine's clock.",
        page: Page::Credentials,
    },
    Advice {
        codes: &[700030],
        title: "the certificate's subject name is not authorised",
        meaning: "The app trusts certificates by subject name, and this one's subject and \
            alternative names are not on its list.",
        who: Who::AppOwner,
        next_step: "Use a certificate with a trusted subject, or upload this one for the app \
            itself: Azure Portal → App registrations → your app → Certificates & secrets → \
            Certificates.",
        page: Page::Credentials,
    },
    Advice {
        codes: &[7000215],
        title: "the client secret is wrong",
        meaning: "The client secret is expired or incorrect: not one of the secrets of app \
            `{client_id}`. Often the Secret ID was copied instead of the Value, or the secret of \
            another app.",
        who: Who::AppOwner,
        next_step: ROTATE_SECRET,
        page: Page::Credentials,
    },
    Advice {
        codes: &[7000222],
        title: "the client secret is expired",
        meaning: "Every secret that would fit is past its end date. Secrets made in the portal \
            live for two years at most.",
        who: Who::AppOwner,
        next_step: ROTATE_SECRET,
        page: Page::Credentials,
    },
    Advice {
        codes: &[7000216],
        title: "app sign-in without a credential",
        meaning: "Client credentials need a client secret, a certificate or a federated token, \
            and the request held none.",
        who: Who::You,
        next_step: "`entratool config edit -p {profile}`, select Client Secret (or Authentication \
            Method for a certificate). To sign in as a person instead: `entratool get-token -p \
            {profile} -f InteractiveBrowser`.",
        page: Page::Credentials,
    },
    Advice {
        codes: &[7000218],
        title: "the app has to prove itself with a secret or certificate",
        meaning: "The request held no client secret or certificate. With the device code and \
            browser flows it means that the app does not allow public client flows, or that the \
            redirect URI belongs to the platform Web.",
        who: Who::AppOwner,
        next_step: "Azure Portal → App registrations → your app → Authentication → Advanced \
            settings → Allow public client flows → Enable the following mobile and desktop flows → \
            Yes → Save (`isFallbackPublicClient` in the manifest), and for the browser a redirect \
            URI under Mobile and desktop applications. Or give the profile the app's secret: \
            `entratool config edit -p {profile}`, select Client Secret.",
        page: Page::Authentication,
    },
    Advice {
        codes: &[700229],
        title: "a person's token cannot stand in for an app's credential",
        meaning: "As a federated credential Entra ID accepts tokens of apps and managed \
            identities only, not a token that a person signed in for.",
        who: Who::You,
        next_step: "Present a token of a managed identity or of client credentials, for the \
            audience `api://AzureADTokenExchange`.",
        page: Page::None,
    },
    Advice {
        codes: &[900384],
        title: "a JWT in the request has a wrong signature",
        meaning: "A token or assertion in the request was changed on the way, cut off, or signed \
            with a key that its issuer does not publish.",
        who: Who::You,
        next_step: "Look at it with `entratool inspect -f TOKEN_FILE`; copy it again without line \
            breaks, or have another one issued.",
        page: Page::None,
    },
];
