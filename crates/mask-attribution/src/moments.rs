/// Weighted sums over coalitions `z` of cells, each 0 or 1, and over their outputs `y`: what linear
/// regressions need of a sample.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Moments {
    n_cells: usize,
    /// `sum w`.
    weight: f64,
    /// `sum w y`.
    y: f64,
    /// `sum w z`.
    z: Vec<f64>,
    /// `sum w z y`.
    zy: Vec<f64>,
    /// `sum w z z'`, row-major.
    zz: Vec<f64>,
}

impl Moments {
    pub(crate) fn new(n_cells: usize) -> Self {
        Self {
            n_cells,
            weight: 0.0,
            y: 0.0,
            z: vec![0.0; n_cells],
            zy: vec![0.0; n_cells],
            zz: vec![0.0; n_cells * n_cells],
        }
    }

    pub(crate) fn weight(&self) -> f64 {
        self.weight
    }

    #[cfg(test)]
    pub(crate) fn mean_output(&self) -> f64 {
        self.y / self.weight
    }

    pub(crate) fn add(&mut self, is_shown: &[bool], weight: f64, y: f64) {
        self.weight += weight;
        self.y += weight * y;
        let shown: Vec<usize> = (0..self.n_cells).filter(|&cell| is_shown[cell]).collect();
        for &cell in &shown {
            self.z[cell] += weight;
            self.zy[cell] += weight * y;
            let row = &mut self.zz[cell * self.n_cells..][..self.n_cells];
            for &other in &shown {
                row[other] += weight;
            }
        }
    }

    /// Adds the moments of another sample, its weights times a factor.
    pub(crate) fn add_scaled(&mut self, other: &Moments, factor: f64) {
        self.weight += factor * other.weight;
        self.y += factor * other.y;
        for (ours, theirs) in [
            (&mut self.z, &other.z),
            (&mut self.zy, &other.zy),
            (&mut self.zz, &other.zz),
        ] {
            for (ours, theirs) in ours.iter_mut().zip(theirs) {
                *ours += factor * theirs;
            }
        }
    }

    /// The values `phi` that minimise `sum w (y - z phi)^2` among those with the sum `rise` (Lundberg and
    /// Lee, 2017); none where several do.
    ///
    /// The last value is eliminated: with `a_i = z_i - z_last` and `t = y - z_last rise` the others solve
    /// `sum w a a' phi = sum w a t`.
    pub(crate) fn with_sum(&self, rise: f64) -> Option<Vec<f64>> {
        let last = self.n_cells - 1;
        let zz = |i: usize, j: usize| self.zz[i * self.n_cells + j];
        let mut matrix = Vec::with_capacity(last * last);
        let mut right = Vec::with_capacity(last);
        for i in 0..last {
            let row = (0..last).map(|j| zz(i, j) - zz(i, last) - zz(last, j) + zz(last, last));
            matrix.extend(row);
            let of_y = self.zy[i] - self.zy[last];
            right.push(of_y - rise * (zz(i, last) - zz(last, last)));
        }
        let mut values = solve(matrix, right)?;
        values.push(rise - values.iter().sum::<f64>());
        Some(values)
    }

    /// The coefficients `beta` that minimise `sum w (y - c - z beta)^2 + alpha beta' beta` with a free
    /// intercept `c`: ridge regression on centred data.
    pub(crate) fn ridge(&self, alpha: f64) -> Option<Vec<f64>> {
        let n = self.n_cells;
        let mut matrix = self.zz.clone();
        for i in 0..n {
            for j in 0..n {
                matrix[i * n + j] -= self.z[i] * self.z[j] / self.weight;
            }
            matrix[i * n + i] += alpha;
        }
        let centred = |cell: usize| self.zy[cell] - self.z[cell] * self.y / self.weight;
        solve(matrix, (0..n).map(centred).collect())
    }
}

/// The solution of a symmetric positive definite system by Cholesky's decomposition; none where a pivot is
/// lost in rounding.
fn solve(mut matrix: Vec<f64>, mut right: Vec<f64>) -> Option<Vec<f64>> {
    let n = right.len();
    let largest = (0..n).map(|i| matrix[i * n + i]).fold(0.0, f64::max);
    // L in the lower triangle: L L' is the matrix.
    for i in 0..n {
        for j in 0..=i {
            let products = (0..j).map(|k| matrix[i * n + k] * matrix[j * n + k]);
            let rest = matrix[i * n + j] - products.sum::<f64>();
            matrix[i * n + j] = match i == j {
                false => rest / matrix[j * n + j],
                true if rest > 1e-12 * largest => rest.sqrt(),
                true => return None,
            };
        }
    }
    for i in 0..n {
        let known: f64 = (0..i).map(|k| matrix[i * n + k] * right[k]).sum();
        right[i] = (right[i] - known) / matrix[i * n + i];
    }
    for i in (0..n).rev() {
        let known: f64 = (i + 1..n).map(|k| matrix[k * n + i] * right[k]).sum();
        right[i] = (right[i] - known) / matrix[i * n + i];
    }
    Some(right)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lime::{ALPHA, weight};
    use ndarray::{Array1, Array2, ArrayD};
    use serde::Deserialize;
    use serde_json::Value;
    use test_kit::{in_workspace, shared};

    #[derive(Deserialize)]
    struct Tiny {
        output: Value,
        kernelshap_4x4: KernelShap,
        lime_4x4: Lime,
    }

    #[derive(Deserialize)]
    struct KernelShap {
        coalitions: Vec<Vec<u8>>,
        weights: Vec<f64>,
        worth: Vec<f64>,
        values: Vec<f64>,
    }

    #[derive(Deserialize)]
    struct Lime {
        data: Vec<Vec<u8>>,
        worth: Vec<f64>,
        coefficients: Vec<f64>,
    }

    fn tiny() -> Tiny {
        let file = std::fs::read(in_workspace("tests/golden/methods/tiny.json")).unwrap();
        serde_json::from_slice(&file).unwrap()
    }

    fn is_shown(row: &[u8]) -> Vec<bool> {
        row.iter().map(|&cell| cell == 1).collect()
    }

    /// Asserts that the values differ by less than 1e-9 of the largest.
    #[track_caller]
    fn assert_near(found: &[f64], expected: &[f64]) {
        assert_eq!(found.len(), expected.len());
        let largest = expected.iter().fold(0.0, |l: f64, v| l.max(v.abs()));
        for (found, expected) in found.iter().zip(expected) {
            let off = (found - expected).abs();
            assert!(off < 1e-9 * largest, "{found}, {expected}");
        }
    }

    fn sigmoid(z: f64) -> f64 {
        1.0 / (1.0 + (-z).exp())
    }

    #[test]
    fn values_with_a_sum_equal_those_of_shap_on_its_sample() {
        let tiny = tiny();
        let golden = tiny.kernelshap_4x4;
        let rise: f64 = golden.values.iter().sum();
        // The background's output in shap's own table, which differs in its last bit from that of
        // another batch, is what the sum of the values leaves of the image's.
        let background = tiny.output["probability"].as_f64().unwrap() - rise;
        let mut moments = Moments::new(16);
        let rows = golden.coalitions.iter().zip(&golden.weights);
        for ((row, &weight), worth) in rows.zip(&golden.worth) {
            moments.add(&is_shown(row), weight, worth - background);
        }
        assert_near(&moments.with_sum(rise).unwrap(), &golden.values);
    }

    #[test]
    fn coefficients_equal_those_of_lime_on_its_sample() {
        let golden = tiny().lime_4x4;
        let mut moments = Moments::new(16);
        for (row, &worth) in golden.data.iter().zip(&golden.worth) {
            let row = is_shown(row);
            moments.add(&row, weight(&row), worth);
        }
        assert_near(&moments.ridge(ALPHA).unwrap(), &golden.coefficients);
    }

    #[test]
    fn values_of_the_phantom_equal_those_of_shap_on_its_sample() {
        let test = "values_of_the_phantom_equal_those_of_shap_on_its_sample";
        let file = |name: &str| shared(test, &format!("methods/phantom/{name}"));
        let Some(about) = file("methods.json") else {
            return;
        };
        let about: Value = serde_json::from_slice(&std::fs::read(about).unwrap()).unwrap();
        let logit = |key: &str| about["output"][key].as_f64().unwrap();
        let (image, background) = (logit("logit"), logit("background_logit"));
        let read = |name: &str| -> Array1<f64> {
            let values: ArrayD<f64> = ndarray_npy::read_npy(file(name).unwrap()).unwrap();
            values.flatten().to_owned()
        };
        let rows = file("kernelshap8-coalitions.npy").unwrap();
        let rows: Array2<u8> = ndarray_npy::read_npy(rows).unwrap();
        let weights = read("kernelshap8-weights.npy");
        let logits = read("kernelshap8-logits.npy");
        for name in ["logit", "prob"] {
            let output = |z: f64| if name == "logit" { z } else { sigmoid(z) };
            let mut moments = Moments::new(64);
            for ((row, &weight), &logit) in rows.outer_iter().zip(&weights).zip(&logits) {
                let worth = output(logit) - output(background);
                moments.add(&is_shown(&row.to_vec()), weight, worth);
            }
            let found = moments.with_sum(output(image) - output(background));
            let expected = read(&format!("kernelshap8-{name}.npy"));
            assert_near(&found.unwrap(), &expected.to_vec());
        }
    }

    #[test]
    fn coefficients_of_the_phantom_equal_those_of_lime_on_its_sample() {
        let test = "coefficients_of_the_phantom_equal_those_of_lime_on_its_sample";
        let file = |name: &str| shared(test, &format!("methods/phantom/lime-{name}.npy"));
        let Some(rows) = file("data") else {
            return;
        };
        let rows: Array2<u8> = ndarray_npy::read_npy(rows).unwrap();
        let logits: Array1<f64> = ndarray_npy::read_npy(file("logits").unwrap()).unwrap();
        let expected = file("coefficients").unwrap();
        let expected: Array1<f64> = ndarray_npy::read_npy(expected).unwrap();
        let mut moments = Moments::new(rows.ncols());
        for (row, &logit) in rows.outer_iter().zip(&logits) {
            let row = is_shown(&row.to_vec());
            moments.add(&row, weight(&row), sigmoid(logit));
        }
        assert_near(&moments.ridge(ALPHA).unwrap(), &expected.to_vec());
    }

    #[test]
    fn samples_that_do_not_determine_the_values_have_none() {
        // The first two cells are always shown together.
        let mut moments = Moments::new(3);
        for row in [[1, 1, 0], [0, 0, 1], [1, 1, 0], [0, 0, 1]] {
            moments.add(&is_shown(&row), 1.0, 0.5);
        }
        assert_eq!(moments.with_sum(1.0), None);
        assert!(moments.ridge(1.0).is_some());
    }
}
