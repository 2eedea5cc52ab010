"""Slots: other functions in the place of the library's.

A function of the library may be known by many names: imported by name elsewhere, listed in a namespace of kernels,
wrapped, held in a table. So no name is rebound. The function object stays what it is everywhere, and its code becomes a
call of the replacement.
"""
import ast
import contextlib
import functools
import importlib
import inspect
import linecache


def locate(name):
    """The plain function that "module:qualified.name" stands for, without what may be wrapped around it."""
    module, _, path = name.partition(":")
    *owners, last = path.split(".")
    owner = functools.reduce(getattr, owners, importlib.import_module(module))
    found = vars(owner)[last]
    if isinstance(found, property):
        found = found.fget
    elif isinstance(found, (classmethod, staticmethod)):
        found = found.__func__
    return inspect.unwrap(found)  # functools.lru_cache


def replace(name, replacement):
    """Have the library's function `name` call the replacement. Returns a function that undoes it."""
    function = locate(name)
    before = function.__code__, function.__defaults__, function.__kwdefaults__
    code = _call_slot.__code__.replace(co_freevars=function.__code__.co_freevars)  # a method that says super() has one
    function.__code__, function.__defaults__, function.__kwdefaults__ = code, None, {"_slot": replacement}

    def undo():
        function.__code__, function.__defaults__, function.__kwdefaults__ = before
    return undo


def _call_slot(*args, _slot, **kwargs):
    return _slot(*args, **kwargs)


@contextlib.contextmanager
def replaced(functions):
    """Within the block, the library runs on these: {name: function}."""
    with contextlib.ExitStack() as stack:
        for name, function in functions.items():
            stack.callback(replace(name, function))
        yield


def students(source, path, functions, assigned):
    """Run a student's file: {name: the student's function} for some of the functions that the file is to define.

    In the file, the names of all assigned functions come to mean the library's: so these call each other by way of
    the slots, and a mistake in one that is not in its slot disturbs no other.
    """
    linecache.cache[path] = len(source), None, source.splitlines(keepends=True), path  # for tracebacks
    names = {"__name__": "student", "__file__": path}
    exec(compile(source, path, "exec", dont_inherit=True), names)
    found = {name: _pick(names, name) for name in functions}
    names.update({qualified_name(name): locate(name) for name in assigned if "." not in qualified_name(name)})
    return found


def qualified_name(name):
    return name.partition(":")[2]


def _pick(names, name):
    first, *rest = qualified_name(name).split(".")
    return functools.reduce(lambda owner, part: vars(owner)[part], rest, names[first])


def mutated(mutant, solution, assigned):
    """{name: the function with the mutant's mistake in it}, from a solution, the text of a file."""
    lines = solution.splitlines(keepends=True)
    node = find(ast.parse(solution), qualified_name(mutant.function))[-1]
    before, function, after = ("".join(part) for part in (
        lines[: node.lineno - 1], lines[node.lineno - 1 : node.end_lineno], lines[node.end_lineno :]))
    if function.count(mutant.old) != 1:
        raise LookupError(f"{mutant.function} does not contain {mutant.old!r} once")
    mistaken = before + function.replace(mutant.old, mutant.new) + after
    return students(mistaken, "mutant.py", [mutant.function], assigned)


def find(tree, path):
    """The definition of "Class.method" or "function" in a tree, with those around it, or None."""
    found = []
    for part in path.split("."):
        tree = next((node for node in reversed(tree.body) if isinstance(node, (ast.FunctionDef, ast.ClassDef))
                     and node.name == part), None)
        if tree is None:
            return None
        found.append(tree)
    return found
