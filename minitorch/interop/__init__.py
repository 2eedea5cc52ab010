"""Living with PyTorch: run its programs unchanged (`run`), or see whether they will (`can_run`)."""
