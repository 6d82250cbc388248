//! A node of an ONNX file with its inputs: what an operator is asked to do.

use cnn_graph::{Op, Shape, Size};

use crate::array::Array;
use crate::axes::{Axes, Role, Value};
use crate::draft::{Draft, DraftId, DraftOp};
use crate::error::{Error, malformed};
use crate::proto::{Attribute, Node, Tensor};

/// A node and the values of its inputs, those left out being none.
#[derive(Debug)]
pub(crate) struct Call<'m, 'f> {
    pub(crate) node: &'m Node<'f>,
    pub(crate) inputs: Vec<Option<Value>>,
    /// Version of the operators.
    pub(crate) opset: i64,
}

impl<'m, 'f> Call<'m, 'f> {
    pub(crate) fn label(&self) -> &'f str {
        self.node.label()
    }

    /// Whether more than the first output is named, and so wanted.
    pub(crate) fn has_more_outputs(&self) -> bool {
        let mut more = self.node.outputs.iter().skip(1);
        more.any(|name| !name.is_empty())
    }

    /// The operator is not evaluated, or not in this place.
    pub(crate) fn refuse(&self, why: impl ToString) -> Error {
        Error::Operator {
            node: self.label().to_owned(),
            op: self.node.operator(),
            why: why.to_string(),
            others: Vec::new(),
        }
    }

    /// Shapes that do not fit.
    pub(crate) fn misfit(&self, problem: impl ToString) -> Error {
        Error::Shape {
            node: self.label().to_owned(),
            op: self.node.op.to_owned(),
            problem: problem.to_string(),
        }
    }

    /// An attribute with a value that is not evaluated.
    pub(crate) fn unexpected(&self, name: &str, found: impl ToString, expected: &str) -> Error {
        Error::Attribute {
            node: self.label().to_owned(),
            op: self.node.op.to_owned(),
            attribute: name.to_owned(),
            found: found.to_string(),
            expected: expected.to_owned(),
        }
    }

    fn wrong_type(&self, name: &str, expected: &str) -> Error {
        self.unexpected(name, "is of another type", expected)
    }

    // ---- attributes

    pub(crate) fn attribute(&self, name: &str) -> Option<&Attribute<'f>> {
        self.node.attribute(name)
    }

    pub(crate) fn int(&self, name: &str, default: i64) -> Result<i64, Error> {
        match self.attribute(name) {
            None => Ok(default),
            Some(Attribute::Int(value)) => Ok(*value),
            Some(_) => Err(self.wrong_type(name, "a whole number")),
        }
    }

    /// A whole number that is 0 or not.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, Error> {
        Ok(self.int(name, 0)? != 0)
    }

    pub(crate) fn float(&self, name: &str, default: f32) -> Result<f32, Error> {
        match self.attribute(name) {
            None => Ok(default),
            Some(Attribute::Float(value)) => Ok(*value),
            Some(_) => Err(self.wrong_type(name, "a number")),
        }
    }

    pub(crate) fn text(&self, name: &str, default: &'static str) -> Result<&str, Error> {
        match self.attribute(name) {
            None => Ok(default),
            Some(Attribute::Text(text)) => {
                std::str::from_utf8(text).map_err(|_| self.wrong_type(name, "text"))
            }
            Some(_) => Err(self.wrong_type(name, "text")),
        }
    }

    pub(crate) fn ints(&self, name: &str) -> Result<Option<&[i64]>, Error> {
        match self.attribute(name) {
            None => Ok(None),
            Some(Attribute::Ints(ints)) => Ok(Some(ints)),
            Some(_) => Err(self.wrong_type(name, "whole numbers")),
        }
    }

    pub(crate) fn floats(&self, name: &str) -> Result<Option<&[f32]>, Error> {
        match self.attribute(name) {
            None => Ok(None),
            Some(Attribute::Floats(floats)) => Ok(Some(floats)),
            Some(_) => Err(self.wrong_type(name, "numbers")),
        }
    }

    pub(crate) fn tensor(&self, name: &str) -> Result<Option<&Tensor<'f>>, Error> {
        match self.attribute(name) {
            None => Ok(None),
            Some(Attribute::Tensor(tensor)) => Ok(Some(tensor)),
            Some(_) => Err(self.wrong_type(name, "a tensor")),
        }
    }

    // ---- inputs

    pub(crate) fn has(&self, index: usize) -> bool {
        matches!(self.inputs.get(index), Some(Some(_)))
    }

    pub(crate) fn input(&self, index: usize) -> Result<&Value, Error> {
        match self.inputs.get(index) {
            Some(Some(value)) => Ok(value),
            _ => Err(malformed(format!(
                "node {} ({}) has no input {index}",
                self.label(),
                self.node.op
            ))),
        }
    }

    pub(crate) fn constant(&self, index: usize) -> Result<&Array, Error> {
        match self.input(index)? {
            Value::Constant(array) => Ok(array),
            _ => Err(Error::NotConstant {
                node: self.label().to_owned(),
                op: self.node.op.to_owned(),
                input: self.node.inputs[index].to_owned(),
            }),
        }
    }

    pub(crate) fn optional(&self, index: usize) -> Result<Option<&Array>, Error> {
        match self.has(index) {
            true => self.constant(index).map(Some),
            false => Ok(None),
        }
    }

    /// A constant list of whole numbers.
    pub(crate) fn int_list(&self, index: usize) -> Result<&[i64], Error> {
        let array = self.constant(index)?;
        array
            .ints()
            .ok_or_else(|| self.wrong_type(self.node.inputs[index], "whole numbers"))
    }

    /// A list that is an attribute in old versions and an input in new ones.
    pub(crate) fn attribute_or_input(
        &self,
        name: &str,
        index: usize,
    ) -> Result<Option<&[i64]>, Error> {
        match (self.ints(name)?, self.has(index)) {
            (Some(ints), _) => Ok(Some(ints)),
            (None, true) => self.int_list(index).map(Some),
            (None, false) => Ok(None),
        }
    }

    /// A constant that is one number.
    pub(crate) fn number(&self, index: usize) -> Result<Option<f64>, Error> {
        match self.optional(index)? {
            None => Ok(None),
            Some(array) => array
                .single()
                .map(Some)
                .ok_or_else(|| self.wrong_type(self.node.inputs[index], "one number")),
        }
    }

    /// A map whose dimensions are batch, channels, rows and columns.
    pub(crate) fn map(&self, draft: &Draft, index: usize) -> Result<(DraftId, usize, Size), Error> {
        let (id, shape) = match self.input(index)? {
            Value::Map { id, axes } if *axes == Axes::nchw() => (*id, draft.shape(*id)),
            Value::Map { axes, .. } => {
                return Err(self.refuse(format!(
                    "its input has dimensions {:?}, expected batch, channels, rows and columns",
                    axes.roles
                )));
            }
            Value::Vector { dims, .. } => {
                return Err(self.refuse(format!(
                    "its input is a vector of dimensions {dims:?}, expected a map"
                )));
            }
            Value::Constant(_) => return Err(self.refuse("its input is a constant")),
        };
        match shape {
            Shape::Map { channels, size } => Ok((id, channels, size)),
            Shape::Vector { .. } => Err(self.refuse("its input is a vector, expected a map")),
        }
    }

    /// A value that depends on the image.
    pub(crate) fn variable(&self, index: usize) -> Result<DraftId, Error> {
        match self.input(index)? {
            Value::Map { id, .. } | Value::Vector { id, .. } => Ok(*id),
            Value::Constant(_) => Err(self.refuse("its input is a constant")),
        }
    }

    // ---- outputs

    /// A node that keeps the shape of input 0.
    pub(crate) fn same_shape(&self, draft: &mut Draft, op: DraftOp) -> Result<Value, Error> {
        let id = self.variable(0)?;
        let shape = draft.shape(id);
        let new = draft.add(self.label(), op, vec![id], shape)?;
        Ok(replaced(self.input(0)?, new))
    }

    /// A map of batch, channels, rows and columns.
    pub(crate) fn new_map(
        &self,
        draft: &mut Draft,
        op: DraftOp,
        input: DraftId,
        (channels, size): (usize, Size),
    ) -> Result<Value, Error> {
        let shape = Shape::Map { channels, size };
        let id = draft.add(self.label(), op, vec![input], shape)?;
        Ok(Value::Map {
            id,
            axes: Axes::nchw(),
        })
    }

    /// A vector with these dimensions in the file.
    pub(crate) fn new_vector(
        &self,
        draft: &mut Draft,
        op: DraftOp,
        input: DraftId,
        dims: Vec<usize>,
    ) -> Result<Value, Error> {
        let len = dims.iter().product();
        let id = draft.add(self.label(), op, vec![input], Shape::Vector { len })?;
        Ok(Value::Vector { id, dims })
    }

    /// Channels of a value, chosen by index.
    pub(crate) fn gather(
        &self,
        draft: &mut Draft,
        value: &Value,
        channels: Vec<u32>,
    ) -> Result<Value, Error> {
        let id = match value {
            Value::Map { id, .. } | Value::Vector { id, .. } => *id,
            Value::Constant(_) => return Err(self.refuse("its input is a constant")),
        };
        let n = channels.len();
        if n == 0 {
            return Err(self.misfit("nothing is left"));
        }
        let shape = match draft.shape(id) {
            Shape::Map { size, .. } => Shape::Map { channels: n, size },
            Shape::Vector { .. } => Shape::Vector { len: n },
        };
        let op = DraftOp::Final(Op::Gather { channels });
        let new = draft.add(self.label(), op, vec![id], shape)?;
        Ok(replaced(value, new))
    }

    /// A dimension that may count from the end.
    pub(crate) fn axis(&self, axis: i64, rank: usize) -> Result<usize, Error> {
        let counted = match axis < 0 {
            true => axis.checked_add(rank as i64),
            false => Some(axis),
        };
        counted
            .and_then(|axis| usize::try_from(axis).ok())
            .filter(|&axis| axis < rank)
            .ok_or_else(|| self.misfit(format!("there is no axis {axis} of {rank}")))
    }
}

/// The same view of another node.
pub(crate) fn replaced(value: &Value, id: DraftId) -> Value {
    match value {
        Value::Map { axes, .. } => Value::Map {
            id,
            axes: axes.clone(),
        },
        Value::Vector { dims, .. } => Value::Vector {
            id,
            dims: dims.clone(),
        },
        Value::Constant(array) => Value::Constant(array.clone()),
    }
}

/// The dimensions that a value has in the file, at a batch of 1.
pub(crate) fn dims(draft: &Draft, value: &Value) -> Vec<usize> {
    let (id, axes) = match value {
        Value::Constant(array) => return array.shape.clone(),
        Value::Vector { dims, .. } => return dims.clone(),
        Value::Map { id, axes } => (*id, axes),
    };
    let (channels, size) = match draft.shape(id) {
        Shape::Map { channels, size } => (channels, size),
        Shape::Vector { len } => (len, Size { rows: 1, cols: 1 }),
    };
    let in_group = channels / axes.groups;
    let positions = size.rows * size.cols;
    let dim = |role: &Role| match role {
        Role::One => 1,
        Role::Channels => channels,
        Role::Rows => size.rows,
        Role::Cols => size.cols,
        Role::Group => axes.groups,
        Role::InGroup => in_group,
        Role::GroupValues => in_group * positions,
        Role::Positions => positions,
    };
    axes.roles.iter().map(dim).collect()
}
