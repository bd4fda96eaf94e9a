//! Tests of what `doctor` says about each problem.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::token::refusal;
use super::*;
use crate::diagnosis::checkup::{Check, Misread, Problem, Status};
use crate::profile::ProfileError;
use crate::profile::flow::Flow;

#[test]
fn each_problem_has_a_status_and_a_remedy() {
    use Status::{Fail, Skipped, Warn};
    let check = |problem: Problem, status, message: &str, remedy: &str| {
        let check = Check::problem("x", &problem);
        assert_eq!(check.status, status, "{problem:?}");
        assert!(check.message.contains(message), "{}", check.message);
        let found = check.remedy.unwrap();
        assert!(found.contains(remedy), "no `{remedy}` in {found}");
    };
    let text = || "why".to_owned();
    let path = || PathBuf::from("/h/f");
    let set_without = |set: &[&'static str]| Problem::AzureIncomplete {
        set: set.to_vec(),
        missing: "AZURE_TENANT_ID",
    };
    check(
        set_without(&["A"]),
        Warn,
        "A is set",
        "set AZURE_TENANT_ID too",
    );
    check(
        set_without(&["A", "B"]),
        Warn,
        "A and B are set",
        "none of them",
    );
    check(
        Problem::CacheForeign("p".into()),
        Warn,
        "`p`",
        "`entratool cache clear -p p`",
    );
    let aside =
        |names: &[&str]| Problem::CacheSetAside(names.iter().map(|&name| name.into()).collect());
    check(
        aside(&["a"]),
        Warn,
        "1 token file could not be read and was",
        "cache clear",
    );
    check(
        aside(&["a", "b"]),
        Warn,
        "2 token files could not be read and were",
        "only tokens are affected",
    );
    check(
        Problem::CacheUnreadable(vec![text()]),
        Warn,
        "why",
        "signs in again",
    );
    let another = "`entratool certificate create`";
    let (path_, left) = (path(), 86_400);
    check(
        Problem::CertificateEnding { path: path_, left },
        Warn,
        "in 1 day",
        another,
    );
    let (path_, ago) = (path(), 3600);
    check(
        Problem::CertificateExpired { path: path_, ago },
        Fail,
        "1 hour ago",
        another,
    );
    check(
        Problem::CertificateExposed(path()),
        Warn,
        "every user",
        "`chmod 600 /h/f`",
    );
    check(
        Problem::CertificateNotFile(path()),
        Fail,
        "/h/f",
        "config edit",
    );
    let (path_, problem) = (path(), "1 of 2 cannot be read".to_owned());
    check(
        Problem::CaBundle {
            path: path_,
            problem,
        },
        Warn,
        "of the certificates in `/h/f`, 1 of 2 cannot be read",
        "replace the file",
    );
    let (path_, wait) = (path(), 2 * 24 * 60 * 60);
    check(
        Problem::CertificateNotYetValid { path: path_, wait },
        Fail,
        "is not valid for another 2 days",
        "wait until it is valid",
    );
    let exposed = |writable, want| Problem::Exposed {
        path: path(),
        mode: 0o666,
        writable,
        want,
    };
    check(
        exposed(false, 0o600),
        Warn,
        "can read `/h/f` (mode 666)",
        "`chmod 600 /h/f`",
    );
    check(exposed(true, 0o700), Fail, "can change", "`chmod 700 /h/f`");
    check(
        Problem::Foreign(path()),
        Fail,
        "another user",
        "who owns it",
    );
    check(Problem::NoBrowser(text()), Warn, "why", "set BROWSER");
    check(Problem::NotEntra(200), Fail, "status 200", "captive portal");
    check(
        Problem::NotFolder(path()),
        Fail,
        "/h/f",
        "ENTRATOOL_CONFIG_PATH",
    );
    check(Problem::NoProfiles, Warn, "no profile", "config create");
    check(
        Problem::NotChosen(vec!["p".into()]),
        Skipped,
        "there are: p",
        "`-p PROFILE`",
    );
    let port = |user: Option<&str>| Problem::PortBusy {
        port: 8080,
        user: user.map(str::to_owned),
    };
    check(
        port(Some("vi")),
        Fail,
        "8080 of localhost is in use by vi",
        "Redirect URI",
    );
    check(port(None), Fail, "in use", "end that program");
    check(Problem::PortClosed(text()), Fail, "why", "use another port");
    let proxy = Problem::Proxy {
        problem: text(),
        variable: "https_proxy",
        exceptions: "no_proxy",
    };
    check(
        proxy,
        Fail,
        "why",
        "check https_proxy, and name hosts that need no proxy in no_proxy",
    );
    check(Problem::Roots(text()), Fail, "why", "SSL_CERT_FILE");
    let scopes = Problem::Scopes {
        flow: Flow::ClientCredentials,
        asked: "User.Read".into(),
        suggestion: "api://x/.default".into(),
    };
    check(
        scopes,
        Fail,
        "`User.Read`",
        "`entratool config edit --scope api://x/.default`",
    );
    let messages = vec!["one".into(), "two".into()];
    check(
        Problem::SecretsUnreadable(messages),
        Fail,
        "one; two",
        "--client-secret-stdin",
    );
    check(
        Problem::StorageUnfinished,
        Warn,
        "interrupted",
        "finishes it",
    );
    check(Problem::Unreachable(text()), Fail, "why", "firewall");
    let (host, problem) = (text(), text());
    check(
        Problem::Unresolved { host, problem },
        Fail,
        "looked up",
        "name servers",
    );
    let untrusted = |profile: Option<&str>| Problem::Untrusted {
        problem: text(),
        profile: profile.map(str::to_owned),
    };
    check(untrusted(Some("p")), Fail, "why", "edit -p p --ca-bundle");
    check(untrusted(None), Fail, "why", "edit -p PROFILE --ca-bundle");
    let refused = |code| Problem::Refused {
        refusal: refusal("invalid_tenant", code),
        profile: Some("p".into()),
        tenant: "contoso".into(),
        authority: "https://login.example".into(),
    };
    check(
        refused(None),
        Fail,
        "invalid_tenant",
        "tenant and authority",
    );
    check(refused(Some(1)), Fail, "AADSTS1", "tenant and authority");
    let addresses = "`https://login.example/contoso/oauth2/v2.0/token`";
    check(refused(Some(90_056)), Fail, "AADSTS90056", addresses);
    check(refused(Some(65_001)), Fail, "AADSTS65001", "get-token -p p");
}

#[test]
fn a_clock_may_be_off_by_five_minutes() {
    let check = |ahead, status, message: &str| {
        let check = Check::problem("clock", &Problem::ClockOff { ahead });
        assert_eq!(check.status, status, "{ahead}");
        assert!(check.message.contains(message), "{}", check.message);
        assert!(check.remedy.unwrap().contains("NTP"));
    };
    check(60, Status::Warn, "1 minute ahead of");
    check(300, Status::Warn, "5 minutes ahead of");
    check(301, Status::Fail, "5 minutes ahead of");
    check(-300, Status::Warn, "5 minutes behind");
    check(-301, Status::Fail, "5 minutes behind");
}

#[test]
fn others_see_no_text_of_users() {
    fn check(found: Check, code: &str, want: Value) {
        let shown = Value::Object(found.fields.clone());
        assert_eq!(
            (found.code, &shown),
            (Some(code), &want),
            "{}",
            found.message
        );
    }
    let failed = |failure| Check::failed("profile", &failure);
    let misplaced = || ProfileError::UnknownMethod("s3cret".to_owned());
    let member = || json!({"member": "authMethod"});
    let secret = || "s3cret".to_owned();
    let secrets = || vec![secret(), secret()];
    let from_environment = failed(Failure::EnvironmentProfile(misplaced()));
    check(from_environment, "usage", member());
    let profile = Failure::Profile {
        name: secret(),
        error: misplaced(),
        path: "/h/profiles.json".into(),
    };
    check(failed(profile), "profile", member());
    let named = |why| Failure::Name {
        name: secret(),
        why,
    };
    let unknown = named(NameError::Unknown(Some(secret())));
    check(failed(unknown), "profileNotFound", json!({}));
    let ambiguous = named(NameError::Ambiguous(secrets()));
    check(failed(ambiguous), "profileNotFound", json!({"profiles": 2}));
    let several = failed(Failure::NoProfile { known: secrets() });
    check(several, "usage", json!({"profiles": 2}));
    check(failed(Failure::NoHome), "file", json!({}));
    let problem = |problem| Check::problem("profile", &problem);
    let not_chosen = problem(Problem::NotChosen(secrets()));
    check(not_chosen, "notChosen", json!({"profiles": 2}));
    let misread = |place, member| Misread {
        message: secret(),
        place,
        member,
    };
    let others = problem(Problem::OtherProfiles(vec![
        misread(1, "scope"),
        misread(3, "flow"),
    ]));
    assert!(others.message.contains("s3cret; s3cret"));
    let places = json!([{"place": 1, "member": "scope"}, {"place": 3, "member": "flow"}]);
    check(others, "profiles", json!({"profiles": places}));
    check(problem(Problem::NoProfiles), "noProfiles", json!({}));
    let fine = Check::ok("roots", "/h/s3cret").with("certificates", 3);
    assert_eq!(Value::Object(fine.fields), json!({"certificates": 3}));
}

#[test]
fn a_failure_has_the_message_of_the_commands() {
    let source = std::io::Error::other("no disk");
    let what = "cannot write".to_owned();
    let found = Check::failed("x", &Failure::Io { what, source });
    assert_eq!((found.status, found.remedy), (Status::Fail, None));
    assert_eq!(found.message, "cannot write: no disk");
    let remedy = Check::failed("x", &Failure::NoHome).remedy;
    assert!(remedy.unwrap().contains("set HOME"));
}

#[test]
fn a_problem_that_affects_nothing_is_a_warning() {
    let failed = Check::problem("x", &Problem::NotEntra(200)).excused("not needed");
    assert_eq!(failed.status, Status::Warn);
    assert!(
        failed.message.ends_with("; not needed"),
        "{}",
        failed.message
    );
    let fine = Check::ok("x", "fine");
    assert_eq!(fine.clone().excused("not needed"), fine);
}

#[test]
fn a_status_is_called_the_same_in_text_and_json() {
    for (status, word) in [
        (Status::Ok, "ok"),
        (Status::Warn, "warn"),
        (Status::Fail, "fail"),
        (Status::Skipped, "skipped"),
    ] {
        assert_eq!(status.name(), word);
        assert_eq!(serde_json::to_value(status).unwrap(), word);
    }
}
