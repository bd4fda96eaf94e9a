//! Next steps for profiles to which the usual one does not apply, because of what they prove themselves with.

use crate::profile::AuthenticationMethod;

/// The template for `code`, where a profile with this `method` needs another one than usual.
pub(super) fn next_step(code: u32, method: AuthenticationMethod) -> Option<&'static str> {
    let fits = |alternative: &&Alternative| {
        alternative.method == method && alternative.codes.contains(&code)
    };
    ALTERNATIVES
        .iter()
        .find(fits)
        .map(|alternative| alternative.next_step)
}

struct Alternative {
    codes: &'static [u32],
    method: AuthenticationMethod,
    next_step: &'static str,
}

const ALTERNATIVES: &[Alternative] = &[
    Alternative {
        codes: &[7000215, 7000222],
        method: AuthenticationMethod::Certificate,
        next_step: "Profile `{profile}` signs with a certificate and sends no secret: another \
            profile or program was refused, and needs the new secret. If this one is refused, \
            upload the public part of its certificate (thumbprint: `entratool config show -p \
            {profile}`): Azure Portal → App registrations → your app → Certificates & secrets → \
            Certificates.",
    },
    Alternative {
        codes: &[50012, 70002],
        method: AuthenticationMethod::Certificate,
        next_step: "Azure Portal → App registrations → your app → Certificates & secrets → \
            Certificates: the list must hold the profile's certificate (thumbprint: `entratool \
            config show -p {profile}`). If it does not, upload its public part, or name another \
            file: `entratool config edit -p {profile}`, select Certificate Path.",
    },
    Alternative {
        codes: &[7000216],
        method: AuthenticationMethod::Certificate,
        next_step: "`entratool doctor -p {profile}` opens the profile's certificate and says what \
            is wrong with it. To name another file: `entratool config edit -p {profile}`, select \
            Certificate Path.",
    },
    Alternative {
        codes: &[7000218],
        method: AuthenticationMethod::Certificate,
        next_step: "The device code and browser flows never send the certificate. Let the app do \
            without: Azure Portal → App registrations → your app → Authentication → Advanced \
            settings → Allow public client flows → Enable the following mobile and desktop flows → \
            Yes → Save. Or use a flow that sends it: `entratool get-token -p {profile} -f \
            AuthorizationCode`, or ClientCredentials for the app itself.",
    },
    Alternative {
        codes: &[7000218],
        method: AuthenticationMethod::ClientSecret,
        next_step: "The device code and browser flows never send the secret. Let the app do \
            without: Azure Portal → App registrations → your app → Authentication → Advanced \
            settings → Allow public client flows → Enable the following mobile and desktop flows → \
            Yes → Save. Or use a flow that sends it: `entratool get-token -p {profile} -f \
            AuthorizationCode`, or ClientCredentials for the app itself.",
    },
    Alternative {
        codes: &[700027, 700030, 7000214, 1000502],
        method: AuthenticationMethod::ClientSecret,
        next_step: "Profile `{profile}` sends a client secret and signs nothing: another profile \
            or program was refused, and its certificate belongs under Azure Portal → App \
            registrations → your app → Certificates & secrets → Certificates. If this profile is \
            meant to use it: `entratool config edit -p {profile}`, select Certificate Path.",
    },
];

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::super::{Facts, find};
    use super::*;
    use crate::cli::Cli;

    #[test]
    fn alternatives_are_held_to_the_rules_of_the_table() {
        let facts = Facts::default();
        for Alternative {
            codes, next_step, ..
        } in ALTERNATIVES
        {
            for code in *codes {
                assert!(find(*code).is_some(), "{code}");
            }
            assert!(next_step.chars().count() <= 450, "{codes:?}");
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
