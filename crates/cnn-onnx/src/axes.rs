//! What a value of an ONNX graph is in terms of the graph that is made of it.

use crate::array::Array;
use crate::draft::DraftId;

/// A value of an ONNX graph.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    /// It does not depend on the image.
    Constant(Array),
    /// A map, whose dimensions in the file have these roles.
    Map { id: DraftId, axes: Axes },
    /// A vector: in the file all of its dimensions but one are 1.
    Vector { id: DraftId, dims: Vec<usize> },
}

/// The roles of a map's dimensions, in the order of the file.
///
/// Roles and not sizes decide what a dimension is: a map may have as many rows as channels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Axes {
    pub(crate) roles: Vec<Role>,
    /// Number of groups into which channels are split, 1 where they are not.
    pub(crate) groups: usize,
}

/// What a dimension of a map stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The batch, or any other dimension of size 1.
    One,
    Channels,
    Rows,
    Cols,
    /// Groups of channels.
    Group,
    /// The channels of a group.
    InGroup,
    /// Channels of a group, rows and columns, one after the other.
    GroupValues,
    /// Rows and columns, one after the other.
    Positions,
}

use Role::{Channels, Cols, Group, GroupValues, InGroup, One, Positions, Rows};

impl Axes {
    pub(crate) fn of(roles: &[Role]) -> Self {
        Self {
            roles: roles.to_vec(),
            groups: 1,
        }
    }

    pub(crate) fn nchw() -> Self {
        Self::of(&[One, Channels, Rows, Cols])
    }

    pub(crate) fn nhwc() -> Self {
        Self::of(&[One, Rows, Cols, Channels])
    }

    /// Groups of channels, rows and columns.
    pub(crate) fn grouped(groups: usize) -> Self {
        Self {
            roles: vec![One, Group, InGroup, Rows, Cols],
            groups,
        }
    }

    /// Groups of values.
    pub(crate) fn group_values(groups: usize) -> Self {
        Self {
            roles: vec![One, Group, GroupValues],
            groups,
        }
    }

    pub(crate) fn positions() -> Self {
        Self::of(&[Positions, Channels])
    }

    /// The dimension of this role.
    pub(crate) fn position(&self, role: Role) -> Option<usize> {
        self.roles.iter().position(|&r| r == role)
    }

    /// The role of the last dimension.
    pub(crate) fn last(&self) -> Option<Role> {
        self.roles.last().copied()
    }

    /// The same map with these roles. A map of one channel whose dimension was taken away and put
    /// back has its channel there.
    pub(crate) fn with_roles(&self, mut roles: Vec<Role>) -> Self {
        let is_single = |role: &Role| matches!(role, One | Rows | Cols);
        if roles.len() == 4
            && roles.iter().all(is_single)
            && let Some(batch) = roles.iter().position(|&role| role == One)
            && let Some(second) = roles[batch + 1..].iter().position(|&role| role == One)
        {
            roles[batch + 1 + second] = Channels;
        }
        Self {
            roles,
            groups: self.groups,
        }
    }
}
