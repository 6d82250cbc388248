use crate::{HuSlice, SliceGeometry, Turn, Warning};

/// A slice of a DICOM file.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DicomSlice {
    /// Hounsfield units. Padded pixels have what the rescale makes of their stored value.
    pub hu: HuSlice,
    /// Pixels whose stored value is the file's padding.
    pub n_padded: usize,
    /// Distance between the centres of rows and of columns, in millimetres, if the file says it.
    pub spacing_mm: Option<(f64, f64)>,
    /// How the slice is to be turned to lie as a radiologist looks at it.
    pub turn: Turn,
    /// Where the slice lies, if the file says so completely.
    pub geometry: Option<SliceGeometry>,
    /// Level and width of the file's own windows, in Hounsfield units.
    pub windows_hu: Vec<(f64, f64)>,
    /// True of a file to be displayed inverted (`MONOCHROME1`); Hounsfield units are not.
    pub is_monochrome1: bool,
    /// True where the file has the form that [`RsnaRepair`] is for.
    pub needs_rsna_repair: bool,
    /// What a user should know of the file and the slice.
    ///
    /// | code | what |
    /// | --- | --- |
    /// | `attribute` | an attribute is malformed that decides neither stored values nor rescale; it is ignored |
    /// | `surplus-pixel-data` | more bytes of pixel data than the attributes say |
    /// | `trailing-bytes` | bytes behind the data set |
    /// | `survey` | the series has the name of survey images |
    pub warnings: Vec<Warning>,
}
