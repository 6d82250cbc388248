use std::io::{self, Read};

use super::NiftiError;
use super::format::MAX_VOXELS;
use super::header::NiftiHeader;
use super::layout::Layout;
use crate::element::{ByteOrder, Element};

/// Chosen slices of a volume, as stored.
#[derive(Debug)]
pub(super) struct Voxels {
    element: Element,
    order: ByteOrder,
    /// Which slices, ascending.
    slices: Vec<usize>,
    /// Of these alone.
    layout: Layout,
    data: Vec<u8>,
}

impl Voxels {
    /// Goes through all voxels of a volume, from the first on, and keeps those of chosen slices.
    pub(super) fn read(
        source: &mut impl Read,
        header: &NiftiHeader,
        is_chosen: impl Fn(usize) -> bool,
    ) -> Result<Self, NiftiError> {
        let slices: Vec<usize> = (0..header.n_slices()).filter(|&k| is_chosen(k)).collect();
        let (rows, cols) = header.slice_shape();
        let found = [rows, cols, slices.len()]
            .map(|side| side as u64)
            .iter()
            .product();
        if found > MAX_VOXELS {
            let limit = MAX_VOXELS;
            return Err(NiftiError::VolumeSize { found, limit });
        }

        let axis = header.layout.slice_axis();
        let mut is_kept = vec![false; header.dim[axis]];
        for &slice in &slices {
            is_kept[header.layout.voxel(0, 0, slice)[axis]] = true;
        }
        let item_bytes = header.element.n_bytes();
        let [ni, nj, nk] = header.dim;
        let mut line = vec![0; ni * item_bytes];
        let mut data = Vec::new();
        let mut n_read = 0;
        for (j, k) in (0..nk).flat_map(|k| (0..nj).map(move |j| (j, k))) {
            let n_filled = fill(source, &mut line)?;
            n_read += n_filled as u64;
            if n_filled < line.len() {
                let (found, expected) = (n_read, header.data_bytes());
                return Err(NiftiError::DataLength { found, expected });
            }
            data.try_reserve(line.len()).map_err(io::Error::from)?;
            match axis {
                0 => {
                    let items = line.chunks_exact(item_bytes).zip(&is_kept);
                    let kept = items.filter(|&(_, &is_kept)| is_kept);
                    data.extend(kept.flat_map(|(item, _)| item));
                }
                1 if is_kept[j] => data.extend_from_slice(&line),
                2 if is_kept[k] => data.extend_from_slice(&line),
                _ => {}
            }
        }
        Ok(Self {
            element: header.element,
            order: header.order,
            layout: header.layout.with_slices(slices.len()),
            slices,
            data,
        })
    }

    /// The stored values of a slice, row by row.
    pub(super) fn slice(&self, slice: usize) -> Result<impl Iterator<Item = f64>, NiftiError> {
        let held = self.slices.len();
        let place = self.slices.binary_search(&slice);
        let place = place.map_err(|_| NiftiError::NotHeld { slice, held })?;
        let (rows, cols) = (self.layout.n_rows(), self.layout.n_cols());
        Ok((0..rows * cols).map(move |pixel| {
            let index = self.layout.index(pixel / cols, pixel % cols, place);
            self.value(index)
        }))
    }

    /// All stored values.
    pub(super) fn all(&self) -> impl Iterator<Item = f64> {
        let items = self.data.chunks_exact(self.element.n_bytes());
        items.map(|item| self.element.decode(self.order, item))
    }

    fn value(&self, index: usize) -> f64 {
        let place = index * self.element.n_bytes();
        self.element.decode(self.order, &self.data[place..])
    }
}

/// Reads as much of a line as there is.
fn fill(source: &mut impl Read, line: &mut [u8]) -> io::Result<usize> {
    let mut n_filled = 0;
    while n_filled < line.len() {
        match source.read(&mut line[n_filled..]) {
            Ok(0) => break,
            Ok(n_read) => n_filled += n_read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(n_filled)
}
