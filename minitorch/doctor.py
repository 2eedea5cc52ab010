"""What minitorch finds on this machine, and whether a kernel works here: python -m minitorch doctor | warmup"""
import os
import platform
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np

from . import __version__, nn, optim, randint, randn
from .device import resolve
from .kernels import cpu
from .kernels.cpu import _jit, conv


def doctor():
    """Print a report, a line a finding. The exit status: 0 if the kernel agrees with NumPy, 1 if not."""
    import numba  # here: importing minitorch does not take it along

    _jit.on_compile(lambda name: None)
    agrees, check = _check_kernel()  # first: its launch has Numba choose a threading layer
    cache = Path(conv._convolution.dispatcher.stats.cache_path)
    try:
        resolve("cuda")
        gpu = "available"
    except RuntimeError as error:
        gpu = str(error)
    for name, finding in [
            ("minitorch", __version__),
            ("Python", f"{platform.python_version()}, {platform.platform()}"),
            *((package, version(package)) for package in ("numpy", "scipy", "numba")),
            ("CPU", f"{cpu_name()}, {os.cpu_count()} cores"),
            ("threads", f"{numba.get_num_threads()} for kernels, Numba's {numba.threading_layer()} layer"),
            ("kernel cache", f"{cache} ({'' if os.access(cache, os.W_OK) else 'not '}writable)"),
            ("GPU", gpu),
            ("self-check", check)]:
        print(f"{name + ':':14}{finding}")
    return 0 if agrees else 1


def warmup():
    """Compile what a small convolutional network needs into the cache, naming each kernel."""
    start = time.perf_counter()
    _jit.on_compile(lambda name: print(f"compiling {name.lstrip('_')}", flush=True))
    model = nn.Sequential(nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.Flatten(),
                          nn.Linear(1600, 10))
    for optimizer in (optim.SGD(model.parameters(), lr=0.1, momentum=0.9), optim.Adam(model.parameters())):
        nn.CrossEntropyLoss()(model(randn(4, 1, 32, 32)), randint(10, (4,))).backward()
        optimizer.step()
    print(f"The kernels of a small convolutional network are ready, after {time.perf_counter() - start:.1f} s.")


def _check_kernel():
    """Whether convolution agrees with a NumPy formulation, and a line about it."""
    rng = np.random.default_rng(0)
    image, weight = rng.standard_normal((8, 6, 14, 14), np.float32), rng.standard_normal((16, 6, 5, 5), np.float32)
    seconds = []
    for _ in range(2):
        start = time.perf_counter()
        out = cpu.convolution(image, weight, None, (1, 1), (0, 0), (1, 1), 1)         # (8, 16, 10, 10)
        seconds.append(time.perf_counter() - start)
    windows = np.lib.stride_tricks.sliding_window_view(image, (5, 5), axis=(2, 3))    # (8, 6, 10, 10, 5, 5)
    error = abs(out - np.einsum("ncpqrs,kcrs->nkpq", windows, weight)).max()
    agrees = bool(error < 1e-4)
    verdict = "agrees with" if agrees else "DIFFERS from"
    return agrees, (f"convolution {verdict} NumPy (largest difference {error:.0e}; first call {seconds[0]:.2f} s, "
                    f"second {seconds[1] * 1e3:.2f} ms)")


def cpu_name():
    """The model of the processor, as far as the system tells."""
    info = Path("/proc/cpuinfo")  # where Linux has it
    lines = info.read_text().splitlines() if info.exists() else []
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.processor())
