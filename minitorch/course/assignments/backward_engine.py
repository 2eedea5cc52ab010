"""Assignment 2, the backward engine: how loss.backward() walks the graph."""
import numpy as np

import minitorch as torch
from minitorch import engine
from minitorch.kernels import cpu

from ..task import Assignment, Case, Mutant, Task

REACHABLE, SUM_TO = "minitorch.engine:_reachable", "minitorch.kernels.cpu.reduce:sum_to"
LEAF = "minitorch.graph:AccumulateGrad.run"
ENGINE, LEADING = "minitorch.engine:run_backward", "minitorch.engine:_leading_to"

DIAMOND = [("mul", 0, 0), ("add", 1, 0)]  # x * x + x
TWO_PATHS = [("sin", 0), ("mul", 0, 1), ("mul", 1, 2)]  # a node's gradient arrives in two parts, at different times
LADDER = [("add", i, i) for i in range(40)]  # forty diamonds, one above the other: 2^40 paths, 40 nodes


class SumAndDifference(engine.Op):
    """out = a + b, a - b: an operation with two outputs."""

    def forward(self, a, b):
        return a + b, a - b

    def backward(self, grad_sum, grad_difference):
        k = self.k
        return k.add(grad_sum, grad_difference), k.sub(grad_sum, grad_difference)


# ---- what the probes are made of


def build(leaves, program):
    """Tensors: the leaves, then what each step of the program makes of earlier ones, by their places in the list.

    A leaf is an array, or [array] for one that requires no grad.
    """
    tensors = [torch.tensor(*leaf) if isinstance(leaf, list) else torch.tensor(leaf, requires_grad=True)
               for leaf in leaves]
    for name, *places in program:
        made = SumAndDifference.apply if name == "sum_and_difference" else getattr(torch, name)
        made = made(*[tensors[i] for i in places])
        tensors.extend(made if isinstance(made, tuple) else [made])
    return tensors


def grads(tensors):
    return {f"grad of leaf {i}": x.grad for i, x in enumerate(tensors) if x.is_leaf and x.requires_grad}


def random_program(rng, leaves, steps):
    """Steps that each use two of the last few tensors, so that there are many paths."""
    return [(str(rng.choice(["add", "sub", "mul"])), i - 1, int(rng.integers(max(0, i - 4), i)))
            for i in range(leaves, leaves + steps)]


# ---- 2.1


def reachable(leaves, program, start):
    """The nodes found below the tensors at `start`, and which of them are no older than all their inputs."""
    tensors = build(leaves, program)
    nodes = [x.edge() and x.edge()[0] for x in tensors]
    names = {node: f"{i} {node.name()}" for i, node in enumerate(nodes) if node is not None}
    found = engine._reachable([nodes[i] for i in start])
    young = [names[node] for node in found if all([edge is None or edge[0].order < node.order for edge in node.edges])]
    return {"found": sorted(map(names.get, found)), "younger than their inputs": sorted(young)}


def count_reachable(depth):
    """How many nodes are found in a chain x + 1 + 1 + ... of this depth."""
    x = torch.tensor(1., requires_grad=True)
    for _ in range(depth):
        x = x + 1
    return len(engine._reachable([x.node]))


def reachable_cases(rng):
    x, y = rng.normal(size=(2, 3))
    yield Case("a leaf alone", reachable, dict(leaves=[x], program=[], start=[0]))
    yield Case("x * y, where both require grad", reachable, dict(leaves=[x, y], program=[("mul", 0, 1)], start=[2]))
    yield Case("x * y, where y requires no grad: its edge is None", reachable,
               dict(leaves=[x, [y]], program=[("mul", 0, 1)], start=[2]))
    yield Case("the diamond x * x + x: each node once", reachable, dict(leaves=[x], program=DIAMOND, start=[2]))
    yield Case("two roots, one of which lies below the other", reachable,
               dict(leaves=[x], program=DIAMOND, start=[2, 1]))
    yield Case("start in the middle: what is above is not found", reachable,
               dict(leaves=[x], program=DIAMOND, start=[1]))
    yield Case("a random graph", reachable, dict(leaves=[x, y], program=random_program(rng, 2, 12), start=[13]))
    yield Case("forty diamonds, one above the other", reachable, dict(leaves=[x], program=LADDER, start=[40]))
    yield Case("a chain of 1500 nodes: deeper than Python's recursion goes", count_reachable, dict(depth=1500))


FIND_THE_GRAPH = Task(
    "2.1", "Find the graph", (REACHABLE,), reachable_cases, mutants=(
        Mutant(REACHABLE, "for edge in node.edges:", "for edge in node.edges[:1]:",
               "You follow only the first edge of each node. A node has an edge for each input."),
        Mutant(REACHABLE, "if edge is not None:", "if True:",
               "An edge may be None: that input needs no gradient. There is nothing to follow."),
        Mutant(REACHABLE, "found.add(node)", "found.update([node] if node.edges else [])",
               "The leaves are missing. A leaf ends the graph in a node of its own, AccumulateGrad, without edges."),
        Mutant(REACHABLE, "list(nodes)", "[edge[0] for node in nodes for edge in node.edges if edge]",
               "The nodes at which you start belong to the graph too."),
        Mutant(REACHABLE, "below.order = min(below.order, node.order - 0.5)", "pass",
               "The node of a leaf is made late, when somebody asks for it, and so is younger than those who use it. "
               "Give it an order below that of each."),
    ))


# ---- 2.2


def sum_to(grad, shape):
    return cpu.sum_to(grad, tuple(shape))


def broadcast_grads(a, b):
    """The gradients of (a * b).sum(), where a and b are broadcast to a common shape."""
    a, b = torch.tensor(a, requires_grad=True), torch.tensor(b, requires_grad=True)
    (a * b).sum().backward()
    return {"a.grad": a.grad, "b.grad": b.grad}


def sum_to_cases(rng):
    for what, grad_shape, shape in [
        ("(3,) was repeated to (2, 3)", (2, 3), (3,)),
        ("(3, 1) was stretched to (3, 4)", (3, 4), (3, 1)),
        ("(3, 1) was repeated and stretched to (2, 3, 4)", (2, 3, 4), (3, 1)),
        ("a single number was broadcast to (2, 3)", (2, 3), ()),
        ("(1, 3) was stretched to (4, 3): the 1 stays", (4, 3), (1, 3)),
        ("(2, 1, 3, 1) was stretched to (2, 4, 3, 5)", (2, 4, 3, 5), (2, 1, 3, 1)),
        ("(3, 1) was repeated to (2, 3, 1): the last dimension did not grow", (2, 3, 1), (3, 1)),
    ]:
        yield Case(what, sum_to, dict(grad=rng.normal(size=grad_shape), shape=shape))
    yield Case("a * b with shapes (2, 3) and (3,)", broadcast_grads,
               dict(a=rng.normal(size=(2, 3)), b=rng.normal(size=3)))


UNBROADCAST = Task(
    "2.2", "Undo broadcasting", (SUM_TO,), sum_to_cases, mutants=(
        Mutant(SUM_TO, "if size == 1:", "if False:",
               "You sum over the dimensions that broadcasting put in front, but not over those of size 1 that it "
               "stretched."),
        Mutant(SUM_TO, "while input.ndim > len(shape):", "while False:",
               "You sum over the dimensions of size 1 that broadcasting stretched, but not over those that it put in "
               "front."),
        Mutant(SUM_TO, "input = input.sum(dim, keepdims=True)", "input = input.sum(dim - len(shape))",
               "A dimension of size 1 has to be there afterwards, with size 1: (3, 4) to (3, 1), not to (3,)."),
        Mutant(SUM_TO, "input = input.sum(0)", "input = input.mean(0)",
               "You take the mean. Each copy of an element sends its own gradient back, and they add up."),
        Mutant(SUM_TO, "input = input.sum(0)", "input = input[0]",
               "You keep the gradient of one of the copies and drop the others. They add up."),
    ))


# ---- 2.3


def accumulate(start, arriving):
    """.grad after these gradients have arrived at a leaf, one after the other."""
    x = torch.tensor(start, requires_grad=True)
    history = []
    for grad in arriving:
        x.accumulator().run((grad,))
        history.append(x.grad.tolist())
    return history


def accumulate_apart(start, grad):
    """Two leaves get the same array; then the first one's .grad is set to 0."""
    x, y = (torch.tensor(start, requires_grad=True) for _ in range(2))
    grad = np.array(grad)
    x.accumulator().run((grad,))
    y.accumulator().run((grad,))
    x.grad.zero_()
    return {"x.grad": x.grad, "y.grad": y.grad, "the array that arrived": grad}


def accumulate_in_place(start, first, second):
    """A tensor that was x.grad after the first gradient, looked at after the second."""
    x = torch.tensor(start, requires_grad=True)
    x.accumulator().run((first,))
    held = x.grad
    x.accumulator().run((second,))
    return held


def accumulate_cases(rng):
    x, a, b, c = rng.normal(size=(4, 3))
    yield Case("the first gradient", accumulate, dict(start=x, arriving=[a]))
    yield Case("three gradients, one after the other", accumulate, dict(start=x, arriving=[a, b, c]))
    yield Case("the same array arrives at two leaves", accumulate_apart, dict(start=x, grad=a))
    yield Case("somebody holds x.grad while the second gradient arrives", accumulate_in_place,
               dict(start=x, first=a, second=b))
    yield Case("gradients of a matrix", accumulate,
               dict(start=np.ones((2, 3)), arriving=list(rng.normal(size=(2, 2, 3)))))


THE_LEAF = Task(
    "2.3", "The end at a leaf", (LEAF,), accumulate_cases, mutants=(
        Mutant(LEAF, "leaf._grad.array += grad", "leaf._grad.array[...] = grad",
               "The second gradient replaces the first: = where += accumulates."),
        Mutant(LEAF, "wrap(np.array(grad))", "wrap(grad)",
               "You keep the array that arrived. Others hold it too: who writes to one .grad changes theirs."),
        Mutant(LEAF, "leaf._grad.array += grad", "leaf._grad = wrap(leaf._grad.array + grad)",
               "You make a new tensor for the sum. .grad stays the same tensor, and its numbers change: an optimizer, "
               "or anybody who holds it, expects that."),
    ))


# ---- 2.4


def backward(leaves, program, upstream):
    """The gradients of the leaves after backward from the last tensor."""
    tensors = build(leaves, program)
    tensors[-1].backward(torch.tensor(upstream))
    return grads(tensors)


def backward_twice(leaves, program, upstream, retain_graph):
    """Backward, and again."""
    tensors = build(leaves, program)
    tensors[-1].backward(torch.tensor(upstream), retain_graph=retain_graph)
    tensors[-1].backward(torch.tensor(upstream))
    return grads(tensors)


def backward_of_two(leaves, program, upstreams):
    """Backward from the last two tensors at once."""
    tensors = build(leaves, program)
    torch.autograd.backward(tensors[-2:], list(map(torch.tensor, upstreams)))
    return grads(tensors)


def chain_grad(depth):
    """The gradient of x + 1 + 1 + ... in a chain of this depth."""
    x = torch.tensor(1., requires_grad=True)
    y = x
    for _ in range(depth):
        y = y + 1
    y.backward()
    return x.grad


def backward_cases(rng):
    x, y, up, up2 = rng.normal(size=(4, 3))
    xy = [x, y]
    yield Case("sin(x)", backward, dict(leaves=[x], program=[("sin", 0)], upstream=up))
    yield Case("x * y", backward, dict(leaves=xy, program=[("mul", 0, 1)], upstream=up))
    yield Case("x * y, where y requires no grad", backward,
               dict(leaves=[x, [y]], program=[("mul", 0, 1)], upstream=up))
    yield Case("the diamond x * x + x", backward, dict(leaves=[x], program=DIAMOND, upstream=up))
    yield Case("sin(x) * (x * sin(x)): a gradient arrives in two parts, at different times", backward,
               dict(leaves=[x], program=TWO_PATHS, upstream=up))
    yield Case("a random graph", backward, dict(leaves=xy, program=random_program(rng, 2, 12), upstream=up))
    yield Case("x * y with shapes (2, 3) and (3,)", backward,
               dict(leaves=[rng.normal(size=(2, 3)), y], program=[("mul", 0, 1)], upstream=rng.normal(size=(2, 3))))
    both = [("sum_and_difference", 0, 1)]
    yield Case("an operation with two outputs, x + y and x - y; both are used", backward,
               dict(leaves=xy, program=[*both, ("mul", 2, 3)], upstream=up))
    yield Case("an operation with two outputs, of which only the second is used", backward,
               dict(leaves=xy, program=[*both, ("sin", 3)], upstream=up))
    yield Case("backward from two tensors at once, one below the other", backward_of_two,
               dict(leaves=[x], program=DIAMOND, upstreams=[up, up2]))
    yield Case("backward twice, with retain_graph=True", backward_twice,
               dict(leaves=xy, program=[("mul", 0, 1)], upstream=up, retain_graph=True))
    yield Case("backward twice, without: what the nodes saved is gone, and they raise a RuntimeError", backward_twice,
               dict(leaves=xy, program=[("mul", 0, 1)], upstream=up, retain_graph=False))
    yield Case("forty diamonds, one above the other", backward, dict(leaves=[x], program=LADDER, upstream=up))
    yield Case("a chain of 1500 nodes: deeper than Python's recursion goes", chain_grad, dict(depth=1500))


WALK_BACK = Task(
    "2.4", "Walk back", (ENGINE,), backward_cases, points=4, mutants=(
        Mutant(ENGINE, "for node in order:\n        if node not in pending:\n            continue",
               "while pending:\n        node = next(iter(pending))",
               "You run a node as soon as a gradient arrives. More may be on the way: run the newest node first, since "
               "all who use a tensor are newer than what made it."),
        Mutant(ENGINE, ", reverse=True)", ")",
               "You run the oldest node first: it has no gradient yet. Gradients flow from the newest to the oldest."),
        Mutant(ENGINE, "grads[number] + grad", "grad",
               "The last gradient that arrives at a node replaces the others: where paths meet, gradients add up."),
        Mutant(ENGINE, "_fit(grad, *into.outputs[number], node, index)", "grad",
               "A gradient reaches an input in the broadcast shape. Bring it to the form of what it belongs to: _fit "
               "does, with your sum_to."),
        Mutant(ENGINE, "into, number = edge", "into, number = edge[0], 0",
               "You take every gradient for that of the node's first output. An edge is (node, output number)."),
        Mutant(ENGINE, "if not retain_graph:", "if False:",
               "The nodes keep what they saved. Without retain_graph, release() each node when it has run."),
    ))


# ---- 2.5


def grad_of(leaves, program, inputs, upstream):
    """autograd.grad of the last tensor with respect to those at `inputs`, and what is in .grad afterwards."""
    tensors = build(leaves, program)
    found = torch.autograd.grad(tensors[-1], [tensors[i] for i in inputs], torch.tensor(upstream), allow_unused=True)
    return {"found": list(found), **grads(tensors)}


def backward_to(leaves, program, inputs, upstream):
    """backward(inputs=...): .grad of the chosen leaves alone."""
    tensors = build(leaves, program)
    tensors[-1].backward(torch.tensor(upstream), inputs=[tensors[i] for i in inputs])
    return grads(tensors)


def grad_cases(rng):
    x, y, up = rng.normal(size=(3, 3))
    xy, product = [x, y], [("mul", 0, 1), ("sin", 2)]
    yield Case("d sin(x * y)/dx", grad_of, dict(leaves=xy, program=product, inputs=[0], upstream=up))
    yield Case("d sin(x * y)/dy and dx, in this order", grad_of,
               dict(leaves=xy, program=product, inputs=[1, 0], upstream=up))
    yield Case("with respect to x * y, in the middle of the graph", grad_of,
               dict(leaves=xy, program=product, inputs=[2], upstream=up))
    yield Case("with respect to x * y and to x below it", grad_of,
               dict(leaves=xy, program=product, inputs=[2, 0], upstream=up))
    yield Case("with respect to a tensor that has no influence: None", grad_of,
               dict(leaves=xy, program=[("sin", 0)], inputs=[0, 1], upstream=up))
    yield Case("where two paths meet", grad_of, dict(leaves=[x], program=TWO_PATHS, inputs=[0, 1], upstream=up))
    yield Case("a random graph", grad_of,
               dict(leaves=xy, program=random_program(rng, 2, 12), inputs=[0, 5], upstream=up))
    yield Case("backward(inputs=[x]) leaves y.grad alone", backward_to,
               dict(leaves=xy, program=product, inputs=[0], upstream=up))


ONLY_WHAT_IS_ASKED = Task(
    "2.5", "Only what is asked", (ENGINE, LEADING), grad_cases, points=3, mutants=(
        Mutant(LEADING, "elif leaves_too and node in wanted", "elif node in wanted",
               "autograd.grad wrote to .grad. With accumulate=False the leaves' nodes do not run."),
        Mutant(LEADING, "other in running or other in wanted", "other in wanted",
               "Only the nodes right above a target run. A node leads to a target also by way of others that do."),
        Mutant(LEADING, "elif leaves_too and node in wanted and not below:", "elif False:",
               "backward(inputs=...) has to write to .grad of these leaves: there, accumulate is True."),
        Mutant(ENGINE, "for node, number in targets or ()]",
               "for node, number in sorted(targets or (), key=lambda edge: edge[0].order)]",
               "The gradients come in an order of their own. Return them in the order of the targets."),
    ))


BACKWARD_ENGINE = Assignment(
    2, "backward_engine", "The backward engine",
    (FIND_THE_GRAPH, UNBROADCAST, THE_LEAF, WALK_BACK, ONLY_WHAT_IS_ASKED), prerequisites=(1,),
    given=("minitorch.engine:_fit",))
