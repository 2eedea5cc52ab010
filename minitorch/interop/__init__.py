"""Living with PyTorch: run its programs unchanged (`run`)."""
