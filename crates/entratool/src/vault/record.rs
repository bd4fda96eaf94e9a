//! `storage.json`: where the key is, and the data keys that it wraps.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
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

/// A data key, sealed under the key in the key store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrappedKey {
    /// The name of the data key.
    pub id: KeyId,
    /// The data key, as a sealed file has it.
    #[serde(with = "base64_text")]
    pub sealed: Vec<u8>,
}

/// What `storage.json` says.
///
/// At rest it is `{"backend":"key-file","keyId":"…","dataKeys":[{…}]}`. While files are sealed again
/// there is more than one data key, and while the key moves, or if its old place does not answer,
/// `obsolete` lists the keys that are to be removed from their places.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Record {
    /// The key that wraps the data keys.
    pub current: Option<Place>,
    /// The data keys; the first one is for everything that is written from now on. Without any,
    /// files are sealed under the current key itself, as in the first format.
    pub data_keys: Vec<WrappedKey>,
    /// Keys that wrap nothing that is needed.
    pub obsolete: Vec<Place>,
}

impl Record {
    /// Whether files may be sealed under the key called `id`.
    #[must_use]
    pub fn has(&self, id: KeyId) -> bool {
        if self.data_keys.is_empty() {
            self.current.is_some_and(|place| place.key_id == id)
        } else {
            self.data_keys.iter().any(|key| key.id == id)
        }
    }

    /// The name of the key for everything that is written from now on.
    #[must_use]
    pub fn data_key_id(&self) -> Option<KeyId> {
        let current = || self.current.map(|place| place.key_id);
        self.data_keys.first().map(|key| key.id).or_else(current)
    }

    /// Whether a change of the keys was begun and has not ended.
    #[must_use]
    pub fn unfinished(&self) -> bool {
        self.data_keys.len() > 1 || !self.obsolete.is_empty()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    backend: Option<Backend>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key_id: Option<KeyId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    data_keys: Vec<WrappedKey>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    obsolete: Vec<Place>,
}

impl TryFrom<Written> for Record {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let current = match (written.backend, written.key_id) {
            (Some(backend), Some(key_id)) => Some(Place { backend, key_id }),
            (None, None) if written.data_keys.is_empty() => None,
            (None, None) => return Err("`dataKeys` need a `backend` and a `keyId`"),
            _ => return Err("`backend` and `keyId` belong together"),
        };
        Ok(Self {
            current,
            data_keys: written.data_keys,
            obsolete: written.obsolete,
        })
    }
}

impl From<Record> for Written {
    fn from(record: Record) -> Self {
        Self {
            backend: record.current.map(|place| place.backend),
            key_id: record.current.map(|place| place.key_id),
            data_keys: record.data_keys,
            obsolete: record.obsolete,
        }
    }
}

mod base64_text {
    use serde::de::Error as _;
    use serde::{Deserializer, Serializer};

    use super::*;

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
        STANDARD.decode(text.as_bytes()).map_err(D::Error::custom)
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

    fn wrapped(byte: u8) -> WrappedKey {
        WrappedKey {
            id: KeyId::from_bytes([byte; 8]),
            sealed: vec![byte; 3],
        }
    }

    #[test]
    fn records_are_written_as_documented() {
        let check = |record: Record, want: &str| {
            assert_eq!(serde_json::to_string(&record).unwrap(), want);
            assert_eq!(serde_json::from_str::<Record>(want).unwrap(), record);
        };
        check(Record::default(), "{}");
        let first_format = Record {
            current: Some(place(Backend::KeyFile, 1)),
            ..Record::default()
        };
        check(
            first_format.clone(),
            r#"{"backend":"key-file","keyId":"0101010101010101"}"#,
        );
        check(
            Record {
                data_keys: vec![wrapped(2)],
                obsolete: vec![place(Backend::Dpapi, 3)],
                ..first_format
            },
            r#"{"backend":"key-file","keyId":"0101010101010101","dataKeys":[{"id":"0202020202020202","sealed":"AgIC"}],"obsolete":[{"backend":"dpapi","keyId":"0303030303030303"}]}"#,
        );
    }

    #[test]
    fn records_that_say_half_are_refused() {
        for text in [
            r#"{"backend":"key-file"}"#,
            r#"{"keyId":"0101010101010101"}"#,
            r#"{"backend":"cloud","keyId":"0101010101010101"}"#,
            r#"{"backend":"key-file","keyId":"01"}"#,
            r#"{"dataKeys":[{"id":"0202020202020202","sealed":"AgIC"}]}"#,
            r#"{"backend":"key-file","keyId":"0101010101010101","dataKeys":[{"id":"0202020202020202","sealed":"!"}]}"#,
            "7",
            "",
        ] {
            assert!(serde_json::from_str::<Record>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn files_are_sealed_under_data_keys_or_in_the_first_format_under_the_key_itself() {
        let mut record = Record {
            current: Some(place(Backend::KeyFile, 1)),
            ..Record::default()
        };
        let id = |byte| KeyId::from_bytes([byte; 8]);
        let found = |record: &Record| [1, 2, 3].map(|byte| record.has(id(byte)));
        assert_eq!(found(&record), [true, false, false]);
        assert_eq!(record.data_key_id(), Some(id(1)));
        record.data_keys = vec![wrapped(2), wrapped(3)];
        assert_eq!(found(&record), [false, true, true]);
        assert_eq!(record.data_key_id(), Some(id(2)));
        assert!(record.unfinished());
    }
}
