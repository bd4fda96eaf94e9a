//! `config edit`: a profile changed by a menu or by options.

use clap::Args;
use serde_json::Value;

use crate::command::config::credential::{self, CredentialArgs, NewCredential};
use crate::command::config::fields::{self, Check, FieldArgs};
use crate::command::config::lock_tokens;
use crate::env::PathBase;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::profile::flow::Flow;
use crate::profile::raw::RawProfile;
use crate::profile::{Authentication, CertificateFiles, cloud};
use crate::token::select;
use crate::ui::Question;
use crate::world::World;

/// Options of `config edit`.
#[derive(Debug, Clone, Args)]
pub struct EditArgs {
    /// The profile; default: ENTRATOOL_PROFILE, `default`, or the only one
    #[arg(short, long)]
    pub profile: Option<String>,
    #[command(flatten)]
    pub fields: FieldArgs,
    #[command(flatten)]
    pub credential: CredentialArgs,
}

/// Changes a profile: by options if there are any, else by a menu.
///
/// # Errors
///
/// If there is no such profile, or a value is no good.
pub(super) fn run(arguments: &EditArgs, world: &World<'_>) -> Result<Exit, Failure> {
    let name = profile_name(arguments, world)?;
    let present = certificate_of(&name, world)?;
    let credential = arguments.credential.read(present.as_ref(), world)?;
    arguments.fields.check_files(world)?;
    if arguments.fields.any() || credential.is_some() {
        save(&name, credential.as_ref(), world, |raw| {
            arguments.fields.apply(raw)
        })?;
        world.ui.success(&format!("Profile '{name}' updated"));
        return Ok(Exit::Success);
    }
    let mut changed = false;
    while let Some(item) = choose(world)? {
        item.edit(&name, world)?;
        world.ui.success(&format!("{} updated", item.label()));
        changed = true;
    }
    if changed {
        world.ui.success(&format!("Profile '{name}' updated"));
    } else {
        world.ui.status("Nothing changed");
    }
    Ok(Exit::Success)
}

/// What the menu offers, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Item {
    ClientId,
    TenantId,
    ClientSecret,
    Scope,
    Flow,
    Authority,
    Method,
    CertificatePath,
    CertificatePassword,
    RedirectUri,
}

impl Item {
    const ALL: [Self; 10] = [
        Self::ClientId,
        Self::TenantId,
        Self::ClientSecret,
        Self::Scope,
        Self::Flow,
        Self::Authority,
        Self::Method,
        Self::CertificatePath,
        Self::CertificatePassword,
        Self::RedirectUri,
    ];

    fn label(self) -> &'static str {
        match self {
            Self::ClientId => "Client ID",
            Self::TenantId => "Tenant ID",
            Self::ClientSecret => "Client Secret",
            Self::Scope => "Scope",
            Self::Flow => "OAuth2 Flow",
            Self::Authority => "Authority URL",
            Self::Method => "Authentication Method",
            Self::CertificatePath => "Certificate Path",
            Self::CertificatePassword => "Certificate Password",
            Self::RedirectUri => "Redirect URI",
        }
    }

    /// Asks for the new value and saves it.
    fn edit(self, name: &str, world: &World<'_>) -> Result<(), Failure> {
        match self {
            Self::ClientId => self.edit_text(name, "clientId", fields::client_id, world),
            Self::TenantId => self.edit_text(name, "tenantId", fields::tenant, world),
            Self::Scope => self.edit_text(name, "scope", fields::scope, world),
            Self::Authority => self.edit_text(name, "authority", fields::authority, world),
            Self::RedirectUri => self.edit_text(name, "redirectUri", fields::redirect_uri, world),
            Self::Flow => self.edit_flow(name, world),
            Self::Method => self.edit_method(name, world),
            Self::ClientSecret => {
                let secret = world.ui.ask_hidden(self.label(), "--client-secret-stdin")?;
                save(
                    name,
                    Some(&NewCredential::ClientSecret(secret)),
                    world,
                    unchanged,
                )
            }
            Self::CertificatePath => {
                let credential = credential::asked_for(self.label(), world)?;
                save(name, Some(&credential), world, unchanged)
            }
            Self::CertificatePassword => self.edit_certificate_password(name, world),
        }
    }

    fn edit_text(
        self,
        name: &str,
        member: &'static str,
        check: Check,
        world: &World<'_>,
    ) -> Result<(), Failure> {
        let value = self.ask("the options of `config edit`", &check, world)?;
        save(name, None, world, |raw| {
            let before = cloud(raw.text("authority"));
            raw.set(member, Some(Value::String(fields::stored(member, &value))));
            if member == "authority" {
                fields::follow_cloud(raw, before);
            }
            Ok(())
        })
    }

    fn edit_flow(self, name: &str, world: &World<'_>) -> Result<(), Failure> {
        let flows = Flow::ALL.map(|flow| flow.name().to_owned());
        let chosen = world.ui.choose(self.label(), &flows, 0, "--flow")?;
        let flow = Flow::ALL[chosen.ok_or(Failure::Cancelled)?];
        save(name, None, world, |raw| {
            raw.set("flow", Some(Value::String(flow.name().to_owned())));
            Ok(())
        })
    }

    fn edit_method(self, name: &str, world: &World<'_>) -> Result<(), Failure> {
        let methods = ["Client Secret", "Certificate", "None"].map(str::to_owned);
        let chosen = world
            .ui
            .choose(self.label(), &methods, 0, "--no-credential")?;
        match chosen.ok_or(Failure::Cancelled)? {
            0 => Self::ClientSecret.edit(name, world),
            1 => Self::CertificatePath.edit(name, world),
            _ => save(name, Some(&NewCredential::None), world, unchanged),
        }
    }

    fn edit_certificate_password(self, name: &str, world: &World<'_>) -> Result<(), Failure> {
        let Some(files) = certificate_of(name, world)? else {
            return Err(Failure::usage(
                format!("profile `{name}` has no certificate"),
                "set the certificate's path first",
            ));
        };
        let password = world
            .ui
            .ask_hidden(self.label(), "--certificate-password-stdin")?;
        let credential = credential::certificate(files, Some(password), world)?;
        save(name, Some(&credential), world, unchanged)
    }

    fn ask(
        self,
        option: &str,
        check: &dyn Fn(&str) -> Result<(), String>,
        world: &World<'_>,
    ) -> Result<String, Failure> {
        world.ui.ask(&Question {
            prompt: self.label(),
            preset: None,
            check,
            option,
        })
    }
}

/// `None` when the person is done; so is whoever pipes answers and has none left.
fn choose(world: &World<'_>) -> Result<Option<Item>, Failure> {
    let mut labels: Vec<String> = Item::ALL
        .iter()
        .map(|item| item.label().to_owned())
        .collect();
    labels.push("Done".to_owned());
    let question = "What would you like to edit?";
    let done = Item::ALL.len();
    let chosen = world
        .ui
        .choose(question, &labels, done, "the options of `config edit`")?;
    Ok(chosen.and_then(|index| Item::ALL.get(index).copied()))
}

fn unchanged(_: &mut RawProfile) -> Result<(), Failure> {
    Ok(())
}

/// Under the profile's own lock, so that whoever is fetching a token with the old identity is
/// done before its tokens are forgotten, and whoever comes later sees the new one.
fn save(
    name: &str,
    credential: Option<&NewCredential>,
    world: &World<'_>,
    change: impl Fn(&mut RawProfile) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let sleep = |pause| world.sleep(pause);
    let base = PathBase::new(&world.paths()?.config, &world.environment);
    let guard = lock_tokens(name, world)?;
    let renamed = world.profiles()?.change(&sleep, |profiles| {
        let index = profiles
            .index(name)
            .map_err(|why| select::not_found(name, why))?;
        let raw = &mut profiles.profiles[index];
        let before = identity(raw);
        let was_understood = select::parse(raw, world).is_ok();
        change(raw)?;
        if let Some(credential) = credential {
            let authentication = credential.authentication();
            // A path that leads there already stays as it was written, relative to this file.
            if raw.authentication(base).as_ref() != Ok(&authentication) {
                raw.set_authentication(&authentication);
            }
        }
        // What was wrong before is the file's fault, not that of the options.
        if was_understood {
            fields::understood(raw, world)?;
        } else {
            select::parse(raw, world)?;
        }
        // Not before the profile was found good: a bad edit must not cost the old secret.
        if let Some(credential) = credential {
            credential.store(name, world)?;
        }
        Ok::<_, Failure>(identity(raw) != before)
    })?;
    if renamed || credential.is_some() {
        guard.remove()?;
    }
    if let Some(credential) = credential {
        credential.forget_others(name, world)?;
    }
    Ok(())
}

/// Who asks whom: with another identity, kept tokens are somebody else's.
fn identity(raw: &RawProfile) -> [Option<String>; 3] {
    ["clientId", "tenantId", "authority"].map(|member| raw.text(member).map(str::to_owned))
}

/// Where the profile's certificate is, if it proves itself with one; a profile with mistakes is
/// here to be mended.
fn certificate_of(name: &str, world: &World<'_>) -> Result<Option<CertificateFiles>, Failure> {
    let profiles = world.profiles()?.load()?;
    let raw = profiles
        .find(name)
        .map_err(|why| select::not_found(name, why))?;
    let base = PathBase::new(&world.paths()?.config, &world.environment);
    Ok(match raw.authentication(base) {
        Ok(Authentication::Certificate(files)) => Some(files),
        _ => None,
    })
}

fn profile_name(arguments: &EditArgs, world: &World<'_>) -> Result<String, Failure> {
    let Some(name) = &arguments.profile else {
        return Ok(select::select(None, world)?.profile.name.to_string());
    };
    let profiles = world.profiles()?.load()?;
    let raw = profiles
        .find(name)
        .map_err(|why| select::not_found(name, why))?;
    Ok(raw.name().unwrap_or_default().to_owned())
}
