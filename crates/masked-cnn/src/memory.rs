//! How much memory activations take, and how much they may.

use std::sync::OnceLock;

use sysinfo::{CGroupLimits, ProcessRefreshKind, ProcessesToUpdate, System};

use crate::Error;
use crate::plan::LayerPlan;
use crate::program::{Layer, MapLayer, Program, Step, Work};

/// The most that is taken without being asked for.
const MOST_BYTES: u64 = 1 << 30;

/// Taken where the machine does not say what it has.
const UNKNOWN_BYTES: u64 = 1 << 28;

/// Bytes that activations may take.
#[derive(Debug)]
pub(crate) enum Budget {
    /// As the caller says.
    Given(u64),
    /// Chosen here. A single mask that needs more gets more, up to all that is left to the process
    /// when that happens first: later, freed memory may not be back.
    Chosen { bytes: u64, left: OnceLock<u64> },
}

impl Budget {
    /// The bytes given, or else a quarter of the memory that is free on the machine and in the
    /// process's control group, at most 1 GiB.
    pub(crate) fn of(given: Option<u64>) -> Self {
        match given {
            Some(bytes) => Self::Given(bytes),
            None => Self::of_this_process(),
        }
    }

    fn of_this_process() -> Self {
        Self::Chosen {
            bytes: Room::now().map_or(UNKNOWN_BYTES, |room| (room.free / 4).min(MOST_BYTES)),
            left: OnceLock::new(),
        }
    }

    pub(crate) fn bytes(&self) -> u64 {
        match self {
            Self::Given(bytes) | Self::Chosen { bytes, .. } => *bytes,
        }
    }

    /// What is left beside the bytes that a single image needs, where `left` bytes are to be had.
    pub(crate) fn room_beside(
        &self,
        needed: u64,
        left: impl FnOnce() -> u64,
    ) -> Result<u64, Error> {
        let budget = self.bytes();
        if needed <= budget {
            return Ok(budget - needed);
        }
        match self {
            Self::Given(_) => Err(Error::MemoryBudget { budget, needed }),
            Self::Chosen { left: known, .. } => match *known.get_or_init(left) {
                left if needed > left => Err(Error::MemoryLeft { left, needed }),
                _ => Ok(0),
            },
        }
    }
}

/// Bytes that this process may take; no limit where the machine does not say.
pub(crate) fn left() -> u64 {
    Room::now().map_or(u64::MAX, |room| room.left)
}

/// Memory on the machine and in the process's control group, the smaller of both.
#[derive(Debug, PartialEq, Eq)]
struct Room {
    /// Used by nothing.
    free: u64,
    /// With that of pages of files, which are given up where a process needs the memory.
    left: u64,
}

impl Room {
    fn now() -> Option<Self> {
        let mut system = System::new().ok()?;
        system.refresh_memory();
        match system.available_memory() {
            0 => None,
            available => Some(Self::of(available, &control_groups(&mut system))),
        }
    }

    fn of(available: u64, groups: &[CGroupLimits]) -> Self {
        let free = groups.iter().map(|group| group.free_memory);
        let left = groups
            .iter()
            .map(|group| group.total_memory.saturating_sub(group.rss));
        Self {
            free: free.fold(available, u64::min),
            left: left.fold(available, u64::min),
        }
    }
}

/// The limits of the process's own control group, and of the one that a container is.
fn control_groups(system: &mut System) -> Vec<CGroupLimits> {
    let own = sysinfo::get_current_pid().ok().and_then(|pid| {
        let kind = ProcessRefreshKind::nothing().without_tasks();
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), false, kind);
        system.process(pid)?.cgroup_limits()
    });
    own.into_iter().chain(system.cgroup_limits()).collect()
}

fn bytes(n_values: usize) -> u64 {
    n_values as u64 * size_of::<f32>() as u64
}

/// Bytes of an image or a background, as given.
pub(crate) fn given(program: &Program) -> u64 {
    let grid = program.image_grid();
    bytes(grid.n_tiles() * grid.tile_len())
}

/// Bytes of all activations of one image that are stored.
pub(crate) fn stored(program: &Program) -> u64 {
    let layers = program.layers.iter().filter(|layer| layer.is_stored());
    let maps = layers.filter_map(Layer::map);
    maps.map(|map| bytes(map.grid.n_tiles() * map.grid.tile_len()))
        .sum()
}

/// Most bytes that the layers of a run take at one time.
pub(crate) fn peak_of(program: &Program, plans: &[LayerPlan], n_images: usize) -> u64 {
    let (mut now, mut peak) = (0, 0);
    let mut unneeded = vec![0; program.layers.len()];
    for (index, layer) in program.layers.iter().enumerate() {
        let needed = match &layer.work {
            Work::Map(map) => bytes(plans[index].n_slots() * map.grid.tile_len()),
            Work::Vector(vector) => (n_images * vector.len * size_of::<f64>()) as u64,
        };
        now += needed;
        peak = peak.max(now);
        unneeded[layer.last_reader] += needed;
        now -= unneeded[index];
    }
    peak
}

/// Bytes that the threads use for patches and products.
pub(crate) fn scratch(program: &Program, n_threads: usize) -> u64 {
    let of_map = |map: &MapLayer| {
        let n_before = map
            .before
            .as_ref()
            .map_or(0, |before| map.most_tiles() * before.grid.tile_len());
        match &map.step {
            Step::Convolution(convolution) => {
                bytes(n_before + convolution.scratch_len(map.grid.channel_stride))
            }
            _ => 0,
        }
    };
    let maps = program.layers.iter().filter_map(Layer::map);
    maps.map(of_map).max().unwrap_or(0) * n_threads as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    /// A control group: its limit, what is free of it, and what processes hold of it, in MiB.
    fn group(total: u64, free: u64, rss: u64) -> CGroupLimits {
        CGroupLimits {
            total_memory: total * MIB,
            free_memory: free * MIB,
            free_swap: 0,
            rss: rss * MIB,
        }
    }

    #[test]
    fn the_tightest_limit_is_what_counts() {
        for (available, groups, free, left) in [
            (2000, vec![], 2000, 2000),
            (20_000, vec![group(400, 300, 60)], 300, 340),
            // A group with more than the machine has.
            (200, vec![group(4000, 3900, 100)], 200, 200),
            // Files read fill the group: little is free, and yet most of it is left.
            (20_000, vec![group(400, 8, 60)], 8, 340),
            (
                20_000,
                vec![group(3000, 2000, 900), group(1000, 600, 400)],
                600,
                600,
            ),
            (20_000, vec![group(400, 0, 500)], 0, 0),
        ] {
            let expected = Room {
                free: free * MIB,
                left: left * MIB,
            };
            assert_eq!(Room::of(available * MIB, &groups), expected, "{groups:?}");
        }
    }

    #[test]
    fn a_single_mask_gets_what_it_needs_of_what_is_left() {
        let chosen = Budget::Chosen {
            bytes: 100,
            left: OnceLock::new(),
        };
        let unasked = || panic!("the budget suffices");
        assert_eq!(chosen.room_beside(40, unasked).ok(), Some(60));
        assert_eq!(chosen.room_beside(300, || 300).ok(), Some(0));
        // What was left at first counts.
        let error = chosen.room_beside(301, || 1000);
        assert!(matches!(
            error,
            Err(Error::MemoryLeft {
                left: 300,
                needed: 301
            })
        ));
        let error = Budget::Given(100).room_beside(101, unasked);
        assert!(matches!(
            error,
            Err(Error::MemoryBudget {
                budget: 100,
                needed: 101
            })
        ));
    }

    #[test]
    fn this_process_has_a_budget() {
        let bytes = Budget::of_this_process().bytes();
        assert!(0 < bytes && bytes <= MOST_BYTES && bytes <= left());
    }
}
