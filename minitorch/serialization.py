"""save and load: PyTorch's own `.pt` files, written and read without PyTorch.

A `.pt` file is a zip archive of uncompressed records, each starting at a multiple of 64 bytes:

    archive/data.pkl      the object as a pickle, in which a tensor is a recipe: (storage, offset, size, stride, ...)
    archive/data/0, 1 ..  the bytes of each storage, a block of memory that several tensors may share
    archive/byteorder     "little" or "big"
    archive/version       of the format: 3

A pickle is a program for a small stack machine, and Python's own machine runs whatever the file says: a file that calls
os.system is a valid pickle. There are two ways to make that safe:

    pickle.Unpickler with an allow-list in find_class
        guards the door by which names come in, and nothing behind it: BUILD calls __setstate__ or sets any attribute,
        APPENDS and SETITEMS call methods of any object, EXT takes classes from a registry without asking find_class,
        and five bytes can ask for a memo of gigabytes
    a machine of our own (here, and PyTorch's choice too)
        knows the thirty instructions that state dicts need. A name from the file is a dead label, never a Python
        object; REDUCE looks that label up in a table of functions written below, which check their arguments; every
        other instruction says on which exact types it works. The classes of your own that you name in
        add_safe_globals, and only they, are looked up too, and made without calling anything but their own methods

weights_only=False opens this by two things: NumPy's arrays of numbers, and Modules of classes that the program has
defined before. Such a Module is made without its class: an empty object that gets the attributes in the file.

The second is safer because it lists what a file *can* do, where the first has to think of all that it must not. The
writer is its mirror: the same instructions for the same types, so `load` and torch.load accept whatever `save` accepts.
"""
import copyreg
import io
import math
import mmap as memory_map
import os
import pickle
import shutil
import struct
import sys
import types
import uuid
import zipfile
from collections import Counter, OrderedDict
from collections.abc import Hashable
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pickle import PicklingError, UnpicklingError

import numpy as np

from . import dtypes
from ._names import ours, theirs
from ._size import Size
from .creation import from_numpy
from .device import CPU, device, device_of, kernels_of, place, resolve
from .graph import wrap
from .nn.modules.module import Module
from .nn.parameter import Buffer, Parameter
from .tensor import Tensor

__all__ = ["save", "load", "add_safe_globals", "clear_safe_globals", "get_safe_globals", "safe_globals"]

_ALIGNMENT = 64  # bytes; where records start, so that a mapped file gives aligned arrays
_CHUNK = 1 << 20  # bytes read at a time: a storage is never in memory twice
_LEGACY_MAGIC = 0x1950a86a20f9469cfc6c  # how files of before PyTorch 1.6 begin
_LEGACY_VERSION = 1001
_MAX_NDIM = 32  # of a NumPy array; it is NumPy 1's limit
_MAX_KEY_PARTS = 1000  # of a tuple used as a dict key: hashing recurses in C, without a limit of its own


def save(obj, f, pickle_module=pickle, pickle_protocol=2, _use_new_zipfile_serialization=True):
    """Write `obj` to the path or writable binary file `f`, as a file that torch.load(f) and load(f) read.

    obj: tensors and Parameters, None, bool, int, float, complex, str, bytes, bytearray, Size, dtype, device, and list,
    tuple, set, dict, OrderedDict, Counter of them: state dicts, and checkpoints made of them. Modules and NumPy's
    arrays of numbers too, which take weights_only=False to load, and objects of classes in add_safe_globals. Tensors
    that share memory share it again when loaded; a view brings its whole storage along (save `x.clone()` to leave that
    behind). The pickle's protocol is 2, whatever you ask for.
    `_use_new_zipfile_serialization=False` writes the format of before PyTorch 1.6.
    A path gets the new file in one step: an error, a full disk or a crash on the way leaves the old file as it was.

    Raises pickle.PicklingError for any other object and RuntimeError where the path's directory does not exist.

    >>> file = io.BytesIO()
    >>> save({"epoch": 3, "weight": from_numpy(np.ones(2, np.float32))}, file)
    >>> load(file.seek(0) or file)
    {'epoch': 3, 'weight': tensor([1., 1.])}
    """
    pickler = _Pickler(legacy=not _use_new_zipfile_serialization)
    pickler.dump(obj)  # first: an object that cannot be saved touches no file
    if isinstance(f, (str, os.PathLike)):
        opened = replacing(os.fspath(f))
    elif hasattr(f, "write"):
        opened = nullcontext(f)
    else:
        raise AttributeError("expected 'f' to be string, path, or a file-like object with a 'write' attribute, "
                             f"not {type(f).__name__}")
    with opened as file:
        write = _write_archive if _use_new_zipfile_serialization else _write_legacy
        write(file, pickler.stream.getvalue(), list(pickler.storages.values()))


def load(f, map_location=None, pickle_module=None, *, weights_only=True, mmap=None, **pickle_load_args):
    """Read what save or torch.save wrote to the path or seekable binary file `f`. No file can make it run code.

    map_location: 'cpu' or a device takes every tensor there; a dict renames the file's locations; a function gets
    (storage as a 1-D array, location) and returns a storage or None. weights_only: False allows NumPy's arrays and
    numbers too, and whole Modules whose classes are defined or imported before. It is as safe: nothing of those classes
    is called, and one that wants to be (by a __setstate__, say) is refused. Name other classes of your own that a file
    may hold in add_safe_globals.
    pickle_module and its arguments (encoding=...) change nothing either. mmap: True maps the file instead of reading it
    (a path only); changes to the tensors stay in memory.

    Raises pickle.UnpicklingError for content outside that (other classes, malformed or hostile data), EOFError for an
    empty file, RuntimeError for a damaged archive or a tensor on a device that is not here.

    >>> file = io.BytesIO()
    >>> save([from_numpy(np.arange(3)), "text"], file)
    >>> load(file.seek(0) or file, map_location="cpu")
    [tensor([0, 1, 2]), 'text']
    """
    is_path = isinstance(f, (str, os.PathLike))
    if mmap and not is_path:
        raise ValueError("f must be a file path in order to use the mmap argument")
    if not is_path and not hasattr(f, "seek"):
        raise AttributeError(f"'{type(f).__name__}' object has no attribute 'seek'. You can only torch.load from a "
                             "file that is seekable. Please pre-load the data into a buffer like io.BytesIO and try to "
                             "load from it instead.")
    with open(f, "rb") if is_path else nullcontext(f) as file:
        start = file.tell()
        magic = file.read(4)
        file.seek(start)
        if not magic:
            raise EOFError("Ran out of input: the file is empty, or was written and not rewound with seek(0)")
        if magic != b"PK\x03\x04":
            if mmap:
                raise RuntimeError("mmap can only be used with files saved with `torch.save(..., "
                                   "_use_new_zipfile_serialization=True), please torch.save your checkpoint with this "
                                   "option in order to use mmap.")
            return _load_legacy(file, map_location, weights_only)
        return _load_archive(_Archive(file), map_location, weights_only, mmap)


def _load_archive(archive, map_location, weights_only, mmap):
    storages = {}  # key -> 1-D array

    def load_storage(dtype, key, location, numel):
        if key not in storages:
            storage = (archive.map if mmap else archive.read)(f"data/{key}", dtype, numel)
            storages[key] = _restore_location(storage, location, map_location)
        return _checked_storage(storages[key], dtype, key, numel)

    return _Unpickler(io.BytesIO(archive.bytes("data.pkl")), load_storage, weights_only).load()


def _load_legacy(file, map_location, weights_only):
    """Pickles of a magic number, a version, what the machine was, the object and the storages' keys; their bytes."""
    def header():
        return _Unpickler(file, None).load()

    start = file.tell()
    size = file.seek(0, os.SEEK_END) - start
    file.seek(start)
    try:
        is_legacy = header() == _LEGACY_MAGIC and header() == _LEGACY_VERSION
    except UnpicklingError:
        is_legacy = False
    if not is_legacy:
        raise UnpicklingError("load: not a .pt zip archive, and not in PyTorch's legacy format either")
    system = header()
    if type(system) is not dict or system.get("little_endian", True) != (sys.byteorder == "little"):
        raise UnpicklingError("load: the file was written on a machine of another byte order")
    storages = {}  # key -> 1-D array, filled at the end
    claimed = 0

    def load_storage(dtype, key, location, numel):
        nonlocal claimed
        if key not in storages:
            claimed += max(numel, 0) * dtype.itemsize
            if numel < 0 or claimed > size:
                raise UnpicklingError(f"load: storage {key} of {numel} x {dtype} is larger than the file")
            storages[key] = _restore_location(np.empty(numel, dtype), location, map_location)
            if device_of(storages[key]) is not CPU:
                raise RuntimeError("load: a file in PyTorch's legacy format goes to the CPU: use "
                                   "map_location=torch.device('cpu')")
        return _checked_storage(storages[key], dtype, key, numel)

    obj = _Unpickler(file, load_storage, weights_only).load()
    keys = header()
    if type(keys) is not list or any(type(key) is not str for key in keys) or set(keys) != storages.keys():
        raise UnpicklingError("load: the storages in the file are not those of its tensors")
    for key in keys:
        storage = storages[key]
        if file.read(8) != struct.pack("<q", storage.size):
            raise UnpicklingError(f"load: storage {key} has not the length that the tensors say")
        data = storage.view(np.uint8)
        if file.readinto(data) != data.size:
            raise UnpicklingError("load: the file is truncated")
    return obj


def _checked_storage(storage, dtype, key, numel):
    if (storage.dtype, storage.size) != (dtype, numel):
        raise UnpicklingError(f"load: storage {key} is used as {numel} x {dtype}, and elsewhere as "
                              f"{storage.size} x {storage.dtype}")
    return storage


def _restore_location(storage, location, map_location):
    """The storage on the device that `location`, mapped by `map_location`, names; RuntimeError if that is not there."""
    if callable(map_location):
        mapped = map_location(storage, location)
        if mapped is not None:
            return mapped
    elif isinstance(map_location, dict):
        location = map_location.get(location, location)
    elif map_location is not None:
        location = map_location
    try:
        return place(storage, resolve(location))
    except RuntimeError as error:
        raise RuntimeError(f"Attempting to deserialize object on a {device(location).type.upper()} device, but {error} "
                           "Please use torch.load with map_location=torch.device('cpu') to map your storages to the "
                           "CPU.") from None


# ---- classes of the user's that load may make ----

_safe_globals = {}  # label -> class or function


def add_safe_globals(safe_globals):
    """Let `load` make objects of these classes, and call these functions, when a file names them; `save` such objects.

    safe_globals: a list of classes or functions, or of (class, "the.name.in.the.file"). Only add what you would trust
    with any arguments.

    >>> class Settings:
    ...     rate = 1
    >>> add_safe_globals([Settings])
    >>> get_safe_globals() == [Settings]
    True
    >>> clear_safe_globals()
    """
    for item in safe_globals:
        obj, name = item if isinstance(item, tuple) else (item, None)
        _safe_globals[_label_of(obj) if name is None else _Global(*name.rpartition(".")[::2])] = obj


def get_safe_globals():
    """The list of what add_safe_globals added.

    >>> get_safe_globals()
    []
    """
    return list(_safe_globals.values())


def clear_safe_globals():
    """Forget what add_safe_globals added.

    >>> clear_safe_globals()
    """
    _safe_globals.clear()


@contextmanager
def safe_globals(safe_globals):
    """Inside, `load` may use these classes and functions too: see add_safe_globals.

    >>> with safe_globals([_Archive]):
    ...     len(get_safe_globals())
    1
    """
    before = dict(_safe_globals)
    add_safe_globals(safe_globals)
    try:
        yield
    finally:
        _safe_globals.clear()
        _safe_globals.update(before)


# ---- tensors <-> storages: the only two functions that know what a Tensor is ----

def _parts_of(tensor):
    """(storage, offset, size, stride) of a tensor, counted in elements; the storage is a 1-D array.

    Tensors share a storage when their arrays are views of one array: its whole memory is the storage. Where torch could
    not express the view (negative strides, another dtype than its owner's), the storage is a copy of this tensor alone.
    """
    array = owner = base = place(tensor.array, CPU)
    while base is not None:
        owner = base if isinstance(base, np.ndarray) else owner
        base = getattr(base, "base", None)
    storage = owner.ravel(order="K")  # a view of the owner's memory; a copy, if there are gaps in it
    steps = (_address(array) - _address(storage), *array.strides)  # in bytes
    is_view = owner.dtype == array.dtype and np.may_share_memory(owner, storage)
    if not is_view or any(step < 0 or step % array.itemsize for step in steps):
        array = array.copy()
        storage, steps = array.ravel(), (0, *array.strides)
    offset, *stride = (step // array.itemsize for step in steps)
    return storage, offset, array.shape, tuple(stride)


def _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks, metadata=None):
    """The Tensor that `_parts_of` took apart, over the same storage. Refuses a view that leaves its storage."""
    storage = _expect(storage, _LoadedStorage).array
    if any(_expect(n, int) < 0 for n in (offset, *_expect(size, tuple, Size), *_expect(stride, tuple))):
        raise ValueError(f"offset {offset}, size {size} and stride {stride} must not be negative")
    end = offset + sum((n - 1) * step for n, step in zip(size, stride)) + 1
    if len(size) != len(stride) or (0 not in size and end > storage.size):
        raise ValueError(f"size {size}, stride {stride} and offset {offset} are out of bounds for a storage of "
                         f"{storage.size} elements")
    if metadata:
        raise ValueError("a tensor with its conjugate or negative bit set; save tensor.resolve_conj().resolve_neg()")
    if device_of(storage) is not CPU:
        return wrap(kernels_of(storage).as_strided(storage, size, stride, offset)).requires_grad_(requires_grad)
    if 0 in size:
        array = np.empty(size, storage.dtype)
    else:
        itemsize = storage.itemsize
        array = np.ndarray(size, storage.dtype, storage, offset * itemsize, [step * itemsize for step in stride])
    return from_numpy(array).requires_grad_(_expect(requires_grad, bool))


def _rebuild_tensor_v3(storage, offset, size, stride, requires_grad, backward_hooks, dtype, metadata=None):
    """_rebuild_tensor_v2 for a storage of bytes."""
    dtype = _expect(dtype, dtypes.dtype, type(dtypes.bfloat16)).numpy
    storage = _LoadedStorage(_expect(storage, _LoadedStorage).array.view(dtype))  # (n bytes,) -> (n / itemsize,)
    return _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks, metadata)


def _address(array):
    return array.__array_interface__["data"][0]


# ---- the pickle: objects <-> instructions ----

@dataclass(frozen=True)
class _Global:
    """A label in the pickle, "module name": a class or a function of torch or Python. Only ever a name."""

    module: str
    name: str


def _label_of(obj):
    """The label of a class or function: what is minitorch's has torch's name in a file."""
    return _Global(theirs(obj.__module__), obj.__qualname__)


@dataclass(frozen=True)
class _Storage:
    """A storage on its way into the pickle, where only its key, type, place and length are written."""

    key: str
    type: _Global
    numel: int


@dataclass(frozen=True)
class _LoadedStorage:
    """A storage on its way out of the pickle, into tensors: a 1-D array."""

    array: np.ndarray


@dataclass
class _ArrayType:
    """The dtype of a NumPy array in the pickle: "f8", and "<" or ">" for the order of bytes, "|" for none."""

    name: str
    order: str = None


_NUMBERS = [np.dtype(code).type for code in "?bBhHiIlLqQefdFD"]  # of NumPy: no objects, no structures, no strings
_ARRAY_TYPES = {np.dtype(number).str[1:]: np.dtype(number) for number in _NUMBERS}
_MULTIARRAY = "numpy._core.multiarray"
_RENAMED = {"__builtin__": "builtins", "numpy.core.multiarray": _MULTIARRAY}  # since Python 2 and NumPy 1


class _Pickler:
    """Writes an object as instructions of pickle protocol 2: those that torch.load(weights_only=True) executes."""

    def __init__(self, legacy=False):
        self.legacy = legacy
        self.stream = io.BytesIO()
        self.storages = {}  # (address, size, dtype) -> (key, 1-D array); holding the array keeps its address
        self.memo = {}  # id(object) -> (number, object); holding the object keeps its id from being used again

    def dump(self, obj):
        self.stream.write(pickle.PROTO + b"\x02")
        self.save(obj)
        self.stream.write(pickle.STOP)

    def save(self, obj):
        write = self._WRITERS.get(type(obj))
        if id(obj) in self.memo:
            self.stream.write(pickle.LONG_BINGET + struct.pack("<I", self.memo[id(obj)][0]))
        elif write is not None:
            write(self, obj)
        elif isinstance(obj, Module) or type(obj) in _safe_globals.values():
            self._save_object(obj)
        elif isinstance(obj, Hashable) and obj in _safe_globals.values():
            self._save_global(_label_of(obj))
        else:
            raise PicklingError(
                f"save: cannot save an object of type {type(obj).__module__}.{type(obj).__qualname__}. A file holds "
                "tensors, numbers, strings, NumPy's arrays of numbers, Modules and list, tuple, set, dict, "
                "OrderedDict, Counter of them: save an Optimizer as its state_dict(), name a class of your own in "
                "torch.serialization.add_safe_globals, and turn anything else into those.")

    def memoize(self, obj):
        """Number the object on top of the stack: a later `save` of it refers to this one."""
        number = len(self.memo)
        self.memo[id(obj)] = number, obj
        self.stream.write(pickle.LONG_BINPUT + struct.pack("<I", number))

    def reduce(self, module, name, *args):
        """The instructions for: call `name` of `module` with `args`."""
        self.save(_Global(module, name))
        self.save(args)
        self.stream.write(pickle.REDUCE)

    def _save_constant(self, obj):
        self.stream.write({None: pickle.NONE, False: pickle.NEWFALSE, True: pickle.NEWTRUE}[obj])

    def _save_int(self, obj):
        if -2**31 <= obj < 2**31:
            self.stream.write(pickle.BININT + struct.pack("<i", obj))
            return
        data = obj.to_bytes(obj.bit_length() // 8 + 1, "little", signed=True)
        if len(data) > 255:
            raise PicklingError(f"save: an integer of {obj.bit_length()} bits is too large for a .pt file")
        self.stream.write(pickle.LONG1 + bytes([len(data)]) + data)

    def _save_float(self, obj):
        self.stream.write(pickle.BINFLOAT + struct.pack(">d", obj))

    def _save_complex(self, obj):
        self.reduce("__builtin__", "complex", obj.real, obj.imag)

    def _save_str(self, obj):
        data = obj.encode("utf-8", "surrogatepass")
        self.stream.write(pickle.BINUNICODE + struct.pack("<I", len(data)) + data)

    def _save_bytes(self, obj):  # protocol 2 has no bytes: a str with one character a byte
        self.reduce("_codecs", "encode", obj.decode("latin1"), "latin1")

    def _save_bytearray(self, obj):
        self.reduce("__builtin__", "bytearray", bytes(obj))
        self.memoize(obj)

    def _save_tuple(self, obj):
        if len(obj) > 3:
            self.stream.write(pickle.MARK)
        for item in obj:
            self.save(item)
        short = (pickle.EMPTY_TUPLE, pickle.TUPLE1, pickle.TUPLE2, pickle.TUPLE3)
        self.stream.write(short[len(obj)] if len(obj) <= 3 else pickle.TUPLE)
        self.memoize(obj)

    def _save_list(self, obj):
        self.stream.write(pickle.EMPTY_LIST)
        self.memoize(obj)  # before its items: one of them may be the list itself
        self.stream.write(pickle.MARK)
        for item in obj:
            self.save(item)
        self.stream.write(pickle.APPENDS)

    def _save_set(self, obj):
        self.reduce("__builtin__", "set", list(obj))
        self.memoize(obj)

    def _save_dict(self, obj):
        self.stream.write(pickle.EMPTY_DICT)
        self.memoize(obj)
        self._save_items(obj)

    def _save_ordered_dict(self, obj):
        self.reduce("collections", "OrderedDict")
        self.memoize(obj)
        self._save_items(obj)
        if vars(obj):  # a state_dict's _metadata
            self.save(vars(obj))
            self.stream.write(pickle.BUILD)

    def _save_items(self, obj):
        self.stream.write(pickle.MARK)
        for key, value in obj.items():
            self.save(key)
            self.save(value)
        self.stream.write(pickle.SETITEMS)

    def _save_counter(self, obj):
        self.reduce("collections", "Counter", dict(obj))
        self.memoize(obj)

    def _save_size(self, obj):
        self.reduce("torch", "Size", tuple(obj))

    def _save_device(self, obj):
        self.reduce("torch", "device", *((obj.type,) if obj.index is None else (obj.type, obj.index)))

    def _save_dtype(self, obj):
        self.save(_Global("torch", obj.name))

    def _save_global(self, obj):
        self.stream.write(pickle.GLOBAL + f"{obj.module}\n{obj.name}\n".encode())

    def _save_object(self, obj):
        make, args, state, *items = obj.__reduce_ex__(2)
        if make is not copyreg.__newobj__ or any(item is not None for item in items):
            raise PicklingError(f"save: cannot save an object of type {type(obj).__qualname__}: it is more than its "
                                "attributes")
        self._save_global(_label_of(args[0]))
        self.save(args[1:])
        self.stream.write(pickle.NEWOBJ)
        self.memoize(obj)
        if state is not None:
            self.save(state)
            self.stream.write(pickle.BUILD)

    def _save_storage(self, obj):
        view = (None,) if self.legacy else ()
        self.save(("storage", obj.type, obj.key, "cpu", obj.numel, *view))
        self.stream.write(pickle.BINPERSID)

    def _save_tensor(self, obj):
        storage, offset, size, stride = _parts_of(obj)
        identity = _address(storage), storage.size, storage.dtype
        key, _ = self.storages.setdefault(identity, (str(len(self.storages)), storage))
        common = offset, tuple(size), stride, obj.requires_grad, OrderedDict()
        if obj.dtype in _WITHOUT_STORAGE_TYPE:
            handle = _Storage(key, _Global("torch.storage", "UntypedStorage"), storage.nbytes)
            self.reduce("torch._utils", "_rebuild_tensor_v3", handle, *common, obj.dtype)
        else:
            handle = _Storage(key, _Global("torch", f"{obj.dtype.scalar_name}Storage"), storage.size)
            self.reduce("torch._utils", "_rebuild_tensor_v2", handle, *common)
        self.memoize(obj)

    def _save_parameter(self, obj):
        self.reduce("torch._utils", "_rebuild_parameter", obj.detach(), obj.requires_grad, OrderedDict())
        self.memoize(obj)

    def _save_array(self, obj):
        array_type = self._array_type(obj)
        self.reduce(_MULTIARRAY, "_reconstruct", _NDARRAY, (0,), b"b")
        self.memoize(obj)
        is_fortran = obj.flags.f_contiguous and not obj.flags.c_contiguous
        self.save((1, obj.shape, array_type, is_fortran, obj.tobytes("A")))
        self.stream.write(pickle.BUILD)

    def _save_array_number(self, obj):
        self.reduce(_MULTIARRAY, "scalar", self._array_type(obj), obj.tobytes())
        self.memoize(obj)

    def _array_type(self, obj):
        order, name = obj.dtype.str[0], obj.dtype.str[1:]
        if name not in _ARRAY_TYPES:
            raise PicklingError(f"save: cannot save a NumPy array of dtype {obj.dtype}, which is no number")
        return _ArrayType(name, order)

    def _save_array_type(self, obj):
        self.reduce("numpy", "dtype", obj.name, False, True)
        self.save((3, obj.order, None, None, None, -1, -1, 0))
        self.stream.write(pickle.BUILD)

    _WRITERS = {
        type(None): _save_constant, bool: _save_constant, int: _save_int, float: _save_float, complex: _save_complex,
        str: _save_str, bytes: _save_bytes, bytearray: _save_bytearray, tuple: _save_tuple, list: _save_list,
        set: _save_set, dict: _save_dict, OrderedDict: _save_ordered_dict, Counter: _save_counter, Size: _save_size,
        device: _save_device, dtypes.dtype: _save_dtype, type(dtypes.bfloat16): _save_dtype, Tensor: _save_tensor,
        Buffer: _save_tensor, Parameter: _save_parameter, _Global: _save_global, _Storage: _save_storage,
        np.ndarray: _save_array, _ArrayType: _save_array_type, **dict.fromkeys(_NUMBERS, _save_array_number),
    }


class _Arguments(tuple):
    """A tuple with a label or a storage in it: good for REDUCE and BINPERSID, never part of what `load` returns."""


_INTERNAL = (_Global, _Arguments, _LoadedStorage, _ArrayType)  # what `load` never returns


class _Unpickler:
    """Executes a pickle of tensors and plain containers: a stack machine whose instructions reach no other code."""

    def __init__(self, data, load_storage, weights_only=True):
        self.data = data  # a binary file
        self.load_storage = load_storage  # (numpy dtype, key, location, numel) -> 1-D array
        self.weights_only = weights_only
        self.stack = []
        self.marked = []  # the stacks that MARK put aside; it starts a new one
        self.memo = {}

    def load(self):
        while (opcode := self._read(1)) != pickle.STOP:
            self._execute(opcode)
        return self._plain(self._pop())

    def _execute(self, opcode):
        push, pop = self.stack.append, self._pop
        match opcode:
            # values
            case pickle.BININT1:
                push(self._number("<B"))
            case pickle.BININT2:
                push(self._number("<H"))
            case pickle.BININT:
                push(self._number("<i"))
            case pickle.BINFLOAT:
                push(self._number(">d"))
            case pickle.BINUNICODE:
                push(self._text(self._read(self._number("<I"))))
            case pickle.NONE:
                push(None)
            case pickle.NEWTRUE:
                push(True)
            case pickle.NEWFALSE:
                push(False)
            case pickle.LONG1:
                push(int.from_bytes(self._read(self._number("<B")), "little", signed=True))
            # objects met before
            case pickle.BINGET:
                push(self._remembered(self._number("<B")))
            case pickle.LONG_BINGET:
                push(self._remembered(self._number("<I")))
            case pickle.BINPUT:
                self.memo[self._number("<B")] = self._top()
            case pickle.LONG_BINPUT:
                self.memo[self._number("<I")] = self._top()
            # containers
            case pickle.MARK:
                self.marked.append(self.stack)
                self.stack = []
            case pickle.EMPTY_TUPLE:
                push(())
            case pickle.TUPLE1:
                push(self._tuple([pop()]))
            case pickle.TUPLE2:
                push(self._tuple([pop(), pop()][::-1]))
            case pickle.TUPLE3:
                push(self._tuple([pop(), pop(), pop()][::-1]))
            case pickle.TUPLE:
                items = self._pop_mark()
                self.stack.append(self._tuple(items))
            case pickle.EMPTY_LIST:
                push([])
            case pickle.APPEND:
                self._extend([pop()])
            case pickle.APPENDS:
                self._extend(self._pop_mark())
            case pickle.EMPTY_DICT:
                push({})
            case pickle.SETITEM:
                self._update([pop(), pop()][::-1])
            case pickle.SETITEMS:
                self._update(self._pop_mark())
            # tensors and the other types
            case pickle.GLOBAL:
                push(self._global())
            case pickle.REDUCE:
                args = pop()
                push(self._call(pop(), args))
            case pickle.NEWOBJ:
                args = pop()
                push(self._new_object(pop(), args))
            case pickle.BINPERSID:
                push(self._storage(pop()))
            case pickle.BUILD:
                self._set_attributes(pop())
            case pickle.PROTO:
                protocol = self._number("<B")
                if protocol != 2:
                    raise UnpicklingError(f"load: pickle protocol {protocol} is not supported; torch.save's is 2")
            case _:
                raise UnpicklingError(
                    f"load: unsupported pickle instruction {opcode!r} at byte {self.data.tell() - 1}: a file of "
                    "tensors and plain containers, saved with the default pickle_protocol=2, does not need it")

    def _read(self, n):
        data = self.data.read(n)
        if len(data) < n:
            raise UnpicklingError("load: pickle data was truncated")
        return data

    def _number(self, format):
        return struct.unpack(format, self._read(struct.calcsize(format)))[0]

    def _text(self, data):
        try:
            return str(data, "utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            raise UnpicklingError(f"load: a string in the pickle is damaged: {error}") from None

    def _top(self):
        if not self.stack:
            raise UnpicklingError("load: the pickle takes an object from an empty stack")
        return self.stack[-1]

    def _pop(self):
        self._top()
        return self.stack.pop()

    def _pop_mark(self):
        if not self.marked:
            raise UnpicklingError("load: unexpected MARK found in the pickle")
        items, self.stack = self.stack, self.marked.pop()
        return items

    def _remembered(self, number):
        if number not in self.memo:
            raise UnpicklingError(f"load: memo value not found at index {number}")
        return self.memo[number]

    def _plain(self, value):
        """`value`, which goes to the caller."""
        if type(value) in _INTERNAL:
            raise UnpicklingError("load: the file holds a class, a function or a storage outside of a tensor")
        return value

    def _target(self, *types):
        """The object on top of the stack, to be changed: exactly of one of these types."""
        target = self._top()
        if type(target) not in types:
            raise UnpicklingError(f"load: the pickle changes an object of type {type(target).__name__} as if it were "
                                  f"one of {[t.__name__ for t in types]}")
        return target

    def _tuple(self, items):
        internal = any(type(item) in _INTERNAL for item in items)
        return _Arguments(items) if internal else tuple(items)

    def _extend(self, items):
        self._target(list).extend(map(self._plain, items))

    def _update(self, items):
        if len(items) % 2:
            raise UnpicklingError("load: odd number of items for SETITEMS")
        target = self._target(dict, OrderedDict, Counter)
        for key, value in zip(items[::2], items[1::2]):
            target[_hashable(key)] = self._plain(value)

    def _global(self):
        """The meaning of "module name": a dtype, or a label that only REDUCE and BINPERSID understand."""
        module, name = (self._text(self.data.readline()).rstrip("\n") for _ in range(2))
        label = _Global(_RENAMED.get(module, module), name)
        if label in _safe_globals:
            return _safe_globals[label]
        if label in _DTYPES:
            return _DTYPES[label]
        if label in _FUNCTIONS or label in _STORAGE_TYPES:
            return label
        if not self.weights_only:
            if label in _ARRAY_FUNCTIONS or label == _NDARRAY:
                return label
            if cls := _module_class(label):
                return cls
        raise UnpicklingError(
            f"Weights only load failed. Unsupported global: GLOBAL {label.module}.{name} was not an allowed global by "
            f"default. Please use `torch.serialization.add_safe_globals([{label.name}])` or the "
            f"`torch.serialization.safe_globals([{label.name}])` context manager to allowlist this global if you trust "
            "this class/function. This loader never runs code from a file but that: it builds tensors, numbers, "
            "strings and plain containers, and with weights_only=False NumPy's arrays of numbers, and Modules whose "
            "classes the program has defined or imported before. Where the file was made, save state_dict() instead "
            "of the whole object, and tensors of these dtypes: "
            f"{', '.join(d.name for d in dtypes.ALL)}.")

    def _call(self, label, args):
        if _is_safe(label) and type(args) is tuple:
            return label(*args)
        if type(label) is not _Global or label not in _CALLABLE or type(args) not in (tuple, _Arguments):
            raise UnpicklingError(f"load: the pickle calls an object of type {type(label).__name__}; only allowed "
                                  "globals can be called")
        try:
            return _CALLABLE[label](*args)
        except (TypeError, ValueError, RuntimeError) as error:  # wrong arguments
            raise UnpicklingError(f"load: {label.module}.{label.name}: {error}") from error

    def _storage(self, identity):
        match identity:
            case (("storage", _Global() as label, str(key), str(location), int(numel), *view)
                  ) if self.load_storage and label in _STORAGE_TYPES and view in ([], [None]):
                return _LoadedStorage(self.load_storage(_STORAGE_TYPES[label].numpy, key, location, numel))
        raise UnpicklingError(f"load: only persistent ids of storages are allowed, not {type(identity).__name__}")

    def _new_object(self, cls, args):
        if not self.weights_only and not _is_safe(cls) and isinstance(cls, type) and issubclass(cls, Module):
            return _empty_module(cls, args)
        if not (isinstance(cls, type) and _is_safe(cls) and type(args) is tuple):
            raise UnpicklingError(f"load: the pickle makes an object of {cls!r}, which is not among the safe globals")
        return cls.__new__(cls, *args)

    def _set_attributes(self, state):
        """BUILD: a state_dict's _metadata, or the attributes of an object of a class that the user allowed."""
        target = self._top()
        if _is_safe(type(target)):
            self._plain(state)
            if hasattr(target, "__setstate__"):
                target.__setstate__(state)
                return
            for part in state if type(state) is tuple else (state,):  # attributes, then slots
                if type(part) not in (dict, type(None)) or any(type(name) is not str for name in part or ()):
                    raise UnpicklingError(f"load: the attributes of a {type(target).__name__} are not a dict of names")
                for name, value in (part or {}).items():
                    object.__setattr__(target, name, value)
            return
        if type(target) is np.ndarray:
            return _fill_array(target, state)
        if type(target) is _ArrayType:
            return _set_order(target, state)
        if isinstance(target, Module) and not self.weights_only:
            self._plain(state)
            if type(state) is not dict or any(type(name) is not str for name in state):
                raise UnpicklingError(f"load: the attributes of a {type(target).__name__} are not a dict of names")
        else:
            target = self._target(OrderedDict)
            if type(state) is not dict or any(type(name) is not str or hasattr(OrderedDict, name) for name in state):
                raise UnpicklingError("load: the pickle replaces methods of an OrderedDict")
        vars(target).update(state)


def _module_class(label):
    """The subclass of Module that the program knows by this name, or None. Nothing is imported, nothing is called.

    UnpicklingError if Python's pickle would call methods of the class to make one.
    """
    found = sys.modules.get(ours(label.module))
    for name in label.name.split("."):
        found = vars(found).get(name) if isinstance(found, (types.ModuleType, type)) else None
    if not (isinstance(found, type) and issubclass(found, Module)):
        return None
    own = [name for name in ("__new__", "__del__", "__reduce__", "__reduce_ex__", "__setstate__")
           if getattr(found, name, None) is not getattr(Module, name, None)]
    if own:
        raise UnpicklingError(f"load: {found.__qualname__} has a method {own[0]}, which load does not call: save its "
                              "state_dict(), or allow the class with torch.serialization.add_safe_globals")
    return found


def _empty_module(cls, args):
    try:
        if args != ():
            raise TypeError("it takes arguments")
        return object.__new__(cls)
    except TypeError as error:  # an abstract class, a subclass of dict
        raise UnpicklingError(f"load: an object of {cls.__qualname__} cannot be made: {error}") from error


def _is_safe(obj):
    """Whether the user allowed this class or function."""
    return any(obj is safe for safe in _safe_globals.values())


def _expect(value, *types):
    if type(value) not in types:
        raise TypeError(f"expected {' or '.join(t.__name__ for t in types)}, not {type(value).__name__}")
    return value


_PLAIN = (type(None), bool, int, float, complex, str, bytes, dtypes.dtype, type(dtypes.bfloat16), device)


def _hashable(key):
    """`key`, if it is a plain value or a tuple of such, small enough to hash."""
    pending, parts = [key], 0
    while pending:
        part = pending.pop()
        parts += 1
        if type(part) in (tuple, Size):
            pending.extend(part[:_MAX_KEY_PARTS])
        elif type(part) not in _PLAIN:
            raise UnpicklingError(f"load: unhashable type: '{type(part).__name__}' as a dict key or in a set")
        if parts + len(pending) > _MAX_KEY_PARTS:
            raise UnpicklingError(f"load: a dict key of more than {_MAX_KEY_PARTS} parts")
    return key


# What REDUCE can call. Arguments come from the file, so each function checks them.

def _encode(text, encoding):  # how protocol 2 writes bytes
    if _expect(encoding, str) not in ("latin1", "latin-1"):
        raise ValueError(f"encoding {encoding!r} is not supported")
    return _expect(text, str).encode("latin1")


def _bytearray(data=b""):
    return bytearray(_expect(data, bytes))


def _complex(real, imag):
    return complex(_expect(real, float), _expect(imag, float))


def _set(items):
    return {_hashable(item) for item in _expect(items, list)}


def _counter(items):
    return Counter(_expect(items, dict))


def _size(items):
    return Size([_expect(item, int) for item in _expect(items, tuple)])


def _device(kind, index=None):
    return device(_expect(kind, str), _expect(index, int, type(None)))


def _rebuild_parameter(data, requires_grad, backward_hooks):
    return Parameter(_expect(data, Tensor), _expect(requires_grad, bool))


# NumPy's arrays, as NumPy takes them apart: an empty array, which BUILD then fills.

def _array(cls, shape, code):
    if cls != _NDARRAY:
        raise TypeError("a subclass of numpy.ndarray")
    return np.empty(0)


def _fill_array(array, state):
    match state:
        case (1, tuple(shape), _ArrayType() as array_type, bool(is_fortran), bytes(data)):
            dtype = _numpy_dtype(array_type)
            makes_sense = len(shape) <= _MAX_NDIM and all(type(n) is int and 0 <= n for n in shape) and (
                math.prod(n or 1 for n in shape) < 2**48)  # NumPy computes strides with the other sizes, next to a 0
            if makes_sense and math.prod(shape) * dtype.itemsize == len(data):
                array.__setstate__((1, shape, dtype, is_fortran, data))
                return
    raise UnpicklingError("load: the contents of a NumPy array are damaged")


def _array_number(array_type, data):
    dtype = _numpy_dtype(_expect(array_type, _ArrayType))
    if len(_expect(data, bytes)) != dtype.itemsize:
        raise ValueError(f"{len(data)} bytes for a {dtype}")
    return np.frombuffer(data, dtype)[0]


def _array_dtype(name, align, copy):
    if _expect(name, str) not in _ARRAY_TYPES:
        raise ValueError(f"dtype {name!r}; only numbers are allowed")
    return _ArrayType(name)


def _set_order(array_type, state):
    itemsize = _ARRAY_TYPES[array_type.name].itemsize
    if type(state) is not tuple or state[2:] != (None, None, None, -1, -1, 0) or state[0] != 3 or (
            state[1] not in (("|",) if itemsize == 1 else ("<", ">"))):
        raise UnpicklingError("load: the dtype of a NumPy array is damaged")
    array_type.order = state[1]


def _numpy_dtype(array_type):
    return np.dtype((array_type.order or "=") + array_type.name)


_FUNCTIONS = {
    _Global("torch._utils", "_rebuild_tensor_v2"): _rebuild_tensor_v2,
    _Global("torch._utils", "_rebuild_tensor_v3"): _rebuild_tensor_v3,
    _Global("torch._utils", "_rebuild_parameter"): _rebuild_parameter,
    _Global("torch", "Size"): _size,
    _Global("torch", "device"): _device,
    _Global("collections", "OrderedDict"): lambda: OrderedDict(),  # without arguments only
    _Global("collections", "Counter"): _counter,
    _Global("_codecs", "encode"): _encode,
    _Global("builtins", "bytes"): lambda: b"",
    _Global("builtins", "bytearray"): _bytearray,
    _Global("builtins", "complex"): _complex,
    _Global("builtins", "set"): _set,
}
_NDARRAY = _Global("numpy", "ndarray")
_ARRAY_FUNCTIONS = {
    _Global(_MULTIARRAY, "_reconstruct"): _array,
    _Global(_MULTIARRAY, "scalar"): _array_number,
    _Global("numpy", "dtype"): _array_dtype,
}
_CALLABLE = {**_FUNCTIONS, **_ARRAY_FUNCTIONS}
_DTYPES = {_Global("torch", d.name): d for d in dtypes.ALL}
_WITHOUT_STORAGE_TYPE = (dtypes.uint16, dtypes.uint32, dtypes.uint64)  # younger than torch's typed storages
_STORAGE_TYPES = {_Global("torch", f"{d.scalar_name}Storage"): d for d in dtypes.ALL if d not in _WITHOUT_STORAGE_TYPE}
_STORAGE_TYPES[_Global("torch.storage", "UntypedStorage")] = dtypes.uint8


# ---- the zip archive: records <-> bytes ----

class _Archive:
    """The records of a `.pt` file. Whatever is wrong with the zip is a RuntimeError that says so."""

    def __init__(self, file):
        start = file.tell()
        self.file = file
        with self._reading("the directory"):
            self.zip = zipfile.ZipFile(file)
        entries = self.zip.infolist()
        names = self.zip.namelist()
        # Bytes stored as they are, once each, cannot be more than the file: this is what keeps zip bombs out.
        if any(e.compress_type != zipfile.ZIP_STORED or e.compress_size != e.file_size for e in entries):
            raise RuntimeError("load: a record is compressed; the records of a .pt file are stored as they are")
        if sum(entry.file_size for entry in entries) > file.seek(0, os.SEEK_END) - start:
            raise RuntimeError("load: the records overlap: together they are larger than the file")
        self.prefix = names[0].partition("/")[0] if names else ""
        if f"{self.prefix}/constants.pkl" in names:
            raise RuntimeError("load: this is a TorchScript archive, a program; save the module's state_dict() instead")
        order = self.bytes("byteorder") if f"{self.prefix}/byteorder" in names else b"little"
        if order not in (b"little", b"big"):
            raise ValueError(f"Unknown endianness type: {order!r}")
        self.swapped = order != sys.byteorder.encode()

    @contextmanager
    def _reading(self, what):
        try:
            yield
        except Exception as error:  # zipfile raises a dozen types for a dozen kinds of damage
            raise RuntimeError(f"PytorchStreamReader failed reading zip archive: {what}: {error!r}. The file is "
                               "probably truncated or damaged.") from error

    def bytes(self, name):
        with self._reading(name):
            return self.zip.read(f"{self.prefix}/{name}")

    def _entry(self, name, dtype, numel):
        """The zip's entry for a storage of `numel` elements; its length has to say the same."""
        with self._reading(name):
            entry = self.zip.getinfo(f"{self.prefix}/{name}")
        if numel < 0 or entry.file_size != numel * dtype.itemsize:
            raise UnpicklingError(f"load: record {name} has {entry.file_size} bytes, not {numel} x {dtype}")
        return entry

    def read(self, name, dtype, numel):
        """A storage as a new 1-D array."""
        entry = self._entry(name, dtype, numel)
        storage = np.empty(numel, dtype)
        data = storage.view(np.uint8).data
        with self._reading(name), self.zip.open(entry) as record:
            for start in range(0, len(data), _CHUNK):
                record.readinto(data[start:start + _CHUNK])
        return self._native(storage)

    def map(self, name, dtype, numel):
        """A storage as a 1-D array over the file's pages, read when touched; a changed page is a private copy."""
        entry = self._entry(name, dtype, numel)
        with self._reading(name):
            mapped = memory_map.mmap(self.file.fileno(), 0, access=memory_map.ACCESS_COPY)
            name_size, extra_size = struct.unpack_from("<HH", mapped, entry.header_offset + 26)
            storage = np.frombuffer(mapped, dtype, numel, entry.header_offset + 30 + name_size + extra_size)
        return self._native(storage)

    def _native(self, storage):
        return storage.byteswap(inplace=True) if self.swapped else storage


def _write_archive(file, data, storages):
    with zipfile.ZipFile(file, "w") as archive:
        _write_record(archive, "data.pkl", data)
        _write_record(archive, "byteorder", sys.byteorder.encode())
        for key, storage in storages:
            _write_record(archive, f"data/{key}", storage.view(np.uint8).data)
        _write_record(archive, "version", b"3\n")


def _write_legacy(file, data, storages):
    system = {"protocol_version": _LEGACY_VERSION, "little_endian": sys.byteorder == "little",
              "type_sizes": {"short": 2, "int": 4, "long": 4}}
    for header in (_LEGACY_MAGIC, _LEGACY_VERSION, system):
        file.write(_pickled(header))
    file.write(data)
    file.write(_pickled([key for key, _ in storages]))
    for _, storage in storages:
        file.write(struct.pack("<q", storage.size))
        file.write(storage.view(np.uint8).data)


def _pickled(obj):
    pickler = _Pickler()
    pickler.dump(obj)
    return pickler.stream.getvalue()


def _write_record(archive, name, data):
    """Store `data` in the zip at the next multiple of 64 bytes: an extra field in its header fills the gap."""
    entry = zipfile.ZipInfo(f"archive/{name}")
    header = 30 + len(entry.filename) + 4 + 20  # fixed part, name, our field's head, zip64 sizes
    gap = -(archive.start_dir + header) % _ALIGNMENT
    entry.extra = b"FB" + struct.pack("<H", gap) + bytes(gap)
    with archive.open(entry, "w", force_zip64=True) as record:
        record.write(data)


@contextmanager
def replacing(path):
    """A file to write, which takes the place of `path` in one step at the end, or disappears on an error."""
    path = os.path.realpath(path)  # a link stays, its target is replaced
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        raise RuntimeError(f"Parent directory {folder} does not exist.")
    if os.path.exists(path) and not os.path.isfile(path):  # a pipe or a device is written to, not replaced
        with open(path, "wb") as file:
            yield file
        return
    temporary = os.path.join(folder, f".{uuid.uuid4().hex}.tmp")
    try:
        with open(temporary, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())  # the bytes are on the disk before the name points to them
        if os.path.exists(path):
            open(path, "ab").close()  # PermissionError for a file that may not be written to
            shutil.copymode(path, temporary)
        os.replace(temporary, path)
    except BaseException:  # KeyboardInterrupt too
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
