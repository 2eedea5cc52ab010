"""torch.accelerator: questions about whatever GPU there is. There is none yet, and the answers say so."""


def is_available():
    """Is there an accelerator? Not yet.

    >>> is_available(), current_accelerator(), device_count()
    (False, None, 0)
    """
    return False


def current_accelerator(check_available=False):
    """The accelerator's device, or None."""


def device_count():
    """How many accelerators can be used."""
    return 0


def _none_available(*args, **kwargs):
    """Raises RuntimeError: there is no accelerator to ask."""
    raise RuntimeError("Cannot access accelerator device when none is available.")


current_device_index = set_device_index = current_stream = synchronize = _none_available
empty_cache = memory_allocated = max_memory_allocated = reset_peak_memory_stats = _none_available
