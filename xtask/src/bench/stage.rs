//! A throw-away home with profiles and cached tokens, and an emulator that its profiles ask.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use tempfile::TempDir;

use super::budget::{CACHED, Folder, Row};
use crate::process::{machine, output, quietly, succeed};
use crate::workspace::Workspace;

/// The home, the emulator and the command.
pub struct Stage {
    pub binary: PathBuf,
    /// A cached token.
    pub token: String,
    home: TempDir,
    emulator: Child,
    /// What the emulator said about itself.
    ready: Value,
}

impl Stage {
    /// Builds the command, starts an emulator, makes profiles and signs them in; then makes
    /// thousands more.
    pub fn set(workspace: &Workspace) -> Result<Self, String> {
        build(workspace)?;
        let stage = Self::small(workspace, "0")?;
        stage.multiply()?;
        for count in [10, 100] {
            stage.cache(count)?;
        }
        Ok(stage)
    }

    /// As [`Stage::set`], of a command that is built, with few profiles and the emulator on `port`.
    pub fn small(workspace: &Workspace, port: &str) -> Result<Self, String> {
        let home = tempfile::tempdir().map_err(|error| error.to_string())?;
        let binary = workspace.entratool();
        fs::write(home.path().join("password"), "bench").map_err(|error| error.to_string())?;
        let mut create = command(home.path(), &binary);
        create.args(["certificate", "create", "--silent", "-o", "cert"]);
        output(create.args(["--password-file", "password"]))?;
        let mut emulator = command(home.path(), &binary)
            .args(["emulator", "start", "--port", port, "--json"])
            .args(["--auto-approve", "--register-certificate", "cert.cer"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("the emulator does not start: {error}"))?;
        let mut line = String::new();
        if let Some(stdout) = emulator.stdout.take() {
            let read = BufReader::new(stdout).read_line(&mut line);
            read.map_err(|error| error.to_string())?;
        }
        let mut stage = Self {
            binary,
            token: String::new(),
            home,
            emulator,
            ready: serde_json::from_str(&line).unwrap_or_default(),
        };
        stage.sign_in()?;
        Ok(stage)
    }

    /// What the emulator said about itself, as it said it.
    pub fn server(&self) -> String {
        self.ready.to_string()
    }

    /// The process that is the emulator.
    pub fn emulator(&self) -> u32 {
        self.emulator.id()
    }

    /// What the emulator said about itself.
    pub fn said(&self, name: &str) -> &str {
        self.ready[name].as_str().unwrap_or_default()
    }

    /// A file in the home.
    pub fn path(&self, below: &str) -> PathBuf {
        self.home.path().join(below)
    }

    /// A command in the home and a fixed environment: its size costs instructions.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        command(self.home.path(), program)
    }

    /// The command, with its profiles in `folder`.
    pub fn entratool(&self, folder: Folder) -> Command {
        self.with_profiles(&self.binary, folder)
    }

    /// The words of `row`, with a token in its place.
    pub fn words(&self, row: &Row) -> Vec<String> {
        let words = row.line.split(' ');
        words
            .map(|word| word.replace("TOKEN", &self.token))
            .collect()
    }

    /// The command line of `row`, to be counted into the file [`Stage::counts`].
    pub fn under_callgrind(&self, row: &Row) -> Command {
        let mut valgrind = self.with_profiles("valgrind", row.folder);
        valgrind
            .arg("--tool=callgrind")
            .arg(self.counts_option())
            .arg(&self.binary)
            .args(self.words(row));
        valgrind
    }

    /// The option of callgrind that says where the counts go.
    pub fn counts_option(&self) -> String {
        format!("--callgrind-out-file={}", self.counts().display())
    }

    /// Where callgrind writes.
    pub fn counts(&self) -> PathBuf {
        self.path("callgrind.out")
    }

    /// `config create` of a profile called `name`, in any home.
    pub fn create_options(&self, name: &str, client: &str, more: &[&str]) -> Vec<String> {
        let options = [
            ["config", "create"],
            ["--name", name],
            ["--client-id", client],
            ["--tenant-id", self.said("tenantId")],
            ["--authority", self.said("authority")],
            ["--ca-bundle", self.said("caBundle")],
        ];
        let options = options.as_flattened().iter().chain(more);
        options.map(|&option| option.to_owned()).collect()
    }

    pub fn with_profiles(&self, program: impl AsRef<OsStr>, folder: Folder) -> Command {
        let mut command = self.command(program);
        match folder {
            Folder::Few => &mut command,
            Folder::Many => command
                .env("ENTRATOOL_CONFIG_PATH", self.path("many"))
                .env("ENTRATOOL_CACHE_PATH", self.path("many-tokens")),
            Folder::Tokens(count) => command.env(
                "ENTRATOOL_CACHE_PATH",
                self.path(&format!("tokens-{count}")),
            ),
        };
        command
    }

    fn sign_in(&mut self) -> Result<(), String> {
        let create = |name: &str, client: &str, more: &[&str], secret: &str| {
            let mut command = self.entratool(Folder::Few);
            command.args(self.create_options(name, client, more));
            quietly(&mut command, secret)
        };
        let graph = "https://graph.microsoft.com/.default";
        let secret = ["--flow", "cc", "--scope", graph, "--client-secret-stdin"];
        create(
            "demo",
            self.said("clientId"),
            &secret,
            self.said("clientSecret"),
        )?;
        let certificate = self.path("cert.pfx").display().to_string();
        let password = self.path("password").display().to_string();
        let certificate = [
            ["--flow", "cc"],
            ["--certificate", &certificate],
            ["--certificate-password-file", &password],
        ];
        create("cert", CERTIFICATE_CLIENT, certificate.as_flattened(), "")?;
        let pem = self.path("cert.pem").display().to_string();
        let mut unlock = self.command("openssl");
        unlock.args(["pkcs12", "-in", "cert.pfx", "-passin", "file:password"]);
        quietly(unlock.args(["-nodes", "-out", &pem]), "")?;
        let certificate = ["--flow", "cc", "--certificate", &pem];
        create("pem", CERTIFICATE_CLIENT, &certificate, "")?;
        let user = ["--flow", "device", "--scope", "User.Read"];
        create("me", self.said("publicClientId"), &user, "")?;
        for profile in ["cert", "me"] {
            let mut get = self.entratool(Folder::Few);
            quietly(get.args(["get-token", "--silent", "-p", profile]), "")?;
        }
        let token = output(self.entratool(Folder::Few).args(CACHED.split(' ')))?;
        token.trim().clone_into(&mut self.token);
        Ok(())
    }

    /// Ten thousand profiles, each with a token file; `demo` is in their middle.
    fn multiply(&self) -> Result<(), String> {
        let text = |error: std::io::Error| error.to_string();
        let (few, many) = (self.path(".entratool"), self.path("many"));
        let (token, tokens) = (self.path(".msal/cache"), self.path("many-tokens"));
        fs::create_dir_all(&many).map_err(text)?;
        fs::create_dir_all(&tokens).map_err(text)?;
        for entry in fs::read_dir(&few).map_err(text)? {
            let entry = entry.map_err(text)?;
            if entry.path().is_file() {
                fs::copy(entry.path(), many.join(entry.file_name())).map_err(text)?;
            }
        }
        let file = fs::read_to_string(few.join("profiles.json")).map_err(text)?;
        let file: Value = serde_json::from_str(&file).map_err(|error| error.to_string())?;
        let demo = file["profiles"].as_array().into_iter().flatten();
        let demo = demo.into_iter().find(|profile| profile["name"] == "demo");
        let demo = demo.ok_or("`config create` made no profile")?;
        let mut profiles = Vec::with_capacity(MANY);
        let token = token.join("token.demo.sealed");
        for number in 0..MANY {
            let mut profile = demo.clone();
            let mut name = "demo".to_owned();
            if number != MANY / 2 {
                name = format!("profile-{number:05}");
                profile["name"] = json!(name);
            }
            profiles.push(profile);
            // Only one of them is ever opened.
            fs::hard_link(&token, tokens.join(format!("token.{name}.sealed"))).map_err(text)?;
        }
        let file = format!("{:#}\n", json!({"profiles": profiles}));
        fs::write(many.join("profiles.json"), file).map_err(text)?;
        self.wait_for_index()
    }

    /// Caches tokens for `demo`, of which the one that is asked for is the first.
    fn cache(&self, count: usize) -> Result<(), String> {
        let entry = |number: usize| {
            let target = format!("api://{number:03}/.default");
            let entry = json!({
                "cached_at": "1",
                "client_id": self.said("clientId"),
                "environment": "localhost",
                "expires_on": "4102444800",
                "realm": self.said("tenantId"),
                "secret": self.token,
                "target": target,
            });
            let (client, realm) = (self.said("clientId"), self.said("tenantId"));
            let key = format!("-localhost-accesstoken-{client}-{realm}-{target}");
            (key, entry)
        };
        let entries: Map<String, Value> = (1..count).map(entry).collect();
        let file = self.path("tokens.json");
        let document = json!({"AccessToken": entries}).to_string();
        fs::write(&file, document).map_err(|error| error.to_string())?;
        let folder = Folder::Tokens(count);
        quietly(self.entratool(folder).args(CACHED.split(' ')), "")?;
        let mut import = self.entratool(folder);
        import.args(["cache", "import", "-p", "demo", "--msal"]);
        quietly(import.arg(file), "").map(drop)
    }

    /// The index is made by the first look-up that finds the file two seconds old.
    fn wait_for_index(&self) -> Result<(), String> {
        let start = Instant::now();
        while !self.path("many/profiles.index").exists() {
            if start.elapsed() > Duration::from_secs(60) {
                return Err("ten thousand profiles get no index".to_owned());
            }
            std::thread::sleep(Duration::from_millis(200));
            output(self.entratool(Folder::Many).args(CACHED.split(' ')))?;
        }
        Ok(())
    }
}

/// A release of the command.
pub fn build(workspace: &Workspace) -> Result<(), String> {
    let release = ["build", "--release", "--locked", "--package", "entratool"];
    succeed(machine("cargo", &workspace.root).args(release))
}

impl Drop for Stage {
    fn drop(&mut self) {
        // If it has ended by itself, there is nothing left to do.
        let _ = self.emulator.kill();
        let _ = self.emulator.wait();
    }
}

fn command(home: &Path, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(home)
        .stdin(Stdio::null())
        .env_clear()
        .env("HOME", home)
        .env("LANG", "C.UTF-8")
        .env("PATH", "/usr/bin:/bin");
    command
}

/// As `emulator start --help` shows it.
const CERTIFICATE_CLIENT: &str = "2b7e9d04-56a1-4f8c-b3d7-18c0f5e6a492";
const MANY: usize = 10_000;
