"""torch.onnx: no ONNX files are written."""


def export(*args, **kwargs):
    """Raises NotImplementedError, saying what to do instead."""
    raise NotImplementedError("torch.onnx.export: minitorch does not write ONNX files. "
                              "torch.save(model.state_dict(), ...), and export that from PyTorch.")


def is_in_onnx_export():
    """Is a model being exported? Never."""
    return False
