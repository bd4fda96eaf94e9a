//! Where each profile stands in a large `profiles.json`, kept beside it so that one is found without reading all.
//!
//! An index holds places and nothing else: what is found is read from `profiles.json` itself, has to be an object of the
//! name that was looked for, and counts only while the file's [`Stamp`] is the one that the index was made for. A user who
//! can change the index can change `profiles.json` too.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::file::{Opened, Stamp};
use crate::profile::catalog::Catalog;

/// The bytes of an index of `catalog`, which was read from the file with this `stamp`.
pub(super) fn to_bytes(stamp: Stamp, catalog: &Catalog) -> Vec<u8> {
    let mut places = BTreeMap::new();
    for (name, place) in catalog.places() {
        // A name that occurs twice, or two with the same hash, are not in the index.
        let once = |place: Range<usize>| {
            let start = u32::try_from(place.start).ok()?;
            Some((start, u32::try_from(place.len()).ok()?))
        };
        places
            .entry(hash(name))
            .and_modify(|place| *place = None)
            .or_insert_with(|| once(place));
    }
    let mut bytes = [MAGIC.as_slice(), &stamp.to_bytes()].concat();
    for (hash, place) in places {
        if let Some((start, length)) = place {
            bytes.extend(hash.to_be_bytes());
            bytes.extend(start.to_be_bytes());
            bytes.extend(length.to_be_bytes());
        }
    }
    bytes
}

/// Where `index` says that a profile called `name` stands in the file with this `stamp`: the first
/// byte and the number of bytes. `None` if it does not say.
pub(super) fn place(index: &Opened, stamp: Stamp, name: &str) -> Option<(u64, u64)> {
    let mut header = [0; HEADER];
    index.read_part(0, &mut header).ok()?;
    if header[..MAGIC.len()] != MAGIC || header[MAGIC.len()..] != stamp.to_bytes() {
        return None;
    }
    let wanted = hash(name).to_be_bytes();
    let (mut low, mut high) = (0, (index.length() - HEADER as u64) / ENTRY as u64);
    while low < high {
        let middle = low.midpoint(high);
        let mut entry = [0; ENTRY];
        let offset = HEADER as u64 + middle * ENTRY as u64;
        index.read_part(offset, &mut entry).ok()?;
        let [hash @ .., s0, s1, s2, s3, l0, l1, l2, l3] = entry;
        match wanted.cmp(&hash) {
            std::cmp::Ordering::Less => high = middle,
            std::cmp::Ordering::Greater => low = middle + 1,
            std::cmp::Ordering::Equal => {
                let start = u32::from_be_bytes([s0, s1, s2, s3]);
                let length = u32::from_be_bytes([l0, l1, l2, l3]);
                return Some((start.into(), length.into()));
            }
        }
    }
    None
}

/// FNV-1a, of 64 bits: <https://www.rfc-editor.org/rfc/rfc9923.html>.
fn hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The last of these bytes is the version of the format.
const MAGIC: [u8; 8] = *b"\x89entrai\x01";
const HEADER: usize = MAGIC.len() + Stamp::LENGTH;
const ENTRY: usize = 16;

#[cfg(test)]
mod tests;
