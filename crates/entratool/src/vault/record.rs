//! `storage.json`: which key store is in use, and how far a change of it has come.

use serde::{Deserialize, Serialize};

use super::key::KeyId;
use super::key_store::Backend;

/// A key in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// The kind of place.
    pub backend: Backend,
    /// The name of the key there.
    pub key_id: KeyId,
}

/// What `storage.json` says.
///
/// At rest it is `{"backend":"key-file","keyId":"…"}`. The other two members appear while the
/// key is changed, and are what lets the next run finish a change that was killed:
/// `next` is a key that nothing is sealed under yet, `previous` one that some files still are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Record {
    /// The key for everything that is written from now on.
    pub current: Option<Place>,
    /// The key that was current, while files are still sealed under it.
    pub previous: Option<Place>,
    /// A key that is being put into its place, to become current.
    pub next: Option<Place>,
}

impl Record {
    /// Where the key called `id` lives, if files may be sealed under it.
    #[must_use]
    pub fn place_of(&self, id: KeyId) -> Option<Place> {
        [self.current, self.previous]
            .into_iter()
            .flatten()
            .find(|place| place.key_id == id)
    }

    /// Whether a change of the key was begun and has not ended.
    #[must_use]
    pub const fn unfinished(&self) -> bool {
        self.previous.is_some() || self.next.is_some()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    backend: Option<Backend>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key_id: Option<KeyId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<Place>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next: Option<Place>,
}

impl TryFrom<Written> for Record {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let current = match (written.backend, written.key_id) {
            (Some(backend), Some(key_id)) => Some(Place { backend, key_id }),
            (None, None) => None,
            _ => return Err("`backend` and `keyId` belong together"),
        };
        Ok(Self {
            current,
            previous: written.previous,
            next: written.next,
        })
    }
}

impl From<Record> for Written {
    fn from(record: Record) -> Self {
        Self {
            backend: record.current.map(|place| place.backend),
            key_id: record.current.map(|place| place.key_id),
            previous: record.previous,
            next: record.next,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(backend: Backend, byte: u8) -> Place {
        Place {
            backend,
            key_id: KeyId::from_bytes([byte; 8]),
        }
    }

    #[test]
    fn records_are_written_as_people_read_them() {
        let check = |record: Record, want: &str| {
            assert_eq!(serde_json::to_string(&record).unwrap(), want);
            assert_eq!(serde_json::from_str::<Record>(want).unwrap(), record);
        };
        check(Record::default(), "{}");
        let current = Some(place(Backend::KeyFile, 1));
        check(
            Record {
                current,
                ..Record::default()
            },
            r#"{"backend":"key-file","keyId":"0101010101010101"}"#,
        );
        check(
            Record {
                current,
                previous: Some(place(Backend::Dpapi, 2)),
                next: None,
            },
            r#"{"backend":"key-file","keyId":"0101010101010101","previous":{"backend":"dpapi","keyId":"0202020202020202"}}"#,
        );
    }

    #[test]
    fn records_that_say_half_are_refused() {
        for text in [
            r#"{"backend":"key-file"}"#,
            r#"{"keyId":"0101010101010101"}"#,
            r#"{"backend":"cloud","keyId":"0101010101010101"}"#,
            r#"{"backend":"key-file","keyId":"01"}"#,
            "7",
            "",
        ] {
            assert!(serde_json::from_str::<Record>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_key_to_come_opens_nothing() {
        let record = Record {
            current: Some(place(Backend::KeyFile, 1)),
            previous: Some(place(Backend::KeyFile, 2)),
            next: Some(place(Backend::KeyFile, 3)),
        };
        let found = |byte| record.place_of(KeyId::from_bytes([byte; 8])).is_some();
        assert_eq!([found(1), found(2), found(3)], [true, true, false]);
        assert!(record.unfinished());
    }
}
