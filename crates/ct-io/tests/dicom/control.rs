use test_kit::dicom::{DataSet, Syntax};

/// Stored values -3, -2, -1, 0, 1, 2000.
const STORED: [u16; 6] = [0xfffd, 0xfffe, 0xffff, 0, 1, 2000];

/// A sound file that says everything of itself.
pub(crate) fn control(syntax: Syntax) -> DataSet {
    DataSet::ct(syntax)
        .text(0x0008, 0x0008, "CS", "ORIGINAL\\PRIMARY\\AXIAL")
        .text(0x0008, 0x0016, "UI", "1.2.840.10008.5.1.4.1.1.2")
        .text(0x0018, 0x0050, "DS", "5")
        .text(0x0020, 0x000e, "UI", "1.2.3.4")
        .text(0x0020, 0x0013, "IS", "12")
        .text(0x0020, 0x0032, "DS", "-115\\-110\\35")
        .text(0x0020, 0x0037, "DS", "1\\0\\0\\0\\1\\0")
        .text(0x0028, 0x0030, "DS", "1.8\\0.9")
        .text(0x0028, 0x1050, "DS", "40")
        .text(0x0028, 0x1051, "DS", "80")
        .pixels(&STORED)
}
