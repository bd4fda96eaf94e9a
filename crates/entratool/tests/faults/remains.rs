//! What a command left on the disk: every file has to be whole, and the next run leaves no litter.

use std::fs;
use std::path::{Path, PathBuf};

use entra::secret::Secret;
use entratool::file::{Files, Waiting};
use entratool::vault::Vault;
use entratool::vault::name::{Kind, SealedName};
use serde_json::Value;

use crate::stage::Stage;

/// The files of a home folder, each of which was read.
pub(crate) struct Remains {
    vault: Vault,
    home: PathBuf,
}

impl Remains {
    /// Reads every file below the home folder of `stage`; one that is not whole ends the test.
    #[track_caller]
    pub(crate) fn of(stage: &Stage, story: &str) -> Self {
        let remains = Self {
            vault: stage.vault(),
            home: stage.path(""),
        };
        for file in files_below(&remains.home) {
            remains.read(&file, story);
        }
        remains
    }

    #[track_caller]
    fn read(&self, file: &Path, story: &str) {
        let name = file.file_name().unwrap().to_str().unwrap();
        let bytes = fs::read(file).unwrap();
        let whole = if let Some(name) = SealedName::from_file_name(name) {
            let text = self.vault.open(&name);
            text.is_ok_and(|text| text.is_some())
        } else if name.ends_with(".lock") {
            bytes.is_empty()
        } else if name == "token.txt" {
            bytes.starts_with(b"eyJ") && bytes.ends_with(b"\n")
        } else if name.ends_with(".json") || name.ends_with(".sealed") {
            serde_json::from_slice::<Value>(&bytes).is_ok()
        } else if name == "app.pem" {
            bytes.starts_with(b"-----BEGIN")
        } else if name.starts_with("key-") {
            bytes.len() == 65
        } else {
            // A writer that was killed leaves a file of its own, which the next one removes.
            name.ends_with(".tmp") || name.ends_with(".damaged")
        };
        assert!(whole, "{story}: {} is not whole", file.display());
    }

    /// The cached refresh token of a profile.
    pub(crate) fn refresh_token(&self, profile: &str) -> String {
        let document: Value = serde_json::from_str(&self.text(Kind::Token, profile)).unwrap();
        let tokens = document["RefreshToken"].as_object().unwrap();
        assert_eq!(tokens.len(), 1, "{profile}");
        let token = tokens.values().next().unwrap();
        token["secret"].as_str().unwrap().to_owned()
    }

    /// The client secret of a profile.
    pub(crate) fn client_secret(&self, profile: &str) -> String {
        self.text(Kind::ClientSecret, profile)
    }

    fn text(&self, kind: Kind, profile: &str) -> String {
        let name = SealedName::new(kind, profile);
        let text = self.vault.open(&name).unwrap();
        let text = text.unwrap_or_else(|| panic!("{name} are gone"));
        text.expose().to_owned()
    }

    /// Writes as the next command does, and looks for what should be gone then.
    #[track_caller]
    pub(crate) fn next_run(&self, story: &str) {
        let name = SealedName::new(Kind::Token, "next");
        self.vault.seal(&name, &Secret::from("{}")).unwrap();
        let output = self.home.join("token.txt");
        let files = Files::system();
        files
            .save_output(&output, b"eyJ\n", &Waiting::NEVER)
            .unwrap();
        let status = self.vault.status().unwrap();
        assert!(status.answer.is_ok() && !status.unfinished, "{story}");
        let files = files_below(&self.home);
        let named = |name: &dyn Fn(&str) -> bool| {
            let names = files.iter().map(|file| file.file_name().unwrap());
            names.filter(|file| name(file.to_str().unwrap())).count()
        };
        assert_eq!(
            named(&|name| name.ends_with(".tmp")),
            0,
            "{story}: {files:?}"
        );
        assert_eq!(
            named(&|name| name.starts_with("key-") && !name.ends_with(".lock")),
            1,
            "{story}: {files:?}"
        );
    }
}

/// Every file below a folder.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files
}
