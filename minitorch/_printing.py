"""How a tensor prints: torch's text for torch's numbers, so that a printed result can be compared line by line.

A tensor has one number format, chosen from all the numbers it shows, so that its columns line up:

    integers and booleans        as they are                          tensor([1, 2])
    floats that are all whole    a bare point                         tensor([1., 2.])
    a wide range of magnitudes   scientific, `precision` decimals     tensor([1.0000e-05, 1.0000e+00])
    all other floats             fixed, `precision` decimals          tensor([0.5000, 2.0000])

Zeros, infinities and NaNs have no say in that choice. A tensor of more than `threshold` elements is cut down to the
first and last `edgeitems` of every axis before anything is formatted, so a huge one prints as fast as a small one.
"""
import math
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np

__all__ = ["set_printoptions", "get_printoptions", "printoptions", "tensor_str"]

_PROFILES = {
    "default": dict(precision=4, threshold=1000, edgeitems=3, linewidth=80),
    "short": dict(precision=2, threshold=1000, edgeitems=2, linewidth=80),
    "full": dict(precision=4, threshold=math.inf, edgeitems=3, linewidth=80),
}
_options = SimpleNamespace(**_PROFILES["default"], sci_mode=None)


def set_printoptions(precision=None, threshold=None, edgeitems=None, linewidth=None, profile=None, sci_mode=None):
    """Change how tensors print. An option left at None keeps its value, except sci_mode.

    precision: decimals of a float (4). threshold: more elements than this are summarised (1000), to edgeitems at
    each end of an axis (3). linewidth: columns before a line is broken (80). profile: "default", "short" or "full" sets
    these four at once. sci_mode: True or False forces scientific notation on or off; None, restored by every call that
    does not name it, lets the numbers decide.

    >>> set_printoptions(precision=2)
    >>> print(tensor_str(np.array([0.125, 2]), "torch.float32", "torch.float32"))
    tensor([0.12, 2.00])
    >>> set_printoptions(profile="default")
    """
    given = dict(precision=precision, threshold=threshold, edgeitems=edgeitems, linewidth=linewidth)
    changes = {**_PROFILES.get(profile, {}), **{name: value for name, value in given.items() if value is not None}}
    vars(_options).update(changes, sci_mode=sci_mode)


def get_printoptions():
    """The current options, as keyword arguments for set_printoptions.

    >>> get_printoptions()
    {'precision': 4, 'threshold': 1000, 'edgeitems': 3, 'linewidth': 80, 'sci_mode': None}
    """
    return dict(vars(_options))


@contextmanager
def printoptions(**options):
    """Change the print options within a `with` block; takes what set_printoptions takes.

    >>> with printoptions(threshold=4, edgeitems=1):
    ...     print(tensor_str(np.arange(9), "torch.int64", "torch.float32"))
    tensor([0,  ..., 8])
    """
    before = get_printoptions()
    set_printoptions(**options)
    try:
        yield
    finally:
        set_printoptions(**before)


def tensor_str(array, dtype, default_dtype, *, device=None, grad=None, prefix="tensor("):
    """The repr of a tensor that holds `array`.

    array: real ndarray of any shape. dtype, default_dtype: the tensor's torch dtype and the current default, or their
    names; the former is shown where the numbers do not imply it. device: a name to show, as "cuda:0". grad: text to
    show last, as "requires_grad=True". The size is added here, where the brackets cannot show it.

    >>> print(tensor_str(np.array([[1.5, -2.0]]), "torch.float64", "torch.float32", grad="grad_fn=<MulBackward0>"))
    tensor([[ 1.5000, -2.0000]], dtype=torch.float64, grad_fn=<MulBackward0>)
    >>> print(tensor_str(np.empty((0, 3)), "torch.float32", "torch.float32"))
    tensor([], size=(0, 3))
    """
    if array.dtype.kind == "V":  # bfloat16
        array = array.astype(np.float32)
    empty = array.size == 0
    size_is_visible = array.ndim == 1 if empty else _options.edgeitems > 0
    dtype_is_implied = dtype == default_dtype or (not empty and array.dtype in (np.int64, np.bool_))

    suffixes = []
    if device is not None:
        suffixes.append(f"device='{device}'")
    if not size_is_visible:
        suffixes.append(f"size={array.shape}")
    if not dtype_is_implied:
        suffixes.append(f"dtype={dtype}")
    if grad is not None:
        suffixes.append(grad)
    return _append(suffixes, prefix + _array_str(array, len(prefix)), len(prefix)) + ")"


def _append(suffixes, text, indent):
    """Add ", suffix" for each suffix, on a new line where the last one is full."""
    column = len(text.rpartition("\n")[2]) + 2  # torch counts two columns too many here, and so breaks a little early
    for suffix in suffixes:
        if column + len(suffix) + 2 > _options.linewidth:
            text += ",\n" + " " * indent + suffix
            column = indent + len(suffix)
        else:
            text += ", " + suffix
            column += len(suffix) + 2
    return text


def _array_str(array, indent):
    """The brackets and numbers of `array`; `indent` is the column of the first bracket."""
    if array.size == 0:
        return "[]"
    edge = _options.edgeitems
    cut = [array.size > _options.threshold and n > 2 * edge for n in array.shape]  # one bool per axis
    if any(cut):
        kept = [np.r_[:edge, n - edge:n] if is_cut else np.arange(n) for n, is_cut in zip(array.shape, cut)]
        array = array[np.ix_(*kept)]  # (n, m, ...) -> (2 * edge, 2 * edge, ...)
    spec, width = _number_format(array)
    return _nested_str(array, cut, indent, spec, width)


def _number_format(array):
    """The format spec for every number of `array`, and the width to pad the results to."""
    if array.dtype.kind != "f":
        return "", max((len(str(value)) for value in array.ravel().tolist()), default=1)

    finite = array[np.isfinite(array)]
    shown = finite[finite != 0]  # (S,)
    if shown.size == 0:
        return "#.0f", 1

    smallest, largest = float(abs(shown).min()), float(abs(shown).max())  # a float16 ratio could overflow
    scientific = _options.sci_mode
    if scientific is None:
        scientific = largest / smallest > 1000 or largest > 1e8 or smallest < 1e-4
    if scientific:
        spec = f".{_options.precision}e"
    elif np.all(shown == np.ceil(shown)):
        spec = "#.0f"  # whole numbers: "#" keeps the point
    else:
        spec = f".{_options.precision}f"
    return spec, max(len(format(value, spec)) for value in shown.tolist())


def _nested_str(array, cut, indent, spec, width):
    """`array` with one pair of brackets per axis and "..." in the middle of each axis that was cut."""
    if array.ndim == 0:
        return format(array.item(), spec).rjust(width)

    if array.ndim == 1:
        items = [format(value, spec).rjust(width) for value in array.tolist()]
        dots = " ..." if items else "..."
        per_line = max(1, math.floor((_options.linewidth - indent) / (width + 2)))
    else:
        items = [_nested_str(row, cut[1:], indent + 1, spec, width) for row in array]
        dots = "..."
        per_line = 1
    if cut[0]:
        items.insert(_options.edgeitems, dots)

    lines = [", ".join(items[start:start + per_line]) for start in range(0, len(items), per_line)]
    # Blocks of d axes stand d - 1 lines apart; a wrapped row continues on the next line.
    line_break = "," + "\n" * max(1, array.ndim - 1) + " " * (indent + 1)
    return "[" + line_break.join(lines) + "]"
