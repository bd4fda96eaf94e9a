//! Keys and match rules of MSAL's cache entries.

use crate::authority::Authority;
use crate::cloud::Cloud;
use crate::scope::Scopes;

/// `{home}-{environment}-accesstoken-{client}-{realm}-{target}`, lower case.
pub(super) fn access_token(
    home: &str,
    environment: &str,
    client: &str,
    realm: &str,
    target: &str,
) -> String {
    format!("{home}-{environment}-accesstoken-{client}-{realm}-{target}").to_lowercase()
}

/// `{home}-{environment}-refreshtoken-{client}--`, lower case: one for all resources.
pub(super) fn refresh_token(home: &str, environment: &str, client: &str) -> String {
    format!("{home}-{environment}-refreshtoken-{client}--").to_lowercase()
}

/// `{home}-{environment}-idtoken-{client}-{realm}-`, lower case.
pub(super) fn id_token(home: &str, environment: &str, client: &str, realm: &str) -> String {
    format!("{home}-{environment}-idtoken-{client}-{realm}-").to_lowercase()
}

/// `{home}-{environment}-{realm}`, lower case.
pub(super) fn account(home: &str, environment: &str, realm: &str) -> String {
    format!("{home}-{environment}-{realm}").to_lowercase()
}

/// `appmetadata-{environment}-{client}`, lower case.
pub(super) fn app_metadata(environment: &str, client: &str) -> String {
    format!("appmetadata-{environment}-{client}").to_lowercase()
}

/// Scopes as MSAL for Python keeps them: sorted by byte value, without `offline_access`.
pub(super) fn target(scopes: &Scopes) -> String {
    let scopes = scopes.clone().without(&["offline_access"]);
    let mut sorted: Vec<_> = scopes.iter().collect();
    sorted.sort_unstable();
    sorted.join(" ")
}

/// Whether a cache entry's environment is the authority's host.
///
/// MSAL for Python writes the host, the others `host:port` or the cloud's preferred alias.
pub(super) fn same_environment(authority: &Authority, environment: &str) -> bool {
    let host = authority.host();
    environment.eq_ignore_ascii_case(host)
        || authority.base().split("://").nth(1) == Some(environment)
        || Cloud::of_host(host).is_some_and(|cloud| cloud.aliases().contains(&environment))
}

/// An entry's environment without what differs between the libraries: the port, and which of its
/// cloud's hosts it names.
pub(super) fn comparable_environment(environment: &str) -> String {
    let (host, _) = environment.split_once(':').unwrap_or((environment, ""));
    let host = host.to_ascii_lowercase();
    Cloud::of_host(&host).map_or(host, |cloud| cloud.host().to_owned())
}

/// Scopes without what differs between the libraries: their order, and those of OpenID Connect.
pub(super) fn comparable(target: &str) -> String {
    let words = target.split(' ').filter(|scope| !scope.is_empty());
    let words = words.filter(|scope| !is_openid(scope)).take(Scopes::LIMIT);
    let mut scopes: Vec<_> = words
        .map(|scope| without_graph(scope).to_ascii_lowercase())
        .collect();
    scopes.sort_unstable();
    scopes.dedup();
    scopes.join(" ")
}

/// Whether `granted` answers for all of `wanted`.
///
/// OpenID scopes do not count, and Graph's scopes may be written with or without the resource.
pub(super) fn covers(granted: &str, wanted: &Scopes) -> bool {
    wanted
        .iter()
        .filter(|scope| !is_openid(scope))
        .all(|wanted| {
            let wanted = without_graph(wanted);
            let mut granted = granted.split(' ').take(Scopes::LIMIT);
            granted.any(|scope| without_graph(scope).eq_ignore_ascii_case(wanted))
        })
}

fn is_openid(scope: &str) -> bool {
    super::OPENID_SCOPES
        .iter()
        .any(|openid| openid.eq_ignore_ascii_case(scope))
}

fn without_graph(scope: &str) -> &str {
    scope
        .strip_prefix("https://graph.microsoft.com/")
        .unwrap_or(scope)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authority::Tenant;

    #[test]
    fn targets_are_sorted_like_msal_for_python() {
        let scopes = Scopes::split("openid User.Read offline_access Mail.Read");
        assert_eq!(target(&scopes), "Mail.Read User.Read openid");
    }

    #[test]
    fn graph_scopes_match_with_and_without_the_resource() {
        let check = |granted: &str, wanted: &str, want: bool| {
            assert_eq!(covers(granted, &Scopes::split(wanted)), want, "{wanted}");
        };
        check(
            "User.Read openid",
            "https://graph.microsoft.com/User.Read",
            true,
        );
        check("https://graph.microsoft.com/User.Read", "user.read", true);
        check("User.Read", "User.Read Mail.Read", false);
        check("User.Read", "openid offline_access User.Read", true);
        check("api://x/User.Read", "User.Read", false);
        check("", "api://x/.default", false);
    }

    #[test]
    fn aliases_of_a_cloud_are_one_environment() {
        let tenant = Tenant::parse("contoso.com").unwrap();
        let check = |authority: &str, environment: &str, want: bool| {
            let authority = Authority::parse(authority, tenant.clone()).unwrap();
            assert_eq!(same_environment(&authority, environment), want);
        };
        check("public", "login.windows.net", true);
        check("public", "login.microsoftonline.us", false);
        check("https://localhost:8443", "localhost", true);
        check("https://localhost:8443", "localhost:8443", true);
        check("https://localhost:8443", "localhost:1", false);
    }

    #[test]
    fn environments_of_two_entries_are_compared() {
        let check = |one, other, want| {
            let same = comparable_environment(one) == comparable_environment(other);
            assert_eq!(same, want, "{one} {other}");
        };
        check("login.microsoftonline.com", "Login.Windows.net", true);
        check("localhost", "localhost:8443", true);
        check("login.microsoftonline.us", "login.windows.net", false);
        check("", "localhost", false);
    }
}
