//! The identities that exist in every emulator, the same at every start.
//!
//! They are public, so their secrets protect nothing. The secret of [`CLIENT_ID`] holds the
//! characters that a client has to form-encode, and the user's password has one too.

/// The tenant in which everything below is registered; its domain is [`TENANT_DOMAIN`].
pub const TENANT_ID: &str = "6f0a5c3e-4d1b-4c7a-9e52-0b8d7f3a1c64";
/// The verified domain of [`TENANT_ID`].
pub const TENANT_DOMAIN: &str = "contoso.example";
/// Another tenant, in which only [`PUBLIC_CLIENT_ID`] is known and [`SECOND_USERNAME`] is a guest.
pub const SECOND_TENANT_ID: &str = "c2b9e1d7-83f4-4a06-b5c8-5e2d9a7064f1";
/// The verified domain of [`SECOND_TENANT_ID`].
pub const SECOND_TENANT_DOMAIN: &str = "fabrikam.example";
/// The tenant of personal accounts, the same GUID as at Microsoft.
pub const PERSONAL_TENANT_ID: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// A confidential client with a secret and application permissions.
pub const CLIENT_ID: &str = "1d4f8b62-7c95-4e3a-8f10-a96b3c5d2e78";
/// The secret of [`CLIENT_ID`]. It holds `+`, `/`, `=`, `&`, `%` and `~` on purpose.
pub const CLIENT_SECRET: &str = "emu8Q~not+a/real=secret&100%public~";
/// A secret of [`CLIENT_ID`] that expired in 2024 (AADSTS7000222).
pub const EXPIRED_CLIENT_SECRET: &str = "emu8Q~expired-in-2024-not-a-real-secret";
/// A confidential client that has no secret: certificates are registered for it while it runs.
pub const CERTIFICATE_CLIENT_ID: &str = "2b7e9d04-56a1-4f8c-b3d7-18c0f5e6a492";
/// A certificate for [`CERTIFICATE_CLIENT_ID`], in PEM; unknown to an emulator until it is
/// registered with [`crate::Control::register_certificate`].
pub const CERTIFICATE: &str = include_str!("../keys/client.certificate.pem");
/// The private key of [`CERTIFICATE`], in PEM (PKCS#8).
pub const CERTIFICATE_KEY: &str = include_str!("../keys/client.key.pem");
/// A public client with the redirect URI `http://localhost`, for browser and device sign-in.
pub const PUBLIC_CLIENT_ID: &str = "3c5a0f91-e28d-4b74-a6c3-7d9e41b85f06";
/// A confidential web application, for the authorization code flow with [`WEB_CLIENT_SECRET`].
pub const WEB_CLIENT_ID: &str = "4e8d2c73-0b5f-4196-9ad4-c37f60e1b82a";
/// The secret of [`WEB_CLIENT_ID`].
pub const WEB_CLIENT_SECRET: &str = "emu8Q~web/client+not=a&real%secret~";
/// An API whose access tokens are of version 2.0; its identifier is `api://` and this GUID.
pub const API_CLIENT_ID: &str = "5a91f6e8-c4d3-47b0-8e2f-90d1b7a35c6e";

/// The user who signs in by default, a member of [`TENANT_ID`].
pub const USERNAME: &str = "alice@contoso.example";
/// The password of [`USERNAME`].
pub const PASSWORD: &str = "Correct-Horse+42";
/// Another member of [`TENANT_ID`], and a guest in [`SECOND_TENANT_ID`].
pub const SECOND_USERNAME: &str = "bob@contoso.example";
/// The password of [`SECOND_USERNAME`].
pub const SECOND_PASSWORD: &str = "Battery-Staple/43";
/// A member of [`SECOND_TENANT_ID`].
pub const SECOND_TENANT_USERNAME: &str = "carol@fabrikam.example";
/// The password of [`SECOND_TENANT_USERNAME`].
pub const SECOND_TENANT_PASSWORD: &str = "Paper-Clip=44";
/// A personal account, which signs in through `common` and `consumers`.
pub const PERSONAL_USERNAME: &str = "dave@outlook.example";
/// The password of [`PERSONAL_USERNAME`].
pub const PERSONAL_PASSWORD: &str = "Rubber-Duck&45";

/// The workload that may act for [`CLIENT_ID`] with a token of the emulator's other provider.
pub const WORKLOAD_SUBJECT: &str = "repo:contoso/reports:environment:production";
/// The bearer token with which a pipeline asks `/federated/github` or `/federated/pipelines`.
pub const WORKLOAD_REQUEST_TOKEN: &str = "b81c3a57-emulator-workload-request-token";

/// What `X-IDENTITY-HEADER` has to hold at `/msi/token`, and `secret` at `/machine-learning/token`.
pub const IDENTITY_HEADER: &str = "5d0c8f4e-emulator-identity-header";
/// The client id of the managed identity that every endpoint of that kind answers for.
pub const MANAGED_IDENTITY_CLIENT_ID: &str = "7f6b1e20-9d84-4c35-a1b9-e45d02c8f673";
/// Its object id.
pub const MANAGED_IDENTITY_OBJECT_ID: &str = "8c07d9b4-36ef-4a12-b5d8-1f9e60a47c25";
/// Its id in Azure Resource Manager.
pub const MANAGED_IDENTITY_RESOURCE_ID: &str = "/subscriptions/9e2f41a8-5d70-4b63-8c1e-a07d35b9f6c4/resourceGroups/contoso/providers/Microsoft.ManagedIdentity/userAssignedIdentities/contoso-web-app";
/// What has to be in the file that the challenge of `/arc/metadata/identity/oauth2/token` names.
pub const ARC_KEY: &str = "3e91c7d2-emulator-arc-key";
