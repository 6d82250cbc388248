use crate::orientation::product_of;

/// Where a slice lies in the patient: the plane's axes in DICOM's patient coordinates, in which x
/// grows to the left, y to the back and z to the head.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SliceGeometry {
    /// Distance between the centres of rows and of columns, in millimetres.
    pub spacing_mm: (f64, f64),
    /// Direction in which a row runs, then that in which a column runs (`ImageOrientationPatient`).
    pub orientation: [f64; 6],
    /// Centre of the first pixel, in millimetres (`ImagePositionPatient`).
    pub position_mm: [f64; 3],
    /// Thickness of the slice in millimetres, if the file says it.
    pub thickness_mm: Option<f64>,
}

impl SliceGeometry {
    /// The direction across the slices: the vector product of rows and columns.
    pub fn normal(&self) -> [f64; 3] {
        product_of(self.orientation)
    }

    /// How far along its normal the slice lies, in millimetres: by this the slices of a series are
    /// in order, whatever their numbers and names.
    pub fn along_normal_mm(&self) -> f64 {
        let products = self.normal().into_iter().zip(self.position_mm);
        products.map(|(n, p)| n * p).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_normal_of_an_axial_slice_points_to_the_head() {
        let slice = SliceGeometry {
            spacing_mm: (0.5, 0.5),
            orientation: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
            position_mm: [-120.0, -80.0, 35.0],
            thickness_mm: None,
        };
        assert_eq!(slice.normal(), [0.0, 0.0, 1.0]);
        assert_eq!(slice.along_normal_mm(), 35.0);
    }

    /// A gantry tilted by the angle whose tangent is 3/4.
    #[test]
    fn a_tilted_slice_is_measured_across() {
        let slice = SliceGeometry {
            spacing_mm: (0.5, 0.5),
            orientation: [1.0, 0.0, 0.0, 0.0, 0.8, -0.6],
            position_mm: [-120.0, 10.0, 20.0],
            thickness_mm: None,
        };
        assert_eq!(slice.normal(), [0.0, 0.6, 0.8]);
        assert_eq!(slice.along_normal_mm(), 22.0);
    }
}
