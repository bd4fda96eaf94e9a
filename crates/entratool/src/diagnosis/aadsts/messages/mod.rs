//! Messages that have words in the place of a number: of APIs that do not accept a token, and our own.

mod general;
mod graph;
mod resource_manager;
mod services;

use general::GENERAL;
use graph::GRAPH;
use resource_manager::RESOURCE_MANAGER;
use services::SERVICES;

use super::{Page, Who};

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

/// The first known message in `text`; those of one service come before those of many.
pub(super) fn find(text: &str) -> Option<&'static Message> {
    let lower = text.to_lowercase();
    all().find(|message| message.is_in(text, &lower))
}

fn all() -> impl Iterator<Item = &'static Message> {
    let of_services = OF_SERVICES.iter().flat_map(|(_, messages)| *messages);
    of_services.chain(GENERAL)
}

impl Message {
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

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
}

#[cfg(test)]
mod tests;
