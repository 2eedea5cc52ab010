"""Three namespaces, one set of names: a backward formula runs on kernels.cpu, on kernels.cuda, or, recorded, on ops.

So each public kernel has a twin in `minitorch.ops` that can be called in the same way and then does the same: the
kernel's parameters (names, order, defaults) come first in the twin's, and whatever the twin has beyond them has a
default. The twin may add a default where the kernel has none. Each file of kernels has a file of ops of the same name.
"""
import importlib
import inspect
from pathlib import Path

import pytest

import minitorch
from minitorch import ops

PACKAGE = Path(minitorch.__file__).parent
FILES = sorted(path for path in PACKAGE.glob("kernels/*/*.py") if path.name[0] != "_")
BACKENDS = sorted({path.parent.name for path in FILES})


def module(path):
    return importlib.import_module(".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts))


def kernels(backend):
    """The public kernels of a backend, {name: function}, from its files' __all__."""
    return {name: getattr(module(path), name)
            for path in FILES if path.parent.name == backend for name in module(path).__all__}


def namespace(backend):
    """What a formula finds in its `k`: {name: function}."""
    return {name: value for name, value in vars(importlib.import_module(f"minitorch.kernels.{backend}")).items()
            if inspect.isfunction(value) and not name.startswith("_")}


def difference(kernel, twin):
    """How a twin differs from its kernel, in words, or None."""
    wanted, there = (list(inspect.signature(f).parameters.values()) for f in (kernel, twin))
    for ours, theirs in zip(wanted, there):
        if ours.name != theirs.name or ours.default not in (ours.empty, theirs.default):
            return f"has the parameter '{theirs}' where the kernel has '{ours}'"
    if len(there) < len(wanted):
        return f"lacks the parameter '{wanted[len(there)]}'"
    for extra in there[len(wanted):]:
        if extra.default is extra.empty and extra.kind not in (extra.VAR_POSITIONAL, extra.VAR_KEYWORD):
            return f"needs the parameter '{extra}', which the kernel does not have"


@pytest.mark.parametrize("backend", BACKENDS)
def test_each_kernel_has_a_twin_in_ops(backend):
    differences = []
    for name, kernel in kernels(backend).items():
        if not hasattr(ops, name):
            differences.append(f"ops.{name} is missing")
        elif why := difference(kernel, getattr(ops, name)):
            differences.append(f"ops.{name} {why}")
    assert differences == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_each_file_says_what_is_public_and_has_a_twin(path):
    functions = {name for name, value in vars(module(path)).items() if inspect.isfunction(value)}
    assert len(set(module(path).__all__)) == len(module(path).__all__)
    assert set(module(path).__all__) <= functions, "what is public is a plain function: inspect.signature can read it"
    assert (PACKAGE / "ops" / path.name).exists()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_backend_offers_the_kernels_of_all_its_files(backend):
    names = [name for path in FILES if path.parent.name == backend for name in module(path).__all__]
    assert len(names) == len(set(names)), "two files have a kernel of one name"
    assert set(names) <= set(namespace(backend))


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_backend_has_the_functions_of_the_cpu(backend):
    """A backend may lack some; then they say so, by name, when they are called."""
    there = namespace(backend)
    assert there.keys() <= namespace("cpu").keys()
    for name, function in namespace("cpu").items():
        twin = there.get(name) or getattr(importlib.import_module(f"minitorch.kernels.{backend}"), name)
        assert inspect.signature(twin) == inspect.signature(function), name
        if name not in there:
            with pytest.raises(NotImplementedError, match=f"'{name}' has no"):
                twin()


def test_what_no_backend_has_is_an_attribute_error():
    for backend in BACKENDS:
        assert not hasattr(importlib.import_module(f"minitorch.kernels.{backend}"), "no_such_kernel")


def test_a_planted_difference_is_seen():
    def kernel(x, dim, keepdim=False): ...
    assert difference(kernel, kernel) is None
    assert difference(kernel, lambda x, dim, keepdim=False, *, dtype=None: 0) is None
    assert difference(kernel, lambda x, dim=None, keepdim=False: 0) is None
    assert "'input' where the kernel has 'x'" in difference(kernel, lambda input, dim, keepdim=False: 0)
    assert "'keepdim=True' where" in difference(kernel, lambda x, dim, keepdim=True: 0)
    assert "lacks the parameter 'keepdim=False'" in difference(kernel, lambda x, dim: 0)
    assert "needs the parameter 'dtype'" in difference(lambda x: 0, lambda x, dtype: 0)
