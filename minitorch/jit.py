"""torch.jit: TorchScript is not there. `script` and `trace` give back what they are given, so the program runs as
Python; files of TorchScript can be neither written nor read."""


def script(obj, *args, **kwargs):
    """The function or module itself. It computes the same, but has no `.graph`, `.code` or `.save`."""
    return obj


def trace(func, example_inputs=None, *args, **kwargs):
    """The function or module itself, which is not run on the example."""
    return func


def ignore(fn):
    """The function itself; `unused` and `export` are the same."""
    return fn


unused = export = script_if_tracing = ignore


def is_scripting():
    """Is this code being compiled? Never."""
    return False


is_tracing = is_scripting


def save(m, f, *args, **kwargs):
    """Raises NotImplementedError: there is no TorchScript."""
    raise NotImplementedError("torch.jit.save: minitorch has no TorchScript. torch.save(model.state_dict(), ...) saves "
                              "the parameters, for PyTorch too.")


def load(f, *args, **kwargs):
    """Raises NotImplementedError: there is no TorchScript."""
    raise NotImplementedError("torch.jit.load: minitorch has no TorchScript. It reads what torch.save wrote.")
