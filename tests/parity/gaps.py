"""What is known to fail, with the reason: {entry: {check: reason}}. docs/torch_differences.md tells it to users."""

_OVERLAP = "out= that shares memory with an input is allowed: the result is computed first"
_CAST = "a result is cast to the dtype of out=, where PyTorch refuses"
_WORDS = "a result that cannot be cast to the dtype of out= is refused in other words"
_NUMBER = "called on a number, as nobody does: Tensor.__radd__(2, x)"

OPS = {
    "__radd__": {"error": _NUMBER},
    "__rmul__": {"error": _NUMBER},
    "amax": {"message": _WORDS},
    "amin": {"message": _WORDS},
    "aminmax": {"error": _CAST, "message": _CAST},
    "cat": {"error": _OVERLAP, "message": _OVERLAP},
    "gather": {"error": _OVERLAP, "message": _OVERLAP},
    "index_select": {"error": _OVERLAP, "message": _OVERLAP},
    "masked_select": {"error": _OVERLAP, "message": _OVERLAP},
    "multinomial": {"error": _CAST, "message": _CAST},
    "take": {"error": _OVERLAP, "message": _OVERLAP},
}
MODULES = {
    "nn.CrossEntropyLoss": {"second": "where all targets are ignored, PyTorch's second gradient is nan, ours 0"},
}
