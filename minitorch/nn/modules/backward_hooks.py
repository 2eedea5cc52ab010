"""What a Module's full backward hooks hang on: an identity node in front of the module, and another one behind it.

    args ──► identity ──► forward ──► identity ──► result           grad_input ◄── ... ◄── grad_output

Backward reaches the node behind the module first: there grad_output is known and the pre-hooks run. It reaches the node
in front last: there grad_input is known too and the hooks run.
"""
import warnings
from collections import OrderedDict

from ...engine import Op, TensorBase, grad_mode


global_backward_pre_hooks, global_backward_hooks = OrderedDict(), OrderedDict()  # on all modules


class BackwardHookFunction(Op):
    """out = x for each of some tensors, as one node.   Saves: nothing."""

    torch_name = "BackwardHookFunctionBackward"

    def forward(self, *tensors):
        # Copies: the module may write into its inputs, others into its result, and those have another history.
        return tuple([self.k.clone(x) for x in tensors])

    def backward(self, *grads):
        return grads


class BackwardHooks:
    """The backward hooks of one call of `module`."""

    def __init__(self, module):
        self.module = module
        self.pre_hooks = [*global_backward_pre_hooks.values(), *module._backward_pre_hooks.values()]
        self.hooks = [*global_backward_hooks.values(), *module._backward_hooks.values()]
        self.grad_output = None

    def watch_inputs(self, args):
        """The positional arguments of forward, behind a node that runs the hooks."""
        self.input_count = len(args)
        args, node, self.input_positions = _through_one_node(args)
        self.hooks_wait_for_input = node is not None
        if node is not None:
            node.register_hook(self._on_grad_input)
        return args

    def watch_outputs(self, result):
        """The result of forward, before a node that runs the pre-hooks (and the hooks, if no input requires grad)."""
        if not isinstance(result, (TensorBase, tuple)):
            warnings.warn("For backward hooks to be called, module output should be a Tensor or a tuple of Tensors but "
                          f"received {type(result)}", stacklevel=4)
            return result
        is_tuple = isinstance(result, tuple)
        outputs, node, self.output_positions = _through_one_node(result if is_tuple else (result,))
        self.output_count = len(outputs)
        if node is not None:
            node.register_prehook(self._on_grad_output)
        return outputs if is_tuple else outputs[0]

    def _on_grad_output(self, grads):
        grad_output = _spread(grads, self.output_positions, self.output_count)
        for hook in self.pre_hooks:
            grad_output = self._replaced(grad_output, hook(self.module, grad_output), "pre hook", "grad_output")
        self.grad_output = grad_output
        if self.hooks and not self.hooks_wait_for_input:
            warnings.warn("Full backward hook is firing when gradients are computed with respect to module outputs "
                          "since no inputs require gradients.", stacklevel=2)
            for hook in self.hooks:
                replacement = hook(self.module, (None,) * self.input_count, grad_output)
                if replacement is not None and any(grad is not None for grad in replacement):
                    raise RuntimeError("Backward hook for Modules where no input requires gradient should always "
                                       "return None or None for all gradients.")
        return tuple([grad_output[i] for i in self.output_positions])

    def _on_grad_input(self, gradients, grads):
        if self.grad_output is None:  # the output was not a tensor: see the warning
            return None
        grad_input = _spread(gradients, self.input_positions, self.input_count)
        for hook in self.hooks:
            replacement = hook(self.module, grad_input, self.grad_output)
            grad_input = self._replaced(grad_input, replacement, "hook", "grad_input")
        return tuple([grad_input[i] for i in self.input_positions])

    def _replaced(self, grads, replacement, kind, what):
        if replacement is None:
            return grads
        if len(replacement) != len(grads):
            raise RuntimeError(f"Backward {kind} returned an invalid number of {what}, got {len(replacement)}, "
                               f"but expected {len(grads)}")
        return replacement


def _through_one_node(values):
    """`values` with their tensors passed through one identity node; that node (None if no gradient is recorded); the
    positions of the tensors."""
    positions = [i for i, value in enumerate(values) if isinstance(value, TensorBase)]
    if not grad_mode.enabled or not any([values[i].requires_grad for i in positions]):
        return values, None, positions
    copies = BackwardHookFunction.apply(*[values[i] for i in positions])
    values = list(values)
    for i, copy in zip(positions, copies):
        if values[i].requires_grad:
            values[i], node = copy, copy.node
    return tuple(values), node, positions


def _spread(grads, positions, count):
    """The gradients of the tensors at `positions` as a tuple of `count`, None elsewhere."""
    spread = [None] * count
    for i, grad in zip(positions, grads):
        spread[i] = grad
    return tuple(spread)
