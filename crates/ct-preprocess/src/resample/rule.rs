/// From this ratio on the plane is no axial one: the slices themselves are thinner than the lines.
const MAX_SPACING_RATIO: f64 = 2.5;

/// Beyond this ratio the air beside the slice would be most of the work.
const MAX_FORCED_RATIO: f64 = 100.0;

/// When a slice on another grid than the network's is brought to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ResampleRule {
    /// Where the file says how large its pixels are, and the field of view is one that the network
    /// knows.
    #[default]
    BySpacing,
    /// Always; pixels of unknown size are taken to be square.
    Force,
}

impl ResampleRule {
    /// The largest ratio of the sides of a pixel.
    pub(super) fn max_ratio(self) -> f64 {
        match self {
            Self::BySpacing => MAX_SPACING_RATIO,
            Self::Force => MAX_FORCED_RATIO,
        }
    }

    pub(super) fn allows(self, rows_mm: f64, cols_mm: f64) -> bool {
        ratio(rows_mm, cols_mm) <= self.max_ratio()
    }
}

/// How much longer than wide a pixel is, or wider than long.
pub(super) fn ratio(rows_mm: f64, cols_mm: f64) -> f64 {
    (rows_mm / cols_mm).max(cols_mm / rows_mm)
}
