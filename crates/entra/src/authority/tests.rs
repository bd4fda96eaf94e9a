//! Texts that name tenants and authorities, and texts that do not.

use super::*;

const TENANT: &str = "72f988bf-0000-4000-8000-00000000c0de";

fn tenant() -> Tenant {
    Tenant::parse(TENANT).unwrap()
}

#[test]
fn tenants_are_ids_domains_or_aliases() {
    for good in [
        TENANT,
        "contoso.com",
        "Contoso.onmicrosoft.com",
        "common",
        "organizations",
        "consumers",
    ] {
        assert!(Tenant::parse(good).is_ok(), "{good}");
    }
    for bad in [
        "", "contoso", "a/b.com", "a..com", "-a.com", "a b.com", "..",
    ] {
        assert!(Tenant::parse(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn every_spelling_leads_to_the_same_endpoints() {
    for text in [
        "public",
        "Public",
        "https://login.microsoftonline.com",
        "https://login.microsoftonline.com/",
        "login.microsoftonline.com",
        "HTTPS://Login.MicrosoftOnline.com",
        "https://login.microsoftonline.com/72F988BF-0000-4000-8000-00000000c0de",
        "https://login.microsoftonline.com/72f988bf-0000-4000-8000-00000000c0de/v2.0/",
    ] {
        let authority = Authority::parse(text, tenant()).unwrap();
        assert_eq!(
            authority.token_endpoint(),
            format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token"),
            "{text}"
        );
        assert_eq!(authority.cloud(), Some(Cloud::Public), "{text}");
    }
}

#[test]
fn other_clouds_and_custom_hosts_work() {
    let check = |text: &str, base: &str| {
        assert_eq!(Authority::parse(text, tenant()).unwrap().base(), base);
    };
    check("usgov", "https://login.microsoftonline.us");
    check("china", "https://login.partner.microsoftonline.cn");
    check("https://localhost:8443/", "https://localhost:8443");
    check("http://localhost:80", "http://localhost:80");
    check("http://[::1]:80", "http://[::1]:80");
    check(
        "https://contoso.ciamlogin.com",
        "https://contoso.ciamlogin.com",
    );
}

#[test]
fn unsafe_or_broken_authorities_are_refused() {
    let check = |text: &str| {
        assert!(Authority::parse(text, tenant()).is_err(), "{text:?}");
    };
    check("");
    check("http://login.microsoftonline.com");
    check("ftp://login.microsoftonline.com");
    check("us-gov");
    check("publik");
    check("https://user@login.microsoftonline.com");
    check("https://login.microsoftonline.com/contoso.com");
    check("https://login.microsoftonline.com/x");
    check("https://login.microsoftonline.com?x=y");
    check("https://login.microsoftonline.com:port");
    check("https://login microsoftonline.com");
}

#[test]
fn issuers_are_matched_to_the_authority() {
    let check = |authority: &str, issuer: &str, want: bool| {
        let authority = Authority::parse(authority, tenant()).unwrap();
        assert_eq!(authority.issues(issuer, TENANT), want, "{issuer}");
    };
    let public = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    check("public", &public, true);
    check("https://login.windows.net", &public, true);
    check("usgov", &public, false);
    check(
        "public",
        "https://login.microsoftonline.com/other/v2.0",
        false,
    );
    check(
        "public",
        &format!("https://evil.example/{TENANT}/v2.0"),
        false,
    );
    check("public", "", false);
    check(
        "https://localhost:1",
        &format!("https://localhost:1/{TENANT}/v2.0"),
        true,
    );
    check(
        "https://contoso.ciamlogin.com",
        &format!("https://{TENANT}.ciamlogin.com/{TENANT}/v2.0"),
        true,
    );
}

#[test]
fn no_error_repeats_what_a_terminal_would_obey() {
    for start in [
        "http://login.example/",
        "https://login.example/contoso/",
        "x",
    ] {
        let text = format!("{start}\u{1b}]52;c;eA==\u{7}\u{9b}\n.");
        let error = Authority::parse(&text, Tenant::parse("fabrikam.example").unwrap());
        let said = error.unwrap_err().to_string();
        assert!(!said.contains(char::is_control), "{said:?}");
    }
}
