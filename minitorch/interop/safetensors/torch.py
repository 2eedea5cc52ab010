"""The functions of safetensors.torch, on minitorch tensors."""
import json
import math
import os
import sys

import numpy as np

from ... import dtypes
from ...creation import from_numpy
from ...device import resolve
from ...serialization import replacing
from ...tensor import Tensor

__all__ = ["SafetensorError", "load", "load_file", "load_model", "safe_open", "save", "save_file", "save_model"]

_LARGEST_HEADER = 100_000_000  # bytes
_DTYPES = {"BOOL": dtypes.bool_, "U8": dtypes.uint8, "I8": dtypes.int8, "U16": dtypes.uint16, "I16": dtypes.int16,
           "F16": dtypes.float16, "BF16": dtypes.bfloat16, "U32": dtypes.uint32, "I32": dtypes.int32,
           "F32": dtypes.float32, "U64": dtypes.uint64, "I64": dtypes.int64, "F64": dtypes.float64}
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}


class SafetensorError(Exception):
    """The data is not a safetensors file."""


def save(tensors, metadata=None):
    """A dict of tensors, and a dict of texts about them, as bytes.

    ValueError for anything that is no contiguous tensor, RuntimeError for tensors that share memory.

    >>> import minitorch as torch
    >>> load(save({"weight": torch.ones(2)}))
    {'weight': tensor([1., 1.])}
    """
    return b"".join(_chunks(tensors, metadata))


def save_file(tensors, filename, metadata=None):
    """Write save(tensors, metadata) to a file, in one step: an error leaves the old file as it was."""
    chunks = _chunks(tensors, metadata)
    with replacing(os.fspath(filename)) as file:
        for chunk in chunks:
            file.write(chunk)


def load(data):
    """The dict of tensors that `save` made bytes of. SafetensorError for damaged data."""
    entries, start = _header(data, len(data))
    entries.pop("__metadata__", None)
    return {name: _tensor(entry, data[start + entry["data_offsets"][0]:start + entry["data_offsets"][1]])
            for name, entry in entries.items()}


def load_file(filename, device="cpu"):
    """The dict of tensors in a file. SafetensorError for a damaged one."""
    with safe_open(filename, "pt", device) as file:
        return {name: file.get_tensor(name) for name in file.keys()}


def save_model(model, filename, metadata=None, force_contiguous=True):
    """Write a Module's state dict; of a tensor with several names, the first in alphabetical order."""
    state, metadata = model.state_dict(), dict(metadata or {})
    for names in _sharing(state):
        first, *others = sorted(names)
        for name in others:
            metadata[name] = first
            del state[name]
    save_file({name: x.contiguous() if force_contiguous else x for name, x in state.items()}, filename, metadata)


def load_model(model, filename, strict=True, device="cpu"):
    """Load what save_model wrote into a Module: (missing names, unexpected names). strict: RuntimeError for them."""
    state = load_file(filename, device)
    aliases = {name for names in _sharing(model.state_dict()) for name in sorted(names)[1:]}
    missing, unexpected = model.load_state_dict(state, strict=False)
    missing = set(missing) - aliases
    if strict and (missing or unexpected):
        lines = [f"Error(s) in loading state_dict for {type(model).__name__}:"]
        for kind, names in ("Missing", missing), ("Unexpected", unexpected):
            if names:
                lines.append(f"    {kind} key(s) in state_dict: " + ", ".join(f'"{name}"' for name in sorted(names)))
        raise RuntimeError("\n".join(lines))
    return missing, unexpected


class safe_open:
    """A file whose tensors are read one by one: `with safe_open(filename, "pt") as file: file.get_tensor(name)`."""

    def __init__(self, filename, framework="pt", device="cpu"):
        resolve(device)
        self.file = open(filename, "rb")
        self.entries, self.start = _header(self.file.read(8), os.fstat(self.file.fileno()).st_size, self.file.read)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.file.close()

    def keys(self):
        """The names of the tensors."""
        return [name for name in self.entries if name != "__metadata__"]

    def metadata(self):
        """The dict of texts, or None."""
        return self.entries.get("__metadata__")

    def get_tensor(self, name):
        """One tensor. SafetensorError for a name that is not there."""
        if name not in self.keys():
            raise SafetensorError(f"File does not contain tensor {name}")
        begin, end = self.entries[name]["data_offsets"]
        self.file.seek(self.start + begin)
        return _tensor(self.entries[name], self.file.read(end - begin))


def _chunks(tensors, metadata):
    """The pieces of the file: length, header, tensors."""
    _check(tensors)
    # The widest numbers first: so each tensor starts at a multiple of its itemsize.
    order = sorted(tensors, key=lambda name: (-tensors[name].array.itemsize, name))
    header, end = {"__metadata__": metadata} if metadata else {}, 0
    for name in order:
        begin, end = end, end + tensors[name].array.nbytes
        header[name] = {"dtype": _NAMES[tensors[name].dtype], "shape": list(tensors[name].array.shape),
                        "data_offsets": [begin, end]}
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    return [len(text).to_bytes(8, "little"), text, *(_bytes(tensors[name].array) for name in order)]


def _bytes(array):
    return (array if sys.byteorder == "little" else array.byteswap()).tobytes()


def _check(tensors):
    if not isinstance(tensors, dict):
        raise ValueError(f"Expected a dict of [str, torch.Tensor] but received {type(tensors)}")
    for name, x in tensors.items():
        if not isinstance(x, Tensor):
            raise ValueError(f"Key `{name}` is invalid, expected torch.Tensor but received {type(x)}")
    shared = _sharing(tensors)
    if shared:
        raise RuntimeError("Some tensors share memory, this will lead to duplicate memory on disk and potential "
                           f"differences when loading them again: {shared}. A potential way to correctly save your "
                           "model is to use `save_model`.")
    for name, x in tensors.items():
        if not x.is_contiguous():
            raise ValueError(f"You are trying to save a non contiguous tensor: `{name}` which is not allowed. Call "
                             "`.contiguous()` on your tensor to pack it before saving.")


def _sharing(tensors):
    """The sets of names of tensors that share memory."""
    groups = []  # [(names, the end of their memory)], by where they begin
    spans = sorted((*np.lib.array_utils.byte_bounds(x.array), name) for name, x in tensors.items() if x.array.size)
    for begin, end, name in spans:
        if groups and begin < groups[-1][1]:
            names, last = groups[-1]
            groups[-1] = names | {name}, max(last, end)
        else:
            groups.append(({name}, end))
    return [names for names, _ in groups if len(names) > 1]


def _header(data, size, read=None):
    """(the header as a dict, where the numbers start) of a file of `size` bytes that begins with `data`."""
    if size < 8:
        raise SafetensorError("Error while deserializing: header too small")
    length = int.from_bytes(data[:8], "little")
    if length > _LARGEST_HEADER:
        raise SafetensorError("Error while deserializing: header too large")
    if length > size - 8:
        raise SafetensorError("Error while deserializing: invalid header length")
    try:
        header = json.loads(bytes(read(length) if read else data[8:8 + length]))
        _check_header(header, size - 8 - length)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise SafetensorError(f"Error while deserializing: invalid header: {error!r}") from error
    return header, 8 + length


def _check_header(header, size):
    """ValueError and its like unless the tensors fill the `size` bytes without a gap, each by its dtype and shape."""
    texts = header.get("__metadata__", {})
    if not all(isinstance(text, str) for text in [*texts, *texts.values()]):
        raise ValueError("metadata has to be text")
    position = 0
    entries = [entry for name, entry in header.items() if name != "__metadata__"]
    for entry in sorted(entries, key=lambda entry: entry["data_offsets"]):
        begin, end = entry["data_offsets"]
        if any(type(n) is not int or n < 0 for n in (begin, end, *entry["shape"])):
            raise ValueError("shapes and offsets have to be whole numbers")
        itemsize = 2 if entry["dtype"] == "BF16" else _DTYPES[entry["dtype"]].itemsize
        if begin != position or end - begin != math.prod(entry["shape"]) * itemsize:
            raise ValueError("invalid offsets")
        position = end
    if position != size:
        raise ValueError("incomplete buffer")


def _tensor(entry, data):
    numbers = np.frombuffer(bytearray(data), _DTYPES[entry["dtype"]].numpy)  # (n,), of its own and writable
    return from_numpy((numbers if sys.byteorder == "little" else numbers.byteswap()).reshape(entry["shape"]))
