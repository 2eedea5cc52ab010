"""The backward engine: how minitorch remembers what you computed, and walks it back. Open this file first.

Calling an operation on tensors runs `Op.apply`. It unwraps the arrays, lets `forward` compute, wraps the result, and,
where a gradient will be wanted, keeps the operation itself as a **node** of the graph: `result.node is op`. A node
knows its `edges`: for each input, the node that made it and which of that node's outputs it was. A leaf (a tensor that
you made) ends the graph in an `AccumulateGrad` node.

    x ──► Mul ──► Sum ──► loss            forward: newer nodes point at older ones
    x ◄── Mul ◄── Sum ◄── 1               backward: gradients follow the edges, newest node first

`run_backward` is reverse-mode differentiation: each node receives dL/d(its output) and returns dL/d(its inputs). A
node is always younger than its inputs, so "newest first" is a topological order, and every node runs once, after all
that used it.

Next: graph.py (tensors, edges, nodes), saved.py (what a node keeps), backward_hooks.py, ops/inplace.py (writing in
place).
"""
from . import backward_hooks
from .device import kernels_of
from .dtypes import FLOATS
from .graph import Node, TensorBase, check_tensors, follow_base, grad_mode, next_order, unwrap, wrap
from .saved import FREED, Saved, packed, still_there


_NO_OPERANDS = (list, tuple, dict, str)  # people pass them for tensors; NumPy might take them


class Op(Node):
    """A differentiable operation. An instance is one use of it: both the context and the node of the graph.

        class Mul(Op):
            def forward(self, a, b):                   # arrays (or plain numbers) in, an array or a tuple of arrays out
                self.save(a, b)
                return self.k.mul(a, b)

            def backward(self, grad):                  # dL/d(output) in, dL/d(input) out, None where there is none
                a, b = self.saved
                return self.k.mul(grad, b), self.k.mul(grad, a)

    `self.k` is the namespace the formula is written in: the kernels of the device, on arrays; or, when backward itself
    is recorded (`create_graph=True`), the functions of `minitorch.ops` on tensors. So a gradient has a gradient, for
    free. A gradient may keep a broadcast shape or a wider dtype: the engine sums and casts it to the input's form.
    """

    is_view = False  # the outputs show the first input's memory
    needs_input_grad = ()  # while recording: one bool for each positional input
    _saved = ()  # in forward the arrays, afterwards a Saved for each

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
                        devices = " and ".join(str(y.device) for y in inputs if isinstance(y, TensorBase))
                        raise RuntimeError(f"Expected all tensors to be on the same device, but {op.name()[:-9]} got "
                                           f"{devices}")
                    array_type = type(x)
                    op.k = kernels_of(x)
            elif isinstance(x, _NO_OPERANDS):
                check_tensors(cls.__name__.lower(), input=x)
            arrays.append(x)
        if array_type is None:
            check_tensors(cls.__name__.lower(), input=inputs[0])
        recording = requires_grad and grad_mode.enabled and not grad_mode.inference
        op.needs_input_grad = tuple([recording and isinstance(x, TensorBase) and x._requires_grad for x in inputs])
        out = op.forward(*arrays, **params)
        results = [wrap(array) for array in out] if isinstance(out, tuple) else [wrap(out)]
        if op.is_view:
            op._share_memory(inputs[0], results)
        if recording:
            if op._saved:
                op._saved = tuple([op._origin(array, inputs, results) for array in op._saved])
            op.record(inputs, results)
            if op._saved and grad_mode.packing:
                op._saved = packed(op._saved, op)
        return tuple(results) if isinstance(out, tuple) else results[0]

    def _share_memory(self, source, results):
        base = source if source.base is None else source.base
        for view in results:
            view.base, view._base_node, view._writes = base, base.node, source.version()
            view._inference = source._inference

    def _origin(self, array, inputs, results):
        """What forward saved was an input, an output, or its own: then no gradient flows to it."""
        for x in inputs:
            if isinstance(x, TensorBase) and x.array is array:
                return Saved(array, x)
        for nr, result in enumerate(results):
            if result.array is array:
                return Saved(array, result, nr)
        return Saved(array)

    def record(self, inputs, results):
        """Make this op the node of its results."""
        self.edges = tuple([x.edge() if isinstance(x, TensorBase) else None for x in inputs])
        self.outputs = tuple([(r.array.shape, r.array.dtype) for r in results])
        self.order = next_order()
        for nr, result in enumerate(results):
            if result.array.dtype.kind in FLOATS:
                result.node, result.output_nr, result._requires_grad = self, nr, True
        if grad_mode.anomaly:
            self.traceback = backward_hooks.where_am_i()

    def save(self, *arrays):
        """Keep arrays for backward. Inputs and outputs are recognised: a recorded backward differentiates them."""
        self._saved = arrays

    @property
    def saved(self):
        """What forward saved: arrays, or tensors when backward is recorded. Checks that nobody has written to them."""
        for saved in still_there(self._saved):
            saved.check(self)
        return tuple([saved.tensor(self) if self.records_backward else saved.array for saved in self._saved])

    def keep_copy_of(self, array):
        for saved in () if self._saved is FREED else self._saved:
            saved.keep_copy_of(array)

    def run(self, grads):
        given = next(grad for grad in grads if grad is not None)
        self.k, self.records_backward = kernels_of(given), isinstance(given, TensorBase)
        grads = [self.k.full(shape, 0, dtype) if grad is None else grad
                 for grad, (shape, dtype) in zip(grads, self.outputs)]
        gradients = self.backward(*grads)
        return gradients if isinstance(gradients, tuple) else (gradients,)

    def release(self):
        if self._saved:
            self._saved = FREED


def compute(kernel, *inputs, **params):
    """Run a kernel that has no gradient (a comparison, say) and wrap the result. The first input is a tensor."""
    check_tensors(kernel, input=inputs[0])
    for x in inputs:
        if isinstance(x, _NO_OPERANDS):
            check_tensors(kernel, input=x)
    out = getattr(kernels_of(inputs[0].array), kernel)(*map(unwrap, inputs), **params)
    return tuple(map(wrap, out)) if isinstance(out, tuple) else wrap(out)


def named(result, torch_name):
    """Give the node that made `result` the name that it has in torch."""
    if result.node is not None:
        result.node.torch_name = torch_name
    return result


def run_backward(roots, retain_graph=False, create_graph=False, targets=None, accumulate=True):
    """Propagate gradients from `roots`, a list of (edge, gradient tensor), to the leaves, and accumulate them there.

    `targets`, a list of edges, limits the pass to the nodes that lead there. With `accumulate=False` the leaves are
    left alone; the gradient tensors (or None) that reached the targets are returned. Takes time linear in the nodes
    and edges that are reachable, and no recursion.
    """
    order = _newest_first([node for (node, _), _ in roots])
    wanted = {node for node, _ in targets or ()}
    running = set(order) if targets is None else _leading_to(wanted, order, accumulate)
    pending = {}  # node -> [gradient of each of its outputs]; popped when the node runs, so memory is freed on the way
    captured = {}
    for edge, grad in roots:
        _add(pending, edge, grad if create_graph else grad.array)
    before = grad_mode.enabled, grad_mode.running, grad_mode.whole
    grad_mode.enabled, grad_mode.running, grad_mode.whole = create_graph, running | wanted, targets is None
    try:
        for node in order:
            if node not in pending:
                continue
            grads = pending.pop(node)
            if node.tensor_hooks or node.retained:
                backward_hooks.call_tensor_hooks(node, grads)
            if node in wanted:
                captured[node] = grads
            if node not in running:
                continue
            gradients = backward_hooks.run(node, grads)
            for i, (edge, grad) in enumerate(zip(node.edges, gradients)):
                if grad is not None and edge is not None and (edge[0] in running or edge[0] in wanted):
                    _add(pending, edge, _fit(grad, edge, node, i))
            if not retain_graph:
                node.release()
    finally:
        grad_mode.enabled, grad_mode.running, grad_mode.whole = before
    found = [captured[node][nr] if node in captured else None for node, nr in targets or ()]
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


def _leading_to(wanted, order, leaves_too):
    """The nodes of `order` that have to run so that gradients reach the wanted ones, which run if `leaves_too`."""
    running = set()
    for node in reversed(order):
        if any([edge is not None and (edge[0] in running or edge[0] in wanted) for edge in node.edges]):
            running.add(node)
        elif leaves_too and node in wanted and not node.edges:
            running.add(node)
    return running


def _add(pending, edge, grad):
    node, nr = edge
    grads = pending.setdefault(node, [None] * len(node.outputs))
    grads[nr] = grad if grads[nr] is None else kernels_of(grad).add(grads[nr], grad)


def _fit(grad, edge, source, index):
    """Sum a gradient over broadcast dimensions and cast it, so that it has the form of the output that `edge` names."""
    node, nr = edge
    shape, dtype = node.outputs[nr]
    k, array = kernels_of(grad), unwrap(grad)
    if array.shape != shape:
        missing = len(array.shape) - len(shape)
        if missing < 0 or any(n not in (1, m) for n, m in zip(shape, array.shape[missing:])):
            raise RuntimeError(f"Function {source.name()} returned an invalid gradient at index {index} - got "
                               f"{list(array.shape)} but expected shape compatible with {list(shape)}")
        grad = k.sum_to(grad, shape)
    return grad if array.dtype == dtype else k.cast(grad, dtype)
