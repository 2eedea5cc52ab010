"""torch.distributed: one process, no groups. Programs that ask first run alone."""


def is_available():
    """Can processes train together? No.

    >>> is_available(), is_initialized()
    (False, False)
    """
    return False


def is_initialized():
    """Has a group of processes been made? Never."""
    return False


def init_process_group(*args, **kwargs):
    """Raises RuntimeError: there are no groups of processes."""
    raise RuntimeError("torch.distributed.init_process_group: minitorch trains in one process "
                       "(torch.distributed.is_available() is False here).")


def get_rank(group=None):
    """Raises ValueError, as PyTorch does outside a group."""
    raise ValueError("Default process group has not been initialized, please make sure to call init_process_group.")


get_world_size = barrier = all_reduce = broadcast = get_rank
