"""Run a PyTorch program, unchanged, on minitorch:  python -m minitorch run SCRIPT [ARGS...]

For that program `torch.nn.functional` is another name of the module `minitorch.nn.functional`, and so on for all of
torch; `torchvision` is another name of `minitorch.vision`, `safetensors` of `minitorch.interop.safetensors`. A PyTorch
that may be installed is never looked at, nor are packages that work with nothing else.
"""
import functools
import importlib
import importlib.machinery
import importlib.util
import io
import os
import sys
import types
from multiprocessing import spawn

from .._names import OURS, ours, theirs

__all__ = ["TorchFinder", "prepare", "run"]


class TorchFinder:
    """An import hook: `import torch.x.y` gives the module minitorch.x.y itself, under a second name, and `import
    torchvision.x` gives minitorch.vision.x.

    It is finder and loader in one. Where there is no such module, it leaves the search to the other finders, and they
    look in the folder of minitorch.x, the parent that the first half of the name gave: so they find nothing either.
    """

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in OURS and importlib.util.find_spec(ours(name)):
            return importlib.machinery.ModuleSpec(name, TorchFinder)

    @staticmethod
    def create_module(spec):
        module = importlib.import_module(ours(spec.name))
        spec.loader_state = module.__spec__  # Python is about to replace it by `spec`
        return module

    @staticmethod
    def exec_module(module):
        module.__spec__ = module.__spec__.loader_state
        _name_classes()  # those of the modules that this import has loaded


def run(script, args=()):
    """Run the file `script` as `python script *args` would, with minitorch in torch's place.

    It sees __name__ == "__main__", its own sys.argv and its folder in sys.path[0]. An uncaught exception is printed,
    without the frames of this file, and becomes SystemExit(1). Meant to be the last thing that a process does: the
    import hook, and the program as sys.modules["__main__"], stay. OSError for a file that cannot be read.
    """
    path = os.path.abspath(script)
    with io.open_code(path) as file:
        source = file.read()
    main = types.ModuleType("__main__")
    main.__file__ = path
    sys.modules["__main__"] = main
    sys.argv = [script, *args]
    if not getattr(sys.flags, "safe_path", sys.flags.isolated):  # new in 3.11; python -I and -P leave sys.path alone
        sys.path[0] = os.path.dirname(os.path.realpath(path))
    prepare()
    try:
        exec(compile(source, path, "exec", dont_inherit=True), vars(main))
    except (SystemExit, KeyboardInterrupt):
        raise
    except BaseException as error:
        _explain(error)
        error.__traceback__ = error.__traceback__.tb_next
        sys.excepthook(type(error), error, error.__traceback__)
        sys.exit(1)


def prepare():
    """Put minitorch in torch's place in this process, and in those that it will spawn."""
    sys.meta_path.insert(0, TorchFinder)
    _name_classes()
    torch = sys.modules["minitorch"]
    torch.__version__ = f"{torch.version.torch}+minitorch{torch.version.__version__}"
    spawn.get_preparation_data = functools.partial(_preparation_data, spawn.get_preparation_data)


def _preparation_data(original, name):
    """What Python tells a new process: first of all the file to run, so that it has the program's functions."""
    data = original(name)
    if "init_main_from_path" in data:
        script = data["init_main_from_path"]
        data["sys_argv"] = [*data["sys_argv"][:1], script, *data["sys_argv"][1:]]  # spawned.py takes it out again
        data["init_main_from_path"] = os.path.join(os.path.dirname(__file__), "spawned.py")
    return data


def _name_classes():
    """Have classes say that they are torch's, for print(type(x)) and for pickle."""
    top = vars(sys.modules["minitorch"])
    for module in [module for name, module in sys.modules.items() if name.partition(".")[0] == "minitorch"]:
        for value in vars(module).values():
            if isinstance(value, type) and value.__module__.partition(".")[0] == "minitorch":
                is_top = top.get(value.__name__) is value
                value.__module__ = "torch" if is_top else theirs(value.__module__)


def _explain(error):
    """Have an error about a name that minitorch lacks say so, in terms of torch."""
    if isinstance(error, ImportError):  # of "torch.x", or of a name in the module "minitorch.x"
        name = theirs(error.name or "")
        if name.partition(".")[0] in OURS:
            error.msg = f"{error.msg.replace(repr(error.name), repr(name))}: minitorch does not have it"
    elif isinstance(error, AttributeError) and isinstance(error.obj, types.ModuleType):
        name = theirs(error.obj.__name__)
        if name.partition(".")[0] in OURS:
            full_name = f"{name}.{error.name}"
            error.args = (f"module '{name}' has no attribute '{error.name}': minitorch does not have {full_name}",)
    elif isinstance(error, AttributeError) and isinstance(error.obj, sys.modules["minitorch"].Tensor):
        error.args = (f"{error}: minitorch does not have torch.Tensor.{error.name}",)
