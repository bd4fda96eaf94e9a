//! The program, and the variables of the environment that change what it does.

use super::report::Report;
use crate::diagnosis::checkup::{Check, Problem};
use crate::env::{self, Environment};
use crate::failure::Failure;
use crate::world::World;

pub(super) fn check(world: &World<'_>, report: &mut Report<'_>) -> Result<(), Failure> {
    report.add(Check::ok("version", version()))?;
    let names = variables(&world.environment);
    let seen = if names.is_empty() {
        "no variable that matters is set".to_owned()
    } else {
        format!("{} set", names.join(", "))
    };
    report.add(match incomplete(&world.environment) {
        Some(problem) => Check::problem("environment", &problem),
        None => Check::ok("environment", seen),
    })
}

/// `entratool 0.1.0 on linux x86_64`.
fn version() -> String {
    format!("entratool {} on {}", env!("CARGO_PKG_VERSION"), platform())
}

pub(super) fn platform() -> String {
    format!("{} {}", std::env::consts::OS, std::env::consts::ARCH)
}

/// The names of the variables that are set and that something is read from. Values may be secret.
pub(super) fn variables(environment: &Environment) -> Vec<&'static str> {
    let set = |name: &&&str| environment.has(name);
    VARIABLES.iter().filter(set).copied().collect()
}

/// Variables that mean to be a profile, and are not enough for one.
fn incomplete(environment: &Environment) -> Option<Problem> {
    let [tenant, client] =
        [env::AZURE_TENANT_ID, env::AZURE_CLIENT_ID].map(|name| environment.has(name));
    let credential = [
        env::AZURE_CLIENT_SECRET,
        env::AZURE_CLIENT_CERTIFICATE_PATH,
        env::AZURE_FEDERATED_TOKEN_FILE,
        env::ACTIONS_ID_TOKEN_REQUEST_URL,
        env::SYSTEM_OIDCREQUESTURI,
        env::IDENTITY_ENDPOINT,
    ]
    .iter()
    .any(|name| environment.has(name));
    let (set, missing) = match (tenant, client, credential) {
        (true, false, _) => (vec![env::AZURE_TENANT_ID], env::AZURE_CLIENT_ID),
        (true, true, false) => (
            vec![env::AZURE_TENANT_ID, env::AZURE_CLIENT_ID],
            "AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH or AZURE_FEDERATED_TOKEN_FILE",
        ),
        _ => return None,
    };
    Some(Problem::AzureIncomplete { set, missing })
}

const VARIABLES: [&str; 44] = [
    env::PROFILE,
    env::CONFIG_PATH,
    env::CACHE_PATH,
    env::PASSPHRASE,
    env::AZURE_TENANT_ID,
    env::AZURE_CLIENT_ID,
    env::AZURE_CLIENT_SECRET,
    env::AZURE_CLIENT_CERTIFICATE_PATH,
    env::AZURE_CLIENT_CERTIFICATE_PASSWORD,
    env::AZURE_FEDERATED_TOKEN_FILE,
    env::AZURE_AUTHORITY_HOST,
    env::AZURESUBSCRIPTION_CLIENT_ID,
    env::AZURESUBSCRIPTION_SERVICE_CONNECTION_ID,
    env::AZURESUBSCRIPTION_TENANT_ID,
    env::SYSTEM_OIDCREQUESTURI,
    env::SYSTEM_ACCESSTOKEN,
    env::TF_BUILD,
    env::ACTIONS_ID_TOKEN_REQUEST_URL,
    env::ACTIONS_ID_TOKEN_REQUEST_TOKEN,
    env::GITHUB_ACTIONS,
    env::IDENTITY_ENDPOINT,
    env::IDENTITY_HEADER,
    env::IDENTITY_SERVER_THUMBPRINT,
    env::IMDS_ENDPOINT,
    env::MSI_ENDPOINT,
    env::MSI_SECRET,
    env::AZURE_POD_IDENTITY_AUTHORITY_HOST,
    env::SSL_CERT_FILE,
    env::SSL_CERT_DIR,
    "https_proxy",
    "HTTPS_PROXY",
    "http_proxy",
    "all_proxy",
    "ALL_PROXY",
    "no_proxy",
    "NO_PROXY",
    env::BROWSER,
    "SSH_CONNECTION",
    "SSH_TTY",
    "CODESPACES",
    "REMOTE_CONTAINERS",
    "WSL_DISTRO_NAME",
    "DISPLAY",
    "WAYLAND_DISPLAY",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_profile_in_the_environment_is_noticed() {
        let check = |set: &[&str], want: Option<&str>| {
            let variables = set.iter().map(|name| ((*name).into(), "x".into()));
            let found = incomplete(&Environment::new(variables));
            let found = found.map(|problem| problem.to_string());
            assert_eq!(found.as_deref(), want, "{set:?}");
        };
        let (tenant, client) = (env::AZURE_TENANT_ID, env::AZURE_CLIENT_ID);
        check(&[], None);
        check(&[client], None);
        check(&[env::AZURE_CLIENT_SECRET], None);
        check(&[tenant, client, env::AZURE_CLIENT_SECRET], None);
        check(
            &[tenant, env::AZURE_CLIENT_SECRET],
            Some("AZURE_TENANT_ID is set without AZURE_CLIENT_ID, which makes no profile"),
        );
        let credentials =
            "AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH or AZURE_FEDERATED_TOKEN_FILE";
        check(
            &[tenant, client],
            Some(&format!(
                "AZURE_TENANT_ID and AZURE_CLIENT_ID are set without {credentials}, which makes no profile"
            )),
        );
    }
}
