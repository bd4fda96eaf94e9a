//! The names in a `profiles.json`, and where each profile stands, without understanding the rest of any.

use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::profile::document::{MOST, Profiles};
use crate::profile::search::{self, NameError};

/// The profiles of a file by name. Reading them so costs a fifth of understanding them all.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    text: String,
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    /// As [`RawProfile::name`](crate::profile::raw::RawProfile::name) has it.
    name: Option<String>,
    /// Where its JSON object stands in the text.
    place: Range<usize>,
}

impl Catalog {
    /// Reads the contents of a file that has one of the shapes that [`Profiles`] takes.
    ///
    /// # Errors
    ///
    /// Gives the contents back if they are anything else, or a rarer form of it: then
    /// [`Profiles`] has the message.
    pub fn read(contents: Vec<u8>) -> Result<Self, Vec<u8>> {
        let text = String::from_utf8(contents).map_err(std::string::FromUtf8Error::into_bytes)?;
        match entries(&text) {
            Ok(entries) => Ok(Self { text, entries }),
            Err(_) => Err(text.into_bytes()),
        }
    }

    /// Whether there is no profile, not even one without a name.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The names, in the order of the file.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries
            .iter()
            .filter_map(|entry| entry.name.as_deref())
    }

    /// The JSON text of the profile called `name`: exactly, else the only one that differs in
    /// letter case.
    ///
    /// # Errors
    ///
    /// If there is none or more than one.
    pub fn find(&self, name: &str) -> Result<&str, NameError> {
        let names = self.entries.iter().map(|entry| entry.name.as_deref());
        let place = self.entries[search::position(names, name)?].place.clone();
        Ok(&self.text[place])
    }

    /// Each name, as often as it occurs, and where its profile stands in the file, in bytes.
    pub(super) fn places(&self) -> impl Iterator<Item = (&str, Range<usize>)> {
        self.entries
            .iter()
            .filter_map(|entry| Some((entry.name.as_deref()?, entry.place.clone())))
    }
}

impl From<&Profiles> for Catalog {
    fn from(profiles: &Profiles) -> Self {
        let mut catalog = Self::default();
        for profile in &profiles.profiles {
            let start = catalog.text.len();
            catalog
                .text
                .push_str(&serde_json::to_string(&profile.0).unwrap_or_default());
            catalog.entries.push(Entry {
                name: profile.name().map(str::to_owned),
                place: start..catalog.text.len(),
            });
        }
        catalog
    }
}

fn entries(text: &str) -> serde_json::Result<Vec<Entry>> {
    let json = text.strip_prefix('\u{feff}').unwrap_or(text);
    let profiles = match serde_json::from_str(json)? {
        Root::List(profiles) => profiles,
        Root::One => vec![json],
    };
    if profiles.len() > MOST {
        return Err(serde_json::Error::custom("too many profiles"));
    }
    let entry = |profile: &str| {
        let start = profile.as_ptr().addr() - text.as_ptr().addr();
        let mut deserializer = serde_json::Deserializer::from_str(profile);
        Ok(Entry {
            name: Name.deserialize(&mut deserializer)?,
            place: start..start + profile.len(),
        })
    };
    profiles.into_iter().map(entry).collect()
}

/// The whole file.
enum Root<'a> {
    /// The text of each profile.
    List(Vec<&'a str>),
    /// It is the only profile itself.
    One,
}

impl<'de> Deserialize<'de> for Root<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RootVisitor)
    }
}

struct RootVisitor;

impl<'de> Visitor<'de> for RootVisitor {
    type Value = Root<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("profiles")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Root<'de>, A::Error> {
        let mut profiles = Vec::new();
        while let Some(profile) = list.next_element::<&RawValue>()? {
            profiles.push(profile.get());
        }
        Ok(Root::List(profiles))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Root<'de>, A::Error> {
        let (mut profiles, mut empty, mut named) = (None, true, false);
        while let Some(member) = members.next_key()? {
            empty = false;
            match member {
                Member::Profiles => {
                    let list: Vec<&RawValue> = members.next_value()?;
                    profiles = Some(list.into_iter().map(RawValue::get).collect());
                }
                Member::Name | Member::Other => {
                    named |= member == Member::Name;
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        match profiles {
            Some(profiles) => Ok(Root::List(profiles)),
            None if empty => Ok(Root::List(Vec::new())),
            None if named => Ok(Root::One),
            None => Err(A::Error::missing_field("profiles")),
        }
    }
}

/// Reads a profile for its name.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Option<String>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a profile")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut name = None;
        while let Some(member) = members.next_key::<Member>()? {
            if member == Member::Name {
                // Of members with the same name the last one counts.
                let value: &RawValue = members.next_value()?;
                name = serde_json::from_str(value.get()).ok();
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(name.filter(|name: &String| !name.trim().is_empty()))
    }
}

/// The members that matter here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Member {
    Profiles,
    Name,
    Other,
}

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(MemberVisitor)
    }
}

struct MemberVisitor;

impl Visitor<'_> for MemberVisitor {
    type Value = Member;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the name of a member")
    }

    fn visit_str<E>(self, name: &str) -> Result<Member, E> {
        Ok(match name {
            "profiles" => Member::Profiles,
            "name" => Member::Name,
            _ => Member::Other,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a catalog says is what the whole file says.
    fn check(text: &str) {
        let value = serde_json::from_str(text.trim_start_matches('\u{feff}'));
        let profiles = value
            .ok()
            .and_then(|value| Profiles::from_value(value).ok());
        let catalog = Catalog::read(text.into());
        let Some(profiles) = profiles else {
            assert_eq!(catalog.unwrap_err(), text.as_bytes(), "{text}");
            return;
        };
        let catalog = catalog.unwrap();
        assert!(catalog.names().eq(profiles.names()), "{text}");
        for name in ["a", "A", "b", "ä", "", " ", "x"] {
            let found = catalog.find(name).map(|text| {
                let profile = serde_json::from_str(text).unwrap();
                crate::profile::raw::RawProfile(profile)
            });
            assert_eq!(found, profiles.find(name).cloned(), "{name:?} in {text}");
        }
    }

    #[test]
    fn every_shape_is_read_as_the_whole_file_is() {
        for text in [
            r#"{"profiles":[{"name":"a","more":[1,{"name":"x"}]},{"name":"b"}]}"#,
            "\u{feff} [ {\"name\" : \"a\"} ,\n{\"name\":\"b\"} ]\n",
            r#"{"name":"a","profile":1}"#,
            r#" {"mine":{"name":"x"},"name":"A"} "#,
            r#"{"name":"x","profiles":[{"name":"a"}]}"#,
            r#"{"profiles":[{"name":"x"}],"profiles":[{"name":"b"}]}"#,
            r#"[{"name":"a"},{"name":"a"},{"name":"B"},{"name":"b"}]"#,
            r#"[{"name":"x","name":"b"},{"name":"a","name":null}]"#,
            r#"[{"n\u0061me":"\u0061"},{"name":"\u00e4","mine":"\"}{[\\"}]"#,
            r#"[{"name":1},{"name":null},{"name":["a"]},{"name":""},{"name":" "},{}]"#,
            "[]",
            "{}",
            r#"{"$schema":"x","profiles":[]}"#,
        ] {
            check(text);
        }
    }

    #[test]
    fn what_is_no_profile_is_left_to_others() {
        for text in [
            "",
            "1",
            "[1]",
            "null",
            "[{}",
            "[{}]]",
            "[{},]",
            r#"{"x":1}"#,
            r#"{"profiles":1}"#,
            r#"{"profiles":[[]]}"#,
            r#"{"name":"a"} {}"#,
        ] {
            check(text);
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_given_back() {
        let bytes = b"[{\"name\":\"a\",\"mine\":\"\xff\"}]".to_vec();
        assert_eq!(Catalog::read(bytes.clone()).unwrap_err(), bytes);
    }

    #[test]
    fn a_catalog_of_profiles_is_the_same() {
        let text = r#"[{"name":"a","mine":1},{"name":"b"}]"#;
        let profiles = Profiles::from_value(serde_json::from_str(text).unwrap()).unwrap();
        let catalog = Catalog::from(&profiles);
        assert!(catalog.names().eq(["a", "b"]));
        assert_eq!(catalog.find("a"), Ok(r#"{"name":"a","mine":1}"#));
        assert_eq!(catalog.find("B"), Ok(r#"{"name":"b"}"#));
    }
}
