//! Tables as they are in memory.

use ct_labels::{BoundingBox, Error, GroundTruth};

pub(crate) const HEADER: &str =
    "SOPInstanceUID,SeriesInstanceUID,StudyInstanceUID,data,labelName,labelType";

/// `data` of [`a_box`].
pub(crate) const BOX: &str = "\"{'x': 8, 'y': 4.0, 'width': 2, 'height': 1}\"";

pub(crate) fn read(table: impl AsRef<[u8]>) -> Result<GroundTruth, Error> {
    GroundTruth::from_reader(table.as_ref())
}

/// A table of one record, in line 2, with this `data`.
pub(crate) fn parse(data: &str) -> Result<GroundTruth, Error> {
    let data = data.replace('"', "\"\"");
    let table = format!("{HEADER}\n1.2.3,1.2,1,\"{data}\",Subdural,handDrawn\n");
    read(&table)
}

/// A table of these lines; `BOX` stands for a box at column 8, row 4, 2 wide and 1 high.
pub(crate) fn parse_lines(lines: &[&str]) -> Result<GroundTruth, Error> {
    read(lines.join("\n").replace("BOX", BOX))
}

pub(crate) fn message(result: Result<GroundTruth, Error>) -> String {
    result.unwrap_err().to_string()
}

pub(crate) fn a_box(label: &str) -> BoundingBox {
    BoundingBox {
        column: 8.0,
        row: 4.0,
        width: 2.0,
        height: 1.0,
        label: label.to_owned(),
    }
}
