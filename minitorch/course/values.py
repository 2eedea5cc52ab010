"""Answers: how they travel between processes, when two of them are equal, and how a person sees them.

Only plain values travel: None, bools, numbers, text, arrays of numbers, and lists and dicts of these. A tensor travels
as its array. There is no pickle: what arrives cannot run, and has no methods of its own with which to compare.
"""
import base64
import math

import numpy as np

from ..graph import TensorBase

TOLERANCE = {"float16": 1e-2, "float32": 1e-4, "float64": 1e-6}  # relative, and absolute


def encode(value):
    """A value in terms of JSON; TypeError for what is no plain value."""
    if isinstance(value, TensorBase):
        value = value.array
    if isinstance(value, (np.ndarray, np.generic)):
        value = np.asarray(value)
        if value.dtype.kind not in "biuf":
            raise TypeError(f"an array of {value.dtype} is no answer")
        return {"array": base64.b64encode(value.tobytes()).decode(), "dtype": value.dtype.str,
                "shape": list(value.shape)}
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {"dict": {str(key): encode(item) for key, item in value.items()}}
    raise TypeError(f"a {type(value).__name__} is no answer: tensors, arrays, numbers and text are")


def decode(value):
    """The value that was encoded; ValueError, TypeError or KeyError for anything else."""
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "dict" in value:
        return {key: decode(item) for key, item in value["dict"].items()}
    dtype = np.dtype(value["dtype"])
    if dtype.kind not in "biuf":
        raise ValueError(f"an array of {dtype}")
    return np.frombuffer(base64.b64decode(value["array"], validate=True), dtype).reshape(value["shape"])


def equal(a, b):
    """Are two decoded values the same, up to rounding?"""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        if a.shape != b.shape or a.dtype != b.dtype:
            return False
        if a.dtype.kind != "f":
            return bool((a == b).all())
        tolerance = TOLERANCE[a.dtype.name]
        return np.allclose(b, a, rtol=tolerance, atol=tolerance, equal_nan=True)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(equal, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(equal(a[key], b[key]) for key in a)
    if isinstance(a, float):
        return math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-6) or a != a and b != b
    return a == b


def show(value, indent=0):
    """A decoded value for people, over as many lines as it needs."""
    if isinstance(value, np.ndarray):
        numbers = np.array2string(value, precision=4, threshold=30, edgeitems=3, suppress_small=True, separator=", ")
        text = f"{numbers}   {value.dtype}, shape {value.shape}"
    elif isinstance(value, dict):
        text = "\n".join([f"{key}: {show(item, len(key) + 2)}" for key, item in value.items()])
    elif isinstance(value, list) and any(isinstance(item, (np.ndarray, list, dict)) for item in value):
        text = "\n".join([show(item) for item in value])
    else:
        text = f"{value:.6g}" if isinstance(value, float) else repr(value)
    return text.replace("\n", "\n" + " " * indent)
