"""PyTorch's module_db: every module with all its sample inputs, built and run by both libraries.

    for score in scores(["nn.Linear"]):
        print(score.name, score.complete, score.failures)
"""
import copy
import pickle
import random
import re

import minitorch
from tests.oracle import _Comparison, _tensors
from tests.parity.convert import named, to_minitorch, torch
from tests.parity.score import Score

from torch.testing._internal.common_modules import ModuleErrorEnum, module_db
from torch.testing._internal.common_utils import noncontiguous_like
from torch.utils._pytree import tree_map_only

SEED = 0  # of both libraries, before a module is made and before each forward
_TOLERANCE = {torch.float32: (2e-5, 1e-5), torch.float64: (1e-8, 1e-10)}  # dtype: (rtol, atol)
_ONE_ULP = 2e-7  # float32: normal draws agree to that, all others exactly


def scores(names=None, samples=None, seed=0):
    """The Score of each entry of module_db, or of those that `names` names ("nn.Linear").

    `samples` limits the inputs tried for each dtype and mode to that many, drawn with `seed`; None tries all.
    """
    return [score(info, samples, seed) for info in module_db if names is None or info.name in names]


def score(info, samples=None, seed=0):
    """Compare one entry: in float32 and float64, training and not, and its error inputs."""
    result = Score(info.name)
    rng = random.Random(f"{info.name} {seed}")
    for dtype in _TOLERANCE:
        for training in (True, False):
            options = {"device": "cpu", "dtype": dtype, "training": training}
            mode = f"{str(dtype).removeprefix('torch.')} {'train' if training else 'eval'}"
            torch.manual_seed(SEED)
            inputs = list(enumerate(info.module_inputs_func(info, requires_grad=True, **options)))
            for i, sample in inputs if samples is None else rng.sample(inputs, min(samples, len(inputs))):
                _compare(result, info, sample, dtype, training, f"{mode} {i} {sample.desc}".rstrip())
            if info.module_error_inputs_func is not None:
                for i, sample in enumerate(info.module_error_inputs_func(info, requires_grad=False, **options)):
                    _compare_error(result, info, sample, dtype, training, f"{mode} error {i}")
    return result


def _compare(score, info, sample, dtype, training, label):
    same = _Comparison(*_TOLERANCE[dtype])
    theirs = _Side(torch, info.module_cls, sample.constructor_input, sample.forward_input)
    ours = None
    with score.check("construct", label):
        ours = _Side(minitorch, named(info.name), sample.constructor_input, sample.forward_input)
    if ours is None:
        return
    with score.check("repr", label):
        same("repr", repr(theirs.module), repr(ours.module))
    if info.is_lazy:
        with score.check("lazy initialisation", label):
            same("the first output", theirs.forward(theirs.inputs), ours.forward(ours.inputs))
            same("repr", repr(theirs.module), repr(ours.module))
    with score.check("initial state", label):
        initial = _Comparison(_ONE_ULP, 0)
        initial("state_dict", dict(theirs.module.state_dict()), dict(ours.module.state_dict()))
        initial("parameters", dict(theirs.module.named_parameters()), dict(ours.module.named_parameters()))
        initial("buffers", dict(theirs.module.named_buffers()), dict(ours.module.named_buffers()))
    for side in theirs, ours:
        side.module.to(getattr(side.lib, str(dtype).removeprefix("torch."))).train(training)
    with score.check("state_dict", label):
        ours.module.load_state_dict(to_minitorch(dict(theirs.module.state_dict())))
        _Comparison(0, 0)("state_dict", dict(theirs.module.state_dict()), dict(ours.module.state_dict()))

    twins = copy.deepcopy(theirs.module), _copies(score, ours.module, label)
    with score.check("forward", label):
        same("the output", theirs.run(), ours.run())
        same("after forward, state_dict", dict(theirs.module.state_dict()), dict(ours.module.state_dict()))
    upstream = [torch.randn(root.shape, dtype=root.dtype) for root in theirs.roots]
    if upstream:
        with score.check("gradient", label):
            same("the gradient", theirs.gradients(upstream), ours.gradients(upstream))
        if dtype == torch.float64 and info.supports_gradgrad:
            with score.check("second gradient", label):
                same("the second gradient", theirs.second_gradients(upstream), ours.second_gradients(upstream))
    for side, twin in zip((theirs, ours), twins):
        side.module = twin or side.module
    with score.check("strided", label):
        same("the output", theirs.run(), ours.run(strided=True))
        same("the gradient", theirs.gradients(upstream), ours.gradients(upstream))


def _copies(score, module, label):
    """A deep copy; pickle and deepcopy are checks of their own."""
    for check, duplicate in ("deepcopy", copy.deepcopy), ("pickle", lambda x: pickle.loads(pickle.dumps(x))):
        twin = None
        with score.check(check, label):
            twin = duplicate(module)
            assert repr(twin) == repr(module)
            assert twin.training == module.training
            for (name, one), (twin_name, two) in zip(module.state_dict().items(), twin.state_dict().items(), strict=True):
                assert name == twin_name and minitorch.equal(one, two) and one.data_ptr() != two.data_ptr(), name
    return twin


def _compare_error(score, info, sample, dtype, training, label):
    at_construction = sample.error_on is ModuleErrorEnum.CONSTRUCTION_ERROR
    constructor, forward = sample.module_error_input.constructor_input, sample.module_error_input.forward_input
    with score.check("error", label):
        try:
            ours = _Side(minitorch, named(info.name), constructor, forward)
            if not at_construction:
                ours.module.to(to_minitorch(dtype)).train(training)(*ours.inputs[0], **ours.inputs[1])
        except sample.error_type as error:
            message = str(error)
        else:
            raise AssertionError(f"does not raise {sample.error_type.__name__}")
    with score.check("error message", label):
        assert re.search(sample.error_regex, message), f"{message!r} does not match {sample.error_regex!r}"


class _Side:
    """One library's module of a sample, its inputs, and what comes out."""

    def __init__(self, lib, cls, constructor, forward):
        self.lib = lib
        self.sample = forward
        args, kwargs = self.own((constructor.args, constructor.kwargs))
        lib.manual_seed(SEED)
        self.module = cls(*args, **kwargs)

    def own(self, value, strided=False):
        """`value` with leaves of this library in the place of torch's tensors."""
        apart = tree_map_only(torch.Tensor, _strided if strided else _leaf, value)
        return apart if self.lib is torch else to_minitorch(apart)

    def forward(self, inputs):
        self.lib.manual_seed(SEED)
        args, kwargs = inputs
        return self.module(*args, **kwargs)

    def run(self, strided=False):
        inputs = self.own((self.sample.args, self.sample.kwargs), strided)
        result = self.forward(inputs)
        self.leaves = [x for x in [*_tensors(inputs), *self.module.parameters()] if x.requires_grad]
        self.roots = [x for x in _tensors(result) if x.requires_grad]
        return result

    def gradients(self, upstream, create_graph=False):
        return self.lib.autograd.grad(self.roots, self.leaves, self.own(upstream), allow_unused=True,
                                      retain_graph=True, create_graph=create_graph)

    def second_gradients(self, upstream):
        """Of the gradients' sum of squares; zeros where nothing depends."""
        first = [g for g in self.gradients(upstream, create_graph=True) if g is not None and g.requires_grad]
        if not first:
            return None
        second = self.lib.autograd.grad(sum((g * g).sum() for g in first), self.leaves, allow_unused=True)
        return [self.lib.zeros_like(x) if g is None else g for x, g in zip(self.leaves, second)]


def _leaf(tensor):
    return tensor.detach().clone().requires_grad_(tensor.requires_grad)


def _strided(tensor):
    return noncontiguous_like(tensor.detach()).requires_grad_(tensor.requires_grad)
