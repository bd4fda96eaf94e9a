//! What `profiles.json` holds: read in every shape that people write, written without losing a member.

use serde_json::{Map, Value};

use crate::profile::raw::RawProfile;
use crate::profile::search::{self, NameError};

/// What is in the file.
#[derive(Clone, Debug, Default)]
pub struct Profiles {
    /// In the order of the file.
    pub profiles: Vec<RawProfile>,
    /// Members beside `profiles`, which are kept.
    others: Map<String, Value>,
}

impl Profiles {
    /// Takes `{"profiles":[…]}`, a bare array of profiles, or a single profile.
    ///
    /// # Errors
    ///
    /// Says what is there instead.
    pub fn from_value(value: Value) -> Result<Self, &'static str> {
        let (list, others) = match value {
            Value::Array(list) => (list, Map::new()),
            Value::Object(mut members) => match members.shift_remove("profiles") {
                Some(Value::Array(list)) => (list, members),
                Some(_) => return Err("`profiles` is not an array"),
                None if members.is_empty() => (Vec::new(), members),
                None if members.contains_key("name") => (vec![Value::Object(members)], Map::new()),
                None => return Err("neither `profiles` nor a profile with a `name`"),
            },
            _ => return Err("neither an object nor an array"),
        };
        let object = |value| match value {
            Value::Object(members) => Ok(RawProfile(members)),
            _ => Err("a profile is not an object"),
        };
        if list.len() > MOST {
            return Err("more than 100,000 profiles");
        }
        Ok(Self {
            profiles: list.into_iter().map(object).collect::<Result<_, _>>()?,
            others,
        })
    }

    /// The profile called `name`: exactly, else the only one that differs in letter case.
    ///
    /// # Errors
    ///
    /// If there is none or more than one.
    pub fn find(&self, name: &str) -> Result<&RawProfile, NameError> {
        let index = self.index(name)?;
        Ok(&self.profiles[index])
    }

    /// As [`Profiles::find`], by position.
    ///
    /// # Errors
    ///
    /// If there is none or more than one.
    pub fn index(&self, name: &str) -> Result<usize, NameError> {
        search::position(self.profiles.iter().map(RawProfile::name), name)
    }

    /// The names, in the order of the file.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.profiles.iter().filter_map(RawProfile::name)
    }

    /// The file as it is written: `{"profiles":[…]}` with what stood beside.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut members = Map::new();
        let list = self
            .profiles
            .iter()
            .map(|profile| Value::Object(profile.0.clone()));
        members.insert("profiles".to_owned(), Value::Array(list.collect()));
        members.extend(self.others.clone());
        let mut text = format!("{:#}", Value::Object(members));
        text.push('\n');
        text
    }
}

/// How many profiles a file may have.
pub(super) const MOST: usize = 100_000;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn profiles(value: Value) -> Profiles {
        Profiles::from_value(value).unwrap()
    }

    #[test]
    fn every_shape_is_read() {
        let one = json!({"name": "a", "mine": 1});
        for shape in [json!({"profiles": [one]}), json!([one]), one.clone()] {
            let read = profiles(shape);
            assert_eq!(read.names().collect::<Vec<_>>(), ["a"]);
            let written: Value = serde_json::from_str(&read.to_text()).unwrap();
            assert_eq!(written, json!({"profiles": [one]}));
        }
        let empty = profiles(json!({}));
        assert_eq!(empty.names().count(), 0);
        let kept = profiles(json!({"$schema": "x", "profiles": []}));
        assert!(kept.to_text().contains("$schema"));
    }

    #[test]
    fn numbers_are_written_as_they_were() {
        let text = r#"{"name":"a","x":[1.2345678901234568e+29,0.1,18446744073709551615]}"#;
        let value = serde_json::from_str(text).unwrap();
        let written: Value = serde_json::from_str(&profiles(value).to_text()).unwrap();
        assert_eq!(written["profiles"][0].to_string(), text);
    }

    #[test]
    fn other_shapes_are_named() {
        for shape in [
            json!(1),
            json!({"x": 1}),
            json!({"profiles": 1}),
            json!([1]),
        ] {
            assert!(Profiles::from_value(shape.clone()).is_err(), "{shape}");
        }
    }
}
