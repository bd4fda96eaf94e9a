//! Messages that have words in the place of a number: of APIs that do not accept a token, and our own.

mod general;
mod graph;
mod resource_manager;
mod services;

use general::GENERAL;
use graph::GRAPH;
use resource_manager::RESOURCE_MANAGER;
use services::SERVICES;

use super::{Facts, Page, Who};
use crate::profile::flow::Flow;

/// What is known about one message, as for a code in the table.
pub(super) struct Message {
    /// How it is called in the troubleshooting page.
    pub(super) name: &'static str,
    /// Words that tell it wherever they stand by themselves, in their own letter case.
    codes: &'static [&'static str],
    /// What tells it in any letter case, written here in lower case.
    signs: &'static [&'static str],
    /// A word that tells it only in the company of another sign.
    beside: &'static [(&'static str, &'static str)],
    pub(super) title: &'static str,
    pub(super) who: Who,
    pub(super) meaning: &'static str,
    pub(super) next_step: &'static str,
    pub(super) page: Page,
}

/// The headings of the troubleshooting page, and what stands under them.
pub(super) const OF_SERVICES: [(&str, &[Message]); 3] = [
    ("Microsoft Graph, Exchange and SharePoint", GRAPH),
    ("Azure Resource Manager", RESOURCE_MANAGER),
    (
        "Key Vault, Storage, registries, Kubernetes, Azure DevOps",
        SERVICES,
    ),
];

/// The first known message in `text`; those of one service come before those of many. An HTTP
/// status, if it is all there is, leads to what it means as a rule.
pub(super) fn find(text: &str) -> Option<&'static Message> {
    let lower = text.to_lowercase();
    let told = all().find(|message| message.is_in(text, &lower));
    told.or_else(|| {
        let name = status(&lower)?;
        GENERAL.iter().find(|message| message.name == name)
    })
}

/// The name of the message that stands for a status on its own, in `text` in lower case.
fn status(text: &str) -> Option<&'static str> {
    let text = text.trim();
    let of_protocol = VERSIONS.iter().find_map(|start| text.strip_prefix(start));
    let text = match of_protocol {
        // A whole answer: headers and body would have told more.
        Some(rest) => rest.lines().next()?,
        None => text.strip_prefix(CURL).unwrap_or(text),
    };
    let mut left = words(text).filter(|word| !word.is_empty() && !BESIDE_A_STATUS.contains(word));
    let name = |word| match word {
        "401" | "unauthorized" => Some(general::UNAUTHORIZED),
        "403" | "forbidden" => Some(general::INSUFFICIENT),
        _ => None,
    };
    let first = name(left.next()?)?;
    left.all(|word| name(word) == Some(first)).then_some(first)
}

fn all() -> impl Iterator<Item = &'static Message> {
    let of_services = OF_SERVICES.iter().flat_map(|(_, messages)| *messages);
    of_services.chain(GENERAL)
}

impl Message {
    /// Who can fix it for this flow: no application consents for itself.
    pub(super) fn who_with(&self, facts: &Facts<'_>) -> Who {
        let is_interactive = facts.flow.map(Flow::is_interactive);
        match self.who {
            Who::YouOrTenantAdmin if is_interactive == Some(false) => Who::TenantAdmin,
            who => who,
        }
    }

    fn is_in(&self, text: &str, lower: &str) -> bool {
        let word = |wanted: &str| words(text).any(|word| word == wanted);
        let alone = |code: &&str| word(code) || code.eq_ignore_ascii_case(text.trim());
        self.codes.iter().any(alone)
            || self.signs.iter().any(|sign| lower.contains(sign))
            || self
                .beside
                .iter()
                .any(|(code, sign)| word(code) && lower.contains(sign))
    }
}

/// What stands before a status in an answer.
const VERSIONS: [&str; 4] = ["http/1.0 ", "http/1.1 ", "http/2 ", "http/3 "];
/// What curl writes before it.
const CURL: &str = "curl: (22) the requested url returned";
const BESIDE_A_STATUS: [&str; 5] = ["code", "error", "http", "response", "status"];

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
}

#[cfg(test)]
mod tests;
