"""The base of all optimizers: groups of parameters, their state, and the loop of `step`. Each adds its formula."""
import functools
import warnings
from collections import OrderedDict, defaultdict
from copy import deepcopy

import numpy as np

from ..autograd import enable_grad, set_grad_enabled
from ..device import kernels_of
from ..engine import TensorBase, wrap
from ..hooks import RemovableHandle

_EVENTS = ("step_pre", "step_post", "state_dict_pre", "state_dict_post", "load_pre", "load_post")


def _with_hooks(step):
    """A step that calls the step hooks, and leaves a trace for the learning rate schedulers."""

    @functools.wraps(step)
    def wrapper(*args, **kwargs):
        self = args[0]
        for hook in list(self._hooks["step_pre"].values()):
            result = hook(self, args, kwargs)
            if result is not None:
                if not (isinstance(result, tuple) and len(result) == 2):
                    raise RuntimeError(f"{step} must return None or a tuple of (new_args, new_kwargs), but got "
                                       f"{result}.")
                args, kwargs = result
        self._opt_called = True
        loss = step(*args, **kwargs)
        for hook in list(self._hooks["step_post"].values()):
            hook(self, args, kwargs)
        return loss

    return wrapper


class Optimizer:
    """torch.optim.Optimizer: changes parameters so that a loss falls.

    params    tensors, or (name, tensor) pairs, or dicts {"params": tensors, option: value, ...}: groups with options
    defaults  {option: value} for groups that do not say otherwise

    A subclass writes `_update`, or a `step` of its own. Raises TypeError for parameters that are not leaf tensors in an
    ordered collection, ValueError for none or for one in two groups.

    With the option `differentiable`, a step is recorded by autograd like any other writing in place: the parameters,
    no longer leaves, then depend on gradients and options that require grad.

    >>> import minitorch as torch
    >>> class Descent(torch.optim.Optimizer):
    ...     def _update(self, k, param, grad, state, options):
    ...         param -= options["lr"] * grad
    >>> x = torch.ones(2, requires_grad=True)
    >>> (x * x).sum().backward(); Descent([x], {"lr": 0.25}).step(); x
    tensor([0.5000, 0.5000], requires_grad=True)
    """

    _opt_called = False  # schedulers warn where they are stepped first

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if "step" in vars(cls):
            cls.step = _with_hooks(cls.step)

    def __init__(self, params, defaults):
        if defaults.get("fused") and defaults.get("differentiable"):
            raise RuntimeError("`fused` does not support `differentiable`")
        if defaults.get("fused") and defaults.get("foreach"):
            raise RuntimeError("`fused` and `foreach` cannot be `True` together.")
        if isinstance(params, TensorBase):
            raise TypeError("params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
                            + params.type())
        self.defaults = defaults
        self.state = defaultdict(dict)  # parameter -> {name: tensor}
        self.param_groups = []
        self._hooks = {event: OrderedDict() for event in _EVENTS}
        groups = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)

    def add_param_group(self, param_group):
        """Add a group: {"params": tensors, option: value, ...}; the defaults fill in the options it lacks."""
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        params = param_group["params"]
        if isinstance(params, set):
            raise TypeError("optimizer parameters need to be organized in ordered collections, but the ordering of "
                            "tensors in sets will change between runs. Please use a list instead.")
        params = [params] if isinstance(params, TensorBase) else list(params)
        names = [param[0] for param in params if isinstance(param, tuple)]
        if names and len(names) != len(params):
            raise ValueError("all optimizer params should be with/without names. Some param names are missing")
        if names:
            param_group["param_names"] = names
            params = [param for _, param in params]
        for param in params:
            if not isinstance(param, TensorBase):
                raise TypeError(f"optimizer can only optimize Tensors, but one of the params is {type(param).__name__}")
            if not (param.is_leaf or param.retains_grad or self.defaults.get("differentiable")):
                raise ValueError("can't optimize a non-leaf Tensor")
        param_group["params"] = params
        for option, default in self.defaults.items():
            param_group.setdefault(option, default)
        if len(set(params)) < len(params):
            warnings.warn("optimizer contains a parameter group with duplicate parameters; in future, "
                          "this will cause an error; see github.com/pytorch/pytorch/issues/40967 for "
                          "more information", stacklevel=3)
        for group in self.param_groups:
            if ("param_names" in group) != bool(names):
                raise ValueError("all optimizer param groups should be with/without names. cannot add param group "
                                 f"{'with' if names else 'without'} names to the optimizer")
            if not set(params).isdisjoint(group["params"]):
                raise ValueError("some parameters appear in more than one parameter group")
        self.param_groups.append(param_group)

    # --------------------------------------------------------------------------------------------------- the update
    @_with_hooks
    def step(self, closure=None):
        """Update every parameter that has a gradient. `closure`, if given, first computes them; returns its loss."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        recorded = bool(self.defaults.get("differentiable"))
        with set_grad_enabled(recorded), np.errstate(all="ignore"):  # inf and nan are results here as elsewhere
            for group in self.param_groups:
                options = group if recorded else {name: _number(value) for name, value in group.items()}
                for param in group["params"]:
                    if param.grad is not None:
                        self._step_one(param, options, recorded)
        return loss

    def _step_one(self, param, options, recorded):
        """Update one parameter, and its state: as arrays; as tensors, with operations, if that is to be recorded."""
        state = self.state.get(param) or self._start(param, options)
        if recorded:
            k = kernels_of(param)
            self._update(k, param, self._gradient(k, param, param.grad, options), state, options)
        else:
            k, array = kernels_of(param.array), param.array
            arrays = {name: tensor.array for name, tensor in state.items()}
            self._update(k, array, self._gradient(k, array, param.grad.array, options), arrays, options)
            param.version()[0] += 1
            for name, array in arrays.items():
                if name not in state or state[name].array is not array:
                    state[name] = wrap(array)
        if state:
            self.state[param] = state

    def _start(self, param, options):
        """The state of a parameter before its first step: {name: tensor}."""
        return {}

    def _gradient(self, k, param, grad, options):
        """What to descend: -grad to maximize; plus weight_decay * param, the gradient of weight_decay / 2 * |param|².
        A decoupled weight decay shrinks `param` instead."""
        if options.get("maximize"):
            grad = k.neg(grad)
        weight_decay = options["weight_decay"] if "weight_decay" in self.defaults else 0
        if isinstance(weight_decay, TensorBase) or weight_decay != 0:
            if options.get("decoupled_weight_decay"):
                param *= 1 - options["lr"] * weight_decay
            else:
                grad = k.add(grad, k.mul(param, weight_decay))
        return grad

    def _update(self, k, param, grad, state, options):
        """Write the new values into `param` and the entries of `state`, or make new entries; only read `grad`.

        All are arrays, k the kernels that compute on them, and the options numbers; or tensors, and k is minitorch.ops.
        Both know the operators: `param -= lr * grad` is the whole of gradient descent.
        """
        raise NotImplementedError(f"{type(self).__name__} has neither a step nor an _update")

    def zero_grad(self, set_to_none=True):
        """Forget the gradients; with set_to_none=False, fill them with zeros instead."""
        for group in self.param_groups:
            for param in group["params"]:
                if set_to_none:
                    param.grad = None
                elif param.grad is not None:
                    param.grad.detach_().zero_()

    # ------------------------------------------------------------------------------------------------------- saving
    def state_dict(self):
        """{"state": {i: state of parameter i}, "param_groups": [...]}, the parameters counted over all groups.

        It shares the tensors of the state; torch's optimizer of the same name loads it, and ours loads torch's.
        """
        for hook in list(self._hooks["state_dict_pre"].values()):
            hook(self)
        index, groups = {}, []
        for group in self.param_groups:
            for param in group["params"]:
                index.setdefault(param, len(index))
            options = {option: value for option, value in group.items() if option != "params"}
            groups.append({**options, "params": [index[param] for param in group["params"]]})
        state = {index.get(key, key): value for key, value in self.state.items()}
        state_dict = {"state": state, "param_groups": groups}
        for hook in list(self._hooks["state_dict_post"].values()):
            state_dict = _or(hook(self, state_dict), state_dict)
        return state_dict

    def load_state_dict(self, state_dict):
        """Continue from a state_dict(): its options replace the groups', its state is cast to the parameters' dtypes.

        Raises ValueError where its groups differ from the optimizer's in number or size.
        """
        state_dict = dict(state_dict)
        for hook in list(self._hooks["load_pre"].values()):
            state_dict = _or(hook(self, state_dict), state_dict)
        groups = deepcopy(state_dict["param_groups"])
        if len(groups) != len(self.param_groups):
            raise ValueError("loaded state dict has a different number of parameter groups")
        if any(len(new["params"]) != len(old["params"]) for new, old in zip(groups, self.param_groups)):
            raise ValueError("loaded state dict contains a parameter group that doesn't match the size of "
                             "optimizer's group")
        params = {}
        for new, old in zip(groups, self.param_groups):
            params.update(zip(new["params"], old["params"]))
            new["params"] = old["params"]
            if "param_names" in old:
                new.setdefault("param_names", old["param_names"])
        self.param_groups[:] = groups
        self.state = defaultdict(dict)
        for key, value in state_dict["state"].items():
            if key in params:
                self.state[params[key]] = _cast(value, params[key])
            else:
                self.state[key] = value
        for hook in list(self._hooks["load_post"].values()):
            hook(self)

    def __getstate__(self):
        return {"defaults": self.defaults, "state": self.state, "param_groups": self.param_groups}

    def __setstate__(self, state):
        self.__dict__.update(state)
        self._hooks = {event: OrderedDict() for event in _EVENTS}

    def __repr__(self):
        groups = []
        for i, group in enumerate(self.param_groups):
            options = [f"    {option}: {group[option]}" for option in sorted(group) if option != "params"]
            groups.append("\n".join([f"\nParameter Group {i}", *options, ""]))
        return f"{type(self).__name__} ({''.join(groups)})"

    # -------------------------------------------------------------------------------------------------------- hooks
    def _register(self, event, hook, prepend=False):
        handle = RemovableHandle(self._hooks[event], hook)
        if prepend:
            self._hooks[event].move_to_end(handle.id, last=False)
        return handle

    def register_step_pre_hook(self, hook):
        """Call hook(optimizer, args, kwargs) before each step; it may return other (args, kwargs)."""
        return self._register("step_pre", hook)

    def register_step_post_hook(self, hook):
        """Call hook(optimizer, args, kwargs) after each step."""
        return self._register("step_post", hook)

    def register_state_dict_pre_hook(self, hook, prepend=False):
        """Call hook(optimizer) before state_dict()."""
        return self._register("state_dict_pre", hook, prepend)

    def register_state_dict_post_hook(self, hook, prepend=False):
        """Call hook(optimizer, state_dict) at the end of state_dict(); it may return another one."""
        return self._register("state_dict_post", hook, prepend)

    def register_load_state_dict_pre_hook(self, hook, prepend=False):
        """Call hook(optimizer, a shallow copy of state_dict) before it is loaded; it may return another one."""
        return self._register("load_pre", hook, prepend)

    def register_load_state_dict_post_hook(self, hook, prepend=False):
        """Call hook(optimizer) after load_state_dict()."""
        return self._register("load_post", hook, prepend)


# --------------------------------------------------------------------------------------------- helpers of optimizers
def count(state):
    """The number t = 1, 2, ... of the step that is being made."""
    state["step"] += 1
    return state["step"].item()


def average(average, x, weight):
    """average = (1 - weight) * average + weight * x"""
    average += weight * (x - average)


def average_square(average, x, decay):
    """average = decay * average + (1 - decay) * x²"""
    average *= decay
    average += (1 - decay) * x * x


def number(option):
    """An option as a number: lr may be a tensor of one element."""
    return option.item() if isinstance(option, TensorBase) else option


def _number(option):
    """The same where the option may be a tuple too."""
    return tuple(map(number, option)) if isinstance(option, tuple) else number(option)


_LABELS = {"lr": "learning rate", "eps": "epsilon value"}


def check_options(betas=(), **options):
    """ValueError unless each option is at least 0, and each beta in [0, 1)."""
    check_one_element(options.get("lr"))
    for name, value in options.items():
        if not 0 <= value:
            raise ValueError(f"Invalid {_LABELS.get(name, name + ' value')}: {value}")
    for i, beta in enumerate(betas):
        if not 0 <= beta < 1:
            raise ValueError(f"Invalid beta parameter at index {i}: {beta}")


def check_one_element(lr):
    """ValueError if `lr` is a tensor of more or fewer elements."""
    if isinstance(lr, TensorBase) and lr.numel() != 1:
        raise ValueError("Tensor lr must be 1-element")


def _or(value, default):
    return default if value is None else value


def _cast(value, param, name=None):
    """A loaded state with its floating-point tensors in the parameter's dtype, but for the count of steps."""
    if isinstance(value, TensorBase):
        return value if name == "step" or not param.is_floating_point() else value.to(param.dtype)
    if isinstance(value, dict):
        return {key: _cast(item, param, key) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_cast(item, param) for item in value)
    return value
