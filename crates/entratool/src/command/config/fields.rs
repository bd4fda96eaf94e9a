//! The settings of a profile as options, made from their table.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, ValueHint};
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, value_parser};
use entra::authority::{Address, Tenant};
use entra::cloud::Cloud;
use serde_json::Value;

use crate::ca_bundle::CaBundle;
use crate::env::PathBase;
use crate::failure::Failure;
use crate::paste::CommandLine;
use crate::profile::field::{self, FIELDS, Field, Input};
use crate::profile::raw::RawProfile;
use crate::profile::{Profile, ProfileName, cloud};
use crate::world::World;

/// Settings of a profile that are no part of its credential, as given.
#[derive(Debug, Clone, Default)]
pub struct FieldArgs {
    given: Vec<(&'static Field, String)>,
}

impl Args for FieldArgs {
    fn augment_args(command: Command) -> Command {
        settable().fold(command, |command, field| command.arg(argument(field)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for FieldArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = settable().filter_map(|field| {
            let value = match field.input {
                Input::Path => {
                    let path: &PathBuf = matches.get_one(field.option)?;
                    path.to_string_lossy().into_owned()
                }
                _ => matches.get_one::<String>(field.option)?.clone(),
            };
            Some((field, value))
        });
        Ok(Self {
            given: given.collect(),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn settable() -> impl Iterator<Item = &'static Field> {
    let is_settable = |field: &&Field| !matches!(field.input, Input::Credential(_));
    FIELDS.iter().filter(is_settable)
}

fn argument(field: &'static Field) -> Arg {
    let argument = Arg::new(field.option)
        .long(field.option)
        .value_name(field.value_name)
        .help(field.help);
    match field.input {
        Input::Path => argument
            .value_parser(value_parser!(PathBuf))
            .value_hint(ValueHint::FilePath),
        Input::Flag => argument
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true")
            .value_parser(PossibleValuesParser::new(["true", "false"])),
        Input::Text(_) | Input::Flow | Input::Credential(_) => argument,
    }
}

/// Checks a profile's name.
pub(super) fn name(text: &str) -> Result<(), String> {
    ProfileName::parse(text.trim())
        .map(drop)
        .map_err(|error| error.to_string())
}

impl FieldArgs {
    /// Whether any setting is given.
    pub(super) fn any(&self) -> bool {
        !self.given.is_empty()
    }

    /// The value given for a member.
    pub(super) fn get(&self, member: &str) -> Option<&str> {
        let mut given = self.given.iter();
        let (_, value) = given.find(|(field, _)| field.member() == member)?;
        Some(value)
    }

    /// Gives a value for a member, in place of one given before.
    pub(super) fn put(&mut self, field: &'static Field, value: String) {
        self.given
            .retain(|(other, _)| other.member() != field.member());
        self.given.push((field, value));
    }

    /// Looks into the CA bundle at once, so that a wrong path shows now.
    pub(super) fn check_files(&self, world: &World<'_>) -> Result<(), Failure> {
        let Some(path) = self.get("caBundle") else {
            return Ok(());
        };
        let bundle = CaBundle::of_option(path.as_ref());
        if let Some(problem) = bundle.check(world)?.problem() {
            let path = crate::text::path(&bundle.path);
            let text = format!("of the certificates in `{path}`, {problem}");
            world.ui.warning(&text);
        }
        Ok(())
    }

    /// Writes the given settings into a profile. In another cloud, scopes of Microsoft Graph
    /// become those of that cloud's, unless new ones are given.
    pub(super) fn apply(&self, profile: &mut RawProfile) -> Result<(), Failure> {
        let before = cloud(profile.text("authority"));
        let tenant = self.tenant(profile.text("tenantId"))?;
        for (field, text) in &self.given {
            let value = field.value(text).map_err(|problem| {
                Failure::usage(
                    problem,
                    format!("correct the value of `--{}`", field.option),
                )
            })?;
            field.set(profile, value);
        }
        if let Some(tenant) = tenant {
            profile.set("tenantId", Some(Value::String(tenant.to_string())));
        }
        if self.get("scope").is_none() {
            follow_cloud(profile, before);
        }
        Ok(())
    }

    /// The tenant in the URL of the authority, where no other is named.
    ///
    /// # Errors
    ///
    /// If `--tenant-id` or the tenant of the profile is another one.
    pub(super) fn tenant(&self, present: Option<&str>) -> Result<Option<Tenant>, Failure> {
        let address = self.get("authority").map(Address::parse);
        let address = address.and_then(Result::ok);
        let Some(tenant) = address.as_ref().and_then(Address::tenant) else {
            return Ok(None);
        };
        let (named, whose) = match (self.get("tenantId"), present) {
            (Some(named), _) => (named, "`--tenant-id`"),
            (None, Some(present)) => (present, "the profile"),
            (None, None) => return Ok(Some(tenant.clone())),
        };
        if Tenant::parse(named).is_ok_and(|named| named != *tenant) {
            return Err(Failure::usage(
                format!("`--authority` is of tenant `{tenant}`, and {whose} names another"),
                format!(
                    "leave the tenant out of `--authority`, or pass `{}`",
                    CommandLine::other("--tenant-id").argument(tenant.as_str())
                ),
            ));
        }
        Ok(None)
    }
}

/// Moves scopes of the Graph of the cloud `before` to the cloud that the profile names now.
fn follow_cloud(profile: &mut RawProfile, before: Cloud) {
    let now = cloud(profile.text("authority"));
    let Some(scopes) = profile.scopes().filter(|_| before.graph() != now.graph()) else {
        return;
    };
    let moved = |scope: &str| match scope.strip_prefix(before.graph()) {
        Some(rest) if rest.starts_with('/') => format!("{}{rest}", now.graph()),
        _ => scope.to_owned(),
    };
    let separators = |c: char| c == ',' || c.is_whitespace();
    let parts = scopes.split(separators).filter(|part| !part.is_empty());
    let moved: Vec<_> = parts.map(moved).collect();
    if let Some(field) = field::of_member("scope") {
        field.set(profile, Value::String(moved.join(" ")));
    }
}

/// Checks a profile that consists of options and answers.
///
/// # Errors
///
/// Names the option to correct.
pub(super) fn parse(profile: &RawProfile, world: &World<'_>) -> Result<(), Failure> {
    let base = PathBase::new(&world.paths()?.config, &world.environment);
    Profile::parse(profile, base).map(drop).map_err(|error| {
        let option = match field::of_member(error.member()) {
            Some(field) => field.option,
            None => "name",
        };
        Failure::usage(error.to_string(), format!("correct `--{option}`"))
    })
}
