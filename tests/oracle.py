"""PyTorch as the oracle: run one function in both libraries and compare all that can be compared.

A test writes its function once, with the library as the first argument:

    check_op([(3, 4), (4,)], lambda T, a, b: T.add(a, b))                          # value, gradients, second gradients
    check_op([(2, 3), np.array([0, 1])], lambda T, x, i: x.index_select(1, i))     # an array stands for itself
    check_same(lambda T: T.zeros(2, 3).t().stride())                               # anything without a gradient
    check_raises(lambda T: T.zeros(2, 3) @ T.zeros(2, 3), match="cannot be multiplied")

Without PyTorch these tests skip; with MINITORCH_REQUIRE_TORCH=1 they fail instead. A module that needs PyTorch for
itself says `torch = import_torch()`.
"""
import importlib
import os

import numpy as np
import pytest

import minitorch

TOLERANCE = {  # dtype: (rtol, atol), for sums of some hundred terms in another order
    "float16": (2e-3, 1e-3), "bfloat16": (1.6e-2, 1e-2), "float32": (2e-5, 1e-6), "float64": (1e-9, 1e-11)}


def import_torch():
    """PyTorch; where it is absent the test (or, at the top of a file, the module) skips, or fails if it is required."""
    if os.environ.get("MINITORCH_REQUIRE_TORCH") == "1":
        return importlib.import_module("torch")
    return pytest.importorskip("torch", reason="needs PyTorch as the oracle", exc_type=ImportError)


def check_op(shapes, torch_fn, mt_fn=None, *, dtype="float64", low=-2.0, high=2.0, contiguous=False, seed=0,
             grad=True, second=True, rtol=None, atol=None):
    """Assert that `torch_fn(torch, *tensors)` and `mt_fn(minitorch, *tensors)` agree; `mt_fn` defaults to `torch_fn`.

    shapes      a tuple makes a random input of that shape, an ndarray is the input itself
    dtype       of the random inputs: one name, or one for each entry of `shapes`; int and bool inputs get no gradient
    low, high   the random values' half-open range
    contiguous  False: every input that can be is a transposed, strided slice of a larger array
    grad        compare gradients: True for every floating input, or one bool for each
    second      compare gradients of the gradients too, through create_graph=True

    Outputs (one, or nested in tuples, lists and dicts) must agree in value, shape, dtype and requires_grad; gradients,
    taken with random upstream gradients, in value, shape and dtype. Inputs and upstream gradients must come back
    unmutated, and the leaves' `.grad` may not share memory.
    """
    torch = import_torch()
    rng = np.random.default_rng(seed)
    dtypes = [dtype] * len(shapes) if isinstance(dtype, str) else dtype
    arrays = [spec if isinstance(spec, np.ndarray) else _random(rng, spec, name, low, high)
              for spec, name in zip(shapes, dtypes, strict=True)]
    wants = [grad] * len(arrays) if isinstance(grad, bool) else grad
    wants = [want and array.dtype.kind == "f" for want, array in zip(wants, arrays, strict=True)]
    same = _Comparison(rtol, atol)

    theirs = _Run(torch, torch_fn, arrays, wants, contiguous)
    ours = _Run(minitorch, mt_fn or torch_fn, arrays, wants, contiguous)
    same("the result", theirs.result, ours.result)
    for i, (their, our) in enumerate(zip(theirs.outputs, ours.outputs)):
        assert our.requires_grad == their.requires_grad, \
            f"output {i}: requires_grad is {our.requires_grad}, not {their.requires_grad}"

    if any(output.requires_grad for output in theirs.outputs):
        upstream = [_random(rng, tuple(output.shape), _dtype_name(output), -1.0, 1.0) for output in theirs.roots]
        _each(same, "the gradient of input", theirs.gradients(upstream), ours.gradients(upstream))
        if second:
            first = theirs.gradients(upstream, create_graph=True)
            _each(same, "with create_graph=True, the gradient of input", first,
                  ours.gradients(upstream, create_graph=True))
            twice = [None if g is None else _random(rng, tuple(g.shape), _dtype_name(g), -1.0, 1.0) for g in first]
            _each(same, "the second gradient with respect to (inputs, then upstream gradients)",
                  theirs.second_gradients(twice), ours.second_gradients(twice))
        _each(same, "after backward(), .grad of input", theirs.backward(upstream), ours.backward(upstream))
        ours.check_leaf_gradients_are_apart()
    ours.check_unmutated()


def check_same(fn, *, rtol=None, atol=None):
    """Assert that `fn(torch)` and `fn(minitorch)` return the same: tensors, Python values, or nested containers."""
    _Comparison(rtol, atol)("the result", fn(import_torch()), fn(minitorch))


def check_raises(fn, match=None):
    """Assert that `fn(torch)` and `fn(minitorch)` raise the same exception type, and that `match` is in both messages.

    A type of PyTorch's own counts as its nearest built-in base, which is what a user's `except` names.
    """
    with pytest.raises(Exception, match=match) as theirs:
        fn(import_torch())
    with pytest.raises(Exception, match=match) as ours:
        fn(minitorch)
    assert _builtin(ours.type) is _builtin(theirs.type), \
        f"raised {ours.type.__name__}: {ours.value}\nPyTorch raises {theirs.type.__name__}: {theirs.value}"


class _Run:
    """One library's side of `check_op`: its leaves, its result, and the gradients of that result."""

    def __init__(self, lib, fn, arrays, wants, contiguous):
        self.lib, self.contiguous, self.lent = lib, contiguous, []
        self.leaves = [self.tensor(array).requires_grad_(want) if want else self.tensor(array)
                       for array, want in zip(arrays, wants, strict=True)]
        self.inputs = [leaf for leaf, want in zip(self.leaves, wants) if want]
        self.result = fn(lib, *self.leaves)
        self.outputs = list(_tensors(self.result))
        self.roots = [output for output in self.outputs if output.requires_grad]

    def tensor(self, array):
        """A tensor of its own memory, remembered so that `check_unmutated` can look at it again."""
        own = np.array(array, order="C") if self.contiguous else _strided(array)
        self.lent.append((own, own.copy()))
        return self.lib.from_numpy(own)

    def grad(self, outputs, inputs, upstream, **options):
        return self.lib.autograd.grad(outputs, inputs, upstream, allow_unused=True, **options)

    def gradients(self, upstream, create_graph=False):
        self.upstream = [self.tensor(array).requires_grad_(create_graph) for array in upstream]
        self.first = self.grad(self.roots, self.inputs, self.upstream, retain_graph=True, create_graph=create_graph)
        return self.first

    def second_gradients(self, upstream):
        """Of the gradients made last, with respect to the inputs and upstream gradients; zero where nothing depends."""
        targets = self.inputs + self.upstream
        pairs = [(g, self.tensor(v)) for g, v in zip(self.first, upstream) if g is not None and g.requires_grad]
        gradients = [None] * len(targets)
        if pairs:
            roots, lent = zip(*pairs)
            gradients = self.grad(roots, targets, lent, retain_graph=True)
        return [self.lib.zeros_like(t) if g is None else g for t, g in zip(targets, gradients)]

    def backward(self, upstream):
        self.lib.autograd.backward(self.roots, [self.tensor(array) for array in upstream])
        return [leaf.grad for leaf in self.inputs]

    def check_leaf_gradients_are_apart(self):
        grads = [leaf.grad.detach().numpy() for leaf in self.inputs if leaf.grad is not None]
        others = [array for array, _ in self.lent]
        for i, one in enumerate(grads):
            assert not any(np.may_share_memory(one, other) for other in grads[i + 1:] + others), \
                f"the .grad of shape {one.shape} shares memory with another .grad, an input or an upstream gradient"

    def check_unmutated(self):
        for array, before in self.lent:
            assert np.array_equal(array, before, equal_nan=array.dtype.kind == "f"), \
                f"an input or upstream gradient of shape {array.shape} was changed from\n{before}\nto\n{array}"


class _Comparison:
    """Assert that two results, nested as they may be, are the same."""

    def __init__(self, rtol=None, atol=None):
        self.rtol, self.atol = rtol, atol

    def __call__(self, what, theirs, ours):
        if _is_tensor(theirs):
            assert _is_tensor(ours), f"{what} is a {type(ours).__name__}, not a tensor"
            self.tensors(what, theirs, ours)
        elif isinstance(theirs, dict):
            assert list(ours) == list(theirs), f"{what} has the keys {list(ours)}, not {list(theirs)}"
            for key in theirs:
                self(f"{what}[{key!r}]", theirs[key], ours[key])
        elif isinstance(theirs, (tuple, list)):
            assert isinstance(ours, list if isinstance(theirs, list) else tuple), f"{what} is a {type(ours).__name__}"
            _each(self, what, theirs, ours)
        elif isinstance(theirs, np.ndarray):
            assert isinstance(ours, np.ndarray) and ours.dtype == theirs.dtype, f"{what} is {ours!r}, not {theirs!r}"
            np.testing.assert_array_equal(ours, theirs, err_msg=what)
        elif isinstance(theirs, (bool, int, float, str, type(None))):
            assert type(ours) is type(theirs), f"{what} is {ours!r}, not {theirs!r}"
            assert ours == theirs or theirs != theirs and ours != ours, f"{what} is {ours!r}, not {theirs!r}"
        elif type(theirs).__name__ in ("dtype", "device"):
            assert str(ours) == str(theirs), f"{what} is {ours}, not {theirs}"
        else:
            raise TypeError(f"{what}: the oracle cannot compare a {type(theirs).__name__}")

    def tensors(self, what, theirs, ours):
        assert tuple(ours.shape) == tuple(theirs.shape), \
            f"{what} has shape {tuple(ours.shape)}, not {tuple(theirs.shape)}"
        name = _dtype_name(theirs)
        assert _dtype_name(ours) == name, f"{what} has dtype {_dtype_name(ours)}, not {name}"
        rtol, atol = TOLERANCE.get(name, (0, 0))
        np.testing.assert_allclose(_numpy(ours), _numpy(theirs), rtol=rtol if self.rtol is None else self.rtol,
                                   atol=atol if self.atol is None else self.atol, err_msg=f"{what} is wrong")


def _each(same, what, theirs, ours):
    assert len(ours) == len(theirs), f"{what}: {len(ours)} of them, not {len(theirs)}"
    for i, (their, our) in enumerate(zip(theirs, ours)):
        same(f"{what} {i}", their, our)


def _random(rng, shape, dtype, low, high):
    if dtype == "bool":
        return rng.integers(0, 2, shape).astype(bool)
    if dtype.startswith(("int", "uint")):
        return rng.integers(max(int(low), 0) if dtype.startswith("uint") else int(low), int(high), shape, dtype)
    return rng.uniform(low, high, shape).astype(dtype)


def _strided(array):
    """A copy whose memory runs the other way, with gaps: array.T inside a buffer twice as wide."""
    if array.ndim == 0:
        return array.copy()
    *rows, last = array.shape[::-1]
    strided = np.zeros((*rows, 2 * last), array.dtype)[..., 1::2].T
    strided[...] = array
    return strided


def _tensors(result):
    """The tensors in a nest of containers, in order."""
    if _is_tensor(result):
        yield result
    elif isinstance(result, (tuple, list)):
        for item in result:
            yield from _tensors(item)
    elif isinstance(result, dict):
        yield from _tensors(list(result.values()))


def _is_tensor(value):
    return hasattr(value, "requires_grad") and hasattr(value, "dtype")


def _dtype_name(tensor):
    return str(tensor.dtype).removeprefix("torch.")


def _numpy(tensor):
    tensor = tensor.detach()
    return (tensor.float() if _dtype_name(tensor) == "bfloat16" else tensor).numpy(force=True)  # also of a ZeroTensor


def _builtin(exception):
    return next(base for base in exception.__mro__ if base.__module__ == "builtins")
