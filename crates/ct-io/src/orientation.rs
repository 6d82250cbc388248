//! `ImageOrientationPatient`: the direction in which a row runs, then that in which a column runs.

/// What the direction of a row or a column may be off a unit vector, or off a right angle: files
/// write them with as few as three digits.
const MAX_ORIENTATION_ERROR: f64 = 1e-2;

/// The vector product of the directions of rows and columns.
pub(crate) fn product_of([rx, ry, rz, cx, cy, cz]: [f64; 6]) -> [f64; 3] {
    [ry * cz - rz * cy, rz * cx - rx * cz, rx * cy - ry * cx]
}

/// The direction across a slice. `None` where those of its rows and columns are not two unit
/// vectors at right angles.
pub(crate) fn normal_of(orientation: [f64; 6]) -> Option<[f64; 3]> {
    let normal = product_of(orientation);
    let [rx, ry, rz, cx, cy, cz] = orientation;
    let is_unit = |[x, y, z]: [f64; 3]| (x.hypot(y).hypot(z) - 1.0).abs() <= MAX_ORIENTATION_ERROR;
    let are_units = [[rx, ry, rz], [cx, cy, cz], normal]
        .into_iter()
        .all(is_unit);
    are_units.then_some(normal)
}
