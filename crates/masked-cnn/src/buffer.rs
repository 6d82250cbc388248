//! Memory for activations and weights, aligned to cache lines.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};

/// A cache line of 16 values, the widest vector there is.
#[derive(Debug, Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C, align(64))]
struct Line([f32; Line::LEN]);

impl Line {
    const LEN: usize = 16;
}

/// `f32` values that start at a cache line. On x86 an unaligned 64-byte load touches two lines.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    lines: Vec<Line>,
    len: usize,
}

impl Buffer {
    pub(crate) fn zeroed(len: usize) -> Self {
        let mut buffer = Self::default();
        buffer.set_len(len);
        buffer
    }

    /// Makes room for `len` values. What they are is left open: values of an earlier use or 0.
    fn set_len(&mut self, len: usize) {
        let n_lines = len.div_ceil(Line::LEN);
        if n_lines > self.lines.len() {
            self.lines.resize(n_lines, bytemuck::Zeroable::zeroed());
        }
        self.len = len;
    }

    fn n_lines(&self) -> usize {
        self.lines.len()
    }
}

impl Deref for Buffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &bytemuck::cast_slice(&self.lines)[..self.len]
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut bytemuck::cast_slice_mut(&mut self.lines)[..self.len]
    }
}

/// Buffers that are used again: fresh memory costs a page fault every 4 KiB.
#[derive(Debug, Default)]
pub(crate) struct BufferPool {
    free: Mutex<Vec<Buffer>>,
}

impl BufferPool {
    /// A buffer of `len` values that hold anything.
    pub(crate) fn take(&self, len: usize) -> Buffer {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let n_lines = len.div_ceil(Line::LEN);
        let fitting = (0..free.len())
            .filter(|&i| free[i].n_lines() >= n_lines)
            .min_by_key(|&i| free[i].n_lines());
        let mut buffer = match fitting {
            Some(index) => free.swap_remove(index),
            // The largest one that is too small makes room, so that the pool does not grow.
            None => {
                let largest = (0..free.len()).max_by_key(|&i| free[i].n_lines());
                drop(largest.map(|index| free.swap_remove(index)));
                Buffer::default()
            }
        };
        drop(free);
        buffer.set_len(len);
        buffer
    }

    /// Bytes of the buffers that wait to be used.
    pub(crate) fn bytes(&self) -> u64 {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let n_lines: usize = free.iter().map(Buffer::n_lines).sum();
        (n_lines * size_of::<Line>()) as u64
    }

    pub(crate) fn give_back(&self, buffer: Buffer) {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        free.push(buffer);
    }
}
