"""torchvision.models: a few well-known networks."""
from .resnet import ResNet, ResNet18_Weights, ResNet34_Weights, ResNet50_Weights, resnet18, resnet34, resnet50
from .vgg import (
    VGG, VGG11_BN_Weights, VGG11_Weights, VGG16_Weights, VGG19_Weights, vgg11, vgg11_bn, vgg16, vgg19)
