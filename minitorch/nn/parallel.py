"""torch.nn.parallel: one model on several devices. There is one device here, so the model just runs there."""
from .modules import Module


class DataParallel(Module):
    """Wraps a module and calls it. Its names in the state dict begin with "module.", as PyTorch's do.

    >>> from minitorch import nn
    >>> list(DataParallel(nn.Linear(2, 3)).state_dict())
    ['module.weight', 'module.bias']
    """

    def __init__(self, module, device_ids=None, output_device=None, dim=0):
        super().__init__()
        self.module, self.dim = module, dim
        self.device_ids, self.output_device = [], output_device

    def forward(self, *inputs, **kwargs):
        return self.module(*inputs, **kwargs)


def data_parallel(module, inputs, device_ids=None, output_device=None, dim=0, module_kwargs=None):
    """module(*inputs, **module_kwargs); inputs that are no tuple are one argument.

    >>> from minitorch import nn, ones
    >>> data_parallel(nn.Flatten(), ones(4, 2, 3)).shape
    torch.Size([4, 6])
    """
    inputs = inputs if isinstance(inputs, tuple) else (inputs,)
    return module(*inputs, **module_kwargs or {})
