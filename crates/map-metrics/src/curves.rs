use crate::endpoints::Endpoints;
use crate::undefined::Undefined;

/// What the network makes of an image whose cells are hidden, or shown, one after another.
///
/// The numbers for `deletion` are better when low, those for `insertion` when high. They are about 0 to
/// 1, but outputs of masked images can be outside of those of image and background.
///
/// Outputs are read at some 21 numbers of cells, with straight lines between. Where an output falls within
/// one step, that is a twentieth of a logarithmic area: on a single slice two maps whose areas differ
/// by less are not told apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Curves {
    endpoints: Endpoints,
    n_first: Vec<usize>,
    deletion: Vec<f64>,
    insertion: Vec<f64>,
}

impl Curves {
    /// Of outputs after 0 to all cells; there is at least one cell.
    pub(crate) fn new(
        endpoints: Endpoints,
        n_first: Vec<usize>,
        deletion: Vec<f64>,
        insertion: Vec<f64>,
    ) -> Self {
        Curves {
            endpoints,
            n_first,
            deletion,
            insertion,
        }
    }

    /// Numbers of cells at which the curves were read: 0, 1, ... up to all of them.
    #[must_use]
    pub fn n_first(&self) -> &[usize] {
        &self.n_first
    }

    /// The outputs with that many of the highest cells hidden, not normalised.
    #[must_use]
    pub fn deletion_outputs(&self) -> &[f64] {
        &self.deletion
    }

    /// The outputs with only that many of the highest cells shown, not normalised.
    #[must_use]
    pub fn insertion_outputs(&self) -> &[f64] {
        &self.insertion
    }

    /// The area under the normalised outputs over the share of cells hidden.
    ///
    /// What decides is a few percent of the cells: prefer [`deletion_log`](Self::deletion_log).
    ///
    /// # Errors
    ///
    /// [`Undefined::NotDetected`].
    pub fn deletion(&self) -> Result<f64, Undefined> {
        Ok(trapezoid(&self.shares(), &self.normalised(&self.deletion)?))
    }

    /// The area under the normalised outputs over the share of cells shown.
    ///
    /// What decides is a few percent of the cells: prefer [`insertion_log`](Self::insertion_log).
    ///
    /// # Errors
    ///
    /// [`Undefined::NotDetected`].
    pub fn insertion(&self) -> Result<f64, Undefined> {
        Ok(trapezoid(
            &self.shares(),
            &self.normalised(&self.insertion)?,
        ))
    }

    /// The area under the normalised outputs over `ln k / ln n` for `k` of `n` cells hidden, from the
    /// first one on.
    ///
    /// # Errors
    ///
    /// [`Undefined::NotDetected`], [`Undefined::SingleCell`].
    pub fn deletion_log(&self) -> Result<f64, Undefined> {
        self.logarithmic(&self.normalised(&self.deletion)?)
    }

    /// The area under the normalised outputs over `ln k / ln n` for `k` of `n` cells shown, from the
    /// first one on.
    ///
    /// # Errors
    ///
    /// [`Undefined::NotDetected`], [`Undefined::SingleCell`].
    pub fn insertion_log(&self) -> Result<f64, Undefined> {
        self.logarithmic(&self.normalised(&self.insertion)?)
    }

    /// The area under the outputs themselves over the share of cells hidden, as papers report it.
    #[must_use]
    pub fn deletion_raw(&self) -> f64 {
        trapezoid(&self.shares(), &self.deletion)
    }

    /// The area under the outputs themselves over the share of cells shown, as papers report it.
    #[must_use]
    pub fn insertion_raw(&self) -> f64 {
        trapezoid(&self.shares(), &self.insertion)
    }

    /// The first number of cells, of those at which the curve was read, whose removal halves the
    /// normalised output; lower is better.
    ///
    /// # Errors
    ///
    /// [`Undefined::NotDetected`].
    pub fn cells_to_half(&self) -> Result<usize, Undefined> {
        let normalised = self.normalised(&self.deletion)?;
        // The last one is 0.
        let first = normalised.iter().position(|&output| output < 0.5);
        Ok(self.n_first[first.unwrap_or(normalised.len() - 1)])
    }

    fn normalised(&self, outputs: &[f64]) -> Result<Vec<f64>, Undefined> {
        let outputs = outputs.iter();
        outputs.map(|&o| self.endpoints.normalised(o)).collect()
    }

    fn logarithmic(&self, outputs: &[f64]) -> Result<f64, Undefined> {
        let n_cells = self.n_cells();
        if n_cells == 1.0 {
            return Err(Undefined::SingleCell);
        }
        let place = |&n: &usize| (n as f64).ln() / n_cells.ln();
        let places: Vec<f64> = self.n_first[1..].iter().map(place).collect();
        Ok(trapezoid(&places, &outputs[1..]))
    }

    fn shares(&self) -> Vec<f64> {
        let n_cells = self.n_cells();
        self.n_first.iter().map(|&n| n as f64 / n_cells).collect()
    }

    fn n_cells(&self) -> f64 {
        self.n_first[self.n_first.len() - 1] as f64
    }
}

/// The area under straight lines between points.
fn trapezoid(x: &[f64], y: &[f64]) -> f64 {
    let steps = x.windows(2).zip(y.windows(2));
    steps
        .map(|(x, y)| (x[1] - x[0]) * (y[0] + y[1]) / 2.0)
        .sum()
}
