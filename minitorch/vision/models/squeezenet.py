"""SqueezeNet: few parameters, by 1x1 convolutions (Iandola et al. 2016). Parameters are named as torchvision's."""
from ...nn import AdaptiveAvgPool2d, Conv2d, Dropout, MaxPool2d, Module, ReLU, Sequential, init
from ...ops import cat
from .weights import Weights, choose


class Fire(Module):
    """Squeeze the channels, then expand them by 1x1 and by 3x3 convolutions side by side: (N, C, H, W) -> (N, K, H, W).

    K = expand1x1_planes + expand3x3_planes.
    """

    def __init__(self, inplanes, squeeze_planes, expand1x1_planes, expand3x3_planes):
        super().__init__()
        self.inplanes = inplanes
        self.squeeze = Conv2d(inplanes, squeeze_planes, 1)
        self.squeeze_activation = ReLU(inplace=True)
        self.expand1x1 = Conv2d(squeeze_planes, expand1x1_planes, 1)
        self.expand1x1_activation = ReLU(inplace=True)
        self.expand3x3 = Conv2d(squeeze_planes, expand3x3_planes, 3, padding=1)
        self.expand3x3_activation = ReLU(inplace=True)

    def forward(self, x):
        x = self.squeeze_activation(self.squeeze(x))
        return cat([self.expand1x1_activation(self.expand1x1(x)), self.expand3x3_activation(self.expand3x3(x))], 1)


_STEMS = {"1_0": (96, 7), "1_1": (64, 3)}  # channels and filter size of the first convolution
_FIRES = {  # (squeezed, expanded) channels; "M" halves the picture
    "1_0": [(16, 64), (16, 64), (32, 128), "M", (32, 128), (48, 192), (48, 192), (64, 256), "M", (64, 256)],
    "1_1": [(16, 64), (16, 64), "M", (32, 128), (32, 128), "M", (48, 192), (48, 192), (64, 256), (64, 256)]}


class SqueezeNet(Module):
    """`features`, then a 1x1 convolution to the classes and their mean: (N, 3, H, W) -> (N, num_classes)."""

    def __init__(self, version="1_0", num_classes=1000, dropout=0.5):
        super().__init__()
        self.num_classes = num_classes
        channels, filter_size = _STEMS[version]
        modules = [Conv2d(3, channels, filter_size, stride=2), ReLU(inplace=True), _half()]
        for fire in _FIRES[version]:
            if fire == "M":
                modules.append(_half())
            else:
                squeezed, expanded = fire
                modules.append(Fire(channels, squeezed, expanded, expanded))
                channels = 2 * expanded
        self.features = Sequential(*modules)
        last = Conv2d(channels, num_classes, 1)
        self.classifier = Sequential(Dropout(dropout), last, ReLU(inplace=True), AdaptiveAvgPool2d((1, 1)))
        for module in self.modules():
            if isinstance(module, Conv2d):
                if module is last:
                    init.normal_(module.weight, 0, 0.01)
                else:
                    init.kaiming_uniform_(module.weight)
                init.zeros_(module.bias)

    def forward(self, x):
        x = self.features(x)  # (N, 512, H / 16, W / 16)
        return self.classifier(x).flatten(1)  # (N, num_classes, 1, 1) -> (N, num_classes)


def _half():
    return MaxPool2d(3, stride=2, ceil_mode=True)


class SqueezeNet1_0_Weights(Weights):
    DEFAULT = IMAGENET1K_V1 = "squeezenet1_0-b66bff10.pth"


class SqueezeNet1_1_Weights(Weights):
    DEFAULT = IMAGENET1K_V1 = "squeezenet1_1-b8a52dc0.pth"


def _squeezenet(version, kind, weights, pretrained, progress, options):
    weights = choose(kind, weights, pretrained)
    model = SqueezeNet(version, **options)
    if weights is not None:
        model.load_state_dict(weights.get_state_dict(progress))
    return model


def squeezenet1_0(*, weights=None, pretrained=False, progress=True, **options):
    """1.2 million parameters. weights: None (random), or SqueezeNet1_0_Weights.DEFAULT (downloaded).

    >>> sum(p.numel() for p in squeezenet1_0().parameters())
    1248424
    """
    return _squeezenet("1_0", SqueezeNet1_0_Weights, weights, pretrained, progress, options)


def squeezenet1_1(*, weights=None, pretrained=False, progress=True, **options):
    """squeezenet1_0 for less than half the work. weights: None (random), or SqueezeNet1_1_Weights.DEFAULT."""
    return _squeezenet("1_1", SqueezeNet1_1_Weights, weights, pretrained, progress, options)
