"""PyTorch's optimizer database (optim_db) run against minitorch.

Each class is run with every configuration of the database, and with each implementation flag it has, in both
libraries:

    path        20 steps in float64: parameters within 1e-6 (absolute and relative) of PyTorch's
    float32     the same in float32, within 1e-4
    flag        20 steps with foreach, fused or differentiable (1e-5: PyTorch then corrects the bias in float32)
    form        a tensor as lr, groups with options of their own, named parameters, a closure
    state       repr, defaults, and the state dict: keys, dtypes, values
    exchange    a state dict saved to a file in one library, loaded in the other, and stepped on: the same path
    gradient    through a differentiable step, with respect to the starting point and the problem
    error       the same exception type for arguments that PyTorch refuses
    message     and a text that PyTorch's pattern finds
"""
import inspect
import io
import re
import warnings

import numpy as np

import minitorch
from tests.oracle import import_torch
from tests.parity import convert
from tests.parity.score import Score

torch = import_torch()
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from torch.testing._internal.common_optimizers import optim_db

torch.set_num_threads(1)  # the matrices are tiny: on a busy machine its threads only wait for each other
LIBRARIES = (torch, minitorch)
STEPS = 20
NAMES = [entry.optim_cls.__name__ for entry in optim_db
         if entry.optim_cls.__name__ != "SparseAdam"]  # which needs sparse tensors
SCRATCH = {"al"}  # what PyTorch's LBFGS keeps between two loops, and saves
SHAPES = {"Muon": [(4, 3), (3, 5), (1, 6)]}  # which takes matrices only
BASE = {"LBFGS": {"max_iter": 3}}  # near the minimum, where more of them lead, rounding decides when to stop
TOLERANCE = {"Muon": 1e-5}  # it computes in bfloat16, where a sum in another order may change the last of 8 bits
FLOAT32_TOLERANCE = {"LBFGS": 5e-2}  # the line search subtracts losses that are nearly equal


def scores(names=None, limit=None):
    """A Score for each optimizer of the database, with `limit` configurations at most."""
    return [score(entry, limit) for entry in optim_db
            if entry.optim_cls.__name__ in NAMES and (names is None or entry.optim_cls.__name__ in names)]


def score(entry, limit=None):
    """Run one optimizer's configurations in both libraries."""
    name = entry.optim_cls.__name__
    result = Score(name)
    flags = set(inspect.signature(entry.optim_cls).parameters)
    base, tolerance = BASE.get(name, {}), TOLERANCE.get(name, 1e-6)
    configurations = entry.optim_inputs_func(device="cpu")[:limit]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for configuration in configurations:
            options, where = {**base, **configuration.kwargs}, configuration.desc
            with result.check("path", where):
                _same_path(*[_train(_Problem(lib, name, options)) for lib in LIBRARIES], tolerance)
            with result.check("float32", where):
                paths = [_train(_Problem(lib, name, options, dtype="float32")) for lib in LIBRARIES]
                _same_path(*paths, FLOAT32_TOLERANCE.get(name, 1e-4))
            for flag in entry.supported_impls:
                if not (flag == "foreach" and isinstance(options.get("lr"), torch.Tensor)):
                    with result.check("flag", f"{where}, {flag}"):
                        changed = {**options, flag: True}
                        paths = [_train(_Problem(lib, name, changed)) for lib in LIBRARIES]
                        _same_path(*paths, 1e-5 if flag == "differentiable" else 1e-6)
            with result.check("state", where):
                _same_state(name, options)
            for source, target in (LIBRARIES, LIBRARIES[::-1]):
                with result.check("exchange", f"{where}, from {source.__name__}"):
                    _exchange(name, options, source, target, tolerance)
            if "differentiable" in flags:
                _check_gradients(result, name, options, where)
        for form in ("tensor lr", "groups", "names", "closure"):
            if form != "groups" or entry.supports_param_groups:
                with result.check("form", form):
                    _same_path(*[_train(_Problem(lib, name, base, form=form)) for lib in LIBRARIES], tolerance)
        for error in entry.optim_error_inputs_func(device="cpu", dtype=torch.float32):
            if "complex" not in error.optimizer_error_input.desc:  # minitorch has no complex numbers to refuse
                _check_error(result, entry.optim_cls, error)
    return result


class _Problem:
    """Parameters of several shapes in one library, one without a gradient at every third step, and their optimizer."""

    def __init__(self, lib, name, options, dtype="float64", form="plain", seed=0):
        rng = np.random.default_rng(seed)
        shapes = SHAPES.get(name, [(4, 3), (5,), ()])
        self.lib, self.form = lib, form
        self.start = [lib.tensor(rng.normal(size=shape).astype(dtype), requires_grad=True) for shape in shapes]
        self.targets = [lib.tensor(rng.normal(size=shape).astype(dtype)) for shape in shapes]
        options = options if lib is torch else convert.to_minitorch(options)
        if form == "tensor lr":
            options = {**options, "lr": lib.tensor(0.02)}
        self.params = [x.clone() for x in self.start] if options.get("differentiable") else self.start
        self.optimizer = getattr(lib.optim, name)(self._arrange(form), **options)
        self.needs_closure = name == "LBFGS" or form == "closure"
        self.needs_all = bool(options.get("fused"))  # PyTorch's fused SGD fails where a momentum is younger

    def _arrange(self, form):
        if form == "groups":
            return [{"params": self.params[:1], "lr": 0.05}, {"params": self.params[1:], "weight_decay": 0.2}]
        return list(zip("abc", self.params)) if form == "names" else self.params

    def loss(self, t):
        """Different at each step."""
        used = self.params if t % 3 or self.needs_all else self.params[:2]
        return sum(((p - a) ** 2 * (1 + 0.1 * t) + 0.25 * (2 * p).cos()).sum() for p, a in zip(used, self.targets))

    def step(self, t):
        def closure():
            self.optimizer.zero_grad()
            loss = self.loss(t)
            loss.backward(inputs=self.params)
            return loss
        if self.needs_closure:
            self.optimizer.step(closure)
        else:
            closure()
            self.optimizer.step()

    def differentiable_step(self, t):
        """The gradient is part of the graph, and so is what the step makes of it."""
        grads = self.lib.autograd.grad(self.loss(t), self.params, create_graph=True)
        for param, grad in zip(self.params, grads):
            param.grad = grad
        self.optimizer.step()


def _train(problem, steps=STEPS, start=0):
    """The parameters after each step."""
    path = []
    for t in range(start, start + steps):
        problem.step(t)
        path.append([p.detach().numpy().copy() for p in problem.params])
    return path


def _same_path(theirs, ours, tolerance):
    for t, (their, our) in enumerate(zip(theirs, ours, strict=True)):
        for i, (a, b) in enumerate(zip(their, our, strict=True)):
            assert a.dtype == b.dtype
            np.testing.assert_allclose(b, a, tolerance, tolerance, err_msg=f"parameter {i} after step {t}")


def _same_state(name, options):
    theirs, ours = (_Problem(lib, name, options) for lib in LIBRARIES)
    assert repr(ours.optimizer) == repr(theirs.optimizer)
    same_state("defaults", theirs.optimizer.defaults, ours.optimizer.defaults, 1e-6)
    for steps in (0, 2):
        _train(theirs, steps), _train(ours, steps)
        same_state("state_dict()", theirs.optimizer.state_dict(), ours.optimizer.state_dict(), 1e-6)


def same_state(what, theirs, ours, tolerance):
    """Assert that two state dicts have the same keys, types and dtypes, and values within the relative tolerance."""
    if isinstance(theirs, torch.Tensor):
        assert str(ours.dtype) == str(theirs.dtype), f"{what} is {ours.dtype}, not {theirs.dtype}"
        np.testing.assert_allclose(ours.detach().numpy(), theirs.detach().numpy(), tolerance, tolerance,
                                   err_msg=what)
    elif isinstance(theirs, dict):
        keys = [key for key in theirs if key not in SCRATCH]
        assert set(ours) == set(keys), f"{what} has the keys {list(ours)}, not {keys}"
        for key in keys:
            same_state(f"{what}[{key!r}]", theirs[key], ours[key], tolerance)
    elif isinstance(theirs, (list, tuple)):
        assert type(ours) is type(theirs) and len(ours) == len(theirs), f"{what} is {ours}, not {theirs}"
        for i, (a, b) in enumerate(zip(theirs, ours)):
            same_state(f"{what}[{i}]", a, b, tolerance)
    elif isinstance(theirs, float):
        assert type(ours) is float
        np.testing.assert_allclose(ours, theirs, tolerance, err_msg=what)
    else:
        assert ours == theirs, f"{what} is {ours!r}, not {theirs!r}"


def _exchange(name, options, source, target, tolerance):
    """Three steps in one library, a file, and five more in both."""
    problem, other = _Problem(source, name, options), _Problem(target, name, {}, seed=1)
    _train(problem, 3)
    file = io.BytesIO()
    source.save([[p.detach() for p in problem.params], problem.optimizer.state_dict()], file)
    file.seek(0)
    values, state_dict = target.load(file)
    for param, value in zip(other.params, values):
        param.data = value
    other.targets = [target.tensor(a.numpy()) for a in problem.targets]
    other.optimizer.load_state_dict(state_dict)
    _same_path(_train(problem, 5, start=3), _train(other, 5, start=3), tolerance)


def _check_gradients(result, name, options, where):
    try:
        theirs = _gradients(torch, name, options)
    except RuntimeError:  # PyTorch cannot: it has written over what it needs
        return
    with result.check("gradient", where):
        for i, (a, b) in enumerate(zip(theirs, _gradients(minitorch, name, options), strict=True)):
            np.testing.assert_allclose(b.numpy(), a.numpy(), 1e-5, 1e-5, err_msg=f"gradient {i}")


def _gradients(lib, name, options):
    """Through one step, from a state with a past."""
    past = _Problem(lib, name, options)
    _train(past, 2)
    problem = _Problem(lib, name, {**options, "differentiable": True})
    for target in problem.targets:
        target.requires_grad_()
    problem.optimizer.load_state_dict(past.optimizer.state_dict())
    for group in problem.optimizer.param_groups:
        group["differentiable"] = True
    problem.differentiable_step(1)
    return lib.autograd.grad(problem.loss(2), problem.start + problem.targets)


def _check_error(result, optim_cls, error):
    sample = error.optimizer_error_input
    raised = None
    with result.check("error", sample.desc):
        params = sample.params if sample.params is not None else [torch.nn.Parameter(torch.randn(2, 3))]
        params, options = _twins(params, {}), convert.to_minitorch(sample.kwargs)
        with warnings.catch_warnings():
            warnings.simplefilter("error" if issubclass(error.error_type, Warning) else "ignore")
            try:
                optimizer = getattr(minitorch.optim, optim_cls.__name__)(params, **options)
                for group in optimizer.param_groups:
                    for param in group["params"]:
                        param.grad = minitorch.ones_like(param)
                optimizer.step()
            except Exception as problem:  # noqa: BLE001 - its type is what is checked
                raised = problem
        assert type(raised) is error.error_type, f"raised {raised!r}, not a {error.error_type.__name__}"
    if raised is not None:
        with result.check("message", sample.desc):
            assert re.search(error.error_regex, str(raised)), f"{str(raised)!r} has no {error.error_regex!r}"


def _twins(params, known):
    """Parameters as minitorch's; what was one tensor twice remains so."""
    if isinstance(params, torch.Tensor):
        return known.setdefault(id(params), convert.tensor(params))
    if isinstance(params, dict):
        return {key: _twins(value, known) for key, value in params.items()}
    if isinstance(params, (list, tuple)):
        return type(params)(_twins(value, known) for value in params)
    return params
