"""Assignment 3, tensors: shapes, strides, and views with their gradients."""
import numpy as np

import minitorch as torch
from minitorch import _shapes
from minitorch.kernels.cpu import _memory
from minitorch.kernels.cpu import shape as kernels

from ..task import Assignment, Case, Mutant, Task

BROADCAST, VIEW = "minitorch._shapes:broadcast_shapes", "minitorch._shapes:view_shape"
GEOMETRY, EXPAND = "minitorch.kernels.cpu._memory:geometry_of", "minitorch.kernels.cpu.shape:expand"
PERMUTE = "minitorch.ops.shape:Permute.backward"
INDEX = "minitorch.kernels.cpu.shape:basic_index_backward"
WINDOW = "minitorch.kernels.cpu.shape:sliding_window_backward"


# ---- 3.1


def broadcast(shapes):
    return list(_shapes.broadcast_shapes(*map(tuple, shapes)))


def broadcasts(rng):
    n = int(rng.integers(2, 9))
    for what, *shapes in [
        ("the same shapes", (2, n), (2, n)),
        ("a dimension is missing in front", (2, n), (n,)),
        ("a dimension of size 1 is stretched", (n, 1), (n, 4)),
        ("both are stretched", (n, 1), (1, 4)),
        ("a single number", (), (n, 3)),
        ("three shapes", (n, 1, 1), (3, 1), (5,)),
        ("only one shape", (2, n)),
        ("no elements: 1 goes with 0", (n, 1), (n, 0)),
        ("they do not fit: a RuntimeError", (2, n), (2, n + 1)),
        ("they would fit from the front, but not from the end: a RuntimeError", (n, 11), (n,)),
        ("0 does not go with 2: a RuntimeError", (2,), (0,)),
    ]:
        yield Case(what, broadcast, dict(shapes=shapes))


BROADCASTING = Task(
    "3.1", "Shapes that fit", (BROADCAST,), broadcasts, mutants=(
        Mutant(BROADCAST, "shape[-dim]", "shape[dim - 1]",
               "You align shapes at the first dimension. Broadcasting aligns at the last: (2, 3) goes with (3,)."),
        Mutant(BROADCAST, "grown.pop() if grown else 1", "max(sizes)",
               "The larger size wins, with you. 1 goes with 0 as well, and gives 0."),
        Mutant(BROADCAST, "if len(grown) > 1:", "if False:",
               "Sizes that differ, where neither is 1, do not fit: a RuntimeError."),
        Mutant(BROADCAST, "if len(grown) > 1:", "if len(sizes) > 1:",
               "A dimension of size 1 goes with any size."),
    ))


# ---- 3.2


def view(size, numel):
    return list(_shapes.view_shape(tuple(size), numel))


def views(rng):
    a, b = map(int, rng.integers(2, 9, size=2))
    for what, size, numel in [
        ("nothing is left out", (a, b), a * b),
        ("the last size is left out", (a, -1), a * b),
        ("the first size is left out", (-1, b), a * b),
        ("all in one dimension", (-1,), a * b),
        ("a dimension of size 1", (a, -1, b), a * b),
        ("no elements", (a, -1), 0),
        ("a size of 0", (0, b), 0),
        ("a number in no dimensions", (), 1),
        ("too few elements: a RuntimeError", (a, b + 1), a * b),
        ("a size that does not divide: a RuntimeError", (a * b + 1, -1), a * b),
        ("two sizes left out: a RuntimeError", (-1, -1), a * b),
        ("-2 is no size: a RuntimeError", (-2,), a * b),
        ("0 times any size is 0: a RuntimeError", (0, -1), 0),
    ]:
        yield Case(what, view, dict(size=size, numel=numel))


LEFT_OUT = Task(
    "3.2", "What -1 stands for", (VIEW,), views, mutants=(
        Mutant(VIEW, "numel // known if n == -1 else n", "n", "-1 is no size: put what is left in its place."),
        Mutant(VIEW, " or numel % known != 0:", ":",
               "You round. If the known sizes do not divide the number of elements there is no such shape."),
        Mutant(VIEW, " or list(size).count(-1) > 1:", ":", "With two sizes left out there are many answers: refuse."),
        Mutant(VIEW, "if known != numel:", "if False:", "A view shows all elements, each once: count them."),
        Mutant(VIEW, "known == 0 or ", "", "With a size of 0 any size would do in place of -1: refuse."),
    ))


# ---- 3.3


def geometry(steps):
    """(size, strides, offset) of what is left of a (4, 5, 6) array after some steps."""
    x = torch.arange(120.).view(4, 5, 6)
    for name, *arguments in steps:
        x = x[slice(*arguments[1:])].transpose(0, arguments[0]) if name == "slice" else getattr(x, name)(*arguments)
    size, strides, offset = _memory.geometry_of(x.array)
    return {"size": list(size), "strides": list(map(int, strides)), "offset": int(offset)}


def geometries(rng):
    i, j = map(int, rng.integers(1, 4, size=2))
    for what, *steps in [
        ("all of it", ),
        ("two dimensions swapped", ("transpose", 0, 2)),
        (f"x[{i}]", ("select", 0, i)),
        (f"x[:, {j}]", ("select", 1, j)),
        (f"x[{i}][{j}]: a view of a view", ("select", 0, i), ("select", 0, j)),
        ("every second row, transposed", ("slice", 1, 1, 4, 2)),
        ("a diagonal", ("diagonal",)),
        ("repeated without a copy: stride 0", ("select", 0, i), ("unsqueeze", 0), ("expand", 3, 5, 6)),
    ]:
        yield Case(what, geometry, dict(steps=steps))


WHERE_IT_LIES = Task(
    "3.3", "Where it lies", (GEOMETRY,), geometries, mutants=(
        Mutant(GEOMETRY, "step // array.itemsize", "step", "NumPy's strides count bytes. Count elements."),
        Mutant(GEOMETRY, "offset // array.itemsize", "0",
               "A view may begin anywhere in the memory of its owner: compare where the two begin."),
        Mutant(GEOMETRY, "[step // array.itemsize for step in array.strides]",
               "[math.prod(array.shape[dim + 1 :]) for dim in range(array.ndim)]",
               "These are the strides of a contiguous array of this shape. A view keeps those of what it shows."),
        Mutant(GEOMETRY, "offset // array.itemsize", "offset", "The offset counts elements too, not bytes."),
    ))


# ---- 3.4


def expansion(x, size, dims):
    """x.transpose(dims), expanded; the strides of that, in elements; and does it show the memory of x?"""
    x = x.transpose(dims)
    out = kernels.expand(x, tuple(size))
    return {"result": np.array(out), "strides": [step // out.itemsize for step in out.strides],
            "shares memory": bool(np.shares_memory(x, out))}


def expansions(rng):
    for what, shape, size in [
        ("a dimension of size 1 is stretched", (3, 1), (3, 4)),
        ("a dimension is put in front", (3,), (2, 3)),
        ("both", (3, 1), (2, 3, 4)),
        ("the first dimension is stretched", (1, 3), (4, 3)),
        ("nothing grows", (2, 3), (2, 3)),
        ("three dimensions, the middle one is stretched", (2, 1, 3), (2, 4, 3)),
    ]:
        yield Case(what, expansion, dict(x=rng.normal(size=shape), size=size, dims=tuple(range(len(shape)))))
    yield Case("a matrix that is not contiguous", expansion,
               dict(x=rng.normal(size=(3, 2)), size=(4, 2, 3), dims=(1, 0)))


STRIDE_0 = Task(
    "3.4", "Repeat without a copy", (EXPAND,), expansions, mutants=(
        Mutant(EXPAND, "as_strided(input, size, expanded, offset)", "as_strided(input, size, expanded, offset).copy()",
               "You copy. With a stride of 0 the same element is read again and again, and no memory is needed."),
        Mutant(EXPAND, "shape, strides, offset = geometry_of(input)",
               "input = np.ascontiguousarray(input); shape, strides, offset = geometry_of(input)",
               "You copy what is not contiguous. Its strides say all that is needed: use them as they are."),
        Mutant(EXPAND, "0 if n == 1 and wanted != 1 else step", "step",
               "A dimension that is stretched gets a stride of 0. With its old one you walk out of the memory."),
    ))


# ---- 3.5


def permute_grad(x, dims, upstream):
    x = torch.tensor(x, requires_grad=True)
    x.permute(*dims).backward(torch.tensor(upstream))
    return x.grad


def index_grad(x, start, stop, step, column, upstream):
    """The gradient of x[start:stop:step, column]."""
    x = torch.tensor(x, requires_grad=True)
    x[start:stop:step, column].backward(torch.tensor(upstream))
    return x.grad


def window_grad(x, dim, size, step, upstream):
    """The gradient of x.unfold(dim, size, step): all windows of a size along a dimension."""
    x = torch.tensor(x, requires_grad=True)
    x.unfold(dim, size, step).backward(torch.tensor(upstream))
    return x.grad


def view_gradients(rng):
    x = rng.normal(size=(2, 3, 4))
    for dims in [(0, 2, 1), (2, 1, 0), (1, 2, 0), (2, 0, 1)]:
        upstream = rng.normal(size=[x.shape[dim] for dim in dims])
        yield Case(f"x.permute{dims}", permute_grad, dict(x=x, dims=dims, upstream=upstream))
    x = rng.normal(size=(6, 3))
    yield Case("x[1:6:2, 1]", index_grad, dict(x=x, start=1, stop=6, step=2, column=1, upstream=rng.normal(size=3)))
    yield Case("x[0:2, 2], in float32", index_grad, dict(
        x=x.astype(np.float32), start=0, stop=2, step=1, column=2, upstream=rng.normal(size=2).astype(np.float32)))
    for what, dim, size, step, shape in [
        ("windows side by side", 0, 2, 2, (3, 3, 2)), ("windows that overlap", 0, 3, 1, (4, 3, 3)),
        ("windows with gaps", 0, 1, 2, (3, 3, 1)), ("windows along the second dimension", 1, 2, 1, (6, 2, 2)),
    ]:
        yield Case(what, window_grad, dict(x=x, dim=dim, size=size, step=step, upstream=rng.normal(size=shape)))


GRADIENTS_OF_VIEWS = Task(
    "3.5", "Gradients of views", (PERMUTE, INDEX, WINDOW), view_gradients, points=3, mutants=(
        Mutant(PERMUTE, "tuple(inverse)", "self.dims",
               "You permute once more in the same way. Back is the inverse order: it differs as soon as three "
               "dimensions go round."),
        Mutant(INDEX, "np.zeros(", "np.ones(",
               "What the view does not show has no influence on what follows: its gradient is 0."),
        Mutant(INDEX, "out[index] = grad", "out[index] = 1",
               "You say where the elements went, and forget the gradient that arrives for each."),
        Mutant(WINDOW, "+= windows[..., number, :]", "= windows[..., number, :]",
               "Where windows overlap an element is used more than once. Its gradients add up: +=, not =."),
        Mutant(WINDOW, "start = number * step", "start = number",
               "The windows are `step` apart: number i begins at i * step."),
    ))


STRIDES = Assignment(
    3, "strides", "Tensors: strides, views, broadcasting",
    (BROADCASTING, LEFT_OUT, WHERE_IT_LIES, STRIDE_0, GRADIENTS_OF_VIEWS), prerequisites=(1,),
    given=("minitorch.kernels.cpu._memory:owner_of", "minitorch.kernels.cpu.shape:as_strided"))
