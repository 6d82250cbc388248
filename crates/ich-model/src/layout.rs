//! The network as a list of layers: what their tensors are called, and their shapes.

use crate::net::n_features;

/// A square convolution and the batch normalisation behind it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ConvLayer {
    pub(crate) conv: String,
    pub(crate) norm: String,
    pub(crate) c_in: usize,
    pub(crate) c_out: usize,
    pub(crate) kernel: usize,
    pub(crate) stride: usize,
}

/// Two convolutions, with one on the shortcut where sizes change.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BlockLayers {
    pub(crate) first: ConvLayer,
    pub(crate) second: ConvLayer,
    pub(crate) downsample: Option<ConvLayer>,
}

/// A linear map.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LinearLayer {
    pub(crate) name: &'static str,
    pub(crate) n_in: usize,
    pub(crate) n_out: usize,
}

/// Whose names and orientation the tensors of a file have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Naming {
    /// Those of a PyTorch state dict.
    PyTorch,
    /// Those of the network's fields in Burn: normalisation has `gamma` and `beta`, linear weights
    /// are `[inputs, outputs]`.
    Burn,
}

/// The layers of a network of one width.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Layout {
    pub(crate) stem: ConvLayer,
    pub(crate) blocks: Vec<BlockLayers>,
    pub(crate) features: LinearLayer,
    pub(crate) classifier: LinearLayer,
}

/// The tensor whose first dimension is the width.
pub(crate) const STEM: &str = "encoder.conv1.weight";

impl Layout {
    /// The network with `width` channels behind the stem.
    pub(crate) fn of_width(width: usize) -> Self {
        let mut blocks = Vec::new();
        let mut c_in = width;
        for layer in 1..=4 {
            let c_out = width << (layer - 1);
            for block in 0..2 {
                let stride = if layer > 1 && block == 0 { 2 } else { 1 };
                blocks.push(block_layers(
                    &format!("encoder.layer{layer}.{block}"),
                    c_in,
                    c_out,
                    stride,
                ));
                c_in = c_out;
            }
        }
        let n_features = n_features(width);
        Self {
            stem: conv("encoder", "conv1", "bn1", [3, width], 7, 2),
            blocks,
            features: LinearLayer {
                name: "encoder.fc",
                n_in: c_in,
                n_out: n_features,
            },
            classifier: LinearLayer {
                name: "classifier.0",
                n_in: n_features,
                n_out: 1,
            },
        }
    }

    /// Names and shapes of all tensors.
    pub(crate) fn tensors(&self, naming: Naming) -> Vec<(String, Vec<usize>)> {
        let (scale, shift) = match naming {
            Naming::PyTorch => ("weight", "bias"),
            Naming::Burn => ("gamma", "beta"),
        };
        let mut tensors = Vec::new();
        for layer in self.convolutions() {
            let (name, k) = (&layer.conv, layer.kernel);
            tensors.push((
                format!("{name}.weight"),
                vec![layer.c_out, layer.c_in, k, k],
            ));
            for part in [scale, shift, "running_mean", "running_var"] {
                tensors.push((format!("{}.{part}", layer.norm), vec![layer.c_out]));
            }
        }
        for linear in [&self.features, &self.classifier] {
            let shape = match naming {
                Naming::PyTorch => vec![linear.n_out, linear.n_in],
                Naming::Burn => vec![linear.n_in, linear.n_out],
            };
            tensors.push((format!("{}.weight", linear.name), shape));
            tensors.push((format!("{}.bias", linear.name), vec![linear.n_out]));
        }
        tensors
    }

    /// All convolutions, from the input on.
    pub(crate) fn convolutions(&self) -> impl Iterator<Item = &ConvLayer> {
        let blocks = self.blocks.iter().flat_map(|block| {
            [&block.first, &block.second]
                .into_iter()
                .chain(&block.downsample)
        });
        std::iter::once(&self.stem).chain(blocks)
    }
}

fn block_layers(name: &str, c_in: usize, c_out: usize, stride: usize) -> BlockLayers {
    BlockLayers {
        first: conv(name, "conv1", "bn1", [c_in, c_out], 3, stride),
        second: conv(name, "conv2", "bn2", [c_out, c_out], 3, 1),
        downsample: (stride != 1 || c_in != c_out).then(|| {
            conv(
                name,
                "downsample.0",
                "downsample.1",
                [c_in, c_out],
                1,
                stride,
            )
        }),
    }
}

fn conv(
    place: &str,
    conv: &str,
    norm: &str,
    [c_in, c_out]: [usize; 2],
    kernel: usize,
    stride: usize,
) -> ConvLayer {
    ConvLayer {
        conv: format!("{place}.{conv}"),
        norm: format!("{place}.{norm}"),
        c_in,
        c_out,
        kernel,
        stride,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use burn::tensor::Device;
    use burn_store::{BurnToPyTorchAdapter, ModuleAdapter, ModuleSnapshot};

    use super::*;
    use crate::RsnaHemorrhageNetConfig;

    #[test]
    fn names_and_shapes_are_those_of_the_network() {
        for width in [1, 4] {
            let config = RsnaHemorrhageNetConfig::new().with_width(width);
            let net = config.init(&Device::flex()).expect("a network");
            let adapter: Box<dyn ModuleAdapter> = Box::new(BurnToPyTorchAdapter);
            for (naming, adapter) in [(Naming::PyTorch, Some(adapter)), (Naming::Burn, None)] {
                let expected: BTreeMap<String, Vec<usize>> = net
                    .collect(None, adapter, false)
                    .into_iter()
                    .map(|tensor| (tensor.name.clone(), tensor.shape.to_vec()))
                    .collect();
                let found: BTreeMap<_, _> = Layout::of_width(width)
                    .tensors(naming)
                    .into_iter()
                    .collect();
                assert_eq!(found, expected);
            }
        }
    }
}
