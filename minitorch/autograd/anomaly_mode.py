"""Finding the forward line behind an error in backward."""
import warnings

from .grad_mode import _Switch


class detect_anomaly(_Switch):
    """Inside, each node remembers where it was made; if its backward fails, or yields NaN, a warning names that place.

    RuntimeError, in backward, for a NaN (unless `check_nan=False`). Slow: for debugging only.

    >>> import minitorch as torch
    >>> with torch.autograd.set_detect_anomaly(False):
    ...     print((torch.zeros(1, requires_grad=True) * 2).grad_fn.traceback)
    None
    """

    def __init__(self, check_nan=True):
        super().__init__(anomaly=True, check_nan=check_nan)
        warnings.warn("Anomaly Detection has been enabled. This mode will increase the runtime and should only be "
                      "enabled for debugging.",
                      stacklevel=2)


class set_detect_anomaly(_Switch):
    """Anomaly mode on or off from now on; as a context manager, only inside."""

    def __init__(self, mode, check_nan=True):
        super().__init__(anomaly=mode, check_nan=check_nan)
        super().__enter__()

    def __enter__(self):
        pass  # __init__ did
