use std::ops::Range;

use pixel_region::Region;

use crate::attribution::{Attribution, Kind, Method};
use crate::error::Error;
use crate::evaluator::{Evaluator, rect};

/// What the output falls by when a window is hidden (Zeiler and Fergus, 2014).
///
/// Windows start at 0, `stride`, `2 stride`, ... until the border is reached, and the last ones are cut
/// off there. A pixel has the mean over the windows that hold it of `f(image) - f(image without the
/// window)`: higher is more important. Other programs give the output itself, of which lower is more
/// important.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occlusion {
    /// Rows and columns of a window; 64 of 512 is usual.
    pub side: usize,
    /// Rows or columns from one window to the next, at most the side; half the side is usual.
    pub stride: usize,
}

impl Method for Occlusion {
    fn explain(&self, evaluator: &mut Evaluator<'_>) -> Result<Attribution, Error> {
        let size = evaluator.size();
        let &Occlusion { side, stride } = self;
        if stride == 0 || stride > side || side > size.rows.min(size.cols) {
            return Err(Error::Windows {
                side,
                stride,
                size: (size.rows, size.cols),
            });
        }
        let (rows, cols) = (
            windows(size.rows, side, stride),
            windows(size.cols, side, stride),
        );
        let windows: Vec<(Range<usize>, Range<usize>)> = rows
            .iter()
            .flat_map(|rows| cols.iter().map(|cols| (rows.clone(), cols.clone())))
            .collect();
        let masks = windows
            .iter()
            .cloned()
            .map(|(rows, cols)| Region::union([rect(rows, cols)], size).complement(size));
        let masks: Vec<Region> = masks.collect();
        let (background_output, image_output) = evaluator.ends()?;
        let outputs = evaluator.outputs(&masks)?;

        let mut sums = vec![(0.0, 0_u32); size.rows * size.cols];
        for ((rows, cols), output) in windows.into_iter().zip(outputs) {
            for row in rows {
                for (sum, n_windows) in &mut sums[row * size.cols..][cols.clone()] {
                    *sum += image_output - output;
                    *n_windows += 1;
                }
            }
        }
        Ok(Attribution {
            values: sums
                .into_iter()
                .map(|(sum, n)| (sum / f64::from(n)) as f32)
                .collect(),
            size,
            kind: Kind::Drop,
            image_output,
            background_output,
            n_masks: masks.len(),
            standard_error: None,
        })
    }
}

/// `ceil((n - side) / stride) + 1` windows, which leave no pixel out.
fn windows(n: usize, side: usize, stride: usize) -> Vec<Range<usize>> {
    let last = (n - side).div_ceil(stride);
    (0..=last)
        .map(|at| at * stride..(at * stride + side).min(n))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_reach_the_border_and_leave_no_pixel_out() {
        assert_eq!(windows(32, 8, 4).len(), 7);
        assert_eq!(windows(512, 64, 32).len(), 15);
        // 32 - 6 is no multiple of 5: the last window is cut off.
        let cut = windows(32, 6, 5);
        assert_eq!((cut.len(), cut[6].clone()), (7, 30..32));
        let whole = windows(5, 5, 1);
        assert_eq!((whole.len(), whole[0].clone()), (1, 0..5));
    }
}
