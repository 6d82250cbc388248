//! How much an explanation is for the masked engine.

use masked_cnn::{Engine, Mask, Rect, Region, Size};

/// Levels of nodes that are counted, and how many nodes of each an explanation splits: as many as for
/// the phantom of the README.
const NODES: [f64; 4] = [1.0, 4.0, 13.0, 40.0];

/// Nodes of a level that stand for all.
const MOST_NODES: usize = 4;

/// Coalitions of four quadrants but none and all.
const PROPER: usize = 14;

/// The work of an average masked image of an explanation, as a share of that of a whole image, on an
/// engine for images of this size: 1 where masking saves nothing. Nothing is computed for it.
///
/// Counted are the products of convolutions and linear maps, for the coalitions of nodes whose sides
/// are the image's and its half, quarter and eighth, spread over the image.
pub fn share_of_work(engine: &Engine) -> f64 {
    let Size { rows, cols } = engine.size();
    let mut share = 0.0;
    for (level, n_nodes) in NODES.iter().enumerate() {
        let n_cuts = 1_usize << level;
        let n = n_cuts * n_cuts;
        let n_chosen = n.min(MOST_NODES);
        let mut regions = Vec::with_capacity(n_chosen * PROPER);
        for index in 0..n_chosen {
            let at = (2 * index + 1) * n / (2 * n_chosen);
            let edges = |side: usize, at: usize| {
                let edge = |half: usize| side * (2 * at + half) / (2 * n_cuts);
                [edge(0), edge(1), edge(2)]
            };
            // Along a diagonal band, so that neither rows nor columns repeat.
            let (row, col) = (at / n_cuts, (at + index) % n_cuts);
            let (rows, cols) = (edges(rows, row), edges(cols, col));
            for coalition in 1..=PROPER {
                let members = (0..4).filter(|quadrant| coalition & (1 << quadrant) != 0);
                let quadrant = |quadrant: usize| {
                    let (i, j) = (quadrant / 2, quadrant % 2);
                    Rect {
                        row: rows[i],
                        col: cols[j],
                        n_rows: rows[i + 1] - rows[i],
                        n_cols: cols[j + 1] - cols[j],
                    }
                };
                regions.push(Region::union(members.map(quadrant), engine.size()));
            }
        }
        let masks: Vec<Mask<'_>> = regions
            .iter()
            .enumerate()
            .map(|(index, shown)| Mask {
                background: 0,
                shown,
                group: index / PROPER,
            })
            .collect();
        share += n_nodes * engine.share_of_work(&masks);
    }
    share / NODES.iter().sum::<f64>()
}
