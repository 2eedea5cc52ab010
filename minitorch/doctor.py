"""What minitorch finds on this machine, and whether a kernel works here: python -m minitorch doctor | warmup"""
import functools
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
    """Train the usual layers for a step each, so that their kernels are compiled into the cache; show a bar."""
    start = time.perf_counter()
    steps = _usual_steps()

    def show(text):
        print(f"\r[{'#' * done + '.' * (len(steps) - done)}] {text:40.40}", end="", flush=True)

    for done, (name, step) in enumerate(steps):
        _jit.on_compile(lambda kernel: show(f"{name}: {kernel.lstrip('_')}"))
        show(name)
        step()
    print(f"\rThe kernels of the usual layers are ready, after {time.perf_counter() - start:.1f} s." + " " * 40)


def _usual_steps():
    """[(name, function that trains it for a step)]"""
    images, vectors, sequences, tokens = randn(8, 16, 32, 32), randn(64, 512), randn(8, 64, 64), randint(64, (8, 64))

    def step(module, input):
        def run():
            out = module(input.clone().requires_grad_(input.is_floating_point()))
            out = out[0] if isinstance(out, tuple) else out
            out.backward(randn(out.shape))
        return run

    def learn(make_optimizer):
        def run():
            model = nn.Linear(512, 512)
            nn.CrossEntropyLoss()(model(vectors), randint(512, (64,))).backward()
            make_optimizer(model.parameters()).step()
        return run

    modules = [
        (images[:, :1], nn.Conv2d(1, 6, 5)), (images, nn.Conv2d(16, 32, 3, padding=1)),
        (images, nn.Conv2d(16, 32, 3, stride=2)), (images, nn.Conv2d(16, 16, 3, groups=16)),
        (images, nn.Conv2d(16, 16, 1)), (images, nn.MaxPool2d(2)), (images, nn.AvgPool2d(2)),
        (images, nn.AdaptiveAvgPool2d(1)), (images, nn.BatchNorm2d(16)), (images, nn.GroupNorm(4, 16)),
        (images, nn.Dropout()),
        *((vectors, module) for module in (nn.Linear(512, 10), nn.LayerNorm(512), nn.ReLU(), nn.GELU(), nn.SiLU(),
                                           nn.Tanh(), nn.Sigmoid(), nn.Softmax(-1))),
        (tokens, nn.Embedding(100, 64)), (sequences, nn.LSTM(64, 64)), (sequences, nn.GRU(64, 64)),
        (sequences, nn.TransformerEncoderLayer(64, 4, 256, batch_first=True))]
    optimizers = [optim.SGD, functools.partial(optim.SGD, momentum=0.9), optim.Adam, optim.AdamW]
    return [(type(module).__name__, step(module, input)) for input, module in modules] + [
        ("optimizers", learn(optimizer)) for optimizer in optimizers]


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
