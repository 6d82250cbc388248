//! Slices beside a slice, for networks whose channels show several.

use std::path::PathBuf;
use std::sync::Arc;

/// A slice of a DICOM series among those of it that were listed, from the feet to the head.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct InSeries {
    slices: Arc<[Member]>,
    index: usize,
}

/// A slice of a series.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Member {
    pub(crate) path: PathBuf,
    pub(crate) frame: Option<usize>,
    pub(crate) height_mm: f64,
}

impl InSeries {
    /// Each of the slices, which are in order.
    pub(crate) fn each(slices: Vec<Member>) -> impl Iterator<Item = Self> {
        let slices: Arc<[Member]> = slices.into();
        (0..slices.len()).map(move |index| Self {
            slices: Arc::clone(&slices),
            index,
        })
    }

    pub(crate) fn is_alone(&self) -> bool {
        self.slices.len() == 1
    }

    /// The slice this many places nearer to the head, or else the last one on the way there.
    pub(crate) fn neighbour(&self, offset: i32) -> &Member {
        &self.slices[place(self.index, offset, self.slices.len())]
    }

    /// True where the series has a slice there.
    pub(crate) fn reaches(&self, offset: i32) -> bool {
        reaches(self.index, offset, self.slices.len())
    }

    /// How much farther away the neighbour is than so many of the smallest steps of the series.
    pub(crate) fn is_gap(&self, offset: i32) -> bool {
        let steps = self.slices.windows(2);
        let steps = steps.map(|pair| pair[1].height_mm - pair[0].height_mm);
        let Some(smallest) = steps.min_by(f64::total_cmp) else {
            return false;
        };
        let own = &self.slices[self.index];
        let distance_mm = (self.neighbour(offset).height_mm - own.height_mm).abs();
        // Steps of one scan differ by less than half of one.
        distance_mm > (f64::from(offset.abs()) + 0.5) * smallest
    }
}

/// The place beside one of `n`, within them.
pub(crate) fn place(index: usize, offset: i32, n: usize) -> usize {
    let place = index.saturating_add_signed(offset as isize);
    place.min(n.saturating_sub(1))
}

/// True where that place is no other's.
pub(crate) fn reaches(index: usize, offset: i32, n: usize) -> bool {
    index
        .checked_add_signed(offset as isize)
        .is_some_and(|place| place < n)
}
