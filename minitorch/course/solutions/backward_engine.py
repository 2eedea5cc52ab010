"""Simpler than the library's: without hooks, anomaly mode and gradients of gradients."""
import numpy as np

from minitorch.engine import _fit
from minitorch.graph import Node, wrap


def _reachable(nodes):
    found, waiting = set(), list(nodes)
    while waiting:
        node = waiting.pop()
        if node in found:
            continue
        found.add(node)
        for edge in node.edges:
            if edge is not None:
                below = edge[0]
                if not below.edges:
                    below.order = min(below.order, node.order - 0.5)
                waiting.append(below)
    return found


def sum_to(input, shape):
    while input.ndim > len(shape):
        input = input.sum(0)
    for dim, size in enumerate(shape):
        if size == 1:
            input = input.sum(dim, keepdims=True)
    return np.asarray(input)


class AccumulateGrad(Node):
    def run(self, grads):
        leaf, grad = self.variable, grads[0]
        if leaf._grad is None:
            leaf._grad = wrap(np.array(grad))
        else:
            leaf._grad.array += grad
        return ()


def run_backward(roots, retain_graph=False, create_graph=False, targets=None, accumulate=True):
    order = sorted(_reachable([node for (node, _), _ in roots]), key=lambda node: node.order, reverse=True)
    wanted = {node for node, _ in targets or ()}
    running = set(order) if targets is None else _leading_to(wanted, order, accumulate)
    pending, captured = {}, {}

    def arrive(node, number, grad):
        grads = pending.setdefault(node, [None] * len(node.outputs))
        grads[number] = grad if grads[number] is None else grads[number] + grad

    for (node, number), grad in roots:
        arrive(node, number, grad.array)
    for node in order:
        if node not in pending:
            continue
        grads = pending.pop(node)
        if node in wanted:
            captured[node] = grads
        if node not in running:
            continue
        for index, (edge, grad) in enumerate(zip(node.edges, node.run(grads))):
            if edge is not None and grad is not None:
                into, number = edge
                arrive(into, number, _fit(grad, *into.outputs[number], node, index))
        if not retain_graph:
            node.release()
    found = [captured[node][number] if node in captured else None for node, number in targets or ()]
    return [grad if grad is None else wrap(grad) for grad in found]


def _leading_to(wanted, order, leaves_too):
    running = set()
    for node in reversed(order):
        below = [edge[0] for edge in node.edges if edge is not None]
        if any(other in running or other in wanted for other in below):
            running.add(node)
        elif leaves_too and node in wanted and not below:
            running.add(node)
    return running
