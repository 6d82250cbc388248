use std::collections::BTreeMap;

use crate::text::quoted;
use crate::{Error, Subtype};

/// What the rows of a table predict, while it is read.
#[derive(Debug, Default)]
pub(crate) struct Probabilities {
    /// The slices by their names, each with its place in `cells`.
    slices: BTreeMap<Vec<String>, usize>,
    /// By subtype, then by slice. A list ends with the last slice that has a cell.
    cells: [Vec<Option<Cell>>; 6],
}

#[derive(Debug, Clone, Copy)]
struct Cell {
    /// None where the row leaves it empty.
    probability: Option<f64>,
    line: usize,
}

/// The slices by their names, and the probabilities by subtype and place of the slice.
pub(crate) type Collected = (BTreeMap<Vec<String>, usize>, [Vec<Option<f64>>; 6]);

impl Probabilities {
    /// Adds what a row says of a slice; false if it was known.
    pub(crate) fn insert(
        &mut self,
        names: Vec<String>,
        subtype: Subtype,
        probability: Option<f64>,
        line: usize,
    ) -> Result<bool, Error> {
        let at = self.slices.get(&names).copied();
        if let Some(first) = at.and_then(|at| self.cell(subtype, at)) {
            if first.probability == probability {
                return Ok(false);
            }
            let shown = |p: Option<f64>| p.map_or_else(|| "empty".to_owned(), |p| p.to_string());
            return Err(Error::Contradiction {
                line,
                name: quoted(&names.join(", ")),
                found: shown(probability),
                first_line: first.line,
                first: shown(first.probability),
            });
        }
        let n_slices = self.slices.len();
        let at = at.unwrap_or_else(|| *self.slices.entry(names).or_insert(n_slices));
        let cells = &mut self.cells[subtype as usize];
        if cells.len() <= at {
            cells.resize(at + 1, None);
        }
        cells[at] = Some(Cell { probability, line });
        Ok(true)
    }

    fn cell(&self, subtype: Subtype, at: usize) -> Option<Cell> {
        self.cells[subtype as usize].get(at).copied().flatten()
    }

    /// All that was read.
    ///
    /// # Errors
    ///
    /// [`Error::NoAny`] for the first slice without a row of any hemorrhage, [`Error::NoProbability`] if
    /// these rows are all empty.
    pub(crate) fn collect(self) -> Result<Collected, Error> {
        for (names, &at) in &self.slices {
            if self.cell(Subtype::Any, at).is_none() {
                let cells = Subtype::ALL
                    .into_iter()
                    .filter_map(|subtype| self.cell(subtype, at));
                return Err(Error::NoAny {
                    line: cells.map(|cell| cell.line).min().unwrap_or(0),
                    name: quoted(&names.join(", ")),
                });
            }
        }
        let probabilities = self.cells.map(|cells| {
            let probabilities = cells.into_iter().map(|cell| cell?.probability);
            probabilities.collect::<Vec<_>>()
        });
        if probabilities[Subtype::Any as usize]
            .iter()
            .all(Option::is_none)
        {
            return Err(Error::NoProbability {
                n_slices: self.slices.len(),
            });
        }
        Ok((self.slices, probabilities))
    }
}
