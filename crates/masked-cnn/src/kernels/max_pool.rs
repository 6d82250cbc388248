use pulp::{Simd, WithSimd};

use super::{or_nan, vectors, vectors_mut};

/// The largest value of every channel among some positions, of which there is at least one; NaN if
/// one of the values is.
pub(crate) struct MaxOf<'a, I> {
    pub(crate) positions: I,
    pub(crate) out: &'a mut [f32],
}

impl<'a, I: Iterator<Item = &'a [f32]>> WithSimd for MaxOf<'_, I> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let mut positions = self.positions;
        if let Some(first) = positions.next() {
            self.out.copy_from_slice(first);
        }
        for position in positions {
            let pairs = vectors_mut::<S>(self.out)
                .iter_mut()
                .zip(vectors::<S>(position));
            for (out, &value) in pairs {
                let larger = simd.max_f32s(*out, value);
                *out = or_nan(simd, *out, or_nan(simd, value, larger));
            }
        }
    }
}
