"""VGG: small convolutions in a row (Simonyan, Zisserman 2014). Parameters are named as torchvision's."""
from ...nn import AdaptiveAvgPool2d, BatchNorm2d, Conv2d, Dropout, Linear, MaxPool2d, Module, ReLU, Sequential, init
from .weights import Weights, choose

_LAYERS = {  # channels of the 3x3 convolutions; "M" halves the picture
    11: [64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"],
    16: [64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M"],
    19: [64, 64, "M", 128, 128, "M", 256, 256, 256, 256, "M", 512, 512, 512, 512, "M", 512, 512, 512, 512, "M"]}


class VGG(Module):
    """`features`, then a classifier of three layers: (N, 3, H, W) -> (N, num_classes)."""

    def __init__(self, features, num_classes=1000, init_weights=True, dropout=0.5):
        super().__init__()
        self.features = features
        self.avgpool = AdaptiveAvgPool2d((7, 7))
        self.classifier = Sequential(
            Linear(512 * 7 * 7, 4096), ReLU(True), Dropout(dropout), Linear(4096, 4096), ReLU(True), Dropout(dropout),
            Linear(4096, num_classes))
        if init_weights:
            self._init_weights()

    def _init_weights(self):
        for module in self.modules():
            if isinstance(module, Conv2d):
                init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
                init.zeros_(module.bias)
            elif isinstance(module, Linear):
                init.normal_(module.weight, 0, 0.01)
                init.zeros_(module.bias)

    def forward(self, x):
        x = self.avgpool(self.features(x))  # (N, 512, 7, 7)
        return self.classifier(x.flatten(1))  # (N, num_classes)


def _features(layers, batch_norm):
    modules, channels = [], 3
    for width in layers:
        if width == "M":
            modules.append(MaxPool2d(2, stride=2))
        else:
            norm = [BatchNorm2d(width)] if batch_norm else []
            modules += [Conv2d(channels, width, 3, padding=1), *norm, ReLU(inplace=True)]
            channels = width
    return Sequential(*modules)


class VGG11_Weights(Weights):
    DEFAULT = IMAGENET1K_V1 = "vgg11-8a719046.pth"


class VGG11_BN_Weights(Weights):
    DEFAULT = IMAGENET1K_V1 = "vgg11_bn-6002323d.pth"


class VGG16_Weights(Weights):
    DEFAULT = IMAGENET1K_V1 = "vgg16-397923af.pth"


class VGG19_Weights(Weights):
    DEFAULT = IMAGENET1K_V1 = "vgg19-dcbb9e9d.pth"


def _vgg(depth, batch_norm, kind, weights, pretrained, progress, options):
    weights = choose(kind, weights, pretrained)
    model = VGG(_features(_LAYERS[depth], batch_norm), **{"init_weights": weights is None, **options})
    if weights is not None:
        model.load_state_dict(weights.get_state_dict(progress))
    return model


def vgg11(*, weights=None, pretrained=False, progress=True, **options):
    """11 layers, 133 million parameters. weights: None (random), or VGG11_Weights.DEFAULT (downloaded)."""
    return _vgg(11, False, VGG11_Weights, weights, pretrained, progress, options)


def vgg11_bn(*, weights=None, pretrained=False, progress=True, **options):
    """vgg11 with batch norm. weights: None (random), or VGG11_BN_Weights.DEFAULT (downloaded)."""
    return _vgg(11, True, VGG11_BN_Weights, weights, pretrained, progress, options)


def vgg16(*, weights=None, pretrained=False, progress=True, **options):
    """16 layers, 138 million parameters. weights: None (random), or VGG16_Weights.DEFAULT (downloaded)."""
    return _vgg(16, False, VGG16_Weights, weights, pretrained, progress, options)


def vgg19(*, weights=None, pretrained=False, progress=True, **options):
    """19 layers, 144 million parameters. weights: None (random), or VGG19_Weights.DEFAULT (downloaded)."""
    return _vgg(19, False, VGG19_Weights, weights, pretrained, progress, options)
