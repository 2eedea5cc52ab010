"""The backward engine: how minitorch remembers what you computed, and walks it back. Open this file first.

Calling an operation on tensors runs `Op.apply`. It unwraps the arrays, lets `forward` compute, wraps the result, and, where
a gradient will be wanted, keeps the operation itself as a **node** of the graph: `result.node is op`. A node knows its
`edges`: for each input, the node that made it and which of that node's outputs it was. A leaf (a tensor that you made)
ends the graph in an `AccumulateGrad` node.

    x ──► Mul ──► Sum ──► loss            forward: newer nodes point at older ones
    x ◄── Mul ◄── Sum ◄── 1               backward: gradients follow the edges, newest node first

`run_backward` is reverse-mode differentiation: each node receives dL/d(its output) and returns dL/d(its inputs). A node is
always younger than its inputs, so "newest first" is a topological order, and every node runs once, after all that used it.

The engine knows nodes and arrays. What it needs of a tensor is the small `TensorBase` below; `Tensor` adds the methods.
"""
import itertools
import threading
import weakref

from . import dtypes
from .device import kernels_of


class GradMode(threading.local):
    """Each thread's switches: does `Op.apply` record? Are new tensors inference tensors?"""

    enabled = True
    inference = False


grad_mode = GradMode()
_creation_order = itertools.count()


class TensorBase:
    """An array and its place in the graph. The class attributes are what a tensor starts with."""

    array = None  # the ndarray, this tensor's own object (its memory may be shared with views)
    node = None  # the operation that made it; None for a leaf
    output_nr = 0  # which output of that operation it is
    _requires_grad = False
    _grad = None
    base = None  # a view's base: the tensor whose memory it shows
    _base_node = None  # that base's node when this view's own node was recorded
    _version = None  # [how often the memory was written in place], one list shared by all views of the memory
    _accumulator = None  # weak: the graph holds the leaf, not the leaf the graph
    _hooks = None
    _post_accumulate_hooks = None
    _retains_grad = False

    def edge(self):
        """Where this tensor's gradient goes: (node, output number), or None if it needs none."""
        if self.base is not None:
            follow_base(self)
        if not self._requires_grad:
            return None
        if self.node is not None:
            return self.node, self.output_nr
        accumulator = self._accumulator and self._accumulator()
        if accumulator is None:
            accumulator = AccumulateGrad(self)
            self._accumulator = weakref.ref(accumulator)
        return accumulator, 0

    def version(self):
        """The shared write counter of this tensor's memory, a list of one int."""
        if self._version is None:
            self._version = [0]
        return self._version


_Tensor = TensorBase  # bound by tensor.py: the class of results
_ops = None  # bound by tensor.py: the differentiable twin of the kernel namespace


def bind(tensor_class, ops):
    """tensor.py, two layers up, tells the engine which class wraps results and which namespace differentiates."""
    global _Tensor, _ops
    _Tensor, _ops = tensor_class, ops


def wrap(array):
    """A new tensor around an array: a leaf that requires no gradient."""
    tensor = _Tensor.__new__(_Tensor)
    tensor.array = array
    return tensor


def unwrap(x):
    return x.array if isinstance(x, TensorBase) else x


def compute(kernel, *inputs, **params):
    """Run a kernel that has no gradient (a comparison, say) and wrap the result."""
    k = next(kernels_of(x.array) for x in inputs if isinstance(x, TensorBase))
    out = getattr(k, kernel)(*map(unwrap, inputs), **params)
    return tuple(map(wrap, out)) if isinstance(out, tuple) else wrap(out)


def named(result, torch_name):
    """Give the node that made `result` the name that it has in torch."""
    if result.node is not None:
        result.node.torch_name = torch_name
    return result


def tensor_hooks(tensor):
    """The dict of hooks on the gradient of this tensor: a leaf's own, or kept by the node that made it."""
    edge = tensor.edge()
    if isinstance(edge[0], AccumulateGrad):
        if tensor._hooks is None:
            tensor._hooks = {}
        return tensor._hooks
    node, nr = edge
    if node.tensor_hooks is None:
        node.tensor_hooks = {}
    return node.tensor_hooks.setdefault(nr, {})


def retain(tensor):
    """Have backward fill in the `.grad` of a tensor that is not a leaf."""
    node, nr = tensor.edge()
    if node.retained is None:
        node.retained = {}
    node.retained[nr] = weakref.ref(tensor)


# ------------------------------------------------------------------------------------------------------------ nodes
class Node:
    """A vertex of the graph: what `tensor.grad_fn` returns."""

    torch_name = None  # where torch's name is not the class name + Backward0
    edges = ()
    outputs = ()  # (shape, NumPy dtype) of each output: the form a gradient must have
    order = 0
    tensor_hooks = None  # {output number: {id: hook(grad)}}, shared with the tensor
    retained = None  # {output number: weak reference to the tensor whose .grad is kept}
    pre_hooks = None
    post_hooks = None

    def name(self):
        return self.torch_name or type(self).__name__ + "Backward0"

    def __repr__(self):
        return f"<{self.name()} object at {id(self):#x}>"

    @property
    def next_functions(self):
        """torch's view of the edges: ((node, output number), ...), (None, 0) where no gradient goes."""
        return tuple(edge or (None, 0) for edge in self.edges)

    def run(self, grads, create_graph):
        """dL/d(outputs) -> dL/d(inputs), one for each edge. Arrays, or tensors if `create_graph`."""
        raise NotImplementedError

    def release(self):
        """Forget what was saved for backward."""


class AccumulateGrad(Node):
    """The end of the graph at a leaf: adds the gradient to `variable.grad`."""

    torch_name = "AccumulateGrad"

    def __init__(self, variable):
        self.variable = variable
        self.outputs = ((variable.array.shape, variable.array.dtype),)
        self.order = next(_creation_order)

    @property
    def tensor_hooks(self):
        return {0: self.variable._hooks}

    def run(self, grads, create_graph):
        leaf, grad = self.variable, grads[0]
        if leaf._grad is None:
            k = kernels_of(unwrap(grad))
            leaf._grad = grad if create_graph else wrap(k.contiguous(k.clone(grad)))  # a copy: others may hold `grad`
        elif create_graph:
            leaf._grad = _ops.add(leaf._grad, grad)
        else:
            leaf._grad.array += grad
            leaf._grad.version()[0] += 1
        for hook in list((leaf._post_accumulate_hooks or {}).values()):
            hook(leaf)
        return ()


_FREED = object()


class Op(Node):
    """A differentiable operation. An instance is one use of it: both the context and the node of the graph.

        class Mul(Op):
            def forward(self, a, b):                   # arrays (or plain numbers) in, an array or a tuple of arrays out
                self.save(a, b)
                return self.k.mul(a, b)

            def backward(self, grad):                  # dL/d(output) in, dL/d(input) out, None where there is none
                a, b = self.saved
                return self.k.mul(grad, b), self.k.mul(grad, a)

    `self.k` is the namespace the formula is written in: the kernels of the device, on arrays; or, when backward itself is
    recorded (`create_graph=True`), the functions of `minitorch.ops` on tensors. So a gradient has a gradient, for free.
    A gradient may keep a broadcast shape or a wider dtype: the engine sums and casts it to the input's form.
    """

    is_view = False  # the outputs show the first input's memory
    needs_input_grad = ()  # while recording: one bool for each positional input
    _saved = ()
    _origins = ()  # for each saved array: (edge or None, version list, version when saved)

    @classmethod
    def apply(cls, *inputs, **params):
        op = cls()
        arrays, requires_grad, array_type = [], False, None
        for x in inputs:
            if isinstance(x, TensorBase):
                if x.base is not None:
                    follow_base(x)
                requires_grad |= x._requires_grad
                x = x.array
                if type(x) is not array_type:
                    if array_type is not None:
                        raise RuntimeError(f"Expected all tensors to be on the same device, but {op.name()[:-9]} got "
                                           f"{' and '.join(str(y.device) for y in inputs if isinstance(y, TensorBase))}")
                    array_type = type(x)
                    op.k = kernels_of(x)
            arrays.append(x)
        recording = requires_grad and grad_mode.enabled
        op.needs_input_grad = tuple([recording and isinstance(x, TensorBase) and x._requires_grad for x in inputs])
        out = op.forward(*arrays, **params)
        if isinstance(out, tuple):
            results = [wrap(array) for array in out]
        else:
            results = [wrap(out)]
        if op.is_view:
            op._share_memory(inputs[0], results)
        if recording:
            op.record(inputs, results, arrays)
        return tuple(results) if isinstance(out, tuple) else results[0]

    def _share_memory(self, source, results):
        base = source if source.base is None else source.base
        version = source.version()
        for view in results:
            view.base, view._base_node, view._version = base, base.node, version

    def record(self, inputs, results, arrays=()):
        """Make this op the node of its results."""
        self.edges = tuple([x.edge() if isinstance(x, TensorBase) else None for x in inputs])
        self.outputs = tuple([(r.array.shape, r.array.dtype) for r in results])
        self.order = next(_creation_order)
        for nr, result in enumerate(results):
            if result.array.dtype.kind == "f":
                result.node, result.output_nr, result._requires_grad = self, nr, True
        if self._saved:
            self._origins = tuple([self._origin(s, inputs, arrays, results) for s in self._saved])

    def _origin(self, saved, inputs, arrays, results):
        for x, array in zip(inputs, arrays):
            if saved is array and isinstance(x, TensorBase):
                return x.edge(), x.version(), x.version()[0]
        for nr, result in enumerate(results):
            if saved is result.array:
                return nr, result.version(), result.version()[0]  # an int: "my own output", without a reference cycle
        return None, None, None  # an array of forward's own: nobody else can change it, no gradient flows to it

    def save(self, *arrays):
        """Keep arrays for backward. Inputs and outputs are recognised, so a recorded backward can differentiate them."""
        self._saved = arrays

    @property
    def saved(self):
        """What forward saved: arrays, or tensors when backward is recorded. Checks that nobody has written to them."""
        if self._saved is _FREED:
            raise RuntimeError("Trying to backward through the graph a second time (or directly access saved tensors after they have "
                               "already been freed). Saved intermediate values of the graph are freed when you call .backward() or "
                               "autograd.grad(). Specify retain_graph=True if you need to backward through the graph a second time "
                               "or if you need to access saved tensors after calling backward.")
        for array, (_, version, expected) in zip(self._saved, self._origins):
            if version is not None and version[0] != expected:
                raise RuntimeError(
                    "one of the variables needed for gradient computation has been modified by an inplace operation: "
                    f"[torch.{dtypes.of_numpy(array.dtype).scalar_name}Tensor {list(array.shape)}], which is a saved value of "
                    f"{self.name()}, is at version {version[0]}; expected version {expected} instead. Hint: write the "
                    "operation out of place (x = x + 1, not x += 1), or clone() the tensor before you change it.")
        if self.k is not _ops:
            return self._saved
        return tuple([self._as_tensor(*both) for both in zip(self._saved, self._origins)])

    def _as_tensor(self, array, origin):
        edge, version, _ = origin
        if isinstance(edge, int):
            edge = (self, edge)
        if edge is not None and isinstance(edge[0], AccumulateGrad):
            return edge[0].variable
        if not hasattr(array, "dtype"):
            return array
        tensor = wrap(array)
        tensor._version = version
        if edge is not None:
            tensor.node, tensor.output_nr, tensor._requires_grad = *edge, True
        return tensor

    def keep_copy_of(self, array):
        """`array` is about to be overwritten in place: whatever was saved of it becomes a copy of our own."""
        if self._saved is not _FREED and any(s is array for s in self._saved):
            copy = kernels_of(array).clone(array)
            pairs = [(copy, (edge, None, None)) if s is array else (s, (edge, *rest))
                     for s, (edge, *rest) in zip(self._saved, self._origins)]
            self._saved, self._origins = zip(*pairs)

    def run(self, grads, create_graph):
        self.k = _ops if create_graph else kernels_of(grads[0])
        gradients = self.backward(*grads)
        return gradients if isinstance(gradients, tuple) else (gradients,)

    def release(self):
        if self._saved:
            self._saved = _FREED


# --------------------------------------------------------------------------------------------------------- backward
def run_backward(roots, retain_graph=False, create_graph=False, targets=None):
    """Propagate gradients from `roots`, a list of (edge, gradient tensor), to the leaves.

    With `targets`, a list of edges, nothing is accumulated: returns the gradient tensor (or None) that reaches each one.
    Takes time linear in the nodes and edges that are reachable, and no recursion.
    """
    order = _newest_first([node for (node, _), _ in roots])
    needed = _leading_to({edge[0] for edge in targets}, order) if targets is not None else None
    k = _ops if create_graph else None
    pending = {}  # node -> [gradient of each of its outputs]; popped when the node runs, so memory is freed on the way
    captured = {}
    for (node, nr), grad in roots:
        _add(pending, node, nr, grad if create_graph else grad.array, k)
    was_enabled, grad_mode.enabled = grad_mode.enabled, create_graph
    try:
        for node in order:
            if node not in pending or (needed is not None and node not in needed):
                continue
            grads = pending.pop(node)
            _run_tensor_hooks(node, grads, create_graph)
            if targets is not None:
                captured[node] = grads
                if not any(edge is not None and edge[0] in needed for edge in node.edges):
                    continue
            gradients = _run(node, grads, create_graph)
            for nr, (edge, grad) in enumerate(zip(node.edges, gradients)):
                if edge is not None and grad is not None:
                    _add(pending, *edge, _fit(grad, *edge, node, nr, k), k)
            if not retain_graph:
                node.release()
    finally:
        grad_mode.enabled = was_enabled
    if targets is not None:
        found = [captured[node][nr] if node in captured else None for node, nr in targets]
        return [grad if create_graph or grad is None else wrap(grad) for grad in found]


def _newest_first(nodes):
    """All nodes reachable from these, in the order in which backward runs them."""
    seen, stack = set(), list(nodes)
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            stack += [edge[0] for edge in node.edges if edge is not None]
    return sorted(seen, key=lambda node: node.order, reverse=True)


def _leading_to(targets, order):
    """The nodes of `order` from which a target can be reached."""
    needed = set()
    for node in reversed(order):
        if node in targets or any(edge is not None and edge[0] in needed for edge in node.edges):
            needed.add(node)
    return needed


def _add(pending, node, nr, grad, k):
    grads = pending.get(node)
    if grads is None:
        grads = pending[node] = [None] * len(node.outputs)
    grads[nr] = grad if grads[nr] is None else (k or kernels_of(grad)).add(grads[nr], grad)


def _fit(grad, node, nr, source, index, k):
    """Sum a gradient over broadcast dimensions and cast it, so that it has the form of output `nr` of `node`."""
    shape, dtype = node.outputs[nr]
    k = k or kernels_of(grad)
    array = unwrap(grad)
    if array.shape != shape:
        missing = len(array.shape) - len(shape)
        if missing < 0 or any(n not in (1, m) for n, m in zip(shape, array.shape[missing:])):
            raise RuntimeError(f"Function {source.name()} returned an invalid gradient at index {index} - got {list(array.shape)} "
                               f"but expected shape compatible with {list(shape)}")
        grad = k.sum_to(grad, shape)
    return grad if array.dtype == dtype else k.cast(grad, dtype)


def _zeros(form, like, create_graph):
    shape, dtype = form
    zeros = kernels_of(unwrap(like)).full(shape, 0, dtype)
    return wrap(zeros) if create_graph else zeros


def _run_tensor_hooks(node, grads, create_graph):
    """Call the hooks that users put on tensors, and fill in the `.grad` of tensors with retain_grad()."""
    for nr, hooks in (node.tensor_hooks or {}).items():
        for hook in list((hooks or {}).values()):
            if grads[nr] is not None:
                replacement = hook(grads[nr] if create_graph else wrap(grads[nr]))
                if replacement is not None:
                    grads[nr] = replacement if create_graph else replacement.array
    for nr, reference in (node.retained or {}).items():
        tensor = reference()
        if tensor is not None and grads[nr] is not None:
            grad = grads[nr] if create_graph else wrap(grads[nr])
            tensor._grad = grad if tensor._grad is None else _ops.add(tensor._grad, grad)


def _run(node, grads, create_graph):
    """node.run, between the hooks that users put on the node. An output that nobody used: None to them, zeros to the node."""
    as_user = (lambda g: g) if create_graph else (lambda g: None if g is None else wrap(g))
    as_engine = (lambda g: g) if create_graph else unwrap
    for hook in list((node.pre_hooks or {}).values()):
        replacement = hook(tuple(map(as_user, grads)))
        if replacement is not None:
            grads = list(map(as_engine, replacement))
    for nr, grad in enumerate(grads):
        if grad is None:
            grads[nr] = _zeros(node.outputs[nr], next(g for g in grads if g is not None), create_graph)
    gradients = node.run(grads, create_graph)
    for hook in list((node.post_hooks or {}).values()):
        replacement = hook(tuple(map(as_user, gradients)), tuple(map(as_user, grads)))
        if replacement is not None:
            gradients = tuple(map(as_engine, replacement))
    return gradients


# -------------------------------------------------------------------------------------------------- in-place writing
def follow_base(view):
    """If the base of this view got a new history from an in-place write, so does the view: as_strided of the base."""
    base = view.base
    if base.node is not view._base_node:
        was_enabled, grad_mode.enabled = grad_mode.enabled, True
        try:
            twin = _ops.as_strided_like(base, view)
        finally:
            grad_mode.enabled = was_enabled
        view.node, view.output_nr, view._requires_grad = twin.node, twin.output_nr, twin._requires_grad
        view._base_node = base.node
