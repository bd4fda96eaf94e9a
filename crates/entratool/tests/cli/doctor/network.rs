//! Problems that are planted between the machine and the authority, and in the way of a sign-in.

use std::net::TcpListener;

use entra_emulator::{Effect, Endpoint, Fault};
use serde_json::json;

use super::{check, check_line, healthy, with_profile};
use crate::support::free_port;

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
fn a_wrong_clock_is_found() {
    let skewed = |seconds: i64, want: &[&str], message: &str| {
        let jar = healthy();
        jar.clock.set_skew(seconds);
        check(&jar, want, message, "time service");
    };
    skewed(600, &["clock: fail"], "10 minutes ahead of the authority's");
    skewed(-600, &["clock: fail"], "10 minutes behind the authority's");
    skewed(120, &["clock: warn"], "2 minutes ahead");
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
