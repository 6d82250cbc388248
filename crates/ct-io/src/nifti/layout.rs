use super::affine::{Affine, nearest_orthogonal};

/// An axis of voxels, and whether the slice runs against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    axis: usize,
    is_reversed: bool,
}

/// Which voxel is at which row and column of which slice.
///
/// Rows run from the front of the patient to the back, columns from right to left, slices from
/// feet to head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    dim: [usize; 3],
    rows: Run,
    cols: Run,
    slices: Run,
}

impl Layout {
    /// The layout of voxels that are stored as `(column, row, slice)` already.
    pub(super) fn of_slices(rows: usize, cols: usize, slices: usize) -> Self {
        let run = |axis| Run {
            axis,
            is_reversed: false,
        };
        Self {
            dim: [cols, rows, slices],
            rows: run(1),
            cols: run(0),
            slices: run(2),
        }
    }

    /// The layout by the axes of the patient to which those of the voxels are closest.
    pub(super) fn closest(dim: [usize; 3], affine: &Affine) -> Self {
        // Columns run against x and rows against y, slices along z.
        let mut runs = [Run {
            axis: 0,
            is_reversed: false,
        }; 3];
        for (axis, (patient, is_negative)) in closest_axes(affine).into_iter().enumerate() {
            let is_reversed = is_negative == (patient == 2);
            runs[patient] = Run { axis, is_reversed };
        }
        let [cols, rows, slices] = runs;
        Self {
            dim,
            rows,
            cols,
            slices,
        }
    }

    /// The layout of the volume that has only so many of the slices.
    pub(super) fn with_slices(mut self, n_slices: usize) -> Self {
        self.dim[self.slices.axis] = n_slices;
        self
    }

    pub(super) fn dim(&self) -> [usize; 3] {
        self.dim
    }

    /// The axis of voxels along which the slices are counted.
    pub(super) fn slice_axis(&self) -> usize {
        self.slices.axis
    }

    pub(super) fn n_rows(&self) -> usize {
        self.dim[self.rows.axis]
    }

    pub(super) fn n_cols(&self) -> usize {
        self.dim[self.cols.axis]
    }

    pub(super) fn n_slices(&self) -> usize {
        self.dim[self.slices.axis]
    }

    /// What belongs to the axes of voxels, as (rows, cols, slices).
    pub(super) fn along<T: Copy>(&self, of_axes: [T; 3]) -> (T, T, T) {
        (
            of_axes[self.rows.axis],
            of_axes[self.cols.axis],
            of_axes[self.slices.axis],
        )
    }

    /// The voxel of a pixel, which must lie in the slice.
    pub(super) fn voxel(&self, row: usize, col: usize, slice: usize) -> [usize; 3] {
        let mut voxel = [0; 3];
        for (run, index) in [(self.rows, row), (self.cols, col), (self.slices, slice)] {
            voxel[run.axis] = if run.is_reversed {
                self.dim[run.axis] - 1 - index
            } else {
                index
            };
        }
        voxel
    }

    /// Position among the stored voxels, of which the first axis runs fastest.
    pub(super) fn index(&self, row: usize, col: usize, slice: usize) -> usize {
        let [i, j, k] = self.voxel(row, col, slice);
        i + self.dim[0] * (j + self.dim[1] * k)
    }
}

/// The patient's axis (0 to 2 for x, y, z) to which each axis of voxels is closest, and whether it
/// runs against it.
///
/// As `nibabel.orientations.io_orientation`: the rotation nearest to the affine; then the axes of
/// voxels in the order of how well they fit, each takes the best axis that is left.
fn closest_axes(affine: &Affine) -> [(usize, bool); 3] {
    let rotation = nearest_orthogonal(affine.directions());
    let best = |axis: usize| {
        rotation
            .iter()
            .map(|row| row[axis].abs())
            .fold(0.0, f64::max)
    };
    let mut order = [0, 1, 2];
    order.sort_by(|&a, &b| best(b).total_cmp(&best(a)));

    let mut closest = [(0, false); 3];
    let mut left = vec![0, 1, 2];
    for axis in order {
        let size = |patient: usize| rotation[patient][axis].abs();
        // Of equal ones the first.
        let chosen = left
            .iter()
            .copied()
            .reduce(|a, b| if size(b) > size(a) { b } else { a });
        let patient = chosen.unwrap_or_default();
        left.retain(|&other| other != patient);
        closest[axis] = (patient, rotation[patient][axis] < 0.0);
    }
    closest
}

/// The letters of the ends to which the axes of voxels run, such as `LPS`.
pub(super) fn axis_codes(affine: &Affine) -> String {
    let letter = |(patient, is_negative)| match (patient, is_negative) {
        (0, false) => 'R',
        (0, true) => 'L',
        (1, false) => 'A',
        (1, true) => 'P',
        (_, false) => 'S',
        (_, true) => 'I',
    };
    closest_axes(affine).into_iter().map(letter).collect()
}

/// Largest angle between an axis of voxels and the patient's axis it stands for.
pub(super) fn obliquity_degrees(affine: &Affine) -> f64 {
    let directions = affine.directions();
    let angle = |(axis, (patient, _)): (usize, (usize, bool))| {
        let along = directions[patient][axis].abs();
        let (one, other) = (
            directions[(patient + 1) % 3][axis],
            directions[(patient + 2) % 3][axis],
        );
        one.hypot(other).atan2(along).to_degrees()
    };
    closest_axes(affine)
        .into_iter()
        .enumerate()
        .map(angle)
        .fold(0.0, f64::max)
}
