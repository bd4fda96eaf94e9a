//! The rules that every text of the data files keeps.
use entra_explain::{Actor, Entry, Facts, Method, codes, explain_code, families};

#[test]
fn every_entry_says_what_it_means_and_what_to_do_in_few_words() {
    let mut problems = Vec::new();
    for (entry, facts) in cases() {
        let name = format!("{}{:?} {facts:?}", entry.name, entry.codes);
        let meaning = entry.meaning(&facts);
        let step = entry.next_step(&facts);
        let mut rule = |holds: bool, what: &str| {
            if !holds {
                problems.push(format!("{what}: {name}"));
            }
        };
        let length = |text: &str| text.chars().count();
        rule(
            (10..=80).contains(&length(entry.title)),
            "title of 10 to 80 characters",
        );
        rule(!entry.title.ends_with('.'), "no full stop after the title");
        rule(
            (30..=450).contains(&length(&meaning)),
            "meaning of 30 to 450 characters",
        );
        rule(
            (30..=600).contains(&length(&step)),
            "next step of 30 to 600 characters",
        );
        rule(meaning.ends_with('.'), "a full stop after the meaning");
        rule(
            step.ends_with('.') || step.contains(":\n"),
            "a full stop after the next step",
        );
        for text in [entry.title, &meaning, &step] {
            rule(!text.contains("  ") && text.trim() == text, "single blanks");
            rule(text.matches('`').count() % 2 == 0, "closed backticks");
            rule(
                !PLACEHOLDERS.iter().any(|open| text.contains(open)),
                "known placeholders",
            );
        }
        rule(
            !step.contains("linked page") || entry.page(&facts).is_some(),
            "a linked page",
        );
        let consents = step.contains("open the admin consent page.")
            || step.contains("the linked admin consent page");
        let page = entry.page(&facts).unwrap_or_default();
        rule(
            !consents || page.contains("adminconsent"),
            "the admin consent page",
        );
    }
    problems.dedup();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn codes_are_in_order_and_each_once() {
    let all: Vec<u32> = codes().map(|(code, _)| code).collect();
    assert!(all.is_sorted_by(|left, right| left < right));
    assert!(all.len() > 380, "{}", all.len());
    for code in [0, 1, 7_000_217, u32::MAX] {
        assert!(!explain_code(code, &Facts::default()).known, "{code}");
    }
}

#[test]
fn the_advice_fits_the_credential_of_the_profile() {
    fn check(code: u32, method: Option<Method>, want: &str) {
        let facts = Facts {
            profile: Some("p"),
            method,
            ..Facts::default()
        };
        let step = explain_code(code, &facts).next_step;
        assert!(step.contains(want), "{code}, {method:?}: {step}");
    }
    let rotate = "Rotate the secret in Azure Portal";
    check(7_000_215, None, rotate);
    check(7_000_215, Some(Method::Secret), rotate);
    check(7_000_215, Some(Method::None), rotate);
    check(
        7_000_215,
        Some(Method::Certificate),
        "public part of its certificate",
    );
    check(700_027, None, "Upload certificate: the public part");
    check(
        700_027,
        Some(Method::Certificate),
        "Upload certificate: the public part",
    );
    check(1_000_502, Some(Method::Secret), "signs nothing");
    check(
        700_024,
        Some(Method::Federated),
        "another token from the platform",
    );
    let toggle = "Authentication → Advanced settings → Allow public client flows → Enable the following mobile and \
                  desktop flows → Yes → Save";
    for method in [
        None,
        Some(Method::None),
        Some(Method::Secret),
        Some(Method::Certificate),
    ] {
        check(7_000_218, method, toggle);
    }
    check(7_000_218, Some(Method::Secret), "never send the secret");
    check(
        7_000_218,
        Some(Method::Certificate),
        "never send the certificate",
    );
}

#[test]
fn the_advice_fits_users_or_applications() {
    fn check(actor: Option<Actor>, wanted: &[&str], unwanted: &[&str]) {
        let facts = Facts {
            actor,
            ..Facts::default()
        };
        let step = explain_code(65001, &facts).next_step;
        assert!(
            wanted.iter().all(|text| step.contains(text)),
            "{actor:?}: {step}"
        );
        assert!(
            !unwanted.iter().any(|text| step.contains(text)),
            "{actor:?}: {step}"
        );
    }
    check(None, &["--prompt consent", "administrator"], &[]);
    check(
        Some(Actor::User),
        &["--prompt consent"],
        &["application permissions"],
    );
    check(
        Some(Actor::Application),
        &["application permissions"],
        &["--prompt consent"],
    );
}

#[test]
fn the_advice_on_scopes_and_secrets_is_complete() {
    let facts = Facts {
        profile: Some("myprofile"),
        scope: Some("https://graph.microsoft.com/Mail.Read"),
        default_scope: Some("https://graph.microsoft.com/.default"),
        ..Facts::default()
    };
    let scope = explain_code(70011, &facts);
    let want = "Azure Portal → App registrations → your app → API permissions → add the required permission → grant \
                admin consent (if needed)";
    assert!(scope.next_step.contains(want), "{}", scope.next_step);
    assert!(
        scope
            .next_step
            .contains("`https://graph.microsoft.com/.default`")
    );
    let cause = "`https://graph.microsoft.com/Mail.Read` is not configured in the app registration";
    assert!(scope.meaning.contains(cause), "{}", scope.meaning);
    let secret = explain_code(7_000_215, &facts);
    assert!(secret.meaning.contains("expired or incorrect"));
    assert!(
        secret
            .next_step
            .starts_with("Rotate the secret in Azure Portal")
    );
    let update =
        "then update the profile: `entratool config edit -p myprofile`, select Client Secret";
    assert!(secret.next_step.contains(update), "{}", secret.next_step);
}

#[test]
fn pages_are_those_of_the_app_in_the_portal_of_the_cloud() {
    fn check(code: u32, client_id: Option<&str>, want: &str) {
        let facts = Facts {
            client_id,
            tenant: Some("contoso.example"),
            authority: Some("https://login.microsoftonline.us/"),
            portal: Some("https://portal.azure.us/"),
            ..Facts::default()
        };
        let page = explain_code(code, &facts).page.unwrap();
        assert_eq!(
            page.replace("https://portal.azure.us/#view/Microsoft_AAD_", "…"),
            want
        );
    }
    let of_app = |blade: &str| format!("…RegisteredApps/ApplicationMenuBlade/~/{blade}/appId/APP");
    check(50011, Some("APP"), &of_app("Authentication"));
    check(7_000_215, Some("APP"), &of_app("Credentials"));
    check(70011, Some("APP"), &of_app("CallAnAPI"));
    check(700_016, Some("APP"), &of_app("Overview"));
    check(50011, None, "…RegisteredApps/ApplicationsListBlade");
    check(65002, Some("APP"), "…RegisteredApps/ApplicationsListBlade");
    check(
        50105,
        None,
        "…IAM/StartboardApplicationsMenuBlade/~/AppAppsPreview",
    );
    check(
        53003,
        None,
        "…ConditionalAccess/ConditionalAccessBlade/~/Policies",
    );
    check(50072, None, "https://mysignins.microsoft.com/security-info");
    check(50055, None, "https://passwordreset.microsoftonline.com");
    check(50000, None, "https://azure.status.microsoft");
    let consent = "https://login.microsoftonline.us/contoso.example/adminconsent?client_id=APP";
    check(90094, Some("APP"), consent);
}

#[test]
fn a_line_to_paste_stands_last() {
    let facts = Facts {
        redirect_uri: Some("http://localhost:8400/cb"),
        ..Facts::default()
    };
    let step = explain_code(50011, &facts).next_step;
    assert!(step.ends_with(":\nhttp://localhost:8400/cb"), "{step}");
}

/// Every entry for every kind of client.
fn cases() -> impl Iterator<Item = (&'static Entry, Facts<'static>)> {
    let entries = families().iter().flat_map(|family| family.entries);
    entries.flat_map(|entry| {
        let methods = [
            None,
            Some(Method::Secret),
            Some(Method::Certificate),
            Some(Method::Federated),
        ];
        let actors = [None, Some(Actor::User), Some(Actor::Application)];
        let both = methods
            .into_iter()
            .flat_map(move |method| actors.map(|actor| (method, actor)));
        both.map(|(method, actor)| {
            let facts = Facts {
                method,
                actor,
                ..Facts::default()
            };
            (*entry, facts)
        })
    })
}

/// How placeholders begin; JSON and YAML in a text have a blank after the brace.
const PLACEHOLDERS: [&str; 8] = ["{p", "{c", "{t", "{s", "{d", "{r", "{a", "{u"];
