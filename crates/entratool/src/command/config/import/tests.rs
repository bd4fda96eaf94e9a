//! Imports as whole command lines.

use serde_json::{Value, json};

use super::plan::FreeNames;
use super::*;
use crate::testing::Home;

fn profile(name: &str) -> Value {
    json!({
        "name": name,
        "clientId": "11111111-2222-3333-4444-555555555555",
        "tenantId": "contoso.com",
        "useClientSecret": true,
        "team": "kept",
    })
}

fn home(names: &[&str]) -> Home {
    let home = Home::new();
    for name in names {
        let import = home.check("config import -f -", &profile(name).to_string(), 0);
        assert!(import.stderr.contains(&format!("'{name}' imported")));
    }
    home
}

fn names(home: &Home) -> Vec<String> {
    let list = home.check("config list", "", 0).stdout;
    list.lines().map(str::to_owned).collect()
}

fn secret(home: &Home, name: &str) -> Option<String> {
    let vault = home.vault();
    let name = SecretName::new(name, SecretKind::ClientSecret);
    let secret = Secrets::new(&vault).get(&name).unwrap();
    secret.map(|secret| secret.expose().to_owned())
}

#[test]
fn what_is_exported_comes_in_again() {
    let home = home(&["a", "b"]);
    home.check("config export -o PATH/all.json", "", 0);
    let one = home.check("config export -p a", "", 0).stdout;
    let one: Value = serde_json::from_str(&one).unwrap();
    assert_eq!(one, json!({"profiles": [profile("a")]}));
    home.check("config delete a --force", "", 0);
    home.check("config delete b --force", "", 0);
    let run = home.check("config import -f PATH/all.json", "", 0);
    assert_eq!(names(&home), ["a", "b"]);
    let command = "`entratool config edit -p b --client-secret-stdin`";
    assert!(run.stderr.contains(command), "{}", run.stderr);
    home.check("config import -f PATH/all.json -n c", "", 2);
    home.check("config import -f - -n c", &one.to_string(), 0);
    assert_eq!(names(&home), ["a", "b", "c"]);
}

#[test]
fn taken_names_need_a_choice() {
    let both = json!([profile("a"), profile("new")]).to_string();
    let check = |option: &str, exit, want: &[&str]| {
        let home = home(&["a"]);
        let run = home.check(&format!("config import -f -{option}"), &both, exit);
        assert_eq!(names(&home), want, "{option}: {}", run.stderr);
        run.stderr
    };
    let refused = check("", 1, &["a"]);
    assert!(refused.contains("--rename"), "{refused}");
    check(" --overwrite", 0, &["a", "new"]);
    let skipped = check(" --skip", 0, &["a", "new"]);
    assert!(skipped.contains("'a' skipped"), "{skipped}");
    let renamed = check(" --rename", 0, &["a", "a-2", "new"]);
    assert!(renamed.contains("'a' imported as 'a-2'"), "{renamed}");
    check(" --skip --rename", 2, &["a"]);
}

#[test]
fn a_profile_that_cannot_be_used_keeps_all_others_out() {
    let home = home(&[]);
    let mut bad = profile("bad");
    bad["clientId"] = json!("not a GUID");
    let text = json!([profile("good"), bad]).to_string();
    let run = home.check("config import -f -", &text, 1);
    assert!(run.stderr.contains("profile `bad`"), "{}", run.stderr);
    assert_eq!(names(&home), Vec::<String>::new());
    home.check("config import -f -", "{", 1);
    home.check("config import -f PATH/missing", "", 1);
}

#[test]
fn secrets_in_a_file_go_into_secure_storage() {
    let home = home(&[]);
    let mut with_secret = profile("a");
    with_secret["clientSecret"] = json!("canary");
    let run = home.check("config import -f -", &with_secret.to_string(), 0);
    assert!(!run.stderr.contains("no client secret"), "{}", run.stderr);
    assert_eq!(secret(&home, "a").as_deref(), Some("canary"));
    let file = std::fs::read_to_string(home.path(".entratool/profiles.json")).unwrap();
    assert!(!file.contains("canary"), "{file}");
    let export = home.check("config export", "", 0).stdout;
    assert!(!export.contains("canary"), "{export}");
}

#[test]
fn a_secret_stays_only_with_its_application_and_authority() {
    let check = |member: &str, value: &str, want: Option<&str>| {
        let home = home(&["a"]);
        home.check("config edit -p a --client-secret-stdin", "s3cret", 0);
        let mut incoming = profile("a");
        incoming[member] = json!(value);
        home.check("config import -f - --overwrite", &incoming.to_string(), 0);
        assert_eq!(secret(&home, "a").as_deref(), want, "{member}");
    };
    check("scope", "User.Read", Some("s3cret"));
    check("authority", "https://login.example.com", None);
    check("clientId", "99999999-2222-3333-4444-555555555555", None);
    check("tenantId", "fabrikam.com", None);
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_written_changes_no_secret() {
    let home = home(&["a"]);
    home.check("config edit -p a --client-secret-stdin", "old", 0);
    let profiles = home.path(".entratool/profiles.json");
    // A link to nowhere can be read as no file and is not written through.
    std::fs::remove_file(&profiles).unwrap();
    std::os::unix::fs::symlink(home.path("nowhere/x"), &profiles).unwrap();
    let mut incoming = profile("a");
    incoming["clientSecret"] = json!("new");
    home.check("config import -f -", &incoming.to_string(), 1);
    assert_eq!(secret(&home, "a").as_deref(), Some("old"));
}

#[test]
fn free_names_are_free_and_short_enough() {
    let check = |name: &str, taken: &[&str], want: &str| {
        let taken = taken.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(FreeNames::default().find(name, &taken), want);
    };
    check("a", &["a"], "a-2");
    check("a", &["a", "a-2", "a-3"], "a-4");
    let long = "x".repeat(64);
    check(&long, &[&long], &format!("{}-2", "x".repeat(62)));
}

#[test]
fn paths_of_other_hosts_and_devices_are_recognized() {
    let check = |member: &str, path: &str, want: bool| {
        let mut entry = Entry::default();
        entry.profile.0.insert("name".to_owned(), "a".into());
        entry.profile.0.insert(member.to_owned(), path.into());
        let problem = abroad(&entry);
        assert_eq!(problem.is_some(), want, "{path}");
        assert!(
            problem
                .is_none_or(|problem| problem.starts_with(&format!("`{member}` of profile `a`")))
        );
    };
    for member in field::paths().map(Field::member) {
        check(member, r"\\evil.example\share\a.pfx", true);
        check(member, r"\\?\UNC\evil.example\share\a.pfx", true);
        check(member, r"\\.\pipe\a", true);
        check(member, "//evil.example/share/a.pfx", true);
        check(member, r"\/evil.example\share", true);
        check(member, r"C:\a.pfx", false);
        check(member, r"\a.pfx", false);
        check(member, r"a\\b.pfx", false);
        check(member, "ä", false);
    }
    check("scope", r"\\evil.example\share", false);
}
