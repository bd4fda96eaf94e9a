//! Where things are: the workspace, its target folder and the witness suite.

use std::path::{Path, PathBuf};

/// The folders the chores work in.
pub struct Workspace {
    /// The folder of the workspace's `Cargo.toml`.
    pub root: PathBuf,
    /// Cargo's output.
    pub target: PathBuf,
}

impl Workspace {
    /// Finds the workspace from what `cargo run` says about the package that it runs.
    pub fn locate() -> Self {
        let package = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).into(),
            PathBuf::from,
        );
        let mut folders = package.ancestors().skip(1);
        let root = folders.find(|folder| folder.join("xtask").is_dir());
        let root = root.unwrap_or(&package).to_owned();
        let target = std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| root.join("target"), |target| root.join(target));
        Self { root, target }
    }

    /// The third-party witnesses, as committed.
    pub fn witness(&self) -> PathBuf {
        self.root.join("witness")
    }

    /// What the witnesses need that is not committed: Python packages, reports, a home folder.
    pub fn witness_output(&self) -> PathBuf {
        self.target.join("witness")
    }

    /// A program of the packages in `witness/requirements.txt` and `xtask/requirements.txt`.
    pub fn tool(&self, name: &str) -> PathBuf {
        self.witness_output().join("python/bin").join(name)
    }

    /// Where programs of other people are installed by cargo.
    pub fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }

    /// The release build of the command.
    pub fn entratool(&self) -> PathBuf {
        self.target.join("release/entratool")
    }
}
