//! What is requested: a profile and options, made one.

use entra::authority::{Authority, Tenant};
use entra::grant::{ManagedIdentity, Method, TokenRequest};
use entra::scope::Scopes;
use entra::text::echo;
use entra::wire::identity::Endpoint;

use crate::failure::Failure;
use crate::paste::CommandLine;
use crate::profile::flow::Flow;
use crate::profile::{Authentication, Profile};
use crate::token::options::{RequestArgs, SignInArgs};
use crate::token::selected::Selected;
use crate::token::{flow, managed_identity, redirect};

/// Combines profile and options; `endpoint` says where this host's managed identity gets tokens.
///
/// # Errors
///
/// If an option cannot be understood, or `flow` cannot work with what the profile says.
pub(crate) fn build(
    selected: &Selected,
    flow: Flow,
    options: &RequestArgs,
    sign_in: &SignInArgs,
    endpoint: impl FnOnce() -> Result<Endpoint, Failure>,
) -> Result<TokenRequest, Failure> {
    let profile = &selected.profile;
    let scopes = match &options.scope {
        Some(scopes) => Scopes::parse(scopes).map_err(|error| {
            Failure::usage(error.to_string(), "for example `--scope User.Read`")
        })?,
        None => profile.scopes.clone(),
    };
    if let Some((scope, meant)) = scopes.mistyped_default() {
        return Err(Failure::usage(
            format!("scope `{}` is no scope", echo(scope)),
            format!("use `{}`", CommandLine::other("--scope").argument(&meant)),
        ));
    }
    let typed = redirect::typed(sign_in)?;
    let (authority, method) = match flow {
        Flow::ManagedIdentity => {
            managed_identity::refuse(options)?;
            let identity = managed_identity::which(options.identity.as_ref(), profile);
            let identity = ManagedIdentity::new(endpoint()?, identity);
            let authority = Authority::of_managed_identity(identity.endpoint().address());
            (authority, Method::ManagedIdentity(Box::new(identity)))
        }
        Flow::ClientCredentials | Flow::WorkloadIdentity => {
            (authority(profile, options)?, Method::ClientCredentials)
        }
        Flow::DeviceCode => (authority(profile, options)?, Method::DeviceCode),
        Flow::AuthorizationCode | Flow::InteractiveBrowser => {
            let redirect = redirect::sent(flow, typed, profile);
            let method = Method::AuthorizationCode(redirect);
            (authority(profile, options)?, method)
        }
    };
    if let Some(reason) = unsuitable(flow, profile, &authority) {
        return Err(Failure::FlowUnsuitable {
            flow,
            whose: selected.whose(),
            reason,
        });
    }
    Ok(TokenRequest {
        authority,
        client_id: profile.client_id.clone(),
        scopes,
        method,
        confidential: match flow {
            Flow::ClientCredentials | Flow::WorkloadIdentity => true,
            Flow::AuthorizationCode => profile.authentication != Authentication::None,
            Flow::DeviceCode | Flow::InteractiveBrowser | Flow::ManagedIdentity => false,
        },
        login_hint: options.login_hint.clone(),
        prompt: sign_in.prompt.clone(),
        claims: options.claims.as_deref().map(claims).transpose()?,
    })
}

/// The command that answers `request` with an interactive sign-in, whatever is cached.
pub(crate) fn sign_in_command(selected: &Selected, used: Flow, request: &TokenRequest) -> String {
    let mut command = selected.named_in(CommandLine::new("get-token"));
    // Any other flow is left to the profile, which takes one that works where it is run.
    if used.is_interactive() && !flow::of(&selected.profile, None).is_interactive() {
        command = command.option("-f", used.to_string());
    }
    if let Some(hint) = &request.login_hint {
        command = command.option("--login-hint", hint);
    }
    match &request.prompt {
        Some(prompt) if request.forces_interaction() => {
            command = command.option("--prompt", prompt);
        }
        _ => command = command.with("--force"),
    }
    command.to_string()
}

fn authority(profile: &Profile, options: &RequestArgs) -> Result<Authority, Failure> {
    let Some(tenant) = &options.tenant else {
        return Ok(profile.authority.clone());
    };
    let tenant = Tenant::parse(tenant)
        .map_err(|error| Failure::usage(error.to_string(), "for example `--tenant contoso.com`"))?;
    Ok(profile.authority.with_tenant(tenant))
}

/// Why a flow cannot work with what a profile says; `None` if it can.
fn unsuitable(flow: Flow, profile: &Profile, authority: &Authority) -> Option<String> {
    if flow == Flow::ManagedIdentity {
        return None;
    }
    if managed_identity::is_all(profile) {
        return Some("it names no application and tenant".to_owned());
    }
    let is_alias = !flow.is_interactive() && authority.tenant().is_alias();
    is_alias.then(|| {
        format!(
            "`{}` is no directory of its own; set the tenant's ID or domain",
            authority.tenant()
        )
    })
}

/// Challenges arrive in base64 in a `WWW-Authenticate` header; JSON is what is sent.
fn claims(text: &str) -> Result<String, Failure> {
    let text = text.trim();
    let is_object = |text: &str| {
        serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).is_ok()
    };
    if is_object(text) {
        return Ok(text.to_owned());
    }
    entra::jwt::base64url_decode(&text.replace('+', "-").replace('/', "_"))
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .filter(|json| is_object(json))
        .ok_or_else(|| {
            Failure::usage(
                "the claims are neither a JSON object nor one in base64",
                "pass the value of `claims` from the WWW-Authenticate header as it is",
            )
        })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use entra::wire::identity::{Identity, VIRTUAL_MACHINE_HOST};
    use serde_json::{Value, json};

    use super::*;
    use crate::profile::raw::RawProfile;
    use crate::token::selected::Origin;

    const CLIENT: &str = "11111111-1111-4111-8111-111111111111";

    fn selected(more: Value) -> Selected {
        let mut members = json!({
            "name": "p", "clientId": CLIENT, "tenantId": "contoso.com", "scopes": ["a/.default"],
        });
        let more = more.as_object().unwrap().clone();
        members.as_object_mut().unwrap().extend(more);
        let raw = RawProfile(members.as_object().unwrap().clone());
        let profile = Profile::parse(&raw, Path::new("/c")).unwrap();
        Selected {
            cache_name: profile.name.to_string(),
            origin: Origin::File,
            profile,
        }
    }

    fn options() -> RequestArgs {
        RequestArgs::default()
    }

    fn built(
        selected: &Selected,
        flow: Flow,
        options: &RequestArgs,
    ) -> Result<TokenRequest, String> {
        let endpoint = || {
            let host = VIRTUAL_MACHINE_HOST.to_owned();
            Ok(Endpoint::VirtualMachine { host })
        };
        let request = build(selected, flow, options, &SignInArgs::default(), endpoint);
        request.map_err(|failure| failure.to_string())
    }

    #[test]
    fn options_override_the_profile() {
        let profile = selected(json!({"useClientSecret": true}));
        let own = built(&profile, Flow::ClientCredentials, &options()).unwrap();
        assert_eq!(own.scopes.to_string(), "a/.default");
        assert_eq!(own.authority.tenant().to_string(), "contoso.com");
        let options = RequestArgs {
            scope: Some("b/.default".to_owned()),
            tenant: Some("fabrikam.com".to_owned()),
            login_hint: Some("ada@contoso.com".to_owned()),
            claims: Some("e30=".to_owned()),
            ..options()
        };
        let typed = built(&profile, Flow::ClientCredentials, &options).unwrap();
        assert_eq!(typed.scopes.to_string(), "b/.default");
        assert_eq!(typed.authority.tenant().to_string(), "fabrikam.com");
        assert_eq!(typed.login_hint.as_deref(), Some("ada@contoso.com"));
        assert_eq!(typed.claims.as_deref(), Some("{}"));
    }

    #[test]
    fn each_flow_has_its_method_and_credential() {
        let check = |flow: Flow, has_secret: bool, confidential: bool, method: &str| {
            let profile = selected(json!({"useClientSecret": has_secret}));
            let request = built(&profile, flow, &options()).unwrap();
            assert_eq!(request.confidential, confidential, "{flow}");
            let text = format!("{:?}", request.method);
            assert!(text.starts_with(method), "{flow}: {text}");
        };
        check(Flow::ClientCredentials, true, true, "ClientCredentials");
        check(Flow::WorkloadIdentity, false, true, "ClientCredentials");
        check(Flow::AuthorizationCode, true, true, "AuthorizationCode");
        check(Flow::AuthorizationCode, false, false, "AuthorizationCode");
        check(Flow::InteractiveBrowser, true, false, "AuthorizationCode");
        check(Flow::DeviceCode, true, false, "DeviceCode");
        check(Flow::ManagedIdentity, false, false, "ManagedIdentity");
    }

    #[test]
    fn what_cannot_work_is_refused() {
        let check = |members: Value, flow: Flow, options: RequestArgs, want: &str| {
            let error = built(&selected(members), flow, &options).unwrap_err();
            assert!(error.contains(want), "{error}");
        };
        let common = json!({"tenantId": "common"});
        let alias = "`common` is no directory of its own";
        check(common, Flow::ClientCredentials, options(), alias);
        let tenant = RequestArgs {
            tenant: Some("a b".to_owned()),
            ..options()
        };
        check(json!({}), Flow::DeviceCode, tenant.clone(), "a b");
        check(json!({}), Flow::ManagedIdentity, tenant, "`--tenant`");
        let scope = RequestArgs {
            scope: Some("https://graph.microsoft.com/./default".to_owned()),
            ..options()
        };
        check(json!({}), Flow::InteractiveBrowser, scope, "is no scope");
        let claims = RequestArgs {
            claims: Some("no claims".to_owned()),
            ..options()
        };
        check(json!({}), Flow::DeviceCode, claims, "claims");
    }

    #[test]
    fn the_typed_identity_wins() {
        let of_profile =
            selected(json!({"managedIdentity": "object:22222222-2222-4222-8222-222222222222"}));
        let check = |typed: Option<Identity>, want: &str| {
            let options = RequestArgs {
                identity: typed,
                ..options()
            };
            let request = built(&of_profile, Flow::ManagedIdentity, &options).unwrap();
            let text = format!("{:?}", request.method);
            assert!(text.contains(want), "{text}");
        };
        check(None, "22222222");
        check(Some(Identity::parse(CLIENT).unwrap()), "11111111");
    }
}
