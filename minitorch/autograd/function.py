"""Function: an operation of your own, with its gradient, written on tensors."""
import functools
import inspect
import weakref

from ..device import kernels_of
from ..dtypes import FLOATS
from ..graph import Node, TensorBase, grad_mode, next_order, wrap
from ..ops.inplace import check_writable, rebase
from ..saved import FREED, Saved, packed, still_there
from .grad_mode import no_grad


class FunctionCtx:
    """What forward hands to backward. Any other attribute may be set too, but tensors belong in `save_for_backward`."""

    needs_input_grad = ()  # one bool for each argument of forward
    _to_save = _dirty = _non_differentiable = ()
    _materialize_grads = True
    _saved = ()
    _node = None  # weak: the node holds its ctx

    def save_for_backward(self, *tensors):
        """Keep tensors (or None) for backward, which finds them in `saved_tensors`. Call it once, in forward."""
        self._to_save = tensors

    @property
    def saved_tensors(self):
        """What was saved. RuntimeError if it was modified in place since, or already freed by a backward pass."""
        node = self._node()
        saved = still_there(self._saved)
        for value in saved:
            if value is not None:
                value.check(node)
        return tuple([value if value is None else value.tensor(node) for value in saved])

    def save_for_forward(self, *tensors):
        """Keep tensors for jvp: accepted, and not used, as forward mode goes through backward here."""

    def mark_dirty(self, *inputs):
        """Say which inputs forward has modified in place; they must be outputs too."""
        self._dirty = inputs

    def mark_non_differentiable(self, *outputs):
        """Say which outputs have no gradient."""
        self._non_differentiable = outputs

    def set_materialize_grads(self, value):
        """False: an output that was not used has None as its gradient in backward, not zeros."""
        self._materialize_grads = value


class Function:
    """Subclass it with static methods forward(ctx, *args) and backward(ctx, *grads), then call `apply`.

    forward may also be split: forward(*args) and setup_context(ctx, inputs, output). backward (or vjp, another name for
    it) returns a gradient, or None, for each argument of forward. Both work on tensors; backward is recorded itself
    when `create_graph=True`. A jvp, a vmap or generate_vmap_rule of PyTorch's is not needed.

    >>> import minitorch as torch
    >>> class Square(torch.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x * x
    ...     @staticmethod
    ...     def backward(ctx, grad):
    ...         x, = ctx.saved_tensors
    ...         return 2 * x * grad
    >>> x = torch.tensor(3., requires_grad=True)
    >>> Square.apply(x).backward(); x.grad
    tensor(6.)
    """

    @staticmethod
    def forward(*args, **kwargs):
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def setup_context(ctx, inputs, output):
        raise NotImplementedError("setup_context is not implemented.")

    @staticmethod
    def backward(ctx, *grad_outputs):
        raise NotImplementedError("You must implement either the backward or vjp method for your custom "
                                  "autograd.Function to use it with "
                                  "backward mode AD.")

    vjp = backward
    generate_vmap_rule = False

    def __call__(self, *args, **kwargs):
        raise RuntimeError("Legacy autograd function with non-static forward method is deprecated. Please use "
                           "new-style autograd function "
                           "with static forward method. (Example: "
                           "https://pytorch.org/docs/stable/autograd.html#torch.autograd.Function)")

    @classmethod
    def apply(cls, *args, **kwargs):
        """Run forward and record it."""
        split = cls.setup_context is not Function.setup_context
        if split or kwargs:
            bound = inspect.signature(cls.forward).bind(*(() if split else (None,)), *args, **kwargs)
            if split:
                bound.apply_defaults()
            args = bound.args[0 if split else 1 :]
        ctx = FunctionCtx()
        edges = tuple([x.edge() if isinstance(x, TensorBase) else None for x in args])
        ctx.needs_input_grad = tuple([edge is not None for edge in edges])
        with no_grad():
            if split:
                out = cls.forward(*args)
                cls.setup_context(ctx, args, out)
            else:
                out = cls.forward(ctx, *args)
        recording = any(ctx.needs_input_grad) and grad_mode.enabled and not grad_mode.inference
        node = FunctionNode(cls, ctx, args, edges) if recording else None
        results = _outputs(ctx, node, args, out if isinstance(out, tuple) else (out,))
        if recording:
            node.save(results)
        return results if isinstance(out, tuple) else results[0]


def _outputs(ctx, node, args, out):
    """What forward returned, as outputs of the node."""
    if node is not None:
        node.outputs = tuple([(y.array.shape, y.array.dtype) if isinstance(y, TensorBase) else None for y in out])
    results = []
    for nr, y in enumerate(out):
        if isinstance(y, TensorBase):
            dirty = _contains(ctx._dirty, y)
            if _contains(args, y) and not dirty:
                y = _another(y)  # the argument's own place in the graph must stay
            if node is not None and y.array.dtype.kind in FLOATS and not _contains(ctx._non_differentiable, out[nr]):
                _place(y, node, nr, dirty)
            if dirty:
                y.version()[0] += 1
        results.append(y)
    return tuple(results)


def _contains(tensors, tensor):
    return any(x is tensor for x in tensors)


def _another(x):
    """Another tensor on the same memory, known as a view."""
    y = x.detach()
    y.base = x if x.base is None else x.base
    y._base_node = y.base.node
    return y


def _place(y, node, nr, dirty):
    """Make y output number `nr` of the node."""
    if not dirty:
        y.origin, y._requires_grad = (node, nr), True
        return
    check_writable(y)
    result = wrap(y.array)
    result.origin, result._requires_grad = (node, nr), True
    rebase(y, result)


class FunctionNode(Node):
    """One use of a Function in the graph."""

    custom = True

    def __init__(self, function, ctx, args, edges):
        self.function, self.ctx, self.sources, self.order = function, ctx, edges, next_order()
        self.is_tensor = [isinstance(x, TensorBase) for x in args]
        ctx._node = weakref.ref(self)

    def __getattr__(self, name):
        """The attributes of ctx: in torch, node and ctx are one."""
        return getattr(self.ctx, name)

    def name(self):
        return self.function.__name__ + "Backward"

    def save(self, results):
        """Turn what forward asked to save into saved values; called when the outputs have their places."""
        saved = []
        for i, x in enumerate(self.ctx._to_save):
            if x is not None and not isinstance(x, TensorBase):
                raise TypeError(f"save_for_backward can only save variables, but argument {i} is of type "
                                f"{type(x).__name__}")
            nr = next((nr for nr, y in enumerate(results) if y is x and x is not None and x.node is self), None)
            saved.append(None if x is None else Saved(x.array, x, x.source() if nr is None else nr))
        self.ctx._saved, self.ctx._to_save = packed(saved, self) if grad_mode.packing else tuple(saved), ()

    def run(self, grads):
        given = next(grad for grad in grads if grad is not None)
        k, recorded = kernels_of(given), isinstance(given, TensorBase)
        if self.ctx._materialize_grads:
            grads = [k.full(form[0], 0, form[1]) if grad is None and form else grad
                     for grad, form in zip(grads, self.outputs)]
        if not recorded:
            grads = [grad if grad is None else wrap(grad) for grad in grads]
        gradients = self._backward()(self.ctx, *grads)
        gradients = list(gradients) if isinstance(gradients, tuple) else [gradients]
        self._check(gradients)
        return [grad if grad is None or recorded else grad.array for grad in gradients]

    def _backward(self):
        """The user's backward, by one of its names."""
        backward, vjp = self.function.backward, self.function.vjp
        if vjp is Function.vjp:
            return backward
        if backward is not Function.backward:
            raise RuntimeError("Implementing both 'backward' and 'vjp' for a custom Function is not allowed. You "
                               "should only implement one of them.")
        return vjp

    def _check(self, gradients):
        expected = len(self.sources)
        if len(gradients) < expected or any(grad is not None for grad in gradients[expected:]):
            raise RuntimeError(f"function {self.name()} returned an incorrect number of gradients "
                               f"(expected {expected}, got {len(gradients)})")
        for i, (grad, is_tensor) in enumerate(zip(gradients, self.is_tensor)):
            if grad is not None and not is_tensor:
                raise RuntimeError(f"function {self.name()} returned a gradient different than None at position "
                                   f"{i + 1}, but the "
                                   "corresponding forward input was not a Variable")
            if grad is not None and not isinstance(grad, TensorBase):
                raise RuntimeError(f"expected Variable or None (got {type(grad).__name__})")

    def release(self):
        if self.ctx._saved:
            self.ctx._saved = FREED


class _OnceDifferentiable(Node):
    """The node of a gradient that has no gradient."""

    torch_name = "torch::autograd::Error"

    def __init__(self, inputs, outputs):
        self.sources = tuple([x.edge() for x in inputs])
        self.outputs = tuple([(x.array.shape, x.array.dtype) for x in outputs])
        self.order = next_order()

    def run(self, grads):
        raise RuntimeError("trying to differentiate twice a function that was marked with @once_differentiable")


def once_differentiable(backward):
    """Decorates a Function's backward that cannot be differentiated: RuntimeError where somebody tries."""

    @functools.wraps(backward)
    def wrapper(ctx, *grads):
        with no_grad():
            out = backward(ctx, *grads)
        inputs = [x for x in grads if isinstance(x, TensorBase) and x.requires_grad]
        if not grad_mode.enabled or not inputs:
            return out
        results = [x.detach() if isinstance(x, TensorBase) else x for x in (out if isinstance(out, tuple) else (out,))]
        tensors = [x for x in results if x is not None]
        node = _OnceDifferentiable(inputs, tensors)
        for nr, x in enumerate(tensors):
            x.origin, x._requires_grad = (node, nr), True
        return tuple(results) if isinstance(out, tuple) else results[0]

    return wrapper
