"""What a node keeps for backward, and the check that nobody has written to it since."""
from . import dtypes
from .device import kernels_of
from .graph import TensorBase, edge_to, grad_mode, wrap

FREED = object()  # in place of the saved values, once backward has used them


class Saved:
    """An array kept for backward. Where it is a tensor's, also its source and its version when it was saved.

    A node knows its own output by the number: the source would be a reference cycle.
    """

    __slots__ = ("array", "source", "writes", "version")

    def __init__(self, array, tensor=None, source=None):
        self.array, self.source, self.writes = array, source, None
        if tensor is not None:
            if tensor._inference:
                raise RuntimeError("Inference tensors cannot be saved for backward. Please do not use Tensors created "
                                   "in inference mode in computation tracked by autograd. To work around this, you can "
                                   "make a clone to get a normal tensor and use it in autograd, or use "
                                   "`torch.no_grad()` instead of `torch.inference_mode()`.")
            self.writes = tensor._writes or tensor.version()
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
        if self.source is None and not hasattr(self.array, "dtype"):
            return self.array  # a number
        if isinstance(self.source, TensorBase):
            return self.source
        tensor = self._placed(self.array, node)
        tensor._writes = self.writes
        return tensor

    def _placed(self, array, node):
        """A tensor with this array, at the place in the graph of the one that was saved."""
        tensor = wrap(array)
        if self.source is not None:
            tensor.origin = (node, self.source) if isinstance(self.source, int) else edge_to(self.source)
            tensor._requires_grad = True
        return tensor

    def keep_copy_of(self, array):
        """`array` is about to be overwritten: if this is it, keep a copy instead."""
        if self.array is array:
            self.array, self.writes = kernels_of(array).clone(array), None


class Packed(Saved):
    """A value that saved_tensors_hooks keep: what `pack` made of the tensor, until `unpack` makes a tensor of it."""

    __slots__ = ("packed", "unpack")

    def __init__(self, saved, node, hooks):
        pack, self.unpack = hooks
        self.source = saved.source
        own_output = isinstance(saved.source, int)
        tensor = wrap(saved.array).requires_grad_() if own_output else saved.tensor(node)
        writes = tensor.version()[0]
        before = grad_mode.set(enabled=False)
        try:
            self.packed = pack(tensor)
        finally:
            grad_mode.set(**before)
        if tensor.version()[0] != writes:
            raise RuntimeError("A saved tensor pack hook is modifying its input in place. Tensors provided as input to "
                               "pack hook cannot be modified by in-place operations as this can lead to unexpected "
                               "side-effects. Please open an issue if you need to perform in-place operations on the "
                               "input to a pack hook.")

    @property
    def array(self):
        tensor = self.unpack(self.packed)
        if not isinstance(tensor, TensorBase):
            raise TypeError("Output of saved tensor unpack_hook expected to be a Tensor but got result of type "
                            f"{type(tensor).__name__}")
        return tensor.array

    def check(self, node):
        """What is packed is safe from writes, or the hooks' own business."""

    def tensor(self, node):
        return self._placed(self.array, node)

    def keep_copy_of(self, array):
        """It is not kept here."""


def packed(values, node):
    """The saved values of a node, as the saved_tensors_hooks in force want them; numbers and None stay."""
    return tuple([Packed(value, node, grad_mode.packing) if value is not None and hasattr(value.array, "dtype")
                  else value for value in values])


def still_there(saved):
    """What a node saved, or RuntimeError if backward has used and freed it."""
    if saved is FREED:
        raise RuntimeError("Trying to backward through the graph a second time (or directly access saved tensors after "
                           "they have already been freed). Saved intermediate values of the graph are freed when you "
                           "call .backward() or autograd.grad(). Specify retain_graph=True if you need to backward "
                           "through the graph a second time or if you need to access saved tensors after calling "
                           "backward.")
    return saved
