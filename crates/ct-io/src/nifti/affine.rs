use nifti::NiftiHeader;

use super::NiftiError;
use crate::Error;
use crate::orientation::normal_of;

/// Below this volume of the box of the three unit directions, they are taken to lie in one plane.
/// A gantry tilted by 30 degrees leaves 0.87.
const MIN_BOX: f64 = 1e-2;

/// From voxel indices `(i, j, k)` to millimetres in the patient: x grows to the right, y to the
/// front, z to the head (RAS+).
///
/// Three rows of four numbers; the fourth column is where voxel `(0, 0, 0)` has its centre.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Affine([[f64; 4]; 3]);

/// Which part of the header said where the volume lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AffineSource {
    /// The affine `srow_x`, `srow_y`, `srow_z`: `sform_code` is above 0.
    Sform,
    /// The rotation and offset `quatern_b` to `quatern_z`: `qform_code` is above 0.
    Qform,
    /// Neither: only the sizes of voxels are known. **Assumed** is, as nibabel and SPM do, that
    /// the first axis runs from right to left, the second to the front and the third to the head.
    Pixdim,
}

impl Affine {
    /// An affine from its first three rows.
    ///
    /// # Errors
    ///
    /// [`Error::Nifti`], a [`NiftiError::Affine`], for numbers that are not finite and for axes in
    /// one plane.
    pub fn new(rows: [[f64; 4]; 3]) -> Result<Self, Error> {
        Ok(Self::checked(rows, "numbers")?)
    }

    /// The affine of voxels `(column, row, slice)` of DICOM slices.
    ///
    /// `orientation` and `position_mm` are `ImageOrientationPatient` and `ImagePositionPatient` of
    /// the first slice, `spacing_mm` is `PixelSpacing` (rows, cols), `step_mm` leads from a slice's
    /// position to that of the next.
    ///
    /// DICOM PS3.3, C.7.6.2.1.1, equation C.7.6.2.1-1, whose matrix `[X di, Y dj, 0, S]` gets the
    /// step as its third column: X is the direction of a row, di the spacing of columns, Y the
    /// direction of a column, dj the spacing of rows, S the position. Its x grows to the left and
    /// its y to the back (LPS+), so both change their sign.
    ///
    /// # Errors
    ///
    /// [`Error::Nifti`], a [`NiftiError::Affine`], for numbers that are not finite, and for an
    /// orientation that is not two unit vectors at right angles.
    pub fn from_dicom(
        orientation: [f64; 6],
        position_mm: [f64; 3],
        spacing_mm: (f64, f64),
        step_mm: [f64; 3],
    ) -> Result<Self, Error> {
        if normal_of(orientation).is_none() {
            return Err(NiftiError::Affine {
                source_field: "ImageOrientationPatient",
                problem: format!("{orientation:?}, expected two unit vectors at right angles"),
            }
            .into());
        }
        let row = |axis: usize, to_ras: f64| {
            [
                to_ras * orientation[axis] * spacing_mm.1,
                to_ras * orientation[axis + 3] * spacing_mm.0,
                to_ras * step_mm[axis],
                to_ras * position_mm[axis],
            ]
        };
        Ok(Self::checked(
            [row(0, -1.0), row(1, -1.0), row(2, 1.0)],
            "DICOM geometry",
        )?)
    }

    /// The best affine of a header, in the order of the standard's methods 3, 2 and 1.
    pub(super) fn from_header(fields: &NiftiHeader) -> Result<(Self, AffineSource), NiftiError> {
        if fields.sform_code > 0 {
            let rows = [fields.srow_x, fields.srow_y, fields.srow_z];
            let affine =
                Self::checked(rows.map(|row| row.map(f64::from)), "srow_x, srow_y, srow_z");
            Ok((affine?, AffineSource::Sform))
        } else if fields.qform_code > 0 {
            Ok((Self::from_quaternion(fields)?, AffineSource::Qform))
        } else {
            let [_, di, dj, dk, ..] = fields.pixdim.map(|side| f64::from(side).abs());
            let [_, ni, nj, nk, ..] = fields.dim.map(f64::from);
            // Its origin is the middle of the volume.
            let rows = [
                [-di, 0.0, 0.0, di * (ni - 1.0) / 2.0],
                [0.0, dj, 0.0, -dj * (nj - 1.0) / 2.0],
                [0.0, 0.0, dk, -dk * (nk - 1.0) / 2.0],
            ];
            Ok((Self::checked(rows, "pixdim")?, AffineSource::Pixdim))
        }
    }

    /// The standard's method 2: `nifti1.h`, "QUATERNION REPRESENTATION OF ROTATION MATRIX".
    fn from_quaternion(fields: &NiftiHeader) -> Result<Self, NiftiError> {
        // Three times the rounding of an f32 is what a unit quaternion may exceed 1 by, as in nibabel.
        const ROUNDING: f64 = 3.0 * f32::EPSILON as f64;

        let [b, c, d] = [fields.quatern_b, fields.quatern_c, fields.quatern_d].map(f64::from);
        let squares = b * b + c * c + d * d;
        if squares.is_nan() || squares > 1.0 + ROUNDING {
            let expected = "numbers whose squares have a sum of at most 1";
            return Err(NiftiError::field(
                "quatern_b, quatern_c, quatern_d",
                format!("{b}, {c}, {d}"),
                expected,
            ));
        }
        let a = (1.0 - squares).max(0.0).sqrt();
        let scale = 1.0 / (a * a + squares);
        let rotation = [
            [
                a * a + b * b - c * c - d * d,
                2.0 * (b * c - a * d),
                2.0 * (b * d + a * c),
            ],
            [
                2.0 * (b * c + a * d),
                a * a + c * c - b * b - d * d,
                2.0 * (c * d - a * b),
            ],
            [
                2.0 * (b * d - a * c),
                2.0 * (c * d + a * b),
                a * a + d * d - b * b - c * c,
            ],
        ];
        let [qfac, di, dj, dk, ..] = fields.pixdim.map(f64::from);
        let side = [di, dj, if qfac < 0.0 { -dk } else { dk }];
        if [di, dj, dk].iter().any(|&side| side <= 0.0) {
            let found = format!("{di}, {dj}, {dk}");
            return Err(NiftiError::field("pixdim[1..3]", found, "numbers above 0"));
        }
        let offset = [fields.quatern_x, fields.quatern_y, fields.quatern_z].map(f64::from);
        let row = |y: usize| {
            let [x0, x1, x2] = rotation[y];
            [
                x0 * scale * side[0],
                x1 * scale * side[1],
                x2 * scale * side[2],
                offset[y],
            ]
        };
        Self::checked([row(0), row(1), row(2)], "the quaternion and pixdim")
    }

    fn checked(rows: [[f64; 4]; 3], source_field: &'static str) -> Result<Self, NiftiError> {
        let affine = Self(rows);
        let problem = |problem: String| NiftiError::Affine {
            source_field,
            problem,
        };
        if let Some(number) = rows.iter().flatten().find(|number| !number.is_finite()) {
            return Err(problem(format!("{number}, expected finite numbers")));
        }
        let spacing_mm = affine.spacing_mm();
        if spacing_mm.iter().any(|side| !side.is_normal()) {
            return Err(problem(format!(
                "voxels of {spacing_mm:?} mm, expected sides above 0"
            )));
        }
        if determinant(&affine.directions()).abs() < MIN_BOX {
            return Err(problem(
                "its axes lie in one plane, expected three directions".to_owned(),
            ));
        }
        Ok(affine)
    }

    /// The first three rows; the fourth is `[0, 0, 0, 1]`.
    pub fn rows(&self) -> [[f64; 4]; 3] {
        self.0
    }

    /// Distance between neighbours along each axis of voxels.
    pub fn spacing_mm(&self) -> [f64; 3] {
        [0, 1, 2].map(|axis| {
            let [x, y, z] = self.0.map(|row| row[axis]);
            x.hypot(y).hypot(z)
        })
    }

    /// The unit vectors of the axes of voxels, as columns.
    pub(super) fn directions(&self) -> Matrix {
        let spacing_mm = self.spacing_mm();
        self.0
            .map(|row| [0, 1, 2].map(|axis| row[axis] / spacing_mm[axis]))
    }
}

/// Rows of three.
pub(super) type Matrix = [[f64; 3]; 3];

/// The matrix of cofactors, which is the transposed inverse times the determinant.
fn cofactors(m: &Matrix) -> Matrix {
    let minor = |y: usize, x: usize| {
        let ([a, b], [c, d]) = ([(y + 1) % 3, (y + 2) % 3], [(x + 1) % 3, (x + 2) % 3]);
        m[a][c] * m[b][d] - m[a][d] * m[b][c]
    };
    [0, 1, 2].map(|y| [0, 1, 2].map(|x| minor(y, x)))
}

fn determinant(m: &Matrix) -> f64 {
    let [first, ..] = cofactors(m);
    m[0].iter()
        .zip(first)
        .map(|(value, cofactor)| value * cofactor)
        .sum()
}

/// The orthogonal matrix nearest to a regular one, by Newton's iteration `X <- (X + X^-T) / 2`
/// (Higham, "Computing the polar decomposition", 1986).
pub(super) fn nearest_orthogonal(mut m: Matrix) -> Matrix {
    // Quadratic: from a determinant of 0.01 it takes about ten steps.
    for _ in 0..40 {
        let (inverse, det) = (cofactors(&m), determinant(&m));
        m = [0, 1, 2].map(|y| [0, 1, 2].map(|x| (m[y][x] + inverse[y][x] / det) / 2.0));
    }
    m
}
