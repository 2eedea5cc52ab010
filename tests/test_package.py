"""The package as a whole: what `import minitorch` does, and what it does not."""
import ast
import collections
import json
import subprocess
import sys
from pathlib import Path

import minitorch

IMPORT = """
import json, pathlib, sys, time
before, start = set(sys.modules), time.perf_counter()
import minitorch
seconds = time.perf_counter() - start
loaded = sorted({name.split(".")[0] for name in set(sys.modules) - before})
pathlib.Path(sys.argv[1]).write_text(json.dumps([seconds, loaded]))
"""


def test_import_is_silent_and_loads_only_what_it_needs(tmp_path, record_property):
    report = tmp_path / "report.json"
    command = [sys.executable, "-W", "error", "-c", IMPORT, report]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
    seconds, loaded = json.loads(report.read_text())
    record_property("import_seconds", seconds)  # for the reader of a report; a busy machine may not fail the suite
    assert set(loaded).isdisjoint({"torch", "sklearn", "matplotlib", "tqdm", "numba"})


def test_each_name_stands_once_in_init():
    tree = ast.parse(Path(minitorch.__file__).read_text())
    names = [alias.asname or alias.name for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))
             for alias in node.names]
    names += [name.id for node in ast.walk(tree) if isinstance(node, ast.Assign) for target in node.targets
              for name in ast.walk(target) if isinstance(name, ast.Name)]
    names += [node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    assert [name for name, count in collections.Counter(names).items() if count > 1 and name != "*"] == []
    assert [name for name in names if name != "*" and not hasattr(minitorch, name)] == []
