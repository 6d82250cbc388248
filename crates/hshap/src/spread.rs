//! How much the map depends on where the grid lies, and on the background.

use masked_cnn::Size;

use crate::drawing::Drawing;
use crate::{Error, Explanation, Run, SaliencyMap};

impl Explanation {
    /// The standard deviation of the map over the shifts, pixel by pixel, each shift's map being the mean
    /// over the backgrounds; none where there is one shift. Of an explanation that ended early it is that
    /// of what was found.
    ///
    /// # Errors
    ///
    /// [`Error::MapNotFinite`].
    pub fn spread_over_shifts(&self) -> Result<Option<SaliencyMap>, Error> {
        self.spread(|run| run.shift)
    }

    /// The standard deviation of the map over the backgrounds, pixel by pixel, each background's map being
    /// the mean over the shifts; none where there is one background. Of an explanation that ended early it
    /// is that of what was found.
    ///
    /// # Errors
    ///
    /// [`Error::MapNotFinite`].
    pub fn spread_over_backgrounds(&self) -> Result<Option<SaliencyMap>, Error> {
        self.spread(|run| run.background)
    }

    /// The standard deviation over groups of runs. They are all that there are, no sample of more, so its
    /// square is the mean of the squared deviations.
    fn spread<K: PartialEq>(&self, key: impl Fn(&Run) -> K) -> Result<Option<SaliencyMap>, Error> {
        let mut groups: Vec<(K, Vec<&Run>)> = Vec::new();
        for run in &self.runs {
            let key = key(run);
            match groups.iter_mut().find(|(of, _)| *of == key) {
                Some((_, runs)) => runs.push(run),
                None => groups.push((key, vec![run])),
            }
        }
        if groups.len() < 2 {
            return Ok(None);
        }
        let (rows, cols) = (self.map.rows(), self.map.cols());
        let maps = groups.into_iter().map(|(_, runs)| {
            let drawing = Drawing {
                divisor: runs.len(),
                runs,
                n_levels: self.n_levels,
                size: Size { rows, cols },
                is_binary: self.is_binary,
            };
            drawing.map()
        });
        let maps: Vec<SaliencyMap> = maps.collect::<Result<_, _>>()?;
        let n = maps.len() as f64;
        let deviation = |pixel: usize| {
            let values = || maps.iter().map(|map| f64::from(map.values()[pixel]));
            let mean = values().sum::<f64>() / n;
            let variance = values().map(|value| (value - mean).powi(2)).sum::<f64>() / n;
            variance.sqrt() as f32
        };
        let values = (0..rows * cols).map(deviation).collect();
        Ok(Some(SaliencyMap::new(values, rows, cols)))
    }
}
