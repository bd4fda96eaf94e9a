//! Problems that are planted between the machine and the authority, and in the way of a sign-in.

use std::net::TcpListener;

use entra_emulator::{Effect, Endpoint, Fault};
use serde_json::{Value, json};

use super::{check, check_line, chmod, complaints, healthy, with_profile};
use crate::support::{Jar, PROFILES, free_port};

#[test]
fn problems_of_the_network_are_found() {
    let jar = healthy();
    jar.machine().has_no_name_servers();
    check(
        &jar,
        &["dns: fail"],
        "`localhost` cannot be looked up",
        "name servers",
    );

    let jar = with_profile(&json!({"caBundle": null}));
    let run = check(&jar, &["tls: fail"], "issued by", "--ca-bundle FILE");
    assert!(run.stdout.contains("-p demo --ca-bundle"), "{}", run.stdout);

    let jar = healthy();
    jar.set("SSL_CERT_FILE", "/nowhere.pem");
    check(&jar, &["roots: fail"], "`/nowhere.pem`", "SSL_CERT_FILE");

    let jar = healthy();
    let proxy = format!("http://user:hunter2@127.0.0.1:{}", free_port());
    jar.set("HTTPS_PROXY", &proxy);
    let run = check(&jar, &["proxy: fail"], "the proxy 127.0.0.1:", "NO_PROXY");
    assert!(!run.stdout.contains("hunter2"));
    jar.set("NO_PROXY", "localhost");
    assert_eq!(jar.run("doctor -p demo --json").exit, 0);
    jar.set("NO_PROXY", "");
    jar.set("HTTPS_PROXY", "http://[");
    check(&jar, &["proxy: fail"], "is not a URL", "HTTPS_PROXY");

    let jar = with_profile(&json!({"tenantId": "nobody.example"}));
    check(
        &jar,
        &["authority: fail"],
        "AADSTS90002",
        "Directory (tenant) ID",
    );

    let answers = |effect: Effect, message: &str, remedy: &str| {
        let jar = healthy();
        let fault = Fault::new(Endpoint::Configuration, effect);
        jar.control().script(fault);
        check(&jar, &["authority: fail"], message, remedy);
    };
    answers(
        Effect::reply(200, "<html>"),
        "is not Entra ID",
        "captive portal",
    );
    answers(Effect::reply(503, ""), "HTTP status 503", "network");

    let jar = healthy();
    jar.stop_emulator();
    check(&jar, &["authority: fail"], "cannot connect", "firewall");
}

#[test]
fn microsofts_cloud_has_to_be_reached_only_by_whom_it_is_used() {
    let check = |profiles: &[Value], want: &[&str], excuse: bool| {
        let jar = healthy();
        jar.write_profiles(&json!({ "profiles": profiles }));
        chmod(&jar.path(PROFILES), 0o600);
        // Keeps the test from reaching it, too.
        let proxy = format!("http://127.0.0.1:{}", free_port());
        jar.set("HTTPS_PROXY", &proxy);
        let run = jar.run("doctor --json");
        assert_eq!(complaints(&run.json()), want, "{}", run.stdout);
        let fails = want.iter().any(|complaint| complaint.ends_with(": fail"));
        assert_eq!(run.exit, u8::from(fails));
        let words = "; no profile uses login.microsoftonline.com\"";
        assert_eq!(run.stdout.contains(words), excuse, "{}", run.stdout);
    };
    let jar = Jar::empty();
    let id = "11111111-2222-4333-8444-555555555555";
    let elsewhere = |name| jar.profile(name, id, &json!({}));
    let public = json!({"name": "b", "clientId": id, "tenantId": "contoso.example"});
    let machine = json!({"name": "c", "flow": "ManagedIdentity"});
    check(&[], &["profiles: warn", "proxy: warn"], true);
    check(&[elsewhere("a"), elsewhere("b")], &["proxy: warn"], true);
    check(&[elsewhere("a"), machine], &["proxy: warn"], true);
    check(&[elsewhere("a"), public], &["proxy: fail"], false);
}

#[test]
fn a_wrong_clock_is_found() {
    let skewed = |seconds: i64, want: &[&str], message: &str| {
        let jar = healthy();
        jar.clock.set_skew(seconds);
        check(&jar, want, message, "time service");
    };
    skewed(630, &["clock: fail"], "10 minutes ahead of the authority's");
    skewed(-630, &["clock: fail"], "10 minutes behind the authority's");
    skewed(150, &["clock: warn"], "2 minutes ahead");
}

#[test]
fn problems_of_signing_in_are_found() {
    let web = "doctor -p demo-web --json";
    let jar = healthy();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut profiles = jar.profiles();
    profiles["profiles"][3]["redirectUri"] = format!("http://localhost:{port}").into();
    jar.write_profiles(&profiles);
    let message = format!("port {port} of localhost is in use");
    check_line(&jar, web, &["port: fail"], &message, "redirect URI");
    drop(listener);
    assert_eq!(jar.run(web).exit, 0);

    jar.machine().has_no_browser("this is an SSH session");
    check_line(&jar, web, &["browser: warn"], "SSH", "-f DeviceCode");
}
