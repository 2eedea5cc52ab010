"""torch.backends.cudnn: NVIDIA's library for neural networks. Programs set its switches; nothing reads them."""
from contextlib import contextmanager

enabled = True
benchmark = False
deterministic = False
allow_tf32 = True


def is_available():
    """Is it used? No."""
    return False


def version():
    """None: there is no cuDNN."""


@contextmanager
def flags(enabled=False, benchmark=False, deterministic=False, allow_tf32=True):
    """Set the switches within a `with` block."""
    switches = dict(enabled=enabled, benchmark=benchmark, deterministic=deterministic, allow_tf32=allow_tf32)
    before = {name: globals()[name] for name in switches}
    globals().update(switches)
    try:
        yield
    finally:
        globals().update(before)
