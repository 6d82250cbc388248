//! Constant arrays.

use std::rc::Rc;

/// Largest number of dimensions.
pub(crate) const MAX_RANK: usize = 64;

/// A constant of a model, row-major. Copies share the values.
#[derive(Debug, Clone)]
pub(crate) struct Array {
    pub(crate) shape: Vec<usize>,
    pub(crate) data: Data,
}

/// The values of an array. Whole numbers of every width are `i64`; `f16` and `bf16` are `f32`.
#[derive(Debug, Clone)]
pub(crate) enum Data {
    F32(Rc<Vec<f32>>),
    F64(Rc<Vec<f64>>),
    I64(Rc<Vec<i64>>),
    Bool(Rc<Vec<bool>>),
}

/// The type of the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    F32,
    F64,
    I64,
    Bool,
}

impl Array {
    pub(crate) fn f32(shape: Vec<usize>, values: Vec<f32>) -> Self {
        let data = Data::F32(Rc::new(values));
        Self { shape, data }
    }

    pub(crate) fn f64(shape: Vec<usize>, values: Vec<f64>) -> Self {
        let data = Data::F64(Rc::new(values));
        Self { shape, data }
    }

    pub(crate) fn i64(shape: Vec<usize>, values: Vec<i64>) -> Self {
        let data = Data::I64(Rc::new(values));
        Self { shape, data }
    }

    pub(crate) fn bool(shape: Vec<usize>, values: Vec<bool>) -> Self {
        let data = Data::Bool(Rc::new(values));
        Self { shape, data }
    }

    /// Numbers that were computed in `f64`, as the type that they stand for.
    pub(crate) fn from_f64(shape: Vec<usize>, values: Vec<f64>, kind: Kind) -> Self {
        let data = match kind {
            Kind::F64 => Data::F64(Rc::new(values)),
            Kind::F32 => Data::F32(Rc::new(values.iter().map(|&v| v as f32).collect())),
            Kind::I64 => Data::I64(Rc::new(values.iter().map(|&v| v as i64).collect())),
            Kind::Bool => Data::Bool(Rc::new(values.iter().map(|&v| v != 0.0).collect())),
        };
        Self { shape, data }
    }

    /// The same values in another shape with as many.
    pub(crate) fn reshaped(&self, shape: Vec<usize>) -> Self {
        let data = self.data.clone();
        Self { shape, data }
    }

    pub(crate) fn kind(&self) -> Kind {
        match self.data {
            Data::F32(_) => Kind::F32,
            Data::F64(_) => Kind::F64,
            Data::I64(_) => Kind::I64,
            Data::Bool(_) => Kind::Bool,
        }
    }

    /// Number of values.
    pub(crate) fn len(&self) -> usize {
        match &self.data {
            Data::F32(values) => values.len(),
            Data::F64(values) => values.len(),
            Data::I64(values) => values.len(),
            Data::Bool(values) => values.len(),
        }
    }

    pub(crate) fn rank(&self) -> usize {
        self.shape.len()
    }

    /// The value at a row-major index below [`Array::len`].
    pub(crate) fn get(&self, index: usize) -> f64 {
        match &self.data {
            Data::F32(values) => f64::from(values[index]),
            Data::F64(values) => values[index],
            Data::I64(values) => values[index] as f64,
            Data::Bool(values) => f64::from(u8::from(values[index])),
        }
    }

    /// All values in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = f64> {
        (0..self.len()).map(|index| self.get(index))
    }

    /// The values where they are whole numbers.
    pub(crate) fn ints(&self) -> Option<&[i64]> {
        match &self.data {
            Data::I64(values) => Some(values),
            _ => None,
        }
    }

    /// The values as `f32`, without a copy where they are already.
    pub(crate) fn to_f32(&self) -> Rc<Vec<f32>> {
        match &self.data {
            Data::F32(values) => Rc::clone(values),
            _ => Rc::new(self.iter().map(|value| value as f32).collect()),
        }
    }

    /// The only value.
    pub(crate) fn single(&self) -> Option<f64> {
        (self.len() == 1).then(|| self.get(0))
    }

    /// The values at these indices, in the order of an array of this shape.
    pub(crate) fn choose(&self, shape: Vec<usize>, indices: &[usize]) -> Self {
        fn chosen<T: Copy>(values: &[T], indices: &[usize]) -> Rc<Vec<T>> {
            Rc::new(indices.iter().map(|&index| values[index]).collect())
        }
        let data = match &self.data {
            Data::F32(values) => Data::F32(chosen(values, indices)),
            Data::F64(values) => Data::F64(chosen(values, indices)),
            Data::I64(values) => Data::I64(chosen(values, indices)),
            Data::Bool(values) => Data::Bool(chosen(values, indices)),
        };
        Self { shape, data }
    }
}

/// Number of values of a shape. None where it, or that of some of the dimensions, is too large.
pub(crate) fn n_values(shape: &[usize]) -> Option<usize> {
    let n = shape
        .iter()
        .try_fold(1_usize, |n, &d| n.checked_mul(d.max(1)))?;
    Some(if shape.contains(&0) { 0 } else { n })
}

/// The steps in row-major order from one index of each dimension to the next.
pub(crate) fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1_usize; shape.len()];
    for at in (1..shape.len()).rev() {
        strides[at - 1] = strides[at].saturating_mul(shape[at]);
    }
    strides
}

/// For every index of `shape`, in order, the sum of its coordinates times `steps`.
pub(crate) fn offsets(shape: &[usize], steps: &[usize]) -> Vec<usize> {
    if shape.contains(&0) {
        return Vec::new();
    }
    let mut offsets = vec![0];
    for (&size, &step) in shape.iter().zip(steps) {
        let along = |&offset: &usize| (0..size).map(move |at| offset + at * step);
        offsets = offsets.iter().flat_map(along).collect();
    }
    offsets
}
