//! ONNX's broadcasting.

/// The common shape of two arrays, which are aligned at their last dimensions. ONNX,
/// "Multidirectional Broadcasting".
pub(crate) fn broadcast(a: &[usize], b: &[usize]) -> Option<Vec<usize>> {
    let rank = a.len().max(b.len());
    let size = |shape: &[usize], at: usize| {
        let missing = rank - shape.len();
        if at < missing { 1 } else { shape[at - missing] }
    };
    let common = |at| match (size(a, at), size(b, at)) {
        (a, b) if a == b => Some(a),
        (1, b) => Some(b),
        (a, 1) => Some(a),
        _ => None,
    };
    (0..rank).map(common).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aligns_shapes_at_their_ends() {
        assert_eq!(broadcast(&[1, 8, 3, 5], &[8, 1, 1]), Some(vec![1, 8, 3, 5]));
        assert_eq!(broadcast(&[4], &[2, 1]), Some(vec![2, 4]));
        assert_eq!(broadcast(&[], &[3]), Some(vec![3]));
        assert_eq!(broadcast(&[2], &[3]), None);
    }
}
