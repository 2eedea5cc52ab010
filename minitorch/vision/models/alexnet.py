"""AlexNet: five convolutions and three linear layers (Krizhevsky 2014). Parameters are named as torchvision's."""
from ...nn import AdaptiveAvgPool2d, Conv2d, Dropout, Linear, MaxPool2d, Module, ReLU, Sequential
from .weights import Weights, choose


class AlexNet(Module):
    """`features`, then a classifier of three layers: (N, 3, H, W) -> (N, num_classes)."""

    def __init__(self, num_classes=1000, dropout=0.5):
        super().__init__()
        self.features = Sequential(
            Conv2d(3, 64, 11, stride=4, padding=2), ReLU(True), MaxPool2d(3, stride=2),
            Conv2d(64, 192, 5, padding=2), ReLU(True), MaxPool2d(3, stride=2),
            Conv2d(192, 384, 3, padding=1), ReLU(True),
            Conv2d(384, 256, 3, padding=1), ReLU(True),
            Conv2d(256, 256, 3, padding=1), ReLU(True), MaxPool2d(3, stride=2))
        self.avgpool = AdaptiveAvgPool2d((6, 6))
        self.classifier = Sequential(
            Dropout(dropout), Linear(256 * 6 * 6, 4096), ReLU(True), Dropout(dropout), Linear(4096, 4096), ReLU(True),
            Linear(4096, num_classes))

    def forward(self, x):
        x = self.avgpool(self.features(x))  # (N, 256, 6, 6)
        return self.classifier(x.flatten(1))  # (N, num_classes)


class AlexNet_Weights(Weights):
    DEFAULT = IMAGENET1K_V1 = "alexnet-owt-7be5be79.pth"


def alexnet(*, weights=None, pretrained=False, progress=True, **options):
    """8 layers, 61 million parameters. weights: None (random), or AlexNet_Weights.DEFAULT (downloaded)."""
    weights = choose(AlexNet_Weights, weights, pretrained)
    model = AlexNet(**options)
    if weights is not None:
        model.load_state_dict(weights.get_state_dict(progress))
    return model
