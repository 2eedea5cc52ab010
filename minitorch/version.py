"""torch.version: which release this is."""
__version__ = "0.1.0"
torch = "2.13.0"  # the PyTorch whose behaviour it follows; `python -m minitorch run` tells programs that it is this one
cuda = None
hip = None
debug = False
