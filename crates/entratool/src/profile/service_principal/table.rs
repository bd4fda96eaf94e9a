//! Service principals in the tables of `az … --output table` and `tsv`.

use entra::authority::Tenant;
use entra::client::ClientId;

use super::Section;

/// The rows of a table; none if the text is no table of service principals.
pub(super) fn sections(text: &str) -> Vec<Section> {
    let mut lines = text
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty());
    let Some(first) = lines.next() else {
        return Vec::new();
    };
    if let Some(section) = tab_separated(first) {
        return std::iter::once(section)
            .chain(lines.map_while(tab_separated))
            .collect();
    }
    let heads: Vec<&str> = columns(first);
    let is_head = heads
        .first()
        .is_some_and(|head| head.eq_ignore_ascii_case("appid"))
        && heads.iter().any(|head| head.eq_ignore_ascii_case("tenant"));
    let is_rule = |line: &str| line.chars().all(|c| c == '-' || c == ' ');
    if !is_head || !lines.next().is_some_and(is_rule) {
        return Vec::new();
    }
    lines
        .map(|line| {
            let mut section = Section::default();
            for (head, value) in heads.iter().zip(columns(line)) {
                section.push(head, value);
            }
            section
        })
        .collect()
}

/// `appId`, `displayName`, `password` and `tenant`; older versions put the `name` third.
fn tab_separated(line: &str) -> Option<Section> {
    let values: Vec<&str> = line.split('\t').collect();
    let (client_id, tenant) = (*values.first()?, *values.last()?);
    if !(3..=5).contains(&values.len()) || ClientId::parse(client_id).is_err() {
        return None;
    }
    Tenant::parse(tenant).ok()?;
    let mut section = Section::default();
    section.push("appId", client_id);
    section.push("tenant", tenant);
    section.push("password", values[values.len() - 2]);
    if values.len() > 3 {
        section.push("displayName", values[1]);
    }
    Some(section)
}

/// Cells are at least two blanks apart.
fn columns(line: &str) -> Vec<&str> {
    let cells = line.split("  ").map(str::trim);
    cells.filter(|cell| !cell.is_empty()).collect()
}
