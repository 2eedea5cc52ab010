"""Winograd's convolution against its twin, direct convolution and PyTorch's."""
import numpy as np
import pytest

import minitorch
from minitorch.kernels.cpu import _jit, _winograd, conv
from tests.kernels.guarded import needs_guards
from tests.kernels.process import run
from tests.kernels.test_conv import arrays
from tests.naive import conv as definition
from tests.naive import winograd as naive
from tests.oracle import import_torch

PLAIN = (1, 1), (1, 1), (1, 1), 1   # stride, padding, dilation, groups
LAYER = (2, 16, 17, 20), (19, 16, 3, 3)  # input, weight: a layer that Winograd's convolution takes


def layer(seed=0):
    """input, weight, bias and grad"""
    return arrays(np.random.default_rng(seed), *LAYER, 19, (2, 19, 17, 20), dtype=np.float32)


def all_three(x, w, b, g, how=PLAIN):
    return (conv.convolution(x, w, b, *how), conv.convolution_input_grad(g, w, x.shape, *how),
            conv.convolution_weight_grad(g, x, w.shape, *how))


def random_cases(seed, count, largest):
    """(N, C, K, image, padding, extra): around the sizes at which tiles, vectors and parts end; `extra` pixels at the
    lower right that no window needs."""
    rng = np.random.default_rng(seed)
    while count:
        image, padding = rng.integers(1, largest, 2), rng.integers(0, 3, 2)
        if min(image + 2 * padding) > 2:
            count -= 1
            yield (int(rng.integers(1, 4)), *map(int, rng.integers(1, 20, 2)), tuple(map(int, image)),
                   tuple(map(int, padding)), int(rng.integers(0, 2)))


def check(reference, N, C, K, image, padding, extra):
    rng = np.random.default_rng(0)
    output = tuple(size + 2 * pad - 2 for size, pad in zip(image, padding))
    grown = tuple(size + extra for size in image)
    x, w, b, g = arrays(rng, (N, C, *grown), (K, C, 3, 3), K, (N, K, *output), dtype=np.float32)
    wide = [array.astype(np.float64) for array in (x, w, b, g)]
    for ours, exact in [
            (_winograd.convolution(x, w, b, output, padding), reference.convolution(*wide[:3], output, padding)),
            (_winograd.input_grad(g, w, grown, padding), reference.input_grad(wide[3], wide[1], grown, padding)),
            (_winograd.weight_grad(g, x, padding), reference.weight_grad(wide[3], wide[0], padding))]:
        assert ours.dtype == np.float32 and ours.flags.c_contiguous
        np.testing.assert_allclose(ours, exact, rtol=1.3e-6, atol=1e-6 * max(1, abs(exact).max()))


class Direct:
    """The same in float64, by the kernels for that."""

    @staticmethod
    def convolution(x, w, b, output, padding):
        return conv.convolution(x, w, b, (1, 1), padding, (1, 1), 1)[..., :output[0], :output[1]]

    @staticmethod
    def input_grad(g, w, image, padding):
        return conv.convolution_input_grad(g, w, (len(g), w.shape[1], *image), (1, 1), padding, (1, 1), 1)

    @staticmethod
    def weight_grad(g, x, padding):
        return conv.convolution_weight_grad(g, x, (g.shape[1], x.shape[1], 3, 3), (1, 1), padding, (1, 1), 1)


def test_the_twin_convolves():
    x, w, b, g = arrays(np.random.default_rng(0), (2, 3, 5, 6), (2, 3, 3, 3), 2, (2, 2, 5, 4))
    how = (1, 1), (1, 0), (1, 1), 1
    np.testing.assert_allclose(naive.convolution(x, w, b, (5, 4), (1, 0)), definition.convolution(x, w, b, *how))
    np.testing.assert_allclose(naive.input_grad(g, w, (5, 6), (1, 0)),
                               definition.convolution_input_grad(g, w, x.shape, *how), atol=1e-12)
    np.testing.assert_allclose(naive.weight_grad(g, x, (1, 0)),
                               definition.convolution_weight_grad(g, x, w.shape, *how), atol=1e-12)


@pytest.mark.parametrize("case", [*random_cases(0, 4, 9)], ids=str)
def test_equals_its_twin(case):
    check(naive, *case)


def test_equals_direct_convolution():
    for case in [*random_cases(1, 30, 40), (3, 40, 35, (28, 28), (1, 1), 0)]:
        check(Direct, *case)


def test_stays_inside_of_its_arrays():
    """Every index is looked at, in Python."""
    run("""
from tests.kernels import test_winograd as t
for case in t.random_cases(2, 3, 7):
    t.check(t.Direct, *case)
""", NUMBA_DISABLE_JIT="1")


@needs_guards
def test_reads_nothing_behind_its_arrays():
    run("""
from tests.kernels import test_winograd as t
from tests.kernels.guarded import guarded
plain = t.arrays
t.arrays = lambda *args, **options: [guarded(array) for array in plain(*args, **options)]
for case in t.random_cases(3, 20, 20):
    t.check(t.Direct, *case)
""")


@pytest.fixture
def calls(monkeypatch):
    """The names of the launchers of Winograd's convolution that were called."""
    names = []
    for name in "convolution", "input_grad", "weight_grad":
        def launcher(*args, name=name, launch=getattr(_winograd, name)):
            names.append(name)
            return launch(*args)
        monkeypatch.setattr(_winograd, name, launcher)
    return names


def test_layers_with_3_x_3_filters_go_here_unless_switched_off(calls, monkeypatch):
    fast = all_three(*layer())
    assert set(calls) == {"convolution", "input_grad", "weight_grad"}
    calls.clear()
    monkeypatch.setattr(minitorch.backends.winograd, "enabled", False)
    for ours, exact in zip(fast, all_three(*layer())):
        np.testing.assert_allclose(ours, exact, rtol=1.3e-6, atol=1e-6 * abs(exact).max())
        assert not np.array_equal(ours, exact)
    assert not calls


@pytest.mark.parametrize(
    "change", ["float64", "stride", "dilation", "padding", "groups", "filter", "channels", "pixels"])
def test_other_layers_do_not(change, calls):
    x, w, _, _ = layer()
    how = dict(stride=(1, 1), padding=(1, 1), dilation=(1, 1), groups=1)
    if change == "float64":
        x = x.astype(np.float64)
    elif change in how:
        how[change] = 2 if change == "groups" else (1, 3)
        w = w[:18, :8] if change == "groups" else w
    else:
        x, w = {"filter": (x, w[..., :2]), "channels": (x[:, :15], w[:, :15]), "pixels": (x[..., :14], w)}[change]
    conv.convolution(x, w, None, **how)
    assert not calls


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan, 3e38])
@pytest.mark.parametrize("where", [0, 1, 3], ids=["input", "weight", "grad"])
def test_what_is_not_finite_stays_where_direct_convolution_has_it(value, where, monkeypatch):
    case = layer()
    case[where][1, 2, 1, 2] = value
    with np.errstate(all="ignore"):
        ours = all_three(*case)
        monkeypatch.setattr(_winograd.settings, "enabled", False)
        for one, other in zip(ours, all_three(*case)):
            finite = np.isfinite(other)
            assert np.array_equal(np.isfinite(one), finite) and np.array_equal(one[~finite], other[~finite], True)
            np.testing.assert_allclose(one[finite], other[finite], rtol=1e-5, atol=1e-4)


def test_an_inf_beyond_the_last_window_does_no_harm():
    x, w, b, _ = layer()
    x[..., -1] = np.inf
    output = (17, 17)  # whose windows end a column before
    exact = conv.convolution(x[..., :-1].astype(np.float64), w, b, (1, 1), (1, 0), (1, 1), 1)
    out = _winograd.convolution(x, w, b, output, (1, 0))
    assert out is None or np.allclose(out, exact, atol=1e-4)


def test_errors_are_no_larger_than_torch_allows_itself():
    torch = import_torch()
    rng = np.random.default_rng(0)
    x, w = arrays(rng, (2, 64, 28, 28), (64, 64, 3, 3), dtype=np.float32)
    w /= 24  # outputs have variance 1
    g, = arrays(rng, (2, 64, 28, 28), dtype=np.float32)
    X, W = torch.tensor(x, dtype=torch.float64, requires_grad=True), torch.tensor(w, dtype=torch.float64,
                                                                               requires_grad=True)
    out = torch.nn.functional.conv2d(X, W, padding=1)
    out.backward(torch.tensor(g, dtype=torch.float64))
    ours = map(torch.tensor, all_three(x, w, None, g))
    for name, one, exact in zip(("output", "input grad", "weight grad"), ours, (out.detach(), X.grad, W.grad)):
        scale = max(1, exact.std().item())
        torch.testing.assert_close(one / scale, (exact / scale).float(), msg=lambda text: f"{name}: {text}")


def test_results_do_not_change_from_run_to_run():
    case = layer()
    expected = all_three(*case)
    for _ in range(5):
        for one, other in zip(all_three(*case), expected):
            assert np.array_equal(one, other)


def test_outputs_do_not_depend_on_the_number_of_threads():
    case = layer()
    expected = all_three(*case)
    threads = _jit.get_num_threads()
    try:
        _jit.set_num_threads(1)
        out, input_grad, weight_grad = all_three(*case)
    finally:
        _jit.set_num_threads(threads)
    assert np.array_equal(out, expected[0]) and np.array_equal(input_grad, expected[1])
    np.testing.assert_allclose(weight_grad, expected[2], atol=1e-4)  # one sum for each thread
