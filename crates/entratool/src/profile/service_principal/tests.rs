//! Service principals in every form that other tools give them.

use super::*;

const ID: &str = "11111111-2222-4333-8444-555555555555";
const TENANT: &str = "aaaabbbb-0000-cccc-1111-dddd2222eeee";

/// Reads one service principal with this secret.
#[track_caller]
fn check(text: &str, secret: Option<&str>) -> ServicePrincipal {
    let text = text.replace("<id>", ID).replace("<tenant>", TENANT);
    let found = parse(&text).unwrap().unwrap_or_default();
    let [one] = <[_; 1]>::try_from(found).unwrap_or_else(|found| panic!("{found:?} in {text}"));
    assert_eq!((&*one.client_id, &*one.tenant), (ID, TENANT), "{text}");
    let found = one.client_secret.as_ref().map(Secret::expose);
    assert_eq!(found, secret, "{text}");
    one
}

#[test]
fn every_output_of_the_azure_cli_is_read() {
    let one = check(
        r#"{"appId":"<id>","displayName":"azure-cli-2026","password":"p~w","tenant":"<tenant>"}"#,
        Some("p~w"),
    );
    assert_eq!(one.name.as_deref(), Some("azure-cli-2026"));
    check(
        "WARNING: The output includes credentials.\n{\n \"appId\": \"<id>\", \"name\": \"http://x\",\n \"password\": \"p~w\", \"tenant\": \"<tenant>\"}\n",
        Some("p~w"),
    );
    let one = check(
        r#"{"appId":"<id>","displayName":"x","fileWithCertAndPrivateKey":"/home/u/tmp1.pem","password":null,"tenant":"<tenant>"}"#,
        None,
    );
    assert_eq!(one.certificate.as_deref(), Some("/home/u/tmp1.pem"));
    let one = check(
        r#"{"clientId":"<id>","clientSecret":"p~w","subscriptionId":"x","tenantId":"<tenant>","activeDirectoryEndpointUrl":"https://login.microsoftonline.us","managementEndpointUrl":"https://management.core.usgovcloudapi.net/"}"#,
        Some("p~w"),
    );
    assert_eq!(one.authority.as_deref(), Some("usgov"));
    let one = check(
        r#"{"clientId":"<id>","clientCertificate":"/home/u/tmp1.pem","tenantId":"<tenant>"}"#,
        None,
    );
    assert_eq!(one.certificate.as_deref(), Some("/home/u/tmp1.pem"));
    check(
        "appId: <id>\ndisplayName: x\npassword: p~w\ntenant: <tenant>\n",
        Some("p~w"),
    );
    check("<id>\tazure-cli\tp~w\t<tenant>\n", Some("p~w"));
    check(
        "AppId      DisplayName    Password    Tenant\n---------  -------------  ----------  ------\n<id>  azure cli      p~w  <tenant>\n",
        Some("p~w"),
    );
    check(
        r#"[{"client_id":"<id>","tenant":"<tenant>","client_secret":"p~w"}]"#,
        Some("p~w"),
    );
    check(
        r#"[{"servicePrincipalId":"<id>","servicePrincipalTenant":"<tenant>","accessToken":"p~w"}]"#,
        Some("p~w"),
    );
}

#[test]
fn every_kind_of_assignment_is_read() {
    for text in [
        "# .env\r\nAZURE_TENANT_ID=<tenant>\r\nAZURE_CLIENT_ID=<id>\r\nAZURE_CLIENT_SECRET=\"p~w\"\r\n",
        "export ARM_CLIENT_ID='<id>' # id\nexport ARM_TENANT_ID='<tenant>'\nexport ARM_CLIENT_SECRET='p~w'\n",
        "client_id     = \"<id>\"\ntenant_id     = \"<tenant>\" // comment\nclient_secret = \"p~w\"\n",
        "provider \"azurerm\" {\n  features {}\n  client_id = \"<id>\"\n  client_secret = \"p~w\"\n  tenant_id = \"<tenant>\"\n}\n",
        "[default]\nsubscription_id=x\nclient_id=<id>\nsecret=p~w\ntenant=<tenant>\n",
        "config:\n  azure-native:clientId: <id>\n  azure-native:clientSecret: p~w\n  azure-native:tenantId: <tenant>\n",
        "azure_client_id: <id>\nazure_tenant: '<tenant>'\nazure_secret: \"p~w\"\n",
        "$env:AZURE_CLIENT_ID = \"<id>\"\n$Env:AZURE_TENANT_ID = \"<tenant>\"\n$env:AZURE_CLIENT_SECRET = 'p~w'\n",
        "set AZURE_CLIENT_ID=<id>\nset AZURE_TENANT_ID=<tenant>\nSET AZURE_CLIENT_SECRET=p~w\n",
        "set -x AZURE_CLIENT_ID <id>\nset -gx AZURE_TENANT_ID <tenant>\nset -x AZURE_CLIENT_SECRET p~w\n",
        "TF_VAR_client_id=<id>\nTF_VAR_tenant_id=<tenant>\nTF_VAR_client_secret=p~w\n",
        "environment:\n  - AZURE_CLIENT_ID=<id>\n  - AZURE_TENANT_ID=<tenant>\n  - AZURE_CLIENT_SECRET=p~w\n",
        "spring.cloud.azure.credential.client-id=<id>\nspring.cloud.azure.credential.client-secret=p~w\nspring.cloud.azure.profile.tenant-id=<tenant>\n",
        "AZURE_CREDENTIALS='{\n \"clientId\": \"<id>\",\n \"clientSecret\": \"p~w\",\n \"tenantId\": \"<tenant>\"\n}'\n",
        "\u{feff}AZURE_CLIENT_ID=<id>\nPASSWORD=of-a-database\nAZURE_PASSWORD=of-a-user\nENVIRONMENT=dev\nAZURE_TENANT_ID=<tenant>\nAZURE_CLIENT_SECRET=p~w\n",
        "AZURE_CLIENT_ID=\nAZURE_CLIENT_ID=<id>\nAZURE_TENANT_ID=<tenant>\nAZURE_CLIENT_SECRET=old\nAZURE_CLIENT_SECRET=p~w",
    ] {
        check(text, Some("p~w"));
    }
    check(
        "ARM_CLIENT_ID=<id>\nARM_TENANT_ID=<tenant>\nARM_CLIENT_SECRET=\"a#b c\\\"d\"",
        Some("a#b c\"d"),
    );
    let one = check(
        "ARM_CLIENT_ID=<id>\nARM_TENANT_ID=<tenant>\nARM_ENVIRONMENT=usgovernment\nARM_CLIENT_CERTIFICATE_PATH=\"C:\\new\\a.pfx\"\nARM_CLIENT_CERTIFICATE_PASSWORD=pw",
        None,
    );
    assert_eq!(one.authority.as_deref(), Some("usgov"));
    assert_eq!(one.certificate.as_deref(), Some("C:\\new\\a.pfx"));
    assert!(one.certificate_password.unwrap().equals("pw"));
    let one = check(
        "AZURE_CLIENT_ID=<id>\nAZURE_TENANT_ID=<tenant>\nAZURE_FEDERATED_TOKEN_FILE=/t",
        None,
    );
    assert_eq!(one.federated_token_file.as_deref(), Some("/t"));
}

#[test]
fn a_placeholder_is_no_secret() {
    for secret in [
        "",
        "***",
        "${SECRET}",
        "$CLIENT_SECRET",
        "<secret>",
        "{{ secret }}",
        "(sensitive value)",
        "%SECRET%",
    ] {
        check(
            &format!(
                "AZURE_CLIENT_ID=<id>\nAZURE_TENANT_ID=<tenant>\nAZURE_CLIENT_SECRET={secret}"
            ),
            None,
        );
    }
    check(
        "'{\"clientId\":\"<id>\",\"clientSecret\":\" p~w\\n\",\"tenantId\":\"<tenant>\"}'\n",
        Some("p~w"),
    );
}

#[test]
fn outputs_of_terraform_and_pulumi_are_read() {
    check(
        r#"{"client_id":{"sensitive":false,"type":"string","value":"<id>"},"tenant_id":{"value":"<tenant>"},"client_secret":{"sensitive":true,"value":"p~w"}}"#,
        Some("p~w"),
    );
    check(
        r#"{"azure-native:clientId":{"value":"<id>"},"azure-native:tenantId":{"value":"<tenant>"},"azure-native:clientSecret":{"value":"p~w","secret":true}}"#,
        Some("p~w"),
    );
    let text = r#"{"dev":{"appId":"<id>","tenant":"<tenant>"},"prod":{"appId":"<id>","tenant":"<tenant>"}}"#;
    let text = text.replace("<id>", ID).replace("<tenant>", TENANT);
    let found = parse(&text).unwrap().unwrap();
    let names: Vec<_> = found.iter().map(|one| one.name.as_deref()).collect();
    assert_eq!(names, [Some("dev"), Some("prod")]);
}

#[test]
fn what_is_no_service_principal_is_left_to_others() {
    for text in [
        "",
        "{",
        "[]",
        "{}",
        "7",
        "\"x\"",
        "hello",
        "a=b\nc: d\n",
        "[x]\ny=z",
        r#"{"profiles":[]}"#,
        r#"{"tenantId":"x"}"#,
        "a\tb\tc\td\n",
    ] {
        assert!(parse(text).unwrap().is_none(), "{text}");
    }
}

#[test]
fn incomplete_and_ambiguous_ones_are_named_without_values() {
    let check = |text: &str, want: ServicePrincipalError| {
        let error = parse(text).unwrap_err();
        assert_eq!(error, want, "{text}");
        assert!(!error.to_string().contains("canary"), "{error}");
    };
    let both = |a: &str, b: &str| ServicePrincipalError::Conflict(a.to_owned(), b.to_owned());
    check("AZURE_CLIENT_ID=canary", ServicePrincipalError::NoTenant);
    check(
        "AZURE_CLIENT_ID=canary\nARM_CLIENT_ID=canary2\nAZURE_TENANT_ID=t",
        both("AZURE_CLIENT_ID", "ARM_CLIENT_ID"),
    );
    check(
        "AZURE_CLIENT_ID=a\nAZURE_TENANT_ID=t\nAZURE_CLIENT_CERTIFICATE_PATH=\"-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\"",
        ServicePrincipalError::Inline("AZURE_CLIENT_CERTIFICATE_PATH".to_owned()),
    );
    let base64 = "canary00".repeat(50);
    check(
        &format!("ARM_CLIENT_ID=a\nARM_TENANT_ID=t\nARM_CLIENT_CERTIFICATE={base64}"),
        ServicePrincipalError::Inline("ARM_CLIENT_CERTIFICATE".to_owned()),
    );
    let many = format!(
        "[{}]",
        vec![r#"{"appId":"a","tenant":"t"}"#; MOST + 1].join(",")
    );
    check(&many, ServicePrincipalError::TooMany);
}

#[test]
fn names_come_from_the_file_or_from_the_option() {
    let check = |text: &str, name: Option<&str>, want: Option<&[&str]>| {
        let found = parse(&text.replace("<id>", ID)).unwrap().unwrap();
        let entries = entries(found, name);
        let names: Option<Vec<_>> = entries
            .as_ref()
            .map(|entries| entries.iter().map(Entry::name).collect());
        assert_eq!(names.as_deref(), want, "{text}");
    };
    let named = r#"{"appId":"<id>","displayName":"my app (prod)","tenant":"t"}"#;
    check(named, None, Some(&["my-app--prod"]));
    check(named, Some("x"), Some(&["x"]));
    check(r#"{"appId":"<id>","tenant":"t"}"#, None, None);
    check(
        r#"[{"appId":"<id>","tenant":"a.example"},{"appId":"<id>","tenant":"b.example"}]"#,
        None,
        Some(&[ID, &format!("b.exampl-{ID}")]),
    );
}

#[test]
fn a_name_that_looks_like_a_secret_is_not_taken() {
    let found = parse(&format!(
        r#"{{"appId":"{ID}","displayName":"app -----BEGIN PRIVATE KEY-----","password":"p","tenant":"t.com"}}"#
    ));
    assert!(entries(found.unwrap().unwrap(), None).is_none());
}

#[test]
fn files_of_other_tools_are_named_with_the_command_to_use() {
    let check = |text: &str, kind: &str, want: &str| {
        let text = text.replace("<id>", ID).replace("<tenant>", TENANT);
        let want = want.replace("<id>", ID).replace("<tenant>", TENANT);
        let found = other_file::recognize(&text, Some("x")).unwrap();
        assert!(found.kind.contains(kind), "{found:?}");
        let line = format!("`entratool config create --name x {want}`");
        assert!(found.advice.contains(&line), "{found:?}");
        assert!(!found.advice.contains("canary"), "{found:?}");
    };
    check(
        r#"{"installationId":"x","subscriptions":[{"id":"s","isDefault":true,"tenantId":"<tenant>","environmentName":"AzureUSGovernment","user":{"name":"<id>","type":"servicePrincipal"}}]}"#,
        "subscriptions",
        "--client-id <id> --tenant-id <tenant> --authority usgov",
    );
    check(
        r#"{"AzureAd":{"Instance":"https://login.microsoftonline.com/","TenantId":"<tenant>","ClientId":"<id>","ClientSecret":"canary"}}"#,
        "settings",
        "--client-id <id> --tenant-id <tenant> --client-secret-stdin",
    );
    check(
        r#"{"authority":"https://login.microsoftonline.com/<tenant>","client_id":"<id>","scope":["https://graph.microsoft.com/.default"],"secret":"canary","endpoint":"https://graph.microsoft.com/v1.0/users"}"#,
        "MSAL",
        "--client-id <id> --tenant-id <tenant> --scope https://graph.microsoft.com/.default --client-secret-stdin",
    );
    check(
        "apiVersion: v1\nkind: Config\nclusters: []\nusers:\n- name: u\n  user:\n    exec:\n      args:\n      - get-token\n      - --server-id\n      - <id>\n      - --client-id\n      - <id>\n      - --tenant-id\n      - <tenant>\n",
        "kubeconfig",
        "--client-id <id> --tenant-id <tenant> --scope <id>/.default",
    );
    check(
        "[alias.x]\nresource = \"https://management.azure.com/\"\nclient = \"<id>\"\ntenant = \"<tenant>\"\n",
        "azureauth",
        "--client-id <id> --tenant-id <tenant> --scope https://management.azure.com/.default",
    );
    check(
        r#"{"AccessToken":{"k":{"client_id":"<id>","realm":"<tenant>","environment":"login.windows.net","secret":"canary"}},"Account":{}}"#,
        "token cache",
        "--client-id <id> --tenant-id <tenant>",
    );
    check(
        "-----BEGIN PRIVATE KEY-----\ncanary\n",
        "certificate",
        "--certificate FILE",
    );
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text: String) {
        let _ = parse(&text);
        let _ = other_file::recognize(&text, None);
    }

    #[test]
    fn no_lines_make_it_panic(lines in proptest::collection::vec("[A-Z_a-z:=\"' #\\\\{}\\[\\]\t-]{0,40}", 0..12)) {
        let text = lines.join("\n");
        let _ = parse(&text);
        let _ = other_file::recognize(&text, None);
    }
}
