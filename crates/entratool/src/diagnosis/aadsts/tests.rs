//! Tests of the table as a whole.

use clap::Parser;

use super::*;
use crate::cli::Cli;

#[test]
fn every_code_that_people_meet_is_in_the_table() {
    for code in EXPECTED {
        let entry = find(*code).unwrap_or_else(|| panic!("AADSTS{code} has no entry"));
        assert_eq!(entry.code, *code);
    }
}

#[test]
fn the_table_is_sorted_and_holds_each_code_once() {
    assert!(entries().is_sorted_by(|left, right| left.code < right.code));
    assert!(entries().len() >= EXPECTED.len());
}

#[test]
fn codes_without_an_entry_are_not_found() {
    for code in [0, 1, 50010, 7_000_217, u32::MAX] {
        assert_eq!(find(code), None, "{code}");
    }
}

#[test]
fn every_entry_says_what_it_means_and_what_to_do_in_few_words() {
    for entry in entries() {
        let code = entry.code;
        assert!(
            (10..=72).contains(&entry.title.chars().count()),
            "{code}: {}",
            entry.title
        );
        assert!(!entry.title.ends_with('.'), "{code}");
        assert!(
            (30..=400).contains(&entry.meaning.chars().count()),
            "{code}: {}",
            entry.meaning.chars().count()
        );
        assert!(
            (30..=450).contains(&entry.next_step.chars().count()),
            "{code}: {}",
            entry.next_step.chars().count()
        );
        for text in [entry.title, entry.meaning, entry.next_step] {
            assert!(
                !text.contains("  ") && text.trim() == text,
                "{code}: {text:?}"
            );
            assert_eq!(text.matches('`').count() % 2, 0, "{code}: {text}");
        }
        assert!(entry.meaning.ends_with('.'), "{code}");
        let ends_well =
            entry.next_step.ends_with('.') || entry.next_step.contains(":\n{redirect_uri}");
        assert!(ends_well, "{code}: {}", entry.next_step);
    }
}

#[test]
fn every_placeholder_is_known_and_filled() {
    let facts = Facts::default();
    for entry in entries() {
        for text in [entry.meaning, entry.next_step] {
            for piece in text.split('{').skip(1) {
                let name = piece.split('}').next().unwrap_or_default();
                assert!(facts.value(name).is_some(), "{}: {{{name}}}", entry.code);
            }
        }
        assert!(
            !entry.next_step(&facts).contains(['{', '}']),
            "{}",
            entry.code
        );
        assert!(
            !entry.meaning(&facts).contains(['{', '}']),
            "{}",
            entry.code
        );
    }
}

#[test]
fn advice_that_names_a_linked_page_has_one() {
    for entry in entries() {
        assert!(
            !entry.next_step.contains("linked") || entry.page != Page::None,
            "{}",
            entry.code
        );
        let consents = entry.next_step.contains("admin consent page");
        assert!(
            !consents || entry.page == Page::AdminConsent,
            "{}",
            entry.code
        );
    }
}

#[test]
fn the_commands_in_the_advice_are_understood_by_the_tool() {
    let facts = Facts {
        scope: Some("https://graph.microsoft.com/Mail.Read"),
        ..Facts::default()
    };
    let mut commands = 0;
    for entry in entries() {
        let step = entry.next_step(&facts);
        for command in step.split('`').skip(1).step_by(2) {
            if command.starts_with("entratool ") {
                let words = command.split(' ').map(|word| word.trim_matches('"'));
                let parsed = Cli::try_parse_from(words);
                assert!(parsed.is_ok(), "{}: `{command}`: {parsed:?}", entry.code);
                commands += 1;
            }
        }
    }
    assert!(commands > 100, "{commands}");
}

#[test]
fn an_invalid_scope_leads_to_the_api_permissions() {
    let facts = Facts {
        scope: Some("https://graph.microsoft.com/Mail.Read"),
        ..Facts::default()
    };
    let entry = find(70011).unwrap();
    let want = "Azure Portal → App registrations → your app → API permissions → add the required permission → grant \
        admin consent (if needed)";
    assert!(entry.next_step(&facts).contains(want));
    assert!(
        entry
            .meaning(&facts)
            .contains("`https://graph.microsoft.com/Mail.Read` is not configured in the app")
    );
    assert!(
        entry
            .next_step(&facts)
            .contains("`https://graph.microsoft.com/.default`")
    );
}

#[test]
fn a_wrong_secret_is_rotated_and_the_profile_updated() {
    let facts = Facts {
        profile: Some("myprofile"),
        ..Facts::default()
    };
    let entry = find(7_000_215).unwrap();
    let step = entry.next_step(&facts);
    assert!(entry.meaning(&facts).contains("expired or incorrect"));
    assert!(
        step.starts_with("Rotate the secret in Azure Portal"),
        "{step}"
    );
    assert!(
        step.contains(
            "then update the profile: `entratool config edit -p myprofile`, select Client Secret"
        ),
        "{step}"
    );
}

#[test]
fn the_pages_are_those_of_the_profiles_cloud() {
    fn check(code: u32, authority: &str, want: &str) {
        let facts = Facts {
            authority: Some(authority),
            client_id: Some("APP"),
            tenant: Some("contoso.example"),
            ..Facts::default()
        };
        assert_eq!(find(code).unwrap().page(&facts).as_deref(), Some(want));
    }
    const BLADE: &str = "#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~";
    check(
        50011,
        "https://login.microsoftonline.com",
        &format!("https://portal.azure.com/{BLADE}/Authentication/appId/APP"),
    );
    check(
        7_000_215,
        "https://login.microsoftonline.us/",
        &format!("https://portal.azure.us/{BLADE}/Credentials/appId/APP"),
    );
    check(
        70011,
        "login.partner.microsoftonline.cn",
        &format!("https://portal.azure.cn/{BLADE}/CallAnAPI/appId/APP"),
    );
    check(
        70011,
        "https://localhost:8443/x",
        &format!("https://portal.azure.com/{BLADE}/CallAnAPI/appId/APP"),
    );
    check(
        65001,
        "https://login.microsoftonline.us/",
        "https://login.microsoftonline.us/contoso.example/adminconsent?client_id=APP",
    );
}

#[test]
fn a_given_portal_is_used_and_an_unknown_app_leads_to_the_list() {
    let facts = Facts {
        portal: Some("https://entra.microsoft.com/"),
        ..Facts::default()
    };
    let want =
        "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade";
    assert_eq!(find(50011).unwrap().page(&facts).as_deref(), Some(want));
}

/// Codes of Microsoft's reference and of public reports that a client of the OAuth flows can meet.
#[rustfmt::skip]
const EXPECTED: &[u32] = &[
    16000, 16001, 16002, 16003, 28000, 28002, 28003, 50000, 50001, 50002, 50003, 50005, 50006, 50008, 50011, 50012,
    50013, 50014, 50017, 50020, 50027, 50033, 50034, 50048, 50049, 50053, 50055, 50056, 50057, 50058, 50059, 50064,
    50072, 50074, 50076, 50078, 50079, 50085, 50087, 50088, 50089, 50097, 50105, 50107, 50125, 50126, 50127, 50128,
    50129, 50131, 50132, 50133, 50134, 50135, 50140, 50144, 50146, 50147, 50155, 50158, 50173, 50177, 50187, 50194,
    50196, 50197, 50199, 51004, 53000, 53001, 53002, 53003, 53004, 53010, 53011, 54000, 54005, 65001, 65002, 65004,
    65005, 70000, 70001, 70002, 70003, 70004, 70005, 70007, 70008, 70011, 70012, 70016, 70018, 70019, 70020, 70021,
    70025, 70043, 70044, 70046, 70049, 75005, 75011, 76021, 76026, 80001, 80002, 80005, 80007, 80010, 80012, 80013,
    80014, 81004, 81005, 81006, 81007, 81009, 81010, 81011, 81012, 81016, 90002, 90004, 90005, 90006, 90007, 90008,
    90009, 90010, 90012, 90013, 90014, 90015, 90016, 90019, 90023, 90024, 90027, 90033, 90036, 90038, 90043, 90051,
    90055, 90056, 90072, 90094, 90095, 90099, 90100, 90112, 90119, 90120, 90123, 90124, 90126, 90130, 100_007,
    120_000, 120_002, 120_003, 120_004, 120_005, 120_008, 120_011, 120_012, 120_013, 120_014, 120_015, 120_016,
    120_018, 120_020, 120_021, 130_004, 130_005, 130_006, 130_007, 130_008, 135_010, 135_011, 140_000, 140_001,
    160_021, 165_900, 240_001, 240_002, 500_011, 500_021, 500_022, 500_112, 500_113, 500_131, 500_133, 500_208,
    500_212, 500_213, 501_051, 501_461, 501_481, 501_491, 530_032, 530_033, 530_034, 530_035, 530_036, 650_051,
    650_052, 650_053, 650_054, 650_056, 650_057, 700_003, 700_005, 700_007, 700_009, 700_011, 700_016, 700_020,
    700_022, 700_023, 700_024, 700_025, 700_027, 700_030, 700_054, 700_082, 700_084, 700_211, 700_212, 700_213,
    700_229, 900_023, 900_144, 900_382, 900_384, 900_432, 900_561, 900_971, 901_002, 1_000_000, 1_000_002, 1_000_031,
    1_000_104, 1_000_502, 1_002_012, 7_000_012, 7_000_014, 7_000_112, 7_000_114, 7_000_214, 7_000_215, 7_000_216,
    7_000_218, 7_000_222, 7_000_229, 7_002_131, 7_002_137, 7_002_138, 9_001_023, 9_002_313, 9_002_325, 9_002_326,
    9_002_327, 9_002_332, 9_002_341, 70_000_121,
];
