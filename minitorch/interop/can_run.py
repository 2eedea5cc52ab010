"""Will a program run?  python -m minitorch can-run SCRIPT [SCRIPT...]

The program is read, not run. Names that come from torch and torchvision are followed through its imports
(`import torch.nn as nn`, `from torch import optim`) and looked up in minitorch. What is computed at run time is not
seen: a method is looked up only where the object is surely a tensor, `x = torch.zeros(3)`; arguments are not checked.
"""
import ast
import importlib
import importlib.util
import os
import types
from dataclasses import dataclass

from .._names import OURS
from ..tensor import Tensor

__all__ = ["Missing", "can_run", "missing_names"]

_MAKERS = {f"torch.{name}" for name in [  # functions that surely return a tensor
    "arange", "as_tensor", "empty", "eye", "from_numpy", "full", "linspace", "ones", "ones_like", "rand", "rand_like",
    "randint", "randn", "randn_like", "randperm", "stack", "cat", "tensor", "zeros", "zeros_like"]}


@dataclass(frozen=True, order=True)
class Missing:
    """A name that the program uses and minitorch does not have, or a package that is not installed."""

    path: str
    line: int
    name: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.name}"


def can_run(scripts):
    """Print what each script uses that minitorch lacks; 0 if nothing is missing, else 1: an exit status."""
    found = [missing_names(script) for script in scripts]
    for script, missing in zip(scripts, found):
        print(*missing or [f"{script}: runs as far as can be seen"], sep="\n")
    return int(any(found))


def missing_names(script):
    """A sorted list of Missing for a script and the modules that it imports from its own folder.

    OSError for a file that cannot be read, SyntaxError for one that is not Python.
    """
    folder, found, seen, queue = os.path.dirname(os.path.abspath(script)), set(), set(), [script]
    while queue:
        path = queue.pop()
        if os.path.abspath(path) not in seen:
            seen.add(os.path.abspath(path))
            with open(path, "rb") as file:
                reader = _Reader(path, folder)
                reader.visit(ast.parse(file.read(), path))
            found.update(reader.missing())
            queue += reader.neighbours
    return sorted(found)


class _Reader(ast.NodeVisitor):
    """Collects what a file imports, rebinds and uses."""

    def __init__(self, path, folder):
        self.path, self.folder = path, folder
        self.aliases = {}  # local name -> torch's name: {"F": "torch.nn.functional"}
        self.bound = {}  # other names -> the expressions assigned to them, None for what is not seen
        self.uses = []  # (line, expression) of attributes
        self.imports = []  # (line, torch's name)
        self.packages = []  # (line, what is said of a package that is not installed)
        self.neighbours = []  # paths of modules in the program's own folder
        self.guarded = 0  # inside how many `try: ... except`

    # ---- what is bound

    def visit_Import(self, node):
        for alias in node.names:
            self._import(node, alias.name)
            top = alias.name.partition(".")[0]
            if top in OURS:
                self.aliases[alias.asname or top] = alias.name if alias.asname else top

    def visit_ImportFrom(self, node):
        module = node.module or ""
        if node.level:  # a neighbour, or below: not torch
            return
        self._import(node, module)
        if module.partition(".")[0] in OURS:
            for alias in node.names:
                if alias.name != "*":
                    self._import(node, f"{module}.{alias.name}")
                    self.aliases[alias.asname or alias.name] = f"{module}.{alias.name}"

    def _import(self, node, name):
        top = name.partition(".")[0]
        neighbours = [path for path in (os.path.join(self.folder, *name.split(".")) + ".py",
                                        os.path.join(self.folder, top, "__init__.py")) if os.path.isfile(path)]
        if neighbours:
            self.neighbours += neighbours
        elif self.guarded:
            pass  # the program is ready for its absence
        elif top in OURS:
            self.imports.append((node.lineno, name))
        elif top and importlib.util.find_spec(top) is None:
            self.packages.append((node.lineno, f"{top} (a package that is not installed)"))

    def visit_Try(self, node):
        self.guarded += 1
        for statement in node.body:
            self.visit(statement)
        self.guarded -= 1
        for statement in [*node.handlers, *node.orelse, *node.finalbody]:
            self.visit(statement)

    def visit_Assign(self, node):
        for target in node.targets:
            if isinstance(target, ast.Name):
                self._bind(target.id, node.value)
            else:
                self.visit(target)
        self.visit(node.value)

    def visit_Name(self, node):
        if not isinstance(node.ctx, ast.Load):
            self._bind(node.id, None)

    def visit_arg(self, node):
        self._bind(node.arg, None)

    def visit_FunctionDef(self, node):
        self._bind(node.name, None)
        self.generic_visit(node)

    visit_ClassDef = visit_AsyncFunctionDef = visit_FunctionDef

    def _bind(self, name, value):
        self.bound.setdefault(name, []).append(value)

    # ---- what is used

    def visit_Attribute(self, node):
        if not self.guarded:
            self.uses.append(node)
        if not isinstance(node.value, ast.Attribute):
            self.visit(node.value)
        elif self._torch_name(node.value) is None:
            self.visit(node.value)

    def _torch_name(self, node):
        """torch's name of an expression such as F.relu, or None."""
        if isinstance(node, ast.Name):
            return None if node.id in self.bound else self.aliases.get(node.id)
        if isinstance(node, ast.Attribute):
            owner = self._torch_name(node.value)
            return owner and f"{owner}.{node.attr}"

    def _is_tensor(self, node):
        if isinstance(node, ast.Call):
            return self._torch_name(node.func) in _MAKERS
        if isinstance(node, ast.Name):
            values = self.bound.get(node.id, [None])
            return all(isinstance(value, ast.Call) and self._is_tensor(value) for value in values)
        return False

    # ---- what is missing

    def missing(self):
        for line, name in self.imports:
            yield from self._missing(line, name)
        for node in self.uses:
            name = self._torch_name(node)
            if name is not None:
                yield from self._missing(node.lineno, name)
            elif self._is_tensor(node.value) and not hasattr(Tensor, node.attr):
                yield Missing(self.path, node.lineno, f"torch.Tensor.{node.attr}")
        for line, name in self.packages:
            yield Missing(self.path, line, name)

    def _missing(self, line, name):
        lacking = first_missing(name)
        if lacking:
            yield Missing(self.path, line, lacking)


def first_missing(name):
    """The part of torch's dotted `name` that minitorch lacks, or None: torch.nn.Foo of torch.nn.Foo.bar.

    >>> first_missing("torch.nn.functional.relu"), first_missing("torch.nonsense.part")
    (None, 'torch.nonsense')
    """
    package, *rest = name.split(".")
    value, path = importlib.import_module(OURS[package]), package
    for attribute in rest:
        path = f"{path}.{attribute}"
        if isinstance(value, types.ModuleType) and not hasattr(value, attribute):
            submodule = f"{value.__name__}.{attribute}"
            if not (hasattr(value, "__path__") and importlib.util.find_spec(submodule)):
                return path
            value = importlib.import_module(submodule)
        elif isinstance(value, (types.ModuleType, type)):
            if not hasattr(value, attribute):
                return path
            value = getattr(value, attribute)
        else:
            return None  # of a function or an object: not known before the program runs
    return None
