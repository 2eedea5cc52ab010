"""Kernels from two threads at once, in a forked child, without a cache, interrupted, on other processors."""
import os
import shutil
import threading

import numpy as np
import pytest

import minitorch
from minitorch.nn import functional as F
from tests.kernels import process
from tests.kernels.process import ROOT


def answers():
    """Of kernels that are compiled, and of those that share their work between threads."""
    generator = minitorch.Generator().manual_seed(0)

    def tensor(*shape):
        return minitorch.randn(*shape, generator=generator).requires_grad_()

    x, w, table = tensor(8, 6, 20, 20), tensor(6, 6, 3, 3), tensor(200, 200)
    optimizer = minitorch.optim.SGD([x, w, table], lr=0.1, momentum=0.9)
    loss = F.max_pool2d(F.conv2d(x, w).relu(), 2).sum() + (F.log_softmax(table, -1) @ table).mean()
    loss.backward()
    optimizer.step()
    return [loss.detach().numpy(), x.grad.numpy(), *(parameter.detach().numpy() for parameter in (x, w, table))]


def agree(these, those, **tolerance):
    return all(np.allclose(a, b, **tolerance) for a, b in zip(these, those, strict=True))


def run(code, *args, **options):
    """Run a script that has the names of this file."""
    return process.run(f"import numpy as np, sys\nfrom tests.kernels.test_safety import *\n{code}", *args, **options)


def in_threads():
    expected, found = answers(), []
    threads = [threading.Thread(target=lambda: found.extend(answers() for _ in range(10))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 40 and all(agree(expected, these, rtol=0, atol=0) for these in found)


@pytest.mark.parametrize("layer", ["default", "workqueue"])
def test_threads_may_launch_at_once(layer):
    """Numba's workqueue aborts the process when two threads are inside of it."""
    run("in_threads()", NUMBA_THREADING_LAYER=layer)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_forked_child_may_launch(when):
    """Before its parent has launched anything, and after; GNU OpenMP kills a child that does after its parent did."""
    run("""
import warnings
warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of every fork of a process with threads
if sys.argv[1] == "after":
    expected = answers()
child = os.fork()
if sys.argv[1] == "before":
    expected = answers()
if child == 0:
    os._exit(0 if agree(answers(), expected, rtol=1e-5, atol=1e-6) else 1)
assert os.waitpid(child, 0)[1] == 0
assert agree(answers(), expected)
""", when)


@pytest.mark.parametrize("environ", [
    {"NUMBA_NUM_THREADS": "1"}, {"NUMBA_NUM_THREADS": "2"}, {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}])
def test_other_machines(tmp_path, environ):
    """Fewer threads and simpler processors answer the same, but for rounding."""
    np.savez(tmp_path / "answers.npz", *answers())
    run("assert agree(answers(), np.load(sys.argv[1]).values(), rtol=1e-4, atol=1e-5)", tmp_path / "answers.npz",
        **environ)


def test_without_a_place_for_the_cache(tmp_path):
    """Neither the folder of the sources nor the user's can be written to: every process compiles for itself."""
    shutil.copytree(ROOT / "minitorch", tmp_path / "minitorch", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "minitorch/kernels/cpu/__pycache__").touch()  # a file where a folder is needed
    environ = {"HOME": "/dev/null", "XDG_CACHE_HOME": "/dev/null", "NUMBA_CACHE_DIR": "", "PYTHONPATH": str(ROOT)}
    done = run("from minitorch.kernels.cpu import activation\n"
               "x = np.arange(-9000, 9000, dtype=np.float32)\n"
               "assert (minitorch.relu(minitorch.tensor(x)).numpy() == x * (x > 0)).all()\n"
               "print(minitorch.__file__, type(activation._rectify.dispatcher._cache).__name__)", cwd=tmp_path,
               **environ)
    assert done.stdout == f"{tmp_path / 'minitorch/__init__.py'} NullCache\n"


def test_control_c():
    """It waits for the kernel's end; then all is as before."""
    run("""
import signal, time
from minitorch.kernels.cpu._jit import jit

@jit
def count(i, x, times):
    for _ in range(times):
        x[i] = (x[i] * 5 + 1) % 7

x, expected = np.zeros(8), answers()
count[8](x, 1)
threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    start = time.perf_counter()
    while time.perf_counter() < start + 30:
        count[8](x, 1 << 22)
    assert False, "was not interrupted"
except KeyboardInterrupt:
    pass
assert agree(answers(), expected)
""")
