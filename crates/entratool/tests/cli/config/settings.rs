//! Every setting of a profile, through every way in and out.

use entra_emulator::demo;
use entratool::profile::field::{FIELDS, Input};
use serde_json::json;

use crate::support::Sandbox;
use crate::support::prompter::Answer;

/// A value for each setting of the table that is not a part of the credential.
fn other_value(member: &str) -> Option<(String, serde_json::Value)> {
    let (text, stored) = match member {
        "clientId" => (demo::WEB_CLIENT_ID, json!(demo::WEB_CLIENT_ID)),
        "tenantId" => ("fabrikam.example", json!("fabrikam.example")),
        "scope" => ("User.Read,Mail.Read", json!("User.Read Mail.Read")),
        "flow" => ("devicecode", json!("DeviceCode")),
        "authority" => ("AzureChinaCloud", json!("china")),
        "redirectUri" => (
            "http://localhost:5000/cb",
            json!("http://localhost:5000/cb"),
        ),
        "assertionAlgorithm" => ("rs256", json!("RS256")),
        "sendX5c" => ("true", json!(true)),
        "managedIdentity" => ("system", json!("system")),
        "federatedTokenFile" => ("/tokens/t", json!("/tokens/t")),
        "serviceConnectionId" => ("c0ffee", json!("c0ffee")),
        "caBundle" => ("CA", json!("CA")),
        _ => return None,
    };
    Some((text.to_owned(), stored))
}

/// Every setting of the table goes through options, the menu, `show` and an export.
#[test]
fn every_setting_is_created_edited_shown_and_exported() {
    let sandbox = Sandbox::new();
    let bundle = sandbox.path("certificates/ca.pem").display().to_string();
    let settings: Vec<_> = FIELDS
        .iter()
        .filter(|field| !matches!(field.input, Input::Credential(_)))
        .map(|field| {
            let (text, stored) = other_value(field.member())
                .unwrap_or_else(|| panic!("no value for `{}`", field.member()));
            let text = if text == "CA" { bundle.clone() } else { text };
            let stored = if stored == json!("CA") {
                json!(bundle)
            } else {
                stored
            };
            (field, text, stored)
        })
        .collect();
    for (number, (field, text, stored)) in settings.iter().enumerate() {
        let member = field.member();
        let check = |sandbox: &Sandbox, name: &str, how: &str| {
            let profiles = sandbox.profiles();
            let all = profiles["profiles"].as_array().unwrap();
            let profile = all.iter().find(|profile| profile["name"] == name).unwrap();
            assert_eq!(&profile[member], stored, "{how} of {member}");
        };
        let option = match field.input {
            Input::Flag => format!("--{}={text}", field.option),
            _ => format!("--{} {text}", field.option),
        };
        let base = ["--client-id", "--tenant-id"]
            .iter()
            .zip([demo::CLIENT_ID, demo::TENANT_ID])
            .filter(|(name, _)| !option.starts_with(**name))
            .map(|(name, value)| format!("{name} {value}"))
            .collect::<Vec<_>>()
            .join(" ");
        let name = format!("created-{number}");
        sandbox.ok(&format!("config create --name {name} {base} {option}"));
        check(&sandbox, &name, "create");
        let plain = format!("edited-{number}");
        sandbox.ok(&format!(
            "config create --name {plain} --client-id {} --tenant-id {}",
            demo::CLIENT_ID,
            demo::TENANT_ID
        ));
        sandbox.ok(&format!("config edit -p {plain} {option}"));
        check(&sandbox, &plain, "edit");
        let menu = format!("menu-{number}");
        sandbox.ok(&format!(
            "config create --name {menu} --client-id {} --tenant-id {}",
            demo::CLIENT_ID,
            demo::TENANT_ID
        ));
        // In a pipe and at a terminal by turns.
        if number % 2 == 0 {
            sandbox.type_in(format!("{}\n{text}\nq\n", field.label));
        } else {
            let text: &'static str = text.clone().leak();
            sandbox.user_answers(&[
                Answer::Line(field.label),
                Answer::Line(text),
                Answer::Line("q"),
            ]);
        }
        sandbox.ok(&format!("config edit -p {menu}"));
        sandbox.terminals(false, false, false);
        check(&sandbox, &menu, "menu");
        let shown = sandbox.ok(&format!("config show {menu}")).stdout;
        assert!(shown.contains(&format!("  {}: ", field.label)), "{shown}");
        let export = sandbox.ok(&format!("config export -p {menu}")).stdout;
        sandbox.type_in(export);
        sandbox.ok(&format!("config import -f - -n imported-{number}"));
        check(&sandbox, &format!("imported-{number}"), "export and import");
    }
}
