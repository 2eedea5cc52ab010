"""torch.func: transforms that take a function and return a function, and nest in any order.

>>> import minitorch as torch
>>> x = torch.tensor([1., 2.])
>>> grad(lambda x: grad(lambda y: (y ** 3).sum())(x).sum())(x)
tensor([ 6., 12.])

The derivatives run autograd on a *level* of their own: the arguments become new variables, the result loses its graph
again. What connects the levels is the graph: the variable of an inner level is a view of an outer one's, so whatever
reaches a leaf that is not the level's own can be differentiated outside. `vmap` is a plain loop over the mapped
dimension which stacks the results: it is here to say what you mean, not to be fast.
"""
import functools

from ._pytree import LEAF, children_of, same_node, tree_flatten, tree_leaves, tree_map, tree_unflatten
from .autograd.functional import pushforward, units
from .autograd.grad_mode import enable_grad
from .creation import zeros_like
from .differentiate import grad as gradients_of
from .graph import AccumulateGrad, TensorBase, grad_mode
from .ops import narrow, select, stack
from .nn.modules.batchnorm import _BatchNorm
from .nn.utils.stateless import functional_call
from .random import default_generator

__all__ = ["functional_call", "grad", "grad_and_value", "hessian", "jacfwd", "jacrev", "jvp", "linearize",
           "replace_all_batch_norm_modules_", "stack_module_state", "vjp", "vmap"]


def grad(func, argnums=0, has_aux=False):
    """A function that returns d func(*args) / d args[argnums]; func returns a 0-d tensor.

    argnums: an int, or a tuple for several arguments. An argument may be a container of tensors, a dict of parameters
    say; the gradient has its structure. has_aux: func returns (0-d tensor, anything), the result is (gradient,
    anything).

    >>> import minitorch as torch
    >>> grad(lambda x: (x ** 2).sum())(torch.tensor([1., 2.]))
    tensor([2., 4.])
    """
    with_value = grad_and_value(func, argnums, has_aux)

    @functools.wraps(func)
    def gradient(*args, **kwargs):
        found, value = with_value(*args, **kwargs)
        return (found, value[1]) if has_aux else found

    return gradient


def grad_and_value(func, argnums=0, has_aux=False):
    """As grad, for (gradient, value), and with `has_aux` (gradient, (value, anything)).

    >>> import minitorch as torch
    >>> grad_and_value(lambda x: (x ** 2).sum())(torch.tensor([1., 2.]))
    (tensor([2., 4.]), tensor(5.))
    """
    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        level = _Level()
        args, variables = level.variables(args, argnums)
        with enable_grad():
            out = func(*args, **kwargs)
            out, aux = _split(out, has_aux, "grad_and_value(f)(*args): output of function f should be a tuple: "
                                            "(output, aux) if has_aux is True")
            if not isinstance(out, TensorBase):
                raise RuntimeError("grad_and_value(f)(*args): Expected f(*args) to return a Tensor, got "
                                   f"{type(out)}")
            if out.array.ndim:
                raise RuntimeError("grad_and_value(f)(*args): Expected f(*args) to return a scalar Tensor, got tensor "
                                   f"with {out.array.ndim} dims. Maybe you wanted to use the vjp or jacrev APIs "
                                   "instead?")
            found = level.gradients([out], variables, [None])
        found, value = level.leave(found), level.leave(out)
        return found, (value, level.leave(aux)) if has_aux else value

    return wrapper


def vjp(func, *primals, has_aux=False):
    """(func(*primals), f) where f(v) is the tuple v . J, for `v` in the form of the output; with `has_aux`, also aux.

    >>> import minitorch as torch
    >>> out, f = vjp(lambda x: x ** 2, torch.tensor([1., 2.]))
    >>> f(torch.tensor([1., 10.]))
    (tensor([ 2., 40.]),)
    """
    level = _Level()
    variables = tree_map(level.variable, primals)
    with enable_grad():
        out, aux = _split(func(*variables), has_aux, "vjp(f, *primals): output of function f should be a tuple: "
                                                     "(output, aux) if has_aux is True")
    _check_tensors(out, "vjp(f, *primals)")
    outputs, structure = tree_flatten(out)

    def pullback(cotangents, retain_graph=True, create_graph=None):
        v, given = tree_flatten(cotangents)
        if not _same_structure(given, structure):
            raise RuntimeError("Expected pytree structure of cotangents to be the same as pytree structure of outputs "
                               f"to the function. cotangents: {given}, primal output: {structure}")
        return level.leave(level.gradients(outputs, variables, v, retain_graph))

    result = level.leave(out), pullback
    return (*result, level.leave(aux)) if has_aux else result


def jvp(func, primals, tangents, *, strict=False, has_aux=False):
    """(func(*primals), J . tangents): the output, and how it moves as the primals move along the tangents.

    `strict`: RuntimeError for an output that depends on no input (else its tangent is 0).

    >>> import minitorch as torch
    >>> jvp(torch.sin, (torch.tensor(0.),), (torch.tensor(2.),))
    (tensor(0.), tensor(2.))
    """
    if not isinstance(primals, tuple):
        raise RuntimeError("jvp(f, primals, tangents): Expected primals to be a tuple. E.g. it should be valid to call "
                           "f(*primals).")
    out, push, *aux = _linearized(func, primals, strict, has_aux)
    return (out, push(tangents), *aux)


def linearize(func, *primals):
    """(func(*primals), f) where f(*tangents) is J . tangents.

    >>> import minitorch as torch
    >>> out, f = linearize(torch.sin, torch.tensor(0.))
    >>> f(torch.tensor(2.))
    tensor(2.)
    """
    out, push = _linearized(func, primals)
    return out, lambda *tangents: push(tangents)


def jacrev(func, argnums=0, *, has_aux=False, chunk_size=None):
    """A function that returns the Jacobian of func, of shape (*output.shape, *args[argnums].shape), row by row.

    Containers give nested containers: the output's outside, the argument's inside. argnums, has_aux: as in grad.

    >>> import minitorch as torch
    >>> jacrev(lambda x: x ** 2)(torch.tensor([1., 2.]))
    tensor([[2., 0.],
            [0., 4.]])
    """
    if chunk_size is not None and chunk_size < 1:
        raise ValueError("jacrev: `chunk_size` should be greater than 0.")

    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        level = _Level()
        args, variables = level.variables(args, argnums)
        with enable_grad():
            out, aux = _split(func(*args, **kwargs), has_aux, "jacrev(f)(*args): output of function f should be a "
                                                              "tuple: (output, aux) if has_aux is True")
            _check_tensors(out, "vjp(f, *primals)")
            inputs, structure = tree_flatten(variables)

            def rows(y):
                found = [level.gradients([y], inputs, [unit], True) for unit in units(y)]
                # y.numel() rows of x.shape -> (y.numel(), *x.shape) -> (*y.shape, *x.shape)
                blocks = [_side_by_side([row[i] for row in found], 0, x).view(*y.shape, *x.shape)
                          for i, x in enumerate(inputs)]
                return tree_unflatten(blocks, structure)

            found = tree_map(rows, out)
        return (level.leave(found), level.leave(aux)) if has_aux else level.leave(found)

    return wrapper


def _side_by_side(slopes, dim, x):
    """The slopes, each of x's shape, along a new dimension, which may be empty."""
    return stack(slopes, dim) if slopes else x.new_zeros(0)


def jacfwd(func, argnums=0, has_aux=False, *, randomness="error"):
    """As jacrev, but column by column: for functions with more outputs than inputs.

    >>> import minitorch as torch
    >>> jacfwd(lambda x: x ** 2)(torch.tensor([1., 2.]))
    tensor([[2., 0.],
            [0., 4.]])
    """
    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        chosen = _chosen(args, argnums)

        def of_chosen(*values):
            return func(*_replaced(args, argnums, values), **kwargs)

        out, push, *aux = _linearized(of_chosen, chosen, False, has_aux)
        inputs, structure = tree_flatten(chosen)
        outputs, out_structure = tree_flatten(out)

        def columns(i):
            """d(each output) / d(input i)."""
            still = [zeros_like(x) for x in inputs]
            moves = [tree_leaves(push(tree_unflatten([*still[:i], unit, *still[i + 1:]], structure)))
                     for unit in units(inputs[i])]
            # x.numel() columns of y.shape -> (*y.shape, x.numel()) -> (*y.shape, *x.shape)
            return [_side_by_side([move[o] for move in moves], -1, y).view(*y.shape, *inputs[i].shape)
                    for o, y in enumerate(outputs)]

        blocks = [columns(i) for i in range(len(inputs))]
        found = [tree_unflatten(of_output, structure) for of_output in zip(*blocks)]
        found = tree_unflatten([_chosen_form(x, argnums) for x in found], out_structure)
        return (found, *aux) if has_aux else found

    return wrapper


def hessian(func, argnums=0):
    """A function that returns the second derivatives of func: the Jacobian of its Jacobian.

    >>> import minitorch as torch
    >>> hessian(lambda x: x.prod())(torch.tensor([2., 3.]))
    tensor([[0., 1.],
            [1., 0.]])
    """
    return jacrev(jacrev(func, argnums), argnums)


def vmap(func, in_dims=0, out_dims=0, randomness="error", *, chunk_size=None):
    """A function that maps `func` over a dimension of its arguments and stacks the results.

    in_dims: which dimension of each argument: an int for all, or a tuple, nested as the arguments are; None passes an
    argument on whole. out_dims: where the results' new dimension goes. randomness: what random functions do inside:
    "error", "different" numbers for each call, or the "same". chunk_size changes nothing: func gets one item at a time.

    >>> import minitorch as torch
    >>> vmap(torch.dot)(torch.tensor([[1., 2.], [3., 4.]]), torch.ones(2, 2))
    tensor([3., 7.])
    """
    if randomness not in ("error", "different", "same"):
        raise RuntimeError(f"Only allowed values for randomness are 'error', 'different', or 'same'. Got {randomness}")
    if chunk_size is not None and chunk_size < 1:
        raise ValueError(f"vmap: chunk_size should be None or greater than 0. (got {chunk_size})")
    name = getattr(func, "__name__", repr(func))

    @functools.wraps(func)
    def mapped(*args, **kwargs):
        dims, leaves, structure = _mapped_dims(name, in_dims, args)
        n = _mapped_size(dims, leaves)
        if not n:  # one call with zeros finds out the results' shapes
            leaves = [x if d is None else x.new_zeros(*x.shape[:d], 1, *x.shape[d + 1:]) for x, d in zip(leaves, dims)]
        results, state = [], default_generator.get_state()
        for i in range(n or 1):
            if randomness == "same":
                default_generator.set_state(state)
            items = [x if d is None else select(x, d, i) for x, d in zip(leaves, dims)]
            results.append(func(*tree_unflatten(items, structure), **kwargs))
            if randomness == "error" and (default_generator.get_state() != state).any():
                default_generator.set_state(state)
                raise RuntimeError("vmap: called random operation while in randomness error mode. Please either use "
                                   "the 'same' or 'different' randomness flags on vmap or perform the randomness "
                                   "operation out of vmap")
        return _stacked(name, out_dims, results, n)

    return mapped


def stack_module_state(models):
    """(parameters, buffers) of several models of one class, stacked: dicts of tensors of shape (models, ...).

    >>> import minitorch as torch
    >>> parameters, buffers = stack_module_state([torch.nn.Linear(3, 2), torch.nn.Linear(3, 2)])
    >>> {name: x.shape for name, x in parameters.items()}
    {'weight': torch.Size([2, 2, 3]), 'bias': torch.Size([2, 2])}
    """
    if not models:
        raise RuntimeError("stack_module_state: Expected at least one model, got 0.")
    if any(model.training != models[0].training for model in models):
        raise RuntimeError("stack_module_state: Expected all models to have the same training/eval mode.")
    if any(type(model) is not type(models[0]) for model in models):
        raise RuntimeError("stack_module_state: Expected all models to be of the same class.")

    def stacked(each):
        return {name: stack([d[name] for d in each]).detach().requires_grad_(x.requires_grad)
                for name, x in each[0].items()}

    return (stacked([dict(model.named_parameters()) for model in models]),
            stacked([dict(model.named_buffers()) for model in models]))


def replace_all_batch_norm_modules_(root):
    """Have every batch norm in `root` use the batch's statistics only: running ones would be written in a transform.

    >>> import minitorch as torch
    >>> model = replace_all_batch_norm_modules_(torch.nn.Sequential(torch.nn.BatchNorm1d(3)))
    >>> print(model[0].running_mean)
    None
    """
    for module in root.modules():
        if isinstance(module, _BatchNorm):
            module.running_mean = module.running_var = module.num_batches_tracked = None
            module.track_running_stats = False
    return root


class _Level:
    """One transform at work: its variables, and what has to be differentiable outside of it."""

    def __init__(self):
        self.recorded = grad_mode.enabled  # may the results be differentiated outside?
        self.leaves = set()  # variables of this level alone

    def variable(self, x):
        """A new variable with the numbers of x; a view of x, if gradients flow on to x."""
        if not isinstance(x, TensorBase):
            raise ValueError(f"Thing passed to transform API must be Tensor, got {type(x)}")
        if self.recorded and x.requires_grad:
            return x.view_as(x)
        variable = x.detach().requires_grad_()
        self.leaves.add(variable)
        return variable

    def variables(self, args, argnums):
        """(args with variables for the chosen ones, the chosen ones)."""
        chosen = tuple([tree_map(self.variable, x) for x in _chosen(args, argnums)])
        return _replaced(args, argnums, chosen), _chosen_form(chosen, argnums)

    def reaches_outside(self, tensors):
        """Whether the graph of these tensors has a leaf that is not this level's own."""
        if not self.recorded:
            return False
        seen, stack = set(), [edge[0] for edge in [x.edge() for x in tensors] if edge]
        while stack:
            node = stack.pop()
            if isinstance(node, AccumulateGrad) and node.variable not in self.leaves:
                return True
            if node not in seen:
                seen.add(node)
                stack += [edge[0] for edge in node.edges if edge]
        return False

    def gradients(self, outputs, variables, v, retain_graph=None):
        """The gradient of each variable in a tree; zeros where there is no influence."""
        inputs, structure = tree_flatten(variables)
        pairs = [(y, u) for y, u in zip(outputs, v) if y.requires_grad]
        if not pairs or not inputs:
            return tree_map(zeros_like, variables)
        outputs, v = zip(*pairs)
        create_graph = self.reaches_outside([*outputs, *[u for u in v if u is not None]])
        with enable_grad():
            found = gradients_of(outputs, inputs, v, retain_graph or create_graph, create_graph,
                                 materialize_grads=True)
        return tree_unflatten(found, structure)

    def leave(self, tree):
        """The tensors of a result, without this level's graph."""
        return tree_map(self._outer, tree)

    def _outer(self, x):
        if not isinstance(x, TensorBase):
            raise RuntimeError(f"Expected tensors, got unsupported type {type(x)}")
        return x if x.requires_grad and self.reaches_outside([x]) else x.detach()


def _linearized(func, primals, strict=False, has_aux=False):
    """(output, the function tangents -> J . tangents), and with has_aux the aux."""
    level = _Level()
    variables = tree_map(level.variable, primals)
    with enable_grad():
        out, aux = _split(func(*variables), has_aux, "jvp(f, primals, tangents): output of function f should be a "
                                                     "tuple: (output, aux) if has_aux is True")
    _check_tensors(out, "jvp(f, primals, tangents)")
    inputs, structure = tree_flatten(variables)
    outputs, out_structure = tree_flatten(out)

    def push(tangents):
        u, given = tree_flatten(tangents)
        if not _same_structure(given, structure):
            raise RuntimeError("jvp(f, primals, tangents): Expected primals and tangents to have the same python "
                               "structure. For example, if primals is a tuple of 3 tensors, tangents also must be. Got "
                               f"primals with structure {structure} and tangents with structure {given}")
        for x, tangent in zip(inputs, u):
            if x.array.shape != tangent.array.shape:
                raise RuntimeError("Trying to set a forward gradient that has a different size than that of the "
                                   f"original Tensor, this is not supported. Tensor is of size {list(x.array.shape)} "
                                   f"while the given forward gradient is of size {list(tangent.array.shape)}.")
        with enable_grad():
            found = pushforward(outputs, inputs, u, level.reaches_outside([*outputs, *u]), retain_graph=True)
        if strict and None in found:
            raise RuntimeError("jvp(f, primals, tangents, strict=True): The output of f is independent of the inputs. "
                               "This is not allowed with strict=True.")
        found = [zeros_like(y) if x is None else x for x, y in zip(found, outputs)]
        return level.leave(tree_unflatten(found, out_structure))

    result = level.leave(out), push
    return (*result, level.leave(aux)) if has_aux else result


def _split(out, has_aux, complaint):
    """(output, aux) of what the function returned."""
    if not has_aux:
        return out, None
    if not (isinstance(out, tuple) and len(out) == 2):
        raise RuntimeError(complaint)
    return out


def _check_tensors(out, name):
    for x in tree_leaves(out):
        if not isinstance(x, TensorBase):
            raise RuntimeError(f"{name}: expected f(*primals) to return only tensors, got unsupported type {type(x)}")


def _same_structure(a, b):
    if a is LEAF or b is LEAF:
        return a is b
    return same_node(a, b) and all(map(_same_structure, children_of(a), children_of(b)))


def _chosen(args, argnums):
    """The arguments that argnums names, as a tuple."""
    numbers = (argnums,) if isinstance(argnums, int) else argnums
    if not isinstance(numbers, tuple) or not all(isinstance(i, int) for i in numbers):
        raise RuntimeError(f"argnums must be int or Tuple[int, ...], got: {type(argnums)}")
    if not numbers:
        raise RuntimeError("argnums must be non-empty")
    if len(set(numbers)) != len(numbers):
        raise RuntimeError(f"argnums elements must be unique, got {argnums}")
    for i in numbers:
        if not -len(args) <= i < len(args):
            raise RuntimeError(f"Got argnum={i}, but only {len(args)} positional inputs")
    return tuple([args[i] for i in numbers])


def _replaced(args, argnums, values):
    """The arguments, with `values` in the place of those that argnums names."""
    args = list(args)
    for i, value in zip((argnums,) if isinstance(argnums, int) else argnums, values):
        args[i] = value
    return tuple(args)


def _chosen_form(values, argnums):
    """A tuple for a tuple of argnums, else the one value."""
    return values[0] if isinstance(argnums, int) else values


def _mapped_dims(name, in_dims, args):
    """(the mapped dimension, or None, of each leaf of args; the leaves; their structure)."""
    call = f"vmap({name}, in_dims={in_dims}, ...)(<inputs>)"
    if not isinstance(in_dims, (int, tuple)):
        raise ValueError(f"{call}: expected `in_dims` to be int or a (potentially nested) tuple matching the structure "
                         f"of inputs, got: {type(in_dims)}.")
    if not args:
        raise ValueError(f"vmap({name})(<inputs>): got no inputs. Maybe you forgot to add inputs, or you are trying to "
                         "vmap over a function with no inputs. The latter is unsupported.")
    leaves, structure = tree_flatten(args)
    dims = _spread(in_dims, structure)
    if dims is None:
        raise ValueError(f"{call}: in_dims is not compatible with the structure of `inputs`. in_dims has structure "
                         f"{tree_flatten(in_dims)[1]} but inputs has structure {structure}.")
    for i, (dim, x) in enumerate(zip(dims, leaves)):
        if dim is None:
            continue
        if not isinstance(dim, int):
            raise ValueError(f"{call}: Got in_dim={dim} for an input but in_dim must be either an integer dimension or "
                             "None.")
        if not isinstance(x, TensorBase):
            raise ValueError(f"{call}: Got in_dim={dim} for an input but the input is of type {type(x)}. We cannot "
                             "vmap over non-Tensor arguments, please use None as the respective in_dim")
        ndim = x.array.ndim
        if not -ndim <= dim < ndim:
            raise ValueError(f"{call}: Got in_dim={dim} for some input, but that input is a Tensor of dimensionality "
                             f"{ndim} so expected in_dim to satisfy -{ndim} <= in_dim < {ndim}.")
        dims[i] = dim % ndim
    return dims, leaves, structure


def _spread(dims, structure):
    """A value of `dims` for each leaf of the structure, of which `dims` is an upper part; None if it is not."""
    if children_of(dims) is None:
        return [dims] * len(tree_leaves(structure))
    if structure is LEAF or not same_node(dims, structure):
        return None
    parts = [_spread(dim, child) for dim, child in zip(children_of(dims), children_of(structure))]
    return None if None in parts else sum(parts, [])


def _mapped_size(dims, leaves):
    """The length of the mapped dimension, one for all."""
    lengths = [x.array.shape[dim] for dim, x in zip(dims, leaves) if dim is not None]
    if not lengths:
        raise ValueError("vmap: Expected at least one Tensor to vmap over")
    if len(set(lengths)) > 1:
        raise ValueError("vmap: Expected all tensors to have the same size in the mapped dimension, got sizes "
                         f"{lengths} for the mapped dimension")
    return lengths[0]


def _stacked(name, out_dims, results, n):
    """One tree of tensors, of the first n of the trees that the calls returned."""
    if not all(dim is None or isinstance(dim, int) for dim in tree_leaves(out_dims)):
        raise ValueError(f"vmap({name}, ..., out_dims={out_dims}): `out_dims` must be an int, None or a python "
                         "collection of ints representing where in the outputs the vmapped dimension should appear.")
    each, structure = [tree_leaves(result) for result in results], tree_flatten(results[0])[1]
    dims = _spread(out_dims, structure)
    if dims is None and structure is LEAF and len(tree_leaves(out_dims)) == 1:
        dims = tree_leaves(out_dims)
    if dims is None:
        raise ValueError(f"vmap({name}, ..., out_dims={out_dims})(<inputs>): out_dims is not compatible with the "
                         f"structure of `outputs`. out_dims has structure {tree_flatten(out_dims)[1]} but outputs has "
                         f"structure {structure}.")
    stacked = []
    for dim, values in zip(dims, zip(*each)):
        if dim is not None and not isinstance(values[0], TensorBase):
            raise ValueError(f"vmap({name}, ...): `{name}` must only return Tensors, got type {type(values[0])}. Did "
                             "you mean to set out_dims= to None for output?")
        stacked.append(values[-1] if dim is None else narrow(stack(values, dim), dim, 0, n))
    return tree_unflatten(stacked, structure)
