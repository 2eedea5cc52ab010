"""torch.compile and torch.compiler: nothing is compiled; the program runs as it is written."""
import functools


def compile(model=None, **options):
    """The model or function itself: it computes the same, at the same speed. Also as a decorator, with options.

    >>> compile(abs) is abs, compile(mode="max-autotune")(abs) is abs
    (True, True)
    """
    return functools.partial(compile, **options) if model is None else model


def disable(fn=None, recursive=True, *, reason=None):
    """The function itself: it would not be compiled anyway. Also as a decorator."""
    return functools.partial(disable, recursive=recursive) if fn is None else fn


def is_compiling():
    """Is this code being compiled? Never."""
    return False


def reset():
    """Forget what was compiled: nothing was."""
