"""ResNet: networks of residual blocks, x + f(x) (He, Zhang, Ren, Sun 2015). Parameters are named as torchvision's."""
from ...nn import AdaptiveAvgPool2d, BatchNorm2d, Conv2d, Linear, MaxPool2d, Module, ReLU, Sequential, init
from .weights import Weights, choose


class BasicBlock(Module):
    """relu(x + f(x)), f two 3x3 convolutions: (N, C, H, W) -> (N, K, H / stride, W / stride)."""

    expansion = 1

    def __init__(self, inplanes, planes, stride=1, downsample=None):
        super().__init__()
        self.conv1 = Conv2d(inplanes, planes, 3, stride, padding=1, bias=False)
        self.bn1 = BatchNorm2d(planes)
        self.relu = ReLU(inplace=True)
        self.conv2 = Conv2d(planes, planes, 3, padding=1, bias=False)
        self.bn2 = BatchNorm2d(planes)
        self.downsample = downsample

    def forward(self, x):
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return self.relu(out + (x if self.downsample is None else self.downsample(x)))


class Bottleneck(Module):
    """relu(x + f(x)), f a 3x3 convolution of `planes` channels between 1x1 ones: (N, C, H, W) -> (N, 4 planes, ...)."""

    expansion = 4

    def __init__(self, inplanes, planes, stride=1, downsample=None):
        super().__init__()
        self.conv1 = Conv2d(inplanes, planes, 1, bias=False)
        self.bn1 = BatchNorm2d(planes)
        self.conv2 = Conv2d(planes, planes, 3, stride, padding=1, bias=False)
        self.bn2 = BatchNorm2d(planes)
        self.conv3 = Conv2d(planes, planes * 4, 1, bias=False)
        self.bn3 = BatchNorm2d(planes * 4)
        self.relu = ReLU(inplace=True)
        self.downsample = downsample

    def forward(self, x):
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        return self.relu(out + (x if self.downsample is None else self.downsample(x)))


class ResNet(Module):
    """A stem, four stages of `layers[i]` blocks, and a classifier: (N, 3, H, W) -> (N, num_classes)."""

    def __init__(self, block, layers, num_classes=1000):
        super().__init__()
        self.inplanes = 64
        self.conv1 = Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = BatchNorm2d(64)
        self.relu = ReLU(inplace=True)
        self.maxpool = MaxPool2d(3, stride=2, padding=1)
        self.layer1 = self._make_layer(block, 64, layers[0], stride=1)
        self.layer2 = self._make_layer(block, 128, layers[1], stride=2)
        self.layer3 = self._make_layer(block, 256, layers[2], stride=2)
        self.layer4 = self._make_layer(block, 512, layers[3], stride=2)
        self.avgpool = AdaptiveAvgPool2d((1, 1))
        self.fc = Linear(512 * block.expansion, num_classes)
        for module in self.modules():
            if isinstance(module, Conv2d):
                init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def _make_layer(self, block, planes, blocks, stride):
        """The first block may halve the picture and widen it; its shortcut is then a 1x1 convolution."""
        width = planes * block.expansion
        downsample = None
        if stride != 1 or self.inplanes != width:
            downsample = Sequential(Conv2d(self.inplanes, width, 1, stride, bias=False), BatchNorm2d(width))
        first = block(self.inplanes, planes, stride, downsample)
        self.inplanes = width
        return Sequential(first, *(block(width, planes) for _ in range(1, blocks)))

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))  # (N, 64, H / 4, W / 4)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))  # (N, C, H / 32, W / 32)
        return self.fc(self.avgpool(x).flatten(1))  # (N, C) -> (N, num_classes)


class ResNet18_Weights(Weights):
    DEFAULT = IMAGENET1K_V1 = "resnet18-f37072fd.pth"


class ResNet34_Weights(Weights):
    DEFAULT = IMAGENET1K_V1 = "resnet34-b627a593.pth"


class ResNet50_Weights(Weights):
    IMAGENET1K_V1 = "resnet50-0676ba61.pth"
    DEFAULT = IMAGENET1K_V2 = "resnet50-11ad3fa6.pth"


def _resnet(block, layers, kind, weights, pretrained, progress, options):
    weights = choose(kind, weights, pretrained)
    model = ResNet(block, layers, **options)
    if weights is not None:
        model.load_state_dict(weights.get_state_dict(progress))
    return model


def resnet18(*, weights=None, pretrained=False, progress=True, **options):
    """18 layers, 11.7 million parameters. weights: None (random), or ResNet18_Weights.DEFAULT (downloaded).

    >>> sum(p.numel() for p in resnet18().parameters())
    11689512
    """
    return _resnet(BasicBlock, [2, 2, 2, 2], ResNet18_Weights, weights, pretrained, progress, options)


def resnet34(*, weights=None, pretrained=False, progress=True, **options):
    """34 layers, 21.8 million parameters. weights: None (random), or ResNet34_Weights.DEFAULT (downloaded)."""
    return _resnet(BasicBlock, [3, 4, 6, 3], ResNet34_Weights, weights, pretrained, progress, options)


def resnet50(*, weights=None, pretrained=False, progress=True, **options):
    """50 layers, 25.6 million parameters. weights: None (random), or ResNet50_Weights.DEFAULT (downloaded)."""
    return _resnet(Bottleneck, [3, 4, 6, 3], ResNet50_Weights, weights, pretrained, progress, options)
