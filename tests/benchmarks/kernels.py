"""How long do single operations take, forward and backward, minitorch beside PyTorch?

    python -m tests.benchmarks.kernels [NAME ...] [--rounds 40] [--threads 2]

The two take turns in one process, both in float32 and on as many threads; the table has medians in microseconds, and
their ratio: above 1, minitorch is the faster one. Without PyTorch there are only ours. NAMEs select operations.
"""
import argparse
import importlib.util
import statistics
import time

import numpy as np

import minitorch

SIZES = (1 << 14,), (1 << 20,), (1 << 24,)
IMAGES = (64, 6, 28, 28), (64, 16, 10, 10), (32, 64, 56, 56)
ROWS = (64, 10), (1024, 1000), (4096, 768)
CLASSES = (64, 10), (1024, 1000), (512, 32000)

OPERATIONS = {  # name: (function of the library and an input, shapes of the input)
    "relu": (lambda T, x: T.relu(x), SIZES),
    "exp": (lambda T, x: T.exp(x), SIZES),
    "log": (lambda T, x: T.log(x), SIZES),
    "tanh": (lambda T, x: T.tanh(x), SIZES),
    "sigmoid": (lambda T, x: T.sigmoid(x), SIZES),
    "silu": (lambda T, x: T.nn.functional.silu(x), SIZES),
    "gelu": (lambda T, x: T.nn.functional.gelu(x), SIZES),
    "dropout": (lambda T, x: T.nn.functional.dropout(x), SIZES),
    "max_pool2d": (lambda T, x: T.nn.functional.max_pool2d(x, 2), IMAGES),
    "max_pool2d 3, 2, 1": (lambda T, x: T.nn.functional.max_pool2d(x, 3, 2, 1), IMAGES),
    "avg_pool2d": (lambda T, x: T.nn.functional.avg_pool2d(x, 2), IMAGES),
    "adaptive_avg_pool2d 1": (lambda T, x: T.nn.functional.adaptive_avg_pool2d(x, 1), IMAGES),
    "adaptive_avg_pool2d 7": (lambda T, x: T.nn.functional.adaptive_avg_pool2d(x, 7), IMAGES),
    "softmax": (lambda T, x: T.softmax(x, -1), CLASSES),
    "log_softmax": (lambda T, x: T.log_softmax(x, -1), CLASSES),
    "cross_entropy": (lambda T, x: T.nn.functional.cross_entropy(x, T.arange(len(x)) % x.shape[1]), CLASSES),
    "layer_norm": (lambda T, x: T.nn.functional.layer_norm(x, x.shape[-1:], T.ones(x.shape[-1]),
                                                           T.zeros(x.shape[-1])), ROWS),
    "batch_norm": (lambda T, x: T.nn.functional.batch_norm(x, None, None, T.ones(x.shape[1]), T.zeros(x.shape[1]),
                                                           training=True), IMAGES),
}


def passes(T, function, array):
    """The forward pass of library T, without recording, and the backward pass, each as a function without arguments."""
    x = T.from_numpy(array).requires_grad_()
    out = function(T, x)
    grad = T.ones_like(out)  # of the whole shape, as the next operation's gradient is

    def forward():
        with T.no_grad():
            function(T, x)

    return forward, lambda: T.autograd.grad(out, x, grad, retain_graph=True)


def seconds(run):
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", choices=[[], *OPERATIONS], metavar="NAME", help="operations (default: all)")
    parser.add_argument("--rounds", type=int, default=40, help="measured runs of each library (default 40)")
    parser.add_argument("--threads", type=int, default=2, help="threads of each library (default 2)")
    options = parser.parse_args()
    minitorch.set_num_threads(options.threads)
    minitorch.relu(minitorch.ones(1 << 14))  # Numba's threads start before PyTorch's
    libraries = [minitorch]
    if importlib.util.find_spec("torch"):
        import torch
        torch.set_num_threads(options.threads)
        libraries.append(torch)

    print("| operation | shape | pass | minitorch, us | PyTorch, us | ratio |\n|---|---|---|---|---|---|")
    for name in options.names or OPERATIONS:
        function, shapes = OPERATIONS[name]
        for shape in shapes:
            low = 0.1 if name == "log" else -2
            array = np.random.default_rng(0).uniform(low, 2, shape).astype(np.float32)
            for which, runs in zip(("forward", "backward"), zip(*(passes(T, function, array) for T in libraries))):
                times = [[seconds(run) for run in runs] for _ in range(options.rounds + 3)][3:]  # three warm up
                medians = [statistics.median(column) * 1e6 for column in zip(*times)]
                cells = [f"{t:.0f}" for t in medians] + [f"{medians[-1] / medians[0]:.2f}"] * (len(medians) == 2)
                print("|", " | ".join([name, "x".join(map(str, shape)), which, *cells]), "|", flush=True)


if __name__ == "__main__":
    main()
