"""A module as a function of its parameters: call it with other tensors in their place."""
from contextlib import contextmanager

from ...engine import TensorBase

_ABSENT = object()


def functional_call(module, parameters_and_buffers, args=None, kwargs=None, *, tie_weights=True, strict=False):
    """module(*args, **kwargs), with the tensors of a dict, by dotted name, in the place of the module's own.

    Names that the dict leaves out keep the module's tensors. If the module assigns a new tensor to a name, the dict
    gets it, and the module keeps its own. Several dicts may come as a list; an `args` that is no tuple is one argument.

    tie_weights: what is one tensor under two names in the module stays one. ValueError if the dict has two values.
    strict: RuntimeError unless the dict has all names of the module, and no others.

    >>> import minitorch as torch
    >>> layer = torch.nn.Linear(2, 1)
    >>> functional_call(layer, {"weight": torch.ones(1, 2), "bias": torch.zeros(1)}, torch.tensor([3., 4.]))
    tensor([7.])
    """
    given = _one_dict(parameters_and_buffers)
    tensors = _with_ties(module, given) if tie_weights else given
    if strict:
        _check_names(module, tensors)
    args = args if isinstance(args, tuple) else () if args is None else (args,)
    with _replaced(module, tensors, given):
        return module(*args, **kwargs or {})


def _one_dict(dicts):
    if isinstance(dicts, dict):
        return dicts
    if not isinstance(dicts, (list, tuple)):
        raise ValueError("Expected parameter_and_buffer_dicts to be a dict, or a list/tuple of dicts, but got "
                         f"{type(dicts)}")
    if not all(isinstance(one, dict) for one in dicts):
        raise ValueError("Expected all elements of parameter_and_buffer_dicts to be dictionaries")
    names = [name for one in dicts for name in one]
    repeated = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if repeated:
        raise ValueError(f"{repeated} appeared in multiple dictionaries; behavior of functional call is ambiguous")
    return {name: tensor for one in dicts for name, tensor in one.items()}


def _own_tensors(module):
    """All names, those of a shared tensor too."""
    return {**dict(module.named_parameters(remove_duplicate=False)),
            **dict(module.named_buffers(remove_duplicate=False))}


def _with_ties(module, given):
    """`given`, and the same values under the other names of the same tensors."""
    names = {}  # of each tensor
    for name, tensor in _own_tensors(module).items():
        names.setdefault(tensor, []).append(name)
    tied = dict(given)
    for same in names.values():
        values = [given[name] for name in same if name in given]
        if any(value is not values[0] for value in values):
            raise ValueError(f"functional_call got multiple values for keys {sorted(same)}, which are tied. Consider "
                             "using tie_weights=False")
        if values:
            tied.update(dict.fromkeys(same, values[0]))
    return tied


def _check_names(module, tensors):
    own = _own_tensors(module)
    errors = [f"{kind} key(s): {', '.join(map(repr, names))}." for kind, names in
              (("Unexpected", sorted(tensors.keys() - own)), ("Missing", sorted(own.keys() - tensors))) if names]
    if errors:
        raise RuntimeError("\n\t".join([f"Error(s) in reparametrizing for {module._get_name()}:", *errors]))


@contextmanager
def _replaced(module, tensors, given):
    """Put `tensors` into the module; afterwards put its own back, and note in `given` what the body has assigned."""
    places = {name: _place(module, name, tensor) for name, tensor in tensors.items()}
    before = {name: members.get(key, _ABSENT) for name, (members, key) in places.items()}
    for name, (members, key) in places.items():
        members[key] = tensors[name]
    try:
        yield
    finally:
        for name, (members, key) in places.items():
            if name in given:
                given[name] = members[key]
            if before[name] is _ABSENT:
                del members[key]
            else:
                members[key] = before[name]


def _place(module, name, tensor):
    """(the dict that holds a tensor, its key there): a parameter, a buffer or an ordinary attribute."""
    if not isinstance(tensor, TensorBase):
        raise TypeError(f"{tensor} is not an instance of torch.Tensor")
    path, _, key = name.rpartition(".")
    owner = module.get_submodule(path)
    return next((members for members in (owner._parameters, owner._buffers) if key in members), owner.__dict__), key
