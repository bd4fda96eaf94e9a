//! The table that the build script makes of the data files.

use crate::entry::{Case, Entry, Family, Page, Rank, Texts, Who};

/// The groups of entries, in the order of a page that shows all.
///
/// ```
/// let families = entra_explain::families();
/// assert_eq!(families[0].heading, "Secrets, certificates and assertions");
/// ```
#[must_use]
pub fn families() -> &'static [Family] {
    FAMILIES
}

/// Every known code with its title, in order and each once.
///
/// ```
/// let title = entra_explain::codes().find(|(code, _)| *code == 50126).map(|(_, title)| title);
/// assert_eq!(title, Some("wrong user name or password"));
/// ```
pub fn codes() -> impl Iterator<Item = (u32, &'static str)> {
    let for_all = CODES.iter().filter(|(_, entry)| entry.apps.is_empty());
    for_all.map(|(code, entry)| (*code, entry.title))
}

/// The entry for `code`, or its special one for an app.
pub(crate) fn find(code: u32, app: Option<&str>) -> Option<&'static Entry> {
    let start = CODES.partition_point(|(known, _)| *known < code);
    let of_code = CODES[start..]
        .iter()
        .take_while(|(known, _)| *known == code);
    let fits = |entry: &Entry| {
        let names = |app: &str| {
            entry
                .apps
                .iter()
                .any(|known| known.eq_ignore_ascii_case(app))
        };
        entry.apps.is_empty() || app.is_some_and(names)
    };
    of_code.map(|(_, entry)| *entry).find(|entry| fits(entry))
}

/// The entries for messages.
pub(crate) fn messages() -> impl Iterator<Item = &'static Entry> {
    let entries = FAMILIES.iter().flat_map(|family| family.entries);
    entries.copied().filter(|entry| entry.codes.is_empty())
}

include!(concat!(env!("OUT_DIR"), "/table.rs"));
