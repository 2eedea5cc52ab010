"""Parts of torch that are not there: what programs can do without goes on, the rest says so."""
import pytest

import minitorch as torch


def test_compilers_give_back_what_they_get():
    def f(x):
        return x + 1
    assert torch.compile(f) is f and torch.compile(f, mode="max-autotune") is f
    assert torch.compile(dynamic=True)(f) is f and torch.compiler.disable(f) is f
    assert torch.jit.script(f) is f and torch.jit.trace(f, torch.ones(1)) is f and torch.jit.ignore(f) is f
    assert not torch.jit.is_scripting() and not torch.compiler.is_compiling() and not torch.onnx.is_in_onnx_export()


@pytest.mark.parametrize("call, error, match", [
    (lambda: torch.jit.save(None, "x"), NotImplementedError, "no TorchScript"),
    (lambda: torch.jit.load("x"), NotImplementedError, "no TorchScript"),
    (lambda: torch.onnx.export(None, (), "x"), NotImplementedError, "does not write ONNX"),
    (lambda: torch.hub.load("a/b", "c"), NotImplementedError, "does not run the code of 'a/b'"),
    (lambda: torch.distributed.init_process_group("gloo"), RuntimeError, "trains in one process"),
])
def test_what_cannot_be_done_says_so(call, error, match):
    with pytest.raises(error, match=match):
        call()


def test_the_folder_of_downloads(monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    assert torch.hub.get_dir() == str(tmp_path / "hub")
    monkeypatch.setitem(torch.hub._settings, "dir", None)
    torch.hub.set_dir(str(tmp_path / "elsewhere"))
    assert torch.hub.get_dir() == str(tmp_path / "elsewhere")
