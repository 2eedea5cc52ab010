"""Switches for recording: `with no_grad():`, `@no_grad()` and their relatives. Each thread has its own."""
import functools
import inspect

from ..graph import grad_mode


def is_grad_enabled():
    """Whether operations are recorded in this thread."""
    return grad_mode.enabled


def is_inference_mode_enabled():
    """Whether new tensors of this thread are inference tensors."""
    return grad_mode.inference


class _Switch:
    """Sets some of grad_mode's attributes for a `with` block, or for every call of a decorated function.

    A generator function runs with them between its yields; the code around it does not.
    """

    def __init__(self, **values):
        self.values = values
        self.before = []  # a stack: one object may be entered again inside its own block

    def __enter__(self):
        self.before.append(grad_mode.set(**self.values))

    def __exit__(self, *exc):
        grad_mode.set(**self.before.pop())

    def __call__(self, function):
        if inspect.isgeneratorfunction(function):
            return self._decorate_generator(function)

        @functools.wraps(function)
        def decorated(*args, **kwargs):
            with _Switch(**self.values):
                return function(*args, **kwargs)

        return decorated

    def _decorate_generator(self, function):
        @functools.wraps(function)
        def decorated(*args, **kwargs):
            generator = function(*args, **kwargs)
            resume = functools.partial(next, generator)
            while True:
                try:
                    with _Switch(**self.values):
                        item = resume()
                except StopIteration as stop:
                    return stop.value
                try:
                    resume = functools.partial(generator.send, (yield item))
                except GeneratorExit:
                    with _Switch(**self.values):
                        generator.close()
                    raise
                except BaseException as error:
                    resume = functools.partial(generator.throw, error)

        return decorated


class _PlainSwitch(_Switch):
    """A switch without arguments: `@no_grad` decorates as `@no_grad()` does."""

    def __new__(cls, function=None):
        return super().__new__(cls) if function is None else cls()(function)


class no_grad(_PlainSwitch):
    """Inside, operations are not recorded: results do not require grad.

    >>> import minitorch as torch
    >>> x = torch.ones(2, requires_grad=True)
    >>> with torch.no_grad():
    ...     print((x * 2).requires_grad)
    False
    """

    def __init__(self):
        super().__init__(enabled=False)


class enable_grad(_PlainSwitch):
    """Inside, operations are recorded again: undoes no_grad."""

    def __init__(self):
        super().__init__(enabled=True)


class set_grad_enabled(_Switch):
    """Switches recording on or off from now on; as a context manager or decorator, only inside."""

    def __init__(self, mode):
        if not isinstance(mode, bool):
            raise TypeError(f"set_grad_enabled(): argument 'enabled' (position 1) must be bool, not "
                            f"{type(mode).__name__}")
        super().__init__(enabled=mode)
        super().__enter__()

    def __enter__(self):
        grad_mode.set(**self.values)  # what to go back to was noted by __init__

    def __call__(self, function):
        self.__exit__()
        return super().__call__(function)


class inference_mode(_Switch):
    """As no_grad, and the tensors made inside can never be part of a graph: cheaper, and a safeguard. `mode=False`
    leaves it.

    >>> import minitorch as torch
    >>> with torch.inference_mode():
    ...     x = torch.ones(2)
    >>> x.is_inference()
    True
    """

    def __new__(cls, mode=True):
        return super().__new__(cls) if isinstance(mode, bool) else cls()(mode)

    def __init__(self, mode=True):
        super().__init__(enabled=not mode, inference=mode)


class set_multithreading_enabled(_Switch):
    """Whether backward may use several threads: accepted, and without effect, as backward runs in one."""

    def __init__(self, mode):
        super().__init__(multithreading=mode)
        super().__enter__()

    def __enter__(self):
        pass  # __init__ did


def is_multithreading_enabled():
    """What set_multithreading_enabled set last; True before."""
    return grad_mode.multithreading
