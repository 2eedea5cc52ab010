"""The file that a student starts from: the library's own functions, by the syntax tree, without their bodies.

Signature, docstring and types stay. Of what the bodies use, the imports stay (but not those from private modules), and
the functions of the same module that others use too; a helper of nothing but removed bodies goes with them.
"""
import ast
import builtins
import functools
import importlib
import sys
from collections import defaultdict

from .slots import find, qualified_name

HEADER = '''"""Assignment {number}: {title}.

Write the bodies: {name}.md explains them,  python -m minitorch course check {number}  says how far you are.
minitorch will run on the functions of this file: keep their names and parameters. Add what you like beside them.
"""
'''


@functools.lru_cache(maxsize=None)
def _parsed(module):
    """(lines, tree) of a module's source."""
    with open(importlib.import_module(module).__file__, encoding="utf-8") as file:
        source = file.read()
    return source.splitlines(), ast.parse(source)


def definition(name):
    """The syntax tree of the library's function `name`, "module:qualified.name"."""
    return find(_parsed(name.partition(":")[0])[1], qualified_name(name))[-1]


def starter(assignment):
    """The text of the file for an assignment."""
    text = HEADER.format(**vars(assignment)) + "\n".join(_imports(assignment.functions, assignment.given)) + "\n"
    last_class, written = None, set()
    for task in assignment.tasks:
        text += f"\n\n# ---- Task {task.name}: {task.title}\n"
        for name in [name for name in task.functions if name not in written]:
            written.add(name)
            lines, tree = _parsed(name.partition(":")[0])
            *classes, function = find(tree, qualified_name(name))
            if classes and classes[0] is not last_class:
                text += "\n\n" + _header(lines, classes[0])
            text += ("\n" if classes else "\n\n") + _header(lines, function)
            indent = " " * (function.col_offset + 4)
            text += f'{indent}raise NotImplementedError("Task {task.name}: {task.title}")\n'
            last_class = classes[0] if classes else None
    return text


def _header(lines, node):
    """The lines of a definition up to its body: decorators, name, parameters, docstring."""
    start = min([node.lineno, *[decorator.lineno for decorator in node.decorator_list]])
    after_docstring = ast.get_docstring(node) is not None
    end = node.body[0].end_lineno if after_docstring else node.body[0].lineno - 1
    while not after_docstring and lines[end - 1].lstrip().startswith(("#", "@")):
        end -= 1
    return "\n".join(lines[start - 1 : end]) + "\n"


def _imports(names, given):
    """The import lines that the functions need, and those of the helpers that are given."""
    by_module = defaultdict(set)
    for name in names:
        by_module[name.partition(":")[0]].add(qualified_name(name))
    lines = defaultdict(set)
    for module, paths in by_module.items():
        tree = _parsed(module)[1]
        removed = [node for path in paths for node in find(tree, path)]
        used = {node.id for path in paths for node in _nodes(find(tree, path)) if isinstance(node, ast.Name)}
        elsewhere, own = _names_outside(tree, removed), {path.partition(".")[0] for path in paths}
        for node in tree.body:
            for alias in node.names if isinstance(node, (ast.Import, ast.ImportFrom)) else ():
                local = alias.asname or alias.name
                if local in used and local != "builtins" and not _is_private(_source_of(node, module)):
                    lines[_source_of(node, module)].add(f"{alias.name} as {local}" if alias.asname else local)
            name = node.name if isinstance(node, (ast.FunctionDef, ast.ClassDef)) else None
            if name in used and name not in own and not hasattr(builtins, name) and (
                    name in elsewhere or _is_imported_elsewhere(module, name)):
                lines[module].add(name)
    for name in given:
        lines[name.partition(":")[0]].add(qualified_name(name))
    plain = sorted([f"import {name}" for name in lines.pop(None, ())])
    return plain + [f"from {source} import {', '.join(sorted(found))}" for source, found in sorted(lines.items())]


def _nodes(definitions):
    """The nodes of a function, and the bases of its class."""
    *classes, function = definitions
    for base in [base for node in classes for base in node.bases]:
        yield from ast.walk(base)
    yield from ast.walk(function)


def _names_outside(tree, removed):
    """The names that a module uses outside of some definitions."""
    found, stack = set(), [tree]
    while stack:
        node = stack.pop()
        if node in removed and isinstance(node, ast.FunctionDef):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found.add(node.id)
        stack.extend(ast.iter_child_nodes(node))
    return found


def _source_of(node, module):
    """The absolute name of the module that an import names; None for `import x`."""
    if isinstance(node, ast.Import):
        return None
    if not node.level:
        return node.module
    is_package = hasattr(sys.modules[module], "__path__")
    package = module.split(".") if is_package else module.split(".")[:-1]
    return ".".join(package[: len(package) - node.level + 1] + [node.module] * bool(node.module))


def _is_private(module):
    return module is not None and any([part.startswith("_") for part in module.split(".")])


def _is_imported_elsewhere(module, name):
    value = vars(sys.modules[module])[name]
    return any(vars(other).get(name) is value for other_name, other in list(sys.modules.items())
               if other_name.startswith("minitorch.") and not other_name.startswith("minitorch.course")
               and other_name != module)
