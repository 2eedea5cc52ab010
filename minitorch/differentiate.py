"""From tensors to the engine: what `loss.backward()` and `torch.autograd.grad` check and hand over."""
import math

from .device import CPU, kernels_for, kernels_of
from .engine import run_backward
from .graph import GradientEdge, TensorBase, wrap


def backward(tensors, grad_tensors=None, retain_graph=None, create_graph=False, inputs=None):
    """Add d(sum of tensors * grad_tensors)/d(leaf) to the `.grad` of every leaf below, or only of `inputs`.

    RuntimeError for a tensor that requires no grad, or that has more than one element and no gradient.
    """
    roots = _roots(_as_tuple(tensors), _as_tuple(grad_tensors))
    targets = None
    if inputs is not None:
        inputs = _as_tuple(inputs)
        targets = _targets(inputs, "backward")
        for x in inputs:
            if isinstance(x, TensorBase):
                x.retain()
    run_backward(roots, create_graph if retain_graph is None else retain_graph, create_graph, targets)


def grad(outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=False, only_inputs=True, allow_unused=None,
         is_grads_batched=False, materialize_grads=False):
    """d(sum of outputs * grad_outputs)/d(input) for each input, as a tuple; nothing is written to `.grad`.

    RuntimeError for an input without influence, unless `allow_unused` (gives None) or `materialize_grads` (gives 0).
    `is_grads_batched`: one gradient for each item along the first dimension of `grad_outputs`, stacked.

    >>> import minitorch as torch
    >>> x = torch.tensor(3., requires_grad=True)
    >>> torch.autograd.grad(x ** 2, x)
    (tensor(6.),)
    """
    if allow_unused is False and materialize_grads:
        raise ValueError("Expected allow_unused to be True or not passed when materialize_grads=True, but got: "
                         "allow_unused=False.")
    if is_grads_batched:
        return _grad_of_each(outputs, inputs, _as_tuple(grad_outputs), retain_graph, create_graph=create_graph,
                             allow_unused=allow_unused, materialize_grads=materialize_grads)
    inputs = _as_tuple(inputs)
    roots, targets = _roots(_as_tuple(outputs), _as_tuple(grad_outputs)), _targets(inputs, "grad")
    found = run_backward(
        roots, create_graph if retain_graph is None else retain_graph, create_graph, targets, accumulate=False
    )
    for i, (x, gradient) in enumerate(zip(inputs, found)):
        if gradient is None and materialize_grads:
            node, nr = targets[i]
            found[i] = wrap(_kernels(x).full(node.outputs[nr][0], 0, node.outputs[nr][1]))
        elif gradient is None and not allow_unused:
            raise RuntimeError(f"The differentiated Tensor at index {i} appears to not have been used in the graph. "
                               "Set allow_unused=True if this is the desired behavior.")
    return tuple(found)


def _grad_of_each(outputs, inputs, grad_outputs, retain_graph, **options):
    """grad for each item along the first dimension of grad_outputs, stacked along a new first dimension."""
    for i, (out, v) in enumerate(zip(_as_tuple(outputs), grad_outputs)):
        if v.array.ndim and v.array.shape[1:] != out.array.shape:
            raise RuntimeError("If `is_grads_batched=True`, we interpret the first dimension of each grad_output as "
                               "the batch dimension. The sizes of the remaining dimensions are expected to match the "
                               "shape of corresponding output, but a mismatch was detected: "
                               f"grad_output[{i}] has a shape of {v.shape} and output[{i}] has a shape of {out.shape}. "
                               "If you only want some tensors in `grad_output` to be considered batched, consider "
                               "using vmap.")
    items = list(zip(*[v.unbind(0) for v in grad_outputs]))
    kept = [True] * (len(items) - 1) + [retain_graph]
    found = [grad(outputs, inputs, item, keep, **options) for item, keep in zip(items, kept)]
    return tuple([None if column[0] is None else kernels_of(column[0]).stack(column) for column in zip(*found)])


def _as_tuple(x):
    return (x,) if isinstance(x, (TensorBase, GradientEdge)) else None if x is None else tuple(x)


def _edge(x):
    """The edge of a tensor, or a GradientEdge as a plain one."""
    return x[:2] if isinstance(x, GradientEdge) else x.edge()


def _kernels(x):
    """The kernels that make gradients of x."""
    return kernels_for(CPU) if isinstance(x, GradientEdge) else kernels_of(x.array)


def _roots(tensors, grads):
    """[(edge, gradient tensor)]: where the backward pass starts."""
    grads = (None,) * len(tensors) if grads is None else grads
    if len(grads) != len(tensors):
        raise RuntimeError(f"got {len(tensors)} tensors and {len(grads)} gradients")
    roots = []
    for i, (x, grad) in enumerate(zip(tensors, grads)):
        edge = _edge(x)
        if edge is None:
            raise RuntimeError(f"element {i} of tensors does not require grad and does not have a grad_fn")
        shape, dtype = edge[0].outputs[edge[1]]
        if grad is None:
            if math.prod(shape) != 1:
                raise RuntimeError("grad can be implicitly created only for scalar outputs")
            grad = wrap(_kernels(x).full(shape, 1, dtype))
        elif not isinstance(grad, TensorBase):
            raise TypeError(f"gradients can be either Tensors or None, but got {type(grad).__name__}")
        elif grad.array.shape != shape:
            raise RuntimeError(f"Mismatch in shape: grad_output[{i}] has a shape of {grad.shape} and output[{i}] has a "
                               f"shape of torch.Size({list(shape)}).")
        elif grad.array.dtype != dtype:
            grad = kernels_of(grad).cast(grad, dtype)
        roots.append((edge, grad))
    return roots


def _targets(inputs, name):
    """The edges at which the pass ends."""
    if not inputs:
        raise RuntimeError(f"`inputs` argument to `{name}()` cannot be empty.")
    edges = [_edge(x) for x in inputs]
    if None in edges:
        raise RuntimeError("One of the differentiated Tensors does not require grad")
    return edges
