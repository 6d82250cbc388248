//! Padding that windows need.

use cnn_graph::{Window, WindowSide};

/// Rows above and below a map, columns before and behind it.
pub(crate) type Padding = [(usize, usize); 2];

/// Padding with which exactly the windows of a node fit, the last one included that `ceil_mode`
/// lets reach beyond the declared padding. Shapes are `[channels, rows, cols]`.
///
/// A device then needs no rounding of its own. Where it makes no difference, both ends are alike:
/// devices pad such maps as they read them, and others are copied.
pub(crate) fn padding(window: &Window, input: [usize; 3], output: [usize; 3]) -> Padding {
    [
        side_padding(window.rows(), input[1], output[1]),
        side_padding(window.cols(), input[2], output[2]),
    ]
}

fn side_padding(side: WindowSide, len: usize, n_outputs: usize) -> (usize, usize) {
    let begin = side.begin;
    let room = (len + 2 * begin).checked_sub(side.extent());
    if room.is_some_and(|room| room / side.stride + 1 == n_outputs) {
        return (begin, begin);
    }
    let reach = n_outputs.saturating_sub(1) * side.stride + side.extent();
    (begin, reach.saturating_sub(begin + len))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(kernel: usize, stride: usize, begin: usize) -> WindowSide {
        WindowSide {
            kernel,
            stride,
            begin,
            end: 0,
            dilation: 1,
        }
    }

    #[test]
    fn ends_are_alike_where_it_makes_no_difference() {
        // The windows of 8 positions behind a padding of 1 end at the last position.
        assert_eq!(side_padding(side(3, 2, 1), 8, 4), (1, 1));
    }

    #[test]
    fn the_last_window_fits() {
        assert_eq!(side_padding(side(3, 1, 0), 8, 8), (0, 2));
        // Ceil mode: windows start at 0, 2, 4 and 6 of 8.
        assert_eq!(side_padding(side(3, 2, 0), 8, 4), (0, 1));
    }

    #[test]
    fn padding_that_no_window_reads_is_left_out() {
        assert_eq!(side_padding(side(2, 4, 0), 9, 2), (0, 0));
    }
}
