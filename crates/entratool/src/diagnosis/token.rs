//! Explains why there is no token.

use entra::error::IdTokenError;
use entra::ports::{HttpError, InteractionError, StoreError};
use entra::wire::refusal::Refusal;

use crate::diagnosis::facts::Known;
use crate::diagnosis::{CLOCK_LIMIT, Diagnosis, Reference, direction, workload};
use crate::duration;
use crate::exit::Exit;
use crate::failure::{Asked, Failure, Whose};
use crate::paste::CommandLine;
use crate::profile::flow::Flow;
use crate::profile::registration::Registration;

/// Why there is no token, and what to do.
pub(super) fn diagnose(asked: &Asked, error: &entra::Error) -> Diagnosis {
    use entra::Error;
    let headline = format!("no token for {}", asked.whose);
    let start =
        |exit, kind| Diagnosis::new(exit, kind, headline.clone()).because(error.to_string());
    match error {
        Error::Assertion { issuer, status, said } => {
            let start = |exit, kind| said.iter().fold(start(exit, kind), |diagnosis, said| {
                diagnosis.because(format!("{issuer} says: {said}"))
            });
            workload::no_assertion(start, issuer, *status)
        }
        Error::Credential(source) => match source.downcast_ref::<Failure>() {
            Some(failure) => crate::diagnosis::diagnose(failure),
            None => start(Exit::Failure, "credential").because(source.to_string()),
        },
        Error::DeviceCodeExpired => start(Exit::SignInRequired, "signInRequired")
            .hint("run the command again and enter the code in time"),
        Error::Http(HttpError::NoRoots) => crate::diagnosis::diagnose(&Failure::NoRoots),
        Error::Http(error @ HttpError::ProxyVariable { .. }) => {
            http(start(Exit::Usage, "usage"), asked, error)
        }
        Error::Http(error) => http(start(Exit::Network, "network"), asked, error),
        Error::IdToken(problem) => id_token(start(Exit::Failure, "idToken"), problem),
        Error::Interaction(error) => interaction(start, asked, error),
        Error::Malformed { .. } if asked.flow == Flow::ManagedIdentity => {
            let diagnosis = start(Exit::Network, "noOAuthAnswer")
                .hint("something else than a managed identity endpoint answered");
            workload::led_by(diagnosis, asked.endpoint_variable)
        }
        Error::Malformed { .. } => start(Exit::Network, "noOAuthAnswer").hint(
            "the answer is not from Entra ID, for example from a proxy or a captive portal; check the authority of the profile, too",
        ),
        Error::ManagedIdentity(problem) => {
            workload::managed_identity(start, problem, asked.endpoint_variable)
        }
        Error::NeedsDefaultScope { suggestion, .. } => {
            let diagnosis = start(Exit::Usage, "usage");
            let scope = CommandLine::other("--scope").argument(suggestion);
            match &asked.whose {
                Whose::Profile(name) => {
                    let edit = CommandLine::new("config edit").option("-p", name);
                    let edit = edit.option("--scope", suggestion);
                    diagnosis.hint(format!("use `{scope}`, or set it with `{edit}`"))
                }
                Whose::Environment | Whose::ManagedIdentity => {
                    diagnosis.hint(format!("use `{scope}`"))
                }
            }
        }
        Error::NothingToRefresh => start(Exit::SignInRequired, "signInRequired").hint(format!(
            "sign in first: `{}`; a refresh token needs the scope offline_access, which sign-in flows request by default",
            asked.sign_in
        )),
        Error::Redirected { .. } => start(Exit::Network, "noOAuthAnswer")
            .hint("check the authority of the profile, and whether a proxy wants you to sign in"),
        Error::Refused(refusal) if asked.flow == Flow::ManagedIdentity && refusal.code().is_none() => {
            workload::refused(start(Exit::Refused, "refused"), refusal)
        }
        Error::Refused(refusal) => refused(start(Exit::Refused, "refused"), asked, refusal),
        Error::SignInRequired(refusal) => {
            let diagnosis = start(Exit::SignInRequired, "signInRequired");
            let diagnosis = match refusal {
                Some(refusal) => refused(diagnosis.because(refusal.to_string()), asked, refusal),
                None => diagnosis,
            };
            let diagnosis = match asked.unattended {
                Some(reason) => diagnosis.because(format!("no browser is opened: {reason}")),
                None => diagnosis,
            };
            let command = format!("`{}`", asked.sign_in);
            if diagnosis.hints.iter().any(|hint| hint.contains(&command)) {
                return diagnosis;
            }
            diagnosis.hint(format!("sign in at a terminal: {command}"))
        }
        Error::Store(error) => store(start, error),
        Error::Unavailable { status, retry_after, refusal } => {
            let diagnosis = start(Exit::Network, "unavailable");
            let diagnosis = match refusal {
                Some(refusal) => with_reference(diagnosis.because(refusal.to_string()), refusal),
                None => diagnosis,
            };
            match (retry_after, status) {
                (Some(wait), _) => {
                    let seconds = wait.as_secs().try_into().unwrap_or(i64::MAX);
                    diagnosis.hint(format!("try again in {}", duration::words(seconds)))
                }
                (None, 404 | 410) => workload::being_updated(diagnosis),
                (None, 429) => diagnosis.hint("too many requests: wait a minute, and cache the token instead of requesting it again"),
                (None, _) => diagnosis.hint("try again in a minute; if it continues, see https://status.cloud.microsoft"),
            }
        }
        _ => start(Exit::Failure, "failure"),
    }
}

fn refused(mut diagnosis: Diagnosis, asked: &Asked, refusal: &Refusal) -> Diagnosis {
    if let Some(end) = asked.certificate_end.filter(|end| *end <= asked.now) {
        diagnosis = diagnosis.hint(format!(
            "the profile's certificate expired {} ago: make another with `entratool certificate create` and upload it",
            duration::words(asked.now - end)
        ));
    }
    let skew = refusal
        .server_time
        .map_or(0, |server| asked.now - server.unix());
    if skew.abs() > CLOCK_LIMIT {
        diagnosis = diagnosis.hint(format!(
            "this computer's clock is {} {} the authority's: correct it first",
            duration::words(skew.abs()),
            direction(skew)
        ));
    }
    advised(with_reference(diagnosis, refusal), asked, refusal)
}

/// What is known about the most specific code, filled in with the profile's own values.
fn advised(diagnosis: Diagnosis, asked: &Asked, refusal: &Refusal) -> Diagnosis {
    let Some(code) = refusal.code() else {
        return diagnosis;
    };
    let known = Known::of_request(asked);
    let found = entra_explain::explain_code(code, &known.facts());
    if !found.known {
        let link = entra_explain::lookup_link(code);
        return diagnosis.hint(format!(
            "AADSTS{code} is not known to this version; see {link}"
        ));
    }
    let next_step = if found.signs_in_again {
        format!("Sign in again: `{}`.", asked.sign_in)
    } else {
        found.next_step
    };
    let page = found.page.map(|page| format!("open {page}"));
    let more = format!(
        "more: `{}`",
        CommandLine::new("explain").argument(&format!("AADSTS{code}"))
    );
    let mut hints: Vec<_> = page.into_iter().chain([more]).collect();
    // A line to paste stands last, where the eye is.
    let place = if next_step.contains('\n') {
        hints.len()
    } else {
        0
    };
    hints.insert(place, next_step);
    hints.into_iter().fold(diagnosis, Diagnosis::hint)
}

fn with_reference(mut diagnosis: Diagnosis, refusal: &Refusal) -> Diagnosis {
    diagnosis.reference = Reference {
        aadsts: refusal.code(),
        correlation_id: refusal.correlation_id.clone(),
        trace_id: refusal.trace_id.clone(),
        timestamp: refusal.timestamp.clone(),
    };
    diagnosis
}

fn http(diagnosis: Diagnosis, asked: &Asked, error: &HttpError) -> Diagnosis {
    match error {
        HttpError::Untrusted { .. } => asked.suspects.iter().fold(
            diagnosis.hint("nothing was sent").hint(format!(
                "if a proxy of your organisation inspects TLS, name its root certificate: `{}`, or SSL_CERT_FILE",
                ca_bundle(asked)
            )),
            |diagnosis, suspect| diagnosis.hint(suspect),
        ),
        HttpError::ProxySignIn { .. } => diagnosis
            .hint("run a local proxy that signs in for you, such as px or cntlm, and name that in HTTPS_PROXY; or name hosts that need no proxy in NO_PROXY"),
        HttpError::ProxyVariable { variable, .. } => {
            diagnosis.hint(format!("correct or unset {variable}; nothing was sent"))
        }
        HttpError::NotConnected { .. } => diagnosis
            .hint("check the network, the authority of the profile, and HTTPS_PROXY/NO_PROXY")
            .hint(step_by_step(asked)),
        HttpError::Roots { .. } | HttpError::Settings(_) => diagnosis.hint(format!(
            "nothing was sent; correct what is named: the CA bundle by `{}`, or SSL_CERT_FILE and the proxy variables in the environment",
            ca_bundle(asked)
        )),
        HttpError::Proxy { .. } => diagnosis
            .hint("check HTTPS_PROXY and NO_PROXY")
            .hint(step_by_step(asked)),
        HttpError::TimedOut { .. } => {
            diagnosis.hint("try again, or allow more time with `--timeout 2m`")
        }
        HttpError::BodyTooLarge { .. } => {
            diagnosis.hint("no answer of Entra ID is that large: check the authority of the profile")
        }
        _ => diagnosis,
    }
}

fn step_by_step(asked: &Asked) -> String {
    let doctor = asked.whose.named_in(CommandLine::new("doctor"));
    format!("`{doctor}` checks the connection step by step")
}

fn ca_bundle(asked: &Asked) -> CommandLine {
    let edit = CommandLine::new("config edit").option("-p", asked.whose.name());
    edit.with("--ca-bundle FILE")
}

fn id_token(diagnosis: Diagnosis, problem: &IdTokenError) -> Diagnosis {
    let diagnosis = diagnosis.hint("nothing was cached");
    match problem {
        IdTokenError::Expired => diagnosis.hint("check this computer's clock"),
        IdTokenError::Issuer => {
            diagnosis.hint("check that the profile's tenant and authority belong together")
        }
        _ => diagnosis
            .hint("run the command again; if it happens again, another program may be interfering"),
    }
}

fn interaction(
    start: impl Fn(Exit, &'static str) -> Diagnosis,
    asked: &Asked,
    error: &InteractionError,
) -> Diagnosis {
    match error {
        InteractionError::Unanswered => {
            let Registration {
                platform,
                redirect_uri,
            } = &asked.registration;
            start(Exit::SignInRequired, "browserDidNotRespond")
                .hint(format!(
                    "try the device code flow instead: `{}`",
                    asked.whose.named_in(CommandLine::new("get-token")).with("-f DeviceCode")
                ))
                .hint(format!(
                    "check the redirect URI: the app registration needs `{redirect_uri}` under {platform}"
                ))
                .hint("ensure that nothing blocks the port on localhost")
        }
        InteractionError::PortBusy { port } => {
            let other = match asked.flow {
                Flow::AuthorizationCode => {
                    "register another redirect URI and pass it with `--redirect-uri`"
                }
                _ => "pass another one with `--port`",
            };
            start(Exit::Failure, "portBusy").hint(format!(
                "find out which program uses port {port} and end it, or {other}"
            ))
        }
        _ => start(Exit::Failure, "interaction"),
    }
}

fn store(start: impl Fn(Exit, &'static str) -> Diagnosis, error: &StoreError) -> Diagnosis {
    let start = |exit, kind| start(exit, kind).because_of(error);
    match error {
        StoreError::Busy(_) => start(Exit::Network, "busy")
            .hint("another entratool is fetching the same token; try again when it is done, or allow more time with `--timeout`"),
        StoreError::Unavailable(_) => start(Exit::StorageUnavailable, "storageUnavailable").hint(
            "see `entratool storage status`; unlock the keyring or set ENTRATOOL_PASSPHRASE, whichever is in use",
        ),
        _ => start(Exit::Failure, "storage").hint("see `entratool storage status`"),
    }
}
