use crate::{Error, HuSlice, SliceGeometry, Turn, Warning};

/// A slice, and what its file says of it. What a format does not know is absent.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Slice {
    /// Hounsfield units. Padded pixels of DICOM have what the rescale makes of their stored value;
    /// NIfTI and `.npy` do not say what their values are.
    pub hu: HuSlice,
    /// Distance between the centres of rows and of columns, in millimetres. In NIfTI it is always
    /// known, in `.npy` never.
    pub spacing_mm: Option<(f64, f64)>,
    /// How the slice is to be turned to lie as a radiologist looks at it. Those of NIfTI lie so.
    pub turn: Turn,
    /// Where the slice lies, if a DICOM file says so completely.
    pub geometry: Option<SliceGeometry>,
    /// Level and width of a DICOM file's own windows, in Hounsfield units.
    pub windows_hu: Vec<(f64, f64)>,
    /// Pixels whose stored value is the padding of a DICOM file.
    pub n_padded: usize,
    /// True of a DICOM file to be displayed inverted (`MONOCHROME1`); Hounsfield units are not.
    pub is_monochrome1: bool,
    /// True where a DICOM file has the form that `RsnaRepair` is for.
    pub needs_rsna_repair: bool,
    /// What a user should know of the slice.
    ///
    /// | code | what |
    /// | --- | --- |
    /// | `attribute` | an attribute is malformed that decides neither stored values nor rescale; it is ignored |
    /// | `surplus-pixel-data` | more bytes of pixel data than the attributes say |
    /// | `trailing-bytes` | bytes behind the data set |
    /// | `survey` | the series has the name of survey images |
    /// | `nan-pixels` | pixels without a number, which are taken to be air |
    pub warnings: Vec<Warning>,
}

impl Slice {
    /// A slice whose file says nothing beside.
    pub(crate) fn new(hu: HuSlice) -> Self {
        Self {
            hu,
            spacing_mm: None,
            turn: Turn::default(),
            geometry: None,
            windows_hu: Vec::new(),
            n_padded: 0,
            is_monochrome1: false,
            needs_rsna_repair: false,
            warnings: Vec::new(),
        }
    }

    /// A slice whose pixels without a number (NaN) are taken to be air, which is warned of.
    ///
    /// # Errors
    ///
    /// Those of [`HuSlice::with_nan_as_air`].
    pub(crate) fn with_nan_as_air(
        values: Vec<f32>,
        rows: usize,
        cols: usize,
    ) -> Result<Self, Error> {
        let (hu, warning) = HuSlice::with_nan_as_air(values, rows, cols)?;
        Ok(Self {
            warnings: warning.into_iter().collect(),
            ..Self::new(hu)
        })
    }
}
