"""What is measured: each row of the table, with its goal. A row is written once, for library T: minitorch or torch."""
import dataclasses
import functools
import math
import os
import subprocess
import sys
import tempfile
import typing

import numpy as np

from . import models


@dataclasses.dataclass
class Case:
    """One row: `prepare(T)` returns a function without arguments, whose time is measured."""
    group: str
    name: str
    goal: float                 # torch's time / minitorch's time
    prepare: typing.Callable
    flops: float = 0            # additions and multiplications, where they are what takes the time
    bytes: float = 0            # read and written, where that is
    unit: str = "s"             # "MiB": not the time counts, but what the function returns
    limit: float = 0            # in place of the goal: minitorch's own figure has to be below
    at: float = 0               # in a group that shows how time grows: the size it grows with
    threads: int = 0            # 0: those of the command line


CASES = []
MEANS = {}  # group: the goal of the geometric mean of its ratios


def numbers(*shape, low=-2, high=2, seed=0):
    return low + (high - low) * np.random.default_rng(seed).random(shape, np.float32)


def integers(below, *shape, seed=0):
    return np.random.default_rng(seed).integers(0, below, shape)


# ------------------------------------------------------------------------------------------ one operation, both ways
def forward(T, function, arrays):
    """The operation, unrecorded."""
    inputs = [T.tensor(array) for array in arrays]

    def run():
        with T.no_grad():
            return function(T, *inputs)
    return run


def backward(T, function, arrays, wanted):
    """The gradients with respect to inputs[i], i in `wanted`, from a gradient of the output that lies in memory."""
    inputs = [T.tensor(array) for array in arrays]
    wanted = [inputs[i].requires_grad_() for i in wanted or range(len(arrays)) if arrays[i].dtype.kind == "f"]
    out = function(T, *inputs)
    grad = T.tensor(numbers(*out.shape, seed=1))
    return lambda: T.autograd.grad(out, wanted, grad, retain_graph=True)


def add(group, name, function, arrays, goal, flops=0, bytes=0, gradients={"backward": None}):
    """The rows of an operation: forward, and `gradients` by name, as the numbers of the inputs they are for.

    arrays  the inputs: shapes of random ones, or functions that make them
    """
    @functools.lru_cache(1)  # the rows and the libraries share them
    def made():
        return [numbers(*x, seed=i) if isinstance(x, tuple) else x() for i, x in enumerate(arrays)]

    CASES.append(Case(group, f"{name} forward", goal, lambda T: forward(T, function, made()), flops, bytes))
    for which, wanted in gradients.items():
        products = 1 if wanted else len(arrays)  # one for the gradient of each factor
        prepare = lambda T, wanted=wanted: backward(T, function, made(), wanted)
        CASES.append(Case(group, f"{name} {which}", goal, prepare, flops * products, bytes * 1.5))


# ------------------------------------------------------------------------------------------------------- LeNet's step
def training_step(make_model, data, classes):
    """prepare() of: zero_grad, forward, cross-entropy, backward, SGD with momentum"""
    def prepare(T):
        T.manual_seed(0)
        model = make_model(T)
        optimizer = T.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
        inputs = T.tensor(data())
        labels = T.tensor(integers(classes, len(model(inputs)), seed=1))

        def step():
            optimizer.zero_grad()
            loss = T.nn.functional.cross_entropy(model(inputs), labels)
            loss.backward()
            optimizer.step()
            return loss
        return step
    return prepare


def lenet_step(batch):
    return training_step(models.lenet, lambda: numbers(batch, 1, 32, 32), 10)


LENET_FLOPS = 2.26e6  # an image
for batch, goal in (1, 3.5), (16, 3), (64, 3), (256, 2.5):
    CASES.append(Case("LeNet training step", f"LeNet step, batch {batch}", goal, lenet_step(batch),
                      LENET_FLOPS * batch))


# -------------------------------------------------------------------------------------------------------- convolution
def convolution(group, name, image, weight, goal=1.0, **options):
    """image (N, C, H, W), weight (K, C/G, R, S); or (N, C, T), (K, C/G, S)"""
    rank = len(image) - 2

    def function(T, x, w):
        return getattr(T.nn.functional, f"conv{rank}d")(x, w, **options)

    stride, padding, dilation = (options.get(key, default) for key, default in
                                 (("stride", 1), ("padding", 0), ("dilation", 1)))
    output = [(size + 2 * padding - dilation * (taps - 1) - 1) // stride + 1 for size, taps in
              zip(image[2:], weight[2:])]
    flops = 2 * image[0] * math.prod(weight) * math.prod(output)
    add(group, name, function, [image, weight], goal, flops, gradients={"dX": [0], "dW": [1]})


SMALL, CONV3, CONV = "Convolution of LeNet, of one image", "Convolution 3x3", "Convolution"
MEANS[SMALL] = 2
for N in 1, 64:
    convolution(SMALL, f"conv LeNet 1, batch {N}", (N, 1, 32, 32), (6, 1, 5, 5))
    convolution(SMALL, f"conv LeNet 2, batch {N}", (N, 6, 14, 14), (16, 6, 5, 5))
convolution(SMALL, "conv 3x3 64x56x56, batch 1", (1, 64, 56, 56), (64, 64, 3, 3), padding=1)
convolution(SMALL, "conv 3x3 256x14x14, batch 1", (1, 256, 14, 14), (256, 256, 3, 3), padding=1)
convolution(SMALL, "conv 1x1 256x14x14, batch 1", (1, 256, 14, 14), (256, 256, 1, 1))
convolution(SMALL, "conv 7x7 stride 2, batch 1", (1, 3, 224, 224), (64, 3, 7, 7), stride=2, padding=3)
for C, H in (64, 56), (128, 28), (256, 14):
    convolution(CONV3, f"conv 3x3 {C}x{H}x{H}", (32, C, H, H), (C, C, 3, 3), 1.6, padding=1)
convolution(CONV, "conv 1x1 64x56x56", (32, 64, 56, 56), (64, 64, 1, 1))
convolution(CONV, "conv 1x1 256x14x14", (32, 256, 14, 14), (256, 256, 1, 1))
convolution(CONV, "conv 7x7 stride 2", (8, 3, 224, 224), (64, 3, 7, 7), stride=2, padding=3)
convolution(CONV, "conv 3x3 stride 2", (32, 64, 56, 56), (128, 64, 3, 3), stride=2, padding=1)
convolution(CONV, "conv depthwise", (32, 64, 56, 56), (64, 1, 3, 3), padding=1, groups=64)
convolution(CONV, "conv dilated", (32, 64, 28, 28), (64, 64, 3, 3), padding=2, dilation=2)
convolution(CONV, "conv grouped", (32, 128, 28, 28), (128, 32, 3, 3), padding=1, groups=4)
convolution(CONV, "conv1d", (32, 64, 1024), (64, 64, 5), padding=2)


# ------------------------------------------------------------------------------------------------------------ pooling
POOL = "Pooling"
MEANS[POOL] = 5
for name, function in {
        "max_pool 2": lambda T, x: T.nn.functional.max_pool2d(x, 2),
        "max_pool 3, stride 2": lambda T, x: T.nn.functional.max_pool2d(x, 3, 2, 1),
        "avg_pool 2": lambda T, x: T.nn.functional.avg_pool2d(x, 2),
        "avg_pool 3, stride 2": lambda T, x: T.nn.functional.avg_pool2d(x, 3, 2, 1),
        "adaptive_avg_pool 1": lambda T, x: T.nn.functional.adaptive_avg_pool2d(x, 1),
        "adaptive_avg_pool 7": lambda T, x: T.nn.functional.adaptive_avg_pool2d(x, 7),
        "adaptive_max_pool 7": lambda T, x: T.nn.functional.adaptive_max_pool2d(x, 7)}.items():
    for shape in (64, 6, 28, 28), (32, 64, 56, 56):
        add(POOL, f"{name}, {'x'.join(map(str, shape))}", function, [shape], 1.5, bytes=4 * math.prod(shape))


# ------------------------------------------------------------------- element by element, row by row, and by their index
EACH = "Softmax, norms, activations, sums, indices"
MEANS[EACH] = 2
# size: (matrix, image, tokens and width of an embedding)
SIZES = {"16k": ((128, 128), (16, 16, 8, 8), (256, 64)), "1M": ((1024, 1024), (16, 64, 32, 32), (8192, 128)),
         "16M": ((4096, 4096), (64, 64, 64, 64), (65536, 256))}
VOCABULARY = 10_000

ON_MATRICES = {
    "softmax": lambda T, x: T.softmax(x, -1),
    "log_softmax": lambda T, x: T.log_softmax(x, -1),
    "gelu": lambda T, x: T.nn.functional.gelu(x),
    "tanh": lambda T, x: T.tanh(x),
    "sigmoid": lambda T, x: T.sigmoid(x),
    "exp": lambda T, x: T.exp(x),
    "dropout": lambda T, x: T.nn.functional.dropout(x),
    "sum": lambda T, x: x.sum(),
    "sum over rows": lambda T, x: x.sum(0),
    "sum over columns": lambda T, x: x.sum(1)}

for size, (matrix, image, (tokens, width)) in SIZES.items():
    count, (rows, columns), C = math.prod(matrix), matrix, image[1]
    for name, function in ON_MATRICES.items():
        add(EACH, f"{name} {size}", function, [matrix], 1.0, bytes=(4 if "sum" in name else 8) * count)
    add(EACH, f"log {size}", lambda T, x: T.log(x), [functools.partial(numbers, *matrix, low=0.1)], 1.0,
        bytes=8 * count)
    add(EACH, f"sum over the middle {size}", lambda T, x: x.sum(1), [(image[0], C, image[2] * image[3])], 1.0,
        bytes=4 * count)
    add(EACH, f"cross_entropy {size}", lambda T, x, y: T.nn.functional.cross_entropy(x, y),
        [matrix, functools.partial(integers, columns, rows)], 1.0, bytes=4 * count)
    add(EACH, f"layer_norm {size}", lambda T, x, w, b: T.nn.functional.layer_norm(x, w.shape, w, b),
        [matrix, (columns,), (columns,)], 1.0, bytes=8 * count)
    add(EACH, f"batch_norm {size}", lambda T, x, w, b: T.nn.functional.batch_norm(x, None, None, w, b, True),
        [image, (C,), (C,)], 1.0, bytes=12 * count)
    add(EACH, f"group_norm {size}", lambda T, x, w, b: T.nn.functional.group_norm(x, 8, w, b),
        [image, (C,), (C,)], 1.0, bytes=8 * count)
    add(EACH, f"embedding {size}", lambda T, table, i: T.nn.functional.embedding(i, table),
        [(VOCABULARY, width), functools.partial(integers, VOCABULARY, tokens)], 1.0, bytes=8 * tokens * width)
    index = functools.partial(integers, columns, rows, columns)
    add(EACH, f"gather {size}", lambda T, x, i: x.gather(1, i), [matrix, index], 1.0, bytes=16 * count)
    add(EACH, f"scatter_add {size}", lambda T, x, y, i: x.scatter_add(1, i, y), [matrix, matrix, index], 1.0,
        bytes=20 * count)


# ---------------------------------------------------------------------------------------------------- matrix products
PRODUCT = "Matrix products"
MEANS[PRODUCT] = 1.5


def product(name, a, b, function=lambda T, a, b: a @ b):
    """a (..., i, k), b (..., k, j), or as the function has them"""
    (*batch, rows, inner) = a
    columns = math.prod(b) // math.prod(batch) // inner
    add(PRODUCT, name, function, [a, b], 1.0, 2 * math.prod(batch) * rows * inner * columns)


for n in 64, 256, 1024:
    product(f"matmul {n}x{n} @ {n}x{n}", (n, n), (n, n))
product("matmul 1024x1024 @ 1024x8", (1024, 1024), (1024, 8))
product("matmul 8x1024 @ 1024x1024", (8, 1024), (1024, 1024))
product("matmul 16384x64 @ 64x64", (16384, 64), (64, 64))
product("matmul 64x16384 @ 16384x64", (64, 16384), (16384, 64))
product("matmul 512 a.T @ b", (512, 512), (512, 512), lambda T, a, b: a.T @ b)
product("matmul 512 a @ b.T", (512, 512), (512, 512), lambda T, a, b: a @ b.T)
for N, inputs, outputs in (1, 400, 120), (64, 400, 120), (1024, 512, 2048):
    product(f"linear {N}x{inputs} to {outputs}", (N, inputs), (outputs, inputs),
            lambda T, x, w: T.nn.functional.linear(x, w))
product("bmm 64 of 64x64", (64, 64, 64), (64, 64, 64), lambda T, a, b: T.bmm(a, b))
product("bmm 32 of 128x64 @ 64x128", (32, 128, 64), (32, 64, 128), lambda T, a, b: T.bmm(a, b))
product("bmm 8 of 256x256", (8, 256, 256), (8, 256, 256), lambda T, a, b: T.bmm(a, b))


# ------------------------------------------------------------------------------------------------------------- models
MODEL = "Models: training step"
MEANS[MODEL] = 1.5
STEPS = {  # name: (prepare, flops). A weight that meets t inputs takes 2t flops forward and 4t backward.
    "LSTM, 32 of 64 steps": (training_step(lambda T: models.recurrent(T, "LSTM"), lambda: numbers(32, 64, 64), 10),
                             6 * 32 * 64 * (4 * 128 * (64 + 128) + 1280)),
    "GRU, 32 of 64 steps": (training_step(lambda T: models.recurrent(T, "GRU"), lambda: numbers(32, 64, 64), 10),
                            6 * 32 * 64 * (3 * 128 * (64 + 128) + 1280)),
    "GPT, 16 of 64 letters": (training_step(models.gpt, lambda: integers(65, 16, 64), 65),
                              6 * 16 * 64 * (4 * (12 * 128 ** 2 + 64 * 128) + 65 * 128)),
    "ResNet-18, 8 images of 32x32": (training_step(models.resnet18, lambda: numbers(8, 3, 32, 32), 10),
                                     6 * 8 * 0.556e9)}
for name, (prepare, flops) in STEPS.items():
    CASES.append(Case(MODEL, name, 1.0, prepare, flops))


# --------------------------------------------------------------------------------------------------------- optimizers
def optimizer_step(make):
    def prepare(T):
        parameters = [T.nn.Parameter(T.tensor(numbers(408, 408, seed=i))) for i in range(60)]
        for i, parameter in enumerate(parameters):
            parameter.grad = T.tensor(numbers(408, 408, seed=60 + i))
        return make(T.optim, parameters).step
    return prepare


OPTIMIZER = "Optimizers: 10 M parameters in 60 tensors"
for name, goal, count, make in [  # count: numbers read and written for each parameter
        ("SGD", 1.0, 3, lambda optim, p: optim.SGD(p, lr=1e-4)),
        ("SGD with momentum", 1.0, 5, lambda optim, p: optim.SGD(p, lr=1e-4, momentum=0.9)),
        ("Adam", 3.0, 7, lambda optim, p: optim.Adam(p, lr=1e-4)),
        ("AdamW", 3.0, 7, lambda optim, p: optim.AdamW(p, lr=1e-4))]:
    CASES.append(Case(OPTIMIZER, name, goal, optimizer_step(make), bytes=4 * count * 60 * 408 ** 2))


# ------------------------------------------------------------------------------------------------------------- engine
def recorded_add(T):
    a, b = T.tensor(numbers(4)).requires_grad_(), T.tensor(numbers(4))
    return lambda: a + b


def small_graph(T):
    a, b = (T.tensor(numbers(4)).requires_grad_() for _ in range(2))
    return lambda: ((a + b) * a).sum().backward()


def chain(length):
    """`length` additions, there and back"""
    def prepare(T):
        x, y = T.tensor(numbers(4)).requires_grad_(), T.tensor(numbers(4))

        def run():
            z = x
            for _ in range(length):
                z = z + y
            z.sum().backward()
        return run
    return prepare


ENGINE = "Engine"
CASES += [Case(ENGINE, "one recorded addition of 4 elements", 1.5, recorded_add),
          Case(ENGINE, "((a + b) * a).sum().backward()", 2.0, small_graph),
          Case(ENGINE, "a chain of 1,000 additions, there and back", 1.5, chain(1000))]


# ----------------------------------------------------------------------------------- whole processes: memory, first use
IMPORT = "import {library} as T\n"
FIRST_STEP = IMPORT + """
from tests.benchmarks import cases
cases.lenet_step(64)(T)()
"""
PEAK = IMPORT + """
from pathlib import Path
from tests.benchmarks import cases
step = cases.STEPS[{name!r}][0](T)
for _ in range(3):
    step()
status = Path("/proc/self/status").read_text()
print(int(status.partition("VmHWM:")[2].split()[0]) / 1024)  # MiB
"""


def process(program, cold=False, **names):
    """prepare() of: start Python, run the program, end; what it printed"""
    def prepare(T):
        if cold and T.__name__ == "torch":
            return None  # it has no compiler to wait for
        environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environ["NUMBA_NUM_THREADS"] = environ["OMP_NUM_THREADS"] = str(T.get_num_threads())
        text = program.format(library=T.__name__, **names)

        def run():
            with tempfile.TemporaryDirectory() as empty:
                if cold:
                    environ["NUMBA_CACHE_DIR"] = empty
                done = subprocess.run([sys.executable, "-c", text], env=environ, check=True, stdout=subprocess.PIPE)
            return float(done.stdout or 0)
        return run
    return prepare


MEMORY, FIRST_USE = "Peak memory of a process that trains for three steps", "First use: a whole process"
STEPS["LeNet step, batch 256"] = lenet_step(256), 0
CASES += [Case(MEMORY, f"memory: {name}", 1.0, process(PEAK, name=name), unit="MiB") for name in STEPS]
CASES += [Case(FIRST_USE, "import", 1.0, process(IMPORT)),
          Case(FIRST_USE, "import and first LeNet step, warm cache", 1.0, process(FIRST_STEP)),
          Case(FIRST_USE, "import and first LeNet step, cold cache", 0, process(FIRST_STEP, cold=True), limit=12)]


# --------------------------------------------------------------------------------------------------- how the time grows
def grows(what, sizes, make, arithmetic):
    """A group of rows: make(size) is a prepare(), arithmetic(size) its flops."""
    CASES.extend(Case(f"{GROWTH}{what}", f"{what} {size}", 0, make(size), arithmetic(size), at=size) for size in sizes)


def convolve(channels, size):
    def prepare(T):
        arrays = numbers(8, channels, size, size), numbers(channels, channels, 3, 3)
        return forward(T, lambda T, x, w: T.nn.functional.conv2d(x, w, padding=1), arrays)
    return prepare


GROWTH = "How time grows with "
grows("the batch of a LeNet step", [1, 4, 16, 64, 256, 1024], lenet_step, lambda N: N * LENET_FLOPS)
grows("the channels of a 3x3 convolution", [4, 8, 16, 32, 64, 128, 256], lambda C: convolve(C, 16),
      lambda C: 8 * 18 * C ** 2 * 16 ** 2)
grows("the image size of a 3x3 convolution", [4, 8, 16, 32, 64, 128], lambda H: convolve(32, H),
      lambda H: 8 * 18 * 32 ** 2 * H ** 2)
grows("the length of a chain of additions", [1, 10, 100, 1000, 10000], chain, lambda length: length)
for name in "LeNet step, batch 64", "GPT, 16 of 64 letters", "conv 3x3 128x28x28 forward", "softmax 1M forward":
    case = next(case for case in CASES if case.name == name)
    CASES.extend(dataclasses.replace(case, group=f"{GROWTH}the threads", name=f"{name}, threads {n}", goal=0, at=n,
                                     threads=n) for n in (1, 2))
