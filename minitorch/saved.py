"""What a node keeps for backward, and the check that nobody has written to it since."""
from . import dtypes
from .device import kernels_of
from .graph import AccumulateGrad, wrap

FREED = object()  # in place of the saved values, once backward has used them


class Saved:
    """An array kept for backward. Where it is a tensor's, also the tensor's edge and its version when it was saved."""

    __slots__ = ("array", "edge", "writes", "version")

    def __init__(self, array, tensor=None, output_nr=None):
        self.array, self.edge, self.writes = array, None, None
        if tensor is not None:
            if tensor._inference:
                raise RuntimeError("Inference tensors cannot be saved for backward. Please do not use Tensors created "
                                   "in inference mode in computation tracked by autograd. To work around this, you can "
                                   "make a clone to get a normal tensor and use it in autograd, or use "
                                   "`torch.no_grad()` instead of `torch.inference_mode()`.")
            # A node's own output is known by its number: an edge would be a reference cycle.
            self.edge = tensor.edge() if output_nr is None else output_nr
            self.writes = tensor.version()
            self.version = self.writes[0]

    def check(self, node):
        """RuntimeError if the array has been written to."""
        if self.writes is not None and self.writes[0] != self.version:
            raise RuntimeError(
                "one of the variables needed for gradient computation has been modified by an inplace operation: "
                f"[torch.{dtypes.of_numpy(self.array.dtype).scalar_name}Tensor {list(self.array.shape)}], which is a "
                f"saved value of {node.name()}, is at version {self.writes[0]}; expected version {self.version} "
                "instead. Hint: write the operation out of place (x = x + 1, not x += 1), or clone() the tensor before "
                "you change it.")

    def tensor(self, node):
        """The array as a tensor at its old place in the graph, so that a recorded backward can differentiate it."""
        edge = (node, self.edge) if isinstance(self.edge, int) else self.edge
        if edge is None and not hasattr(self.array, "dtype"):
            return self.array  # a number
        if edge is not None and isinstance(edge[0], AccumulateGrad):
            return edge[0].variable
        tensor = wrap(self.array)
        tensor._writes = self.writes
        if edge is not None:
            tensor.node, tensor.output_nr, tensor._requires_grad = *edge, True
        return tensor

    def own(self):
        """The array is about to be overwritten: keep a copy instead."""
        self.array, self.writes = kernels_of(self.array).clone(self.array), None


def still_there(saved):
    """What a node saved, or RuntimeError if backward has used and freed it."""
    if saved is FREED:
        raise RuntimeError("Trying to backward through the graph a second time (or directly access saved tensors after "
                           "they have already been freed). Saved intermediate values of the graph are freed when you "
                           "call .backward() or autograd.grad(). Specify retain_graph=True if you need to backward "
                           "through the graph a second time or if you need to access saved tensors after calling "
                           "backward.")
    return saved
