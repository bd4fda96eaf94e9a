//! Azure CLI, signed in as an application in a cloud that the emulator is.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::json;

use crate::install::Kit;
use crate::prepare::prepare;
use crate::sample::{Job, Run};
use xtask::bench::budget::Folder;
use xtask::bench::stage::Stage;

/// Registers the cloud with it, and signs it in.
///
/// # Errors
///
/// What it says.
pub(crate) fn sign_in(stage: &Stage, kit: &Kit) -> Result<(), String> {
    let resources = Resources::start(stage)?;
    let cloud = json!({
        "endpoints": {
            "activeDirectory": stage.said("authority"),
            "activeDirectoryResourceId": "https://management.core.windows.net/",
            "activeDirectoryGraphResourceId": "https://graph.microsoft.com",
            "microsoftGraphResourceId": "https://graph.microsoft.com",
            "resourceManager": resources.address,
            "management": "https://management.core.windows.net/",
        },
        "suffixes": {},
    });
    let file = stage.path("cloud.json");
    fs::write(&file, cloud.to_string()).map_err(|error| error.to_string())?;
    let run = |line: &str, more: &[&str]| {
        let mut command = az(stage, kit);
        prepare(command.args(line.split(' ')).args(more))
    };
    let settings = "config set core.instance_discovery=false core.collect_telemetry=no";
    run(settings, &["--only-show-errors"])?;
    run(
        "cloud register -n bench --skip-endpoint-discovery --cloud-config",
        &[&format!("@{}", file.display())],
    )?;
    run("cloud set -n bench", &[])?;
    run(
        "login --service-principal",
        &[
            ["--username", stage.said("clientId")],
            ["--password", stage.said("clientSecret")],
            ["--tenant", stage.said("tenantId")],
        ]
        .concat(),
    )?;
    Ok(())
}

/// Asks for a token: the one that is kept, or a new one.
pub(crate) fn token(stage: &Stage, kit: &Kit, forgets: bool) -> Job {
    let mut command = az(stage, kit);
    command.args(["account", "get-access-token"]);
    command.args(["--resource", "https://graph.microsoft.com"]);
    Job::Run(Box::new(Run {
        command,
        forget: forgets.then(|| stage.path(".azure/msal_token_cache.json")),
        shows: "eyJ",
    }))
}

fn az(stage: &Stage, kit: &Kit) -> Command {
    let mut command = stage.command(kit.az());
    command.env("REQUESTS_CA_BUNDLE", stage.said("caBundle"));
    command
}

/// Stands for Azure's resource manager, of which a sign-in asks the subscriptions.
struct Resources {
    emulator: Child,
    address: &'static str,
}

impl Resources {
    /// An emulator that answers every request with the same list.
    fn start(stage: &Stage) -> Result<Self, String> {
        let emulator = stage
            .entratool(Folder::Few)
            .args(["emulator", "start", "--port", "8444", "--json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("the emulator does not start: {error}"))?;
        let mut resources = Self {
            emulator,
            address: "https://localhost:8444",
        };
        if let Some(stdout) = resources.emulator.stdout.take() {
            let read = BufReader::new(stdout).read_line(&mut String::new());
            read.map_err(|error| error.to_string())?;
        }
        let subscriptions = json!({ "value": [{
            "id": format!("/subscriptions/{SUBSCRIPTION}"),
            "subscriptionId": SUBSCRIPTION,
            "tenantId": stage.said("tenantId"),
            "displayName": "bench",
            "state": "Enabled",
        }] });
        let answer = json!({
            "kind": "reply",
            "times": 1000,
            "status": 200,
            "contentType": "application/json",
            "body": subscriptions.to_string(),
        });
        let mut curl = stage.command("curl");
        curl.args(["--silent", "--show-error", "--fail"])
            .args(["--cacert", stage.said("caBundle")])
            .args(["--data", &answer.to_string()])
            .arg(format!("{}/__emulator/faults", resources.address));
        prepare(&mut curl)?;
        Ok(resources)
    }
}

impl Drop for Resources {
    fn drop(&mut self) {
        // If it has ended by itself, there is nothing left to do.
        let _ = self.emulator.kill();
        let _ = self.emulator.wait();
    }
}

const SUBSCRIPTION: &str = "5d2a1c84-93f0-4e57-b6a8-7c0e1f2d3b49";
