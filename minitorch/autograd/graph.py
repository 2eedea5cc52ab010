"""Looking at the graph: `tensor.grad_fn` is a Node; its `next_functions` come after it in backward."""
from ..graph import Node, TensorBase  # noqa: F401 (Node: for users' isinstance)


def increment_version(tensor):
    """Count a write to the memory of a tensor (or of several) that autograd could not see."""
    for x in (tensor,) if isinstance(tensor, TensorBase) else tensor:
        x.version()[0] += 1
