//! Every flow with secrets that are easy to find again, and where they are found afterwards.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;

use entra_emulator::demo;
use entratool::vault::name::SealedName;
use serde_json::Value;

use crate::needle::Needle;
use crate::remains::files_below;
use crate::stage::{BINARY, PASSPHRASE, Stage, in_own_session, printed};

#[test]
fn no_secret_lies_about_after_every_flow() {
    in_own_session("canary::no_secret_lies_about_after_every_flow", || {
        for umask in ["000", "077"] {
            let mut walk = Walk::new(umask);
            walk.prepare();
            walk.get_tokens();
            walk.move_things();
            walk.search();
        }
    });
}

/// A user's way through all commands.
struct Walk {
    stage: Stage,
    umask: &'static str,
    /// Outside of the user's home: what programs were started with.
    trace: tempfile::TempDir,
    /// Everything that was said on standard error.
    said: String,
    secrets: Vec<(String, String)>,
}

impl Walk {
    fn new(umask: &'static str) -> Self {
        let stage = Stage::new();
        fs::remove_dir_all(stage.path(".entratool")).unwrap();
        let secrets = [
            ("the passphrase", PASSPHRASE),
            ("the certificate's password", PASSWORD),
            ("the job's token", demo::WORKLOAD_REQUEST_TOKEN),
            ("the machine's header", demo::IDENTITY_HEADER),
        ];
        Self {
            stage,
            umask,
            trace: tempfile::tempdir().unwrap(),
            said: String::new(),
            secrets: secrets
                .map(|(name, secret)| (name.to_owned(), secret.to_owned()))
                .into(),
        }
    }

    /// Runs an entratool that has to succeed; strace notes every program that is started.
    #[track_caller]
    fn run(&mut self, line: &str, stdin: &str) -> String {
        let number = files_below(self.trace.path()).len();
        let mut command = self.stage.command("unshare");
        // In a user namespace of its own strace may look into what is closed to all other users.
        command.args([
            "--map-root-user",
            "bash",
            "-c",
            "umask $1; shift; exec \"$@\"",
            "bash",
            self.umask,
        ]);
        command
            .args([
                "strace",
                "-f",
                "-qq",
                "-v",
                "-s",
                "100000",
                "-e",
                "trace=execve",
                "-o",
            ])
            .arg(self.trace.path().join(format!("{number:02}")))
            .arg(BINARY)
            .args(line.split(' '))
            .env("BROWSER", self.stage.browser())
            .envs(self.job())
            .stdin(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(stdin.as_bytes())
            .unwrap();
        let output = child.wait_with_output().unwrap();
        self.said.push_str(&String::from_utf8_lossy(&output.stderr));
        printed(&output, line)
    }

    /// The variables of a machine in Azure that runs a job of GitHub's.
    fn job(&self) -> [(&'static str, String); 9] {
        let (authority, machine) = (self.stage.authority(), self.stage.identity_endpoint());
        let bundle = self.stage.certificate_bundle().to_str().unwrap();
        [
            ("AZURE_CLIENT_ID", demo::CLIENT_ID.to_owned()),
            ("AZURE_TENANT_ID", demo::TENANT_ID.to_owned()),
            ("AZURE_AUTHORITY_HOST", authority.to_owned()),
            ("SSL_CERT_FILE", bundle.to_owned()),
            ("GITHUB_ACTIONS", "true".to_owned()),
            (
                "ACTIONS_ID_TOKEN_REQUEST_URL",
                format!("{authority}/federated/github?api-version=2.0"),
            ),
            (
                "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
                demo::WORKLOAD_REQUEST_TOKEN.to_owned(),
            ),
            ("IDENTITY_ENDPOINT", format!("{machine}/msi/token")),
            ("IDENTITY_HEADER", demo::IDENTITY_HEADER.to_owned()),
        ]
    }

    /// Profiles for every way to prove who one is.
    fn prepare(&mut self) {
        let bundle = self.stage.certificate_bundle().display().to_string();
        let to = format!(
            "--tenant-id {} --authority {} --ca-bundle {bundle}",
            demo::TENANT_ID,
            self.stage.authority()
        );
        self.run("certificate create -n app --password-stdin", PASSWORD);
        let certificate = fs::read(self.stage.path("app.cer")).unwrap();
        self.stage
            .control()
            .register_certificate(demo::CERTIFICATE_CLIENT_ID, &certificate)
            .unwrap();
        let user = "--scope https://graph.microsoft.com/User.Read";
        let (public, web) = (demo::PUBLIC_CLIENT_ID, demo::WEB_CLIENT_ID);
        for (name, more, stdin) in [
            (
                "secret",
                format!(
                    "--client-id {} --flow cc --client-secret-stdin",
                    demo::CLIENT_ID
                ),
                demo::CLIENT_SECRET,
            ),
            (
                "cert",
                format!(
                    "--client-id {} --flow cc --certificate app.pfx --certificate-password-stdin",
                    demo::CERTIFICATE_CLIENT_ID
                ),
                PASSWORD,
            ),
            (
                "device",
                format!("--client-id {public} --flow device {user}"),
                "",
            ),
            (
                "browser",
                format!("--client-id {public} --flow browser {user}"),
                "",
            ),
            (
                "web",
                format!("--client-id {web} --flow code {user} --client-secret-stdin"),
                demo::WEB_CLIENT_SECRET,
            ),
        ] {
            self.run(&format!("config create -n {name} {to} {more} -vv"), stdin);
        }
    }

    /// Every flow, a renewal of each, and a file with a token.
    fn get_tokens(&mut self) {
        let (port, machine) = (free_port(), demo::MANAGED_IDENTITY_CLIENT_ID);
        for line in [
            "get-token -p secret -vv".to_owned(),
            "get-token -p cert -vv".to_owned(),
            "get-token -p device -vv".to_owned(),
            "get-token -p browser -vv".to_owned(),
            format!("get-token -p web --port {port} -vv"),
            "get-token -f WorkloadIdentity -vv".to_owned(),
            format!("get-token -f ManagedIdentity --identity {machine} -s {VAULT} -vv"),
            "get-token -p secret --force -vv".to_owned(),
            "refresh -p device -vv".to_owned(),
            "refresh -p browser -vv".to_owned(),
            "refresh -p web -vv".to_owned(),
        ] {
            let token = self.run(&line, "").trim().to_owned();
            assert!(token.starts_with("eyJ"), "{line}: {token}");
            self.note(&format!("the token of `{line}`"), &token);
        }
        self.run("get-token -p secret -o token.txt -vv", "");
        for request in self.stage.requests() {
            for field in [
                "client_secret",
                "client_assertion",
                "refresh_token",
                "code",
                "code_verifier",
                "device_code",
            ] {
                if let Some(secret) = request.field(field) {
                    self.note(&format!("a {field} that was sent"), secret);
                }
            }
        }
    }

    /// What else writes files.
    fn move_things(&mut self) {
        self.run("storage use key-file -vv", "");
        self.run("storage use passphrase -vv", "");
        self.run("storage rotate -vv", "");
        self.run(
            "config edit -p secret --client-secret-stdin -vv",
            demo::CLIENT_SECRET,
        );
        self.run("get-token -p secret -vv", "");
        self.run("doctor -p secret --bundle ticket.json -vv", "");
        self.run("config export -o profiles.export -vv", "");
        self.run("config export --include-secrets -o secrets.export -vv", "");
        let vault = self.stage.vault();
        for file in files_below(&self.stage.path(".msal")) {
            let name = file.file_name().unwrap().to_str().unwrap();
            // The others are locks.
            let Some(name) = SealedName::from_file_name(name) else {
                continue;
            };
            let text = vault.open(&name).unwrap().unwrap();
            let document: Value = serde_json::from_str(text.expose()).unwrap();
            for kind in ["AccessToken", "RefreshToken", "IdToken"] {
                for entry in document[kind]
                    .as_object()
                    .into_iter()
                    .flat_map(|entries| entries.values())
                {
                    let secret = entry["secret"].as_str().unwrap();
                    self.note(&format!("a kept {kind}"), secret);
                }
            }
        }
    }

    fn note(&mut self, name: &str, secret: &str) {
        self.secrets.push((name.to_owned(), secret.to_owned()));
    }

    /// Looks everywhere.
    fn search(&self) {
        let umask = self.umask;
        assert!(self.secrets.len() > 30, "{} secrets", self.secrets.len());
        let needles: Vec<_> = self
            .secrets
            .iter()
            .map(|(name, secret)| Needle::new(name, secret))
            .collect();
        let nowhere = |place: &str, hay: &[u8]| {
            for needle in &needles {
                let found = needle.found_in(hay);
                assert_eq!(found, None, "umask {umask}: {place}");
            }
        };
        let files = files_below(&self.stage.path(""));
        assert!(files.len() > 20, "{files:?}");
        for file in &files {
            // The one file that was asked for.
            if !file.ends_with("token.txt") {
                nowhere(file.to_str().unwrap(), &fs::read(file).unwrap());
                nowhere("a file's name", file.to_str().unwrap().as_bytes());
            }
            self.is_private(file);
        }
        nowhere("standard error", self.said.as_bytes());
        assert!(self.said.contains("POST "), "{}", self.said);
        let mut started = 0;
        for file in files_below(self.trace.path()) {
            let trace = fs::read_to_string(file).unwrap();
            // The first line is how this test starts it, with the passphrase in its environment.
            for line in trace.lines().skip(1) {
                nowhere("what a program was started with", line.as_bytes());
                started += usize::from(line.contains("/authorize?"));
            }
        }
        // The browser and its curl, in two flows.
        assert!(started >= 4, "{started}");
    }

    fn is_private(&self, file: &Path) {
        let home = self.stage.path("");
        for path in file.ancestors().take_while(|path| *path != home) {
            let mode = fs::metadata(path).unwrap().permissions().mode() & 0o7777;
            assert_eq!(
                mode & 0o077,
                0,
                "umask {}: {} {mode:o}",
                self.umask,
                path.display()
            );
        }
    }
}

/// A port that was free just now.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("localhost:0").unwrap();
    listener.local_addr().unwrap().port()
}

const PASSWORD: &str = "Pa55+word/of=the certificate";
const VAULT: &str = "https://vault.azure.net/.default";
