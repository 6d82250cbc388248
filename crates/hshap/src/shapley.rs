/// Shapley values of a game of up to 16 players.
///
/// `worth[S]` is the worth of the coalition whose members are the bits set in S, so a game of n
/// players has `2^n` entries. The result holds one value per player and sums to
/// `worth[all] - worth[none]`; a player who changes nothing gets exactly 0.
///
/// phi_i = sum over S without i of |S|! (n - 1 - |S|)! / n! * (f(S + i) - f(S))
/// (Shapley, "A value for n-person games", 1953).
///
/// # Panics
///
/// If the number of entries is not a power of two, or exceeds `2^16`.
pub fn shapley_values(worth: &[f64]) -> Vec<f64> {
    assert!(
        worth.len().is_power_of_two() && worth.len() <= 1 << 16,
        "{} coalitions",
        worth.len()
    );
    let n_players = worth.len().ilog2() as usize;
    let weights: Vec<f64> = (0..n_players).map(|c| weight(c, n_players)).collect();
    (0..n_players)
        .map(|player| {
            let bit = 1 << player;
            (0..worth.len())
                .filter(|coalition| coalition & bit == 0)
                .map(|coalition| {
                    weights[coalition.count_ones() as usize]
                        * (worth[coalition | bit] - worth[coalition])
                })
                .sum()
        })
        .collect()
}

/// `c! (n - 1 - c)! / n!`, which is `1 / (n * binomial(n - 1, c))`.
fn weight(c: usize, n: usize) -> f64 {
    let binomial = (0..c).fold(1.0, |b, k| b * (n - 1 - k) as f64 / (k + 1) as f64);
    1.0 / (n as f64 * binomial)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_glove_game() {
        // One left glove (player 0) and two right gloves; a pair is worth 1: 2/3, 1/6, 1/6.
        let worth = [0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0];
        let phi = shapley_values(&worth);
        for (phi, expected) in phi.iter().zip([2.0 / 3.0, 1.0 / 6.0, 1.0 / 6.0]) {
            assert!((phi - expected).abs() < 1e-15);
        }
    }

    #[test]
    fn a_game_without_players_has_no_values() {
        assert!(shapley_values(&[3.0]).is_empty());
    }

    fn games() -> impl Strategy<Value = Vec<f64>> {
        (0_usize..5).prop_flat_map(|n| prop::collection::vec(-1.0..1.0, 1 << n))
    }

    proptest! {
        #[test]
        fn values_share_out_the_worth(worth in games()) {
            let total: f64 = shapley_values(&worth).iter().sum();
            prop_assert!((total - (worth[worth.len() - 1] - worth[0])).abs() < 1e-14);
        }

        #[test]
        fn a_null_player_gets_exactly_zero(worth in games(), at in 0_usize..5) {
            // Insert a player who changes nothing at position `at`.
            let at = at.min(worth.len().ilog2() as usize);
            let low = (1 << at) - 1;
            let extended: Vec<f64> = (0..2 * worth.len())
                .map(|s| worth[(s & low) | ((s >> 1) & !low)])
                .collect();
            let phi = shapley_values(&extended);
            prop_assert_eq!(phi[at], 0.0);
            // And leaves the others what they had.
            let others = phi.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, v)| v);
            for (with, without) in others.zip(shapley_values(&worth)) {
                prop_assert!((with - without).abs() < 1e-14);
            }
        }

        #[test]
        fn interchangeable_players_get_the_same(worth in prop::collection::vec(-1.0..1.0, 5)) {
            // Worth by size alone: all four players are alike.
            let game: Vec<f64> = (0..16_usize).map(|s| worth[s.count_ones() as usize]).collect();
            let phi = shapley_values(&game);
            for value in &phi {
                prop_assert!((value - phi[0]).abs() < 1e-15);
            }
        }
    }
}
