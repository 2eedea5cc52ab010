"""PyTorch's operator database (op_db) run against minitorch.

Each entry brings sample inputs and error inputs of its own; every one is run in both libraries and compared:

    value       result for float32, float64, int64 and bool: values, shapes, dtypes
    dtype       all values of one of these dtypes
    gradient    float64: gradients of every tensor that requires one, for a random upstream gradient
    second      float64: gradients of those gradients
    strided     float32: the same sample made non-contiguous
    method, in-place, operator, out    the other ways to call it, float32
    error       the same exception type for an input that PyTorch refuses
    message     and a text that PyTorch's pattern finds
"""
import functools
import random
import re
import types
import warnings

import numpy as np

import minitorch
from tests.oracle import import_torch
from tests.parity import convert
from tests.parity.score import Score

torch = import_torch()
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from torch.testing._internal.common_device_type import toleranceOverride
    from torch.testing._internal.common_methods_invocations import op_db

DTYPES = (torch.float32, torch.float64, torch.int64, torch.bool)
UNDEFINED_VALUES = {  # results whose numbers nobody promises: shapes and dtypes only
    "empty", "empty_like", "empty_strided", "empty_permuted", "new_empty", "new_empty_strided", "resize_",
    "resize_as_"}
OPEN_ORDER = {"topk", "sort", "argsort", "kthvalue"}  # which of several equal elements comes first is left open


def entries(names=None):
    """The entries of op_db, those of the given names ("add", or "linalg.svd:variant") or all of them."""
    return [entry for entry in op_db
            if (names is None or entry.name in names or label(entry) in names)
            and any(dtype in entry.supported_dtypes("cpu") for dtype in DTYPES)]


def label(entry):
    """An entry's name, with its variant after a colon where it has one."""
    return f"{entry.name}:{entry.variant_test_name}" if entry.variant_test_name else entry.name


def scores(names=None, limit=None, seed=0):
    """A Score for each entry; `limit` samples at most for each check and dtype, drawn by `seed` (None: all of them)."""
    for entry in entries(names):
        yield score(entry, limit, seed)


def score(entry, limit=None, seed=0):
    """Run one entry's samples in both libraries."""
    result = Score(label(entry))
    drawn = random.Random(f"{seed} {result.name}")
    dtypes = [dtype for dtype in DTYPES if dtype in entry.supported_dtypes("cpu")]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for dtype in dtypes:
            name, wrong = str(dtype).removeprefix("torch."), result.tried["value"] - result.passed["value"]
            for number, sample in _samples(entry, dtype, limit, drawn):
                _check_sample(result, entry, dtype, sample, f"{name} sample {number} {_short(sample)}")
            with result.check("dtype", name):
                assert result.tried["value"] - result.passed["value"] == wrong, f"some values are wrong for {name}"
        if entry.error_inputs_func is not None:
            _check_errors(result, entry)
    return result


def _samples(entry, dtype, limit, drawn):
    """(number, sample) of an entry for a dtype: those in minitorch's scope, at most `limit` of them."""
    torch.manual_seed(0), np.random.seed(0), random.seed(0)  # what PyTorch's own generators of samples draw from
    samples = [(number, sample) for number, sample in
               enumerate(entry.sample_inputs("cpu", dtype, requires_grad=dtype.is_floating_point))
               if not _out_of_scope((sample.input, sample.args, sample.kwargs))]
    return samples if limit is None or len(samples) <= limit else drawn.sample(samples, limit)


def _out_of_scope(value):
    """Complex and sparse arguments: minitorch has real, dense tensors only."""
    found = []

    def look(item):
        if isinstance(item, torch.Tensor):
            found.append(item.is_complex() or item.layout != torch.strided or item.device.type != "cpu")
        elif isinstance(item, torch.dtype):
            found.append(item.is_complex)
        elif isinstance(item, torch.layout):
            found.append(item != torch.strided)
        else:
            found.append(isinstance(item, complex))

    torch.utils._pytree.tree_map(look, value)
    return any(found)


def _check_sample(result, entry, dtype, sample, where):
    ours = _finder(entry)
    try:
        expected = _call(entry.op, sample)
    except Exception:  # noqa: BLE001 - what PyTorch cannot do itself is no test
        return
    if _out_of_scope(expected):
        return
    compare = _comparison(entry, sample, expected)

    with result.check("value", where):
        compare(expected, _call(ours(), convert_sample(sample)))
    if dtype == torch.float32:
        _check_variants(result, entry, sample, expected, compare, where)
        strided = sample.noncontiguous()
        try:
            theirs = _call(entry.op, strided)
        except Exception:  # noqa: BLE001 - as above
            pass
        else:
            with result.check("strided", where):
                _comparison(entry, strided, theirs)(theirs, _call(ours(), convert_sample(strided)))
    if dtype == torch.float64 and entry.supports_autograd:
        _check_gradients(result, entry, sample, ours, where)


def _check_variants(result, entry, sample, expected, compare, where):
    """Method, in-place method, operators and out= for one sample."""
    if isinstance(sample.input, torch.Tensor):
        fits = (isinstance(expected, torch.Tensor) and expected.shape == sample.input.shape
                and expected.dtype == sample.input.dtype and not sample.broadcasts_input)
        is_operator = len(sample.args) == 1 and not sample.kwargs
        for check, variant, possible in (("method", entry.method_variant, True),
                                         ("in-place", entry.inplace_variant, fits),
                                         ("operator", entry.operator_variant, is_operator),
                                         ("operator", entry.inplace_operator_variant, is_operator and fits)):
            if variant is None or not possible:
                continue
            try:
                theirs, their_input = _call_variant(variant, sample, torch)
            except Exception:  # noqa: BLE001 - what PyTorch cannot do itself is no test
                continue
            with result.check(check, where):
                ours, our_input = _call_variant(variant, convert_sample(sample), minitorch)
                compare(theirs, ours)
                if theirs is their_input:
                    assert ours is our_input, "what is returned is not the input"
                else:
                    same(their_input, our_input)
    if entry.supports_out and isinstance(expected, torch.Tensor):
        with result.check("out", where), minitorch.no_grad():
            out = minitorch.empty(tuple(expected.shape), dtype=convert.dtype(expected.dtype))
            returned = _call(_finder(entry)(), convert_sample(sample), out=out)
            assert returned is out, "out= is not what is returned"
            compare(expected, out)


def _call_variant(variant, sample, library):
    """Call a method, an operator or an in-place function on a copy of the sample's input: the result and the input."""
    with library.no_grad():
        library.manual_seed(0)
        input = sample.input.clone()
        if isinstance(variant, types.MethodDescriptorType) or variant.__module__ == "torch._tensor":
            variant = getattr(library.Tensor, variant.__name__)
        elif library is minitorch:
            variant = _rebound(variant)
        return variant(input, *sample.args, **sample.kwargs), input


def _check_gradients(result, entry, sample, ours, where):
    """First and second gradients of everything in the sample that requires grad."""
    theirs = _Backward(torch, entry.op, sample, torch.autograd.grad)
    if not theirs.outputs or not theirs.inputs:
        return
    upstream = [torch.randn_like(output) for output in theirs.outputs]
    second = entry.supports_gradgrad
    try:
        expected = theirs.first(upstream, create_graph=second)
    except RuntimeError:  # PyTorch cannot record this backward, whatever the entry says
        second, expected = False, _Backward(torch, entry.op, sample, torch.autograd.grad).first(upstream, False)
    with result.check("gradient", where):
        mine = _Backward(minitorch, ours(), convert_sample(sample), minitorch.autograd.grad)
        assert len(mine.outputs) == len(theirs.outputs), "other outputs require grad"
        same(expected, mine.first(convert.to_minitorch(upstream), create_graph=False))
    if second:
        again = [None if grad is None or not grad.requires_grad else torch.randn_like(grad) for grad in expected]
        if any(grad is not None for grad in again):
            try:
                twice = theirs.second(again)
            except RuntimeError:  # PyTorch's fused attention has no second derivative, whatever the entry says
                return
            with result.check("second", where):
                mine = _Backward(minitorch, ours(), convert_sample(sample), minitorch.autograd.grad)
                mine.first(convert.to_minitorch(upstream), create_graph=True)
                same(twice, mine.second(convert.to_minitorch(again)))


class _Backward:
    """One call of a function in one library, with its first and second gradients."""

    def __init__(self, library, function, sample, grad):
        self.grad = grad
        self.is_float = lambda x: isinstance(x, library.Tensor) and x.requires_grad
        self.inputs = [x for x in _leaves((sample.input, sample.args, sample.kwargs)) if self.is_float(x)]
        output = sample.output_process_fn_grad(_call(function, sample))
        self.outputs = [x for x in _leaves(output) if self.is_float(x)]

    def first(self, upstream, create_graph):
        self.upstream = [x.requires_grad_(create_graph) for x in upstream]
        self.grads = self.grad(self.outputs, self.inputs, self.upstream, create_graph=create_graph,
                               retain_graph=create_graph, allow_unused=True)
        return self.grads

    def second(self, upstream):
        pairs = [(grad, up) for grad, up in zip(self.grads, upstream)
                 if up is not None and grad is not None and grad.requires_grad]  # another one is constant
        inputs = self.inputs + self.upstream
        if not pairs:
            return [None] * len(inputs)
        return self.grad([grad for grad, _ in pairs], inputs, [up for _, up in pairs], allow_unused=True)


def _check_errors(result, entry):
    for number, error in enumerate(entry.error_inputs("cpu")):
        sample = error.sample_input
        if _out_of_scope((sample.input, sample.args, sample.kwargs)) or "meta" in str(sample.kwargs.get("device")):
            continue
        where = f"error input {number} {_short(sample)}"
        raised = None
        try:
            _call(entry.op, sample)
            continue  # the database expects an error, PyTorch raises none
        except Exception:  # noqa: BLE001 - as the database expects
            pass
        with result.check("error", where):
            try:
                _call(_finder(entry)(), convert_sample(sample))
            except Exception as caught:  # noqa: BLE001 - its type is compared below
                raised = caught
            assert isinstance(raised, error.error_type), f"{raised!r} and not {error.error_type.__name__}"
        with result.check("message", where):
            assert re.search(error.error_regex, str(raised)), f"{error.error_regex!r} is not in {str(raised)!r}"


def _finder(entry):
    """A function that finds minitorch's function for an entry: the one of that name, or the method."""
    def find():
        if isinstance(entry.op, types.FunctionType) and entry.op.__module__.startswith("torch.testing"):
            return _rebound(entry.op)
        try:
            return convert.named(entry.name)
        except AttributeError:
            if hasattr(minitorch.Tensor, entry.name):
                return getattr(minitorch.Tensor, entry.name)
            raise
    return find


def _rebound(function):
    """A function of the database's own (`lambda x: torch.exp_(x)`) that means minitorch where it says torch."""
    if isinstance(function, functools.partial):
        return functools.partial(_rebound(function.func), *function.args, **function.keywords)
    if getattr(function, "__module__", None) == "torch.nn.functional":
        return getattr(minitorch.nn.functional, function.__name__)
    if isinstance(function, types.FunctionType):
        ours = {"torch": minitorch, "wrapper_set_seed": _with_seed}
        return types.FunctionType(function.__code__, {**function.__globals__, **ours},
                                  argdefs=function.__defaults__, closure=function.__closure__)
    return function


def _with_seed(function, *args, **kwargs):
    """What op_db calls wrapper_set_seed: the same draws every time."""
    minitorch.manual_seed(42)
    return function(*args, **kwargs)


def _call(function, sample, **more):
    return function(sample.input, *sample.args, **sample.kwargs, **more)


def convert_sample(sample):
    """The sample for minitorch."""
    return types.SimpleNamespace(input=convert.to_minitorch(sample.input), args=convert.to_minitorch(sample.args),
                                 kwargs=convert.to_minitorch(sample.kwargs),
                                 output_process_fn_grad=_rebound(sample.output_process_fn_grad))


def _leaves(value):
    if isinstance(value, (list, tuple)):
        return [leaf for item in value for leaf in _leaves(item)]
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in _leaves(item)]
    return [value]


def _comparison(entry, sample, result):
    """The function that compares two results of an entry: some leave the values, or the order of equals, open."""
    if entry.name in UNDEFINED_VALUES:
        return _same_kind
    process, process_ours = sample.output_process_fn_grad, _rebound(sample.output_process_fn_grad)
    tolerances = _tolerances(entry)

    def compare(expected, got):
        """Kinds, then values: of what the sample says is defined, where a factorization leaves signs open."""
        _same_kind(expected, got)
        same(process(expected), process_ours(got), tolerances)

    if isinstance(result, torch.Tensor) and result.dtype == torch.float32:
        return functools.partial(_same_or_as_accurate, compare, entry, sample)
    if entry.name not in OPEN_ORDER:
        return compare

    def compare_chosen(expected, got):
        """Values as they are; indices by the values that they choose."""
        if isinstance(expected, torch.Tensor) and expected.dtype == torch.int64 and sample.input.dim():
            after_k = sample.args[entry.name in ("topk", "kthvalue"):]
            dim = next((x for x in after_k if type(x) is int), sample.kwargs.get("dim", -1))
            _same_kind(expected, got)
            expected, got = (sample.input.gather(dim, i if i.dim() == sample.input.dim() else i.unsqueeze(dim))
                             for i in (expected, _numbers(got)))
            torch.testing.assert_close(got, expected, equal_nan=True)
        elif isinstance(expected, tuple):
            _same_kind(expected, got)
            compare(expected[0], got[0])
            compare_chosen(expected[1], got[1])
        else:
            compare(expected, got)
    return compare_chosen


def _same_or_as_accurate(compare, entry, sample, expected, got):
    """`compare`; or no farther than twice as far as PyTorch's float32 result is from its float64 result."""
    try:
        compare(expected, got)
    except AssertionError:
        if not isinstance(got, minitorch.Tensor) or tuple(got.shape) != tuple(expected.shape):
            raise
        double = torch.utils._pytree.tree_map(
            lambda x: x.double() if isinstance(x, torch.Tensor) and x.is_floating_point() else x,
            (sample.input, sample.args, sample.kwargs))
        exact = entry.op(double[0], *double[1], **double[2])
        ours, theirs = ((x - exact).abs().max() for x in (_numbers(got), expected))
        if not ours <= 2 * theirs:
            raise


def _tolerances(entry):
    """{dtype: (rtol, atol)}: the widest that the database itself declares for an entry."""
    found = {}
    for info in entry.decorators:
        for decorator in getattr(info, "decorators", [info]):
            for dtype, tol in decorator.d.items() if isinstance(decorator, toleranceOverride) else ():
                rtol, atol = found.get(dtype, (0, 0))
                found[dtype] = max(rtol, tol.rtol), max(atol, tol.atol)
    return found


def same(expected, got, tolerances={}):
    """Assert that a result of minitorch's equals PyTorch's: kind, shapes, dtypes, values within PyTorch's tolerance."""
    if not _same_kind(expected, got):
        return
    if isinstance(expected, torch.Tensor):
        rtol, atol = tolerances.get(expected.dtype, (None, None))
        torch.testing.assert_close(_numbers(got), expected.detach(), equal_nan=True, check_stride=False,
                                   rtol=rtol, atol=atol)
    elif isinstance(expected, (list, tuple)):
        for theirs, ours in zip(expected, got):
            same(theirs, ours, tolerances)
    elif isinstance(expected, dict):
        for key in expected:
            same(expected[key], got[key], tolerances)
    elif isinstance(expected, float):
        assert expected != expected and got != got or abs(expected - got) <= 1e-7 * abs(expected) or expected == got, \
            f"{got!r} and not {expected!r}"
    elif not isinstance(expected, (torch.dtype, torch.device)):
        assert expected == got, f"{got!r} and not {expected!r}"


def _same_kind(expected, got):
    """Assert the same type, shape and dtype; False where both are None, or one of them a zero that nobody computed."""
    if expected is None or got is None:
        # autograd may say None for a gradient that is zero everywhere
        for other in (expected, got):
            assert other is None or not bool((other != 0).any()), f"{got!r} and not {expected!r}"
        return False
    if isinstance(expected, torch.Tensor):
        assert isinstance(got, minitorch.Tensor), f"{type(got).__name__} and not a Tensor"
        assert tuple(got.shape) == tuple(expected.shape), f"shape {tuple(got.shape)} and not {tuple(expected.shape)}"
        assert str(got.dtype) == str(expected.dtype), f"dtype {got.dtype} and not {expected.dtype}"
    elif isinstance(expected, (list, tuple)):
        assert isinstance(got, (list, tuple)) and len(got) == len(expected), f"{got!r} and not {expected!r}"
    elif isinstance(expected, (torch.dtype, torch.device)):
        assert str(got) == str(expected), f"{got!r} and not {expected!r}"
    return True


def _numbers(tensor):
    """A torch tensor with the values of minitorch's."""
    array = np.array(tensor.detach().array)
    if array.dtype.name == "bfloat16":
        return torch.from_numpy(array.astype(np.float32)).bfloat16()
    return torch.from_numpy(array)


def _short(sample):
    """The sample's shapes and other arguments, on one line."""
    def show(value):
        if isinstance(value, torch.Tensor):
            return f"{str(value.dtype).removeprefix('torch.')}{tuple(value.shape)}"
        if isinstance(value, (list, tuple)):
            return "[" + ", ".join(map(show, value)) + "]"
        return repr(value)

    parts = [show(sample.input), *map(show, sample.args), *(f"{k}={show(v)}" for k, v in sample.kwargs.items())]
    return ("(" + ", ".join(parts) + ")")[:300]
