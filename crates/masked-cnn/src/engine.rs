use crate::buffer::{Buffer, BufferPool};
use crate::error::expect_finite;
use crate::kernels::{InstructionSet, Kernels};
use crate::lower::lower;
use crate::memory::{self, Budget};
use crate::plan::LayerPlan;
use crate::program::{Layer, Program, Work};
use crate::run::Runner;
use crate::tile::SIDE;
use crate::view::Stored;
use crate::{Error, Size};
use cnn_graph::{End, Graph};

/// How an [`Engine`] uses the machine. Nothing here changes an answer by a single bit, except the
/// instruction set, and too little memory for a group of masks ([`evaluate`](crate::MaskedImage::evaluate)).
///
/// | field | default | meaning | valid |
/// | --- | --- | --- | --- |
/// | `n_threads` | all cores | threads that compute | at least 1 |
/// | `memory_bytes` | a quarter of the memory that is free for the process, at most 1 GiB; more where one mask needs it | activations of a batch and of the stored images together | what one mask needs, or more |
/// | `instruction_set` | the fastest | vector instructions | one of [`InstructionSet::available`] |
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// Threads that compute; the cores of the machine if none.
    pub n_threads: Option<usize>,
    /// Bytes for activations; chosen from the machine if none.
    pub memory_bytes: Option<u64>,
    /// Vector instructions; the fastest available if none.
    pub instruction_set: Option<InstructionSet>,
}

impl Settings {
    /// These settings with so many threads.
    pub fn with_n_threads(self, n_threads: impl Into<Option<usize>>) -> Self {
        Self {
            n_threads: n_threads.into(),
            ..self
        }
    }

    /// These settings with so many bytes for activations.
    pub fn with_memory_bytes(self, memory_bytes: impl Into<Option<u64>>) -> Self {
        Self {
            memory_bytes: memory_bytes.into(),
            ..self
        }
    }

    /// These settings with these vector instructions.
    pub fn with_instruction_set(self, set: impl Into<Option<InstructionSet>>) -> Self {
        Self {
            instruction_set: set.into(),
            ..self
        }
    }
}

/// A network ready to run. Threads may share it; masks and images that they hand over at the same
/// time each take the memory that the settings allow.
#[derive(Debug)]
pub struct Engine {
    pub(crate) program: Program,
    kernels: Kernels,
    instruction_set: InstructionSet,
    pub(crate) threads: rayon::ThreadPool,
    buffers: BufferPool,
    budget: Budget,
}

impl Engine {
    /// Prepares a network for this machine: what is computed together, and its weights packed.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] if the machine cannot serve the settings, [`Error::Unsupported`] if the graph
    /// has a node of a kind that this version does not know.
    pub fn new(graph: &Graph, settings: &Settings) -> Result<Self, Error> {
        let available = InstructionSet::available();
        let instruction_set = settings.instruction_set.unwrap_or(available[0]);
        let kernels = Kernels::new(instruction_set).ok_or_else(|| Error::Setting {
            setting: "instruction_set",
            problem: format!("{instruction_set:?}, this machine has {available:?}"),
        })?;
        if settings.n_threads == Some(0) {
            return Err(Error::Setting {
                setting: "n_threads",
                problem: "0, expected at least 1".to_owned(),
            });
        }
        let threads = rayon::ThreadPoolBuilder::new()
            .num_threads(settings.n_threads.unwrap_or(0))
            .thread_name(|index| format!("masked-cnn-{index}"))
            .build()
            .map_err(|error| Error::Setting {
                setting: "n_threads",
                problem: error.to_string(),
            })?;
        Ok(Self {
            program: threads.install(|| lower(graph, kernels))?,
            kernels,
            instruction_set,
            threads,
            buffers: BufferPool::default(),
            budget: Budget::of(settings.memory_bytes),
        })
    }

    /// The same packed weights with another end of the network.
    pub fn with_end(mut self, end: End) -> Self {
        self.program.end = end;
        self
    }

    /// The same packed weights with another [`Settings::memory_bytes`].
    pub fn with_memory_bytes(mut self, memory_bytes: impl Into<Option<u64>>) -> Self {
        self.budget = Budget::of(memory_bytes.into());
        self
    }

    /// Channels of the images.
    pub fn n_channels(&self) -> usize {
        self.program.n_channels
    }

    /// Rows and columns of the images.
    pub fn size(&self) -> Size {
        self.program.size
    }

    /// Numbers in an answer.
    pub fn n_outputs(&self) -> usize {
        self.program.n_outputs
    }

    /// The vector instructions in use.
    pub fn instruction_set(&self) -> InstructionSet {
        self.instruction_set
    }

    /// Threads that compute.
    pub fn n_threads(&self) -> usize {
        self.threads.current_num_threads()
    }

    /// Bytes that activations may take. Where none were given, a single mask of a large image may
    /// take more.
    pub fn memory_bytes(&self) -> u64 {
        self.budget.bytes()
    }

    /// The answers `[n, n_outputs]` for images `[n, channels, rows, cols]`, row-major.
    ///
    /// # Errors
    ///
    /// [`Error::NotWholeImages`], [`Error::NotFinite`] for a pixel that is no number,
    /// [`Error::Overflow`], and [`Error::MemoryBudget`] or [`Error::MemoryLeft`] if there is too
    /// little memory for one image.
    pub fn forward(&self, images: &[f32]) -> Result<Vec<f32>, Error> {
        let image_len = self.program.image_len();
        if !images.len().is_multiple_of(image_len) {
            return Err(Error::NotWholeImages {
                found: images.len(),
                image_len,
            });
        }
        expect_finite("images", images)?;
        let per_image = self.program.dense_peak();
        let scratch = memory::scratch(&self.program, self.n_threads());
        let room = self.room_beside(per_image + scratch)?;
        let n_fitting = 1 + (room / per_image.max(1)) as usize;
        self.threads.install(|| {
            let mut answers = Vec::new();
            for batch in images.chunks(n_fitting.saturating_mul(image_len)) {
                let n_images = batch.len() / image_len;
                let plans = self.program.dense_plans(n_images);
                let input = self.tiles_of(batch);
                answers.extend(self.runner().answers(&plans, input, None, n_images));
            }
            self.expect_answers(&answers, 0)?;
            Ok(answers)
        })
    }

    /// The memory that a single image leaves for more.
    pub(crate) fn room_beside(&self, needed: u64) -> Result<u64, Error> {
        let left = || memory::left().saturating_add(self.buffers.bytes());
        self.budget.room_beside(needed, left)
    }

    /// An error if there is no answer for an image; `first` is the position of the first one.
    pub(crate) fn expect_answers(&self, answers: &[f32], first: usize) -> Result<(), Error> {
        match answers.iter().position(|answer| answer.is_nan()) {
            None => Ok(()),
            Some(at) => Err(Error::Overflow {
                index: first + at / self.n_outputs(),
            }),
        }
    }

    pub(crate) fn runner(&self) -> Runner<'_> {
        Runner {
            program: &self.program,
            kernels: self.kernels,
            buffers: &self.buffers,
        }
    }

    pub(crate) fn buffers(&self) -> &BufferPool {
        &self.buffers
    }

    /// The activations of one unmasked image, given in tiles.
    pub(crate) fn store(&self, image: Buffer) -> Stored {
        self.runner().store(image)
    }

    /// Images `[n, channels, rows, cols]` in tiles, channels last.
    pub(crate) fn tiles_of(&self, images: &[f32]) -> Buffer {
        let grid = self.program.image_grid();
        let plane = grid.size.rows * grid.size.cols;
        let n_channels = grid.channel_stride;
        let n_images = images.len() / (plane * n_channels);
        let mut tiles = self
            .buffers
            .take(n_images * grid.n_tiles() * grid.tile_len());
        let per_image = grid.n_tiles() * grid.tile_len();
        let images = images.chunks_exact(plane * n_channels);
        for (image, tiles) in images.zip(tiles.chunks_exact_mut(per_image)) {
            for (tile, values) in tiles.chunks_exact_mut(grid.tile_len()).enumerate() {
                values.fill(0.0);
                let (rows, cols) = grid.span_of(tile);
                for (i, row) in rows.enumerate() {
                    for (j, col) in cols.clone().enumerate() {
                        let position = &mut values[(i * SIDE + j) * n_channels..][..n_channels];
                        for (value, plane) in position.iter_mut().zip(image.chunks_exact(plane)) {
                            *value = plane[row * grid.size.cols + col];
                        }
                    }
                }
            }
        }
        tiles
    }
}

impl Program {
    /// Plans that compute everything.
    pub(crate) fn dense_plans(&self, n_images: usize) -> Vec<LayerPlan> {
        let plan = |layer: &Layer| match &layer.work {
            Work::Map(map) => LayerPlan::dense(map.grid.n_tiles(), n_images),
            Work::Vector(_) => LayerPlan::dense(0, n_images),
        };
        self.layers.iter().map(plan).collect()
    }

    /// Most bytes that the layers of one image take at one time.
    pub(crate) fn dense_peak(&self) -> u64 {
        memory::peak_of(self, &self.dense_plans(1), 1)
    }
}
