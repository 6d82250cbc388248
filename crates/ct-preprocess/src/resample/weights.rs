use super::filter::ResampleFilter;

/// What stands beyond the ends of a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Edge {
    /// Nothing: the weights of what is there are scaled up to a sum of 1.
    Renormalised,
    /// This value.
    Constant(f64),
}

/// A line of `n_out` values, each of which is a weighted sum of neighbours in a line of `n_in`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Weights {
    n_in: usize,
    of_output: Vec<Window>,
}

/// The weights of one output: those of `start`, `start + 1`, ..., and of what lies beyond the ends.
#[derive(Debug, Clone, PartialEq)]
struct Window {
    start: usize,
    weights: Vec<f64>,
    beyond: f64,
}

impl Weights {
    /// Output `i` samples the line at `(i + 0.5) * scale - offset`, where value `j` covers the
    /// stretch from `j` to `j + 1`.
    ///
    /// As `torch.nn.functional.interpolate` does with `antialias=True` and `align_corners=False`:
    /// when the line becomes shorter, the filter is as much wider, so that every value counts.
    pub(super) fn sampling(
        filter: ResampleFilter,
        (n_in, n_out): (usize, usize),
        (scale, offset): (f64, f64),
        edge: Edge,
    ) -> Self {
        let stretch = scale.max(1.0);
        let reach = filter.reach() * stretch;
        let window = |output: usize| {
            let centre = (output as f64 + 0.5) * scale - offset;
            let first = (centre - reach + 0.5).floor() as i64;
            let end = (centre + reach + 0.5).floor() as i64;
            let weigh = |j: i64| filter.at((j as f64 + 0.5 - centre) / stretch);
            let inside = first.clamp(0, n_in as i64)..end.clamp(0, n_in as i64);
            let mut weights: Vec<f64> = inside.clone().map(weigh).collect();
            let of_inside: f64 = weights.iter().sum();
            let total = match edge {
                Edge::Renormalised => of_inside,
                Edge::Constant(_) => (first..end).map(weigh).sum(),
            };
            weights.iter_mut().for_each(|weight| *weight /= total);
            let beyond = match edge {
                Edge::Renormalised => 0.0,
                Edge::Constant(value) => (1.0 - of_inside / total) * value,
            };
            Window {
                start: inside.start as usize,
                weights,
                beyond,
            }
        };
        Self {
            n_in,
            of_output: (0..n_out).map(window).collect(),
        }
    }

    /// Output `i` is the mean over the stretch from `i * scale + offset` to
    /// `(i + 1) * scale + offset`, each value weighted with how much of it lies therein.
    pub(super) fn means((n_in, n_out): (usize, usize), (scale, offset): (f64, f64)) -> Self {
        let window = |output: usize| {
            let end = n_in as f64;
            let from = (output as f64 * scale + offset).clamp(0.0, end);
            let to = ((output + 1) as f64 * scale + offset).clamp(0.0, end);
            let start = (from.floor() as usize).min(n_in - 1);
            let last = (to.ceil() as usize).clamp(start + 1, n_in);
            let covered = |j: usize| (to.min((j + 1) as f64) - from.max(j as f64)).max(0.0);
            let mut weights: Vec<f64> = (start..last).map(covered).collect();
            let total: f64 = weights.iter().sum();
            weights.iter_mut().for_each(|weight| *weight /= total);
            Window {
                start,
                weights,
                beyond: 0.0,
            }
        };
        Self {
            n_in,
            of_output: (0..n_out).map(window).collect(),
        }
    }
}

/// Applies one line of weights along the rows of an image and one along its columns.
pub(super) fn separable(values: &[f32], rows: &Weights, cols: &Weights) -> Vec<f32> {
    // One line of `cols.n_in` values becomes one of as many as `cols` has outputs.
    let across = |line: &[f32]| {
        let sum = |window: &Window| {
            let values = &line[window.start..][..window.weights.len()];
            let products = values.iter().zip(&window.weights);
            products
                .map(|(&value, weight)| f64::from(value) * weight)
                .sum::<f64>()
                + window.beyond
        };
        cols.of_output.iter().map(sum).collect::<Vec<f64>>()
    };
    let lines: Vec<Vec<f64>> = values.chunks_exact(cols.n_in).map(across).collect();
    let mut output = Vec::with_capacity(rows.of_output.len() * cols.of_output.len());
    let mut sums = vec![0.0; cols.of_output.len()];
    for window in &rows.of_output {
        sums.fill(window.beyond);
        for (line, weight) in lines[window.start..].iter().zip(&window.weights) {
            for (sum, value) in sums.iter_mut().zip(line) {
                *sum += weight * value;
            }
        }
        output.extend(sums.iter().map(|&sum| sum as f32));
    }
    output
}
