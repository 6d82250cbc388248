use std::fmt;

/// A Burn device, as users name it: `flex`, `ndarray`, `wgpu`, `wgpu:N`, `remote:PORT` or `auto`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeviceName {
    /// Burn's Flex backend, CPU.
    Flex,
    /// Burn's ndarray backend, CPU.
    Ndarray,
    /// An adapter of the machine's graphics API by its number, or else the first that opens: GPUs
    /// before software.
    Wgpu(Option<usize>),
    /// A device of another process of this machine, which serves it on this port.
    Remote(u16),
    /// The first GPU, or the CPU where there is none.
    Auto,
}

/// The CPU, by the best backend of this build; a GPU where the build has nothing else.
impl Default for DeviceName {
    fn default() -> Self {
        if cfg!(feature = "flex") {
            Self::Flex
        } else if cfg!(feature = "ndarray") {
            Self::Ndarray
        } else {
            Self::Wgpu(None)
        }
    }
}

impl fmt::Display for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flex => f.write_str("flex"),
            Self::Ndarray => f.write_str("ndarray"),
            Self::Wgpu(None) => f.write_str("wgpu"),
            Self::Wgpu(Some(index)) => write!(f, "wgpu:{index}"),
            Self::Remote(port) => write!(f, "remote:{port}"),
            Self::Auto => f.write_str("auto"),
        }
    }
}
