"""torch.backends.cuda: how matrices are multiplied on an NVIDIA GPU."""
from types import SimpleNamespace

matmul = SimpleNamespace(allow_tf32=False, allow_fp16_reduced_precision_reduction=True,
                         allow_bf16_reduced_precision_reduction=True)


def is_built():
    """Could this version use a GPU? Not yet."""
    return False
