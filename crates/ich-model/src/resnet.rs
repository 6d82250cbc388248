use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

/// ResNet-18 as torchvision builds it, its last layer replaced by a linear map to features.
#[derive(Module, Debug)]
pub(crate) struct ResNet18 {
    pub(crate) conv1: Conv2d,
    pub(crate) bn1: BatchNorm,
    pub(crate) maxpool: MaxPool2d,
    pub(crate) layer1: [BasicBlock; 2],
    pub(crate) layer2: [BasicBlock; 2],
    pub(crate) layer3: [BasicBlock; 2],
    pub(crate) layer4: [BasicBlock; 2],
    pub(crate) fc: Linear,
}

impl ResNet18 {
    /// A network with `width` channels behind the stem, doubled by each of the later layers.
    pub(crate) fn init(width: usize, n_features: usize, device: &Device) -> Self {
        let layer = |c_in, c_out, stride| {
            [
                BasicBlock::init(c_in, c_out, stride, device),
                BasicBlock::init(c_out, c_out, 1, device),
            ]
        };
        Self {
            conv1: conv(3, width, 7, 2, device),
            bn1: BatchNormConfig::new(width).init(device),
            maxpool: MaxPool2dConfig::new([3, 3])
                .with_strides([2, 2])
                .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
                .init(),
            layer1: layer(width, width, 1),
            layer2: layer(width, 2 * width, 2),
            layer3: layer(2 * width, 4 * width, 2),
            layer4: layer(4 * width, 8 * width, 2),
            fc: LinearConfig::new(8 * width, n_features).init(device),
        }
    }

    /// The features; NaN for an image in which a value leaves the range of `f32`.
    ///
    /// # Shapes
    ///
    /// - input: `[n, 3, rows, cols]`
    /// - output: `[n, n_features]`
    pub(crate) fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let x = self.bn1.forward(self.conv1.forward(images));
        let overflow = overflow(&x);
        let x = self.maxpool.forward(relu(x)) + overflow;
        let x = self.blocks().fold(x, |x, block| block.forward(x));
        let pooled: Tensor<2> = x.mean_dims(&[2, 3]).flatten(1, 3);
        self.fc.forward(pooled)
    }

    /// The blocks of all four layers.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = &BasicBlock> {
        [&self.layer1, &self.layer2, &self.layer3, &self.layer4]
            .into_iter()
            .flatten()
    }
}

/// Two 3 x 3 convolutions with a shortcut around them.
#[derive(Module, Debug)]
pub(crate) struct BasicBlock {
    pub(crate) conv1: Conv2d,
    pub(crate) bn1: BatchNorm,
    pub(crate) conv2: Conv2d,
    pub(crate) bn2: BatchNorm,
    pub(crate) downsample: Option<(Conv2d, BatchNorm)>,
}

impl BasicBlock {
    fn init(c_in: usize, c_out: usize, stride: usize, device: &Device) -> Self {
        let downsample = (stride != 1 || c_in != c_out).then(|| {
            (
                conv(c_in, c_out, 1, stride, device),
                BatchNormConfig::new(c_out).init(device),
            )
        });
        Self {
            conv1: conv(c_in, c_out, 3, stride, device),
            bn1: BatchNormConfig::new(c_out).init(device),
            conv2: conv(c_out, c_out, 3, 1, device),
            bn2: BatchNormConfig::new(c_out).init(device),
            downsample,
        }
    }

    pub(crate) fn n_convolutions(&self) -> usize {
        2 + usize::from(self.downsample.is_some())
    }

    /// # Shapes
    ///
    /// - input: `[n, c_in, rows, cols]`
    /// - output: `[n, c_out, rows / stride, cols / stride]`, rounded up
    pub(crate) fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let shortcut = match &self.downsample {
            Some((conv, bn)) => bn.forward(conv.forward(x.clone())),
            None => x.clone(),
        };
        let x = rectify(self.bn1.forward(self.conv1.forward(x)));
        let x = self.bn2.forward(self.conv2.forward(x));
        rectify(x + shortcut)
    }
}

/// `relu(x)`; NaN for an image with a value that is not finite, as `relu` would make 0 of minus
/// infinity.
fn rectify(x: Tensor<4>) -> Tensor<4> {
    let overflow = overflow(&x);
    relu(x) + overflow
}

/// 0 for each image, NaN for one with a value that is not finite.
///
/// # Shapes
///
/// - input: `[n, channels, rows, cols]`
/// - output: `[n, 1, 1, 1]`
fn overflow(x: &Tensor<4>) -> Tensor<4> {
    let [n, channels, rows, cols] = x.dims();
    let values = x.clone().reshape([n, channels * rows * cols]);
    // Times 0 before they are added, so that the sum itself exceeds no range, not even that of f16.
    (values * 0.0).sum_dim(1).reshape([n, 1, 1, 1])
}

/// A square convolution without bias, padded so that stride 1 keeps the size.
fn conv(c_in: usize, c_out: usize, kernel: usize, stride: usize, device: &Device) -> Conv2d {
    let pad = kernel / 2;
    Conv2dConfig::new([c_in, c_out], [kernel, kernel])
        .with_stride([stride, stride])
        .with_padding(PaddingConfig2d::Explicit(pad, pad, pad, pad))
        .with_bias(false)
        .init(device)
}
