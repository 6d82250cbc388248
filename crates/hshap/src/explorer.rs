//! The tree of games, all shifts together: level by level, or where it may end early the nodes
//! first that can change the map most.

use std::ops::ControlFlow;
use std::time::Instant;

use masked_cnn::{Rect, Region, Size};

use crate::earlier::remainder;
use crate::evaluator::{Batch, Evaluator};
use crate::exploration::Exploration;
use crate::game::{Board, Game, Node, nothing};
use crate::masked_model::{BackgroundIndex, Masked};
use crate::pixel_counts::PixelCounts;
use crate::{EndedBy, Error, Explanation, Interrupt, Progress, Run, Settings, Shift, Threshold};

/// Called after every batch.
pub(crate) type Observer<'a> = dyn FnMut(&Progress<'_>) -> ControlFlow<Interrupt> + 'a;

/// Nodes that are cut at once where the exploration may end early: more fill the processor better,
/// fewer are chosen better.
const N_AT_ONCE: usize = 8;

/// Most masked images that a node asks for: coalitions of four players but none and all.
const N_COALITIONS: usize = 14;

/// A shift over a background.
#[derive(Clone, Copy)]
pub(crate) struct Grid {
    pub(crate) shift: Shift,
    /// The background's place among those that the explainer was given.
    pub(crate) given: usize,
    pub(crate) background: BackgroundIndex,
}

/// Explores one image under several shifts.
pub(crate) struct Explorer<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) evaluator: Evaluator<'a>,
    /// For every background the pixels in which the image differs from it.
    pub(crate) differing: &'a [PixelCounts],
    pub(crate) size: Size,
    pub(crate) n_levels: usize,
    /// What the sum of the runs is divided by.
    pub(crate) divisor: usize,
    /// What an earlier explanation has found, by grid.
    pub(crate) earlier: Option<&'a [Run]>,
}

impl<'a> Explorer<'a> {
    /// Explores under every shift, each with its background.
    pub(crate) fn explore(
        mut self,
        grids: &[Grid],
        observer: &mut Observer<'_>,
    ) -> Result<Explanation, Error> {
        let start = Instant::now();
        if self.earlier.is_some_and(|runs| !are_of(runs, grids)) {
            return Err(Error::OtherRun {
                problem: "it has other shifts or backgrounds",
            });
        }
        let mut exploration = self.begin(grids, observer)?;
        let ended_by = loop {
            let bound = match self.settings.stop.is_never() {
                true => None,
                false => exploration.bound()?.map(|bound| bound.relative),
            };
            if exploration.n_open() == 0 {
                break None;
            }
            // Nodes that can add nothing are cut all the same: they have hardly a mask to evaluate.
            let tolerance = self.settings.stop.tolerance;
            if bound.is_some_and(|bound| bound > 0.0 && bound <= tolerance) {
                break Some(EndedBy::Tolerance);
            }
            if self
                .settings
                .stop
                .time
                .is_some_and(|time| start.elapsed() >= time)
            {
                break Some(EndedBy::Time);
            }
            let games = self.next_games(&exploration);
            if games.is_empty() {
                break Some(EndedBy::Evaluations);
            }
            match self.play(&mut exploration, &games, bound, observer)? {
                ControlFlow::Continue(()) => {}
                ControlFlow::Break(()) => break Some(EndedBy::Interrupt),
            }
        };
        if ended_by.is_none() && !exploration.has_leaf {
            return Err(nothing_important(exploration.output, &exploration.runs()));
        }
        let n_evaluated = self.evaluator.n_evaluated();
        let explanation =
            exploration.explanation(ended_by, n_evaluated, self.evaluator.traffic())?;
        let bound = explanation.unexplored.as_ref().map(|u| u.bound.as_ref());
        let end = Progress {
            level: self.n_levels,
            n_levels: self.n_levels,
            n_level_evaluated: 0,
            n_level: 0,
            n_evaluated,
            bound: match bound {
                Some(bound) => bound.map(|bound| bound.relative),
                None => Some(0.0),
            },
            snapshot: &|| Ok(explanation.clone()),
        };
        match observer(&end) {
            ControlFlow::Break(Interrupt::Discard) => Err(Error::Cancelled),
            _ => Ok(explanation),
        }
    }

    /// Evaluates the image and the backgrounds alone.
    fn begin(
        &mut self,
        grids: &[Grid],
        observer: &mut Observer<'_>,
    ) -> Result<Exploration<'a>, Error> {
        let root = Rect {
            row: 0,
            col: 0,
            n_rows: self.size.rows,
            n_cols: self.size.cols,
        };
        let everything = Masked {
            background: 0,
            shown: Region::union([root], self.size),
        };
        self.evaluator.request(std::slice::from_ref(&everything));
        for grid in grids {
            self.evaluator.request(&[nothing(grid.background)]);
        }
        let mut exploration = Exploration {
            settings: self.settings,
            size: self.size,
            n_levels: self.n_levels,
            divisor: self.divisor,
            output: 0.0,
            walks: Vec::new(),
            has_leaf: false,
        };
        // There is nothing to keep yet: an interrupt waits until there is.
        let evaluated = self.evaluator.evaluate_pending(&mut |batch| match tell(
            observer,
            &exploration,
            batch,
            0,
            None,
        ) {
            ControlFlow::Break(Interrupt::Discard) => ControlFlow::Break(Interrupt::Discard),
            _ => ControlFlow::Continue(()),
        })?;
        debug_assert!(evaluated.is_continue());
        exploration.output = self.evaluator.worth(&everything);
        for (index, grid) in grids.iter().enumerate() {
            let board = Board {
                size: self.size,
                shift: grid.shift,
                background: grid.background,
                differing: &self.differing[grid.background],
            };
            let root = Node {
                rect: root,
                score: 1.0,
                worth: exploration.output,
                level: 0,
                cell: None,
            };
            let empty = self.evaluator.worth(&nothing(grid.background));
            exploration.add(board, root, (grid.given, empty));
            if let Some(runs) = self.earlier {
                let run = &runs[index];
                let under = (self.settings, self.n_levels);
                let remainder = remainder(run, &board, root, empty, under)?;
                exploration.take_up(run, remainder);
            }
        }
        Ok(exploration)
    }

    /// The games to play next, each with its walk, requested; none where the evaluations do not
    /// suffice for one.
    fn next_games(&mut self, exploration: &Exploration<'a>) -> Vec<(usize, Game)> {
        let is_by_level = self.settings.stop.is_never()
            || matches!(self.settings.threshold, Threshold::Percentile(_));
        let width = N_AT_ONCE.max(self.settings.batch_size.div_ceil(N_COALITIONS));
        let nodes = exploration.next((!is_by_level).then_some(width));
        let mut games: Vec<(usize, Game)> = nodes
            .iter()
            .map(|(walk, node)| (*walk, exploration.walks[*walk].board.game(node)))
            .collect();
        let limit = self.settings.stop.evaluations.unwrap_or(usize::MAX);
        let mut n_fitting = 0;
        for (_, game) in &games {
            let n = self.evaluator.n_evaluated()
                + self.evaluator.n_pending()
                + self.evaluator.n_new(&game.coalitions);
            if n > limit {
                break;
            }
            self.evaluator.request(&game.coalitions);
            n_fitting += 1;
        }
        if is_by_level && n_fitting < games.len() {
            self.evaluator.forget_pending();
            n_fitting = 0;
        }
        games.truncate(n_fitting);
        games
    }

    /// Plays games; breaks where the observer keeps what there was before.
    fn play(
        &mut self,
        exploration: &mut Exploration<'a>,
        games: &[(usize, Game)],
        bound: Option<f64>,
        observer: &mut Observer<'_>,
    ) -> Result<ControlFlow<()>, Error> {
        let level = games.iter().map(|(_, game)| game.node.level + 1).max();
        let evaluated = self.evaluator.evaluate_pending(&mut |batch| {
            tell(observer, exploration, batch, level.unwrap_or(0), bound)
        })?;
        if evaluated.is_continue() {
            exploration.cut(games, &self.evaluator);
        }
        Ok(evaluated)
    }
}

fn are_of(runs: &[Run], grids: &[Grid]) -> bool {
    let grids = grids.iter().map(|grid| (grid.shift, grid.given));
    runs.iter().map(|run| (run.shift, run.background)).eq(grids)
}

fn tell(
    observer: &mut Observer<'_>,
    exploration: &Exploration<'_>,
    batch: &Batch,
    level: usize,
    bound: Option<f64>,
) -> ControlFlow<Interrupt> {
    observer(&Progress {
        level,
        n_levels: exploration.n_levels,
        n_level_evaluated: batch.n_answered,
        n_level: batch.n_asked,
        n_evaluated: batch.n_evaluated,
        bound,
        snapshot: &|| exploration.explanation(Some(EndedBy::Interrupt), batch.n_evaluated, None),
    })
}

/// The error for runs without a leaf.
fn nothing_important(output: f64, runs: &[Run]) -> Error {
    let top_level = runs.iter().flat_map(|run| {
        let cells = run.levels.first().map_or(&[][..], |level| &level.cells);
        cells.iter().map(|cell| (cell.score, run.background_output))
    });
    let largest = top_level.max_by(|(a, _), (b, _)| a.total_cmp(b));
    let (largest_score, background_output) = largest.unwrap_or((0.0, output));
    Error::NothingImportant {
        level: runs.iter().map(|run| run.levels.len()).max().unwrap_or(0),
        output,
        background_output,
        largest_score,
    }
}
