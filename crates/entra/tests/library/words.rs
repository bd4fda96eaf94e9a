//! Tenants, authorities, scopes and secrets, as far as what is safe depends on them.

use entra::authority::AuthorityError;
use entra::{Authority, Cloud, Scopes, Secret, Tenant};

use crate::world::TENANT;

#[test]
fn tenants_say_what_they_are() {
    let check = |text: &str, is_alias: bool, is_id: bool| {
        let tenant = Tenant::parse(text).unwrap();
        assert_eq!(
            (tenant.is_alias(), tenant.is_id()),
            (is_alias, is_id),
            "{text}"
        );
    };
    check("common", true, false);
    check("Organizations", true, false);
    check("consumers", true, false);
    check("contoso.com", false, false);
    check(TENANT, false, true);
}

#[test]
fn the_error_names_what_is_wrong_with_an_authority() {
    let check = |text: &str, want: &str| {
        let tenant = Tenant::parse("contoso.com").unwrap();
        let error = Authority::parse(text, tenant).unwrap_err();
        let kind = match error {
            AuthorityError::NotUrl(_) => "no URL",
            AuthorityError::Insecure(_) => "insecure",
            AuthorityError::OtherTenant { .. } => "another tenant",
            _ => "something else",
        };
        assert_eq!(kind, want, "{text}");
    };
    check("http://login.microsoftonline.com", "insecure");
    check("ftp://login.microsoftonline.com", "no URL");
    check(
        "https://login.microsoftonline.com/fabrikam.com",
        "another tenant",
    );
    check(
        "https://login.microsoftonline.com/organizations",
        "another tenant",
    );
    check("https://login.microsoftonline.com/oauth2", "no URL");
    check(
        "https://login.microsoftonline.com/contoso.com/oauth2",
        "no URL",
    );
    check("https://", "no URL");
    let labels = "a.".repeat(126);
    check(&format!("https://{labels}ab"), "no URL");
    check(&format!("https://{}.example", "a".repeat(64)), "no URL");
    check("https://-a.example", "no URL");
    check("https://a-.example", "no URL");
    check("https://a_b.example", "no URL");
}

#[test]
fn names_have_the_lengths_that_dns_has() {
    let labels = "a.".repeat(126);
    for host in [format!("{labels}a"), format!("{}.example", "a".repeat(63))] {
        let tenant = Tenant::parse("contoso.com").unwrap();
        assert!(Authority::parse(&host, tenant).is_ok(), "{host}");
        assert!(Tenant::parse(&host).is_ok(), "{host}");
    }
    assert!(Tenant::parse(&format!("{labels}ab")).is_err());
}

#[test]
fn every_cloud_is_known_by_its_name_and_its_hosts() {
    let check = |cloud: Cloud, name: &str, host: &str, portal: &str| {
        assert_eq!(
            (cloud.name(), cloud.host(), cloud.portal()),
            (name, host, portal)
        );
        let tenant = Tenant::parse("contoso.com").unwrap();
        assert_eq!(Authority::parse(name, tenant).unwrap().host(), host);
        for alias in cloud.aliases() {
            // Tokens of the first version are issued by one host for two clouds.
            let of_host = Cloud::of_host(alias);
            assert!(
                of_host == Some(cloud) || *alias == "sts.windows.net",
                "{alias}"
            );
        }
    };
    let public = "login.microsoftonline.com";
    check(Cloud::Public, "public", public, "https://portal.azure.com");
    let us = "login.microsoftonline.us";
    check(Cloud::UsGovernment, "usgov", us, "https://portal.azure.us");
    let china = "login.partner.microsoftonline.cn";
    check(Cloud::China, "china", china, "https://portal.azure.cn");
}

#[test]
fn lists_of_scopes_say_what_they_hold() {
    let check = |text: &str, is_empty: bool, has_default: bool| {
        let scopes = Scopes::split(text);
        assert_eq!(
            (scopes.is_empty(), scopes.has_default()),
            (is_empty, has_default),
            "{text}"
        );
    };
    check("", true, false);
    check(" ,\t", true, false);
    check("User.Read", false, false);
    check("openid api://x/.default", false, true);
    check("openid api://x/.DEFAULT", false, true);
    check("/.default", false, false);
}

#[test]
fn a_secret_equals_only_itself() {
    let check = |ours: &str, theirs: &str, want: bool| {
        assert_eq!(Secret::from(ours).equals(theirs), want, "{ours} {theirs}");
    };
    check("ab", "ab", true);
    check("", "", true);
    // Two differences do not make up for each other.
    check("ab", "ba", false);
    check("aab", "bbb", false);
    check("ab", "abc", false);
    assert!(Secret::from("").is_empty() && !Secret::from("a").is_empty());
}
