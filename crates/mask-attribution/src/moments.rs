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
