"""PyTorch's test inputs as minitorch's: tensors with the same strides and values, dtypes, and whatever holds them."""
import minitorch
from tests.oracle import import_torch

torch = import_torch()


def to_minitorch(value):
    """`value` with every tensor, dtype, device, size and function of torch inside replaced by minitorch's."""
    if isinstance(value, torch.Tensor):
        return tensor(value)
    if isinstance(value, torch.Size):
        return minitorch.Size(value)
    if isinstance(value, torch.dtype):
        return dtype(value)
    if isinstance(value, torch.device):
        return minitorch.device(str(value))
    if isinstance(value, (torch.memory_format, torch.layout)):
        return getattr(minitorch, str(value).removeprefix("torch."))
    if isinstance(value, torch.Generator):
        return minitorch.Generator().manual_seed(value.initial_seed())
    if isinstance(value, slice):
        return slice(*map(to_minitorch, (value.start, value.stop, value.step)))
    if isinstance(value, (list, tuple)):
        items = map(to_minitorch, value)
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    if isinstance(value, dict):
        return {key: to_minitorch(item) for key, item in value.items()}
    if isinstance(value, torch.nn.Module):  # a distance_function
        return getattr(minitorch.nn, type(value).__name__)()
    if callable(value) and getattr(value, "__module__", "").startswith("torch"):
        module = value.__module__.replace("torch._C._nn", "torch.nn.functional")  # where gelu says that it lives
        return named(f"{module}.{value.__name__}".removeprefix("torch."))
    return value


def tensor(value):
    """A leaf with `value`'s numbers, strides and requires_grad in memory of its own, as large as PyTorch's."""
    storage = value.detach().untyped_storage()
    flat = value.detach().new_empty(0).set_(storage, 0, (storage.nbytes() // value.element_size(),))
    if value.dtype == torch.bfloat16:  # NumPy takes its bits
        memory = flat.view(torch.int16).numpy().copy().view(minitorch.dtypes.to_numpy(minitorch.bfloat16))
    else:
        memory = flat.numpy().copy()
    apart = minitorch.from_numpy(memory).as_strided(tuple(value.shape), value.stride(), value.storage_offset())
    return apart.detach().requires_grad_(value.requires_grad)


def dtype(value):
    """minitorch's dtype of the same name; AttributeError where there is none."""
    return getattr(minitorch, str(value).removeprefix("torch."))


def named(path):
    """The object that `path` ("nn.functional.relu") names in minitorch; AttributeError where it is missing."""
    found = minitorch
    for part in path.split("."):
        found = getattr(found, part)
    return found
