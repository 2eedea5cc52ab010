"""What the graph is made of: tensors, edges and nodes. engine.py records it and walks it back.

A **node** is a use of an operation. An **edge** is a pair (node, output number): "the gradient of this tensor goes
there". A tensor knows the edge of its own gradient; a node knows its `edges`, one for each input. A leaf, a tensor
that you made, ends the graph in an `AccumulateGrad` node.
"""
import itertools
import sys
import threading
import weakref
from typing import NamedTuple

from .device import kernels_of
from .hooks import RemovableHandle


class GradMode(threading.local):
    """Each thread's switches; `set` is how to change them."""

    def __init__(self):
        self.enabled = True  # are operations recorded?
        self.inference = False  # are new tensors inference tensors, which can never be part of a graph?
        self.anomaly = False  # does each node remember where it was made, for errors in backward?
        self.check_nan = False  # and does backward look for NaN?
        self.packing = None  # (pack, unpack) of saved_tensors_hooks: how saved tensors are kept
        self.packing_refused = None  # or the message of the error for using such hooks
        self.running = None  # in a backward pass: the nodes that it reaches
        self.whole = True  # and does it reach all leaves, or only those that somebody asked for?
        self.autocast = None  # inside autocast: the NumPy dtype in which products compute
        self.multithreading = True  # what set_multithreading_enabled said last
        self.profiled = False  # does a profiler look for calls of Op.apply?
        self.plain = True  # recording, and none of what an operation has to ask for: one question instead of five

    def set(self, **switches):
        """Set switches; returns what they were."""
        mode, before = vars(self), {}  # a dict, for it is much quicker than this thread's attributes
        for name in switches:
            before[name] = mode[name]
        mode.update(switches)
        mode["plain"] = mode["enabled"] and not (
            mode["inference"] or mode["anomaly"] or mode["packing"] or mode["profiled"])
        return before


grad_mode = GradMode()
next_order = itertools.count().__next__  # numbers the nodes as they are made


class GradientEdge(NamedTuple):
    """Where a tensor's gradient goes: output `output_nr` of `node`. Stands for the tensor in autograd.grad."""

    node: object
    output_nr: int
    ownership_token: object = None


class TensorBase:
    """An array and its place in the graph; `Tensor` adds the methods. A tensor starts with these class attributes."""

    array = None  # the ndarray, this tensor's own object (its memory may be shared with views)
    origin = None  # (node, output number): the operation that made it, and which of its outputs it is; None for a leaf
    _requires_grad = False
    _grad = None
    base = None  # a view's base: the tensor whose memory it shows
    _base_node = None  # that base's node when this view's own node was recorded
    _writes = None  # [how often the memory was written in place], one list shared by all views of the memory
    _inference = False
    _accumulator = None  # weak: the graph holds the leaf, not the leaf the graph
    _hooks = None
    _post_accumulate_hooks = None
    _retains_grad = False

    @property
    def node(self):
        """The operation that made it; None for a leaf."""
        return None if self.origin is None else self.origin[0]

    def edge(self):
        """Where this tensor's gradient goes: (node, output number), or None if it needs none."""
        return edge_to(self.source())

    def source(self):
        """What a node knows of this tensor as an input: its origin, a leaf itself, or None if it needs no gradient."""
        if self.base is not None:
            follow_base(self)
        return (self.origin or self) if self._requires_grad else None

    def accumulator(self):
        """The node that ends the graph at this leaf."""
        accumulator = self._accumulator and self._accumulator()
        if accumulator is None:
            accumulator = AccumulateGrad(self)
            self._accumulator = weakref.ref(accumulator)
        return accumulator

    def version(self):
        """The shared write counter of this tensor's memory, a list of one int."""
        if self._writes is None:
            self._writes = [0]
        return self._writes

    def take_history(self, other):
        """Have the gradient go where that of `other` goes: this tensor was overwritten with its numbers."""
        if self._retains_grad:
            del self.node.retained[self.origin[1]]
        self.origin, self._requires_grad = other.origin, other._requires_grad
        if self._retains_grad:
            self.retain()

    def retain(self):
        """Have backward fill in `.grad`, although this is not a leaf."""
        self._retains_grad = self.node is not None
        if self._retains_grad:
            self.node.watched, self.node.retained = True, self.node.retained or {}
            self.node.retained[self.origin[1]] = weakref.ref(self)


Result = TensorBase  # the class of results
_new = object.__new__


def wrap_with(tensor_class):
    """tensor.py, two layers up, tells which class wraps results."""
    global Result
    Result = tensor_class


def wrap(array):
    """A new tensor around an array: a leaf that requires no gradient."""
    tensor = _new(Result)
    tensor.array = array
    if grad_mode.inference:
        tensor._inference = True
    return tensor


def unwrap(x):
    return x.array if isinstance(x, TensorBase) else x


def check_tensors(function, **arguments):
    """TypeError, as torch words it, for an argument that is no tensor. Asked where people pass lists or arrays."""
    for position, (name, x) in enumerate(arguments.items(), 1):
        if not isinstance(x, TensorBase):
            raise TypeError(f"{function}(): argument '{name}' (position {position}) must be Tensor, not "
                            f"{type(x).__name__}")


def follow_base(view):
    """If the base of this view got a new history from an in-place write, so does the view: as_strided of the base."""
    base = view.base
    if base.node is not view._base_node:
        view._base_node = base.node
        before = grad_mode.set(enabled=True)
        try:
            view.take_history(kernels_of(base).as_strided_like(base, view))
        finally:
            grad_mode.set(**before)


def edge_to(source):
    """The edge to a tensor's `source`."""
    return (source.accumulator(), 0) if isinstance(source, TensorBase) else source


class Node:
    """A vertex of the graph: what `tensor.grad_fn` returns."""

    custom = False  # a user's Function?
    torch_name = None  # where torch's name is not the class name + Backward0
    sources = ()  # each input's `source`
    outputs = ()  # (shape, NumPy dtype) of each output: the form that its gradient must have
    order = 0
    watched = False  # has it, or had it, any of the following?
    tensor_hooks = None  # {output number: {id: hook(grad)}}
    retained = None  # {output number: weak reference to the tensor whose .grad is kept}
    pre_hooks = None  # {id: hook(grads)}
    post_hooks = None  # {id: hook(gradients, grads)}
    traceback = None  # in anomaly mode: where it was made
    _metadata = None
    _edges = None

    def name(self):
        """torch's name of the operation, as repr(tensor) shows it."""
        return self.torch_name or type(self).__name__ + "Backward0"

    def __repr__(self):
        return f"<{self.name().rpartition('::')[2]} object at {id(self):#x}>"

    @property
    def metadata(self):
        """A dict for whatever you want to note at this node."""
        self._metadata = {} if self._metadata is None else self._metadata
        return self._metadata

    @property
    def edges(self):
        """The edge to each input, or None."""
        if self._edges is None:
            self._edges = tuple(map(edge_to, self.sources))
        return self._edges

    @property
    def next_functions(self):
        """torch's view of the edges: ((node, output number), ...), (None, 0) where no gradient goes."""
        return tuple([edge or (None, 0) for edge in self.edges])

    def register_prehook(self, hook):
        """Call hook(grads) before this node runs in backward; a tuple that it returns replaces them."""
        self.watched, self.pre_hooks = True, self.pre_hooks or {}
        return RemovableHandle(self.pre_hooks, hook)

    def register_hook(self, hook):
        """Call hook(gradients of the inputs, grads) after this node ran in backward; a tuple replaces the former."""
        self.watched, self.post_hooks = True, self.post_hooks or {}
        return RemovableHandle(self.post_hooks, hook)

    def hooks_on(self, nr):
        """The dict of hooks on the gradient of output number `nr`."""
        self.watched, self.tensor_hooks = True, self.tensor_hooks or {}
        return self.tensor_hooks.setdefault(nr, {})

    def run(self, grads):
        """dL/d(output) for each output, as arrays or, to record backward, as tensors -> dL/d(input) for each edge."""
        raise NotImplementedError

    def keep_copy_of(self, array):
        """`array` is about to be overwritten in place: whatever was saved of it becomes a copy."""

    def release(self):
        """Forget what was saved for backward."""


def _holders(grads):
    (grad,) = grads
    return sys.getrefcount(grad)


HOLDERS = _holders([object()])  # of a gradient that only AccumulateGrad has: a list, a name, and whatever Python counts


def _shares_memory(array):
    """Does it show memory that is larger, or that somebody else holds too?"""
    owner = array.base
    return owner is not None and (sys.getrefcount(owner) > HOLDERS or not getattr(owner, "nbytes", 0) == array.nbytes
                                  or owner.base is not None)


class AccumulateGrad(Node):
    """The end of the graph at a leaf: adds the gradient to `variable.grad`."""

    torch_name = "torch::autograd::AccumulateGrad"

    def __init__(self, variable):
        self.variable = variable
        self.outputs = ((variable.array.shape, variable.array.dtype),)
        self.order, self.watched = next_order(), bool(variable._hooks)

    @property
    def tensor_hooks(self):
        return {0: self.variable._hooks} if self.variable._hooks else None

    def hooks_on(self, nr):
        self.watched, self.variable._hooks = True, self.variable._hooks or {}
        return self.variable._hooks

    def run(self, grads):
        leaf, (grad,) = self.variable, grads
        k = kernels_of(grad)
        if leaf._grad is None:
            if isinstance(grad, TensorBase) or sys.getrefcount(grad) > HOLDERS or _shares_memory(grad):
                grad = k.clone(grad)
            grad = k.contiguous(grad)
            leaf._grad = grad if isinstance(grad, TensorBase) else wrap(grad)
        elif isinstance(grad, TensorBase):
            leaf._grad = k.add(leaf._grad, grad)
        else:
            k.add_(leaf._grad.array, grad)
            leaf._grad.version()[0] += 1
        if leaf._post_accumulate_hooks:
            for hook in list(leaf._post_accumulate_hooks.values()):
                if hook(leaf) is not None:
                    raise RuntimeError("Tensor post accumulate grad hooks should return None.")
        return ()
