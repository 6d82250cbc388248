//! Sizes that the standard fixes, and limits of what is held.

/// Bytes of a header, without the four that announce extensions.
pub(super) const HEADER_BYTES: usize = 348;

/// The first byte at which voxels can stand in a single file.
pub(super) const FIRST_VOXEL: usize = 352;

/// Largest side of a volume.
pub(super) const MAX_SIDE: i16 = 8192;

/// Most voxels that are held: 512 slices of 512 x 512.
pub(super) const MAX_VOXELS: u64 = 1 << 27;
