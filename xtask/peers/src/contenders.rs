//! Which command lines are measured beside each other.

use std::path::Path;
use std::process::Command;

use crate::agent::Agent;
use crate::azure_cli;
use crate::install::{Kit, Peer};
use crate::sample::{Entry, Job};
use xtask::bench::budget::{CACHED, Folder};
use xtask::bench::stage::Stage;
use xtask::bench::times;

/// Everything that the command lines need.
pub(crate) struct Contenders<'a> {
    stage: &'a Stage,
    /// The program as it is released.
    released: &'a Path,
    kit: &'a Kit,
    /// The scripts that use libraries.
    scripts: &'a Path,
    agent: Result<Agent<'a>, String>,
    azure_cli: Result<(), String>,
}

impl<'a> Contenders<'a> {
    /// Signs everybody in who keeps tokens.
    pub(crate) fn sign_in(
        stage: &'a Stage,
        released: &'a Path,
        kit: &'a Kit,
        scripts: &'a Path,
    ) -> Self {
        Self {
            stage,
            released,
            kit,
            scripts,
            agent: kit.has(Peer::OidcAgent).and_then(|()| Agent::start(stage)),
            azure_cli: kit
                .has(Peer::AzureCli)
                .and_then(|()| azure_cli::sign_in(stage, kit)),
        }
    }

    /// A cached token.
    pub(crate) fn kept(&self) -> Vec<Entry> {
        let true_ = Job::showing("", self.stage.command("/bin/true"));
        vec![
            entry(TRUE, true_),
            entry(ENTRATOOL, self.entratool(self.released, CACHED)),
            entry(WITH_GLIBC, self.entratool(&self.stage.binary, CACHED)),
            self.peer(Peer::OidcAgent, || match &self.agent {
                Ok(agent) => Job::token(agent.token()),
                Err(why) => Job::Failed(why.clone()),
            }),
            self.peer(Peer::MsalNode, || {
                self.keeping(self.node(), "msal-node.json")
            }),
            self.peer(Peer::Msal, || {
                self.keeping(self.python("msal", "msal_token.py"), "msal.json")
            }),
            self.peer(Peer::AzureIdentity, || {
                let script = self.python("azure-identity", "azure_identity_token.py");
                self.keeping(script, "bench")
            }),
            self.peer(Peer::AzureCli, || self.azure_cli(false)),
            self.peer(Peer::EzToken, || Job::Absent("keeps no token")),
        ]
    }

    /// A token by client credentials, with a secret.
    pub(crate) fn fresh(&self) -> Vec<Entry> {
        let curl = |all| self.peer(Peer::Curl, || self.curl(all));
        let with_system = entry(CURL_WITH_SYSTEM, curl(true).job);
        let line = "get-token -p demo --no-cache --silent";
        vec![
            entry(ENTRATOOL, self.entratool(self.released, line)),
            entry(WITH_GLIBC, self.entratool(&self.stage.binary, line)),
            self.peer(Peer::EzToken, || self.ez_token()),
            curl(false),
            with_system,
            self.peer(Peer::MsalNode, || Job::token(self.node())),
            self.peer(Peer::Msal, || {
                Job::token(self.python("msal", "msal_token.py"))
            }),
            self.peer(Peer::AzureIdentity, || {
                Job::token(self.python("azure-identity", "azure_identity_token.py"))
            }),
            self.peer(Peer::AzureCli, || self.azure_cli(true)),
            self.peer(Peer::OidcAgent, || {
                Job::Absent("has no client credentials flow")
            }),
        ]
    }

    /// What is in a token.
    pub(crate) fn decoded(&self) -> Vec<Entry> {
        let token = &self.stage.token;
        let decoded = |program: &Path, words: &[&str]| {
            let mut command = self.stage.command(program);
            command.args(words);
            Job::showing("\"appid\"", command)
        };
        vec![
            entry(ENTRATOOL, decoded(self.released, &["inspect", "-t", token])),
            self.peer(Peer::JwtCli, || {
                decoded(&self.kit.jwt(), &["decode", "--json", token])
            }),
            self.peer(Peer::Jq, || {
                let words = ["--null-input", "--arg", "token", token, JQ];
                decoded(Path::new("/usr/bin/jq"), &words)
            }),
        ]
    }

    fn peer(&self, peer: Peer, job: impl FnOnce() -> Job) -> Entry {
        let job = match self.kit.has(peer) {
            Ok(()) => job(),
            Err(why) => Job::Failed(why),
        };
        entry(peer.name(), job)
    }

    fn entratool(&self, program: &Path, line: &str) -> Job {
        let mut command = self.stage.with_profiles(program, Folder::Few);
        command.args(line.split(' '));
        Job::token(command)
    }

    /// `command` with a cache, in which the first run leaves its token.
    fn keeping(&self, mut command: Command, cache: &str) -> Job {
        let path = self.stage.path(cache);
        if cache.contains('.') {
            command.arg(path);
        } else {
            command.arg(cache);
        }
        Job::token(command)
    }

    fn python(&self, list: &str, script: &str) -> Command {
        let mut python = self.stage.command(self.kit.interpreter(list));
        python
            .arg(self.scripts.join(script))
            .arg(self.stage.server());
        python
    }

    fn node(&self) -> Command {
        let mut node = self.stage.command("node");
        node.arg(self.kit.node_script())
            .arg(self.stage.server())
            .env("NODE_EXTRA_CA_CERTS", self.stage.said("caBundle"));
        node
    }

    fn azure_cli(&self, forgets: bool) -> Job {
        match &self.azure_cli {
            Ok(()) => azure_cli::token(self.stage, self.kit, forgets),
            Err(why) => Job::Failed(why.clone()),
        }
    }

    fn curl(&self, all: bool) -> Job {
        times::curl(self.stage, all).map_or_else(Job::Failed, Job::token)
    }

    fn ez_token(&self) -> Job {
        let said = |name| self.stage.said(name);
        let mut command = self.stage.command(self.kit.ez());
        command
            .args(["m2m", "--provider", "microsoft"])
            .args(["--tenant-id", said("tenantId")])
            .args(["--client-id", said("clientId")])
            .args(["--client-secret", said("clientSecret")])
            .args(["--scopes", "https://graph.microsoft.com/.default"])
            .env("SSL_CERT_FILE", said("caBundle"));
        Job::token(command)
    }
}

fn entry(name: &'static str, job: Job) -> Entry {
    Entry { name, job }
}

pub(crate) const ENTRATOOL: &str = "entratool";
pub(crate) const WITH_GLIBC: &str = "entratool, with the system's C library";
pub(crate) const TRUE: &str = "`/bin/true`";
pub(crate) const CURL_WITH_SYSTEM: &str = "curl, with the system's roots";

/// The alphabet of base64url (RFC 4648 §5), as that of base64.
const JQ: &str =
    r#"$token | split(".")[:2] | map(gsub("-"; "+") | gsub("_"; "/") | @base64d | fromjson)"#;
