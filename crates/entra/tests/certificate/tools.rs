//! A folder in which `openssl` and `keytool` make files.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::TempDir;

/// A temporary folder where the tools run; it goes when this value goes.
pub(crate) struct Workshop {
    folder: TempDir,
}

impl Workshop {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Makes `NAME.key` (PKCS#8) and the self-signed `NAME.crt`.
    pub(crate) fn identity(&self, name: &str, kind: &str) {
        self.openssl(&[
            "req",
            "-x509",
            "-nodes",
            "-newkey",
            kind,
            "-days",
            "30",
            "-subj",
            &format!("/O=Contoso, Ltd/CN={name}"),
            "-keyout",
            &format!("{name}.key"),
            "-out",
            &format!("{name}.crt"),
        ]);
    }

    /// Makes `NAME.key` and `NAME.crt`, issued by `ISSUER.key` and `ISSUER.crt`.
    pub(crate) fn issued(&self, name: &str, issuer: &str) {
        self.openssl(&[
            "req",
            "-x509",
            "-nodes",
            "-newkey",
            "rsa:2048",
            "-days",
            "30",
            "-subj",
            &format!("/CN={name}"),
            "-CA",
            &format!("{issuer}.crt"),
            "-CAkey",
            &format!("{issuer}.key"),
            "-keyout",
            &format!("{name}.key"),
            "-out",
            &format!("{name}.crt"),
        ]);
    }

    /// Makes the certificate `NAME` for `KEY.key`, valid between two times of ASN.1.
    pub(crate) fn dated(&self, key: &str, name: &str, from: &str, until: &str) {
        let key = format!("{key}.key");
        let request = [
            "req",
            "-new",
            "-key",
            &key,
            "-subj",
            "/CN=dated",
            "-out",
            "dated.csr",
        ];
        self.openssl(&request);
        self.write("index", "");
        let lines = [
            "[ca]",
            "default_ca = own",
            "[own]",
            "database = index",
            "rand_serial = yes",
            "new_certs_dir = .",
            "policy = any",
            "[any]",
            "commonName = supplied",
        ];
        self.write("ca.conf", lines.join("\n"));
        self.openssl(&[
            "ca",
            "-batch",
            "-notext",
            "-selfsign",
            "-config",
            "ca.conf",
            "-md",
            "sha256",
            "-keyfile",
            &key,
            "-in",
            "dated.csr",
            "-out",
            name,
            "-startdate",
            from,
            "-enddate",
            until,
        ]);
    }

    /// Runs `openssl`, which must succeed, and returns what it printed.
    pub(crate) fn openssl(&self, arguments: &[&str]) -> String {
        let output = self.run("openssl", arguments);
        assert!(output.status.success(), "openssl {arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Whether Java's `keytool` is there, which brings 200 MB along.
    pub(crate) fn has_keytool(&self) -> bool {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|folder| folder.join("keytool").is_file())
    }

    /// Runs `keytool`, which must succeed.
    pub(crate) fn keytool(&self, arguments: &[&str]) {
        let output = self.run("keytool", arguments);
        assert!(output.status.success(), "keytool {arguments:?}: {output:?}");
    }

    /// Whether `openssl` has its legacy provider, a separate file that not every system has.
    pub(crate) fn has_legacy(&self) -> bool {
        let arguments = ["list", "-providers", "-provider", "legacy"];
        self.run("openssl", &arguments).status.success()
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    pub(crate) fn write(&self, name: &str, contents: impl AsRef<[u8]>) {
        fs::write(self.path(name), contents).unwrap();
    }

    /// The fingerprint of a PEM certificate as `openssl x509` gives it, without its colons.
    pub(crate) fn fingerprint(&self, certificate: &str, hash: &str) -> String {
        let text = self.openssl(&["x509", "-in", certificate, "-noout", "-fingerprint", hash]);
        let (_, hexadecimal) = text.trim().split_once('=').unwrap();
        hexadecimal.replace(':', "")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Output {
        let path = std::env::var_os("PATH").unwrap_or_default();
        Command::new(program)
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", path)
            .env("LC_ALL", "C.UTF-8")
            .output()
            .unwrap_or_else(|error| {
                panic!("`{program}` is needed for this test and could not be started: {error}")
            })
    }
}
