//! Next steps that depend on what a profile proves itself with: a certificate, or a client secret.

use crate::profile::AuthenticationMethod;

/// What to do where the flow that was refused never sends the `$credential` that the profile has.
macro_rules! sent_by_other_flows {
    ($credential:literal) => {
        concat!(
            "The device code and browser flows never send the ",
            $credential,
            ". Let the app do without: Azure Portal → App registrations → your app → \
             Authentication → Advanced settings → Allow public client flows → Enable the following \
             mobile and desktop flows → Yes → Save. Or use a flow that sends it: `entratool \
             get-token -p {profile} -f AuthorizationCode`, or ClientCredentials for the app itself."
        )
    };
}

/// The template that stands in for the usual next step of `code`, where a profile that
/// authenticates by `method` needs another one.
pub(super) fn next_step(code: u32, method: AuthenticationMethod) -> Option<&'static str> {
    use AuthenticationMethod::{Certificate, ClientSecret};
    match (method, code) {
        (Certificate, 7_000_215 | 7_000_222) => Some(SENDS_NO_SECRET),
        (Certificate, 50_012 | 70_002) => Some(REGISTER_THE_CERTIFICATE),
        (Certificate, 7_000_216) => Some(OPEN_THE_CERTIFICATE),
        (Certificate, 7_000_218) => Some(sent_by_other_flows!("certificate")),
        (ClientSecret, 7_000_218) => Some(sent_by_other_flows!("secret")),
        (ClientSecret, 700_027 | 700_030 | 7_000_214 | 1_000_502) => Some(SIGNS_NOTHING),
        _ => None,
    }
}

const SENDS_NO_SECRET: &str = "Profile `{profile}` signs with a certificate and sends no secret: \
    another profile or program was refused, and needs the new secret. If this one is refused, \
    upload the public part of its certificate (thumbprint: `entratool config show -p {profile}`): \
    Azure Portal → App registrations → your app → Certificates & secrets → Certificates.";

const REGISTER_THE_CERTIFICATE: &str = "Azure Portal → App registrations → your app → \
    Certificates & secrets → Certificates: the list must hold the profile's certificate \
    (thumbprint: `entratool config show -p {profile}`). If it does not, upload its public part, or \
    name another file: `entratool config edit -p {profile}`, select Certificate Path.";

const OPEN_THE_CERTIFICATE: &str = "`entratool doctor -p {profile}` opens the profile's \
    certificate and says what is wrong with it. To name another file: `entratool config edit -p \
    {profile}`, select Certificate Path.";

const SIGNS_NOTHING: &str = "Profile `{profile}` sends a client secret and signs nothing: another \
    profile or program was refused, and its certificate belongs under Azure Portal → App \
    registrations → your app → Certificates & secrets → Certificates. If this profile is meant to \
    use it: `entratool config edit -p {profile}`, select Certificate Path.";

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::super::{Facts, entries, find};
    use super::*;
    use crate::cli::Cli;

    #[test]
    fn these_steps_are_held_to_the_rules_of_the_table() {
        use AuthenticationMethod::{Certificate, ClientSecret, None as Public};
        let facts = Facts::default();
        let mut found = 0;
        for code in entries().iter().map(|entry| entry.code) {
            let steps = [Certificate, ClientSecret, Public].map(|method| next_step(code, method));
            for next_step in steps.into_iter().flatten() {
                found += 1;
                assert!(next_step.chars().count() <= 450, "{code}");
                assert!(next_step.ends_with('.') && !next_step.contains("  "));
                let filled = facts.fill(next_step);
                assert!(!filled.contains(['{', '}']), "{filled}");
                for command in filled.split('`').skip(1).step_by(2) {
                    if command.starts_with("entratool ") {
                        let parsed = Cli::try_parse_from(command.split(' '));
                        assert!(parsed.is_ok(), "`{command}`: {parsed:?}");
                    }
                }
            }
        }
        assert_eq!(found, 11, "a code above is not in the table");
    }

    #[test]
    fn the_advice_fits_what_the_profile_proves_itself_with() {
        let check = |code, method, want: &str| {
            let facts = Facts {
                profile: Some("p"),
                authentication: method,
                ..Facts::default()
            };
            let step = find(code).unwrap().next_step(&facts);
            assert!(step.contains(want), "{code}, {method:?}: {step}");
        };
        use AuthenticationMethod::{Certificate, ClientSecret, None as Public};
        let rotate = "Rotate the secret in Azure Portal";
        let upload = "upload the public part of its certificate";
        check(7_000_215, None, rotate);
        check(7_000_215, Some(ClientSecret), rotate);
        check(7_000_215, Some(Public), rotate);
        check(7_000_215, Some(Certificate), upload);
        let certificate = "Upload certificate: the public part";
        check(700_027, None, certificate);
        check(700_027, Some(Certificate), certificate);
        check(700_027, Some(ClientSecret), "signs nothing");
        let toggle = "Authentication → Advanced settings → Allow public client flows → \
                      Enable the following mobile and desktop flows → Yes → Save";
        for method in [None, Some(Public), Some(ClientSecret), Some(Certificate)] {
            check(7_000_218, method, toggle);
        }
        check(7_000_218, Some(ClientSecret), "never send the secret");
        check(7_000_218, Some(Certificate), "never send the certificate");
    }
}
