"""DenseNet: each layer sees the outputs of all before it (Huang et al. 2016). Parameters are named as torchvision's."""
from collections import OrderedDict

from ...nn import AvgPool2d, BatchNorm2d, Conv2d, Linear, MaxPool2d, Module, ModuleDict, ReLU, Sequential, init
from ...ops import cat, relu
from .weights import Weights, choose


class _DenseLayer(Module):
    """`growth` new channels, by a 1x1 and a 3x3 convolution: (N, C, H, W) -> (N, growth, H, W)."""

    def __init__(self, channels, growth, width):
        super().__init__()
        self.norm1 = BatchNorm2d(channels)
        self.relu1 = ReLU(inplace=True)
        self.conv1 = Conv2d(channels, width, 1, bias=False)
        self.norm2 = BatchNorm2d(width)
        self.relu2 = ReLU(inplace=True)
        self.conv2 = Conv2d(width, growth, 3, padding=1, bias=False)

    def forward(self, x):
        x = self.conv1(self.relu1(self.norm1(x)))
        return self.conv2(self.relu2(self.norm2(x)))


class _DenseBlock(ModuleDict):
    """Layers whose channels add up: (N, C, H, W) -> (N, C + layers * growth, H, W)."""

    def __init__(self, layers, channels, growth, width):
        super().__init__({f"denselayer{i + 1}": _DenseLayer(channels + i * growth, growth, width)
                          for i in range(layers)})

    def forward(self, x):
        for layer in self.values():
            x = cat([x, layer(x)], 1)
        return x


class _Transition(Sequential):
    """Half the channels and half the picture: (N, C, H, W) -> (N, C / 2, H / 2, W / 2)."""

    def __init__(self, channels):
        super().__init__(OrderedDict(
            norm=BatchNorm2d(channels), relu=ReLU(inplace=True), conv=Conv2d(channels, channels // 2, 1, bias=False),
            pool=AvgPool2d(2, stride=2)))


class DenseNet(Module):
    """A stem, dense blocks of `block_config[i]` layers with transitions between, a classifier: -> (N, num_classes)."""

    def __init__(self, growth_rate=32, block_config=(6, 12, 24, 16), num_init_features=64, bn_size=4,
                 num_classes=1000):
        super().__init__()
        channels = num_init_features
        self.features = Sequential(OrderedDict(
            conv0=Conv2d(3, channels, 7, stride=2, padding=3, bias=False), norm0=BatchNorm2d(channels),
            relu0=ReLU(inplace=True), pool0=MaxPool2d(3, stride=2, padding=1)))
        for i, layers in enumerate(block_config, 1):
            block = _DenseBlock(layers, channels, growth_rate, bn_size * growth_rate)
            self.features.add_module(f"denseblock{i}", block)
            channels += layers * growth_rate
            if i < len(block_config):
                self.features.add_module(f"transition{i}", _Transition(channels))
                channels //= 2
        self.features.add_module("norm5", BatchNorm2d(channels))
        self.classifier = Linear(channels, num_classes)
        for module in self.modules():
            if isinstance(module, Conv2d):
                init.kaiming_normal_(module.weight)
            elif isinstance(module, Linear):
                init.zeros_(module.bias)

    def forward(self, x):
        x = relu(self.features(x))  # (N, C, H / 32, W / 32)
        return self.classifier(x.mean((2, 3)))  # (N, C) -> (N, num_classes)


class DenseNet121_Weights(Weights):
    DEFAULT = IMAGENET1K_V1 = "densenet121-a639ec97.pth"


def densenet121(*, weights=None, pretrained=False, progress=True, **options):
    """121 layers, 8 million parameters. weights: None (random), or DenseNet121_Weights.DEFAULT (downloaded)."""
    weights = choose(DenseNet121_Weights, weights, pretrained)
    model = DenseNet(**options)
    if weights is not None:
        model.load_state_dict(weights.get_state_dict(progress))
    return model
