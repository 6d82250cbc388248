//! What a network may ask of a device, so that a graph from outside cannot exhaust its memory.
//!
//! A graph beyond a limit is refused before anything is allocated on the device. The limits are for
//! one image: memory grows with the images of a batch, whose number is the caller's.

/// Values held at once, or kept for a gradient: 4 GiB.
pub const MAX_HELD_VALUES: u64 = 1 << 30;

/// Values that one window of a convolution reads. Devices copy the windows of many positions at
/// once; the Flex device those of 512 positions, which are at most 512 MiB for each thread.
pub const MAX_WINDOW_VALUES: u64 = 1 << 18;
