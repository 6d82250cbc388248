use super::labels::Prediction;
use hshap::{Explanation, Run, Settings, Shifts};

/// How slices are explained.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Method {
    /// Levels, threshold and convention. The batch size is chosen by the device.
    pub settings: Settings,
    /// Shifts of the grid over which maps are averaged; h-Shap's 25 by default.
    pub shifts: Shifts,
}

impl Method {
    /// h-Shap under these settings and shifts.
    pub fn new(settings: Settings, shifts: Shifts) -> Self {
        Self { settings, shifts }
    }
}

impl Default for Method {
    fn default() -> Self {
        Self::new(Settings::default(), Shifts::default())
    }
}

/// A slice that was explained.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Explained {
    /// What the network says of it.
    pub prediction: Prediction,
    /// Why, on the grid that the network saw; [`Slice::on_own_grid`](crate::study::Slice::on_own_grid)
    /// brings the map to the slice's own.
    pub explanation: Explanation,
    /// How long the explanation took, what an earlier one took that it goes on from included.
    pub seconds: f64,
}

/// What an explanation that ended early has found.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct EarlierRuns {
    /// The cells of every grid.
    pub runs: Vec<Run>,
    /// Evaluations that they took.
    pub n_evaluations: usize,
    /// Seconds that they took.
    pub seconds: f64,
}
