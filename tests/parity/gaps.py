"""What is known to fail, with the reason: {entry: {check: reason}}. docs/torch_differences.md tells it to users."""

_OVERLAP = "out= that shares memory with an input is allowed: the result is computed first"
_CAST = "a result is cast to the dtype of out=, where PyTorch refuses"
_WORDS = "a result that cannot be cast to the dtype of out= is refused in other words"

OPS = {
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
FURTHER_OPS = {  # not tested one by one, but counted in the table
    "as_strided_scatter": {
        "gradient": "PyTorch's passes where the source was written, and not where the input is left",
        "second": "as the gradient", "message": "worded as as_strided's"},
    "cov": {"second": "float32 weights: PyTorch rounds more often; 3e-5 apart"},
    "kthvalue": {"error": _OVERLAP, "message": _OVERLAP},
    "masked.logaddexp": {"second": "PyTorch's is nan where all is masked, ours finite"},
    "masked.logsumexp": {"second": "PyTorch's is nan where all is masked, ours finite"},
    "mode": {"value": "which of several equals is named: ours the last", "dtype": "as the value"},
    "nn.functional.linear_cross_entropy:chunked": {"second": "PyTorch's chunked form has none, ours has"},
    "special.bessel_j0": {"value": "float64: PyTorch is off by 4e-7, SciPy by 4e-16", "dtype": "as the value"},
    "special.bessel_y1": {"value": "float64: PyTorch is off by 2e-7, SciPy by 4e-16", "dtype": "as the value"},
    "special.i1": {"value": "of integers: PyTorch's float32 is off by 4e-4", "dtype": "as the value"},
}
MODULES = {
    "nn.CrossEntropyLoss": {"second": "where all targets are ignored, PyTorch's second gradient is nan, ours 0"},
    "nn.LinearCrossEntropyLoss": {"second": "PyTorch's chunked form has none, ours has"},
}
