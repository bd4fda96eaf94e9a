//! The daemon of oidc-agent, signed in as a user.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::prepare::prepare;
use xtask::bench::stage::Stage;

/// A daemon that keeps a token in memory; it ends with this value.
pub(crate) struct Agent<'a> {
    stage: &'a Stage,
    socket: String,
    process: String,
}

impl<'a> Agent<'a> {
    /// Starts the daemon and gives it a refresh token.
    ///
    /// # Errors
    ///
    /// If it does not start or does not take the token.
    pub(crate) fn start(stage: &'a Stage) -> Result<Self, String> {
        let text = |error: std::io::Error| error.to_string();
        let folder = stage.path("oidc-agent");
        fs::create_dir_all(&folder).map_err(text)?;
        fs::write(folder.join("password"), "bench").map_err(text)?;
        let mut start = stage.command("oidc-agent");
        start.arg("--no-autoload").env("OIDC_CONFIG_DIR", &folder);
        let said = prepare(&mut start)?;
        let agent = Self {
            stage,
            socket: variable(&said, "OIDC_SOCK=")?,
            process: variable(&said, "OIDCD_PID=")?,
        };
        let tenant = format!(
            "{}/{}/v2.0",
            stage.said("authority"),
            stage.said("tenantId")
        );
        let mut generate = agent.command("oidc-gen");
        generate
            .args([ACCOUNT, "--manual", "--confirm-yes"])
            .args(["--flow", "refresh", "--prompt", "none"])
            .args(["--issuer", &tenant, "--client-id", WEB_CLIENT])
            .args(["--client-secret", &encoded(WEB_SECRET)])
            .args(["--scope", SCOPES, "--refresh-token", &refresh_token(stage)?])
            .args(["--cp", stage.said("caBundle")])
            .args(["--redirect-uri", "http://localhost:4242", "--pw-file"])
            .arg(folder.join("password"));
        prepare(&mut generate)?;
        Ok(agent)
    }

    /// Asks the daemon for its token.
    pub(crate) fn token(&self) -> Command {
        let mut command = self.command("oidc-token");
        command.arg(ACCOUNT);
        command
    }

    fn command(&self, program: &str) -> Command {
        let mut command = self.stage.command(program);
        command
            .env("OIDC_SOCK", &self.socket)
            .env("OIDC_CONFIG_DIR", self.stage.path("oidc-agent"));
        command
    }
}

impl Drop for Agent<'_> {
    fn drop(&mut self) {
        // If it has ended by itself, there is nothing left to do.
        let _ = self.stage.command("kill").arg(&self.process).status();
    }
}

/// The value in a line that is meant for a shell: `NAME=VALUE; export NAME;`.
fn variable(said: &str, name: &str) -> Result<String, String> {
    let line = said.lines().find_map(|line| line.strip_prefix(name));
    let value = line.and_then(|line| line.split(';').next());
    value
        .map(str::to_owned)
        .ok_or_else(|| format!("`oidc-agent` does not say {name}"))
}

/// A sign-in with a device code, which the emulator approves by itself.
fn refresh_token(stage: &Stage) -> Result<String, String> {
    let client = format!("client_id={WEB_CLIENT}");
    let device = post(stage, "devicecode", &[&client, &format!("scope={SCOPES}")])?;
    let code = device["device_code"].as_str().unwrap_or_default();
    let form = [
        &client,
        &format!("client_secret={WEB_SECRET}"),
        "grant_type=urn:ietf:params:oauth:grant-type:device_code",
        &format!("device_code={code}"),
    ];
    let answer = post(stage, "token", &form)?;
    let token = answer["refresh_token"].as_str();
    token
        .map(str::to_owned)
        .ok_or_else(|| "the emulator gives no refresh token".to_owned())
}

fn post(stage: &Stage, endpoint: &str, form: &[&str]) -> Result<Value, String> {
    let (authority, tenant) = (stage.said("authority"), stage.said("tenantId"));
    let mut curl = stage.command("curl");
    curl.args(["--silent", "--show-error", "--fail"]);
    curl.args(["--cacert", stage.said("caBundle")]);
    for field in form {
        curl.args(["--data-urlencode", field]);
    }
    curl.arg(format!("{authority}/{tenant}/oauth2/v2.0/{endpoint}"));
    serde_json::from_str(&prepare(&mut curl)?).map_err(|error| error.to_string())
}

/// As RFC 6749 §2.3.1 wants a secret in HTTP Basic, which oidc-agent does not see to.
fn encoded(secret: &str) -> String {
    let mut text = String::new();
    for byte in secret.bytes() {
        if byte.is_ascii_alphanumeric() {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

const ACCOUNT: &str = "bench";
const SCOPES: &str = "openid profile offline_access https://graph.microsoft.com/User.Read";
/// As `emulator start --help` shows them.
const WEB_CLIENT: &str = "4e8d2c73-0b5f-4196-9ad4-c37f60e1b82a";
const WEB_SECRET: &str = "emu8Q~web/client+not=a&real%secret~";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_for_a_shell_are_read() {
        let said = "OIDC_SOCK=/tmp/a/agent.1; export OIDC_SOCK;\nOIDCD_PID=7; export OIDCD_PID;\n";
        assert_eq!(variable(said, "OIDC_SOCK=").unwrap(), "/tmp/a/agent.1");
        assert_eq!(variable(said, "OIDCD_PID=").unwrap(), "7");
        assert!(variable(said, "OTHER=").is_err());
    }

    #[test]
    fn a_secret_survives_a_form() {
        assert_eq!(encoded("a~b/c+d"), "a%7Eb%2Fc%2Bd");
    }
}
