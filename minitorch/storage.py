"""The memory behind tensors."""


class UntypedStorage:
    """The bytes that a tensor shares with its views: what Tensor.untyped_storage() returns.

    >>> import minitorch as torch
    >>> x = torch.zeros(2, 3)
    >>> x.untyped_storage().nbytes(), x[1].untyped_storage().data_ptr() == x.data_ptr()
    (24, True)
    """

    def __init__(self, memory):
        self._memory = memory

    def nbytes(self):
        return self._memory.nbytes

    size = __len__ = nbytes

    def data_ptr(self):
        return self._memory.ctypes.data if self._memory.size else 0
