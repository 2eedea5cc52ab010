"""From tensors to the engine: what `loss.backward()` and `torch.autograd.grad` check and hand over."""
from .device import kernels_of
from .engine import TensorBase, run_backward, wrap


def backward(tensors, grad_tensors=None, retain_graph=None, create_graph=False, inputs=None):
    """Add d(sum of tensors * grad_tensors)/d(leaf) to the `.grad` of every leaf below, or only of `inputs`.

    RuntimeError for a tensor that requires no grad, or that has more than one element and no gradient.
    """
    tensors, grad_tensors, inputs = map(_as_tuple, (tensors, grad_tensors, inputs))
    if inputs == ():
        raise RuntimeError("`inputs` argument to `backward()` cannot be empty.")
    roots = _roots(tensors, grad_tensors)
    retain_graph = create_graph if retain_graph is None else retain_graph
    if inputs is None:
        run_backward(roots, retain_graph, create_graph)
        return
    for x, grad in zip(inputs, run_backward(roots, retain_graph, create_graph, _edges(inputs))):
        if grad is not None:
            x.grad = grad if x._grad is None else x._grad + grad


def grad(outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=False, only_inputs=True, allow_unused=None,
         is_grads_batched=False, materialize_grads=False):
    """d(sum of outputs * grad_outputs)/d(input) for each input, as a tuple; nothing is written to `.grad`.

    RuntimeError for an input that the outputs do not depend on, unless `allow_unused` (None) or `materialize_grads` (0).

    >>> import minitorch as torch
    >>> x = torch.tensor(3., requires_grad=True)
    >>> torch.autograd.grad(x ** 2, x)
    (tensor(6.),)
    """
    outputs, grad_outputs, inputs = map(_as_tuple, (outputs, grad_outputs, inputs))
    if allow_unused is False and materialize_grads:
        raise ValueError("Expected allow_unused to be True or not passed when materialize_grads=True, but got: allow_unused=False.")
    retain_graph = create_graph if retain_graph is None else retain_graph
    if is_grads_batched:
        raise NotImplementedError("grad(is_grads_batched=True) is not supported: call grad once for each gradient")
    found = run_backward(_roots(outputs, grad_outputs), retain_graph, create_graph, _edges(inputs))
    for i, (x, grad) in enumerate(zip(inputs, found)):
        if grad is None and materialize_grads:
            found[i] = wrap(kernels_of(x.array).full(x.array.shape, 0, x.array.dtype))
        elif grad is None and not allow_unused:
            raise RuntimeError("One of the differentiated Tensors appears to not have been used in the graph. Set allow_unused=True if "
                               "this is the desired behavior.")
    return tuple(found)


def _as_tuple(x):
    return (x,) if isinstance(x, TensorBase) else None if x is None else tuple(x)


def _roots(tensors, grads):
    """[(edge, gradient tensor)]: where the backward pass starts."""
    grads = grads or (None,) * len(tensors)
    if len(grads) != len(tensors):
        raise RuntimeError(f"got {len(tensors)} tensors and {len(grads)} gradients")
    roots = []
    for i, (x, grad) in enumerate(zip(tensors, grads)):
        edge = x.edge()
        if edge is None:
            raise RuntimeError(f"element {i} of tensors does not require grad and does not have a grad_fn")
        if grad is None:
            if x.array.size != 1:
                raise RuntimeError("grad can be implicitly created only for scalar outputs")
            grad = wrap(kernels_of(x.array).full(x.array.shape, 1, x.array.dtype))
        elif grad.array.shape != x.array.shape:
            raise RuntimeError(f"Mismatch in shape: grad_output[{i}] has a shape of {grad.shape} and output[{i}] has a shape of {x.shape}.")
        roots.append((edge, grad))
    return roots


def _edges(inputs):
    edges = []
    for x in inputs:
        edge = x.edge()
        if edge is None:
            raise RuntimeError("One of the differentiated Tensors does not require grad")
        edges.append(edge)
    return edges
