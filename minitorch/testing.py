"""torch.testing: `assert_close`, for tests of your own.

https://docs.pytorch.org/docs/stable/testing.html
"""
from collections.abc import Mapping, Sequence
from numbers import Number

import numpy as np

from . import dtypes
from .creation import tensor
from .tensor import Tensor

__all__ = ["assert_close"]

# dtype: (rtol, atol); everything else has to be equal
_TOLERANCES = {dtypes.float16: (1e-3, 1e-5), dtypes.bfloat16: (1.6e-2, 1e-5), dtypes.float32: (1.3e-6, 1e-5),
               dtypes.float64: (1e-7, 1e-7)}


def assert_close(actual, expected, *, allow_subclasses=True, rtol=None, atol=None, equal_nan=False, check_device=True,
                 check_dtype=True, check_layout=True, check_stride=False, msg=None):
    """AssertionError, with the largest differences, unless |actual - expected| <= atol + rtol * |expected| everywhere.

    Takes tensors, numbers, and sequences and mappings of them. The tolerances are both given or both left out: then
    they follow from the wider dtype (float32: rtol 1.3e-6, atol 1e-5; float64: 1e-7 both; integers: equal). `msg`
    replaces the message: a text, or a function of it. TypeError for what cannot be compared.

    >>> import minitorch as torch
    >>> torch.testing.assert_close(torch.tensor([1., 2.]), torch.tensor([1., 2.000001]))
    >>> torch.testing.assert_close(1.0, 1.5)
    Traceback (most recent call last):
    AssertionError: Scalars are not close!
    <BLANKLINE>
    Expected 1.5 but got 1.0.
    Absolute difference: 0.5 (up to 1e-07 allowed)
    Relative difference: 0.3333333333333333 (up to 1e-07 allowed)
    """
    if (rtol is None) != (atol is None):
        raise ValueError("Both 'rtol' and 'atol' must be either specified or omitted, but got no "
                         f"{'rtol' if rtol is None else 'atol'}.")
    attributes = [name for name, wanted in (("shape", True), ("device", check_device), ("layout", check_layout),
                                            ("dtype", check_dtype), ("stride()", check_stride)) if wanted]
    problem = _difference(actual, expected, rtol, atol, equal_nan, attributes, "")
    if problem is not None:
        raise AssertionError(problem if msg is None else msg(problem) if callable(msg) else msg)


def _difference(actual, expected, rtol, atol, equal_nan, attributes, item):
    """What is wrong, in words, or None. `item` is where in the containers we are: "['a'][1]"."""
    options = rtol, atol, equal_nan, attributes
    if isinstance(actual, Tensor) and isinstance(expected, Tensor):
        problem = _tensor_difference(actual, expected, *options)
    elif isinstance(actual, Number) and isinstance(expected, Number):
        if type(actual) is not type(expected) and "dtype" in attributes:
            problem = f"The (d)types do not match: {type(actual)} != {type(expected)}."
        else:
            problem = _tensor_difference(*(tensor(x, dtype=_number_dtype(x)) for x in (actual, expected)), *options)
    elif _both(Mapping, actual, expected):
        missing, additional = (sorted(a.keys() - b.keys(), key=str)
                               for a, b in ((expected, actual), (actual, expected)))
        if missing or additional:
            return (f"The keys of the mappings do not match:\nMissing keys in the actual mapping: {missing}\n"
                    f"Additional keys in the actual mapping: {additional}")
        return _first(_difference(actual[key], expected[key], *options, f"{item}[{key!r}]") for key in actual)
    elif _both(Sequence, actual, expected) and not isinstance(actual, str):
        if len(actual) != len(expected):
            return f"The length of the sequences mismatch: {len(actual)} != {len(expected)}"
        return _first(_difference(a, b, *options, f"{item}[{i}]") for i, (a, b) in enumerate(zip(actual, expected)))
    elif actual is expected is None:
        return None
    else:
        raise TypeError(f"No comparison pair was able to handle inputs of type {type(actual)} and {type(expected)}.")
    return problem and (f"{problem}\n\nThe failure occurred for item {item}" if item else problem)


def _both(kind, *values):
    return all(isinstance(value, kind) for value in values)


def _first(problems):
    return next((problem for problem in problems if problem is not None), None)


def _number_dtype(x):
    return dtypes.bool_ if isinstance(x, bool) else dtypes.int64 if isinstance(x, int) else dtypes.float64


def _tensor_difference(actual, expected, rtol, atol, equal_nan, attributes):
    for name in attributes:
        theirs, ours = (x.stride() if name == "stride()" else getattr(x, name) for x in (expected, actual))
        if ours != theirs:
            return f"The values for attribute '{name}' do not match: {ours} != {theirs}."
    if rtol is None:
        pairs = [_TOLERANCES.get(x.dtype, (0.0, 0.0)) for x in (actual, expected)]
        rtol, atol = map(max, zip(*pairs))
    real = np.float64 if dtypes.float64 in (actual.dtype, expected.dtype) else np.float32
    whole = not (actual.is_floating_point() or expected.is_floating_point())
    a, b = (x.detach().array.astype(np.int64 if whole else real) for x in (actual, expected))
    with np.errstate(invalid="ignore", divide="ignore"):  # inf - inf, 0 / 0
        close = (a == b) | (np.isfinite(b) & (np.abs(a - b) <= atol + rtol * np.abs(b)))
        if equal_nan:
            close |= np.isnan(a) & np.isnan(b)
        if close.all():
            return None
        absolute = np.abs(a - b)
        absolute, relative = (np.where(close, 0, d) for d in (absolute, absolute.astype(real) / np.abs(b).astype(real)))
    exact = rtol == atol == 0
    allowed = ["" if exact else f" (up to {tolerance} allowed)" for tolerance in (atol, rtol)]
    if not a.ndim:
        return (f"Scalars are not {'equal' if exact else 'close'}!\n\nExpected {expected.item()} but got "
                f"{actual.item()}.\nAbsolute difference: {absolute.item()}{allowed[0]}\n"
                f"Relative difference: {relative.item()}{allowed[1]}")
    lines = [f"Tensor-likes are not {'equal' if exact else 'close'}!\n",
             f"Mismatched elements: {(~close).sum()} / {close.size} ({(~close).mean():.1%})"]
    for kind, difference, note in (("absolute", absolute, allowed[0]), ("relative", relative, allowed[1])):
        where = np.unravel_index(difference.argmax(), difference.shape)
        lines.append(f"Greatest {kind} difference: {difference[where].item()} at index "
                     f"{tuple(int(i) for i in where)}{note}")
    return "\n".join(lines)
