"""torch.multiprocessing: Python's multiprocessing, and `spawn`. A tensor that goes to another process is copied.

In torch both processes then share its memory, so that several can train one model. Here they cannot.
"""
from multiprocessing import *  # noqa: F401,F403
from multiprocessing import __all__ as _standard
from multiprocessing import get_context

__all__ = [*_standard, "spawn", "get_all_sharing_strategies", "get_sharing_strategy", "set_sharing_strategy"]


def spawn(fn, args=(), nprocs=1, join=True, daemon=False, start_method="spawn"):
    """Run fn(i, *args) in `nprocs` processes, i counting them. Returns None after all have ended, or, without `join`,
    the list of the processes.

    RuntimeError, which names the first that failed, after the others have been stopped.
    """
    context = get_context(start_method)
    processes = [context.Process(target=fn, args=(i, *args), daemon=daemon) for i in range(nprocs)]
    for process in processes:
        process.start()
    if not join:
        return processes
    for i, process in enumerate(processes):
        process.join()
        if process.exitcode:
            for other in processes:
                other.terminate()
            raise RuntimeError(f"process {i} terminated with exit code {process.exitcode}")


def get_all_sharing_strategies():
    """The names of the ways to pass a tensor on: {"copy"}."""
    return {"copy"}


def get_sharing_strategy():
    """The way in use, "copy"."""
    return "copy"


def set_sharing_strategy(new_strategy):
    """Accepts torch's names, without effect: nothing is shared."""
