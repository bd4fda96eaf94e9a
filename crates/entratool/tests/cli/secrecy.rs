//! No secret is ever printed: every failure of the emulator, with secrets that are easy to find again.

use entra_emulator::{ClosePoint, DeviceAnswer, Effect, Endpoint, Fault, Forgery, Refuse};
use serde_json::json;

use crate::support::{Run, Sandbox};

/// In every secret of these jars.
const CANARY: &str = "C4n4ry";
/// In the tokens of the answers that are no good.
const TOKEN: &str = "C4n4ryT0ken";

/// Everything that the emulator can do to an answer.
fn effects() -> Vec<Effect> {
    let reflected = json!({"error": "invalid_client", "error_description": "AADSTS7000215: no"});
    let mut effects = vec![
        Effect::refuse("invalid_client", 7_000_215),
        Effect::refuse("invalid_grant", 70_000),
        Effect::refuse("temporarily_unavailable", 90_033),
        Effect::Refuse(Refuse {
            error: "interaction_required".into(),
            codes: vec![50_076],
            claims: Some("{}".into()),
            suberror: Some("basic_action".into()),
            ..Refuse::default()
        }),
        Effect::reply(200, &format!("<html>{TOKEN}</html>")),
        Effect::reply(500, &format!("{{\"access_token\":\"{TOKEN}\"}}")),
        Effect::reply(
            200,
            &format!("{{\"access_token\":\"{TOKEN}\",\"refresh_token\":\"{TOKEN}\""),
        ),
        Effect::reply(
            200,
            &format!(
                "{{\"access_token\":\"{TOKEN}\\nx\",\"token_type\":\"Bearer\",\"expires_in\":1}}"
            ),
        ),
        Effect::reply(401, &reflected.to_string()),
        Effect::reply(200, ""),
        Effect::Redirect {
            status: 302,
            location: format!("https://elsewhere.example/?code={TOKEN}#{TOKEN}"),
        },
        Effect::Garbage {
            text: format!("{TOKEN}\r\n\r\n"),
        },
        Effect::ContentLength { difference: 9 },
        Effect::ContentLength { difference: -9 },
        Effect::LargeBody { bytes: 2 << 20 },
        Effect::GzipBomb { bytes: 2 << 20 },
        Effect::Trickle {
            bytes: 4096,
            pause_milliseconds: 1,
        },
    ];
    for at in [
        ClosePoint::BeforeHeaders,
        ClosePoint::InHeaders,
        ClosePoint::InBody,
    ] {
        effects.extend([false, true].map(|reset| Effect::Close { at, reset }));
    }
    for what in [
        Forgery::Nonce,
        Forgery::Audience,
        Forgery::Issuer,
        Forgery::Expiry,
        Forgery::Signature,
    ] {
        effects.push(Effect::Forge { what, value: None });
    }
    for answer in [
        DeviceAnswer::Declined,
        DeviceAnswer::Expired,
        DeviceAnswer::SlowDown,
    ] {
        effects.push(Effect::Device { answer });
    }
    effects
}

/// A sandbox whose secrets all hold the canary.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    for profile in ["demo", "demo-web"] {
        sandbox.store_secret(profile, &format!("{CANARY}+secret/of={profile}"));
    }
    sandbox
        .control()
        .configure(|settings| settings.auto_approve = true);
    sandbox.user_browses(|tab, url| drop(tab.sign_in(url)));
    sandbox
}

#[track_caller]
fn says_nothing_secret(sandbox: &Sandbox, run: &Run, what: &str) {
    let mut secrets = vec![CANARY.to_owned(), TOKEN.to_owned()];
    for request in sandbox.control().requests() {
        for name in [
            "client_secret",
            "refresh_token",
            "code",
            "code_verifier",
            "device_code",
            "client_assertion",
            "password",
        ] {
            secrets.extend(request.field(name).map(str::to_owned));
        }
    }
    let percent = |secret: &str| {
        secret
            .replace('+', "%2B")
            .replace('/', "%2F")
            .replace('=', "%3D")
    };
    for secret in secrets {
        for form in [secret.clone(), percent(&secret)] {
            for (stream, text) in [("stderr", &run.stderr), ("log", &run.log)] {
                assert!(
                    !text.contains(&form),
                    "{what}: `{form}` on {stream}:\n{text}"
                );
            }
            assert!(
                run.exit == 0 || !run.stdout.contains(&form),
                "{what}: stdout"
            );
        }
    }
}

#[test]
fn no_failure_of_the_token_endpoint_shows_a_secret() {
    for effect in effects() {
        for line in [
            "-p demo",
            "-p demo-device",
            "-p demo-browser",
            "-p demo-web",
        ] {
            let sandbox = sandbox();
            sandbox
                .control()
                .script(Fault::new(Endpoint::Token, effect.clone()).times(5));
            let run = sandbox.run(&format!("get-token {line} -vv --no-cache"));
            says_nothing_secret(&sandbox, &run, &format!("{line}: {effect:?}"));
            assert!(
                run.log.contains("POST "),
                "the log was on: {line}: {effect:?}"
            );
        }
    }
}

#[test]
fn no_refusal_repeats_the_secret_that_was_sent() {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let secret = format!("{CANARY}+secret/of=demo");
    for form in [
        secret.clone(),
        "C4n4ry%2Bsecret%2Fof%3Ddemo".to_owned(),
        "C4n4ry%2bsecret%2fof%3ddemo".to_owned(),
        STANDARD.encode(&secret),
        secret[..15].to_owned(),
    ] {
        let description = format!("AADSTS7000215: Invalid client secret '{form}' provided.");
        let padding = format!("{} {description}", "x".repeat(1980));
        for text in [description, padding] {
            let body =
                json!({"error": "invalid_client", "error_description": text, "suberror": form});
            for line in [
                "get-token -p demo -vv",
                "get-token -p demo --json",
                "doctor -p demo --sign-in",
                "doctor -p demo --sign-in --json",
            ] {
                let sandbox = sandbox();
                let effect = Effect::reply(401, &body.to_string());
                sandbox
                    .control()
                    .script(Fault::new(Endpoint::Token, effect).times(5));
                let run = sandbox.run(line);
                assert_ne!(run.exit, 0);
                let said = run.stdout.clone() + &run.stderr + &run.log;
                assert!(
                    !said.contains(&form) && !said.contains(CANARY),
                    "{line}: {said}"
                );
            }
        }
    }
}

#[test]
fn no_failure_of_a_renewal_shows_a_secret() {
    for effect in effects() {
        let sandbox = sandbox();
        sandbox.ok("get-token -p demo-device");
        sandbox.advance(60);
        sandbox
            .control()
            .script(Fault::new(Endpoint::Token, effect.clone()).times(5));
        for line in [
            "get-token -p demo-device --no-interaction -vv",
            "refresh -p demo-device -vv --json",
        ] {
            let run = sandbox.run(line);
            says_nothing_secret(&sandbox, &run, &format!("{line}: {effect:?}"));
        }
    }
}

#[test]
fn no_failure_of_the_device_code_endpoint_shows_a_secret() {
    for effect in effects() {
        let sandbox = sandbox();
        sandbox
            .control()
            .script(Fault::new(Endpoint::DeviceCode, effect.clone()).times(5));
        let run = sandbox.run("get-token -p demo-device -vv");
        says_nothing_secret(&sandbox, &run, &format!("{effect:?}"));
    }
}

#[test]
fn no_answer_of_the_browser_shows_its_code() {
    let answers = [
        "code=C4n4ryT0ken&state=STATE",
        "code=C4n4ryT0ken&error=access_denied&error_description=no&state=STATE",
        "state=STATE",
        "error=server_error&state=STATE",
    ];
    for answer in answers {
        let sandbox = sandbox();
        sandbox.user_browses(move |tab, url| {
            let state = url
                .split_once("&state=")
                .unwrap()
                .1
                .split('&')
                .next()
                .unwrap();
            let forged = tab.get("http://localhost:8080/?code=C4n4ryT0ken&state=forged");
            assert!(!forged.text.contains(TOKEN));
            let page = tab.get(&format!(
                "http://localhost:8080/?{}",
                answer.replace("STATE", state)
            ));
            assert!(!page.text.contains(TOKEN), "{}", page.text);
        });
        let run = sandbox.run("get-token -p demo-web -vv");
        assert_ne!(run.exit, 0);
        says_nothing_secret(&sandbox, &run, answer);
    }
}

#[test]
fn no_mistake_on_the_command_line_shows_what_was_typed_as_a_secret() {
    let sandbox = sandbox();
    let ids = "--client-id 1d4f8b62-7c95-4e3a-8f10-a96b3c5d2e78 --tenant-id contoso.example";
    for line in [
        "config create -n x IDS --client-secret C4n4ry",
        "config create -n x IDS --client-secret=C4n4ry --json",
        "config edit -p demo --client-secret C4n4ry",
        "config edit -p demo --certificate-password C4n4ry",
    ] {
        let run = sandbox.run(&line.replace("IDS", ids));
        assert_eq!(run.exit, 2, "{line}");
        says_nothing_secret(&sandbox, &run, line);
    }
    for line in ["inspect", "discover", "discover --json"] {
        for token in [
            "C4n4ryT0ken",
            "a.C4n4ryT0ken!.c",
            "C4n4ryT0ken.x.y.z.z",
            "EwBC4n4ryT0ken",
        ] {
            sandbox.type_in(token);
            let run = sandbox.run(line);
            assert_eq!(run.exit, 1);
            says_nothing_secret(&sandbox, &run, line);
        }
    }
}

#[test]
fn no_file_shows_a_secret() {
    let sandbox = Sandbox::new();
    sandbox
        .control()
        .configure(|settings| settings.auto_approve = true);
    sandbox.store_secret("demo-device", CANARY);
    let token = sandbox.ok("get-token -p demo-device").token().to_owned();
    let requests = sandbox.requests();
    let code = requests
        .last()
        .unwrap()
        .field("device_code")
        .unwrap()
        .to_owned();
    sandbox.advance(60);
    sandbox.ok("refresh -p demo-device");
    let refresh_token = sandbox.requests()[0]
        .field("refresh_token")
        .unwrap()
        .to_owned();
    let mut folders = vec![sandbox.path(".entratool"), sandbox.path(".msal")];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            let bytes = std::fs::read(&path).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            for secret in [CANARY, &token, &code, &refresh_token] {
                assert!(!text.contains(secret), "{}", path.display());
            }
        }
    }
    assert!(files >= 6, "{files} files were looked at");
}
