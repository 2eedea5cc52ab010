"""Imports only point down: each file may import its own layer and those below it, and nobody imports in a circle."""
import ast
import graphlib
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = [  # lowest first; a name is a module of minitorch or a package with all that is in it
    "dtypes hooks return_types _layout _names _printing _pytree _shapes _size",
    "kernels",
    "device",
    "graph saved backward_hooks autocast engine differentiate random",
    "ops",
    "storage tensor creation",
    "autograd",
    "_lowrank accelerator amp backends compiler cuda distributed distributions fft func functional hub interop "
    "jit linalg masked mps multiprocessing nn onnx optim positional profiler serialization settings signal testing "
    "special utils version vision xpu",
    "__init__ __main__ course doctor",
]
LAYER = {name: level for level, names in enumerate(LAYERS) for name in names.split()}
DEPENDENCIES = {"minitorch", "numba", "llvmlite", "numpy", "scipy"} | sys.stdlib_module_names  # Numba brings llvmlite
EXTRAS = {"PIL": "minitorch/vision", "cuda": "minitorch/kernels/cuda/_gpu.py",  # numba-cuda brings the package cuda
          "greenlet": "minitorch/kernels/cuda/_simulator.py", "ml_dtypes": "minitorch/dtypes.py",
          "tensorboardX": "minitorch/utils/tensorboard", "tqdm": "minitorch/hub.py"}


def module_name(path):
    """minitorch/ops/conv.py -> minitorch.ops.conv; a package's own name for its __init__.py."""
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def imports(path, source, modules):
    """Everything a file imports, anywhere in it, by its absolute name: a submodule where there is one."""
    package = path.parent.parts  # what one dot means
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[:len(package) - node.level + 1] if node.level else ()
            source_module = ".".join([*start, *filter(None, [node.module])])
            for alias in node.names:
                name = f"{source_module}.{alias.name}"
                yield name if name in modules else source_module


def level(module):
    """The layer of minitorch.ops.conv is that of ops; minitorch itself, and what no layer lists, is the top."""
    return LAYER.get((module.split(".") + ["__init__"])[1], LAYER["__init__"])


def violations(sources):
    """The complaints about a package: {path relative to the root: source} -> [str]."""
    modules = {module_name(path) for path in sources}
    unlisted = [path for path in sources if path.with_suffix("").parts[1] not in LAYER]
    found = [f"{path} is in no layer: list it in {Path(__file__).name}" for path in unlisted]
    for path in sources.keys() - set(unlisted):
        for name in imports(path, sources[path], modules):
            if name.split(".")[0] not in DEPENDENCIES and not path.is_relative_to(EXTRAS.get(name.split(".")[0], "/")):
                found.append(f"{path} imports {name}, which is not a dependency")
            elif name.split(".")[0] == "minitorch" and level(name) > level(module_name(path)):
                found.append(f"{path} imports {name}, which is above it")
    return sorted(found)


def circle(sources):
    """A list of modules that import each other in a circle, or None."""
    modules = {module_name(path) for path in sources}
    graph = {module_name(path): set(imports(path, source, modules)) - {module_name(path)}
             for path, source in sources.items()}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return error.args[1]


def package():
    """{path: source} of minitorch as it is."""
    return {path.relative_to(ROOT): path.read_text() for path in sorted(ROOT.glob("minitorch/**/*.py"))}


def test_imports_point_down():
    assert package()
    assert violations(package()) == []


def test_imports_make_no_circle():
    assert circle(package()) is None


@pytest.mark.parametrize("path, source, complaint", [
    ("minitorch/ops/conv.py", "from ..tensor import Tensor", "imports minitorch.tensor, which is above it"),
    ("minitorch/ops/conv.py", "from .. import tensor", "imports minitorch.tensor, which is above it"),
    ("minitorch/ops/conv.py", "from .. import Tensor", "imports minitorch, which is above it"),
    ("minitorch/ops/conv.py", "import minitorch", "imports minitorch, which is above it"),
    ("minitorch/ops/__init__.py", "from ..tensor import Tensor", "imports minitorch.tensor, which is above it"),
    ("minitorch/engine.py", "from . import ops as twin", "imports minitorch.ops, which is above it"),
    ("minitorch/device.py", "def late():\n    import minitorch.engine", "imports minitorch.engine, which is above it"),
    ("minitorch/nn/module.py", "import torch.nn", "imports torch.nn, which is not a dependency"),
    ("minitorch/nn/module.py", "import PIL", "imports PIL, which is not a dependency"),
    ("minitorch/novelty.py", "", "is in no layer"),
])
def test_a_planted_import_is_seen(path, source, complaint):
    files = ["__init__.py", "engine.py", "ops/__init__.py", "ops/shape.py", "tensor.py"]
    planted = {**{Path("minitorch", file): "" for file in files}, Path(path): source}
    (line,) = violations(planted)
    assert line.startswith(path) and complaint in line


def test_a_planted_circle_is_seen():
    planted = {Path("minitorch/ops/a.py"): "from . import b",
               Path("minitorch/ops/b.py"): "def late():\n    from .a import x"}
    assert circle(planted)[:2] in (["minitorch.ops.a", "minitorch.ops.b"], ["minitorch.ops.b", "minitorch.ops.a"])
