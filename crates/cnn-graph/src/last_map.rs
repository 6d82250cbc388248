//! The last map that all paths to the logits pass.

use crate::graph::Graph;
use crate::node::NodeId;
use crate::shape::Shape;

impl Graph {
    /// The last map that dominates the logits: every path from the image to them passes it, so that
    /// they are a function of this map alone. Grad-CAM explains by such a map. Selvaraju et al.,
    /// "Grad-CAM", 2017.
    pub fn last_map(&self) -> NodeId {
        // Every node lies on a path from the image to the logits. A node therefore dominates the
        // logits if and only if no later node reads an earlier one.
        let mut earliest_read = self.logits();
        let mut later = self.nodes();
        while let Some((node, earlier)) = later.split_last() {
            let id = NodeId(earlier.len());
            let is_map = matches!(node.shape, Shape::Map { .. });
            if is_map && earliest_read >= id {
                return id;
            }
            earliest_read = node.inputs.iter().copied().fold(earliest_read, NodeId::min);
            later = earlier;
        }
        self.input()
    }
}
