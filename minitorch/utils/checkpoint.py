"""Checkpoints: forward keeps almost nothing, backward computes it again. Time for memory.

https://arxiv.org/abs/1604.06174 ("Training Deep Nets with Sublinear Memory Cost")
"""
import warnings
from contextlib import contextmanager, nullcontext

from ..autograd.function import Function
from ..autograd.grad_mode import enable_grad
from ..autograd.graph import saved_tensors_hooks
from ..differentiate import backward
from ..graph import TensorBase, grad_mode
from ..nn import Sequential
from ..random import default_generator
from ..saved import Saved

__all__ = ["checkpoint", "checkpoint_sequential", "CheckpointError", "CheckpointFunction"]


class CheckpointError(RuntimeError):
    """The second computation saved other tensors than the first."""


def checkpoint(function, *args, use_reentrant=None, context_fn=None, determinism_check="default", debug=False,
               early_stop=True, preserve_rng_state=True, **kwargs):
    """function(*args, **kwargs), without keeping what its backward needs: that is computed again when backward asks.

    use_reentrant: False makes a saved tensor remember how to compute it again, with saved_tensors_hooks. True (if it is
    left out, with a warning) runs backward inside backward: no keyword arguments, no autograd.grad.
    preserve_rng_state: random operations draw the same numbers again. determinism_check: "none" compares no shapes.
    context_fn: a function that returns two context managers, for forward and for the second time.

    CheckpointError (a RuntimeError) if the function saved other tensors the second time.

    >>> import minitorch as torch
    >>> x = torch.tensor([1., 2.], requires_grad=True)
    >>> checkpoint(lambda x: (x.exp() * x).sum(), x, use_reentrant=False).backward(); x.grad
    tensor([ 5.4366, 22.1672])
    """
    if determinism_check not in ("default", "none"):
        raise ValueError("determinism_check should be one of ['default', 'none'], but got "
                         f"{determinism_check}")
    if use_reentrant is None:
        warnings.warn("torch.utils.checkpoint: the use_reentrant parameter should be passed explicitly. "
                      "use_reentrant=False is recommended, but if you need to preserve the current default behavior, "
                      "you can pass use_reentrant=True.", stacklevel=2)
        use_reentrant = True
    if not use_reentrant:
        return _Recomputation(function, args, kwargs, context_fn, determinism_check, early_stop,
                              preserve_rng_state).forward()
    if kwargs:
        raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
    if context_fn is not None or debug:
        raise ValueError("Passing `context_fn` or `debug` is only supported when use_reentrant=False.")
    if grad_mode.enabled and not any(isinstance(x, TensorBase) and x.requires_grad for x in args):
        warnings.warn("None of the inputs have requires_grad=True. Gradients will be None", stacklevel=2)
    return CheckpointFunction.apply(function, preserve_rng_state, *args)


def checkpoint_sequential(functions, segments, input, use_reentrant=None, *, preserve_rng_state=True):
    """The functions (a list, or a Sequential) one after the other, in `segments` checkpoints; the last is kept.

    >>> import minitorch as torch
    >>> x = torch.tensor([1., 2.], requires_grad=True)
    >>> checkpoint_sequential([torch.sin, torch.exp, torch.cos], 2, x, use_reentrant=False)
    tensor([-0.6809, -0.7906], grad_fn=<CosBackward0>)
    """
    if use_reentrant is None:
        warnings.warn("torch.utils.checkpoint.checkpoint_sequential: the use_reentrant parameter should be passed "
                      "explicitly. use_reentrant=False is recommended, but if you need to preserve the current "
                      "default behavior, you can pass use_reentrant=True.", stacklevel=2)
        use_reentrant = True
    functions = list(functions.children()) if isinstance(functions, Sequential) else list(functions)
    length = len(functions) // segments

    def run(start, stop):
        def segment(x):
            for function in functions[start:stop]:
                x = function(x)
            return x
        return segment

    last = length * (segments - 1)
    for start in range(0, last, length):
        input = checkpoint(run(start, start + length), input, use_reentrant=use_reentrant,
                           preserve_rng_state=preserve_rng_state)
    return run(last, None)(input)


class _Recomputation:
    """One use of checkpoint(use_reentrant=False). A saved tensor is packed as its number; unpacking looks it up."""

    def __init__(self, function, args, kwargs, context_fn, determinism_check, early_stop, preserve_rng_state):
        self.function, self.args, self.kwargs = function, args, kwargs
        self.context, self.context_again = context_fn() if context_fn else (nullcontext(), nullcontext())
        self.compare, self.early_stop = determinism_check != "none", early_stop
        self.state = default_generator.get_state() if preserve_rng_state else None
        self.inputs = [Saved(x.array, x, x.source()) for x in (*args, *kwargs.values()) if isinstance(x, TensorBase)]
        self.forms = []  # (shape, dtype) of each tensor that forward saved
        self.again = {}  # the same tensors of the second computation, by number, until they are used

    def name(self):
        return "checkpoint"

    def forward(self):
        with saved_tensors_hooks(self._pack, self._unpack), self.context:
            return self.function(*self.args, **self.kwargs)

    def _pack(self, tensor):
        self.forms.append(_form(tensor))
        return len(self.forms) - 1

    def _unpack(self, number):
        if number not in self.again:
            self._compute_again()
        return self.again.pop(number)

    def _compute_again(self):
        for saved in self.inputs:
            saved.check(self)  # were they written to?
        tensors = []

        def keep(tensor):
            tensors.append(tensor.detach())
            if self.early_stop and len(tensors) == len(self.forms):
                raise _Enough
            return tensor

        with _random_state(self.state), enable_grad(), saved_tensors_hooks(keep, lambda tensor: tensor):
            try:
                with self.context_again:
                    self.function(*self.args, **self.kwargs)
            except _Enough:
                pass
        if len(tensors) != len(self.forms):
            raise CheckpointError("torch.utils.checkpoint: A different number of tensors was saved during the original "
                                  f"forward and recomputation.\nNumber of tensors saved during forward: "
                                  f"{len(self.forms)}\nNumber of tensors saved during recomputation: {len(tensors)}.")
        different = [i for i, tensor in enumerate(tensors) if _form(tensor) != self.forms[i]]
        if different and self.compare:
            lines = [f"tensor at position {i}:\nsaved metadata: {self.forms[i]}\nrecomputed metadata: "
                     f"{_form(tensors[i])}" for i in different]
            raise CheckpointError("torch.utils.checkpoint: Recomputed values for the following tensors have different "
                                  "metadata than during the forward pass.\n" + "\n".join(lines))
        self.again = dict(enumerate(tensors))


class _Enough(Exception):
    """All that was needed has been computed again."""


def _form(tensor):
    return {"shape": tensor.shape, "dtype": tensor.dtype}


@contextmanager
def _random_state(state):
    """Inside, random numbers continue from `state` (None: from where they are); afterwards, from where they were."""
    if state is None:
        yield
        return
    before = default_generator.get_state()
    default_generator.set_state(state)
    try:
        yield
    finally:
        default_generator.set_state(before)


class CheckpointFunction(Function):
    """checkpoint(use_reentrant=True): its backward computes forward again, recorded, and runs backward on that."""

    @staticmethod
    def forward(ctx, function, preserve_rng_state, *args):
        ctx.function, ctx.args = function, [None if isinstance(x, TensorBase) else x for x in args]
        ctx.state = default_generator.get_state() if preserve_rng_state else None
        ctx.save_for_backward(*[x if isinstance(x, TensorBase) else None for x in args])
        return function(*args)

    @staticmethod
    def backward(ctx, *grads):
        if not grad_mode.whole:
            raise RuntimeError("When use_reentrant=True, torch.utils.checkpoint is incompatible with .grad() or "
                               "passing an `inputs` parameter to .backward(). To resolve this error, you can either "
                               "set use_reentrant=False, or call .backward() without passing the `inputs` argument.")
        inputs = [x if saved is None else saved.detach().requires_grad_(saved.requires_grad)
                  for x, saved in zip(ctx.args, ctx.saved_tensors)]
        with _random_state(ctx.state), enable_grad():
            outputs = ctx.function(*inputs)
        outputs = outputs if isinstance(outputs, tuple) else (outputs,)
        roots = [(out, grad) for out, grad in zip(outputs, grads) if isinstance(out, TensorBase) and out.requires_grad]
        if not roots:
            raise RuntimeError("none of output has requires_grad=True, this checkpoint() is not necessary")
        backward(*zip(*roots))
        return None, None, *[x.grad if isinstance(x, TensorBase) else None for x in inputs]
