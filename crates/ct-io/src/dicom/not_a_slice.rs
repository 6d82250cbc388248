use std::fmt;

/// What a sound DICOM file is that holds no axial slice of a CT.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotASlice {
    /// A survey image by which a scan is planned: localizer, scout, topogram.
    Survey,
    /// A plane that is not axial.
    Plane {
        /// `coronal` or `sagittal`.
        name: &'static str,
    },
    /// A picture of a screen or of a page, such as of the dose.
    SecondaryCapture,
    /// A report in tables and text, such as of the dose.
    StructuredReport,
    /// How images are to be displayed.
    PresentationState,
    /// The list of files of a medium, DICOMDIR.
    Directory,
    /// Another object about images: a segmentation, a plan, a document.
    Object {
        /// What it is.
        name: &'static str,
    },
    /// An image of another modality.
    Modality {
        /// `Modality`.
        found: String,
    },
}

impl fmt::Display for NotASlice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Survey => f.write_str("a survey image (localizer, scout)"),
            Self::Plane { name } => write!(f, "a {name} image"),
            Self::SecondaryCapture => {
                f.write_str("a secondary capture (a screen save or a page, not a slice)")
            }
            Self::StructuredReport => f.write_str("a structured report"),
            Self::PresentationState => f.write_str("a presentation state"),
            Self::Directory => f.write_str("a DICOMDIR"),
            Self::Object { name } => f.write_str(name),
            Self::Modality { found } => write!(f, "an object of Modality (0008,0060) {found:?}"),
        }
    }
}
