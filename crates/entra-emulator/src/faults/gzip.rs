//! A gzip stream of zeros, made piece by piece while it is sent.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

/// Yields the pieces of a small stream that unpacks to `bytes` bytes.
pub(crate) struct GzipBomb {
    encoder: Option<GzEncoder<Vec<u8>>>,
    left: u64,
}

impl GzipBomb {
    pub(crate) fn new(bytes: u64) -> Self {
        Self {
            encoder: Some(GzEncoder::new(Vec::new(), Compression::best())),
            left: bytes,
        }
    }
}

impl Iterator for GzipBomb {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let mut encoder = self.encoder.take()?;
        while self.left > 0 {
            let length = self.left.min(PIECE.len() as u64);
            self.left -= length;
            let zeros = &PIECE[..usize::try_from(length).unwrap_or(PIECE.len())];
            // Writing into memory does not fail.
            encoder.write_all(zeros).ok()?;
            let packed = std::mem::take(encoder.get_mut());
            if !packed.is_empty() {
                self.encoder = Some(encoder);
                return Some(packed);
            }
        }
        encoder.finish().ok()
    }
}

static PIECE: [u8; 1 << 14] = [0; 1 << 14];

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn the_stream_is_small_and_unpacks_to_what_was_asked_for() {
        let packed: Vec<u8> = GzipBomb::new(5_000_001).flatten().collect();
        assert!(packed.len() < 10_000, "{} bytes", packed.len());
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(packed.as_slice())
            .read_to_end(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked.len(), 5_000_001);
    }
}
