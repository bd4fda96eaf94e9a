//! `certificate create`: a key with a self-signed certificate, in files for both ends.

use std::path::{Path, PathBuf};

use clap::Args;
use entra::certificate::create::{CreateError, KeySize, NewCertificate};
use entra::secret::Secret;
use serde::Serialize;

use crate::certificate::file::{self, Report};
use crate::command::certificate::show::PasswordArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::pretty;
use crate::paste::CommandLine;
use crate::text;
use crate::world::World;

/// Options of `certificate create`.
#[derive(Debug, Clone, Args)]
pub struct CreateArgs {
    /// The common name in the certificate
    #[arg(short, long, value_name = "NAME", default_value = "entratool")]
    pub name: String,
    /// Write BASENAME.pfx and BASENAME.cer; default: the common name
    #[arg(short, long, visible_alias = "out", value_name = "BASENAME")]
    pub output: Option<PathBuf>,
    /// The number of days that the certificate is valid
    #[arg(
        long,
        default_value_t = 365,
        value_parser = clap::value_parser!(u16).range(1..=i64::from(NewCertificate::DAYS_LIMIT))
    )]
    pub days: u16,
    /// The size of the RSA key: 2048 or 3072
    #[arg(long, default_value = "2048", value_parser = key_size)]
    pub bits: KeySize,
    #[command(flatten)]
    pub password: PasswordArgs,
    /// Replace files of the same names
    #[arg(long)]
    pub overwrite: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Makes a certificate and writes its files.
///
/// # Errors
///
/// If a value is no good, or the files are there already or cannot be written.
pub(super) fn run(arguments: &CreateArgs, world: &World<'_>) -> Result<Exit, Failure> {
    if arguments.output.as_deref() == Some(Path::new("-")) {
        return Err(Failure::usage(
            "two files are made, which standard output cannot be",
            "name them with `--output BASENAME`",
        ));
    }
    let [pfx_file, public_file] = files(arguments);
    for path in [&pfx_file, &public_file] {
        if !arguments.overwrite && path.symlink_metadata().is_ok() {
            return Err(Failure::FileExists(path.clone()));
        }
    }
    let password = password(&arguments.password, world)?;
    let entropy = |bytes: &mut [u8]| world.machine.entropy().fill(bytes);
    let now = world.now();
    let request = NewCertificate {
        common_name: &arguments.name,
        key_size: arguments.bits,
        // Entra ID's clock may be behind this one.
        not_before: now.plus(-10 * 60),
        days: arguments.days,
    };
    let created = request.create(&entropy).map_err(impossible)?;
    let pfx = created.pfx(&password, &entropy).map_err(impossible)?;
    let certificate = created.certificate();
    world.save(&pfx_file, &pfx)?;
    world.save(&public_file, certificate.der())?;
    let text = if arguments.json {
        pretty(&CreateReport {
            pfx: pfx_file.display().to_string(),
            cer: public_file.display().to_string(),
            certificate: Report::new(certificate, now),
        })
    } else {
        file::lines(certificate, now)
            .iter()
            .map(|(label, value)| format!("{label}: {value}\n"))
            .collect()
    };
    world.ui.success(&format!(
        "Certificate and key saved to {}, for you only",
        text::path(&pfx_file)
    ));
    world.ui.success(&format!(
        "Certificate without the key saved to {}",
        text::path(&public_file)
    ));
    world.ui.result(&text)?;
    world
        .ui
        .status(&next_steps(&pfx_file, &public_file, &arguments.password));
    Ok(Exit::Success)
}

/// The PFX and the `.cer`.
fn files(arguments: &CreateArgs) -> [PathBuf; 2] {
    let base = match &arguments.output {
        Some(output) => match output.extension().and_then(|extension| extension.to_str()) {
            Some("pfx" | "p12" | "cer") => output.with_extension(""),
            _ => output.clone(),
        },
        None => file_name(&arguments.name).into(),
    };
    ["pfx", "cer"].map(|extension| {
        let mut path = base.clone().into_os_string();
        path.push(".");
        path.push(extension);
        path.into()
    })
}

/// A common name as a file name that needs no quotes anywhere.
fn file_name(common_name: &str) -> String {
    let plain = |c: char| match c {
        _ if c.is_alphanumeric() || "._-".contains(c) => c,
        _ => '-',
    };
    let name: String = common_name.chars().map(plain).collect();
    match name.trim_start_matches(['.', '-']) {
        "" => "certificate".to_owned(),
        name => name.to_owned(),
    }
}

fn password(arguments: &PasswordArgs, world: &World<'_>) -> Result<Secret, Failure> {
    let check = |password: Secret| match password.is_empty() {
        true => Err(Failure::usage(
            "an empty password protects nothing",
            "give the password that the PFX file shall have",
        )),
        false => Ok(password),
    };
    if let Some(password) = arguments.source().read(world)? {
        return check(password);
    }
    let option = "--password-stdin";
    let password = world
        .ui
        .ask_hidden("Password for the new PFX file", option)
        .and_then(check)?;
    // Only hidden input needs a second try.
    if world.ui.is_interactive() {
        let again = world.ui.ask_hidden("The same password again", option)?;
        if !again.equals(password.expose()) {
            return Err(Failure::usage(
                "the two passwords differ",
                "run the command again",
            ));
        }
    }
    Ok(password)
}

fn key_size(text: &str) -> Result<KeySize, String> {
    match text {
        "2048" => Ok(KeySize::Rsa2048),
        "3072" => Ok(KeySize::Rsa3072),
        _ => Err("RSA keys of 2048 and 3072 bits are made".to_owned()),
    }
}

fn impossible(error: CreateError) -> Failure {
    Failure::usage(error.to_string(), "correct `--name` or `--days`")
}

fn next_steps(pfx: &Path, public: &Path, password: &PasswordArgs) -> String {
    let create =
        CommandLine::new("config create --name NAME --client-id CLIENT_ID --tenant-id TENANT_ID")
            .with("--certificate");
    format!(
        "\nNext steps:\n  \
         1. Upload {}: Azure Portal → App registrations → your app → Certificates & secrets → \
         Certificates → Upload certificate\n  \
         2. {}",
        text::path(public),
        with_password(create.path(pfx), password),
    )
}

/// Passes `config create` the password that this command got; one that was typed is asked for again.
fn with_password(create: CommandLine, password: &PasswordArgs) -> CommandLine {
    let PasswordArgs {
        password_stdin,
        password_file,
        password_env,
    } = password;
    match (password_file, password_env) {
        (Some(file), _) => create.path_option("--certificate-password-file", file),
        (None, Some(variable)) => create.option("--certificate-password-env", variable),
        (None, None) if *password_stdin => create.with("--certificate-password-stdin"),
        (None, None) => create,
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CreateReport<'a> {
    pfx: String,
    cer: String,
    #[serde(flatten)]
    certificate: Report<'a>,
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        arguments: CreateArgs,
    }

    #[test]
    fn the_two_files_stand_side_by_side() {
        let check = |words: &[&str], want: [&str; 2]| {
            let line = ["create"].iter().chain(words);
            let arguments = Line::try_parse_from(line).unwrap().arguments;
            assert_eq!(files(&arguments), want.map(PathBuf::from), "{words:?}");
        };
        check(&[], ["entratool.pfx", "entratool.cer"]);
        check(&["--name", "a b/c"], ["a-b-c.pfx", "a-b-c.cer"]);
        check(&["--name", "../x"], ["x.pfx", "x.cer"]);
        check(&["--name", "//"], ["certificate.pfx", "certificate.cer"]);
        check(&["-o", "/c/app"], ["/c/app.pfx", "/c/app.cer"]);
        check(&["--out", "app.pfx"], ["app.pfx", "app.cer"]);
        check(&["-o", "app.v1"], ["app.v1.pfx", "app.v1.cer"]);
    }

    #[test]
    fn impossible_sizes_and_spans_are_refused() {
        let check = |words: [&str; 2]| {
            let line = ["create"].iter().chain(&words);
            assert!(Line::try_parse_from(line).is_err(), "{words:?}");
        };
        check(["--bits", "1024"]);
        check(["--bits", "4096"]);
        check(["--days", "0"]);
        check(["--days", "3654"]);
    }
}
