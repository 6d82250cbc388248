"""The classifier in PyTorch, with a free width."""
import torch
from torch import nn
from torchvision.models.resnet import BasicBlock


class Encoder(nn.Module):
    """torchvision's ResNet-18 with a free width; same names, same order."""

    def __init__(self, w):
        super().__init__()
        self.conv1 = nn.Conv2d(3, w, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(w)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        c_in = w
        for i, c_out in enumerate([w, 2 * w, 4 * w, 8 * w], start=1):
            down = None
            if i > 1:
                down = nn.Sequential(nn.Conv2d(c_in, c_out, 1, 2, bias=False), nn.BatchNorm2d(c_out))
            blocks = [BasicBlock(c_in, c_out, 1 if i == 1 else 2, down), BasicBlock(c_out, c_out)]
            setattr(self, f"layer{i}", nn.Sequential(*blocks))
            c_in = c_out
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(8 * w, 2 * w)

    def forward(self, x):
        x = self.maxpool(torch.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(torch.flatten(self.avgpool(x), 1))


class Net(nn.Module):
    def __init__(self, w):
        super().__init__()
        self.encoder = Encoder(w)
        self.classifier = nn.Sequential(nn.Linear(2 * w, 1), nn.Sigmoid())

    def forward(self, x):
        return self.classifier(self.encoder(x))
