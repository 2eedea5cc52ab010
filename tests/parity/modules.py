"""PyTorch's module database (module_db) run against minitorch.

Each entry brings constructor arguments and inputs; every one is built and run in both libraries and compared, in
float32 and float64, in training and in evaluation mode:

    construct         the class is there and takes the arguments
    lazy              a lazy module's first output, and what it has become
    repr              its text
    state             names, order and first values of parameters and buffers: normal draws to 1 ulp, others exactly
    state_dict        it loads PyTorch's state dict
    deepcopy, pickle  copies that share no memory
    value             what it returns, and its buffers afterwards
    gradient          float64: gradients of the inputs and parameters, for a random upstream gradient
    second            float64: gradients of those gradients
    strided           value and gradient for non-contiguous inputs
    error, message    the same exception type for an input that PyTorch refuses, and a text that its pattern finds
"""
import copy
import pickle
import random
import re
import warnings

import numpy as np

import minitorch
from tests.oracle import import_torch
from tests.parity import convert
from tests.parity.ops import same
from tests.parity.score import Score

torch = import_torch()
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from torch.testing._internal.common_modules import ModuleErrorEnum, module_db
    from torch.testing._internal.common_utils import noncontiguous_like
    from torch.utils._pytree import tree_leaves, tree_map_only

DTYPES = (torch.float32, torch.float64)
SEED = 0  # of both libraries, before a module is made and before each forward
ONE_ULP = 2e-7  # of a float32


def entries(names=None):
    """The entries of module_db, those of the given names ("nn.Linear") or all of them."""
    return [entry for entry in module_db if names is None or entry.name in names]


def scores(names=None, limit=None, seed=0):
    """A Score for each entry; `limit` inputs at most for each dtype and mode, drawn by `seed` (None: all of them)."""
    for entry in entries(names):
        yield score(entry, limit, seed)


def score(entry, limit=None, seed=0):
    """Run one entry's inputs in both libraries."""
    result = Score(entry.name)
    drawn = random.Random(f"{seed} {entry.name}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for dtype in DTYPES:
            for training in (True, False):
                mode = f"{str(dtype).removeprefix('torch.')} {'train' if training else 'eval'}"
                torch.manual_seed(SEED)
                options = {"device": "cpu", "dtype": dtype, "training": training}
                inputs = list(enumerate(entry.module_inputs_func(entry, requires_grad=True, **options)))
                for number, sample in inputs if limit is None else drawn.sample(inputs, min(limit, len(inputs))):
                    _check_input(result, entry, dtype, training, sample, f"{mode} input {number} {sample.desc}")
                if entry.module_error_inputs_func is not None:
                    errors = entry.module_error_inputs_func(entry, requires_grad=False, **options)
                    for number, error in enumerate(errors):
                        _check_error(result, entry, dtype, training, error, f"{mode} error input {number}")
    return result


def _check_input(result, entry, dtype, training, sample, where):
    theirs, ours = _Side(torch, entry.module_cls, sample), None
    with result.check("construct", where):
        ours = _Side(minitorch, convert.named(entry.name), sample)
    if ours is None:
        return  # the other checks need a module
    with result.check("repr", where):
        assert repr(ours.module) == repr(theirs.module)
    if entry.is_lazy:
        _check_first_call(result, dtype, theirs, ours, where)
    with result.check("state", where):
        _same_state(theirs.state(), ours.state(), ONE_ULP)
        for members in "named_parameters", "named_buffers":
            _same_state(*(dict(getattr(side.module, members)()) for side in (theirs, ours)), ONE_ULP)
    for side in (theirs, ours):
        side.set_mode(dtype, training)
    with result.check("state_dict", where):
        ours.load(theirs.state())
        _same_state(theirs.state(), ours.state())
    _check_copies(result, ours.module, where)

    before = copy.deepcopy(theirs.state())
    expected, after, returned = theirs.run(), theirs.state(), False
    with result.check("value", where):
        value = ours.run()
        returned = True
        same(expected, value)
        _same_state(after, ours.state(), rtol=1e-5)
    if not returned:
        return  # there is nothing to differentiate
    upstream = [torch.randn_like(root) for root in theirs.roots]
    gradients = theirs.gradients(upstream)
    if dtype == torch.float64:
        with result.check("gradient", where):
            same(gradients, ours.gradients(upstream))
        second = _second_gradients(theirs, upstream) if entry.supports_gradgrad else None
        if second is not None:
            with result.check("second", where):
                same(second, ours.second_gradients(upstream))
    with result.check("strided", where):
        ours.load(before)
        same(expected, ours.run(strided=True))
        if dtype == torch.float64:
            same(gradients, ours.gradients(upstream))


def _check_first_call(result, dtype, theirs, ours, where):
    for side in (theirs, ours):
        side.set_mode(dtype, training=True)
    with result.check("lazy", where):
        same(theirs.run(), ours.run())
        assert repr(ours.module) == repr(theirs.module)


def _same_state(expected, got, rtol=0.0):
    assert list(got) == list(expected), f"the keys {list(got)} and not {list(expected)}"
    for key, tensor in expected.items():
        assert str(got[key].dtype) == str(tensor.dtype), f"{key}: dtype {got[key].dtype} and not {tensor.dtype}"
        np.testing.assert_allclose(got[key].detach().numpy(), tensor.detach().numpy(), rtol, atol=rtol, err_msg=key)


def _check_copies(result, module, where):
    for check, duplicate in ("deepcopy", copy.deepcopy), ("pickle", lambda x: pickle.loads(pickle.dumps(x))):
        with result.check(check, where):
            twin = duplicate(module)
            assert repr(twin) == repr(module)
            assert twin.training == module.training
            _same_state(module.state_dict(), twin.state_dict())
            for one, two in zip(module.state_dict().values(), twin.state_dict().values()):
                assert not np.may_share_memory(one.numpy(), two.numpy()), "the copy shares memory with the original"


def _second_gradients(theirs, upstream):
    """torch's second gradients; None for the few functions of which it has none."""
    try:
        return theirs.second_gradients(upstream)
    except RuntimeError:
        return None


def _check_error(result, entry, dtype, training, error, where):
    def run(library, cls):
        side = _Side(library, cls, error.module_error_input)
        if error.error_on is ModuleErrorEnum.FORWARD_ERROR:
            side.set_mode(dtype, training)
            side.run()

    theirs = _raised(run, torch, entry.module_cls)
    if not isinstance(theirs, error.error_type) or not re.search(error.error_regex, str(theirs)):
        return  # PyTorch itself does not raise what the database says, in evaluation mode, for instance
    with result.check("error", where):
        raised = _raised(run, minitorch, convert.named(entry.name))
        assert isinstance(raised, error.error_type), f"{raised!r} and not {error.error_type.__name__}"
        with result.check("message", where):
            assert re.search(error.error_regex, str(raised)), f"{error.error_regex!r} is not in {str(raised)!r}"


def _raised(function, *args):
    try:
        function(*args)
    except Exception as error:  # noqa: BLE001 - to look at it is the point
        return error


class _Side:
    """One library's module of a sample, its inputs, and what comes out."""

    def __init__(self, library, cls, sample):
        self.library, self.input = library, sample.forward_input
        constructor = self.own(sample.constructor_input)
        library.manual_seed(SEED)
        self.module = cls(*constructor[0], **constructor[1])

    def own(self, input, strided=False):
        """(args, kwargs) of a FunctionInput with leaves of this library in the place of torch's tensors."""
        return self.convert((input.args, input.kwargs), _strided if strided else _leaf)

    def convert(self, value, leaf):
        apart = tree_map_only(torch.Tensor, leaf, value)
        if self.library is torch:
            return apart
        return convert.to_minitorch(tree_map_only(torch.nn.TransformerEncoderLayer, _encoder_layer, apart))

    def set_mode(self, dtype, training):
        self.module.to(dtype if self.library is torch else convert.dtype(dtype)).train(training)

    def state(self):
        return dict(self.module.state_dict())

    def load(self, state):
        self.module.load_state_dict(self.convert(state, _leaf))

    def run(self, strided=False):
        """Call the module."""
        args, kwargs = self.own(self.input, strided)
        self.library.manual_seed(SEED)
        result = self.module(*args, **kwargs)
        self.leaves = self.learnable([args, kwargs, list(self.module.parameters())])
        self.roots = self.learnable(result)
        return result

    def learnable(self, value):
        return [x for x in tree_leaves(value) if isinstance(x, self.library.Tensor) and x.requires_grad]

    def gradients(self, upstream):
        """Of the outputs, with respect to the inputs and parameters."""
        return self.roots and self.library.autograd.grad(self.roots, self.leaves, self.convert(upstream, _leaf),
                                                         allow_unused=True, retain_graph=True)

    def second_gradients(self, upstream):
        """Of the first gradients' sum of squares: to inputs, parameters, upstream gradients. None if there is none."""
        if not self.roots:
            return None
        upstream = [x.requires_grad_() for x in self.convert(upstream, _leaf)]
        grad = self.library.autograd.grad
        first = grad(self.roots, self.leaves, upstream, allow_unused=True, create_graph=True)
        squares = [(g * g).sum() for g in first if g is not None and g.requires_grad]
        return grad(sum(squares), self.leaves + upstream, allow_unused=True) if squares else None


def _encoder_layer(layer):
    """minitorch's twin of a layer of torch's, which TransformerEncoder takes as its argument."""
    attention, linear, norm = layer.self_attn, layer.linear1, layer.norm1
    twin = minitorch.nn.TransformerEncoderLayer(
        attention.embed_dim, attention.num_heads, linear.out_features, layer.dropout.p,
        convert.to_minitorch(layer.activation), norm.eps, attention.batch_first, layer.norm_first,
        linear.bias is not None, dtype=convert.dtype(linear.weight.dtype))
    twin.load_state_dict(convert.to_minitorch(dict(layer.state_dict())))
    return twin


def _leaf(tensor):
    return tensor.detach().clone().requires_grad_(tensor.requires_grad)


def _strided(tensor):
    return noncontiguous_like(tensor.detach()).requires_grad_(tensor.requires_grad)
