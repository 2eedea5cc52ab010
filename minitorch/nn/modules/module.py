"""Module: a part of a model. It owns parameters, buffers and other modules, and computes `forward`.

Assigning to an attribute registers: a Parameter goes to `_parameters`, a Module to `_modules`; a tensor given to
register_buffer goes to `_buffers`. From these three dicts follows all else, by walking the tree of modules: what there
is to learn (`parameters`), to save (`state_dict`), to move (`to`), to print (`repr`).
"""
import warnings
from collections import OrderedDict, namedtuple
from collections.abc import Mapping

from ... import creation, dtypes
from ...hooks import RemovableHandle
from ...tensor import Tensor, parse_to
from ..parameter import Buffer, Parameter, is_lazy
from .backward_hooks import BackwardHooks, global_backward_hooks, global_backward_pre_hooks

_EXTRA_STATE = "_extra_state"  # the key of get_extra_state() in a state dict
_Hook = namedtuple("_Hook", "function with_kwargs always_call", defaults=(False, False))


# Hooks on all modules: what the functions register_module_*_hook fill.
_global_forward_pre_hooks, _global_forward_hooks = OrderedDict(), OrderedDict()
_parameter_registration_hooks, _buffer_registration_hooks = OrderedDict(), OrderedDict()
_module_registration_hooks = OrderedDict()


class _IncompatibleKeys(namedtuple("_IncompatibleKeys", "missing_keys unexpected_keys")):
    """What load_state_dict returns: the keys that only the module has, and those that only the state dict has."""

    __slots__ = ()

    def __repr__(self):
        return super().__repr__() if self.missing_keys or self.unexpected_keys else "<All keys matched successfully>"

    __str__ = __repr__


class Module:
    """The base class of all layers and models: call super().__init__() first, define forward().

    >>> from minitorch import nn
    >>> class Scale(nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.factor = nn.Parameter(torch.tensor(3.))
    ...     def forward(self, x):
    ...         return x * self.factor
    >>> import minitorch as torch
    >>> Scale()(torch.ones(2))
    tensor([3., 3.], grad_fn=<MulBackward0>)
    """

    _version = 1  # of the layout of this class's state dict, saved in its metadata

    def __init__(self):
        self.training = True
        self._parameters, self._buffers, self._modules = {}, {}, {}
        self._non_persistent_buffers_set = set()
        self._forward_pre_hooks, self._forward_hooks = OrderedDict(), OrderedDict()
        self._backward_pre_hooks, self._backward_hooks = OrderedDict(), OrderedDict()
        self._state_dict_pre_hooks, self._state_dict_hooks = OrderedDict(), OrderedDict()
        self._load_state_dict_pre_hooks, self._load_state_dict_post_hooks = OrderedDict(), OrderedDict()

    # ----------------------------------------------------------------------------------------------------- calling
    def __call__(self, *args, **kwargs):
        if (self._forward_pre_hooks or self._forward_hooks or self._backward_pre_hooks or self._backward_hooks
                or _global_forward_pre_hooks or _global_forward_hooks or global_backward_pre_hooks
                or global_backward_hooks):
            return self._call_with_hooks(args, kwargs)
        return self.forward(*args, **kwargs)

    def forward(self, *args, **kwargs):
        """What the module computes. Call the module itself, not this: that runs the hooks too."""
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    def _call_with_hooks(self, args, kwargs):
        result = None
        hooks = {**_global_forward_hooks, **self._forward_hooks}  # ids are unique among all hooks
        unconditional = {key: hook for key, hook in hooks.items() if hook.always_call}
        try:
            for hook in [*_global_forward_pre_hooks.values(), *self._forward_pre_hooks.values()]:
                args, kwargs = self._run_forward_pre_hook(hook, args, kwargs)
            watch = BackwardHooks(self)
            watch = watch if watch.pre_hooks or watch.hooks else None
            if watch is not None:
                args = watch.watch_inputs(args)
            result = self.forward(*args, **kwargs)
            for key, hook in hooks.items():
                unconditional.pop(key, None)
                result = self._run_forward_hook(hook, args, kwargs, result)
            return result if watch is None else watch.watch_outputs(result)
        except Exception:
            for hook in unconditional.values():
                try:
                    result = self._run_forward_hook(hook, args, kwargs, result)
                except Exception as error:
                    warnings.warn("module forward hook with ``always_call=True`` raised an exception that was silenced "
                                  f"as another error was raised in forward: {error}", stacklevel=3)
            raise

    def _run_forward_pre_hook(self, hook, args, kwargs):
        if hook.with_kwargs:
            replacement = hook.function(self, args, kwargs)
            if replacement is None:
                return args, kwargs
            if not isinstance(replacement, tuple) or len(replacement) != 2:
                raise RuntimeError("forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got "
                                   f"{replacement}.")
            return replacement
        replacement = hook.function(self, args)
        if replacement is None:
            return args, kwargs
        return replacement if isinstance(replacement, tuple) else (replacement,), kwargs

    def _run_forward_hook(self, hook, args, kwargs, result):
        inputs = (args, kwargs) if hook.with_kwargs else (args,)
        replacement = hook.function(self, *inputs, result)
        return result if replacement is None else replacement

    def register_forward_pre_hook(self, hook, *, prepend=False, with_kwargs=False):
        """Before forward, call hook(module, args) -> None or new args; with_kwargs: (module, args, kwargs) -> both."""
        return _add_hook(self._forward_pre_hooks, _Hook(hook, with_kwargs), prepend)

    def register_forward_hook(self, hook, *, prepend=False, with_kwargs=False, always_call=False):
        """After forward, call hook(module, args, output) -> None or a new output.

        with_kwargs: hook(module, args, kwargs, output).
        always_call: even if forward or another hook raised an exception (the output may be None then).
        """
        return _add_hook(self._forward_hooks, _Hook(hook, with_kwargs, always_call), prepend)

    def register_full_backward_pre_hook(self, hook, prepend=False):
        """In backward, before the module, call hook(module, grad_output) -> None or a new grad_output."""
        return _add_hook(self._backward_pre_hooks, hook, prepend)

    def register_full_backward_hook(self, hook, prepend=False):
        """In backward, after the module, call hook(module, grad_input, grad_output) -> None or a new grad_input.

        Both are tuples, with None for what is not a tensor; keyword arguments are not among them.
        """
        return _add_hook(self._backward_hooks, hook, prepend)

    register_backward_hook = register_full_backward_hook  # the older name

    def register_state_dict_pre_hook(self, hook):
        """Before this module's part of state_dict(), call hook(module, prefix, keep_vars)."""
        return RemovableHandle(self._state_dict_pre_hooks, hook)

    def register_state_dict_post_hook(self, hook):
        """After this module's part of state_dict(), call hook(module, state_dict, prefix, local_metadata) -> None."""
        return RemovableHandle(self._state_dict_hooks, hook)

    def register_load_state_dict_pre_hook(self, hook):
        """Before loading, call hook(module, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys,
        error_msgs)."""
        return RemovableHandle(self._load_state_dict_pre_hooks, hook)

    def register_load_state_dict_post_hook(self, hook):
        """After loading, call hook(module, incompatible_keys) -> None; it may change the two lists of keys."""
        return RemovableHandle(self._load_state_dict_post_hooks, hook)

    # ------------------------------------------------------------------------------------------------ registration
    def register_parameter(self, name, param):
        """Add a Parameter, or None: a parameter that is absent."""
        self._check_name("parameter", self.__dict__.get("_parameters"), name)
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(f"cannot assign '{_typename(param)}' object to parameter '{name}' "
                            "(torch.nn.Parameter or None required)")
        if param is not None and param.grad_fn is not None:
            raise ValueError(f"Cannot assign non-leaf Tensor to parameter '{name}'. Model parameters must be created "
                             f"explicitly. To express '{name}' as a function of another Tensor, compute the value in "
                             "the forward() method.")
        self._parameters[name] = _announced(_parameter_registration_hooks, self, name, param)

    def register_buffer(self, name, tensor, persistent=True):
        """Add a tensor (or None) that is not learned; state_dict() leaves it out if not `persistent`."""
        self._check_name("buffer", self.__dict__.get("_buffers"), name)
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(f"cannot assign '{_typename(tensor)}' object to buffer '{name}' "
                            "(torch Tensor or None required)")
        self._buffers[name] = _announced(_buffer_registration_hooks, self, name, tensor)
        if persistent:
            self._non_persistent_buffers_set.discard(name)
        else:
            self._non_persistent_buffers_set.add(name)

    def register_module(self, name, module):
        """Add a child module, or None."""
        if not isinstance(module, Module) and module is not None:
            raise TypeError(f"{_typename(module)} is not a Module subclass")
        self._check_name("module", self.__dict__.get("_modules"), name)
        self._modules[name] = _announced(_module_registration_hooks, self, name, module)

    add_module = register_module

    def _check_name(self, kind, registered, name):
        if registered is None:
            raise AttributeError(f"cannot assign {kind} before Module.__init__() call")
        if not isinstance(name, str):
            raise TypeError(f"{kind} name should be a string. Got {_typename(name)}")
        if "." in name:
            raise KeyError(f'{kind} name can\'t contain ".", got: {name}')
        if name == "":
            raise KeyError(f'{kind} name can\'t be empty string ""')
        if name not in registered and hasattr(self, name):
            raise KeyError(f"attribute '{name}' already exists")

    def __setattr__(self, name, value):
        """Register Parameters, Modules and Buffers; keep a registered name to its kind; else as usual."""
        for kind in _KINDS:
            registered = self.__dict__.get(kind.store)
            if isinstance(value, kind.type):
                if registered is None:
                    raise AttributeError(f"cannot assign {kind.plural} before Module.__init__() call")
                if name not in registered and (name in self.__dict__ or self._is_registered(name)):
                    delattr(self, name)  # it changes its kind
                if kind.type is Parameter:
                    self.register_parameter(name, value)
                elif kind.type is Buffer:
                    self.register_buffer(name, value, value.persistent)
                else:
                    registered[name] = _announced(_module_registration_hooks, self, name, value)
                return
            if registered is not None and name in registered:
                if value is not None and not (kind.type is Buffer and isinstance(value, Tensor)):
                    raise TypeError(f"cannot assign '{_typename(value)}' as {kind.name} '{name}' "
                                    f"({kind.accepts} or None expected)")
                registered[name] = value
                return
        super().__setattr__(name, value)

    def _is_registered(self, name):
        return any(name in self.__dict__.get(kind.store, ()) for kind in _KINDS)

    def __getattr__(self, name):  # called for what is not an ordinary attribute
        for store in ("_modules", "_parameters", "_buffers"):
            registered = self.__dict__.get(store, ())  # nothing, before Module.__init__()
            if name in registered:
                return registered[name]
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __delattr__(self, name):
        for kind in _KINDS:
            if name in self.__dict__.get(kind.store, ()):
                del self.__dict__[kind.store][name]
                self._non_persistent_buffers_set.discard(name)
                return
        super().__delattr__(name)

    def __dir__(self):
        names = {*super().__dir__(), *self._parameters, *self._modules, *self._buffers}
        return sorted(name for name in names if not name[0].isdigit())

    # -------------------------------------------------------------------------------------------- walking the tree
    def named_modules(self, memo=None, prefix="", remove_duplicate=True):
        """(dotted name, module) for this module and all below, parents first; a shared module once."""
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                yield from module.named_modules(memo, f"{prefix}.{name}" if prefix else name, remove_duplicate)

    def modules(self, remove_duplicate=True):
        """This module and all below."""
        for _, module in self.named_modules(remove_duplicate=remove_duplicate):
            yield module

    def named_children(self):
        """(name, module) for each direct child; a shared child once."""
        memo = set()
        for name, module in self._modules.items():
            if module is not None and module not in memo:
                memo.add(module)
                yield name, module

    def children(self):
        """The direct child modules."""
        for _, module in self.named_children():
            yield module

    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        """(dotted name, Parameter) for this module and, if `recurse`, all below; a shared parameter once."""
        return self._named_members("_parameters", prefix, recurse, remove_duplicate)

    def parameters(self, recurse=True):
        """The Parameters: what to give to an optimizer."""
        for _, param in self.named_parameters(recurse=recurse):
            yield param

    def named_buffers(self, prefix="", recurse=True, remove_duplicate=True):
        """(dotted name, buffer) for this module and, if `recurse`, all below; a shared buffer once."""
        return self._named_members("_buffers", prefix, recurse, remove_duplicate)

    def buffers(self, recurse=True):
        """The buffers."""
        for _, buffer in self.named_buffers(recurse=recurse):
            yield buffer

    def _named_members(self, store, prefix, recurse, remove_duplicate):
        memo = set()
        modules = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate) if recurse else [(prefix, self)]
        for module_name, module in modules:
            for name, member in getattr(module, store).items():
                if member is not None and member not in memo:
                    if remove_duplicate:
                        memo.add(member)
                    yield f"{module_name}.{name}" if module_name else name, member

    def get_submodule(self, target):
        """The module of a dotted name, "" for this one. AttributeError if there is none."""
        module = self
        for name in target.split(".") if target else ():
            module = module._own(name)
            if not isinstance(module, Module):
                raise AttributeError(f"`{name}` is not an nn.Module")
        return module

    def set_submodule(self, target, module, strict=False):
        """Put `module` in the place of a dotted name. AttributeError if its parent or, with `strict`, it is missing."""
        if target == "":
            raise ValueError("Cannot set the submodule without a target name!")
        if not isinstance(module, Module):
            raise ValueError(f"`module` is not an nn.Module, found {type(module)}")
        path, _, name = target.rpartition(".")
        parent = self.get_submodule(path)
        if strict and not hasattr(parent, name):
            raise AttributeError(f"{parent._get_name()} has no attribute `{name}`")
        if hasattr(parent, name) and not isinstance(getattr(parent, name), Module):
            raise AttributeError(f"`{name}` is not an nn.Module")
        setattr(parent, name, module)

    def get_parameter(self, target):
        """The Parameter of a dotted name. AttributeError if there is none."""
        path, _, name = target.rpartition(".")
        param = self.get_submodule(path)._own(name)
        if not isinstance(param, Parameter):
            raise AttributeError(f"`{name}` is not an nn.Parameter")
        return param

    def get_buffer(self, target):
        """The buffer of a dotted name. AttributeError if there is none."""
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        buffer = module._own(name)
        if name not in module._buffers:
            raise AttributeError(f"`{name}` is not a buffer")
        return buffer

    def _own(self, name):
        if not hasattr(self, name):
            raise AttributeError(f"{self._get_name()} has no attribute `{name}`")
        return getattr(self, name)

    def apply(self, fn):
        """Call fn(module) for all modules below and this one, children first. Returns the module."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    # ------------------------------------------------------------------------------------ changing the whole model
    def train(self, mode=True):
        """Set training mode (dropout drops, batch norm uses the batch) for this module and all below."""
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self):
        """Leave training mode: train(False)."""
        return self.train(False)

    def requires_grad_(self, requires_grad=True):
        """Set requires_grad of all parameters."""
        for param in self.parameters():
            param.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none=True):
        """Forget the gradients of all parameters, or fill them with zeros."""
        for param in self.parameters():
            if set_to_none:
                param.grad = None
            elif param.grad is not None:
                param.grad = param.grad.detach()
                param.grad.zero_()

    def _apply(self, fn, recurse=True):
        """Replace every tensor x by fn(x). Parameters and gradients stay the same objects: optimizers hold them."""
        for module in self.children() if recurse else ():
            module._apply(fn)
        for param in self._parameters.values():
            if param is not None:
                param.data = fn(param.data)
                if param.grad is not None:
                    param.grad.data = fn(param.grad.data)
        for name, buffer in self._buffers.items():
            if is_lazy(buffer):
                buffer.data = fn(buffer.data)
            elif buffer is not None:
                self._buffers[name] = fn(buffer)
        return self

    def to(self, *args, dtype=None, device=None, non_blocking=False, memory_format=None):
        """Cast all floating tensors and move all tensors: to(dtype), to(device), to(device, dtype), to(tensor).

        In place: returns the module. TypeError for a dtype that is not floating point.
        """
        dtype, device = parse_to(args, dtype, device)
        if dtype is not None and dtypes.to_numpy(dtype).kind not in dtypes.FLOATS:
            raise TypeError("nn.Module.to only accepts floating point or complex dtypes, but got desired "
                            f"dtype={dtype}")
        return self._apply(lambda x: x.to(dtype=dtype if x.is_floating_point() else None, device=device))

    def float(self):
        """to(torch.float32)."""
        return self.to(dtypes.float32)

    def double(self):
        """to(torch.float64)."""
        return self.to(dtypes.float64)

    def bfloat16(self):
        """to(torch.bfloat16)."""
        return self.to(dtypes.bfloat16)

    def half(self):
        """to(torch.float16)."""
        return self.to(dtypes.float16)

    def type(self, dst_type):
        """Cast all parameters and buffers, the integers too."""
        return self._apply(lambda x: x.type(dst_type))

    def cpu(self):
        """Move to the CPU."""
        return self._apply(lambda x: x.cpu())

    def cuda(self, device=None):
        """Move to a GPU."""
        return self._apply(lambda x: x.cuda(device))

    def to_empty(self, *, device, recurse=True):
        """Move to a device without the numbers: every tensor is new memory. Returns the module."""
        return self._apply(lambda x: creation.empty_like(x, device=device), recurse)

    def share_memory(self):
        """Does nothing: there are no other processes to share with. Returns the module."""
        return self

    def compile(self, *args, **kwargs):
        """Does nothing: the kernels are compiled already."""

    # -------------------------------------------------------------------------------------------------- state dict
    def state_dict(self, *, destination=None, prefix="", keep_vars=False):
        """All parameters and persistent buffers by dotted name, sharing their memory; detached, unless `keep_vars`."""
        if destination is None:
            destination = OrderedDict()
            destination._metadata = OrderedDict()
        local_metadata = {"version": self._version}
        if hasattr(destination, "_metadata"):
            destination._metadata[prefix[:-1]] = local_metadata
        for hook in self._state_dict_pre_hooks.values():
            hook(self, prefix, keep_vars)
        self._save_to_state_dict(destination, prefix, keep_vars)
        for name, module in self._modules.items():
            if module is not None:
                module.state_dict(destination=destination, prefix=f"{prefix}{name}.", keep_vars=keep_vars)
        for hook in self._state_dict_hooks.values():
            if hook(self, destination, prefix, local_metadata) is not None:
                raise RuntimeError("state_dict post-hook must return None")
        return destination

    def _save_to_state_dict(self, destination, prefix, keep_vars):
        """Put this module's own state, without its children's, into `destination`."""
        for name, tensor in self._own_state().items():
            destination[prefix + name] = tensor if keep_vars else tensor.detach()
        if type(self).get_extra_state is not Module.get_extra_state:
            destination[prefix + _EXTRA_STATE] = self.get_extra_state()

    def _own_state(self):
        members = {**self._parameters, **self._buffers}
        return {name: tensor for name, tensor in members.items()
                if tensor is not None and name not in self._non_persistent_buffers_set}

    def get_extra_state(self):
        """Override to save something other than tensors in the state dict."""
        raise RuntimeError(f"{self._get_name()} has no extra state: get_extra_state() is not overridden")

    def set_extra_state(self, state):
        """Override to load what get_extra_state returned."""
        raise RuntimeError(f"{self._get_name()} has no extra state: set_extra_state() is not overridden")

    def load_state_dict(self, state_dict, strict=True, assign=False):
        """Copy the tensors of a state dict into this module; `assign` takes the tensors themselves.

        Returns (missing_keys, unexpected_keys). RuntimeError that lists everything that does not fit: shapes, and, if
        `strict`, those keys.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
        keys, errors = _IncompatibleKeys([], []), []
        metadata = getattr(state_dict, "_metadata", {})
        self._load_tree(dict(state_dict), "", metadata, assign, keys, errors)
        if strict:
            both = ("Missing", keys.missing_keys), ("Unexpected", keys.unexpected_keys)
            errors = [f"{kind} key(s) in state_dict: {', '.join(map(_quoted, names))}. "
                      for kind, names in both if names] + errors
        if errors:
            raise RuntimeError("\n\t".join([f"Error(s) in loading state_dict for {self._get_name()}:", *errors]))
        return keys

    def _load_tree(self, state_dict, prefix, metadata, assign, keys, errors):
        local_metadata = dict(metadata.get(prefix[:-1], {}))
        if assign:
            local_metadata["assign_to_params_buffers"] = True
        self._load_from_state_dict(state_dict, prefix, local_metadata, True, *keys, errors)
        for name, module in self._modules.items():
            if module is not None:
                below = f"{prefix}{name}."
                part = {key: value for key, value in state_dict.items() if key.startswith(below)}
                module._load_tree(part, below, metadata, assign, keys, errors)
        for hook in self._load_state_dict_post_hooks.values():
            if hook(self, keys) is not None:
                raise AssertionError("Hooks registered with ``register_load_state_dict_post_hook`` are not expected to "
                                     "return new values, if incompatible_keys need to be modified, it should be done "
                                     "inplace.")

    def _load_from_state_dict(self, state_dict, prefix, local_metadata, strict,
                              missing_keys, unexpected_keys, error_msgs):
        """Load this module's own state, without its children's; what does not fit goes into the three lists."""
        for hook in self._load_state_dict_pre_hooks.values():
            hook(self, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs)
        own = self._own_state()
        assign = local_metadata.get("assign_to_params_buffers", False)
        for name, tensor in own.items():
            if prefix + name in state_dict:
                error = self._load_tensor(prefix + name, name, tensor, state_dict[prefix + name], assign)
                error_msgs.extend([error] if error else [])
            elif strict:
                missing_keys.append(prefix + name)
        has_extra_state = type(self).set_extra_state is not Module.set_extra_state
        if has_extra_state:
            if prefix + _EXTRA_STATE in state_dict:
                self.set_extra_state(state_dict[prefix + _EXTRA_STATE])
            elif strict:
                missing_keys.append(prefix + _EXTRA_STATE)
        for key in state_dict if strict else ():
            name, dot, _ = key[len(prefix):].partition(".")
            known = name in self._modules if dot else name in own or (has_extra_state and name == _EXTRA_STATE)
            if key.startswith(prefix) and not known:
                unexpected_keys.append(key)

    def _load_tensor(self, key, name, tensor, new, assign):
        """Put `new` in the place of `tensor`, this module's `name`. Returns what is wrong, or None."""
        if not isinstance(new, Tensor):
            return (f'While copying the parameter named "{key}", expected torch.Tensor or Tensor-like object from '
                    f"checkpoint but received {type(new)}")
        if is_lazy(tensor):  # and so is the new one: else the lazy module has given it a shape
            return None
        if tensor.ndim == 0 and new.ndim == 1:
            new = new[0]  # PyTorch had no 0-d tensors before 0.4
        if new.shape != tensor.shape:
            return (f"size mismatch for {key}: copying a param with shape {new.shape} from checkpoint, the shape in "
                    f"current model is {tensor.shape}.")
        try:
            if not assign:
                tensor.detach().copy_(new.detach())
            elif not isinstance(tensor, Parameter):
                setattr(self, name, new)
            elif isinstance(new, Parameter):
                setattr(self, name, new.requires_grad_(tensor.requires_grad))
            else:
                setattr(self, name, Parameter(new, tensor.requires_grad))
        except Exception as error:
            return (f'While copying the parameter named "{key}", whose dimensions in the model are {tensor.shape} and '
                    f"whose dimensions in the checkpoint are {new.shape}, an exception occurred : {error.args}.")

    # -------------------------------------------------------------------------------------------------------- text
    def __repr__(self):
        extra = self.extra_repr()
        children = [f"({label}): {_indented(text)}" for label, text in self._children_text()]
        if not children and "\n" not in extra:
            return f"{self._get_name()}({extra})"
        lines = (extra.split("\n") if extra else []) + children
        return "\n  ".join([f"{self._get_name()}(", *lines]) + "\n)"

    def _children_text(self):
        return ((name, repr(module)) for name, module in self._modules.items())

    def _get_name(self):
        return type(self).__name__

    def extra_repr(self):
        """Override: what repr shows between the parentheses, before the children."""
        return ""


# What __setattr__ registers, in the order in which it looks: where, what, and what errors call it.
_Kind = namedtuple("_Kind", "store type name plural accepts")
_KINDS = (
    _Kind("_parameters", Parameter, "parameter", "parameters", "torch.nn.Parameter"),
    _Kind("_modules", Module, "child module", "module", "torch.nn.Module"),
    _Kind("_buffers", Buffer, "buffer", "buffer", "torch.nn.Buffer, torch.Tensor"),
)


def _add_hook(hooks, hook, prepend):
    handle = RemovableHandle(hooks, hook)
    if prepend:
        hooks.move_to_end(handle.id, last=False)
    return handle


def register_module_forward_pre_hook(hook):
    """Before the forward of every module, call hook(module, args) -> None or new args."""
    return RemovableHandle(_global_forward_pre_hooks, _Hook(hook))


def register_module_forward_hook(hook, *, with_kwargs=False, always_call=False):
    """After the forward of every module, call hook(module, args, output): see Module.register_forward_hook.

    >>> import minitorch as torch
    >>> with register_module_forward_hook(lambda module, args, output: print(type(module).__name__)):
    ...     y = torch.nn.Sequential(torch.nn.ReLU())(torch.ones(1))
    ReLU
    Sequential
    """
    return RemovableHandle(_global_forward_hooks, _Hook(hook, with_kwargs, always_call))


def register_module_full_backward_pre_hook(hook):
    """In backward, before every module, call hook(module, grad_output) -> None or a new grad_output."""
    return RemovableHandle(global_backward_pre_hooks, hook)


def register_module_full_backward_hook(hook):
    """In backward, after every module, call hook(module, grad_input, grad_output) -> None or a new grad_input."""
    return RemovableHandle(global_backward_hooks, hook)


register_module_backward_hook = register_module_full_backward_hook  # the older name


def register_module_parameter_registration_hook(hook):
    """Whenever a module gets a parameter, call hook(module, name, parameter) -> None or another parameter."""
    return RemovableHandle(_parameter_registration_hooks, hook)


def register_module_buffer_registration_hook(hook):
    """Whenever a module gets a buffer, call hook(module, name, buffer) -> None or another buffer."""
    return RemovableHandle(_buffer_registration_hooks, hook)


def register_module_module_registration_hook(hook):
    """Whenever a module gets a child, call hook(module, name, child) -> None or another child."""
    return RemovableHandle(_module_registration_hooks, hook)


def _announced(hooks, module, name, value):
    """What is to be registered, after the registration hooks saw it."""
    for hook in list(hooks.values()):
        replacement = hook(module, name, value)
        value = value if replacement is None else replacement
    return value


def _typename(value):
    if isinstance(value, Tensor):
        return value.type()
    module = "" if type(value).__module__ == "builtins" else type(value).__module__ + "."
    return module + type(value).__qualname__


def _quoted(name):
    return f'"{name}"'


def _indented(text):
    """All lines but the first moved to the right."""
    return text.replace("\n", "\n  ")
