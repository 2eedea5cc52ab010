"""What is known to fail, with the reason: {entry: {check: reason}}. docs/torch_differences.md tells it to users."""

OPS = {}
MODULES = {
    "nn.CrossEntropyLoss": {"second": "where all targets are ignored, PyTorch's second gradient is nan, ours 0"},
}
