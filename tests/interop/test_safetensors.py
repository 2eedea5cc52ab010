"""Safetensors files both ways with the package safetensors, and damaged files."""
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import minitorch
from minitorch.interop import safetensors as ours
from tests.oracle import import_torch

DTYPES = ["bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "float16", "bfloat16",
          "float32", "float64"]


@pytest.fixture
def theirs():
    import_torch()
    return pytest.importorskip("safetensors.torch")


def tensors(lib):
    return {**{name: lib.tensor([0, 1, 2]).to(getattr(lib, name)) for name in DTYPES},
            "0-d": lib.tensor(3.5), "empty": lib.zeros(0, 3), "änderung": lib.arange(6.).view(2, 3)}


def facts(tensors):
    return {name: (str(x.dtype), tuple(x.shape), x.tolist()) for name, x in tensors.items()}


def test_here(tmp_path):
    ours.save_file(tensors(minitorch), tmp_path / "x.safetensors", {"step": "3"})
    assert facts(ours.load_file(tmp_path / "x.safetensors")) == facts(tensors(minitorch))
    with ours.safe_open(tmp_path / "x.safetensors", framework="pt", device="cpu") as file:
        assert file.metadata() == {"step": "3"} and set(file.keys()) == set(tensors(minitorch))
        assert file.get_tensor("0-d").item() == 3.5
        with pytest.raises(ours.SafetensorError, match="does not contain tensor nothing"):
            file.get_tensor("nothing")


def test_both_ways(theirs):
    torch = import_torch()
    assert facts(theirs.load(ours.save(tensors(minitorch)))) == facts(tensors(torch))
    assert facts(ours.load(theirs.save(tensors(torch), {"format": "pt"}))) == facts(tensors(minitorch))


def test_models_both_ways(theirs, tmp_path):
    def tied(lib):
        lib.manual_seed(0)
        model = lib.nn.Sequential(lib.nn.Linear(2, 2), lib.nn.BatchNorm1d(2), lib.nn.Linear(2, 2))
        model[2].weight = model[0].weight
        return model

    torch, path = import_torch(), str(tmp_path / "model.safetensors")
    for (save, source), (load, target) in [((ours, minitorch), (theirs, torch)), ((theirs, torch), (ours, minitorch)),
                                           ((ours, minitorch), (ours, minitorch))]:
        model, other = tied(source), tied(target)
        model[0].weight.data.fill_(7.)
        save.save_model(model, path)
        assert load.load_model(other, path) == (set(), [])
        assert facts(other.state_dict()) == facts(model.state_dict())


def test_a_loaded_tensor_is_writable_and_alone():
    data = ours.save({"x": minitorch.zeros(2)})
    x = ours.load(data)["x"]
    x.add_(1)
    assert ours.load(data)["x"].tolist() == [0., 0.]


@pytest.mark.parametrize("error, match, make", [
    (ValueError, "Expected a dict", lambda x: [x]),
    (ValueError, "Key `a` is invalid", lambda x: {"a": 3}),
    (ValueError, "non contiguous tensor: `a`", lambda x: {"a": x.t()}),
    (RuntimeError, "Some tensors share memory", lambda x: {"a": x, "b": x[1]}),
])
def test_what_cannot_be_saved(error, match, make):
    with pytest.raises(error, match=match):
        ours.save(make(minitorch.ones(2, 3)))


def test_neighbours_in_one_memory_are_no_sharing():
    x = minitorch.arange(4.)
    assert facts(ours.load(ours.save({"a": x[:2], "b": x[2:]}))) == facts({"a": x[:2], "b": x[2:]})


def test_strict_loading(tmp_path):
    ours.save_model(minitorch.nn.Linear(2, 2), tmp_path / "m")
    with pytest.raises(RuntimeError, match=r'(?s)loading state_dict for Sequential.*Missing key.*"0.bias", "0.weight"'):
        ours.load_model(minitorch.nn.Sequential(minitorch.nn.Linear(2, 2)), tmp_path / "m")
    missing, unexpected = ours.load_model(minitorch.nn.Linear(2, 2, bias=False), tmp_path / "m", strict=False)
    assert missing == set() and unexpected == ["bias"]


def file_with(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def entry(begin, end, shape=(1,), dtype="U8"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


@pytest.mark.parametrize("data", [
    b"", b"123", (2**40).to_bytes(8, "little"), (100).to_bytes(8, "little") + b"{}",
    file_with(b"not json"), file_with([1]), file_with(b"[" * 100_000), file_with(b"\xff{}"), file_with({"a": 3}),
    file_with({"a": {}}), file_with({"a": entry(0, 1)}), file_with({"a": entry(0, 1)}, b"12"),
    file_with({"a": entry(0, 1), "b": entry(0, 1)}, b"1"), file_with({"a": entry(0, 1), "b": entry(2, 3)}, b"123"),
    file_with({"a": entry(0, 1, (-1,))}, b"1"), file_with({"a": entry(0, 1, (1.0,))}, b"1"),
    file_with({"a": entry(0, 1, (1,), "F7")}, b"1"), file_with({"a": entry(0, 1, (2,), "U8")}, b"1"),
    file_with({"a": entry(-1, 0)}, b"1"), file_with({"__metadata__": {"x": 3}}),
    file_with({"a": entry("0", "1")}, b"1"),
])
def test_damaged_files(data):
    with pytest.raises(ours.SafetensorError, match="Error while deserializing"):
        ours.load(data)


def test_a_program_that_uses_safetensors(tmp_path):
    (tmp_path / "program.py").write_text(
        "import torch\n"
        "from safetensors import safe_open\n"
        "from safetensors.torch import load_file, save_file\n"
        "save_file({'x': torch.ones(2)}, 'x.safetensors')\n"
        "print(load_file('x.safetensors')['x'], type(safe_open('x.safetensors', 'pt').get_tensor('x')).__module__)\n")
    path = os.pathsep.join([str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])])
    run = subprocess.run([sys.executable, "-m", "minitorch", "run", "program.py"], cwd=tmp_path, capture_output=True,
                         text=True, check=False, env={**os.environ, "PYTHONPATH": path})
    assert run.stdout == "tensor([1., 1.]) torch\n", run.stderr
