"""torchvision.models: a few well-known networks."""
from .alexnet import AlexNet, AlexNet_Weights, alexnet
from .densenet import DenseNet, DenseNet121_Weights, densenet121
from .resnet import ResNet, ResNet18_Weights, ResNet34_Weights, ResNet50_Weights, resnet18, resnet34, resnet50
from .squeezenet import SqueezeNet, SqueezeNet1_0_Weights, SqueezeNet1_1_Weights, squeezenet1_0, squeezenet1_1
from .vgg import (
    VGG, VGG11_BN_Weights, VGG11_Weights, VGG16_Weights, VGG19_Weights, vgg11, vgg11_bn, vgg16, vgg19)
