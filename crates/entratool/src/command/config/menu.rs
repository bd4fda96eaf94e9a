//! The menu of `config edit`: every setting with its present value, changed one after another.

use entra::secret::Secret;

use crate::command::config::change::Change;
use crate::command::config::credential::{self, NewCredential};

use crate::env::PathBase;
use crate::failure::Failure;
use crate::profile::field::{CredentialPart, FIELDS, Field, Input};
use crate::profile::flow::Flow;
use crate::profile::raw::RawProfile;
use crate::profile::{Authentication, CertificateFiles};
use crate::ui::Question;
use crate::vault::secrets::{SecretKind, SecretName, Secrets};
use crate::world::World;

/// What the user wants to change; nothing is written yet.
///
/// # Errors
///
/// If an answer in a pipe is wrong, or the user cancels.
pub(super) fn change(
    profile: &RawProfile,
    certificate: Option<&CertificateFiles>,
    world: &World<'_>,
) -> Result<Change, Failure> {
    let mut menu = Menu {
        profile: profile.clone(),
        certificate: certificate.cloned(),
        change: Change::default(),
        world,
    };
    while let Some(field) = menu.choose()? {
        if menu.edit(field)? {
            world.ui.status(&format!("{}: changed", field.label));
        } else {
            world.ui.status(&format!("{}: unchanged", field.label));
        }
    }
    Ok(menu.change)
}

struct Menu<'a> {
    /// With all changes so far.
    profile: RawProfile,
    certificate: Option<CertificateFiles>,
    change: Change,
    world: &'a World<'a>,
}

impl Menu<'_> {
    /// `None` when the user is done, or a pipe has no more answers.
    fn choose(&self) -> Result<Option<&'static Field>, Failure> {
        let mut labels: Vec<_> = FIELDS.iter().map(|field| field.label.to_owned()).collect();
        let mut values: Vec<_> = FIELDS.iter().map(|field| self.present(field)).collect();
        labels.push("Done".to_owned());
        values.push(None);
        let chosen = self.world.ui.choose_setting(
            "What would you like to edit?",
            &labels,
            &values,
            "the options of `config edit`",
        )?;
        Ok(chosen.and_then(|index| FIELDS.get(index)))
    }

    /// The present value, of secrets only whether there is one.
    fn present(&self, field: &Field) -> Option<String> {
        let Input::Credential(part) = field.input else {
            return field.present(&self.profile);
        };
        match part {
            CredentialPart::Secret => self.has(SecretKind::ClientSecret).then(stored),
            CredentialPart::CertificatePassword => {
                self.has(SecretKind::CertificatePassword).then(stored)
            }
            CredentialPart::Method => Some(METHODS[self.method()].to_owned()),
            CredentialPart::Certificate => {
                let files = self.certificate.as_ref()?;
                Some(files.certificate.display().to_string())
            }
            CredentialPart::CertificateKey => {
                let key = self.certificate.as_ref()?.key.as_ref()?;
                Some(key.display().to_string())
            }
        }
    }

    /// Whether there is such a secret, in storage or in the changes so far.
    fn has(&self, kind: SecretKind) -> bool {
        match (&self.change.credential, kind) {
            (Some(NewCredential::ClientSecret(_)), SecretKind::ClientSecret) => true,
            (
                Some(NewCredential::Certificate { password, .. }),
                SecretKind::CertificatePassword,
            ) => password.is_some(),
            (Some(_), _) => false,
            (None, kind) => {
                let name = self.profile.name().unwrap_or_default();
                let vault = self.world.vault().ok();
                vault.is_some_and(|vault| Secrets::new(vault).has(&SecretName::new(name, kind)))
            }
        }
    }

    /// The position of the authentication method in [`METHODS`].
    fn method(&self) -> usize {
        let authentication = match &self.change.credential {
            Some(credential) => credential.authentication(),
            None => {
                let found = self.world.paths().ok().and_then(|paths| {
                    let base = PathBase::new(&paths.config, &self.world.environment);
                    self.profile.authentication(base).ok()
                });
                found.unwrap_or(Authentication::None)
            }
        };
        match authentication {
            Authentication::ClientSecret => 0,
            Authentication::Certificate(_) => 1,
            Authentication::None => 2,
        }
    }

    /// Asks for the new value; whether it differs.
    fn edit(&mut self, field: &'static Field) -> Result<bool, Failure> {
        match field.input {
            Input::Flow => self.edit_flow(field),
            Input::Text(_) | Input::Path | Input::Flag => self.edit_value(field),
            Input::Credential(part) => self.edit_credential(field, part),
        }
    }

    fn edit_value(&mut self, field: &'static Field) -> Result<bool, Failure> {
        let present = field.present(&self.profile);
        let present = present.as_deref().unwrap_or_default();
        let keeps = |text: &str| text.trim() == present;
        let answer = self.world.ui.ask(&Question {
            prompt: field.label,
            preset: Some(present),
            check: &|text| match keeps(text) {
                true => Ok(()),
                false => field.value(text).map(drop),
            },
            option: &format!("--{}", field.option),
        })?;
        if keeps(&answer) {
            return Ok(false);
        }
        let answer = match field.input {
            Input::Path => self.world.environment.expand(&answer).display().to_string(),
            _ => answer,
        };
        self.put(field, answer)
    }

    fn edit_flow(&mut self, field: &'static Field) -> Result<bool, Failure> {
        let flows: Vec<_> = Flow::every().map(|flow| flow.name().to_owned()).collect();
        let present = self.profile.flow().and_then(|flow| Flow::parse(flow).ok());
        let preset = present.and_then(|present| Flow::every().position(|flow| flow == present));
        let chosen = self.world.ui.choose(
            field.label,
            &flows,
            preset.unwrap_or_default(),
            &format!("--{}", field.option),
        )?;
        match chosen {
            None => Ok(false),
            chosen if chosen == preset => Ok(false),
            Some(index) => self.put(field, flows[index].clone()),
        }
    }

    /// Keeps a value for the end, and shows it from now on.
    fn put(&mut self, field: &'static Field, value: String) -> Result<bool, Failure> {
        self.change.fields.put(field, value);
        self.change.fields.check_files(self.world)?;
        self.change.fields.apply(&mut self.profile)?;
        Ok(true)
    }

    fn edit_credential(
        &mut self,
        field: &'static Field,
        part: CredentialPart,
    ) -> Result<bool, Failure> {
        let option = format!("--{}", field.option);
        let credential = match part {
            CredentialPart::Secret => {
                let is_stored = self.has(SecretKind::ClientSecret);
                let secret = self.ask_secret(field.label, &option, is_stored)?;
                secret.map(NewCredential::ClientSecret)
            }
            CredentialPart::Method => return self.edit_method(field),
            CredentialPart::Certificate => {
                let present = self.certificate.as_ref();
                credential::asked_for(field.label, Some(present), self.world)?
            }
            CredentialPart::CertificateKey => {
                let present = self.present_certificate()?;
                credential::key_asked_for(field.label, &present, self.world)?
            }
            CredentialPart::CertificatePassword => {
                let files = self.present_certificate()?;
                let is_stored = self.has(SecretKind::CertificatePassword);
                let password = self.ask_secret(field.label, &option, is_stored)?;
                let opened = password
                    .map(|password| credential::certificate(files, Some(password), self.world));
                opened.transpose()?
            }
        };
        Ok(credential.is_some_and(|credential| self.put_credential(credential)))
    }

    fn edit_method(&mut self, field: &Field) -> Result<bool, Failure> {
        let methods = METHODS.map(str::to_owned);
        let present = self.method();
        let option = format!("--{}", field.option);
        let chosen = self
            .world
            .ui
            .choose(field.label, &methods, present, &option)?;
        let Some(chosen) = chosen.filter(|chosen| *chosen != present) else {
            return Ok(false);
        };
        let part = match chosen {
            0 => CredentialPart::Secret,
            1 => CredentialPart::Certificate,
            _ => return Ok(self.put_credential(NewCredential::None)),
        };
        let is_it =
            |field: &&Field| matches!(field.input, Input::Credential(other) if other == part);
        let mut fields = FIELDS.iter();
        match fields.find(is_it) {
            Some(field) => self.edit_credential(field, part),
            None => Ok(false),
        }
    }

    fn put_credential(&mut self, credential: NewCredential) -> bool {
        self.certificate = match &credential {
            NewCredential::Certificate { files, .. } => Some(files.clone()),
            NewCredential::ClientSecret(_) | NewCredential::None => None,
        };
        self.change.credential = Some(credential);
        true
    }

    fn present_certificate(&self) -> Result<CertificateFiles, Failure> {
        self.certificate.clone().ok_or_else(|| {
            let name = self.profile.name().unwrap_or_default().escape_debug();
            Failure::usage(
                format!("profile `{name}` has no certificate"),
                "set the certificate's path first",
            )
        })
    }

    /// `None` if the stored one stays.
    fn ask_secret(
        &self,
        label: &str,
        option: &str,
        is_stored: bool,
    ) -> Result<Option<Secret>, Failure> {
        if is_stored {
            return self.world.ui.ask_hidden_or_keep(label, option);
        }
        self.world.ui.ask_hidden(label, option).map(Some)
    }
}

fn stored() -> String {
    "stored".to_owned()
}

const METHODS: [&str; 3] = ["Client Secret", "Certificate", "None"];
