"""Derivatives of functions: jacobian, hessian, and their products with vectors.

Everything is made of reverse mode. One backward pass with dL/d(output) = v gives the row v.J; a unit vector v for each
output element gives all of J. The column J.u comes from a second pass: g(v) = v.J is linear in v, so its own backward
pass, dg/dv with the upstream gradient u, is J.u for any v ("the double-backward trick").
"""
from ..creation import ones_like, zeros_like
from ..differentiate import grad
from ..graph import TensorBase
from ..ops import stack
from .grad_mode import enable_grad

__all__ = ["vjp", "jvp", "vhp", "hvp", "hessian", "jacobian"]


def vjp(func, inputs, v=None, create_graph=False, strict=False):
    """(func(*inputs), v . J): backward with the upstream gradient `v`, which may be left out for a single element.

    inputs, v: a Tensor, or a tuple for several inputs or outputs. `create_graph`: the results can be differentiated.
    `strict`: RuntimeError for an output that depends on no input, or an input without influence (else 0).

    >>> import minitorch as torch
    >>> vjp(lambda x: x ** 2, torch.tensor([1., 2.]), torch.tensor([1., 10.]))
    (tensor([1., 4.]), tensor([ 2., 40.]))
    """
    with enable_grad():
        inputs, one_input = _variables(inputs, "vjp", create_graph)
        outputs, one_output = _outputs(func, inputs, "vjp", strict)
        v = _vectors(v, outputs, one_output, "vjp", "the user-provided function returns")
        found = _gradients(outputs, inputs, v, create_graph)
        found = _filled(found, inputs, strict, create_graph)
    return _results(outputs, one_output, create_graph), _results(found, one_input, create_graph)


def jvp(func, inputs, v=None, create_graph=False, strict=False):
    """(func(*inputs), J . v): how the output moves as the inputs move along `v`.

    inputs, v, create_graph, strict: as in vjp, but `v` has the form of the inputs.

    >>> import minitorch as torch
    >>> jvp(lambda x: x.prod(), torch.tensor([2., 3.]), torch.tensor([1., 0.]))
    (tensor(6.), tensor(3.))
    """
    with enable_grad():
        inputs, one_input = _variables(inputs, "jvp", create_graph)
        v = _vectors(v, inputs, one_input, "jvp", "the input to the user-provided function is")
        outputs, one_output = _outputs(func, inputs, "jvp", strict)
        found = pushforward(outputs, inputs, v, create_graph)
        found = _filled(found, outputs, strict, create_graph)
    return _results(outputs, one_output, create_graph), _results(found, one_output, create_graph)


def vhp(func, inputs, v=None, create_graph=False, strict=False):
    """(func(*inputs), v . H) for a func with a single element as its result; H holds its second derivatives.

    inputs, v, create_graph, strict: as in vjp, but `v` has the form of the inputs.

    >>> import minitorch as torch
    >>> vhp(lambda x: (x ** 3).sum(), torch.tensor([1., 2.]), torch.tensor([1., 10.]))
    (tensor(9.), tensor([  6., 120.]))
    """
    return _hessian_product(func, inputs, v, create_graph, strict, "vhp")


def hvp(func, inputs, v=None, create_graph=False, strict=False):
    """(func(*inputs), H . v). H is symmetric: this is vhp.

    >>> import minitorch as torch
    >>> hvp(lambda x: (x ** 3).sum(), torch.tensor([1., 2.]), torch.tensor([1., 10.]))
    (tensor(9.), tensor([  6., 120.]))
    """
    return _hessian_product(func, inputs, v, create_graph, strict, "hvp")


def jacobian(func, inputs, create_graph=False, strict=False, vectorize=False, strategy="reverse-mode"):
    """J[i, j] = d(output i)/d(input j), of shape (*output.shape, *input.shape).

    A tuple of inputs gives a tuple, a tuple of outputs a tuple of those. create_graph, strict: as in vjp. `vectorize`
    and `strategy` change nothing: J is computed a row at a time.

    >>> import minitorch as torch
    >>> jacobian(lambda x: x ** 2, torch.tensor([1., 2.]))
    tensor([[2., 0.],
            [0., 4.]])
    """
    _check_strategy(strategy, vectorize, 'strategy to be either "forward-mode" or "reverse-mode". Hint: If your '
                    'function has more outputs than inputs, "forward-mode" tends to be more performant. Otherwise, '
                    'prefer to use "reverse-mode".')
    if strict and vectorize:
        raise RuntimeError("torch.autograd.functional.jacobian: `strict=True` and `vectorized=True` are not supported "
                           "together. Please either set `strict=False` or `vectorize=False`.")
    with enable_grad():
        inputs, one_input = _variables(inputs, "jacobian", create_graph)
        outputs, one_output = _outputs(func, inputs, "jacobian", strict)
        found = []
        for nr, out in enumerate(outputs):
            rows = [_filled(_gradients([out], inputs, [unit], create_graph, retain_graph=True), inputs, strict,
                            create_graph, f"Output {nr} of the user-provided function is independent of input {{i}}.")
                    for unit in units(out)]
            # out.numel() rows of input.shape -> (out.numel(), *input.shape) -> (*out.shape, *input.shape)
            found.append([stack([row[i] for row in rows]).view(*out.shape, *x.shape) for i, x in enumerate(inputs)])
    found = [_results(of_inputs, one_input, create_graph) for of_inputs in found]
    return found[0] if one_output else tuple(found)


def hessian(func, inputs, create_graph=False, strict=False, vectorize=False, outer_jacobian_strategy="reverse-mode"):
    """H[i, j] = d2 func/d(input i) d(input j), of shape (*input.shape, *input.shape): the Jacobian of the gradient.

    func returns a single element; a tuple of inputs gives a tuple of tuples. The rest is as in jacobian.

    >>> import minitorch as torch
    >>> hessian(lambda x: x.prod(), torch.tensor([2., 3.]))
    tensor([[0., 1.],
            [1., 0.]])
    """
    _check_strategy(outer_jacobian_strategy, vectorize, 'strategy to be either "forward-mode" or "reverse-mode".')
    one_input = isinstance(inputs, TensorBase)

    def gradient(*inputs):
        outputs, one_output = _outputs(func, inputs, "hessian", strict)
        _check_scalar(outputs, one_output, "hessian")
        found = _filled(_gradients(outputs, inputs, None, True), inputs, strict, False)
        if strict:
            _check_second(found)
        return found[0] if one_input else found

    return jacobian(gradient, inputs, create_graph, strict, vectorize)


def pushforward(outputs, inputs, tangents, create_graph=False, retain_graph=False):
    """J . tangents for each output, or None where nothing depends: the double-backward trick.

    >>> import minitorch as torch
    >>> x = torch.tensor([1., 2.], requires_grad=True)
    >>> pushforward([x * x], [x], [torch.tensor([1., 10.])])
    [tensor([ 2., 40.])]
    """
    v = [zeros_like(out).requires_grad_() for out in outputs]
    pairs = [(row, u) for row, u in zip(_gradients(outputs, inputs, v, True), tangents) if row is not None]
    if not pairs:
        return [None] * len(outputs)
    rows, tangents = zip(*pairs)
    return _gradients(rows, v, tangents, create_graph, retain_graph)


def units(out):
    """A unit vector for each element of `out`: of out's shape, 1 there and 0 elsewhere.

    >>> import minitorch as torch
    >>> list(units(torch.zeros(2)))
    [tensor([1., 0.]), tensor([0., 1.])]
    """
    for i in range(out.array.size):
        unit = zeros_like(out)
        unit.array.flat[i] = 1
        yield unit


def _hessian_product(func, inputs, v, create_graph, strict, name):
    with enable_grad():
        inputs, one_input = _variables(inputs, name, create_graph)
        v = _vectors(v, inputs, one_input, name, "the input to the user-provided function is")
        outputs, one_output = _outputs(func, inputs, name, strict)
        _check_scalar(outputs, one_output, name)
        rows = _filled(_gradients(outputs, inputs, None, True), inputs, strict, False)
        if strict:
            _check_second(rows)
        found = _filled(_gradients(rows, inputs, v, create_graph), inputs, strict, create_graph)
    return _results(outputs, one_output, create_graph), _results(found, one_input, create_graph)


def _as_tensors(x, what, name):
    """(a tuple of tensors, whether it was a single tensor); TypeError for anything else."""
    if isinstance(x, TensorBase):
        return (x,), True
    if not isinstance(x, tuple):
        raise TypeError(f"The {what} given to {name} must be either a Tensor or a tuple of Tensors but the given "
                        f"{what} has type {type(x)}.")
    for i, item in enumerate(x):
        if not isinstance(item, TensorBase):
            raise TypeError(f"The {what} given to {name} must be either a Tensor or a tuple of Tensors but the value "
                            f"at index {i} has type {type(item)}.")
    return x, False


def _variables(inputs, name, create_graph):
    """Tensors with the inputs' numbers to differentiate by; with `create_graph` gradients flow on to the inputs."""
    inputs, one = _as_tensors(inputs, "inputs", name)
    return tuple([x.view_as(x) if create_graph and x.requires_grad else x.detach().requires_grad_()
                  for x in inputs]), one


def _outputs(func, inputs, name, strict):
    outputs, one = _as_tensors(func(*inputs), "outputs of the user-provided function", name)
    for i, out in enumerate(outputs):
        if strict and not out.requires_grad:
            raise RuntimeError(f"Output {i} of the user-provided function does not require gradients. The outputs must "
                               "be computed in a differentiable manner from the input when running in strict mode.")
    return outputs, one


def _vectors(v, like, one, name, what):
    """`v` as a tuple of the forms of `like`; None stands for 1, the only vector of a single element."""
    if v is None:
        if not one or like[0].array.size != 1:
            single = "a single Tensor with a single element"
            raise RuntimeError(f"The vector v can only be None if {what} {single}.")
        return (ones_like(like[0]),)
    v, _ = _as_tensors(v, "v", name)
    if len(v) != len(like):
        raise RuntimeError("The given v should contain a single Tensor." if one else
                           f"v is a tuple of invalid length: should be {len(like)} but got {len(v)}.")
    for i, (x, y) in enumerate(zip(v, like)):
        if x.array.shape != y.array.shape:
            entry = "" if one else f"Entry {i} in "
            raise RuntimeError(f"{entry}v has invalid size: should be {y.shape} but got {x.shape}.")
    return v


def _gradients(outputs, inputs, grad_outputs, create_graph, retain_graph=None):
    """grad, where an output may depend on nothing: None for each input without influence."""
    grad_outputs = [None] * len(outputs) if grad_outputs is None else grad_outputs
    pairs = [(out, v) for out, v in zip(outputs, grad_outputs) if out.requires_grad]
    if not pairs:
        return [None] * len(inputs)
    outputs, grad_outputs = zip(*pairs)
    return list(grad(outputs, inputs, grad_outputs, retain_graph or create_graph, create_graph, allow_unused=True))


def _filled(found, like, strict, create_graph,
            complaint="The output of the user-provided function is independent of input {i}."):
    """Zeros for None; in strict mode a RuntimeError for it, and for a derivative that has none, if one is wanted."""
    for i, x in enumerate(found):
        if strict and x is None:
            raise RuntimeError(complaint.format(i=i) + " This is not allowed in strict mode.")
        if strict and create_graph and not x.requires_grad:
            raise RuntimeError(f"The jacobian of the user-provided function is independent of input {i}. This is not "
                               "allowed in strict mode when create_graph=True.")
    return tuple([zeros_like(y) if x is None else x for x, y in zip(found, like)])


def _check_scalar(outputs, one, name):
    if not one:
        raise RuntimeError(f"The function given to {name} should return a single Tensor")
    if outputs[0].array.size != 1:
        raise RuntimeError(f"The Tensor returned by the function given to {name} should contain a single element")


def _check_second(gradients):
    for i, x in enumerate(gradients):
        if not x.requires_grad:
            raise RuntimeError("While computing the hessian, found that the jacobian of the user-provided function "
                               f"with respect to input {i} is independent of the input. This is not allowed in strict "
                               "mode. You should ensure that your function is twice differentiable and that the "
                               "jacobian depends on the inputs (this would be violated by a linear function for "
                               "example).")


def _check_strategy(strategy, vectorize, expected):
    if strategy not in ("forward-mode", "reverse-mode"):
        raise AssertionError(f"Expected {expected}")
    if strategy == "forward-mode" and not vectorize:
        raise NotImplementedError("Computing Jacobian using forward-AD or forward-over-reverse Hessian is only "
                                  "implemented for `vectorize=True`.")


def _results(tensors, one, create_graph):
    """In the form that the user gave, and without a graph unless it is wanted."""
    tensors = tuple([x if create_graph else x.detach() for x in tensors])
    return tensors[0] if one else tensors
