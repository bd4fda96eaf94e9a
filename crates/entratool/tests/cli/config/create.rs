//! `config create`: by options, piped answers and prompts.

use entra_emulator::demo;
use serde_json::json;

use crate::support::prompter::Answer;
use crate::support::{GRAPH, PROFILES, Sandbox, names_in};

const IDS: &str = "--client-id 1d4f8b62-7c95-4e3a-8f10-a96b3c5d2e78 --tenant-id contoso.example";
const NOTICE: &str = "The key to your secrets is kept in a file that only you can read.";

/// Where the emulator is.
fn place(sandbox: &Sandbox) -> String {
    let bundle = sandbox.path("certificates/ca.pem");
    format!(
        "--authority {} --ca-bundle {}",
        sandbox.authority(),
        bundle.display()
    )
}

#[test]
fn options_are_enough() {
    let sandbox = Sandbox::empty();
    sandbox.type_in(format!("{}\n", demo::CLIENT_SECRET));
    let run = sandbox.ok(&format!(
        "config create --name x {IDS} {} --client-secret-stdin",
        place(&sandbox)
    ));
    let mut said = run.stderr.lines();
    assert_eq!(said.next(), Some(NOTICE));
    assert_eq!(said.next(), Some("✓ Profile 'x' created successfully"));
    assert_eq!((said.next(), run.stdout.as_str()), (None, ""));
    assert_eq!(
        sandbox.profiles(),
        json!({"profiles": [{
            "name": "x",
            "clientId": demo::CLIENT_ID,
            "tenantId": demo::TENANT_DOMAIN,
            "scope": GRAPH,
            "authority": sandbox.authority(),
            "caBundle": sandbox.path("certificates/ca.pem"),
            "useCertificate": false,
            "useClientSecret": true,
        }]})
    );
    sandbox.ok("get-token -p x");
    assert_eq!(
        sandbox.requests()[0].field("client_secret"),
        Some(demo::CLIENT_SECRET)
    );
}

#[test]
fn a_secret_comes_from_a_pipe_a_file_or_a_variable() {
    let check = |option: &str, prepare: &dyn Fn(&Sandbox)| {
        let sandbox = Sandbox::empty();
        prepare(&sandbox);
        let file = sandbox.path("secret").display().to_string();
        let option = option.replace("FILE", &file);
        sandbox.ok(&format!(
            "config create -n x {IDS} {} {option}",
            place(&sandbox)
        ));
        sandbox.ok("get-token -p x");
        assert_eq!(
            sandbox.requests()[0].field("client_secret"),
            Some(demo::CLIENT_SECRET),
            "{option}"
        );
    };
    check("--client-secret-stdin", &|sandbox| {
        sandbox.type_in(demo::CLIENT_SECRET)
    });
    check("--client-secret-stdin", &|sandbox| {
        sandbox.type_in(format!("\u{feff}{}\r\n", demo::CLIENT_SECRET))
    });
    check("--client-secret-file FILE", &|sandbox| {
        sandbox.write("secret", format!("{}\n", demo::CLIENT_SECRET))
    });
    check("--client-secret-env APP_SECRET", &|sandbox| {
        sandbox.set("APP_SECRET", demo::CLIENT_SECRET)
    });
}

#[test]
fn white_space_around_a_secret_is_dropped() {
    let sandbox = Sandbox::empty();
    sandbox.type_in("\u{feff} with spaces \t\r\n");
    sandbox.ok(&format!(
        "config create -n x {IDS} {} --client-secret-stdin",
        place(&sandbox)
    ));
    sandbox.run("get-token -p x");
    assert_eq!(
        sandbox.requests()[0].field("client_secret"),
        Some("with spaces")
    );
}

#[test]
fn a_secret_as_an_argument_is_refused_with_the_reason() {
    let sandbox = Sandbox::empty();
    for option in [
        "--client-secret canary",
        "--client-secret=canary",
        "--certificate c.pfx --certificate-password canary",
    ] {
        for command in ["create -n x", "edit -p x"] {
            if command.starts_with("edit") {
                sandbox.write_profiles(&json!([sandbox.profile("x", demo::CLIENT_ID, &json!({}))]));
            }
            let run = sandbox.fails(
                &format!("config {command} {IDS} {option}"),
                2,
                &[
                    "error: a secret on the command line is seen by other users and kept in the shell's history",
                    "--client-secret-stdin",
                    "--client-secret-file FILE",
                    "--client-secret-env VAR",
                    "change the secret if it was typed here",
                ],
            );
            assert!(!run.stderr.contains("canary"), "{}", run.stderr);
            let _ = std::fs::remove_file(sandbox.path(PROFILES));
        }
    }
    assert!(!sandbox.path(".entratool/secrets").exists());
}

#[test]
fn secrets_that_are_none_are_refused() {
    let sandbox = Sandbox::empty();
    let line = format!("config create -n x {IDS}");
    sandbox.type_in("\n");
    sandbox.fails(
        &format!("{line} --client-secret-stdin"),
        2,
        &["the client secret is empty"],
    );
    sandbox.fails(
        &format!("{line} --client-secret-env NOT_SET"),
        2,
        &["the client secret should be in `NOT_SET`, which is not set"],
    );
    sandbox.fails(
        &format!("{line} --client-secret-file /nowhere"),
        1,
        &["cannot read `/nowhere`"],
    );
    sandbox.type_in([0xff, 0xff, b'x']);
    sandbox.fails(
        &format!("{line} --client-secret-stdin"),
        2,
        &["the client secret is not text"],
    );
    sandbox.terminals(true, true, true);
    sandbox.fails(
        &format!("{line} --client-secret-stdin"),
        2,
        &["no client secret given, and standard input is a terminal"],
    );
    sandbox.fails(
        &format!("{line} --client-secret-stdin --certificate c.pfx"),
        2,
        &["cannot be used with"],
    );
    sandbox.fails(
        &format!("{line} --client-secret-stdin --client-secret-env A"),
        2,
        &["cannot be used with"],
    );
    sandbox.fails(
        &format!("{line} --no-credential --client-secret-env A"),
        2,
        &["cannot be used with"],
    );
    assert!(!sandbox.path(PROFILES).exists());
}

#[test]
fn values_that_are_none_are_refused() {
    let sandbox = Sandbox::empty();
    let check = |option: &str, said: &str| {
        let line = format!("config create -n x {IDS} {option}");
        // An option that is given twice counts once, so the good one goes.
        let name = option.split(' ').next().unwrap();
        let line = match name {
            "--client-id" => format!("config create -n x --tenant-id contoso.example {option}"),
            "--tenant-id" => format!(
                "config create -n x --client-id {} {option}",
                demo::CLIENT_ID
            ),
            "--name" => format!("config create {IDS} {option}"),
            _ => line,
        };
        sandbox.fails(
            &line,
            2,
            &[said, &format!("hint: correct the value of `{name}`")],
        );
    };
    check(
        "--name 'no good'",
        "`no good` is not a profile name: use 1 to 64 letters, digits, `.`, `_` or `-`",
    );
    check("--client-id 1234", "client ID `1234` is not a GUID");
    check(
        "--tenant-id nowhere",
        "tenant `nowhere` is neither a GUID, a domain, nor common, organizations or consumers",
    );
    check("--scope ' '", "no scope given");
    check("--flow magic", "unknown flow `magic`");
    check(
        "--redirect-uri https://app.example",
        "is not on this machine",
    );
    check("--authority http://login.example", "must use https");
    check(
        "--authority https://login.example/x/y",
        "is neither public, usgov, dod or china nor an https URL",
    );
    assert!(!sandbox.path(PROFILES).exists());
}

#[test]
fn an_authority_may_be_a_cloud_have_a_slash_or_the_tenant_in_it() {
    let check = |authority: &str, base: &str| {
        let sandbox = Sandbox::empty();
        sandbox.ok(&format!(
            "config create -n x {IDS} --authority {authority} --no-credential"
        ));
        let shown = sandbox.ok("config show x").stdout;
        assert!(
            shown.contains(&format!("  Authority URL: {base}\n")),
            "{shown}"
        );
    };
    check("public", "https://login.microsoftonline.com");
    check("usgov", "https://login.microsoftonline.us");
    check("china", "https://login.partner.microsoftonline.cn");
    check("https://login.example/", "https://login.example");
    check(
        "https://login.example/contoso.example",
        "https://login.example",
    );
    check(
        "https://login.example/contoso.example/v2.0/",
        "https://login.example",
    );
    let sandbox = Sandbox::empty();
    sandbox.fails(
        &format!("config create -n x {IDS} --authority https://login.example/fabrikam.example"),
        2,
        &["`--authority` is of tenant `fabrikam.example`, and `--tenant-id` names another"],
    );
}

#[test]
fn an_existing_profile_is_not_replaced_unless_asked_for() {
    let sandbox = Sandbox::new();
    sandbox.ok("get-token -p demo");
    sandbox.check(
        &format!("config create -n demo {IDS} --no-credential"),
        1,
        &[],
        &[
            "error: profile `demo` already exists",
            "hint: use `--overwrite` to replace it, or `entratool config edit -p demo` to change it",
        ],
    );
    let profiles = sandbox.profiles();
    assert_eq!(profiles["profiles"][0]["useClientSecret"], true);
    sandbox.ok(&format!(
        "config create -n demo {IDS} --no-credential --overwrite"
    ));
    let profiles = sandbox.profiles();
    assert_eq!(profiles["profiles"].as_array().unwrap().len(), 4);
    assert_eq!(profiles["profiles"][0]["useClientSecret"], false);
    sandbox.fails(
        "inspect -p demo",
        1,
        &["no token is cached for profile `demo`"],
    );
    sandbox.fails("get-token -p demo -f cc", 1, &["has no client credential"]);
}

#[test]
fn piped_answers_are_enough() {
    let sandbox = Sandbox::empty();
    sandbox.type_in(format!(
        "x\n{}\n{}\n1\n{}\n\n1\n",
        demo::CLIENT_ID,
        demo::TENANT_ID,
        demo::CLIENT_SECRET
    ));
    sandbox.ok(&format!("config create {}", place(&sandbox)));
    assert_eq!(
        sandbox.profiles()["profiles"][0]["flow"],
        "ClientCredentials"
    );
    assert_eq!(sandbox.profiles()["profiles"][0]["scope"], GRAPH);
    sandbox.ok("get-token -p x");
}

#[test]
fn a_piped_answer_that_is_missing_names_the_option() {
    let sandbox = Sandbox::empty();
    sandbox.fails(
        "config create",
        2,
        &["no answer for `Profile name`", "pass it with `--name`"],
    );
    sandbox.type_in("x\nnot-a-guid\n");
    sandbox.fails(
        "config create",
        2,
        &[
            "client ID `not-a-guid` is not a GUID",
            "pass it with `--client-id`",
        ],
    );
    sandbox.type_in(format!("x\n{}\n{}\n7\n", demo::CLIENT_ID, demo::TENANT_ID));
    sandbox.fails(
        "config create",
        2,
        &["`7` is not on the list", "answer with a number from 1 to 3"],
    );
    assert!(!sandbox.path(PROFILES).exists());
}

#[test]
fn missing_options_are_prompted_for() {
    let sandbox = Sandbox::empty();
    sandbox.user_answers(&[
        Answer::Line("no good"),
        Answer::Line("x"),
        Answer::Line(demo::CLIENT_ID),
        Answer::Line(demo::TENANT_ID),
        Answer::Line("1"),
        Answer::Hidden(demo::CLIENT_SECRET),
        Answer::Line(""),
        Answer::Line(""),
    ]);
    sandbox.ok(&format!("config create {}", place(&sandbox)));
    assert_eq!(
        sandbox.asked(),
        [
            "Profile name",
            "`no good` is not a profile name: use 1 to 64 letters, digits, `.`, `_` or `-`",
            "Profile name",
            "Client ID",
            "Tenant ID",
            "Choice [1]",
            "Client Secret (hidden)",
            "Scope [https://graph.microsoft.com/.default]",
            "Choice [1]",
        ]
    );
    sandbox.ok("get-token -p x");
}

#[test]
fn prompts_can_be_cancelled() {
    let sandbox = Sandbox::empty();
    sandbox.user_answers(&[Answer::Line("x"), Answer::GiveUp]);
    let run = sandbox.run("config create");
    assert_eq!(run.exit, 130);
    assert!(!sandbox.path(PROFILES).exists());
}

#[test]
fn a_malformed_file_is_not_overwritten() {
    let sandbox = Sandbox::empty();
    sandbox.write(PROFILES, "{\"profiles\": [\n  {\"name\": }\n]}");
    sandbox.fails(
        &format!("config create -n x {IDS} --no-credential"),
        1,
        &["line 2, column 12"],
    );
    assert_eq!(
        sandbox.read(PROFILES),
        "{\"profiles\": [\n  {\"name\": }\n]}"
    );
    assert_eq!(
        names_in(&sandbox.path(".entratool/secrets")),
        Vec::<String>::new()
    );
}
