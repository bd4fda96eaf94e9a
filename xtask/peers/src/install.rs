//! Gets the programs that people use today, in fixed versions, into a folder of their own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::sizes::{Installed, debian_packages, folder, site_packages};
use xtask::process::{machine, output, succeed};
use xtask::tools::{Packages, debian, same_content};
use xtask::workspace::Workspace;

/// A program that entratool is measured beside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Peer {
    AzureCli,
    AzureIdentity,
    Curl,
    EzToken,
    Jq,
    JwtCli,
    Msal,
    MsalNode,
    OidcAgent,
}

/// The folder of the peers, and which of them are there.
pub(crate) struct Kit {
    folder: PathBuf,
    peers: BTreeMap<Peer, Result<Installed, String>>,
}

impl Peer {
    /// As people call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::AzureCli => "Azure CLI",
            Self::AzureIdentity => "azure-identity (Python)",
            Self::Curl => "curl",
            Self::EzToken => "ez-token",
            Self::Jq => "jq",
            Self::JwtCli => "jwt-cli",
            Self::Msal => "MSAL Python",
            Self::MsalNode => "@azure/msal-node",
            Self::OidcAgent => "oidc-agent",
        }
    }
}

impl Kit {
    /// Installs what is not there. A peer that is unavailable is a reason in [`Kit::peers`].
    ///
    /// # Errors
    ///
    /// If what all of them need is missing: Debian's packages.
    pub(crate) fn install(workspace: &Workspace) -> Result<Self, String> {
        let mut kit = Self {
            folder: workspace.target.join("bench-peers"),
            peers: BTreeMap::new(),
        };
        fs::create_dir_all(&kit.folder).map_err(|error| error.to_string())?;
        debian(&workspace.root, DEBIAN)?;
        let lists = workspace.root.join("xtask/peers");
        for (peer, name) in [
            (Peer::Msal, "msal"),
            (Peer::AzureIdentity, "azure-identity"),
            (Peer::AzureCli, "azure-cli"),
        ] {
            let installed = kit.python(workspace, &lists, name);
            kit.peers.insert(peer, installed);
        }
        let node = kit.node(&lists);
        kit.peers.insert(Peer::MsalNode, node);
        let jwt = kit.jwt_cli(workspace);
        kit.peers.insert(Peer::JwtCli, jwt);
        let ez_token = kit.ez_token(workspace);
        kit.peers.insert(Peer::EzToken, ez_token);
        for (peer, packages) in [
            (Peer::Curl, &["curl", "libcurl4"][..]),
            (Peer::Jq, &["jq", "libjq1", "libonig5"]),
            (Peer::OidcAgent, &["oidc-agent-cli"]),
        ] {
            kit.peers
                .insert(peer, debian_packages(&workspace.root, packages));
        }
        Ok(kit)
    }

    /// Everything that was to be installed.
    pub(crate) fn peers(&self) -> impl Iterator<Item = (Peer, Result<&Installed, &str>)> {
        let peers = self.peers.iter();
        peers.map(|(peer, installed)| (*peer, installed.as_ref().map_err(String::as_str)))
    }

    /// # Errors
    ///
    /// Why the peer is not there.
    pub(crate) fn has(&self, peer: Peer) -> Result<(), String> {
        match self.peers.get(&peer) {
            Some(Ok(_)) => Ok(()),
            Some(Err(why)) => Err(why.clone()),
            None => Err("not installed".to_owned()),
        }
    }

    /// The interpreter that has the packages of one list.
    pub(crate) fn interpreter(&self, list: &str) -> PathBuf {
        self.folder.join(list).join("bin/python")
    }

    /// The command of Azure CLI.
    pub(crate) fn az(&self) -> PathBuf {
        self.folder.join("azure-cli/bin/az")
    }

    /// A script that finds its packages beside it.
    pub(crate) fn node_script(&self) -> PathBuf {
        self.folder.join("npm").join(NODE_SCRIPT)
    }

    pub(crate) fn jwt(&self) -> PathBuf {
        self.folder.join("cargo/bin/jwt")
    }

    pub(crate) fn ez(&self) -> PathBuf {
        self.folder.join("cargo/bin/ez-token")
    }

    /// A folder of packages without pip, so that its size is that of the peer.
    fn python(&self, workspace: &Workspace, lists: &Path, name: &str) -> Result<Installed, String> {
        let lock = lists.join(format!("{name}.txt"));
        let environment = self.folder.join(name);
        let stamp = environment.join("installed-requirements.txt");
        if !same_content(&lock, &stamp) {
            println!("installing {name}");
            let pip = self.folder.join("pip");
            let python = || machine("/usr/bin/python3", &workspace.root);
            succeed(python().args(["-m", "venv"]).arg(&pip))?;
            let bare = ["-m", "venv", "--clear", "--without-pip"];
            succeed(python().args(bare).arg(&environment))?;
            let mut install = machine(pip.join("bin/python"), &workspace.root);
            install.args(["-m", "pip", "--python"]);
            install.arg(self.interpreter(name));
            install.args(["install", "--quiet", "--require-hashes"]);
            install.args(["--only-binary=:all:", "--retries", "5", "--requirement"]);
            succeed(install.arg(&lock))?;
            fs::copy(&lock, &stamp).map_err(|error| error.to_string())?;
        }
        let mut ask = machine(self.interpreter(name), &workspace.root);
        let version = format!("from importlib.metadata import version; print(version('{name}'))");
        Ok(Installed {
            version: output(ask.args(["-c", &version]))?.trim().to_owned(),
            size: site_packages(&environment)?,
        })
    }

    fn node(&self, lists: &Path) -> Result<Installed, String> {
        let text = |error: std::io::Error| error.to_string();
        let npm = self.folder.join("npm");
        fs::create_dir_all(&npm).map_err(text)?;
        let stamp = npm.join("node_modules/.installed-package-lock.json");
        let current = same_content(&lists.join("package-lock.json"), &stamp);
        for file in [NODE_SCRIPT, "package.json", "package-lock.json", ".npmrc"] {
            fs::copy(lists.join(file), npm.join(file)).map_err(text)?;
        }
        if !current {
            println!("installing @azure/msal-node");
            let quiet = ["--ignore-scripts", "--no-audit", "--no-fund"];
            let mut install = machine("npm", &npm);
            succeed(install.arg("ci").args(quiet).arg("--fetch-retries=5"))?;
            fs::copy(npm.join("package-lock.json"), &stamp).map_err(text)?;
        }
        let about = npm.join("node_modules/@azure/msal-node/package.json");
        let about = fs::read_to_string(about).map_err(text)?;
        let about: Value = serde_json::from_str(&about).map_err(|error| error.to_string())?;
        Ok(Installed {
            version: about["version"].as_str().unwrap_or_default().to_owned(),
            size: folder(&npm.join("node_modules"))?,
        })
    }

    fn jwt_cli(&self, workspace: &Workspace) -> Result<Installed, String> {
        if !self.jwt().exists() {
            let root = self.folder.join("cargo");
            let mut install = machine("cargo", &workspace.root);
            install
                .args(["install", "--locked", "--root"])
                .arg(&root)
                .args(["--target-dir"])
                .arg(self.folder.join("build"))
                .arg(format!("jwt-cli@{JWT_CLI}"));
            succeed(&mut install)?;
        }
        binary(JWT_CLI, &self.jwt())
    }

    /// ez-token knows one server, Microsoft's, and trusts the roots that are built into it: it is
    /// built from its source with another server and the system's roots beside its own.
    fn ez_token(&self, workspace: &Workspace) -> Result<Installed, String> {
        let text = |error: std::io::Error| error.to_string();
        if !self.ez().exists() {
            let source = self.source_of_ez_token(workspace)?;
            let copy = self.folder.join("ez-token");
            copy_folder(&source, &copy)?;
            let addresses = copy.join("src/services/authentication/urls.rs");
            let code = fs::read_to_string(&addresses).map_err(text)?;
            let code = code.replace("https://login.microsoftonline.com", AUTHORITY);
            fs::write(&addresses, code).map_err(text)?;
            let manifest = copy.join("Cargo.toml");
            let dependencies = fs::read_to_string(&manifest).map_err(text)?;
            fs::write(&manifest, dependencies + SYSTEM_ROOTS).map_err(text)?;
            let mut install = machine("cargo", &copy);
            install
                .args(["build", "--release", "--target-dir"])
                .arg(self.folder.join("build"));
            succeed(&mut install)?;
            let built = self.folder.join("build/release/ez-token");
            fs::create_dir_all(self.folder.join("cargo/bin")).map_err(text)?;
            fs::copy(built, self.ez()).map_err(text)?;
        }
        binary(EZ_TOKEN, &self.ez())
    }

    /// Cargo unpacks the source of whatever is depended upon.
    fn source_of_ez_token(&self, workspace: &Workspace) -> Result<PathBuf, String> {
        let text = |error: std::io::Error| error.to_string();
        let package = self.folder.join("sources");
        fs::create_dir_all(package.join("src")).map_err(text)?;
        fs::write(package.join("src/lib.rs"), "").map_err(text)?;
        let manifest = package.join("Cargo.toml");
        let name = "[package]\nname = \"sources\"\nversion = \"0.0.0\"\n\n[workspace]\n";
        let dependency = format!("\n[dependencies]\nez-token = \"={EZ_TOKEN}\"\n");
        fs::write(&manifest, name.to_owned() + &dependency).map_err(text)?;
        let mut describe = machine("cargo", &workspace.root);
        describe.args(["metadata", "--quiet", "--format-version", "1"]);
        let about = output(describe.arg("--manifest-path").arg(&manifest))?;
        let about: Value = serde_json::from_str(&about).map_err(|error| error.to_string())?;
        let packages = about["packages"].as_array().into_iter().flatten();
        let manifest = packages
            .filter(|package| package["name"] == "ez-token")
            .find_map(|package| package["manifest_path"].as_str());
        let source = manifest.and_then(|manifest| Path::new(manifest).parent());
        let source = source.ok_or("cargo does not know `ez-token`")?;
        Ok(source.to_owned())
    }
}

fn binary(version: &str, path: &Path) -> Result<Installed, String> {
    let about = fs::metadata(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(Installed {
        version: version.to_owned(),
        size: about.len(),
    })
}

/// Without the file that names the compiler: the one that built entratool is used.
fn copy_folder(from: &Path, to: &Path) -> Result<(), String> {
    let text = |error: std::io::Error| format!("{}: {error}", from.display());
    fs::create_dir_all(to).map_err(text)?;
    for entry in fs::read_dir(from).map_err(text)? {
        let entry = entry.map_err(text)?;
        let copy = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &copy)?;
        } else if entry.file_name() != "rust-toolchain.toml" {
            fs::copy(entry.path(), copy).map_err(text)?;
        }
    }
    Ok(())
}

const JWT_CLI: &str = "6.2.0";
const EZ_TOKEN: &str = "0.1.0";
const NODE_SCRIPT: &str = "msal_node.mjs";

/// Its HTTP client, with one feature more.
const SYSTEM_ROOTS: &str = "
[dependencies.reqwest]
version = \"0.12\"
default-features = false
features = [\"rustls-tls-native-roots\"]

[workspace]
";

const DEBIAN: Packages = &[
    ("/usr/bin/curl", "curl"),
    ("/usr/sbin/ip", "iproute2"),
    ("/usr/bin/jq", "jq"),
    ("/usr/bin/musl-gcc", "musl-tools"),
    ("/usr/bin/node", "nodejs"),
    ("/usr/bin/npm", "npm"),
    ("/usr/bin/oidc-agent", "oidc-agent-cli"),
    ("/usr/bin/openssl", "openssl"),
    ("/usr/bin/python3", "python3"),
    ("/var/lib/dpkg/info/python3-venv.list", "python3-venv"),
    ("/usr/bin/time", "time"),
];

/// Where the emulator listens: one of the peers has to be built with it.
pub(crate) const AUTHORITY: &str = "https://localhost:8443";
