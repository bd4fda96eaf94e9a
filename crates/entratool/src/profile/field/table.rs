//! The table of settings, in the order of the menu.

use std::fmt::Display;

use entra::authority::{Address, Tenant};
use entra::client::{ClientId, RedirectUri};
use entra::cloud::Cloud;
use entra::scope::Scopes;
use entra::wire::identity::Identity;

use super::{CredentialPart, Field, Input, Kind, Member, Role};
use crate::profile::assertion_algorithm;

/// Every setting of a profile but its name.
pub static FIELDS: [Field; 17] = [
    Field {
        members: &[text("clientId")],
        label: "Client ID",
        option: "client-id",
        value_name: "ID",
        help: "The application (client) ID, a GUID",
        input: Input::Text(|text| spelled(ClientId::parse(text), text)),
        role: Role::Identity,
        is_listed: true,
    },
    Field {
        members: &[text("tenantId")],
        label: "Tenant ID",
        option: "tenant-id",
        value_name: "TENANT",
        help: "The tenant: an ID, a domain, common, organizations or consumers",
        input: Input::Text(|text| spelled(Tenant::parse(text), text)),
        role: Role::Identity,
        is_listed: true,
    },
    Field {
        members: &[flag("useClientSecret")],
        label: "Client Secret",
        option: "client-secret-stdin",
        input: Input::Credential(CredentialPart::Secret),
        ..CREDENTIAL
    },
    Field {
        members: &[texts("scope"), texts("scopes")],
        label: "Scope",
        option: "scope",
        value_name: "SCOPES",
        help: "The default scopes, separated by spaces or commas",
        input: Input::Text(|text| {
            spelled(Scopes::parse(text), "").map(|_| Scopes::split(text).to_string())
        }),
        role: Role::Other,
        is_listed: true,
    },
    Field {
        members: &[text("flow"), text("defaultFlow")],
        label: "OAuth2 Flow",
        option: "flow",
        value_name: "FLOW",
        help: "The flow: ClientCredentials, AuthorizationCode, DeviceCode, InteractiveBrowser, \
               WorkloadIdentity or ManagedIdentity",
        input: Input::Flow,
        role: Role::Other,
        is_listed: true,
    },
    Field {
        members: &[text("authority")],
        label: "Authority URL",
        option: "authority",
        value_name: "URL",
        help: "The cloud: public, usgov, dod, china, or the URL of another authority",
        input: Input::Text(authority),
        role: Role::Identity,
        is_listed: false,
    },
    Field {
        members: &[text("authMethod"), flag("useCertificate")],
        label: "Authentication Method",
        option: "no-credential",
        input: Input::Credential(CredentialPart::Method),
        ..CREDENTIAL
    },
    Field {
        members: &[text("certificatePath")],
        label: "Certificate Path",
        option: "certificate",
        input: Input::Credential(CredentialPart::Certificate),
        ..CREDENTIAL
    },
    Field {
        members: &[],
        label: "Certificate Password",
        option: "certificate-password-stdin",
        input: Input::Credential(CredentialPart::CertificatePassword),
        ..CREDENTIAL
    },
    Field {
        members: &[text("redirectUri")],
        label: "Redirect URI",
        option: "redirect-uri",
        value_name: "URI",
        help: "Where the browser returns to, for example http://localhost:8080",
        input: Input::Text(|text| spelled(RedirectUri::parse(text), text)),
        role: Role::Other,
        is_listed: false,
    },
    Field {
        members: &[text("certificateKeyPath")],
        label: "Certificate Key Path",
        option: "certificate-key",
        input: Input::Credential(CredentialPart::CertificateKey),
        ..CREDENTIAL
    },
    Field {
        members: &[text("assertionAlgorithm")],
        label: "Assertion Algorithm",
        option: "assertion-alg",
        value_name: "ALG",
        help: "The signature algorithm of client assertions: PS256, or RS256 for authorities without PS256",
        input: Input::Text(|text| spelled(assertion_algorithm(text), &text.to_ascii_uppercase())),
        role: Role::Other,
        is_listed: false,
    },
    Field {
        members: &[flag("sendX5c")],
        label: "Send Certificate Chain",
        option: "send-x5c",
        value_name: "BOOL",
        help: "Send the certificate's chain, for applications that trust subject name and issuer",
        input: Input::Flag,
        role: Role::Other,
        is_listed: false,
    },
    Field {
        members: &[text("managedIdentity")],
        label: "Managed Identity",
        option: "identity",
        value_name: "ID",
        help: "The managed identity: system, a client ID, object:ID or a resource ID",
        input: Input::Text(|text| spelled(Identity::parse(text), text)),
        role: Role::Other,
        is_listed: false,
    },
    Field {
        members: &[text("federatedTokenFile")],
        label: "Federated Token File",
        option: "federated-token-file",
        value_name: "FILE",
        help: "The file with the platform's token, for workload identity federation",
        input: Input::Path,
        role: Role::Other,
        is_listed: false,
    },
    Field {
        members: &[text("serviceConnectionId")],
        label: "Service Connection",
        option: "service-connection",
        value_name: "ID",
        help: "The ID of the Azure Pipelines service connection",
        // It goes into a URL, encoded: any text will do.
        input: Input::Text(|text| Ok(text.to_owned())),
        role: Role::Other,
        is_listed: false,
    },
    Field {
        members: &[text("caBundle")],
        label: "CA Bundle",
        option: "ca-bundle",
        value_name: "FILE",
        help: "Additional root certificates for this profile, in PEM",
        input: Input::Path,
        role: Role::Trust,
        is_listed: false,
    },
];

/// What all parts of the credential have in common; their options are not made from this table.
const CREDENTIAL: Field = Field {
    members: &[],
    label: "",
    option: "",
    value_name: "",
    help: "",
    input: Input::Credential(CredentialPart::Method),
    role: Role::Other,
    is_listed: false,
};

const fn flag(name: &'static str) -> Member {
    Member {
        name,
        kind: Kind::Flag,
    }
}

const fn text(name: &'static str) -> Member {
    Member {
        name,
        kind: Kind::Text,
    }
}

const fn texts(name: &'static str) -> Member {
    Member {
        name,
        kind: Kind::Texts,
    }
}

/// The spelling of what was parsed.
fn spelled<T>(parsed: Result<T, impl Display>, spelling: &str) -> Result<String, String> {
    match parsed {
        Ok(_) => Ok(spelling.to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// A cloud by its usual name, anything else without tenant and endpoint.
fn authority(text: &str) -> Result<String, String> {
    let address = Address::parse(text).map_err(|error| error.to_string())?;
    Ok(match Cloud::named(text) {
        Some(cloud) => cloud.name().to_owned(),
        None => address.base().to_owned(),
    })
}
