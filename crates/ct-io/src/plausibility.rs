//! Whether values can be the Hounsfield units of a head.

use crate::{HuSlice, Warning};

/// Whole units that are counted one by one; what lies beyond counts at the ends.
const FIRST_HU: i32 = -1200;
const LAST_HU: i32 = 4200;

/// Air, with the noise of a scanner and the offset of a bad calibration.
const AIR_HU: (i32, i32) = (-1150, -650);

/// Air around the head is 30 to 60 % of a slice, that in sinuses and ears still 1 %.
const MIN_AIR: f64 = 0.002;

/// Normalised values lie within 1 to 5 units around 0, those of a CT within some hundred.
const MAX_NORMALISED: f64 = 10.0;

/// A CT has hundreds of different values, a table of labels few.
const MAX_LABELS: usize = 16;

/// Brain has a median of 25 to 40 HU, also with blood in it; in an 8-bit picture of a common window
/// it is grey, at 66 (window 40:4096) to 140 (40:80).
const MIN_GREY_MEDIAN: i32 = 60;

/// The largest value of a picture; that of Hounsfield units clipped to a window for brain is 80 to
/// 120.
const GREY_MAX: std::ops::RangeInclusive<f64> = 128.0..=255.0;

/// How often each value occurs.
pub(crate) struct Census {
    n_values: u64,
    min: f64,
    max: f64,
    are_whole: bool,
    counts: Vec<u64>,
}

impl HuSlice {
    /// A warning, of code `implausible-hu`, if the values cannot be the Hounsfield units of a head
    /// and a network would answer to something else.
    ///
    /// A file has one unit: of volumes and stacks the whole is judged, by
    /// [`NpyStack::plausibility`](crate::NpyStack::plausibility) and `NiftiVolume::plausibility`.
    ///
    /// | values | warning |
    /// | --- | --- |
    /// | mostly above 850, and few from 150 to 850, where bone would be | stored values without their rescale, or another scale such as Cormack's |
    /// | else with air near -1000, whatever the padding and the metal | none |
    /// | without air: brain cut out of its skull (background 0), a crop, a clipped window | none |
    /// | one value alone, unless it is air or padding | no image |
    /// | whole numbers, at most 16 different ones, none below 0 | a mask or labels |
    /// | from -10 to 10 | normalised values |
    /// | 0 to 128 or up to 255, with white or with a median of 60 and more below it | 8-bit grey |
    pub fn plausibility(&self) -> Option<Warning> {
        Census::of(self.values_hu().iter().map(|&hu| hu.into())).warning()
    }
}

impl Census {
    /// Counts the values that are numbers.
    pub(crate) fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut census = Self {
            n_values: 0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            are_whole: true,
            counts: vec![0; (LAST_HU - FIRST_HU + 1) as usize],
        };
        for value in values.filter(|value| !value.is_nan()) {
            census.n_values += 1;
            census.min = census.min.min(value);
            census.max = census.max.max(value);
            census.are_whole &= value.fract() == 0.0;
            // A cast keeps to the range of the type.
            let hu = (value.floor() as i32).clamp(FIRST_HU, LAST_HU);
            census.counts[(hu - FIRST_HU) as usize] += 1;
        }
        census
    }

    pub(crate) fn warning(&self) -> Option<Warning> {
        if self.n_values == 0 {
            return None;
        }
        let (min, max) = (self.min as f32, self.max as f32);
        let problem = if min == max {
            let is_air = min <= AIR_HU.1 as f32;
            (!is_air).then(|| format!("every value is {min}: there is no image"))?
        } else {
            let resembled = self.resembled()?;
            format!(
                "values from {min} to {max} are no Hounsfield units of a head CT, in which air is \
                 about -1000, brain 20 to 45 and bone up to 2000; they look like {resembled}"
            )
        };
        Some(Warning::new("implausible-hu", problem))
    }

    /// What the values look like, if not Hounsfield units.
    fn resembled(&self) -> Option<&'static str> {
        let (min, max) = (self.min, self.max);
        let is_share = |count: u64, share: f64| count as f64 >= share * self.n_values as f64;
        let has_air = is_share(self.between(AIR_HU.0, AIR_HU.1), MIN_AIR);
        if let Some(resembled) = self.other_scale(has_air) {
            return Some(resembled);
        }
        if has_air {
            return None;
        }
        let n_different = self.counts.iter().filter(|&&count| count > 0).count();
        if self.are_whole && min >= 0.0 && n_different <= MAX_LABELS {
            return Some("a mask or labels; give the image that they belong to");
        }
        if min.abs().max(max.abs()) <= MAX_NORMALISED {
            return Some("normalised values; give the image before it was normalised");
        }
        if min < 0.0 || !GREY_MAX.contains(&max) {
            return None;
        }
        let is_white = max == 255.0 && is_share(self.between(255, 255), MIN_AIR);
        let is_grey = self.median_between(11, max as i32 - 1) >= Some(MIN_GREY_MEDIAN);
        (is_white || is_grey).then_some(
            "8-bit grey values of a picture, whose Hounsfield units are lost; export the series \
             anew as DICOM, NIfTI or .npy",
        )
    }

    /// Scales on which soft tissue is where bone is in Hounsfield units.
    ///
    /// 850 lies between bone marrow and cortical bone in Hounsfield units, and below fat in the
    /// stored values of most scanners, which are HU + 1024 or + 1000. In the slices and parts of
    /// slices that were looked at, up to 2.1 times as much lay above it as from 150 to 850, and up
    /// to 0.3 times as much as from 1 to 150, no more than 0.4 of it within 100 units; as stored
    /// values, 3.4 times, 0.9 times and 0.44 or more. Padding of stored values can lie where air is
    /// in Hounsfield units.
    fn other_scale(&self, has_air: bool) -> Option<&'static str> {
        let (soft, near) = (self.between(1, 149), self.between(150, 849));
        let far = self.between(850, LAST_HU);
        let is_heavy = far as f64 > 0.5 * soft as f64;
        let has_peak = || self.most_within(100, 850) as f64 > 0.4 * far as f64;
        let is_shifted = far as f64 > 0.02 * self.n_values as f64
            && far as f64 > 2.5 * near as f64
            && match has_air {
                true => is_heavy && has_peak(),
                false => is_heavy || has_peak(),
            };
        let is_offset_1024 = 2 * self.between(850, 1250) > far;
        match (is_shifted || self.min > 150.0, is_offset_1024) {
            (false, _) => None,
            (true, true) => Some(
                "stored values without their rescale; add RescaleIntercept, mostly -1024 or -1000",
            ),
            (true, false) => Some(
                "stored values without their rescale, or another scale such as Cormack's; convert \
                 them to Hounsfield units",
            ),
        }
    }

    fn between(&self, from: i32, to: i32) -> u64 {
        let index = |hu: i32| (hu - FIRST_HU) as usize;
        self.counts[index(from)..=index(to)].iter().sum()
    }

    /// The most values that lie within so many units, from a number on.
    fn most_within(&self, width: usize, from: i32) -> u64 {
        let counts = &self.counts[(from - FIRST_HU) as usize..];
        let sums = counts.windows(width).map(|window| window.iter().sum());
        sums.max().unwrap_or(0)
    }

    /// The median of the values within a range.
    fn median_between(&self, from: i32, to: i32) -> Option<i32> {
        let half = self.between(from, to).div_ceil(2);
        let mut n_below = 0;
        (from..=to).find(|&hu| {
            n_below += self.between(hu, hu);
            half > 0 && n_below >= half
        })
    }
}
