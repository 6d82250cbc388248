use std::fmt;

use crate::orientation::normal_of;

/// How the pixels of a slice are laid anew, so that rows run to the patient's back and columns to
/// the patient's left, as a radiologist looks at a slice.
///
/// One of the eight ways in which a grid can be laid on itself: first transposed or not, then with
/// its rows and its columns in reverse order or not.
///
/// ```
/// use ct_io::Turn;
///
/// // A patient who lay face down: a row runs to the right, a column to the front.
/// let turn = Turn::of_orientation([-1.0, 0.0, 0.0, 0.0, -1.0, 0.0]).expect("unit vectors");
/// assert_eq!(turn.apply(&[1, 2, 3, 4, 5, 6], (2, 3)), [6, 5, 4, 3, 2, 1]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Turn {
    is_transposed: bool,
    rows_reversed: bool,
    cols_reversed: bool,
}

impl Turn {
    /// The turn of a slice of this `ImageOrientationPatient`: the direction in which a row runs,
    /// then that in which a column runs, in coordinates that grow to the left, the back and the
    /// head. Of an oblique slice the closest axes count, as for NIfTI.
    ///
    /// `None` where these are not two unit vectors at right angles.
    pub fn of_orientation(orientation: [f64; 6]) -> Option<Self> {
        normal_of(orientation)?;
        let [along_row_x, along_row_y, _, along_col_x, along_col_y, _] = orientation;
        let is_transposed = along_row_x.abs() < along_row_y.abs();
        let (to_left, to_back) = match is_transposed {
            false => (along_row_x, along_col_y),
            true => (along_col_x, along_row_y),
        };
        Some(Self {
            is_transposed,
            rows_reversed: to_back < 0.0,
            cols_reversed: to_left < 0.0,
        })
    }

    /// True of a slice that lies as it should.
    pub fn is_identity(self) -> bool {
        self == Self::default()
    }

    /// Rows and columns of a turned image.
    pub fn shape(self, (rows, cols): (usize, usize)) -> (usize, usize) {
        match self.is_transposed {
            false => (rows, cols),
            true => (cols, rows),
        }
    }

    /// What belongs to the rows and columns of a turned image, such as the distances between them.
    pub fn spacing(self, (rows, cols): (f64, f64)) -> (f64, f64) {
        match self.is_transposed {
            false => (rows, cols),
            true => (cols, rows),
        }
    }

    /// Turns an image of `shape`, row by row.
    ///
    /// # Panics
    ///
    /// If there are fewer values than the shape says.
    pub fn apply<T: Copy>(self, values: &[T], shape: (usize, usize)) -> Vec<T> {
        let (rows, cols) = self.shape(shape);
        (0..rows * cols)
            .map(|index| {
                let (row, col) = self.source((index / cols, index % cols), (rows, cols));
                values[row * shape.1 + col]
            })
            .collect()
    }

    /// Turns an image of `shape` back, row by row.
    ///
    /// # Panics
    ///
    /// If there are fewer values than the shape says.
    pub fn undo<T: Copy>(self, values: &[T], shape: (usize, usize)) -> Vec<T> {
        self.inverse().apply(values, shape)
    }

    /// Where a point of a turned image of `shape` is in the image itself, both measured in pixels
    /// from the corner of the first one.
    pub fn undo_point(self, (row, col): (f64, f64), shape: (usize, usize)) -> (f64, f64) {
        let row = match self.rows_reversed {
            true => shape.0 as f64 - row,
            false => row,
        };
        let col = match self.cols_reversed {
            true => shape.1 as f64 - col,
            false => col,
        };
        match self.is_transposed {
            true => (col, row),
            false => (row, col),
        }
    }

    /// The pixel that is at a place of the turned image, of this shape.
    fn source(self, (row, col): (usize, usize), (rows, cols): (usize, usize)) -> (usize, usize) {
        let row = match self.rows_reversed {
            true => rows - 1 - row,
            false => row,
        };
        let col = match self.cols_reversed {
            true => cols - 1 - col,
            false => col,
        };
        match self.is_transposed {
            true => (col, row),
            false => (row, col),
        }
    }

    /// Transposing exchanges what is reversed.
    fn inverse(self) -> Self {
        match self.is_transposed {
            false => self,
            true => Self {
                is_transposed: true,
                rows_reversed: self.cols_reversed,
                cols_reversed: self.rows_reversed,
            },
        }
    }
}

/// In words, such as `rows and columns reversed`.
impl fmt::Display for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reversed = match (self.rows_reversed, self.cols_reversed) {
            (false, false) => "",
            (true, false) => "rows reversed",
            (false, true) => "columns reversed",
            (true, true) => "rows and columns reversed",
        };
        match (self.is_transposed, reversed) {
            (false, "") => f.write_str("as it is"),
            (false, reversed) => f.write_str(reversed),
            (true, "") => f.write_str("transposed"),
            (true, reversed) => write!(f, "transposed, {reversed}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: [f64; 3] = [1.0, 0.0, 0.0];
    const Y: [f64; 3] = [0.0, 1.0, 0.0];

    fn turns() -> Vec<Turn> {
        let flags = [false, true];
        let all = flags.map(|is_transposed| {
            flags.map(|rows_reversed| {
                flags.map(|cols_reversed| Turn {
                    is_transposed,
                    rows_reversed,
                    cols_reversed,
                })
            })
        });
        all.as_flattened().as_flattened().to_vec()
    }

    #[test]
    fn undoing_a_turn_gives_the_image_back() {
        let image: Vec<u32> = (0..6).collect();
        for turn in turns() {
            let turned = turn.apply(&image, (2, 3));
            let shape = turn.shape((2, 3));
            assert_eq!(turn.undo(&turned, shape), image, "{turn}");
            for (index, pixel) in turned.iter().enumerate() {
                let centre = |k: usize| k as f64 + 0.5;
                let point = (centre(index / shape.1), centre(index % shape.1));
                let (row, col) = turn.undo_point(point, shape);
                let found = image[row as usize * 3 + col as usize];
                assert_eq!(found, *pixel, "{turn}");
            }
        }
    }

    /// An image of where its pixels are in the patient comes out with x growing along columns and y
    /// along rows, for all eight axial orientations.
    #[test]
    fn columns_run_to_the_left_and_rows_to_the_back() {
        let signs = [1.0, -1.0];
        for (row_axis, col_axis) in [(X, Y), (Y, X)] {
            for (row_sign, col_sign) in signs.iter().flat_map(|a| signs.map(|b| (*a, b))) {
                let along_row = row_axis.map(|c| c * row_sign);
                let along_col = col_axis.map(|c| c * col_sign);
                let [rx, ry, rz] = along_row;
                let [cx, cy, cz] = along_col;
                let turn = Turn::of_orientation([rx, ry, rz, cx, cy, cz]).expect("unit vectors");
                let place = |row: usize, col: usize| {
                    [0, 1].map(|axis| row as f64 * along_col[axis] + col as f64 * along_row[axis])
                };
                let image: Vec<_> = (0..6).map(|index| place(index / 3, index % 3)).collect();
                let turned = turn.apply(&image, (2, 3));
                let (_, cols) = turn.shape((2, 3));
                assert_eq!(turned[1][0] - turned[0][0], 1.0, "{turn}");
                assert_eq!(turned[1][1], turned[0][1]);
                assert_eq!(turned[cols][1] - turned[0][1], 1.0, "{turn}");
                assert_eq!(turned[cols][0], turned[0][0]);
            }
        }
    }

    #[test]
    fn a_tilted_gantry_turns_nothing() {
        for orientation in [
            [1.0, 0.0, 0.0, 0.0, 0.8, -0.6],
            [0.98, -0.199, 0.0, 0.199, 0.98, 0.0],
        ] {
            let turn = Turn::of_orientation(orientation).expect("unit vectors");
            assert!(turn.is_identity(), "{orientation:?}");
        }
    }

    #[test]
    fn what_is_no_orientation_has_no_turn() {
        for orientation in [
            [0.0; 6],
            [1.0, 0.0, 0.0, 1.0, 0.0, 0.0],
            [2.0, 0.0, 0.0, 0.0, 1.0, 0.0],
            [f64::NAN, 0.0, 0.0, 0.0, 1.0, 0.0],
        ] {
            assert_eq!(Turn::of_orientation(orientation), None);
        }
    }
}
