use std::ops::RangeInclusive;
use std::str::FromStr;

/// Numbers of slices, from 0, such as `3,10-20`.
#[derive(Debug, Clone)]
pub struct SliceNumbers(Vec<RangeInclusive<usize>>);

impl SliceNumbers {
    /// True where the slice is one of them.
    pub fn contains(&self, number: usize) -> bool {
        self.0.iter().any(|range| range.contains(&number))
    }

    /// The first number or range that begins where there is no slice any more.
    pub fn first_beyond(&self, n_slices: usize) -> Option<usize> {
        let starts = self.0.iter().map(|range| *range.start());
        starts.filter(|&start| start >= n_slices).min()
    }
}

impl FromStr for SliceNumbers {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let range = |item: &str| {
            let (from, to) = item.split_once('-').unwrap_or((item, item));
            match (from.trim().parse(), to.trim().parse()) {
                (Ok(from), Ok(to)) if from <= to => Ok(from..=to),
                _ => Err(format!(
                    "{item:?} is neither a number nor a range such as 10-20"
                )),
            }
        };
        text.split(',')
            .map(range)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_are_numbers_and_ranges() {
        let slices: SliceNumbers = "3,10-12".parse().expect("a list");
        let chosen: Vec<usize> = (0..20).filter(|&k| slices.contains(k)).collect();
        assert_eq!(chosen, [3, 10, 11, 12]);
        assert_eq!(slices.first_beyond(11), None);
        assert_eq!(slices.first_beyond(10), Some(10));
        for text in ["", "3,", "12-10", "-1", "a"] {
            assert!(text.parse::<SliceNumbers>().is_err(), "{text:?}");
        }
    }
}
