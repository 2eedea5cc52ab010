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
from operator import attrgetter

import numpy as np

from . import backward_hooks, graph
from .device import CPU, device_of, kernels_for, kernels_of
from .dtypes import FLOATS
from .graph import Node, TensorBase, check_tensors, follow_base, grad_mode, next_order, unwrap, wrap
from .saved import FREED, Saved, packed, still_there


_NO_OPERANDS = (list, tuple, dict, str)  # people pass them for tensors; NumPy might take them
_NUMBERS = (int, float, np.ndarray, np.generic)  # what operators take beside tensors
_FLOAT32 = np.dtype(np.float32)
_order = attrgetter("order")
_new = object.__new__


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
    k = kernels_for(CPU)
    records_backward = False
    needs_input_grad = ()  # while recording: one bool for each positional input
    _saved = ()  # in forward the arrays, afterwards a Saved for each

    @classmethod
    def apply(cls, *inputs, **params):
        op = cls()
        recording = grad_mode.plain or grad_mode.enabled and not grad_mode.inference
        arrays, sources, wanted, array_type = [], [], [], None
        for x in inputs:
            source = None
            if isinstance(x, TensorBase):
                if x.base is not None:
                    follow_base(x)
                if recording and x._requires_grad:
                    source = x.origin or x
                x = x.array
                if type(x) is not array_type:
                    op.k = kernels_of(x) if array_type is None else _kernels_of_all(op.name(), inputs)
                    array_type = type(x)
            elif isinstance(x, _NO_OPERANDS):
                check_tensors(cls.__name__.lower(), input=x)
            arrays.append(x)
            sources.append(source)
            wanted.append(source is not None)
        if array_type is None:
            check_tensors(cls.__name__.lower(), input=inputs[0])
        op.needs_input_grad = tuple(wanted)
        out = op.forward(*arrays, **params)
        results = tuple(map(wrap, out)) if isinstance(out, tuple) else (wrap(out),)
        if op.is_view:
            op._share_memory(inputs[0], results)
        if True in wanted:
            op.record(tuple(sources), results)
            if op._saved:
                op._recognise_saved(inputs, results)
        return results if isinstance(out, tuple) else results[0]

    def _share_memory(self, source, results):
        base = source if source.base is None else source.base
        for view in results:
            view.base, view._base_node, view._writes = base, base.node, source.version()
            view._inference = source._inference

    def _recognise_saved(self, inputs, results):
        """What forward saved was an input, an output, or the operation's own: then no gradient flows to it."""
        saved = []
        for array in self._saved:
            for x, source in zip(inputs, self.sources):
                if isinstance(x, TensorBase) and x.array is array:
                    break
            else:
                for source, x in enumerate(results):
                    if x.array is array:
                        break
                else:
                    x = source = None
            saved.append(Saved(array, x, source))
        self._saved = saved
        if grad_mode.packing:
            self._saved = packed(self._saved, self)

    def record(self, sources, results):
        """Make this op the node of its results."""
        self.sources, self.order = sources, next_order()
        self.outputs = outputs = []
        for result in results:
            array = result.array
            if array.dtype.kind in FLOATS:
                result.origin, result._requires_grad = (self, len(outputs)), True
            outputs.append((array.shape, array.dtype))
        if grad_mode.anomaly:
            self.traceback = backward_hooks.where_am_i()

    def save(self, *arrays):
        """Keep arrays for backward. Inputs and outputs are recognised: a recorded backward differentiates them."""
        self._saved = arrays

    @property
    def saved(self):
        """What forward saved: arrays, or tensors when backward is recorded. Checks that nobody has written to them."""
        arrays = []
        for saved in still_there(self._saved):
            saved.check(self)
            arrays.append(saved.tensor(self) if self.records_backward else saved.array)
        return tuple(arrays)

    def keep_copy_of(self, array):
        for saved in () if self._saved is FREED else self._saved:
            saved.keep_copy_of(array)

    def run(self, grads):
        given = grads[0] if len(grads) == 1 else next(grad for grad in grads if grad is not None)
        self.k, self.records_backward = kernels_of(given), isinstance(given, TensorBase)
        if len(grads) > 1:
            grads = [self.k.full(shape, 0, dtype) if grad is None else grad
                     for grad, (shape, dtype) in zip(grads, self.outputs)]
        gradients = self.backward(*grads)
        return gradients if isinstance(gradients, tuple) else (gradients,)

    def release(self):
        if self._saved:
            self._saved = FREED


def _kernels_of_all(name, inputs):
    """The kernels of the device on which the tensors are. A 0-d tensor of the CPU may come along, as a number would."""
    devices = {}
    for x in inputs:
        if isinstance(x, TensorBase) and (x.array.ndim or x._requires_grad or device_of(x.array) is not CPU):
            devices[device_of(x.array)] = None
    if len(devices) > 1:
        raise RuntimeError("Expected all tensors to be on the same device, but found at least two devices, "
                           f"{' and '.join(map(str, devices))}! ({name.removesuffix('Backward0')})")
    return kernels_for(*devices)


def compute(kernel, *inputs, **params):
    """Run a kernel that has no gradient (a comparison, say) and wrap the result. The first input is a tensor."""
    check_tensors(kernel, input=inputs[0])
    k = kernels_of(inputs[0].array)
    for x in inputs:
        if isinstance(x, _NO_OPERANDS):
            check_tensors(kernel, input=x)
        elif isinstance(x, TensorBase) and type(x.array) is not type(inputs[0].array):
            k = _kernels_of_all(kernel, inputs)
    out = getattr(k, kernel)(*map(unwrap, inputs), **params)
    return tuple(map(wrap, out)) if isinstance(out, tuple) else wrap(out)


def named(result, torch_name):
    """Give the node that made `result` the name that it has in torch."""
    if result.node is not None:
        result.node.torch_name = torch_name
    return result


def operator(op):
    """What a Python operator does: op.apply(a, b), of which it writes out the steps for two plain float32 tensors.

    Programs are full of `a + b`, and for a few numbers the steps around np.add take longer than np.add itself.
    """
    def operate(a, b):
        if not isinstance(b, TensorBase):
            return op.apply(a, b) if isinstance(b, _NUMBERS) else NotImplemented
        x, y = a.array, b.array
        if not (grad_mode.plain and a.base is None and b.base is None and x.dtype is y.dtype is _FLOAT32
                and type(x) is type(y) is np.ndarray):
            return op.apply(a, b)
        node = op()
        node.needs_input_grad = wants_a, wants_b = a._requires_grad, b._requires_grad
        out = node.forward(x, y)
        result = _new(graph.Result)
        result.array = out
        if wants_a or wants_b:
            node.sources = (a.origin or a) if wants_a else None, (b.origin or b) if wants_b else None
            node.outputs, node.order = ((out.shape, _FLOAT32),), next_order()
            result.origin, result._requires_grad = (node, 0), True
            if node._saved:
                node._recognise_saved((a, b), (result,))
        return result

    return operate


def run_backward(roots, retain_graph=False, create_graph=False, targets=None, accumulate=True):
    """Propagate gradients from `roots`, a list of (edge, gradient tensor), to the leaves, and accumulate them there.

    `targets`, a list of edges, limits the pass to the nodes that lead there. With `accumulate=False` the leaves are
    left alone; the gradient tensors (or None) that reached the targets are returned. Takes time linear in the nodes
    and edges that are reachable, and no recursion.
    """
    reached = _reachable([edge[0] for edge, _ in roots])
    order = sorted(reached, key=_order, reverse=True)  # newest first
    if targets is not None:
        wanted = {node for node, _ in targets}
        running = _leading_to(wanted, order, accumulate)
        reached = running | wanted
    pending = {}  # node -> [gradient of each of its outputs]; popped when the node runs, so memory is freed on the way
    captured = {}
    for (node, nr), grad in roots:
        grads = pending.setdefault(node, [None] * len(node.outputs))
        grad = grad if create_graph else grad.array
        grads[nr] = grad if grads[nr] is None else kernels_of(grad).add(grads[nr], grad)
    anomaly = grad_mode.anomaly
    before = grad_mode.set(enabled=create_graph, running=reached, whole=targets is None)
    try:
        for node in order:
            grads = pending.pop(node, None)
            if grads is None:
                continue
            if node.watched:
                backward_hooks.call_tensor_hooks(node, grads)
            if targets is not None:
                if node in wanted:
                    captured[node] = grads
                if node not in running:
                    continue
            gradients = backward_hooks.run(node, grads) if node.watched or anomaly else node.run(grads)
            for i, (source, grad) in enumerate(zip(node.sources, gradients)):
                if grad is None or source is None:
                    continue
                into, nr = source if type(source) is tuple else (source.accumulator(), 0)
                if targets is not None and into not in reached:
                    continue
                (shape, dtype), array = into.outputs[nr], grad.array if create_graph else grad
                if array.shape != shape or array.dtype is not dtype:
                    grad = _fit(grad, shape, dtype, node, i)
                grads = pending.get(into)
                if grads is None:
                    pending[into] = grads = [None] * len(into.outputs)
                grads[nr] = grad if grads[nr] is None else kernels_of(grad).add(grads[nr], grad)
            grads = gradients = grad = array = None  # frees memory; and AccumulateGrad counts who holds them
            if not retain_graph:
                node.release()
    finally:
        grad_mode.set(**before)
    if targets is None:
        return []
    found = [captured[node][nr] if node in captured else None for node, nr in targets]
    return [grad if create_graph or grad is None else wrap(grad) for grad in found]


def _reachable(nodes):
    """The nodes reachable from these. A leaf gets its node only now, and an order just below its first user's."""
    found, stack = set(), nodes
    while stack:
        node = stack.pop()
        if node in found:
            continue
        found.add(node)
        for source in node.sources:
            if type(source) is tuple:
                stack.append(source[0])
            elif source is not None:
                leaf = source.accumulator()
                leaf.order = min(leaf.order, node.order - 0.5)
                found.add(leaf)
    return found


def _leading_to(wanted, order, leaves_too):
    """The nodes of `order` that have to run so that gradients reach the wanted ones, which run if `leaves_too`."""
    running = set()
    for node in reversed(order):
        if any([edge is not None and (edge[0] in running or edge[0] in wanted) for edge in node.edges]):
            running.add(node)
        elif leaves_too and node in wanted and not node.edges:
            running.add(node)
    return running


def _fit(grad, shape, dtype, source, index):
    """Sum a gradient over broadcast dimensions and cast it, so that it has the form of the output it belongs to."""
    k, array = kernels_of(grad), unwrap(grad)
    if array.shape != shape:
        missing = len(array.shape) - len(shape)
        if missing < 0 or any(n not in (1, m) for n, m in zip(shape, array.shape[missing:])):
            raise RuntimeError(f"Function {source.name()} returned an invalid gradient at index {index} - got "
                               f"{list(array.shape)} but expected shape compatible with {list(shape)}")
        grad = k.sum_to(grad, shape)
    return grad if array.dtype == dtype else k.cast(grad, dtype)
