//! Seeded random damage to files.

/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
#[derive(Debug)]
pub struct Random(u64);

impl Random {
    /// The same numbers for the same seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`, which must not be 0.
    pub fn below(&mut self, n: usize) -> usize {
        (self.number() % n as u64) as usize
    }

    /// One to four damages: a bit or a byte changed, a piece of up to 16 bytes exchanged for noise,
    /// cut out or doubled, the end cut off.
    pub fn damage(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..1 + self.below(4) {
            if bytes.is_empty() {
                return;
            }
            let start = self.below(bytes.len());
            let end = (start + 1 + self.below(16)).min(bytes.len());
            match self.below(6) {
                0 => bytes[start] ^= 1 << self.below(8),
                1 => bytes[start] = [0x00, 0x01, 0x7f, 0x80, 0xff][self.below(5)],
                2 => bytes[start..end].fill_with(|| self.number() as u8),
                3 => drop(bytes.drain(start..end)),
                4 => {
                    let piece = bytes[start..end].to_vec();
                    bytes.splice(start..start, piece);
                }
                _ => bytes.truncate(start),
            }
        }
    }
}
