//! Which part of a service principal a member, variable or column of another tool is.

/// A part of a service principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Authority,
    Certificate,
    CertificatePassword,
    ClientId,
    ClientSecret,
    FederatedTokenFile,
    Name,
    Tenant,
}

impl Field {
    pub(super) const COUNT: usize = 8;
}

/// How sure it is that a name means the field; of several, the surest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// Words that mean other things elsewhere, such as `password`.
    Weak,
    /// `client_secret`.
    Usual,
    /// `AZURE_CLIENT_SECRET`.
    Prefixed,
}

/// What `key` means: the last component of `azure-native:clientId`, `spring.cloud.azure.client-id`
/// or `AzureAd__ClientId`, in any letter case, with any `_` and `-`, with or without the prefix
/// of a tool.
pub(super) fn of(key: &str) -> Option<(Field, Strength)> {
    if key.len() > LONGEST {
        return None;
    }
    let last = key.rsplit(['.', ':']).next().unwrap_or(key);
    let last = last.rsplit("__").next().unwrap_or(last);
    let letters = last.chars().filter(char::is_ascii_alphanumeric);
    let plain: String = letters.map(|c| c.to_ascii_lowercase()).collect();
    // The password of a user, who is no service principal.
    if plain == "azurepassword" {
        return None;
    }
    let exact = |name: &str, list: &[(&str, Field)]| {
        let mut list = list.iter();
        list.find(|(word, _)| *word == name)
            .map(|(_, field)| *field)
    };
    let usual = |name: &str| exact(name, &USUAL).map(|field| (field, Strength::Usual));
    let weak = |name: &str| exact(name, &WEAK).map(|field| (field, Strength::Weak));
    usual(&plain).or_else(|| weak(&plain)).or_else(|| {
        let rest = plain.strip_prefix("tfvar").unwrap_or(&plain);
        let found = usual(rest).or_else(|| weak(rest));
        found.or_else(|| {
            let mut prefixes = PREFIXES.iter();
            let rest = prefixes.find_map(|prefix| rest.strip_prefix(prefix))?;
            let field = exact(rest, &USUAL).or_else(|| exact(rest, &WEAK));
            field.map(|field| (field, Strength::Prefixed))
        })
    })
}

/// Longer ones come before those that they begin with.
const PREFIXES: [&str; 10] = [
    "azuread",
    "azurerm",
    "azure",
    "arm",
    "aad",
    "entra",
    "serviceprincipal",
    "spn",
    "sp",
    "az",
];

const USUAL: [(&str, Field); 33] = [
    ("activedirectoryendpointurl", Field::Authority),
    ("authorityhost", Field::Authority),
    ("cloudenvironment", Field::Authority),
    ("filewithcertandprivatekey", Field::Certificate),
    ("clientcert", Field::Certificate),
    ("clientcertfile", Field::Certificate),
    ("clientcertpath", Field::Certificate),
    ("clientcertificate", Field::Certificate),
    ("clientcertificatefile", Field::Certificate),
    ("clientcertificatepath", Field::Certificate),
    ("x509certificatepath", Field::Certificate),
    ("clientcertpassword", Field::CertificatePassword),
    ("clientcertificatepassword", Field::CertificatePassword),
    ("appid", Field::ClientId),
    ("applicationid", Field::ClientId),
    ("applicationclientid", Field::ClientId),
    ("clientid", Field::ClientId),
    ("serviceprincipalid", Field::ClientId),
    ("applicationpassword", Field::ClientSecret),
    ("applicationsecret", Field::ClientSecret),
    ("appsecret", Field::ClientSecret),
    ("clientpassword", Field::ClientSecret),
    ("clientsecret", Field::ClientSecret),
    ("clientsecretvalue", Field::ClientSecret),
    ("serviceprincipalkey", Field::ClientSecret),
    ("serviceprincipalpassword", Field::ClientSecret),
    ("serviceprincipalsecret", Field::ClientSecret),
    ("federatedtokenfile", Field::FederatedTokenFile),
    ("oidctokenfilepath", Field::FederatedTokenFile),
    ("displayname", Field::Name),
    ("directoryid", Field::Tenant),
    ("serviceprincipaltenant", Field::Tenant),
    ("tenantid", Field::Tenant),
];

const WEAK: [(&str, Field); 13] = [
    ("authority", Field::Authority),
    ("cloud", Field::Authority),
    ("cloudname", Field::Authority),
    ("environment", Field::Authority),
    ("certificate", Field::Certificate),
    ("certificatefile", Field::Certificate),
    ("certificatepath", Field::Certificate),
    ("certificatepassword", Field::CertificatePassword),
    ("certpassword", Field::CertificatePassword),
    ("password", Field::ClientSecret),
    ("secret", Field::ClientSecret),
    ("name", Field::Name),
    ("tenant", Field::Tenant),
];

/// In bytes; a longer key is none of these.
const LONGEST: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_other_tools_are_known() {
        let check = |key: &str, want: Option<(Field, Strength)>| assert_eq!(of(key), want, "{key}");
        check(
            "AZURE_CLIENT_ID",
            Some((Field::ClientId, Strength::Prefixed)),
        );
        check("ARM_TENANT_ID", Some((Field::Tenant, Strength::Prefixed)));
        check("AZURE_TENANT", Some((Field::Tenant, Strength::Prefixed)));
        check(
            "AZURE_SECRET",
            Some((Field::ClientSecret, Strength::Prefixed)),
        );
        check(
            "TF_VAR_client_secret",
            Some((Field::ClientSecret, Strength::Usual)),
        );
        check(
            "TF_VAR_azure_client_id",
            Some((Field::ClientId, Strength::Prefixed)),
        );
        check(
            "azure-native:clientId",
            Some((Field::ClientId, Strength::Usual)),
        );
        check(
            "AzureAd__ClientId",
            Some((Field::ClientId, Strength::Usual)),
        );
        check(
            "spring.cloud.azure.credential.client-secret",
            Some((Field::ClientSecret, Strength::Usual)),
        );
        check("appId", Some((Field::ClientId, Strength::Usual)));
        check("password", Some((Field::ClientSecret, Strength::Weak)));
        check(
            "aadClientSecret",
            Some((Field::ClientSecret, Strength::Prefixed)),
        );
        check(
            "ARM_ENVIRONMENT",
            Some((Field::Authority, Strength::Prefixed)),
        );
        check(
            "servicePrincipalKey",
            Some((Field::ClientSecret, Strength::Usual)),
        );
        for key in [
            "AZURE_PASSWORD",
            "DB_PASSWORD",
            "AZURE_SUBSCRIPTION_ID",
            "objectId",
            "",
        ] {
            check(key, None);
        }
    }
}
