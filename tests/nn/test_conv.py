"""Convolution layers against PyTorch: repr, attributes, the same random start, results and errors."""
import copy

import pytest

import minitorch
from tests.oracle import check_raises, check_same

LAYERS = [
    ("Conv2d", (4, 6, 3), {}), ("Conv1d", (4, 6, 3), {}), ("Conv3d", (4, 6, 3), {}),
    ("Conv2d", (4, 6, (2, 3), 2, 1, 2, 2), {}), ("Conv1d", (4, 6, 3), {"bias": False, "padding": 1}),
    ("Conv2d", (4, 6, 3), {"padding": "same"}), ("Conv2d", (4, 6, (2, 3)), {"padding": "valid", "groups": 2}),
    ("Conv2d", (4, 6, 3), {"padding": (2, 1), "padding_mode": "reflect"}),
    ("Conv2d", (4, 6, 4), {"padding": "same", "padding_mode": "circular", "dilation": (1, 2)}),
    ("Conv1d", (4, 6, 3), {"padding": "valid", "padding_mode": "replicate"}),
    ("Conv3d", (4, 6, 2), {"padding": 1, "padding_mode": "replicate", "stride": 2}),
    ("Conv2d", (4, 6, 3), {"dtype": "float64"}),
    ("ConvTranspose1d", (4, 6, 3), {}), ("ConvTranspose2d", (4, 6, 3), {"stride": 2, "output_padding": 1}),
    ("ConvTranspose2d", (4, 6, (2, 3), 2, 1, (0, 1), 2, False, 2), {}), ("ConvTranspose3d", (4, 6, 2), {"stride": 2}),
]


def make(T, name, args, options):
    T.manual_seed(3)
    if "dtype" in options:
        options = {**options, "dtype": getattr(T, options["dtype"])}
    return getattr(T.nn, name)(*args, **options)


def images(T, layer, batch=2):
    size = (9, 8, 7)[:len(layer.kernel_size)]
    return T.randn(batch, layer.in_channels, *size, dtype=layer.weight.dtype)


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_layers(layer):
    names = ["in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "transposed",
             "output_padding", "groups", "padding_mode", "training"]

    def everything(T):
        module = make(T, *layer).double()
        x = images(T, module)
        out = module(x)
        out.sum().backward()
        return [repr(module), {name: getattr(module, name) for name in names}, dict(module.state_dict()), out,
                module(x[0]), [p.grad for p in module.parameters()]]

    check_same(everything)


def test_the_random_start_is_equal_bit_for_bit():
    def bits(T):
        layers = [make(T, *layer) for layer in LAYERS]
        return [p.detach().numpy() for layer in layers for p in layer.parameters() if p.dtype == T.float32]

    check_same(bits)


def test_reset_parameters_draws_again():
    def weights(T):
        layer = make(T, "Conv2d", (1, 6, 5), {})
        before = layer.weight.detach().clone()
        layer.reset_parameters()
        return [before, layer.weight, layer.bias]

    check_same(weights)


def test_output_size():
    def sizes(T):
        layer = make(T, "ConvTranspose2d", (4, 6, 3, 2, 1), {})
        x = images(T, layer)
        return [layer(x, output_size=(18, 15)), layer(x[0], (17, 16)), layer(x, output_size=layer(x).shape)]

    check_same(sizes)


def test_a_subclass_may_compute_with_another_weight():
    def result(T):
        class Centred(T.nn.Conv2d):
            def forward(self, x):
                return self._conv_forward(x, self.weight - self.weight.mean(), self.bias)

        T.manual_seed(0)
        layer = Centred(4, 6, 3, padding=1, padding_mode="reflect")
        return layer(images(T, layer))

    check_same(result)


def test_a_copy_computes_the_same():
    layer = minitorch.nn.Conv2d(4, 6, 3)
    x = images(minitorch, layer)
    assert (copy.deepcopy(layer)(x) == layer(x)).all()


@pytest.mark.parametrize("message, call", [
    ("groups must be a positive integer", lambda nn: nn.Conv2d(4, 6, 3, groups=0)),
    ("in_channels must be divisible by groups", lambda nn: nn.Conv2d(4, 6, 3, groups=3)),
    ("out_channels must be divisible by groups", lambda nn: nn.ConvTranspose1d(4, 6, 3, groups=4)),
    ("Invalid padding string 'sam', should be one of", lambda nn: nn.Conv2d(4, 6, 3, padding="sam")),
    ("padding='same' is not supported for strided convolutions", lambda nn: nn.Conv1d(4, 6, 3, 2, padding="same")),
    ("padding_mode must be one of .* but got padding_mode='mirror'",
     lambda nn: nn.Conv2d(4, 6, 3, padding_mode="mirror")),
    ("Only \"zeros\" padding mode is supported for ConvTranspose2d",
     lambda nn: nn.ConvTranspose2d(4, 6, 3, padding_mode="reflect")),
    ("must be tuple of ints", lambda nn: nn.Conv2d(4, 6, 2.0)),
])
def test_errors_of_making(message, call):
    check_raises(lambda T: call(T.nn), match=message)


@pytest.mark.parametrize("message, shape, output_size", [
    (r"requested an output size of \(12, 10\), but valid sizes range from \[9, 9\] to \[10, 10\] \(for an input of "
     r"torch.Size\(\[5, 5\]\)\)", (1, 4, 5, 5), (12, 10)),
    (r"ConvTranspose2D: for 4D input, output_size must have 2 or 4 elements \(got 1\)", (1, 4, 5, 5), (12,)),
])
def test_errors_of_the_output_size(message, shape, output_size):
    check_raises(lambda T: T.nn.ConvTranspose2d(4, 6, 3, 2, 1)(T.ones(shape), output_size), match=message)
