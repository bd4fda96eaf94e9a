//! Tests of what is told by words.

use clap::Parser as _;

use super::super::document;
use super::*;
use crate::cli::Cli;

fn check(text: &str, want: &str) {
    let found = find(text).map_or("", |message| message.name);
    assert_eq!(found, want, "{text}");
}

#[test]
fn messages_of_graph_are_told_by_their_words() {
    let graph = |code: &str, message: &str| {
        format!(
            r#"{{"error":{{"code":"{code}","message":"{message}","innerError":{{"date":"2026-01-02T03:04:05"}}}}}}"#
        )
    };
    let insufficient = "Insufficient privileges to complete the operation.";
    check(insufficient, "Insufficient privileges");
    let denied = graph("Authorization_RequestDenied", insufficient);
    check(&denied, "Insufficient privileges");
    let invalid = |message: &str| graph("InvalidAuthenticationToken", message);
    check(&invalid("Access token is empty."), "Access token is empty");
    check(
        &invalid("Lifetime validation failed, the token is expired."),
        "Token expired",
    );
    check(
        &invalid("Access token validation failure. Invalid audience."),
        "Invalid audience",
    );
    check(
        &invalid("Access token validation failure."),
        "Invalid token",
    );
    check(
        &invalid("CompactToken parsing failed with error code: 80049217"),
        "Invalid token",
    );
    check(
        &invalid("IDX14100: JWT is not well formed, there are no dots (.)."),
        "Invalid token",
    );
    check(
        &invalid(
            "Continuous access evaluation resulted in challenge with result: InteractionRequired \
             and code: TokenIssuedBeforeRevocationTimestamp",
        ),
        "Claims challenge",
    );
    let me = "/me request is only valid with delegated authentication flow.";
    check(&graph("BadRequest", me), "/me request");
    let mailbox = "Access is denied. Check credentials and try again.";
    check(&graph("ErrorAccessDenied", mailbox), "ErrorAccessDenied");
    check("erroraccessdenied", "ErrorAccessDenied");
    check(&graph("accessDenied", "Access denied"), "accessDenied");
    check(" AccessDenied\r\n", "accessDenied");
}

#[test]
fn messages_of_resource_manager_are_told_by_their_words() {
    let arm = |code: &str, message: &str| {
        format!(r#"{{"error":{{"code":"{code}","message":"{message}"}}}}"#)
    };
    let denied = "The client 'x' with object id 'y' does not have authorization to perform action \
        'Microsoft.Resources/subscriptions/resourceGroups/read' over scope '/subscriptions/z' or \
        the scope is invalid. If access was recently granted, please refresh your credentials.";
    check(&arm("AuthorizationFailed", denied), "AuthorizationFailed");
    check(
        &format!("(AuthorizationFailed) {denied}"),
        "AuthorizationFailed",
    );
    let linked = "The client has permission to perform action \
        'Microsoft.Network/loadBalancers/write' on scope '/subscriptions/z'; however, it does not \
        have permission to perform action 'Microsoft.Network/virtualNetworks/subnets/join/action' \
        on the linked scope(s) '/subscriptions/z/subnets/s' or the linked scope(s) are invalid.";
    check(
        &arm("LinkedAuthorizationFailed", linked),
        "LinkedAuthorizationFailed",
    );
    check(
        &arm(
            "SubscriptionNotFound",
            "The subscription 'z' could not be found.",
        ),
        "SubscriptionNotFound",
    );
    check(
        "The access token is from the wrong issuer 'https://sts.windows.net/a/'. It must match the \
         tenant 'https://sts.windows.net/b/' associated with this subscription.",
        "InvalidAuthenticationTokenTenant",
    );
    check(
        &arm(
            "InvalidAuthenticationTokenAudience",
            "The access token has been obtained for wrong audience or resource 'api://x'. It should \
             exactly match with one of the allowed audiences 'https://management.azure.com/'.",
        ),
        "InvalidAuthenticationTokenAudience",
    );
    check(
        &arm(
            "ExpiredAuthenticationToken",
            "The access token expiry UTC time '1/2/2026 3:04:05 AM' is earlier than current UTC time \
             '1/2/2026 4:04:05 AM'.",
        ),
        "Token expired",
    );
}

#[test]
fn messages_of_azures_services_are_told_by_their_words() {
    check(
        "AKV10032: Invalid issuer. Expected one of https://sts.windows.net/a/, found \
         https://sts.windows.net/b/",
        "AKV10032",
    );
    check(
        "AKV10022: Invalid audience. Expected https://vault.azure.net, found: \
         https://management.azure.com/.",
        "AKV10022",
    );
    check(
        r#"{"error":{"code":"Forbidden","message":"Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role definitions were changed recently, please observe propagation time.","innererror":{"code":"ForbiddenByRbac"}}}"#,
        "Forbidden (Key Vault)",
    );
    check(
        r#"Code="Forbidden" Message="The user, group or application 'appid=x' does not have secrets get permission on key vault 'kv;location=westeurope'." InnerError={"code":"AccessDenied"}"#,
        "Forbidden (Key Vault)",
    );
    check("403 Forbidden from the vault kv", "Forbidden (Key Vault)");
    check(
        r#"{"error":{"code":"Forbidden","message":"Client address is not authorized and caller is not a trusted service.","innererror":{"code":"ForbiddenByFirewall"}}}"#,
        "ForbiddenByFirewall",
    );
    let storage = |code: &str, message: &str| {
        format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>")
    };
    check(
        &storage(
            "AuthorizationPermissionMismatch",
            "This request is not authorized to perform this operation using this permission.",
        ),
        "AuthorizationPermissionMismatch",
    );
    check(
        &storage(
            "AuthorizationFailure",
            "This request is not authorized to perform this operation.",
        ),
        "AuthorizationFailure",
    );
    check(
        &storage(
            "InvalidAuthenticationInfo",
            "Authentication information is not given in the correct format. Check the value of \
             Authorization header.",
        ),
        "InvalidAuthenticationInfo",
    );
    check(
        r#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required, visit https://aka.ms/acr/authorization for more information."}]}"#,
        "UNAUTHORIZED (Container Registry)",
    );
    check(
        "error: You must be logged in to the server (Unauthorized)",
        "Unauthorized (Kubernetes)",
    );
    check(
        "TF400813: The user 'x' is not authorized to access this resource.",
        "TF400813",
    );
}

#[test]
fn messages_of_many_are_told_by_their_words() {
    check(
        r#"WWW-Authenticate: Bearer realm="", error="insufficient_claims", claims="eyJhIjoxfQ==""#,
        "Claims challenge",
    );
    check("Profile not found: 'x'", "Profile not found");
    check("something else", "");
    check("Access denied", "");
    check("", "");
}

#[test]
fn a_status_alone_leads_to_what_it_means_as_a_rule() {
    let forbidden = "Insufficient privileges";
    check("403", forbidden);
    check(" Forbidden\r\n", forbidden);
    check("403 forbidden", forbidden);
    check("HTTP/1.1 403 Forbidden", forbidden);
    check("HTTP/2 403", forbidden);
    check("status code: 403", forbidden);
    let curl = "curl: (22) The requested URL returned error: ";
    check(&format!("{curl}403"), forbidden);
    check("401", "Unauthorized");
    check("UNAUTHORIZED", "Unauthorized");
    check("Error 401 (Unauthorized)", "Unauthorized");
    check(&format!("{curl}401"), "Unauthorized");
    let answer = "HTTP/2 401\r\ncontent-length: 4242\r\nx-cache: 7\r\n\r\n{}";
    check(answer, "Unauthorized");
    check("401 Unauthorized: token expired", "Token expired");
    check("401 and 403", "");
    check("404", "");
    check("403 of the 500 requests are allowed", "");
    check("Unauthorized use is logged", "");
}

#[test]
fn a_person_can_ask_for_a_scope_alone_and_an_application_cannot() {
    let check = |flow: Option<Flow>, want: Who| {
        for text in ["ErrorAccessDenied", "accessDenied", "403"] {
            let facts = Facts {
                flow,
                ..Facts::default()
            };
            let who = find(text).unwrap().who_with(&facts);
            assert_eq!(who, want, "{text} {flow:?}");
        }
    };
    check(None, Who::YouOrTenantAdmin);
    check(Some(Flow::DeviceCode), Who::YouOrTenantAdmin);
    check(Some(Flow::ClientCredentials), Who::TenantAdmin);
}

#[test]
fn every_code_is_found_by_itself() {
    for message in all() {
        for code in message.codes {
            check(code, message.name);
            check(&code.to_uppercase(), message.name);
        }
    }
}

#[test]
fn messages_are_held_to_the_rules_of_the_table() {
    let page = document::troubleshooting();
    for message in GENERAL {
        let heading = format!("\n## {}\n", message.name);
        assert!(page.contains(&heading), "{}", message.name);
    }
    for message in OF_SERVICES.iter().flat_map(|(_, messages)| *messages) {
        let heading = format!("\n#### {}: {}\n", message.name, message.title);
        assert!(page.contains(&heading), "{}", message.name);
    }
    let flows = [
        None,
        Some(Flow::ClientCredentials),
        Some(Flow::InteractiveBrowser),
    ];
    for (message, flow) in all().flat_map(|message| flows.map(|flow| (message, flow))) {
        let name = message.name;
        let facts = Facts {
            flow,
            ..Facts::default()
        };
        let longest = if flow.is_some() { 450 } else { 600 };
        for text in [message.meaning, message.next_step] {
            let filled = facts.fill(text);
            let length = filled.chars().count();
            assert!((30..=longest).contains(&length), "{name}: {length}");
            assert!(!filled.contains("  ") && filled.trim() == filled, "{name}");
            assert!(!filled.contains(['{', '}']), "{name}: {filled}");
            assert_eq!(filled.matches('`').count() % 2, 0, "{name}: {filled}");
        }
        assert!((10..=80).contains(&message.title.chars().count()), "{name}");
        let step = facts.fill(message.next_step);
        for command in step.split('`').skip(1).step_by(2) {
            if command.starts_with("entratool ") {
                let words = command.split(' ').map(|word| word.trim_matches('"'));
                let parsed = Cli::try_parse_from(words);
                assert!(parsed.is_ok(), "`{command}`: {parsed:?}");
            }
        }
        for sign in message.signs {
            assert_eq!(*sign, sign.to_lowercase(), "{name}");
        }
    }
}
