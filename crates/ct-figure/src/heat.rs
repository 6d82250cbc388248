use crate::{Error, Saliency, otsu};

/// What of a map is drawn over its slice.
///
/// Of the map itself these are the pixels above its [`otsu`] threshold. Of the map of what speaks against,
/// where one is given, it is every pixel below 0. Where both have a pixel, the larger magnitude is drawn,
/// and that of the map itself if they are equal.
#[derive(Debug, Clone, Copy)]
pub struct Heat<'a> {
    map: Saliency<'a>,
    against: Option<Saliency<'a>>,
    threshold: f32,
}

/// The signs a legend has to explain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sides {
    For,
    Both,
}

impl<'a> Heat<'a> {
    /// Finds what is drawn of a map.
    #[must_use]
    pub fn new(map: Saliency<'a>) -> Heat<'a> {
        Heat {
            map,
            against: None,
            threshold: otsu(&map),
        }
    }

    /// With a map of what speaks against the class, whose values are 0 and below.
    ///
    /// # Errors
    ///
    /// [`Error::AgainstDims`] unless both have the same size, [`Error::Against`] at the first value above
    /// 0.
    pub fn with_against(self, against: Saliency<'a>) -> Result<Heat<'a>, Error> {
        if against.dims() != self.dims() {
            return Err(Error::AgainstDims {
                saliency: self.dims(),
                against: against.dims(),
            });
        }
        match against.find(|value| value > 0.0) {
            Some((row, col, value)) => Err(Error::Against { row, col, value }),
            None => Ok(Heat {
                against: Some(against),
                ..self
            }),
        }
    }

    /// `(rows, cols)`.
    #[must_use]
    pub fn dims(&self) -> (usize, usize) {
        self.map.dims()
    }

    /// The values drawn, row-major; 0 where nothing is drawn.
    pub fn values(&self) -> impl Iterator<Item = f32> {
        let against = self.against_values().chain(std::iter::repeat(0.0));
        self.map_values().zip(against).map(|(value, against)| {
            if against.abs() > value.abs() {
                against
            } else {
                value
            }
        })
    }

    /// The largest magnitude drawn, 0 if nothing is.
    #[must_use]
    pub fn largest(&self) -> f32 {
        self.values()
            .fold(0.0, |largest, value| largest.max(value.abs()))
    }

    /// What is drawn of the map itself.
    pub(crate) fn map_values(&self) -> impl Iterator<Item = f32> {
        let values = self.map.values().iter();
        values.map(|&value| if value > self.threshold { value } else { 0.0 })
    }

    /// What is drawn of the map against; nothing without one.
    pub(crate) fn against_values(&self) -> impl Iterator<Item = f32> {
        let against = self.against.iter();
        against.flat_map(|against| against.values().iter().copied())
    }

    pub(crate) fn has_against(&self) -> bool {
        self.against.is_some()
    }

    /// A map against is explained even where it is 0 everywhere: it was looked at.
    pub(crate) fn sides(&self) -> Sides {
        if self.has_against() || self.map_values().any(|value| value < 0.0) {
            Sides::Both
        } else {
            Sides::For
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIMS: (usize, usize) = (2, 3);

    fn saliency(values: &[f32]) -> Saliency<'_> {
        Saliency::new(values, DIMS).unwrap()
    }

    fn drawn(heat: &Heat<'_>) -> Vec<f32> {
        heat.values().collect()
    }

    #[test]
    fn pixels_above_the_threshold_are_drawn() {
        let map = [0.0, 0.0, 0.746, 2.14e-5, 0.0, 0.7];
        let heat = Heat::new(saliency(&map));
        assert_eq!(drawn(&heat), [0.0, 0.0, 0.746, 0.0, 0.0, 0.7]);
        assert_eq!(heat.largest(), 0.746);
        assert_eq!(heat.sides(), Sides::For);
    }

    #[test]
    fn the_larger_magnitude_of_both_maps_is_drawn() {
        let map = [0.0, 0.5, 0.5, 0.5, 0.0, 0.0];
        let against = [-0.1, -0.6, -0.5, -0.4, 0.0, -0.9];
        let heat = Heat::new(saliency(&map))
            .with_against(saliency(&against))
            .unwrap();
        assert_eq!(drawn(&heat), [-0.1, -0.6, 0.5, 0.5, 0.0, -0.9]);
        assert_eq!(heat.largest(), 0.9);
        assert_eq!(heat.sides(), Sides::Both);
    }

    #[test]
    fn nothing_of_a_flat_map_is_drawn() {
        for value in [0.0, 0.3, -0.3] {
            let map = [value; 6];
            let heat = Heat::new(saliency(&map));
            assert_eq!(drawn(&heat), [0.0; 6]);
            assert_eq!(heat.largest(), 0.0);
        }
    }

    #[test]
    fn a_negative_pixel_above_the_threshold_shows_both_sides() {
        let map = [-4.0, -4.0, -4.0, -1.0, -1.0, -4.0];
        let heat = Heat::new(saliency(&map));
        assert_eq!(heat.largest(), 1.0);
        assert_eq!(heat.sides(), Sides::Both);
    }

    #[test]
    fn rejects_a_positive_value_against_and_names_the_pixel() {
        let against = [-1.0, 0.0, 0.0, 0.0, 0.0, 0.25];
        let heat = Heat::new(saliency(&[0.0; 6]));
        let error = heat.with_against(saliency(&against)).unwrap_err();
        assert!(matches!(
            error,
            Error::Against {
                row: 1,
                col: 2,
                value: 0.25
            }
        ));
    }

    #[test]
    fn rejects_a_map_against_of_another_size() {
        let turned = Saliency::new(&[0.0; 6], (3, 2)).unwrap();
        let heat = Heat::new(saliency(&[0.0; 6]));
        let error = heat.with_against(turned).unwrap_err();
        assert!(matches!(error, Error::AgainstDims { .. }));
    }
}
