use super::DicomError;
use crate::{Error, SliceGeometry};

/// Most slices of a stack, missing ones included: what NIfTI counts to.
const MAX_SLICES: usize = i16::MAX as usize;

/// What a position may be off its place in the stack, in parts of the distance between slices:
/// files round to a tenth of a millimetre.
const MAX_OFF_PLACE: f64 = 0.1;

/// What spacings and directions of the slices of a stack may differ by, which is rounding.
const MAX_DIFFERENCE: f64 = 1e-3;

/// Distance between neighbours nearer than which two slices are at one place.
const MIN_STEP_MM: f64 = 1e-2;

/// Slices of a DICOM series as a volume: planes of one grid, equally far from each other, of which
/// some may be missing.
///
/// The step from slice to slice is that of their positions, so a gantry that was tilted leaves a
/// sheared volume, as the scan was.
#[derive(Debug, Clone, PartialEq)]
pub struct SliceStack {
    first: SliceGeometry,
    step_mm: [f64; 3],
    places: Vec<usize>,
}

impl SliceStack {
    /// Finds the place of each of some slices, given in their order along the normal.
    ///
    /// The distance between slices is the smallest between two of them; all others must be whole
    /// multiples. A single slice is as thick as it says, or 1 mm.
    ///
    /// # Errors
    ///
    /// [`Error::Dicom`], a [`DicomError::Stack`], for slices that differ in spacing or direction,
    /// that lie at one place, or not on each other and equally far apart.
    pub fn of(slices: &[SliceGeometry]) -> Result<Self, Error> {
        Ok(Self::found(slices)?)
    }

    fn found(slices: &[SliceGeometry]) -> Result<Self, DicomError> {
        let Some((first, others)) = slices.split_first() else {
            return Err(DicomError::Stack("no slice".to_owned()));
        };
        for (index, slice) in others.iter().enumerate() {
            if !is_alike(first, slice) {
                return Err(DicomError::Stack(format!(
                    "slice {} has another pixel spacing or orientation than the first",
                    index + 2
                )));
            }
        }
        let along: Vec<_> = slices.iter().map(SliceGeometry::along_normal_mm).collect();
        let gaps = along.windows(2).map(|pair| pair[1] - pair[0]);
        let Some(smallest) = gaps.clone().min_by(f64::total_cmp) else {
            let thickness = first.thickness_mm.unwrap_or(1.0);
            return Ok(Self {
                first: *first,
                step_mm: first.normal().map(|n| n * thickness),
                places: vec![0],
            });
        };
        if !smallest.is_finite() || smallest < MIN_STEP_MM {
            return Err(DicomError::Stack("two slices lie at one place".to_owned()));
        }
        let mut places = vec![0];
        let mut place = 0;
        for gap in gaps {
            // Of a negative or endless number the conversion makes the nearest one there is.
            place += ((gap / smallest).round() as usize).min(MAX_SLICES);
            if place >= MAX_SLICES {
                return Err(DicomError::Stack(format!(
                    "slices over more than {MAX_SLICES} times the smallest distance between two, \
                     {smallest} mm"
                )));
            }
            places.push(place);
        }
        let last = slices[slices.len() - 1];
        let step_mm =
            [0, 1, 2].map(|x| (last.position_mm[x] - first.position_mm[x]) / place as f64);
        let stack = Self {
            first: *first,
            step_mm,
            places,
        };
        stack.check(slices, smallest)?;
        Ok(stack)
    }

    /// An error for the first slice that is not at its place.
    fn check(&self, slices: &[SliceGeometry], distance_mm: f64) -> Result<(), DicomError> {
        for (index, (slice, &place)) in slices.iter().zip(&self.places).enumerate() {
            let [x, y, z] = [0, 1, 2].map(|axis| {
                let expected = self.first.position_mm[axis] + place as f64 * self.step_mm[axis];
                slice.position_mm[axis] - expected
            });
            let off_mm = x.hypot(y).hypot(z);
            if off_mm.is_nan() || off_mm > MAX_OFF_PLACE * distance_mm {
                return Err(DicomError::Stack(format!(
                    "slice {} is {off_mm:.2} mm off its place, if slices are {distance_mm:.2} mm \
                     apart",
                    index + 1
                )));
            }
        }
        Ok(())
    }

    /// Where the first slice lies, and its spacing and direction, which are those of all.
    pub fn first(&self) -> &SliceGeometry {
        &self.first
    }

    /// From a slice to the next, in millimetres, in DICOM's patient coordinates.
    pub fn step_mm(&self) -> [f64; 3] {
        self.step_mm
    }

    /// The place of each slice, from 0, in the order in which they were given.
    pub fn places(&self) -> &[usize] {
        &self.places
    }

    /// Number of slices of the volume, missing ones included.
    pub fn n_slices(&self) -> usize {
        self.places.last().map_or(0, |last| last + 1)
    }
}

fn is_alike(a: &SliceGeometry, b: &SliceGeometry) -> bool {
    let numbers = |slice: &SliceGeometry| {
        let (rows, cols) = slice.spacing_mm;
        [&[rows, cols], &slice.orientation[..]].concat()
    };
    let differences = numbers(a).into_iter().zip(numbers(b));
    differences
        .map(|(a, b)| (a - b).abs())
        .all(|difference| difference <= MAX_DIFFERENCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice(position_mm: [f64; 3]) -> SliceGeometry {
        SliceGeometry {
            spacing_mm: (0.5, 0.5),
            orientation: [1.0, 0.0, 0.0, 0.0, 0.8, -0.6],
            position_mm,
            thickness_mm: Some(4.0),
        }
    }

    fn fault(slices: &[SliceGeometry]) -> String {
        match SliceStack::of(slices) {
            Err(error) => error.to_string(),
            Ok(stack) => panic!("{stack:?}"),
        }
    }

    /// The table moves along z, whatever the tilt of the planes.
    #[test]
    fn slices_of_a_tilted_gantry_are_a_sheared_volume() {
        let slices = [0.0, 5.0, 10.02, 20.0].map(|z| slice([-120.0, -80.0, z]));
        let stack = SliceStack::of(&slices).expect("a stack");
        assert_eq!(stack.step_mm(), [0.0, 0.0, 5.0]);
        assert_eq!(stack.places(), [0, 1, 2, 4]);
        assert_eq!(stack.n_slices(), 5);
    }

    /// By the smallest distance alone, 4.95, the last of 60 would be at place 60.
    #[test]
    fn rounded_positions_do_not_add_up() {
        let slices: Vec<_> = (0..60)
            .map(|k| {
                slice([
                    0.0,
                    0.0,
                    5.0 * f64::from(k) + if k == 30 { 0.05 } else { 0.0 },
                ])
            })
            .collect();
        let stack = SliceStack::of(&slices).expect("a stack");
        assert_eq!(stack.n_slices(), 60);
    }

    #[test]
    fn a_single_slice_is_as_thick_as_it_says() {
        let stack = SliceStack::of(&[slice([0.0; 3])]).expect("a stack");
        assert_eq!(stack.step_mm(), [0.0, 0.6 * 4.0, 0.8 * 4.0]);
        assert_eq!(stack.n_slices(), 1);
    }

    #[test]
    fn slices_that_are_no_volume_are_refused() {
        assert!(fault(&[]).contains("no slice"));
        let at = |z: f64| slice([0.0, 0.0, z]);
        assert!(fault(&[at(0.0), at(5.0), at(5.0)]).contains("at one place"));
        assert!(fault(&[at(0.0), at(5.0), at(12.0)]).contains("off its place"));
        let aside = slice([9.0, 0.0, 5.0]);
        assert!(fault(&[at(0.0), aside, at(10.0)]).contains("slice 2 is 9.00 mm off"));
        let coarse = SliceGeometry {
            spacing_mm: (0.6, 0.6),
            ..at(5.0)
        };
        assert!(fault(&[at(0.0), coarse]).contains("slice 2 has another pixel spacing"));
        for far in [1e7, 1e300, f64::INFINITY, f64::NAN] {
            fault(&[at(0.0), at(1.0), at(far)]);
        }
    }
}
