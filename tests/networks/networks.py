"""The networks of this folder, in PyTorch and Keras."""
import os

os.environ["KERAS_BACKEND"] = "torch"
import keras, torch
from torch import nn


def conv(c_in, c_out, stride=1, kernel=3):
    return nn.Sequential(nn.Conv2d(c_in, c_out, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(c_out), nn.ReLU())


def pooled(channels, outputs):
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, outputs))


def six_labels():
    """Logits of six labels of an image of any size; trained."""
    return nn.Sequential(conv(3, 8, 2), conv(8, 16, 2), conv(16, 16), conv(16, 24, 2), conv(24, 20), pooled(20, 6))


def windows_and_hounsfield():
    """One probability of two channels."""
    return nn.Sequential(conv(2, 6, 2), nn.MaxPool2d(3, 2, 1), conv(6, 8), pooled(8, 1), nn.Sigmoid())


class Residual(nn.Module):
    """A residual block that halves the image."""

    def __init__(self, c_in, c_out):
        super().__init__()
        self.body = nn.Sequential(conv(c_in, c_out, 2), nn.Conv2d(c_out, c_out, 3, padding=1, bias=False), nn.BatchNorm2d(c_out))
        self.skip = nn.Conv2d(c_in, c_out, 1, 2)

    def forward(self, x):
        return torch.relu(self.body(x) + self.skip(x))


def three_slices():
    """One probability of three neighbouring slices."""
    return nn.Sequential(conv(3, 8, 2), Residual(8, 8), Residual(8, 12), pooled(12, 1), nn.Sigmoid())


class Dense(nn.Module):
    """A dense layer: its new channels stand behind those it read."""

    def __init__(self, c_in, growth):
        super().__init__()
        self.layer = nn.Sequential(nn.BatchNorm2d(c_in), nn.ReLU(), nn.Conv2d(c_in, growth, 3, padding=1, bias=False))

    def forward(self, x):
        return torch.cat([x, self.layer(x)], 1)


class Photographs(nn.Module):
    """Probabilities of five classes of an RGB image from 0 to 1, which the network itself normalises."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1))
        self.features = nn.Sequential(
            nn.Conv2d(3, 8, 5, 2, 2), Dense(8, 6), Dense(14, 6), nn.BatchNorm2d(20), nn.ReLU(), nn.Conv2d(20, 10, 1, bias=False),
            nn.AvgPool2d(2, 2), Dense(10, 6), Dense(16, 6), nn.BatchNorm2d(22), nn.ReLU())
        self.classifier = pooled(22, 5)

    def forward(self, x):
        return torch.softmax(self.classifier(self.features((x - self.mean) / self.std)), 1)


def keras_nhwc(side):
    """Probabilities of two classes of one channel; rows and columns stand before channels, and the last layer reads every position."""
    x = image = keras.Input((side, side, 1), name="image")
    x = keras.layers.Rescaling(1 / 255)(x)
    for channels, stride in [(6, 2), (8, 2), (8, 2)]:
        x = keras.layers.Conv2D(channels, 3, strides=stride, padding="same", use_bias=False)(x)
        x = keras.layers.BatchNormalization()(x)
        x = keras.layers.ReLU()(x)
    x = keras.layers.MaxPooling2D(2)(x)
    x = keras.layers.Flatten()(x)
    return keras.Model(image, keras.layers.Dense(2, activation="softmax")(x))
