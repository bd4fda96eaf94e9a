//! Messages that have words in the place of a number: of APIs that do not accept a token, and our own.

use super::{Page, Who};

/// What is known about one message, as for a code in the table.
pub(super) struct Message {
    /// How it is called in the troubleshooting page.
    pub(super) name: &'static str,
    /// What tells it, in lower case.
    signs: &'static [&'static str],
    pub(super) title: &'static str,
    pub(super) who: Who,
    pub(super) meaning: &'static str,
    pub(super) next_step: &'static str,
    pub(super) page: Page,
}

/// The first known message in `text`, in whatever letter case.
pub(super) fn find(text: &str) -> Option<&'static Message> {
    let text = text.to_lowercase();
    MESSAGES
        .iter()
        .find(|message| message.signs.iter().any(|sign| text.contains(sign)))
}

/// Those that say more come first: Microsoft Graph says `InvalidAuthenticationToken` with many reasons.
/// <https://learn.microsoft.com/graph/resolve-auth-errors>
const MESSAGES: &[Message] = &[
    Message {
        name: "Insufficient privileges",
        signs: &[
            "insufficient privileges",
            "authorization_requestdenied",
            "missing scope permissions",
            "does not have authorization to perform action",
            "authorizationfailed",
        ],
        title: "the token lacks the permission that the call needs",
        who: Who::TenantAdmin,
        meaning: "The API takes the token for genuine, but does not find the permission in it that \
            the call needs: the app lacks it, nobody has consented to it, or the person lacks the \
            role behind it.",
        next_step: "Look at `scp` (of a person) or `roles` (of an app): `entratool inspect -p {profile} \
            --claims`. Ask for what the call needs: `entratool get-token -p {profile} --scope SCOPES`. \
            If that is not granted: Azure Portal → App registrations → your app → API permissions → \
            Add a permission → Grant admin consent; for people, assign the Azure AD role. Then \
            `entratool get-token -p {profile} --force`.",
        page: Page::Permissions,
    },
    Message {
        name: "Token expired",
        signs: &[
            "token expired",
            "token is expired",
            "token has expired",
            "lifetime validation failed",
            "expiredauthenticationtoken",
            "jwt expired",
            "idx10223",
        ],
        title: "the token's lifetime is over",
        who: Who::You,
        meaning: "Access tokens live for 60 to 90 minutes as a rule. If a new one counts as expired, \
            this machine's clock or the API's is wrong.",
        next_step: "Get a new token before each use; `get-token` keeps it and renews it in time: \
            `entratool get-token -p {profile} --silent`.",
        page: Page::None,
    },
    Message {
        name: "Invalid audience",
        signs: &[
            "invalid audience",
            "audience validation failed",
            "invalidauthenticationtokenaudience",
            "audience is invalid",
            "idx10214",
        ],
        title: "the token is for another API",
        who: Who::You,
        meaning: "Every access token is for exactly one API, the one whose scope was asked for.",
        next_step: "See which one: `entratool inspect -p {profile} --claims` shows `aud`. Get a token \
            for the correct API: `entratool get-token -p {profile} --scope \
            \"https://correct-api.com/.default\"`.",
        page: Page::None,
    },
    Message {
        name: "Invalid token",
        signs: &[
            "invalid token",
            "invalid_token",
            "invalidauthenticationtoken",
            "jwt is not well formed",
            "compacttoken",
            "jwt malformed",
        ],
        title: "the token is malformed or corrupted",
        who: Who::You,
        meaning: "What arrived is no token: cut off, broken over lines, or wrapped in something else.",
        next_step: "See whether it decodes: `entratool inspect -t \"$TOKEN\"`. If it does not, get a \
            fresh one: `entratool get-token -p {profile} --silent`.",
        page: Page::None,
    },
    Message {
        name: "Profile not found",
        signs: &["profile not found"],
        title: "no profile has that name",
        who: Who::You,
        meaning: "The profile's name is incorrect, or the profiles are in another folder \
            (ENTRATOOL_CONFIG_PATH).",
        next_step: "List the profiles with `entratool config list`, and use the correct name: \
            `entratool get-token -p NAME`.",
        page: Page::None,
    },
    Message {
        name: "Browser did not respond",
        signs: &["browser did not respond"],
        title: "nobody came back from the browser",
        who: Who::You,
        meaning: "The sign-in was not finished within five minutes, or its answer did not reach \
            entratool.",
        next_step: "Sign in with a code instead: `entratool get-token -p {profile} -f DeviceCode`. Or \
            check that nothing blocks the port on localhost, and that this redirect URI is registered \
            under {platform}:\n{redirect_uri}",
        page: Page::Authentication,
    },
];

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::super::{Facts, document};
    use super::*;
    use crate::cli::Cli;

    #[test]
    fn messages_are_told_by_their_words() {
        let check = |text: &str, want: Option<&str>| {
            assert_eq!(find(text).map(|message| message.name), want, "{text}");
        };
        let insufficient = Some("Insufficient privileges");
        check(
            "Insufficient privileges to complete the operation.",
            insufficient,
        );
        check(
            r#"{"error":{"code":"Authorization_RequestDenied"}}"#,
            insufficient,
        );
        let graph = |reason: &str| {
            format!(r#"{{"error":{{"code":"InvalidAuthenticationToken","message":"{reason}"}}}}"#)
        };
        let expired = "Lifetime validation failed, the token is expired.";
        check(&graph(expired), Some("Token expired"));
        let audience = "Access token validation failure. Invalid audience.";
        check(&graph(audience), Some("Invalid audience"));
        let malformed = "CompactToken parsing failed with error code: 80049217";
        check(&graph(malformed), Some("Invalid token"));
        check("Profile not found: 'x'", Some("Profile not found"));
        check("something else", None);
        check("", None);
    }

    #[test]
    fn messages_are_held_to_the_rules_of_the_table() {
        let page = document::troubleshooting();
        let facts = Facts::default();
        for message in MESSAGES {
            let name = message.name;
            assert!(page.contains(&format!("\n## {name}\n")), "{name}");
            for text in [message.meaning, message.next_step] {
                assert!((30..=450).contains(&text.chars().count()), "{name}");
                assert!(!text.contains("  "), "{name}");
                assert!(!facts.fill(text).contains(['{', '}']), "{name}");
            }
            let step = facts.fill(message.next_step);
            for command in step.split('`').skip(1).step_by(2) {
                if command.starts_with("entratool ") {
                    let words = command.split(' ').map(|word| word.trim_matches('"'));
                    let parsed = Cli::try_parse_from(words);
                    assert!(parsed.is_ok(), "`{command}`: {parsed:?}");
                }
            }
            for sign in message.signs {
                assert_eq!(*sign, sign.to_lowercase(), "{name}");
            }
        }
    }
}
