//! Problems that are planted between the machine and the authority, and in the way of a sign-in.

use std::net::TcpListener;
use std::time::Duration;

use entra_emulator::{Effect, Endpoint, Fault};
use serde_json::{Value, json};

use super::{check, check_line, chmod, complaints, healthy, with_profile};
use crate::support::{PROFILES, Sandbox, free_port};

#[test]
fn problems_of_the_network_are_found() {
    let sandbox = healthy();
    sandbox.machine().has_no_name_servers();
    check(
        &sandbox,
        &["dns: fail"],
        "`localhost` cannot be looked up",
        "name servers",
    );

    let sandbox = with_profile(&json!({"caBundle": null}));
    let run = check(&sandbox, &["tls: fail"], "issued by", "--ca-bundle FILE");
    assert!(run.stdout.contains("-p demo --ca-bundle"), "{}", run.stdout);

    let sandbox = healthy();
    let proxy = format!("http://user:hunter2@127.0.0.1:{}", free_port());
    sandbox.set("HTTPS_PROXY", &proxy);
    let run = check(
        &sandbox,
        &["proxy: fail"],
        "the proxy 127.0.0.1:",
        "NO_PROXY",
    );
    assert!(!run.stdout.contains("hunter2"));
    sandbox.set("NO_PROXY", "localhost");
    assert_eq!(sandbox.run("doctor -p demo --json").exit, 0);
    sandbox.set("NO_PROXY", "");
    sandbox.set("HTTPS_PROXY", "http://[");
    check(
        &sandbox,
        &["proxy: fail"],
        "in HTTPS_PROXY cannot be used",
        "HTTPS_PROXY",
    );
    sandbox.set("https_proxy", &proxy);
    sandbox.set("no_proxy", "elsewhere.example");
    let remedy = "check https_proxy, and name hosts that need no proxy in no_proxy";
    check(&sandbox, &["proxy: fail"], "the proxy 127.0.0.1:", remedy);

    let sandbox = with_profile(&json!({"tenantId": "missing.example"}));
    check(
        &sandbox,
        &["authority: fail"],
        "AADSTS90002",
        "Directory (tenant) ID",
    );

    let answers = |effect: Effect, message: &str, remedy: &str| {
        let sandbox = healthy();
        let fault = Fault::new(Endpoint::Configuration, effect);
        sandbox.control().script(fault);
        check(&sandbox, &["authority: fail"], message, remedy);
    };
    answers(
        Effect::reply(200, "<html>"),
        "is not Entra ID",
        "captive portal",
    );
    answers(Effect::reply(503, ""), "HTTP status 503", "network");

    let sandbox = healthy();
    sandbox.stop_emulator();
    check(&sandbox, &["authority: fail"], "cannot connect", "firewall");
}

#[test]
fn a_ca_bundle_that_cannot_be_used_is_named_once() {
    let bundle = |path: &str| {
        let sandbox = healthy();
        sandbox.set("SSL_CERT_FILE", path);
        sandbox
    };
    let want = ["ca-bundle: fail"];
    let missing = "CA bundle `/nowhere.pem` cannot be used: No such file";
    let run = check(&bundle("/nowhere.pem"), &want, missing, "SSL_CERT_FILE");
    let skipped = run.stdout.matches("\"there is no connection\"").count();
    assert_eq!(skipped, 2, "{}", run.stdout);
    check(
        &bundle("/dev/null"),
        &want,
        "not a regular file",
        "unset it",
    );

    let sandbox = with_profile(&json!({"caBundle": "profiles.json"}));
    let path = sandbox.path(PROFILES);
    let empty = format!("`{}` cannot be used: it holds no cert", path.display());
    let remedy = "`entratool config edit -p demo --ca-bundle FILE`";
    check(&sandbox, &want, &empty, remedy);
    let line = "doctor -p demo --json --offline";
    check_line(&sandbox, line, &want, &empty, remedy);
    assert_eq!(sandbox.count(), 0);
}

/// A sandbox with these profiles, and a proxy that keeps the test off the network.
fn behind_a_dead_proxy(profiles: &[Value]) -> Sandbox {
    let sandbox = healthy();
    sandbox.write_profiles(&json!({ "profiles": profiles }));
    chmod(&sandbox.path(PROFILES), 0o600);
    let proxy = format!("http://127.0.0.1:{}", free_port());
    sandbox.set("HTTPS_PROXY", &proxy);
    sandbox
}

const ID: &str = "11111111-2222-4333-8444-555555555555";

#[test]
fn microsofts_cloud_has_to_be_reached_only_by_whom_it_is_used() {
    let check = |profiles: &[Value], want: &[&str], hosts: &[&str]| {
        let sandbox = behind_a_dead_proxy(profiles);
        let run = sandbox.run("doctor --json");
        assert_eq!(complaints(&run.json()), want, "{}", run.stdout);
        let fails = want.iter().any(|complaint| complaint.ends_with(": fail"));
        assert_eq!(run.exit, u8::from(fails));
        let excused = "; no profile uses login.microsoftonline.com\"";
        assert_eq!(run.stdout.contains(excused), profiles.is_empty());
        for host in hosts {
            let named = format!("let us through to {host}");
            assert_eq!(run.stdout.matches(&named).count(), 1, "{}", run.stdout);
        }
    };
    let sandbox = Sandbox::empty();
    let elsewhere = |name| sandbox.profile(name, ID, &json!({}));
    let public = |name| json!({"name": name, "clientId": ID, "tenantId": "contoso.example"});
    let machine = |name| json!({"name": name, "flow": "ManagedIdentity"});
    let (here, cloud) = ("localhost", "login.microsoftonline.com");
    check(&[], &["profiles: warn", "proxy: warn"], &[cloud]);
    check(&[elsewhere("a"), elsewhere("b")], &["proxy: fail"], &[here]);
    check(&[elsewhere("a"), machine("b")], &["proxy: fail"], &[here]);
    check(&[machine("a"), machine("b")], &[], &[]);
    let both = ["proxy: fail", "proxy: fail"];
    let profiles = [elsewhere("a"), public("b"), public("c")];
    check(&profiles, &both, &[here, cloud]);
    let profiles = [public("a"), elsewhere("default")];
    check(&profiles, &both, &[cloud, here]);
}

#[test]
fn a_profile_that_is_named_is_looked_at_alone() {
    let sandbox = Sandbox::empty();
    let profiles = [
        json!({"name": "a", "clientId": ID, "tenantId": "contoso.example"}),
        sandbox.profile("b", ID, &json!({})),
    ];
    let alone = |sandbox: &Sandbox, line: &str| {
        let run = sandbox.run(line);
        assert_eq!(run.stdout.matches("did not let us").count(), 1);
        assert!(run.stdout.contains("to login.microsoftonline.com: "));
    };
    let sandbox = behind_a_dead_proxy(&profiles);
    alone(&sandbox, "doctor -p a");
    sandbox.set("ENTRATOOL_PROFILE", "a");
    alone(&sandbox, "doctor");
}

fn many_authorities() -> Sandbox {
    let profile = |number: usize| {
        let host = format!("https://login{number}.example");
        json!({"name": format!("p{number}"), "clientId": ID, "tenantId": "contoso.example", "authority": host})
    };
    let profiles: Vec<_> = (0..13).map(profile).collect();
    behind_a_dead_proxy(&profiles)
}

#[test]
fn all_authorities_together_have_thirty_seconds() {
    let sandbox = many_authorities();
    sandbox.machine().has_a_slow_network(Duration::from_secs(8));
    let run = sandbox.run("doctor");
    assert_eq!(sandbox.machine().visits(), [10, 10, 10, 6]);
    let hosts: Vec<_> = (0..10).map(|n| format!("login{n}.example")).collect();
    let first = format!("ok      network: asks {}, for 30 seconds", hosts.join(", "));
    let rest = format!(
        "skipped network: {} not asked: the 30 seconds were over",
        hosts[4..].join(", ")
    );
    let asked = run.stdout.find("login3.example: the proxy").unwrap();
    assert!(run.stdout.find(&first).unwrap() < asked, "{}", run.stdout);
    assert!(run.stdout.find(&rest).unwrap() > asked, "{}", run.stdout);

    let sandbox = healthy();
    let run = sandbox.ok("doctor -p demo");
    let said = "ok      network: asks localhost, for 30 seconds at most\n";
    assert!(run.stdout.contains(said), "{}", run.stdout);
}

#[test]
fn of_many_authorities_ten_are_asked() {
    let run = many_authorities().run("doctor");
    assert_eq!(run.stdout.matches("did not let us through").count(), 10);
    let said = "fail    proxy: login9.example: the proxy 127.0.0.1:";
    assert!(run.stdout.contains(said), "{}", run.stdout);
    let rest = "skipped network: 3 more authorities of profiles were not asked\n        → name a profile with `-p PROFILE`";
    assert!(run.stdout.contains(rest), "{}", run.stdout);
}

#[test]
fn a_wrong_clock_is_found() {
    let skewed = |seconds: i64, want: &[&str], message: &str| {
        let sandbox = healthy();
        sandbox.clock.set_skew(seconds);
        check(&sandbox, want, message, "time service");
    };
    skewed(630, &["clock: fail"], "10 minutes ahead of the authority's");
    skewed(-630, &["clock: fail"], "10 minutes behind the authority's");
    skewed(150, &["clock: warn"], "2 minutes ahead");
}

#[test]
fn problems_of_signing_in_are_found() {
    let web = "doctor -p demo-web --json";
    let sandbox = healthy();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut profiles = sandbox.profiles();
    profiles["profiles"][3]["redirectUri"] = format!("http://localhost:{port}").into();
    sandbox.write_profiles(&profiles);
    let message = format!("port {port} of localhost is in use");
    check_line(&sandbox, web, &["port: fail"], &message, "redirect URI");
    drop(listener);
    assert_eq!(sandbox.run(web).exit, 0);

    sandbox.machine().has_no_browser("this is an SSH session");
    check_line(&sandbox, web, &["browser: warn"], "SSH", "-f DeviceCode");
}
