"""save and load: the same objects on both sides of the format, nothing dangerous on this one, and never half a file."""
import copy
import io
import os
import pickle
import random
import stat
import struct
import subprocess
import sys
import types
import zipfile
from collections import Counter, OrderedDict

import numpy as np
import pytest

import minitorch
from minitorch import from_numpy, serialization
from minitorch.engine import wrap
from minitorch.serialization import load, save
from minitorch.vision.models.resnet import BasicBlock

from tests.oracle import import_torch

DTYPES = ["bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "float16", "bfloat16",
          "float32", "float64"]


def saved(obj):
    file = io.BytesIO()
    save(obj, file)
    file.seek(0)
    return file


def saved_by_torch(obj, **options):
    file = io.BytesIO()
    import_torch().save(obj, file, **options)
    file.seek(0)
    return file


def same(a, b):
    """The same nest of containers, of the same types by name, with the same tensors and values in it."""
    if hasattr(a, "requires_grad"):
        return _facts(a) == _facts(b)
    if isinstance(a, dict):
        return type(a) is type(b) and a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return type(a).__name__ == type(b).__name__ and len(a) == len(b) and all(map(same, a, b))
    if type(a).__name__ in ("dtype", "device"):
        return str(a) == str(b)
    return type(a) is type(b) and a == b


def _facts(tensor):
    return (type(tensor).__name__, tensor.requires_grad, str(tensor.dtype), tuple(tensor.shape),
            tensor.detach().tolist())


def values(lib):
    """One of each value that a file can hold, made with torch or minitorch."""
    return {
        "ints": [0, 1, -1, 255, 256, 65535, 65536, 2**31 - 1, 2**31, -2**31, -2**31 - 1, 2**63, -2**100, 10**300],
        "floats": [0.5, -1e300, float("inf")], "complex": 1 - 2j, "constants": (None, True, False),
        "str": ["", "h\u00e9llo \U0001f600", "\ud800"], "bytes": [b"", b"\0\n\xff"],
        "bytearray": [bytearray(), bytearray(b"ab")], "lists": [[], [[]], list(range(300))],
        "tuples": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), ((1, (2,)), 3)],
        "set": [set(), {1, "a", (2, b"b")}], "counter": Counter("abca"), "ordered": OrderedDict(b=1, a=2),
        "keys": {1: "int", 2.5: "float", None: "None", (1, ("a", 2)): "tuple", b"b": "bytes"},
        "size": [lib.Size([]), lib.Size([2, 3])], "device": [lib.device("cpu"), lib.device("cuda", 1)],
        "dtype": [getattr(lib, name) for name in DTYPES],
    }


def tensors(lib):
    """Tensors of each dtype, shape and layout; some share a storage."""
    x = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    t = lib.from_numpy(x)
    parameter = lib.nn.Parameter(lib.from_numpy(np.ones((2, 2))))
    return {
        **{name: lib.tensor([0, 1, 2]).to(getattr(lib, name)) for name in DTYPES},
        "0-d": lib.from_numpy(np.array(3.5)), "empty": lib.from_numpy(np.zeros((0, 3))), "x": t,
        "transposed": lib.from_numpy(x.transpose(2, 0, 1)), "slice": lib.from_numpy(x[1:, ::2, 1]),
        "expanded": lib.from_numpy(x[0, 0])[None].expand(3, 4), "empty slice": lib.from_numpy(x[2:, :, 4:]),
        "requires grad": lib.from_numpy(x.copy()).requires_grad_(), "parameter": parameter,
        "frozen": lib.nn.Parameter(lib.from_numpy(np.ones(1)), requires_grad=False), "again": [t, t, parameter],
    }


@pytest.mark.parametrize("make", [values, tensors])
class TestBothWays:
    def test_here(self, make):
        assert same(load(saved(make(minitorch))), make(minitorch))

    def test_torch_reads_ours(self, make):
        torch = import_torch()
        assert same(torch.load(saved(make(minitorch)), weights_only=True), make(torch))

    def test_we_read_torchs(self, make):
        torch = import_torch()
        assert same(load(saved_by_torch(make(torch))), make(minitorch))


def test_state_dict_metadata_both_ways():
    torch = import_torch()
    theirs = torch.nn.Linear(2, 3).state_dict()
    ours = load(saved_by_torch(theirs))
    assert type(ours) is OrderedDict and ours._metadata == theirs._metadata
    assert same(torch.load(saved(ours)), theirs) and torch.load(saved(ours))._metadata == theirs._metadata


def test_checkpoint_of_a_torch_training():
    torch = import_torch()
    model = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2), torch.nn.Linear(2, 2))
    optimizer = torch.optim.AdamW(model.parameters(), amsgrad=True)
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [2, 3])
    sum(p.square().sum() for p in model.parameters()).backward()
    optimizer.step()
    scheduler.step()
    checkpoint = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict(),
                  "epoch": 3, "losses": [1.5, 0.25], "rng": torch.get_rng_state(), "best": torch.tensor(0.5)}
    ours = load(saved_by_torch(checkpoint))
    assert same(ours, checkpoint)
    assert same(torch.load(saved(ours), weights_only=True), checkpoint)


class TestSharing:
    def test_shared_storage_is_stored_once_and_shared_again(self):
        x = np.arange(12.0).reshape(3, 4)
        file = saved([from_numpy(x), from_numpy(x.T[1:]), from_numpy(x[1])])
        whole, columns, row = (t.numpy() for t in load(file))
        assert [name for name in zipfile.ZipFile(file).namelist() if "/data/" in name] == ["archive/data/0"]
        whole[1, 2] = -7
        assert columns[1, 1] == -7 and row[2] == -7

    @pytest.mark.parametrize("from_torch", [False, True])
    def test_across_the_libraries(self, from_torch):
        torch = import_torch()
        lib, other = (torch, minitorch) if from_torch else (minitorch, torch)
        x = lib.from_numpy(np.arange(12.0).reshape(3, 4))
        pair = [x, lib.nn.Parameter(x[1])]
        whole, row = other.load((saved_by_torch if from_torch else saved)(pair))
        whole.numpy()[1, 2] = -7
        assert row[2].item() == -7

    def test_strides_of_a_view_survive(self):
        x = np.zeros((4, 6), np.float32)[1:, ::2].T
        assert load(saved(from_numpy(x))).numpy().strides == x.strides

    def test_overlapping_windows(self):
        windows = np.lib.stride_tricks.sliding_window_view(np.arange(6.0), 3)
        file = saved(from_numpy(windows))
        np.testing.assert_array_equal(load(file).numpy(), windows)
        assert zipfile.ZipFile(file).getinfo("archive/data/0").file_size == 6 * 8

    @pytest.mark.parametrize("view", [
        lambda x: x[::-1], lambda x: x.view(np.int32), lambda x: x.view(np.uint8)[3:11].view(np.float32),
        lambda x: np.frombuffer(bytes(x.data), np.float32)])
    def test_what_torch_cannot_express_is_copied(self, view):
        x = np.arange(1.0, 5.0, dtype=np.float32)
        with np.errstate(all="ignore"):
            expected = view(x)
        there, here = load(saved([from_numpy(x), wrap(expected)]))
        np.testing.assert_array_equal(here.numpy(), expected)
        assert not np.shares_memory(there.numpy(), here.numpy())

    def test_one_buffer_with_two_meanings(self):
        buffer = np.arange(4.0).tobytes()
        arrays = [np.frombuffer(buffer), np.frombuffer(buffer, np.int64), np.frombuffer(buffer, count=2)]
        for array, loaded in zip(arrays, load(saved([wrap(array) for array in arrays]))):
            np.testing.assert_array_equal(loaded.numpy(), array, strict=True)

    def test_the_same_objects_come_back_as_one(self):
        inner, tensor = [1], from_numpy(np.ones(1))
        outer = {"a": inner, "b": inner, "t": [tensor, tensor]}
        outer["self"] = outer
        loaded = load(saved(outer))
        assert loaded["a"] is loaded["b"] and loaded["t"][0] is loaded["t"][1] and loaded["self"] is loaded


class TestFile:
    def test_records_are_aligned_and_the_bytes_depend_on_the_object_only(self):
        file = saved([from_numpy(np.ones(n)) for n in range(5)])
        for entry in zipfile.ZipFile(file).infolist():
            name_size, extra_size = struct.unpack_from("<HH", file.getvalue(), entry.header_offset + 26)
            assert (entry.header_offset + 30 + name_size + extra_size) % 64 == 0
        assert file.getvalue() == saved([from_numpy(np.ones(n)) for n in range(5)]).getvalue()

    def test_torch_can_map_it(self, tmp_path):
        torch = import_torch()
        save({"x": from_numpy(np.arange(5.0)), "y": from_numpy(np.arange(3))}, tmp_path / "a.pt")
        mapped = torch.load(tmp_path / "a.pt", mmap=True)
        assert mapped["x"].tolist() == [0, 1, 2, 3, 4] and mapped["y"].tolist() == [0, 1, 2]
        assert mapped["x"].data_ptr() % 64 == 0

    @pytest.mark.parametrize("by_torch", [False, True])
    def test_mmap(self, tmp_path, by_torch):
        path = tmp_path / "a.pt"
        lib = import_torch() if by_torch else minitorch
        x = lib.from_numpy(np.arange(6.0).reshape(2, 3))
        lib.save([x, x[1], lib.from_numpy(np.zeros((0,)))], path)
        before = path.read_bytes()
        whole, row, empty = load(path, mmap=True)
        whole.numpy()[1, 1] = -7
        assert row.numpy().tolist() == [3, -7, 5] and empty.numpy().size == 0
        assert path.read_bytes() == before
        with pytest.raises(ValueError, match="f must be a file path in order to use the mmap argument"):
            load(io.BytesIO(before), mmap=True)

    def test_big_endian(self):
        """A file from a big-endian machine: the same records with other bytes."""
        values = np.arange(5, dtype=np.int32)
        file = rewritten(saved(from_numpy(values)), byteorder=b"big", **{"data/0": values.byteswap().tobytes()})
        assert load(file).numpy().tolist() == [0, 1, 2, 3, 4]

    def test_a_storage_of_several_chunks(self):
        array = np.arange(3 * serialization._CHUNK // 8 + 1)
        np.testing.assert_array_equal(load(saved(from_numpy(array))).numpy(), array)

    def test_any_stream_can_be_written(self):
        class Pipe(io.RawIOBase):
            data = b""

            def writable(self):
                return True

            def write(self, data):
                self.data += bytes(data)
                return len(data)

        pipe = Pipe()
        save([from_numpy(np.ones(3)), "x"], pipe)
        assert load(io.BytesIO(pipe.data))[0].numpy().tolist() == [1, 1, 1]


class TestAtomic:
    @pytest.fixture
    def path(self, tmp_path):
        save("old", tmp_path / "a.pt")
        return tmp_path / "a.pt"

    def left_alone(self, path):
        return load(path) == "old" and os.listdir(path.parent) == ["a.pt"]

    def test_replaces(self, path):
        os.chmod(path, 0o640)
        save("new", path)
        assert load(path) == "new" and os.listdir(path.parent) == ["a.pt"] and path.stat().st_mode & 0o777 == 0o640

    def test_object_that_cannot_be_saved(self, path):
        with pytest.raises(pickle.PicklingError):
            save([from_numpy(np.ones(3)), object()], path)
        assert self.left_alone(path)

    def test_disk_full(self, path):
        resource = pytest.importorskip("resource")
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))  # bytes a file can grow to
        try:
            with pytest.raises(OSError):
                save(from_numpy(np.ones(10_000)), path)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert self.left_alone(path)

    def test_interrupted(self, path, monkeypatch):
        def interrupt(descriptor):
            raise KeyboardInterrupt
        monkeypatch.setattr(os, "fsync", interrupt)
        with pytest.raises(KeyboardInterrupt):
            save("new", path)
        assert self.left_alone(path)

    def test_killed(self, path):
        program = ("import minitorch, minitorch.serialization, os, numpy, sys\n"
                   "os.fsync = lambda descriptor: os._exit(9)\n"
                   "minitorch.serialization.save(minitorch.from_numpy(numpy.ones(1000)), sys.argv[1])")
        assert subprocess.run([sys.executable, "-c", program, str(path)]).returncode == 9
        assert load(path) == "old"

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
    def test_a_file_that_may_not_be_written_stays(self, path):
        path.chmod(0o400)
        with pytest.raises(PermissionError):
            save("new", path)
        assert self.left_alone(path)

    @pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
    def test_a_link_stays_a_link(self, path):
        link = path.with_name("link.pt")
        link.symlink_to(path)
        save("new", link)
        assert link.is_symlink() and load(path) == "new"

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
    def test_a_pipe_is_written_to_and_stays(self, tmp_path):
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        descriptor = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)  # so that opening it to write does not wait for a reader
        try:
            save("new", pipe)
            assert stat.S_ISFIFO(pipe.stat().st_mode) and load(io.BytesIO(os.read(descriptor, 65536))) == "new"
        finally:
            os.close(descriptor)

    def test_bad_places(self, path):
        with pytest.raises(RuntimeError, match="Parent directory .*nowhere does not exist"):
            save("new", path.parent / "nowhere" / "a.pt")
        with pytest.raises(AttributeError, match="expected 'f' to be string, path, or a file-like object"):
            save("new", 3)


@pytest.mark.parametrize("obj", [
    lambda: 0, print, int, range(3), frozenset(), 2**3000,
    np.array([None]), np.array(["x"]), np.datetime64(0, "s"), np.ma.ones(1),
    np.random.default_rng(), type("Options", (dict,), {})(), type("Name", (str,), {})("x")],
    ids=lambda obj: type(obj).__name__)
def test_other_objects_cannot_be_saved(obj):
    with pytest.raises(pickle.PicklingError, match=r"state_dict\(\)|too large|which is no number"):
        save({"x": obj}, io.BytesIO())


class TestMapLocation:
    @pytest.fixture
    def file(self):
        """What torch saves on a machine with a GPU."""
        pickled = zipfile.ZipFile(saved(from_numpy(np.ones(2)))).read("archive/data.pkl")
        return rewritten(saved(from_numpy(np.ones(2))),
                         **{"data.pkl": pickled.replace(b"X\3\0\0\0cpu", b"X\6\0\0\0cuda:0")})

    @pytest.mark.parametrize("to_cpu", [
        "cpu", minitorch.device("cpu"), {"cuda:0": "cpu"}, lambda storage, location: storage])
    def test_to_cpu(self, file, to_cpu):
        assert load(file, to_cpu).numpy().tolist() == [1, 1]

    @pytest.mark.parametrize("elsewhere", [None, "cuda", {"cuda:1": "cpu"}, lambda storage, location: None, "meta"])
    def test_elsewhere(self, file, elsewhere):
        with pytest.raises(RuntimeError, match=r"Attempting to deserialize object on a (CUDA|META) device"):
            load(file, elsewhere)


# ---- files that mean harm ----

def archive(records, compression=zipfile.ZIP_STORED):
    """A zip file with these records, name: bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as target:
        for name, data in records.items():
            target.writestr(name, data)
    file.seek(0)
    return file


def rewritten(file, **records):
    """The file with other contents in some records."""
    source = zipfile.ZipFile(file)
    return archive({name: records.get(name.removeprefix("archive/"), source.read(name)) for name in source.namelist()})


def hostile(pickled):
    """A file with this pickle, and one storage of four float64."""
    return rewritten(saved(from_numpy(np.arange(4.0))), **{"data.pkl": pickled})


class Call:
    """Pickles as: call `function` with `args`, then BUILD with `state`."""

    def __init__(self, function, *args, state=None):
        self.reduced = (function, args) if state is None else (function, args, state)

    def __reduce__(self):
        return self.reduced


@pytest.mark.parametrize("function, args", [
    (os.system, ("echo",)), (eval, ("1",)), (exec, ("1",)), (getattr, ("", "join")), (__import__, ("os",)),
    (subprocess.Popen, ("echo",)), (open, ("x", "w")), (np.ones, (3,)), (type, ("A", (), {})),
    (save, (1, "x")), (pickle.loads, (b"N.",)), (serialization._rebuild_tensor_v2, ())])
@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
def test_calls_are_refused(function, args, protocol):
    with pytest.raises(pickle.UnpicklingError) as refused:
        load(hostile(pickle.dumps(Call(function, *args), protocol)))
    if protocol == 2:
        assert f".{function.__name__} was not an allowed global" in str(refused.value)
        assert "never runs code" in str(refused.value) and "state_dict()" in str(refused.value)


@pytest.mark.parametrize("name", [
    b"os system", b"builtins eval", b"numpy load", b"numpy.f2py os.system", b"torch.serialization load", b"torch.nn nn",
    b"torch.nn.functional relu", b"torch.nn.modules.linear init.zeros_", b"torch Tensor",
    b"torch.nn.parameter Parameter", b"torch.optim.sgd SGD", b"torch.nn Linear.forward", b"minitorch sys",
    b"nowhere Net", b"this Zen"])
def test_weights_only_false_is_as_safe(name):
    with pytest.raises(pickle.UnpicklingError, match="was not an allowed global"):
        load(hostile(b"c" + name.replace(b" ", b"\n") + b"\n(X\4\0\0\0echotR."), weights_only=False)
    assert "this" not in sys.modules and "nowhere" not in sys.modules  # nothing was imported


GLOBAL_DICT = b"ccollections\nOrderedDict\n"
TENSOR = b"ctorch._utils\n_rebuild_tensor_v2\n"
STORAGE = b"(X\7\0\0\0storagectorch\nDoubleStorage\nX\1\0\0\x000X\3\0\0\0cpuK\4tQ"
HOOKS = GLOBAL_DICT + b")R"


MALFORMED = {
    "unknown opcode": (b"\xff.", "unsupported pickle instruction"),
    "INST": (b"(X\1\0\0\0xios\nsystem\n.", "unsupported pickle instruction"),
    "OBJ": (b"(cos\nsystem\no.", "not an allowed global"),
    "OBJ of an allowed global": (b"(" + GLOBAL_DICT + b"o.", "unsupported pickle instruction"),
    "NEWOBJ": (GLOBAL_DICT + b")\x81.", "not among the safe globals"),
    "NEWOBJ of a number": (b"K\1)\x81.", "not among the safe globals"),
    "EXT1": (b"\x82\1.", "unsupported pickle instruction"),
    "STACK_GLOBAL": (b"X\2\0\0\0osX\6\0\0\0system\x93.", "unsupported pickle instruction"),
    "text persistent id": (b"Pstorage\n.", "unsupported pickle instruction"),
    "persistent id of another kind": (b"X\1\0\0\0xQ.", "only persistent ids of storages"),
    "persistent id of a function": (STORAGE.replace(b"DoubleStorage", b"Size") + b".", "only persistent ids"),
    "protocol 4": (b"\x80\4N.", "protocol 4 is not supported"),
    "call of a str": (b"X\6\0\0\0system)R.", "only allowed globals can be called"),
    "call of a dtype": (b"ctorch\nfloat32\n)R.", "only allowed globals can be called"),
    "call of a storage type": (b"ctorch\nFloatStorage\n)R.", "only allowed globals can be called"),
    "call with a list": (GLOBAL_DICT + b"]R.", "only allowed globals can be called"),
    "wrong arguments": (b"ctorch\nSize\n)R.", "torch.Size.*missing"),
    "dotted name": (b"ccollections\nOrderedDict.clear\n)R.", "not an allowed global"),
    "BUILD of a dict": (b"}}b.", "changes an object of type dict"),
    "BUILD of a tensor": (TENSOR + b"(" + STORAGE + b"K\0))\x89" + HOOKS + b"tR}b.", "an object of type Tensor"),
    "BUILD of methods": (HOOKS + b"}X\5\0\0\0itemsK\1sb.", "replaces methods"),
    "BUILD of __class__": (HOOKS + b"}X\x09\0\0\0__class__K\1sb.", "replaces methods"),
    "BUILD of slots": (HOOKS + b"}}\x86b.", "replaces methods"),
    "APPEND to a tuple": (b")K\1a.", "changes an object of type tuple"),
    "APPENDS to a bytearray": (b"c__builtin__\nbytearray\n)R(K\1e.", "changes an object of type bytearray"),
    "SETITEM of a tensor": (b"]K\1K\1s.", "changes an object of type list"),
    "odd SETITEMS": (b"}(K\1u.", "odd number of items"),
    "list as a key": (b"}]K\1s.", "unhashable type: 'list'"),
    "deep tuple as a key": (b"})" + b"\x85" * 100_000 + b"K\1s.", "a dict key of more than"),
    "deep tuple in a set": (b"c__builtin__\nset\n])" + b"\x85" * 100_000 + b"a\x85R.", "a dict key of more than"),
    "wide tuple as a key": (b"}K\1" + b"q\0h\0h\0\x87" * 100 + b"K\1s.", "a dict key of more than"),
    "empty stack": (b"\x85.", "empty stack"),
    "no MARK": (b"K\1t.", "unexpected MARK"),
    "no memo": (b"h\5.", "memo value not found at index 5"),
    "huge memo": (b"Nr\xff\xff\xff\xffj\xff\xff\xff\xfe.", "memo value not found"),
    "nothing at all": (b"", "truncated"),
    "no STOP": (b"N", "truncated"),
    "long string": (b"X\xff\xff\xff\xffab.", "truncated"),
    "not UTF-8": (b"X\1\0\0\0\xff.", "a string in the pickle is damaged"),
    "bytearray bomb": (b"c__builtin__\nbytearray\nJ\xff\xff\xff\x7f\x85R.", "expected bytes, not int"),
    "codec": (b"c_codecs\nencode\nX\1\0\0\0aX\3\0\0\0zip\x86R.", "'zip' is not supported"),
    "unknown device": (b"ctorch\ndevice\nX\3\0\0\0toy\x85R.", "torch.device: .*toy"),
    "a class": (GLOBAL_DICT + b".", "outside of a tensor"),
    "a class in a nest": (b"](" + GLOBAL_DICT + b"\x85\x85e.", "outside of a tensor"),
    "a class in a dict": (b"}K\1" + GLOBAL_DICT + b"s.", "outside of a tensor"),
    "a storage": (STORAGE + b".", "outside of a tensor"),
    "storage of another length": (STORAGE.replace(b"K\4t", b"K\5t") + b".", "32 bytes, not 5 x float64"),
    "storage of negative length": (STORAGE.replace(b"K\4t", b"J\xff\xff\xff\xfft") + b".", "32 bytes, not -1"),
    "storage of two dtypes": (STORAGE + STORAGE.replace(b"Double", b"Long") + b".", "is used as 4 x int64"),
    "conjugate bit": (TENSOR + b"(" + STORAGE + b"K\0))\x89" + HOOKS + b"}X\4\0\0\0conj\x88stR.", "conjugate"),
    "size is no tuple": (TENSOR + b"(" + STORAGE + b"K\0])\x89" + HOOKS + b"tR.", "expected tuple or Size, not list"),
    "size of tensors": (TENSOR + b"(" + STORAGE + b"K\0\x88\x85)\x89" + HOOKS + b"tR.", "expected int, not bool"),
    "parameter of a number": (b"ctorch._utils\n_rebuild_parameter\nK\1\x88" + HOOKS + b"\x87R.", "expected Tensor"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed(name):
    pickled, message = MALFORMED[name]
    with pytest.raises(pickle.UnpicklingError, match=message):
        load(hostile(pickled))


def view(offset, size, stride):
    """A file with one tensor: this view of a storage of four float64."""
    numbers = [pickle.dumps(x, 2)[2:-1] for x in (offset, size, stride)]
    return hostile(TENSOR + b"(" + STORAGE + b"".join(numbers) + b"\x89" + HOOKS + b"tR.")


@pytest.mark.parametrize("offset, size, stride, expected", [
    (0, (4,), (1,), [0, 1, 2, 3]), (3, (), (), 3), (1, (2, 2), (1, 1), [[1, 2], [2, 3]]), (3, (1,), (2**40,), [3]),
    (2, (2, 3), (1, 0), [[2, 2, 2], [3, 3, 3]]), (9, (0, 2), (7, 7), [])])
def test_views_inside_their_storage(offset, size, stride, expected):
    assert load(view(offset, size, stride)).numpy().tolist() == expected


@pytest.mark.parametrize("offset, size, stride", [
    (0, (5,), (1,)), (4, (), ()), (1, (4,), (1,)), (0, (2,), (4,)), (0, (2, 4), (1, 1)), (2**70, (1,), (1,)),
    (0, (2,), (2**63,)), (0, (2,), ()), (0, (), (1,))])
def test_views_outside_their_storage(offset, size, stride):
    with pytest.raises(pickle.UnpicklingError, match="_rebuild_tensor_v2: .*out of bounds for a storage of 4 elements"):
        load(view(offset, size, stride))


@pytest.mark.parametrize("offset, size, stride", [
    (-1, (1,), (1,)), (0, (-1,), (1,)), (3, (2,), (-1,)), (0, (2**62, 2**62), (0, 0)), (0, (1,), (2**80,)),
    (0, (0, 2**62), (1, 1)), (0, (0, 2**80), (1, 1)), (0, (1,) * 99, (1,) * 99), (0.0, (1,), (1,)), (0, (1.5,), (1,))])
def test_views_that_make_no_sense(offset, size, stride):
    with pytest.raises(pickle.UnpicklingError, match="_rebuild_tensor_v2"):
        load(view(offset, size, stride))


def test_random_damage_gives_an_error_or_a_value():
    """Nothing but the documented errors, whichever bytes of the pickle change."""
    rng = random.Random(0)
    good = zipfile.ZipFile(saved([values(minitorch), tensors(minitorch)])).read("archive/data.pkl")
    storages = {}

    def storage_of(dtype, key, location, numel):
        return storages.setdefault((dtype, numel), np.zeros(min(max(numel, 0), 100), dtype))

    outcomes = Counter()
    for _ in range(500):
        bad = bytearray(good)
        for _ in range(rng.randint(1, 4)):
            bad[rng.randrange(len(bad))] = rng.choice(good) if rng.random() < 0.5 else rng.randrange(256)
        try:
            serialization._Unpickler(io.BytesIO(bad), storage_of).load()
            outcomes["value"] += 1
        except pickle.UnpicklingError:
            outcomes["error"] += 1
    assert outcomes["value"] > 20 and outcomes["error"] > 20


class TestArchive:
    @pytest.fixture
    def good(self):
        return saved({"x": from_numpy(np.arange(1000.0))}).getvalue()

    def test_truncated_anywhere(self, good):
        for size in range(1, len(good), 97):
            with pytest.raises((RuntimeError, pickle.UnpicklingError), match="zip archive"):
                load(io.BytesIO(good[:size]))

    @pytest.mark.parametrize("mmap", [False, True])
    def test_random_damage(self, good, mmap, tmp_path):
        rng = random.Random(0)
        directory = good.rindex(b"PK\1\2", 0, good.index(b"PK\1\2") + 4)  # where names, sizes and places are
        for _ in range(200):
            bad = bytearray(good)
            bad[rng.randrange(directory, len(good))] = rng.randrange(256)
            (tmp_path / "bad.pt").write_bytes(bad)
            try:
                load(tmp_path / "bad.pt", mmap=mmap)
            except (RuntimeError, ValueError, pickle.UnpicklingError):
                pass

    def test_changed_data(self, good):
        with pytest.raises(RuntimeError, match="Bad CRC-32"):
            load(io.BytesIO(good.replace(np.array(500.0).tobytes(), np.array(501.0).tobytes())))

    def test_empty_and_other_files(self):
        with pytest.raises(EOFError, match="Ran out of input"):
            load(io.BytesIO())
        with pytest.raises(pickle.UnpicklingError, match="not a .pt zip archive"):
            load(io.BytesIO(b"hello"))
        with pytest.raises(AttributeError, match="You can only torch.load from a file that is seekable"):
            load(b"hello")
        with pytest.raises(FileNotFoundError):
            load("no-such-file.pt")

    def test_mmap_of_the_legacy_format(self, tmp_path):
        save([1], tmp_path / "old.pt", _use_new_zipfile_serialization=False)
        with pytest.raises(RuntimeError, match="mmap can only be used with files saved with"):
            load(tmp_path / "old.pt", mmap=True)

    def test_torchscript(self, good):
        with pytest.raises(RuntimeError, match="TorchScript"):
            load(archive({"a/data.pkl": b"N.", "a/constants.pkl": b"N."}))

    @pytest.mark.parametrize("records", [{}, {"x": b""}, {"archive/version": b"3"}])
    def test_other_zip_files(self, records):
        with pytest.raises((RuntimeError, pickle.UnpicklingError), match="zip archive"):
            load(archive(records))

    def test_byteorder(self):
        with pytest.raises(ValueError, match="Unknown endianness type"):
            load(archive({"a/data.pkl": b"N.", "a/byteorder": b"middle"}))

    def test_compressed_bomb(self):
        with pytest.raises(RuntimeError, match="a record is compressed"):
            load(archive({"a/data.pkl": b"N" * 10**6 + b"."}, zipfile.ZIP_DEFLATED))

    def test_overlapping_bomb(self):
        """A thousand entries of the directory that share the bytes of one record."""
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as zip:
            zip.writestr("a/data/0", bytes(10_000))
            for key in range(1, 1000):
                entry = copy.copy(zip.filelist[0])
                entry.filename = f"a/data/{key}"
                zip.filelist.append(entry)
        file.seek(0)
        with pytest.raises(RuntimeError, match="the records overlap"):
            load(file)


class TestLegacyFormat:
    """Files of before PyTorch 1.6: a row of pickles, then the bytes of the storages."""

    @pytest.mark.parametrize("make", [values, tensors])
    def test_both_ways(self, make):
        def old(lib):  # the dtypes that PyTorch's own legacy files can hold
            return {name: value for name, value in make(lib).items() if name not in ("uint16", "uint32", "uint64")}

        torch = import_torch()
        assert same(old(torch), load(saved_by_torch(old(torch), _use_new_zipfile_serialization=False)))
        assert same(torch.load(legacy(old(minitorch)), weights_only=True), old(torch))

    def test_shared_storages_stay_shared(self):
        x = minitorch.arange(6.)
        a, b = load(legacy([x, x[::2]]))
        a[0] = 7
        assert b.tolist() == [7., 2., 4.]

    def test_map_location(self):
        seen = []
        load(legacy(minitorch.ones(2)), map_location=lambda storage, location: seen.append(location))
        assert seen == ["cpu"]

    @pytest.mark.parametrize("old, new, match", [
        (struct.pack("<q", 4), struct.pack("<q", 5), "has not the length"),
        (struct.pack("<i", 4) + b"N", struct.pack("<i", 2**31 - 1) + b"N", "larger than the file"),
        (b"little_endian" + b"\x88", b"little_endian" + b"\x89", "another byte order"),
        (b"cpu", b"gpu", "device"),
    ], ids=lambda x: None)
    def test_malformed(self, old, new, match):
        good = legacy(minitorch.arange(4.)).getvalue()
        assert old in good
        bad = good.replace(old, new)
        with pytest.raises((pickle.UnpicklingError, RuntimeError), match=match):
            load(io.BytesIO(bad))

    def test_truncated_anywhere(self):
        good = legacy([minitorch.arange(4.), "text"]).getvalue()
        for length in range(1, len(good)):
            with pytest.raises(pickle.UnpicklingError):
                load(io.BytesIO(good[:length]))


def legacy(obj):
    file = io.BytesIO()
    save(obj, file, _use_new_zipfile_serialization=False)
    file.seek(0)
    return file


class Settings:
    """A class of the user's."""

    def __init__(self, rate):
        self.rate, self.weights = rate, minitorch.ones(2)


class Net(minitorch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = minitorch.nn.Sequential(minitorch.nn.Linear(2, 3), minitorch.nn.BatchNorm1d(3))

    def forward(self, x):
        return self.layers(x)


NET = [Net, minitorch.nn.Sequential, minitorch.nn.Linear, minitorch.nn.BatchNorm1d]


class TestSafeGlobals:
    def test_an_object_of_an_allowed_class(self):
        with serialization.safe_globals([Settings]):
            back = load(saved({"settings": Settings(0.5), "class": Settings}))
        assert type(back["settings"]) is Settings and back["class"] is Settings
        assert back["settings"].rate == 0.5 and back["settings"].weights.tolist() == [1., 1.]

    def test_a_whole_module(self):
        net = Net().eval()
        file = saved(net)
        with serialization.safe_globals(NET):
            back = load(file)
        x = minitorch.ones(1, 2)
        assert not back.training and minitorch.equal(back(x), net(x))
        assert all(isinstance(p, minitorch.nn.Parameter) for p in back.parameters())

    @pytest.mark.parametrize("missing", NET)
    def test_each_class_of_a_module_has_to_be_allowed(self, missing):
        file = saved(Net())
        with serialization.safe_globals([cls for cls in NET if cls is not missing]):
            with pytest.raises(pickle.UnpicklingError, match=rf"add_safe_globals\(\[{missing.__qualname__}\]\)"):
                load(file)

    def test_modules_both_ways(self):
        torch = import_torch()
        x = np.ones((1, 2), np.float32)
        ours, theirs = minitorch.nn.Linear(2, 3), torch.nn.Linear(2, 3)
        with serialization.safe_globals([minitorch.nn.Linear]), torch.serialization.safe_globals([torch.nn.Linear]):
            there, here = torch.load(saved(ours)), load(saved_by_torch(theirs))
        assert same(there(torch.from_numpy(x)).detach(), ours(from_numpy(x)).detach())
        assert same(theirs(torch.from_numpy(x)).detach(), here(from_numpy(x)).detach())

    def test_another_name_in_the_file(self):
        with serialization.safe_globals([Settings]):
            file = saved(Settings(1))
        name = f"{Settings.__module__}.Settings"
        with serialization.safe_globals([(types.SimpleNamespace, name)]):
            assert type(load(file)) is types.SimpleNamespace

    def test_slots(self):
        class Point:
            __slots__ = ("x", "y")

        point = Point()
        point.x, point.y = 1, minitorch.ones(2)
        with serialization.safe_globals([Point]):
            back = load(saved(point))
        assert back.x == 1 and back.y.tolist() == [1., 1.]

    @pytest.mark.parametrize("state", [b"](K\1e", b"}K\1K\2s", b"K\1K\2\x86"])
    def test_attributes_that_are_none(self, state):
        settings = f"c{Settings.__module__}\nSettings\n".encode() + b")\x81"
        with serialization.safe_globals([Settings]):
            with pytest.raises(pickle.UnpicklingError, match="attributes of a Settings are not a dict of names"):
                load(hostile(settings + state + b"b."))

    def test_the_list(self):
        serialization.add_safe_globals([Settings])
        try:
            with serialization.safe_globals([Net]):
                assert serialization.get_safe_globals() == [Settings, Net]
            assert serialization.get_safe_globals() == [Settings]
        finally:
            serialization.clear_safe_globals()
        assert serialization.get_safe_globals() == []

    def test_allowing_one_class_allows_no_other(self):
        with serialization.safe_globals([Settings]):
            for function in (os.system, eval, getattr):
                with pytest.raises(pickle.UnpicklingError, match="not an allowed global"):
                    load(hostile(pickle.dumps(Call(function, "x"), 2)))
            with pytest.raises(pickle.UnpicklingError, match="only allowed globals can be called|not among"):
                load(hostile(b"ccollections\nOrderedDict\n)\x81."))

    def test_an_object_that_is_more_than_its_attributes(self):
        class Table(dict):
            pass
        with serialization.safe_globals([Table]):
            with pytest.raises(pickle.PicklingError, match="more than its attributes"):
                saved(Table(a=1))


def module_of(cls):
    """The pickle of an object of the class with the attributes {"weight": 1}."""
    return f"c{cls.__module__}\n{cls.__qualname__}\n".encode() + b")\x81}X\6\0\0\0weightK\1sb."


class Touchy(minitorch.nn.Module):
    """A Module that notices when it is made, and when its attributes are set."""

    def __init__(self):
        raise AssertionError("load called __init__")

    def __setattr__(self, name, value):
        raise AssertionError("load called __setattr__")

    def __getattribute__(self, name):
        if name != "__dict__":
            raise AssertionError("load called __getattribute__")
        return super().__getattribute__(name)


class TestWholeModules:
    """With weights_only=False: Modules of classes that the program has already."""

    def test_a_module_comes_back(self):
        net = Net().eval()
        back = load(saved({"net": net, "again": net}), weights_only=False)
        x = minitorch.ones(1, 2)
        assert type(back["net"]) is Net and back["net"] is back["again"]
        assert not back["net"].training and minitorch.equal(back["net"](x), net(x))
        assert all(isinstance(p, minitorch.nn.Parameter) for p in back["net"].parameters())

    def test_from_the_legacy_format(self):
        assert type(load(legacy(Net()), weights_only=False)) is Net

    def test_only_with_weights_only_false(self):
        with pytest.raises(pickle.UnpicklingError, match="with weights_only=False .*Modules"):
            load(saved(Net()))

    def test_both_ways(self):
        torch = import_torch()
        x = np.ones((2, 1, 6, 6), np.float32)

        def make(nn):
            return nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                                 nn.Dropout(), nn.Linear(8, 3)).eval()
        ours, theirs = make(minitorch.nn), make(torch.nn)
        there = torch.load(saved(ours), weights_only=False)
        here = load(saved_by_torch(theirs), weights_only=False)
        np.testing.assert_allclose(there(torch.from_numpy(x)).detach(), ours(from_numpy(x)).detach(), rtol=1e-5)
        np.testing.assert_allclose(theirs(torch.from_numpy(x)).detach(), here(from_numpy(x)).detach(), rtol=1e-5)

    def test_torchvision_has_its_own_name_in_the_file(self):
        block = BasicBlock(1, 1)
        file = saved(block)
        assert b"ctorchvision.models.resnet\nBasicBlock\n" in file.getvalue()
        assert type(load(file, weights_only=False)) is type(block)

    def test_nothing_of_the_class_is_called(self):
        back = load(hostile(module_of(Touchy)), weights_only=False)
        assert object.__getattribute__(back, "__class__") is Touchy and vars(back) == {"weight": 1}

    @pytest.mark.parametrize("method", ["__new__", "__del__", "__reduce__", "__reduce_ex__", "__setstate__"])
    def test_a_class_that_wants_to_be_called_is_refused(self, method, monkeypatch):
        def called(*args):
            raise AssertionError("load called a method")
        cls = type("Wild", (minitorch.nn.Module,), {method: called, "__module__": __name__})
        monkeypatch.setattr(sys.modules[__name__], "Wild", cls, raising=False)
        with pytest.raises(pickle.UnpicklingError, match=f"Wild has a method {method}, which load does not call"):
            load(hostile(module_of(cls)), weights_only=False)

    def test_a_class_that_is_not_imported_yet(self, tmp_path, monkeypatch):
        (tmp_path / "tripwire.py").write_text("import minitorch\nclass Net(minitorch.nn.Module): pass")
        monkeypatch.syspath_prepend(tmp_path)
        with pytest.raises(pickle.UnpicklingError, match="tripwire.Net was not an allowed global"):
            load(hostile(b"ctripwire\nNet\n)\x81."), weights_only=False)
        assert "tripwire" not in sys.modules

    def test_a_module_that_makes_its_names_when_asked(self, monkeypatch):
        lazy = types.ModuleType("lazy")
        lazy.__getattr__ = lambda name: pytest.fail("load called the module's __getattr__")
        monkeypatch.setitem(sys.modules, "lazy", lazy)
        with pytest.raises(pickle.UnpicklingError, match="lazy.Net was not an allowed global"):
            load(hostile(b"clazy\nNet\n)\x81."), weights_only=False)

    @pytest.mark.parametrize("rest, message", [
        (b")R.", "only allowed globals can be called"),  # would call __init__
        (b"K\1\x85\x81.", "Linear cannot be made"),
        (b"N\x81.", "Linear cannot be made"),
        (b")\x81](K\1eb.", "attributes of a Linear are not a dict of names"),
        (b")\x81}}\x86b.", "attributes of a Linear are not a dict of names"),
        (b")\x81}K\1K\2sb.", "attributes of a Linear are not a dict of names"),
        (b")\x81}X\1\0\0\0xcnumpy\nndarray\nsb.", "outside of a tensor"),
        (b")\x81K\1K\2s.", "changes an object of type Linear"),
        (b"}" + module_of(Net)[:-1] + b"K\1s.", "unhashable type: 'Net'")])
    def test_malformed(self, rest, message):
        start = b"" if rest.startswith(b"}") else b"ctorch.nn.modules.linear\nLinear\n"
        with pytest.raises(pickle.UnpicklingError, match=message):
            load(hostile(start + rest), weights_only=False)


ARRAYS = [np.arange(6.).reshape(2, 3), np.arange(6, dtype=np.int32).reshape(2, 3).T, np.arange(6)[::2], np.ones((0, 3)),
          np.array(3.), np.array([True]), np.arange(3, dtype=">i2"), np.array([1 + 2j]), np.float16(3), np.uint8(200),
          np.bool_(True), np.longlong(-1)]
ARRAY = b"cnumpy._core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85N\x87R"
SCALAR = b"cnumpy._core.multiarray\nscalar\n"
DOUBLE = b"cnumpy\ndtype\nX\2\0\0\0f8\x89\x88\x87R"
BYTES = b"c_codecs\nencode\nX\x08\0\0\x0001234567X\6\0\0\0latin1\x86R"


class TestNumPy:
    """With weights_only=False: arrays of numbers."""

    @pytest.mark.parametrize("array", ARRAYS, ids=lambda array: f"{array.dtype}{array.shape}")
    def test_both_ways(self, array):
        torch = import_torch()
        there = torch.load(saved([array, array]), weights_only=False)
        for back in there, load(saved_by_torch([array, array]), weights_only=False):
            assert back[0] is back[1] and type(back[0]) in (np.ndarray, array.dtype.type, np.int64)
            assert back[0].dtype == array.dtype.newbyteorder("=") and np.array_equal(back[0], array)
            assert back[0].strides == array.copy("A").strides or array.size == 0

    def test_only_with_weights_only_false(self):
        for obj in np.ones(1), np.float64(1):
            with pytest.raises(pickle.UnpicklingError, match="with weights_only=False NumPy's arrays"):
                load(saved(obj))

    def test_of_numpy_1(self):
        back = load(hostile(ARRAY.replace(b"_core", b"core") + b"."), weights_only=False)
        assert back.shape == (0,)

    @pytest.mark.parametrize("pickled, message", [
        (ARRAY.replace(b"numpy\nndarray", b"numpy\ndtype") + b".", "a subclass of numpy.ndarray"),
        (ARRAY.replace(b"K\0\x85N", b"K\0\x85") + b".", "empty stack"),
        (ARRAY + b"(K\1K\1\x85" + DOUBLE + b"\x89]tb.", "contents of a NumPy array are damaged"),  # as of objects
        (ARRAY + b"(K\1K\2\x85" + DOUBLE + b"\x89" + BYTES + b"tb.", "contents of a NumPy array are damaged"),
        (ARRAY + b"(K\1J\xff\xff\xff\xff\x85" + DOUBLE + b"\x89" + BYTES + b"tb.", "contents of a NumPy array"),
        (ARRAY + b"(K\1(" + b"K\1" * 100 + b"t" + DOUBLE + b"\x89" + BYTES + b"tb.", "contents of a NumPy array"),
        (ARRAY + b"(K\1(K\0J\xff\xff\xff\x7fJ\xff\xff\xff\x7ft" + DOUBLE + b"\x89" + BYTES.replace(
            b"X\x08\0\0\x0001234567", b"X\0\0\0\0") + b"tb.", "contents of a NumPy array"),
        (ARRAY + b"K\1b.", "contents of a NumPy array are damaged"),
        (ARRAY + b"K\1a.", "changes an object of type ndarray"),
        (b"}" + ARRAY + b"K\1s.", "unhashable type: 'ndarray'"),
        (DOUBLE.replace(b"f8", b"O8") + b".", "dtype 'O8'; only numbers"),
        (DOUBLE.replace(b"f8", b"V8") + b".", "dtype 'V8'; only numbers"),
        (DOUBLE.replace(b"X\2\0\0\0f8", b"}") + b".", "expected str, not dict"),
        (DOUBLE + b".", "outside of a tensor"),
        (DOUBLE + b"(K\3X\1\0\0\0|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb.", "dtype of a NumPy array is damaged"),
        (DOUBLE + b"(K\3X\1\0\0\0<}NNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb.", "dtype of a NumPy array is damaged"),
        (DOUBLE + b")b.", "dtype of a NumPy array is damaged"),
        (SCALAR + DOUBLE + b"N\x86R.", "expected bytes, not NoneType"),
        (SCALAR + DOUBLE.replace(b"8", b"4") + BYTES + b"\x86R.", "8 bytes for a float32"),
        (SCALAR + b"N" + BYTES + b"\x86R.", "expected _ArrayType, not NoneType"),
        (b"cnumpy\nndarray\n)R.", "only allowed globals can be called"),
        (STORAGE + b"}b.", "an object of type _LoadedStorage")])
    def test_malformed(self, pickled, message):
        with pytest.raises(pickle.UnpicklingError, match=message):
            load(hostile(pickled), weights_only=False)
