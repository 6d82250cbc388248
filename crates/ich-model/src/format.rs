use std::fmt;

/// Formats of weights files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// `torch.save`: a zip archive since PyTorch 1.6.
    PyTorch,
    /// `torch.save` before PyTorch 1.6: a stream of pickles.
    PyTorchLegacy,
    /// `torch.jit.save`: an archive whose weights are read, and whose code is not.
    TorchScript,
    /// A length, a JSON header and the values.
    Safetensors,
    /// Burn's own container.
    Burnpack,
    /// A graph of operators with its constants.
    Onnx,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::PyTorch => "PyTorch",
            Format::PyTorchLegacy => "PyTorch (legacy)",
            Format::TorchScript => "TorchScript",
            Format::Safetensors => "safetensors",
            Format::Burnpack => "burnpack",
            Format::Onnx => "ONNX",
        })
    }
}
