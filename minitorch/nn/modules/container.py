"""Containers: modules that hold modules or parameters, like a list or a dict."""
import operator
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from itertools import groupby

from ...tensor import Tensor
from ..parameter import Parameter
from .module import Module

__all__ = ["ModuleDict", "ModuleList", "ParameterDict", "ParameterList", "Sequential"]


def _position(index, length):
    """`index`, counted from 0. IndexError if it is out of range."""
    index = operator.index(index)
    if not -length <= index < length:
        raise IndexError(f"index {index} is out of range")
    return index % length


class _Numbered(Module):
    """What Sequential and ModuleList share: children in order, named "0", "1" ... if not otherwise."""

    def __len__(self):
        return len(self._modules)

    def __iter__(self):
        return iter(self._modules.values())

    def __setitem__(self, index, module):
        setattr(self, self._name(index), module)

    def __delitem__(self, index):
        names = list(self._modules)[index] if isinstance(index, slice) else [self._name(index)]
        for name in names:
            delattr(self, name)
        self._number(self)

    def _name(self, index):
        return list(self._modules)[_position(index, len(self))]

    def _number(self, modules):
        self._modules = {str(i): module for i, module in enumerate(modules)}

    def append(self, module):
        """Add a module at the end."""
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules):
        """Add several modules at the end."""
        if not isinstance(modules, Iterable):
            raise TypeError(f"{self._get_name()}.extend should be called with an iterable, but got "
                            f"{type(modules).__name__}")
        for module in list(modules):
            self.append(module)
        return self

    def insert(self, index, module):
        """Add a module before `index`; those behind it are renumbered."""
        if not -len(self) <= index <= len(self):
            raise IndexError(f"Index out of range: {index}")
        modules = list(self)
        modules.insert(index, module)
        self.append(module)  # checks it
        self._number(modules)
        return self

    def pop(self, index):
        """Take a module out and return it; those behind it are renumbered."""
        module = self[index]
        del self[index]
        return module


class Sequential(_Numbered):
    """Modules that are called one after the other: Sequential(f, g)(x) = g(f(x)). Or, with names, of an OrderedDict.

    >>> model = Sequential(OrderedDict(first=Sequential(), second=Sequential()))
    >>> model
    Sequential(
      (first): Sequential()
      (second): Sequential()
    )
    >>> model(3)
    3
    """

    def __init__(self, *modules):
        super().__init__()
        if len(modules) == 1 and isinstance(modules[0], OrderedDict):
            named = modules[0].items()
        else:
            named = [(str(i), module) for i, module in enumerate(modules)]
        for name, module in named:
            self.add_module(name, module)

    def forward(self, input):
        for module in self:
            input = module(input)
        return input

    def __getitem__(self, index):
        if isinstance(index, slice):
            return type(self)(OrderedDict(list(self._modules.items())[index]))
        return self._modules[self._name(index)]

    def __add__(self, other):
        return Sequential(*self).__iadd__(other)

    def __iadd__(self, other):
        if not isinstance(other, Sequential):
            raise ValueError(f"add operator supports only objects of Sequential class, but {type(other)} is given.")
        return self.extend(other)


class ModuleList(_Numbered):
    """A list of modules. It has no forward: call its items.

    >>> ModuleList([Sequential() for _ in range(3)])
    ModuleList(
      (0-2): 3 x Sequential()
    )
    """

    def __init__(self, modules=None):
        super().__init__()
        if modules is not None:
            self.extend(modules)

    def __getitem__(self, index):
        if isinstance(index, slice):
            return type(self)(list(self)[index])
        return self._modules[self._name(index)]

    def __add__(self, other):
        return ModuleList(self).extend(other)

    def __iadd__(self, other):
        return self.extend(other)

    def _children_text(self):
        """Neighbours that look the same on one line."""
        start = 0
        for text, same in groupby(map(repr, self)):
            end = start + len(list(same))
            yield (str(start), text) if end == start + 1 else (f"{start}-{end - 1}", f"{end - start} x {text}")
            start = end


class ModuleDict(Module):
    """A dict of modules, in the order in which they were added. It has no forward: call its items.

    >>> modules = ModuleDict({"identity": Sequential()})
    >>> modules["identity"](3)
    3
    """

    def __init__(self, modules=None):
        super().__init__()
        if modules is not None:
            self.update(modules)

    def __getitem__(self, key):
        return self._modules[key]

    def __setitem__(self, key, module):
        self.add_module(key, module)

    def __delitem__(self, key):
        del self._modules[key]

    def __len__(self):
        return len(self._modules)

    def __iter__(self):
        return iter(self._modules)

    def __contains__(self, key):
        return key in self._modules

    def clear(self):
        """Remove all modules."""
        self._modules.clear()

    def pop(self, key):
        """Take a module out and return it."""
        return self._modules.pop(key)

    def keys(self):
        return self._modules.keys()

    def items(self):
        return self._modules.items()

    def values(self):
        return self._modules.values()

    def update(self, modules):
        """Add the items of a mapping or of (key, module) pairs."""
        for key, module in _pairs(self, modules):
            self[key] = module


class ParameterList(Module):
    """A list of Parameters; tensors become Parameters. (Other objects are kept as they are.)

    >>> import minitorch as torch
    >>> ParameterList([torch.zeros(2, 3), torch.zeros(3)])
    ParameterList(
        (0): Parameter containing: [torch.float32 of size 2x3]
        (1): Parameter containing: [torch.float32 of size 3]
    )
    """

    def __init__(self, values=None):
        super().__init__()
        self._size = 0
        if values is not None:
            self.extend(values)

    def __len__(self):
        return self._size

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __getitem__(self, index):
        if isinstance(index, slice):
            return type(self)(list(self)[index])
        return getattr(self, str(_position(index, len(self))))

    def __setitem__(self, index, value):
        setattr(self, str(_position(index, len(self))), _parameter(value))

    def append(self, value):
        """Add a value at the end."""
        setattr(self, str(len(self)), _parameter(value))
        self._size += 1
        return self

    def extend(self, values):
        """Add several values at the end."""
        if not isinstance(values, Iterable) or isinstance(values, Tensor):
            raise TypeError(f"ParameterList.extend should be called with an iterable, but got {type(values).__name__}")
        for value in list(values):
            self.append(value)
        return self

    def __iadd__(self, values):
        return self.extend(values)

    def __call__(self, *args, **kwargs):
        raise RuntimeError("ParameterList should not be called.")

    def extra_repr(self):
        return "\n".join(f"  ({i}): {_described(value, value.dtype if isinstance(value, Tensor) else None)}"
                         for i, value in enumerate(self))


class ParameterDict(Module):
    """A dict of Parameters; tensors become Parameters. (Other objects are kept as they are.)

    Keys are strings, in the order in which they were added; those of an unordered `dict` are sorted, as in torch.

    >>> import minitorch as torch
    >>> ParameterDict({"weight": torch.zeros(2, 3)})["weight"].requires_grad
    True
    """

    def __init__(self, parameters=None):
        super().__init__()
        self._keys = {}  # a set in order
        if parameters is not None:
            self.update(parameters)

    def __getitem__(self, key):
        return getattr(self, self._checked(key))

    def __setitem__(self, key, value):
        setattr(self, self._checked(key), _parameter(value))
        self._keys[key] = None

    def __delitem__(self, key):
        del self._keys[key]
        delattr(self, key)

    def _checked(self, key):
        if not isinstance(key, str):
            raise TypeError("Index given to ParameterDict cannot be used as a key as it is not a string "
                            f"(type is '{type(key).__name__}').")
        return key

    def __len__(self):
        return len(self._keys)

    def __iter__(self):
        return iter(self._keys)

    def __reversed__(self):
        return reversed(self._keys)

    def __contains__(self, key):
        return key in self._keys

    def keys(self):
        return self._keys.keys()

    def values(self):
        return (self[key] for key in self)

    def items(self):
        return ((key, self[key]) for key in self)

    def get(self, key, default=None):
        """The value of `key`, or `default`."""
        return self[key] if key in self else default

    def setdefault(self, key, default=None):
        """The value of `key`, which becomes `default` if there is none."""
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, key):
        """Take a value out and return it."""
        value = self[key]
        del self[key]
        return value

    def popitem(self):
        """Take the last (key, value) out and return it."""
        key = next(reversed(self))
        return key, self.pop(key)

    def clear(self):
        """Remove everything."""
        for key in list(self):
            del self[key]

    def copy(self):
        """Another ParameterDict of the same Parameters."""
        return ParameterDict(OrderedDict(self.items()))

    def fromkeys(self, keys, default=None):
        """A new ParameterDict with one value for all keys."""
        return ParameterDict((key, default) for key in keys)

    def update(self, parameters):
        """Add the items of a mapping or of (key, value) pairs."""
        pairs = _pairs(self, parameters)
        unordered = isinstance(parameters, Mapping) and not isinstance(parameters, OrderedDict)
        for key, value in sorted(pairs, key=operator.itemgetter(0)) if unordered else pairs:
            self[key] = value

    def __or__(self, other):
        return self.copy().__ior__(other)

    def __ror__(self, other):
        return {**other, **dict(self.items())}

    def __ior__(self, other):
        self.update(other)
        return self

    def __call__(self, *args, **kwargs):
        raise RuntimeError("ParameterDict should not be called.")

    def extra_repr(self):
        return "\n".join(f"  ({key}): {_described(value, value.type() if isinstance(value, Tensor) else None)}"
                         for key, value in self.items())


def _pairs(container, values):
    """The (key, value) pairs of a mapping, a container like this one, or an iterable of pairs."""
    name = container._get_name()
    if isinstance(values, (Mapping, ModuleDict, ParameterDict)):
        return list(values.items())
    if not isinstance(values, Iterable):
        raise TypeError(f"{name}.update should be called with an iterable of key/value pairs, but got "
                        f"{type(values).__name__}")
    pairs = list(values)
    for i, pair in enumerate(pairs):
        if not isinstance(pair, Iterable):
            raise TypeError(f"{name} update sequence element #{i} should be Iterable; is {type(pair).__name__}")
        if len(pair) != 2:
            raise ValueError(f"{name} update sequence element #{i} has length {len(pair)}; 2 is required")
    return pairs


def _parameter(value):
    return Parameter(value) if isinstance(value, Tensor) and not isinstance(value, Parameter) else value


def _described(value, dtype):
    """One line about a value; a Parameter's says its dtype in the words given."""
    if not isinstance(value, Tensor):
        return f"Object of type: {type(value).__name__}"
    return f"Parameter containing: [{dtype} of size {'x'.join(map(str, value.shape))}]"
