//! `profiles.json`: read in every shape that people write, changed without losing a thing.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Map, Value};
use thiserror::Error;

use crate::file::{FileError, Files};
use crate::lock::{Lock, LockError, Sharing};
use crate::profile::raw::RawProfile;
use crate::spelling;

/// The file of all profiles.
#[derive(Debug)]
pub struct ProfileFile<'a> {
    files: &'a Files,
    folder: &'a Path,
}

/// What is in the file.
#[derive(Clone, Debug, Default)]
pub struct Profiles {
    /// In the order of the file.
    pub profiles: Vec<RawProfile>,
    /// Members beside `profiles`, which are kept.
    others: Map<String, Value>,
}

/// Why profiles could not be read or changed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ProfilesError {
    /// The file is there and cannot be read, or cannot be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// Another process is changing the file, or locking is impossible.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The file is not JSON.
    #[error("`{}` is not valid JSON: line {line}, column {column}: {problem}", .path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
        /// What the parser expected.
        problem: String,
    },
    /// The file is JSON of another shape.
    #[error("`{}` holds no profiles: {problem}", .path.display())]
    Shape {
        /// The file.
        path: PathBuf,
        /// What is there instead.
        problem: &'static str,
    },
}

/// Why a name leads to no profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameError {
    /// Several profiles differ from the name in letter case only, or have the very same name.
    Ambiguous(Vec<String>),
    /// There is none; perhaps one of a similar name.
    Unknown(Option<String>),
}

impl<'a> ProfileFile<'a> {
    /// The file in `folder`.
    #[must_use]
    pub fn new(files: &'a Files, folder: &'a Path) -> Self {
        Self { files, folder }
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.folder.join("profiles.json")
    }

    /// Reads all profiles; no file is no profile.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or is not JSON with profiles.
    pub fn load(&self) -> Result<Profiles, ProfilesError> {
        match self.files.read_own(&self.path(), SIZE_LIMIT)? {
            Some(bytes) => self.parse(&bytes),
            None => Ok(Profiles::default()),
        }
    }

    /// Changes the profiles while nobody else does, and writes them back if `change` agrees.
    ///
    /// A file that cannot be understood is never written.
    ///
    /// # Errors
    ///
    /// As [`ProfileFile::load`]; if the file cannot be locked or written; or what `change` says.
    pub fn change<T, E: From<ProfilesError>>(
        &self,
        sleep: &dyn Fn(Duration),
        change: impl FnOnce(&mut Profiles) -> Result<T, E>,
    ) -> Result<T, E> {
        let locks = self.folder.join("locks");
        let ready = || -> Result<Lock, ProfilesError> {
            self.files.ensure_own_folder(self.folder)?;
            self.files.ensure_folder(&locks)?;
            let path = locks.join("profiles.lock");
            Ok(Lock::acquire(&path, Sharing::Exclusive, PATIENCE, sleep)?)
        };
        let _lock = ready()?;
        let mut profiles = self.load()?;
        let result = change(&mut profiles)?;
        // People keep this file in a repository of settings and link to it.
        let path = self.path();
        let path = std::fs::canonicalize(&path).unwrap_or(path);
        self.files
            .replace(&path, profiles.to_text().as_bytes())
            .map_err(ProfilesError::from)?;
        Ok(result)
    }

    fn parse(&self, bytes: &[u8]) -> Result<Profiles, ProfilesError> {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let value = serde_json::from_slice(bytes).map_err(|error| ProfilesError::Json {
            path: self.path(),
            line: error.line(),
            column: error.column(),
            problem: without_position(&error.to_string()),
        })?;
        Profiles::from_value(value).map_err(|problem| ProfilesError::Shape {
            path: self.path(),
            problem,
        })
    }
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
        let all = |same: &dyn Fn(&str) -> bool| -> Vec<usize> {
            let named = |profile: &RawProfile| profile.name().is_some_and(same);
            (0..self.profiles.len())
                .filter(|index| named(&self.profiles[*index]))
                .collect()
        };
        let mut found = all(&|other| other == name);
        if found.is_empty() {
            found = all(&|other| other.eq_ignore_ascii_case(name));
        }
        match found[..] {
            [index] => Ok(index),
            [] => Err(NameError::Unknown(
                spelling::nearest(name, self.names()).map(str::to_owned),
            )),
            _ => {
                let names = found
                    .iter()
                    .filter_map(|index| self.profiles[*index].name());
                Err(NameError::Ambiguous(names.map(str::to_owned).collect()))
            }
        }
    }

    /// The names, in the order of the file.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.profiles.iter().filter_map(RawProfile::name)
    }

    fn to_text(&self) -> String {
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

/// serde_json puts the position at the end of its message, where we do not want it twice.
fn without_position(message: &str) -> String {
    let end = message.rfind(" at line ").unwrap_or(message.len());
    message[..end].to_owned()
}

/// Ten thousand profiles take 3 MB.
const SIZE_LIMIT: u64 = 64 * 1024 * 1024;

/// Others hold this lock for milliseconds.
const PATIENCE: Duration = Duration::from_secs(30);

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

    #[test]
    fn names_are_found_exactly_then_by_letter_case() {
        let all = profiles(
            json!([{"name": "a"}, {"name": "A"}, {"name": "Graph"}, {"name": "x"}, {"name": "x"}]),
        );
        assert_eq!(all.index("A"), Ok(1));
        assert_eq!(all.index("graph"), Ok(2));
        assert_eq!(
            all.index("grahp"),
            Err(NameError::Unknown(Some("Graph".into())))
        );
        assert_eq!(all.index("nothing-like-it"), Err(NameError::Unknown(None)));
        assert!(matches!(all.index("x"), Err(NameError::Ambiguous(names)) if names.len() == 2));
    }
}
