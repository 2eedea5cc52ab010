"""What is known to fail, with the reason: {entry: {check: reason}}. docs/torch_differences.md tells it to users."""

OPS = {}
