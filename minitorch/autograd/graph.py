"""Looking at the graph, and deciding how it keeps what it saves for backward.

`tensor.grad_fn` is a Node; its `next_functions` come after it in backward.
"""
from ..graph import GradientEdge, Node, TensorBase, grad_mode
from ..hooks import RemovableHandle
from .grad_mode import _Switch

__all__ = ["saved_tensors_hooks", "save_on_cpu", "disable_saved_tensors_hooks", "register_multi_grad_hook",
           "allow_mutation_on_saved_tensors", "Node", "GradientEdge", "get_gradient_edge", "increment_version"]


class saved_tensors_hooks(_Switch):
    """Inside, what an operation saves for backward is kept as pack_hook(tensor), and unpack_hook of that is used.

    RuntimeError if disabled, or if pack_hook writes to the tensor; TypeError if unpack_hook returns no tensor.

    >>> import minitorch as torch
    >>> x = torch.tensor(3., requires_grad=True)
    >>> with saved_tensors_hooks(lambda x: x.item() + 1, torch.tensor):
    ...     y = x * x
    >>> y.backward(); x.grad
    tensor(8.)
    """

    def __init__(self, pack_hook, unpack_hook):
        super().__init__(packing=(pack_hook, unpack_hook))

    def __enter__(self):
        if grad_mode.packing_refused is not None:
            raise RuntimeError(grad_mode.packing_refused)
        super().__enter__()


class save_on_cpu(saved_tensors_hooks):
    """Inside, saved tensors are kept in the CPU's memory, where those of the CPU are already."""

    def __init__(self, pin_memory=False, device_type="cuda"):
        super().__init__(lambda tensor: tensor.cpu(), lambda tensor: tensor)


class allow_mutation_on_saved_tensors(saved_tensors_hooks):
    """Inside, saved tensors are copies: what was saved may be written to in place.

    >>> import minitorch as torch
    >>> x = torch.tensor(3., requires_grad=True)
    >>> with allow_mutation_on_saved_tensors():
    ...     a = x.clone()
    ...     y = a * a
    ...     a.mul_(5).backward(retain_graph=True) or y.backward()
    >>> x.grad
    tensor(11.)
    """

    def __init__(self):
        super().__init__(lambda tensor: tensor.detach().clone(), lambda tensor: tensor)


class disable_saved_tensors_hooks(_Switch):
    """Inside, saved_tensors_hooks raise RuntimeError(error_message)."""

    def __init__(self, error_message):
        super().__init__(packing_refused=error_message)

    def __enter__(self):
        if grad_mode.packing is not None:
            raise RuntimeError(self.values["packing_refused"])
        super().__enter__()


def register_multi_grad_hook(tensors, fn, *, mode="all"):
    """Call fn once in each backward pass that reaches the tensors.

    mode "all": fn(list of gradients), None for a tensor that is not reached, when the last one is known; "any":
    fn(gradient), when the first one is. Returns a handle with remove().

    >>> import minitorch as torch
    >>> x, y = torch.ones(2, requires_grad=True), torch.ones(1, requires_grad=True)
    >>> handle = register_multi_grad_hook((x, y), print)
    >>> (x.sum() * 2 + y).backward()
    [tensor([2., 2.]), tensor([1.])]
    """
    if mode not in ("all", "any"):
        raise ValueError(f"Expects mode to be one of ('all', 'any') but got {mode}")
    nodes = []
    for x in tensors:
        if x.edge() is None:
            raise AssertionError("Expected gradient function to be set")
        nodes.append(x.edge()[0])
    seen = {"pass": None}  # the pass that we are in: its set of running nodes, and the gradients so far

    def hook(i, grad):
        if seen["pass"] is not grad_mode.running:
            seen["pass"] = grad_mode.running
            seen["grads"] = [None] * len(nodes)
            seen["missing"] = 1 if mode == "any" else sum(node in grad_mode.running for node in nodes)
        seen["grads"][i] = grad
        seen["missing"] -= 1
        if seen["missing"] == 0:
            fn(grad if mode == "any" else seen["grads"])

    return _Handles([x.register_hook(lambda grad, i=i: hook(i, grad)) for i, x in enumerate(tensors)])


class _Handles(RemovableHandle):
    """Several hooks, removed together."""

    def __init__(self, handles):
        self.handles = handles

    def remove(self):
        for handle in self.handles:
            handle.remove()


def get_gradient_edge(tensor):
    """Where the gradient of a tensor goes: autograd.grad and backward take it in the tensor's place.

    RuntimeError for a tensor that does not require grad.

    >>> import minitorch as torch
    >>> get_gradient_edge(torch.ones(1, requires_grad=True) * 2).output_nr
    0
    """
    edge = tensor.edge()
    if edge is None:
        raise RuntimeError("It is not possible to get the gradient edge for a Tensor that does not require gradients")
    return GradientEdge(*edge)


def increment_version(tensor):
    """Count a write to the memory of a tensor (or of several) that autograd could not see."""
    for x in (tensor,) if isinstance(tensor, TensorBase) else tensor:
        x.version()[0] += 1
