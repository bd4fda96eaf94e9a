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
fn pasted_endpoints_are_cut_to_the_authority() {
    for end in [
        "",
        "/v2.0",
        "/oauth2/token",
        "/oauth2/v2.0/token",
        "/oauth2/v2.0/authorize?client_id=x&login_hint=a@b.example",
        "/oauth2/v2.0/devicecode",
        "/V2.0/.well-known/openid-configuration?appid=x",
        "/.well-known/openid-configuration",
        "/discovery/v2.0/keys#top",
    ] {
        let text = format!("https://login.microsoftonline.us/{TENANT}{end}");
        let address = Address::parse(&text).unwrap();
        assert_eq!(address.base(), "https://login.microsoftonline.us", "{text}");
        assert_eq!(address.tenant(), Some(&tenant()), "{text}");
        assert_eq!(address.cloud(), Some(Cloud::UsGovernment), "{text}");
    }
}

#[test]
fn clouds_are_known_by_the_names_of_other_tools() {
    let check = |cloud: Cloud, names: &[&str]| {
        for name in names {
            assert_eq!(Cloud::named(name), Some(cloud), "{name}");
            let authority = Authority::parse(name, tenant()).unwrap();
            assert_eq!(authority.host(), cloud.host(), "{name}");
        }
    };
    check(
        Cloud::Public,
        &[
            "AzureCloud",
            "AZURE_PUBLIC_CLOUD",
            "Azure Public",
            "Global",
            "GCC",
        ],
    );
    check(
        Cloud::UsGovernment,
        &[
            "AzureUSGovernment",
            "azure-government",
            "GCC High",
            "usgovernment",
            "USGov",
        ],
    );
    check(Cloud::UsDefense, &["DoD", "USGovDoD", "O365USGovDoD"]);
    check(
        Cloud::China,
        &["AzureChinaCloud", "AZURE_CHINA", "21Vianet"],
    );
    for name in ["", " ", "us.gov", "azure/cloud", "ppe"] {
        assert_eq!(Cloud::named(name), None, "{name}");
    }
    for name in [
        "AzureGermanCloud",
        "germany",
        "https://login.microsoftonline.de",
    ] {
        let error = Authority::parse(name, tenant()).unwrap_err();
        assert!(
            matches!(error, AuthorityError::Closed(_)),
            "{name}: {error}"
        );
    }
}

#[test]
fn authorities_of_other_kinds_are_named() {
    for text in [
        "https://contoso.b2clogin.com/contoso.onmicrosoft.com/B2C_1_signin",
        "contoso.b2clogin.com",
        "https://login.microsoftonline.com/tfp/contoso.onmicrosoft.com/B2C_1_x/v2.0",
        "https://login.contoso.com/contoso.onmicrosoft.com/b2c_1a_custom/oauth2/v2.0/token",
        "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/authorize?p=B2C_1_x",
    ] {
        let error = Authority::parse(text, tenant()).unwrap_err();
        assert!(matches!(error, AuthorityError::B2c(_)), "{text}: {error}");
    }
    for text in [
        "https://sts.contoso.com/adfs",
        "sts.contoso.com/ADFS/oauth2/token/",
    ] {
        let error = Authority::parse(text, tenant()).unwrap_err();
        assert!(matches!(error, AuthorityError::Adfs(_)), "{text}: {error}");
    }
}

#[test]
fn a_query_is_not_repeated_in_errors() {
    let text = "https://login.microsoftonline.com/x?code=canary#canary";
    let error = Authority::parse(text, tenant()).unwrap_err().to_string();
    assert!(!error.contains("canary"), "{error}");
}

#[test]
fn unsafe_or_broken_authorities_are_refused() {
    let check = |text: &str| {
        assert!(Authority::parse(text, tenant()).is_err(), "{text:?}");
    };
    check("");
    check("http://login.microsoftonline.com");
    check("ftp://login.microsoftonline.com");
    check("us-gov-x");
    check("https://login.microsoftonline.com?@evil.example/");
    check("https://login.microsoftonline.com\\@evil.example");
    check(&format!("https://login.microsoftonline.com/{TENANT}?x=y"));
    check(&format!(
        "https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/tokens"
    ));
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
fn an_external_id_tenant_issues_under_its_own_name_behind_a_custom_domain() {
    let check = |authority: &str, tenant: &str, issuer: &str, want: bool| {
        let authority = Authority::parse(authority, Tenant::parse(tenant).unwrap()).unwrap();
        assert_eq!(
            authority.issues(issuer, TENANT),
            want,
            "{authority} {issuer}"
        );
    };
    let own = format!("https://{TENANT}.ciamlogin.com/{TENANT}/v2.0");
    let custom = "https://login.contoso.example";
    check(custom, TENANT, &own, true);
    check(custom, "contoso.example", &own, false);
    check(custom, "aaaabbbb-0000-cccc-1111-dddd2222eeee", &own, false);
    check("public", TENANT, &own, false);
    for issuer in [
        format!("https://contoso.ciamlogin.com/{TENANT}/v2.0"),
        format!("https://{TENANT}.ciamlogin.com.evil.example/{TENANT}/v2.0"),
        format!("http://{TENANT}.ciamlogin.com/{TENANT}/v2.0"),
        format!("https://{TENANT}.ciamlogin.com/other/v2.0"),
    ] {
        check(custom, TENANT, &issuer, false);
    }
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
