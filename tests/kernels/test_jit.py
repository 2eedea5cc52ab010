"""The jit policy: which flags, when a kernel is compiled, and what of it is cached."""
import ast
import importlib
import inspect
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from minitorch.kernels.cpu import _blas, _jit, conv, pool
from tests.kernels.process import ROOT, run

COMPARING = {"pool", "softmax", "loss", "norm", "reduce"}   # modules whose results may hang on a NaN or an inf


def kernels():
    for path in sorted((ROOT / "minitorch/kernels/cpu").glob("[!_]*.py")):
        module = importlib.import_module(f"minitorch.kernels.cpu.{path.stem}")
        for kernel in vars(module).values():
            if isinstance(kernel, _jit.Kernel):
                yield path.stem, kernel


def test_no_kernel_assumes_that_there_is_no_nan():
    assert not _jit.FAST & {"fast", "nnan", "ninf"}
    found = list(kernels())
    assert {"conv", "pool"} <= {module for module, _ in found}
    for module, kernel in found:
        assert kernel.options["fastmath"] in (False, _jit.FUSED, _jit.FAST), kernel.__name__
        if module in COMPARING and compares(kernel):
            assert kernel.options["fastmath"] != _jit.FAST, kernel.__name__


def compares(kernel):
    tree = ast.parse(inspect.getsource(kernel.__wrapped__))
    return any(isinstance(node, ast.Compare) for node in ast.walk(tree))


def test_only_the_policy_imports_numba():
    for path in (ROOT / "minitorch").rglob("*.py"):
        # _vector.py and _parallel.py teach Numba something, once it is there; the doctor reports on Numba.
        if path.name not in ("_jit.py", "_parallel.py", "_vector.py", "doctor.py") and "cuda" not in path.parts:
            assert "import numba" not in path.read_text() and "from numba" not in path.read_text(), path


def test_nan_reaches_every_lane_of_a_sum_and_a_max():
    x = np.ones((1, 1, 4, 40), np.float32)
    x[0, 0, 2, 17] = np.nan
    out = conv.convolution(x, np.ones((1, 1, 3, 3), np.float32), None, (1, 1), (0, 0), (1, 1), 1)
    assert np.isnan(out).sum() == 6
    out, _ = pool.max_pool_with_indices(x, (3, 3), (1, 1), (0, 0), (1, 1), False)
    assert np.isnan(out).sum() == 6


def test_import_does_not_load_numba():
    run("import sys, minitorch.kernels.cpu; assert 'numba' not in sys.modules")


def test_the_announcement_comes_once_and_to_a_person(monkeypatch, capsys):
    monkeypatch.setattr(_jit, "_listener", _jit._announce)
    _jit._listener("kernel")
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(_jit, "_listener", _jit._announce)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    _jit._listener("one")
    _jit._listener("two")
    assert capsys.readouterr().err.count("compiling kernels") == 1


def test_blas_has_one_thread():
    """With two pools of threads on the same cores, each waits for milliseconds behind the other's idle threads."""
    pool.adaptive_avg_pool(np.ones((1, 1, 2, 2)), (1, 1))
    threadpoolctl = pytest.importorskip("threadpoolctl")
    numpy_blas = [info for info in threadpoolctl.threadpool_info() if "numpy" in info["filepath"]]
    assert [info["num_threads"] for info in numpy_blas] in ([], [1])


def test_a_missing_blas_is_left_alone(monkeypatch):
    monkeypatch.setattr(_blas, "SPELLINGS", [("no_such_", "")])
    _blas.use_one_thread()
    assert _blas.gemm.__wrapped__(np.dtype(np.float32)) is None
    monkeypatch.setattr(_blas.ctypes, "CDLL", lambda name: (_ for _ in ()).throw(OSError(name)))
    _blas.use_one_thread()


CALL = """
import numpy as np
from minitorch.kernels.cpu import _jit, activation
_jit.on_compile(print)
x = np.arange(-20000, 20000.)
for x in (x, x[-5000:]):
    assert (activation.relu(x) == x * (x > 0)).all()
"""


def test_runs_without_the_compiler():
    """NUMBA_DISABLE_JIT=1 lets a student step through a kernel with a debugger."""
    assert run(CALL, NUMBA_DISABLE_JIT="1").stdout == ""


def test_a_kernel_and_its_loop_are_compiled_once_and_cached(tmp_path):
    cold, warm = (run(CALL, NUMBA_CACHE_DIR=str(tmp_path)) for _ in range(2))
    assert [cold.stdout.split().count(name) for name in ("_rectify", "_rectify_loop")] == [1, 1]
    assert (warm.stdout, cold.stderr, warm.stderr) == ("", "", "")


KERNELS = {
    "_scale": "FACTOR = 2",
    "_offset": "BIAS = 1",
    "_helper": "from ._scale import FACTOR\nfrom ._jit import jit\n\n@jit\ndef times(x):\n    return FACTOR * x",
    "first": "from ._jit import jit\nfrom ._helper import times\n\n@jit\ndef first(x):\n    return times(x) + 1",
    "other": "from . import _offset\nfrom ._jit import jit\n\n@jit\ndef other(x):\n    return x + _offset.BIAS"}
EDITS = [  # the file, what is replaced in it, by what; what then is compiled, and the answers
    ("_scale", "", "", "first times other", "7 4"),
    ("_scale", "2", "5", "first times", "16 4"),
    ("_offset", "1", "2", "other", "16 5"),
    ("other", "x +", "x -", "other", "16 1"),
    ("other", "", "", "", "16 1")]


def test_an_edit_compiles_what_depends_on_it(tmp_path):
    """Also an edit of an imported file, or of one which that imports. The others are found in the cache."""
    folder = tmp_path / "kernels"
    folder.mkdir()
    for name in "_jit", "_blas", "_parallel":
        shutil.copy(Path(_jit.__file__).with_name(f"{name}.py"), folder)
    for name, source in KERNELS.items():
        (folder / f"{name}.py").write_text(source)
    for name, old, new, compiled, answers in EDITS:
        path = folder / f"{name}.py"
        path.write_text(path.read_text().replace(old, new))
        done = run("from kernels import _jit, first, other\n_jit.on_compile(print)\n"
                   "print('answers', first.first(3), other.other(3))", cwd=tmp_path, NUMBA_CACHE_DIR=str(tmp_path))
        names, _, printed = done.stdout.partition("answers")
        assert (set(names.split()), printed.strip()) == (set(compiled.split()), answers)


def test_a_number_in_a_call_is_not_compiled_for(tmp_path):
    code = """
from minitorch.kernels.cpu import _jit
_jit.on_compile(print)

@_jit.jit
def double(x):
    return 2 * x

@_jit.jit
def six(x):
    return double(0) + double(1) + double(x)
assert six(2) == 6
"""
    done = run(code, NUMBA_CACHE_DIR=str(tmp_path))
    assert done.stdout.split() == ["six", "double"]
