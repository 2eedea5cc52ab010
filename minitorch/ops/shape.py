"""Shape operations. Views show their input's memory (`is_view`); the others copy.

Every view's gradient is the transposed data movement: what was read more than once is added up, what was
not read is 0.
"""
import math

from .._shapes import broadcast_shapes, expand_shape, normalize_dim, normalize_dims, view_shape
from ..device import CPU, kernels_for, kernels_of
from ..engine import Op, TensorBase, named, wrap
from .elementwise import clone, contiguous

# ------------------------------------------------------------------------------------------------------------ views


class View(Op):
    """out = x in another shape, on the same memory."""

    is_view = True

    def forward(self, x, size):
        self.shape = x.shape
        return self.k.view(x, size)

    def backward(self, grad):
        k = self.k
        return k.view(k.contiguous(grad), self.shape)


class UnsafeView(View):
    """The same, for a copy that nobody else sees: what reshape returns when it had to copy."""

    is_view = False


def view(input, size):
    """The same memory in another shape; -1 is computed. RuntimeError where no strides describe that.

    >>> import minitorch as torch
    >>> torch.arange(6).view(2, -1)
    tensor([[0, 1, 2],
            [3, 4, 5]])
    """
    try:
        return View.apply(input, size=view_shape(size, input.array.size))
    except ValueError:
        raise RuntimeError("view size is not compatible with input tensor's size and stride (at least one dimension "
                           f"spans across two contiguous subspaces): shape {list(input.array.shape)} as {list(size)}. "
                           "Use .reshape(...) instead.") from None


def reshape(input, shape):
    """A view in another shape where possible, else a copy.

    >>> import minitorch as torch
    >>> torch.reshape(torch.arange(6), (3, 2))
    tensor([[0, 1],
            [2, 3],
            [4, 5]])
    """
    size = view_shape(shape, input.array.size)
    try:
        return View.apply(input, size=size)
    except ValueError:
        return UnsafeView.apply(contiguous(input), size=size)


def flatten(input, start_dim=0, end_dim=-1):
    """Join the dimensions from start_dim to end_dim into one.

    >>> import minitorch as torch
    >>> torch.flatten(torch.zeros(4, 16, 5, 5), 1).shape
    torch.Size([4, 400])
    """
    shape = input.array.shape
    start, end = normalize_dim(start_dim, len(shape)), normalize_dim(end_dim, len(shape))
    if start > end:
        raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
    if start == end and shape:
        return input
    joined = math.prod(shape[start : end + 1])
    return reshape(input, (*shape[:start], joined, *shape[end + 1 :]))  # (..., a, b, c, ...) -> (..., a * b * c, ...)


def unflatten(input, dim, sizes):
    """Split one dimension into several: the inverse of flatten.

    >>> import minitorch as torch
    >>> torch.unflatten(torch.zeros(2, 6), 1, (3, -1)).shape
    torch.Size([2, 3, 2])
    """
    shape = input.array.shape
    dim = normalize_dim(dim, len(shape))
    sizes = tuple(sizes)
    known = math.prod(n for n in sizes if n != -1)
    if -1 in sizes and known:
        sizes = tuple(shape[dim] // known if n == -1 else n for n in sizes)
    if math.prod(sizes) != shape[dim]:
        raise RuntimeError(f"unflatten: Provided sizes {list(sizes)} don't multiply up to the size of dim {dim} "
                           f"({shape[dim]}) in the input tensor")
    return view(input, (*shape[:dim], *sizes, *shape[dim + 1 :]))  # (..., dim, ...) -> (..., *sizes, ...)


class Permute(Op):
    """out[i_dims[0], i_dims[1], ...] = x[i_0, i_1, ...]: the dimensions in another order."""

    is_view = True

    def forward(self, x, dims):
        self.dims = dims
        return self.k.permute(x, dims)

    def backward(self, grad):
        inverse = sorted(range(len(self.dims)), key=self.dims.__getitem__)
        return self.k.permute(grad, tuple(inverse))


class Transpose(Permute):
    """Two dimensions exchanged."""


class T(Permute):
    """A matrix transposed."""


def permute(input, dims):
    """The dimensions in the order `dims`, as a view.

    >>> import minitorch as torch
    >>> torch.permute(torch.zeros(2, 3, 4), (2, 0, 1)).shape
    torch.Size([4, 2, 3])
    """
    ndim = input.array.ndim
    if len(dims) != ndim:
        raise RuntimeError("permute(sparse_coo): number of dimensions in the tensor input does not match the length of "
                           f"the desired ordering of dimensions i.e. input.dim() = {ndim} is not equal to len(dims) = "
                           f"{len(dims)}")
    dims = tuple(normalize_dim(d, ndim) for d in dims)
    if len(set(dims)) != len(dims):
        raise RuntimeError("permute(): duplicate dims are not allowed.")
    return Permute.apply(input, dims=dims)


def _swap(ndim, dim0, dim1):
    dims = list(range(ndim))
    if ndim:
        dims[dim0], dims[dim1] = dim1, dim0
    return tuple(dims)


def transpose(input, dim0, dim1):
    """Two dimensions exchanged, as a view.

    >>> import minitorch as torch
    >>> torch.transpose(torch.zeros(2, 3, 4), 0, 2).shape
    torch.Size([4, 3, 2])
    """
    ndim = input.array.ndim
    return Transpose.apply(input, dims=_swap(ndim, normalize_dim(dim0, ndim), normalize_dim(dim1, ndim)))


def t(input):
    """A matrix transposed; vectors and scalars as they are.

    >>> import minitorch as torch
    >>> torch.t(torch.tensor([[1, 2], [3, 4]]))
    tensor([[1, 3],
            [2, 4]])
    """
    ndim = input.array.ndim
    if ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {ndim}D")
    return T.apply(input, dims=tuple(range(ndim))[::-1])


def movedim(input, source, destination):
    """Dimensions moved to new places, the others in their old order.

    >>> import minitorch as torch
    >>> torch.movedim(torch.zeros(2, 3, 4), 0, -1).shape
    torch.Size([3, 4, 2])
    """
    ndim = input.array.ndim
    source, destination = ((d,) if isinstance(d, int) else tuple(d) for d in (source, destination))
    if len(source) != len(destination):
        raise RuntimeError(f"movedim: Invalid source or destination dims: source ({list(source)} dims) should contain "
                           f"the same number of dims as destination ({list(destination)} dims)")
    for name, dims in (("source", source), ("destination", destination)):
        if len({normalize_dim(d, ndim) for d in dims}) != len(dims):
            raise RuntimeError(f"movedim: repeated dim in `{name}` ({list(dims)})")
    source, destination = ([normalize_dim(d, ndim) for d in dims] for dims in (source, destination))
    order = [d for d in range(ndim) if d not in source]
    for place, d in sorted(zip(destination, source)):
        order.insert(place, d)
    return permute(input, order)


def squeeze(input, dim=None):
    """Drop dimensions of size 1: all, or those of `dim` that have it.

    >>> import minitorch as torch
    >>> torch.squeeze(torch.zeros(1, 3, 1)).shape, torch.squeeze(torch.zeros(1, 3, 1), 0).shape
    (torch.Size([3]), torch.Size([3, 1]))
    """
    shape = input.array.shape
    dims = normalize_dims(dim, len(shape))
    kept = tuple(n for d, n in enumerate(shape) if d not in dims or n != 1)
    return named(View.apply(input, size=kept), "SqueezeBackward0" if dim is None else "SqueezeBackward1")


def unsqueeze(input, dim):
    """A new dimension of size 1 at `dim`.

    >>> import minitorch as torch
    >>> torch.unsqueeze(torch.zeros(3), 0).shape
    torch.Size([1, 3])
    """
    shape = input.array.shape
    dim = normalize_dim(dim, len(shape) + 1)
    return named(View.apply(input, size=(*shape[:dim], 1, *shape[dim:])), "UnsqueezeBackward0")


class Expand(Op):
    """out = x repeated along dimensions of size 1 (and new ones in front), without copying: the gradient is summed."""

    is_view = True

    def forward(self, x, size):
        self.shape = x.shape
        return self.k.expand(x, size)

    def backward(self, grad):
        return self.k.sum_to(grad, self.shape)


def expand(input, size):
    """Repeat dimensions of size 1 up to `size`, as a view; -1 keeps a dimension.

    >>> import minitorch as torch
    >>> torch.tensor([[1], [2]]).expand(2, 3)
    tensor([[1, 1, 1],
            [2, 2, 2]])
    """
    return Expand.apply(input, size=expand_shape(size, input.array.shape))


def expand_as(input, other):
    """input.expand(other.size())."""
    return expand(input, other.array.shape)


def broadcast_to(input, size):
    """Another name of expand."""
    return expand(input, size)


def broadcast_tensors(*tensors):
    """All tensors expanded to their common shape.

    >>> import minitorch as torch
    >>> [x.shape for x in torch.broadcast_tensors(torch.zeros(3, 1), torch.zeros(2))]
    [torch.Size([3, 2]), torch.Size([3, 2])]
    """
    shape = broadcast_shapes(*(x.array.shape for x in tensors))
    return tuple(expand(x, shape) for x in tensors)


class AsStrided(Op):
    """out = any view of x's memory: the gradient is added up in an image of that memory."""

    is_view = True

    def forward(self, x, size, stride, storage_offset):
        self.input_geometry, self.geometry = geometry_of(x), (size, stride, storage_offset)
        return self.k.as_strided(x, size, stride, storage_offset)

    def backward(self, grad):
        return self.k.relayout(grad, self.geometry, self.input_geometry)


def as_strided(input, size, stride, storage_offset=None):
    """A view of the tensor's storage with any size and strides (in elements). RuntimeError outside the storage.

    >>> import minitorch as torch
    >>> torch.as_strided(torch.arange(6), (2, 2), (3, 1))
    tensor([[0, 1],
            [3, 4]])
    """
    if storage_offset is None:
        storage_offset = geometry_of(input.array)[2]
    if len(size) != len(stride):
        raise RuntimeError(f"mismatch in length of strides and shape: {list(stride)} and {list(size)}")
    return AsStrided.apply(input, size=tuple(size), stride=tuple(stride), storage_offset=storage_offset)


def geometry_of(array):
    """(size, strides, storage offset) of an array, in elements."""
    return kernels_of(array).geometry_of(array)


def memory_of(array):
    """The memory of which an array is a view, as a vector."""
    return kernels_of(array).memory_of(array)


def as_strided_like(base, view):
    """`base` through the geometry of one of its views: the view's new history after its base was rewritten."""
    return as_strided(base, *geometry_of(view.array))


class Diagonal(Op):
    """out[..., i] = x[..., i, i + offset]."""

    is_view = True

    def forward(self, x, offset, dim1, dim2):
        self.shape, self.where = x.shape, (offset, dim1, dim2)
        return self.k.diagonal(x, *self.where)

    def backward(self, grad):
        return self.k.diagonal_backward(grad, self.shape, *self.where)


def diagonal(input, offset=0, dim1=0, dim2=1):
    """The elements [i, i + offset] of two dimensions, as a view with that diagonal as the last dimension.

    >>> import minitorch as torch
    >>> torch.diagonal(torch.tensor([[1, 2], [3, 4]]))
    tensor([1, 4])
    """
    ndim = input.array.ndim
    dim1, dim2 = normalize_dim(dim1, ndim), normalize_dim(dim2, ndim)
    if dim1 == dim2:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    return Diagonal.apply(input, offset=offset, dim1=dim1, dim2=dim2)


class DiagonalScatter(Op):
    """Zeros with the gradient of a diagonal on it."""

    def forward(self, grad, input_shape, offset, dim1, dim2):
        self.where = (offset, dim1, dim2)
        return self.k.diagonal_backward(grad, input_shape, *self.where)

    def backward(self, grad):
        return self.k.diagonal(grad, *self.where)


def diagonal_backward(grad, input_shape, offset=0, dim1=0, dim2=1):
    """The gradient of `diagonal`."""
    return DiagonalScatter.apply(grad, input_shape=input_shape, offset=offset, dim1=dim1, dim2=dim2)


def diag_embed(input, offset=0, dim1=-2, dim2=-1):
    """A matrix for each last-dimension vector, with the vector on its diagonal.

    >>> import minitorch as torch
    >>> torch.diag_embed(torch.zeros(5, 3)).shape
    torch.Size([5, 3, 3])
    """
    shape = input.array.shape
    ndim, n = len(shape) + 1, shape[-1] + abs(offset)
    dim1, dim2 = normalize_dim(dim1, ndim), normalize_dim(dim2, ndim)
    if dim1 == dim2:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    batch = list(shape[:-1])
    for d in sorted((dim1, dim2)):
        batch.insert(d, n)
    return diagonal_backward(input, tuple(batch), offset, dim1, dim2)


def diag(input, diagonal=0):
    """A vector as a diagonal matrix; a matrix's diagonal as a vector.

    >>> import minitorch as torch
    >>> torch.diag(torch.tensor([1, 2]))
    tensor([[1, 0],
            [0, 2]])
    """
    if input.array.ndim == 1:
        return diag_embed(input, diagonal)
    if input.array.ndim != 2:
        raise RuntimeError(f"diag(): Supports 1D or 2D tensors. Got {input.array.ndim}D")
    return clone(_diagonal(input, diagonal))


_diagonal = diagonal  # torch calls diag's offset `diagonal`, which hides the function


class SlidingWindow(Op):
    """out[..., i, ..., j] = x[..., i * step + j, ...]: windows along one dimension."""

    torch_name = "UnfoldBackward0"
    is_view = True

    def forward(self, x, dim, size, step):
        self.shape, self.where = x.shape, (dim, size, step)
        return self.k.sliding_window(x, *self.where)

    def backward(self, grad):
        return self.k.sliding_window_backward(grad, self.shape, *self.where)


def sliding_window(input, dim, size, step):
    """Tensor.unfold: windows of `size` elements, `step` apart, along `dim`, as a view with a new last dimension.

    >>> import minitorch as torch
    >>> torch.arange(5).unfold(0, 3, 1)
    tensor([[0, 1, 2],
            [1, 2, 3],
            [2, 3, 4]])
    """
    shape = input.array.shape
    dim = normalize_dim(dim, len(shape))
    if shape and size > shape[dim]:
        raise RuntimeError(f"maximum size for tensor at dimension {dim} is {shape[dim]} but size is {size}")
    if size < 0:
        raise RuntimeError(f"size is {size} but must be >= 0")
    if step <= 0:
        raise RuntimeError(f"step is {step} but must be > 0")
    return SlidingWindow.apply(input, dim=dim, size=size, step=step)


class SlidingWindowBackward(Op):
    """Windows added back where they came from."""

    def forward(self, grad, input_shape, dim, size, step):
        self.where = (dim, size, step)
        return self.k.sliding_window_backward(grad, input_shape, *self.where)

    def backward(self, grad):
        return self.k.sliding_window(grad, *self.where)


def sliding_window_backward(grad, input_shape, dim, size, step):
    """The gradient of `sliding_window`."""
    return SlidingWindowBackward.apply(grad, input_shape=input_shape, dim=dim, size=size, step=step)


class BasicIndex(Op):
    """out = x[index] for integers, slices, None and ...: a view."""

    is_view = True

    def forward(self, x, index):
        self.shape, self.index = x.shape, index
        kinds = [type(i) for i in index if i != slice(None)]  # torch makes a node for each of these; we name the last
        names = {int: "SelectBackward0", type(None): "UnsqueezeBackward0"}
        self.torch_name = names.get(kinds[-1] if kinds else slice, "SliceBackward0")
        return self.k.basic_index(x, index)

    def backward(self, grad):
        return self.k.basic_index_backward(grad, self.index, self.shape)


def basic_index(input, index):
    """input[index] for a tuple of integers, slices, None and ..., as a view."""
    return BasicIndex.apply(input, index=index)


class BasicIndexBackward(Op):
    """Zeros with the gradient at [index]."""

    def forward(self, grad, index, input_shape):
        self.index = index
        return self.k.basic_index_backward(grad, index, input_shape)

    def backward(self, grad):
        return self.k.basic_index(grad, self.index)


def basic_index_backward(grad, index, input_shape):
    """The gradient of `basic_index`."""
    return BasicIndexBackward.apply(grad, index=index, input_shape=input_shape)


def span(dim, start, stop):
    """The basic index of the slices start, ..., stop - 1 of one dimension."""
    return (slice(None),) * dim + (slice(start, stop),)


def select(input, dim, index):
    """The slice number `index` of a dimension, which disappears. IndexError outside it.

    >>> import minitorch as torch
    >>> torch.select(torch.tensor([[1, 2], [3, 4]]), 1, 0)
    tensor([1, 3])
    """
    shape = input.array.shape
    if not shape:
        raise IndexError("select() cannot be applied to a 0-dim tensor.")
    dim = normalize_dim(dim, len(shape))
    if not -shape[dim] <= index < shape[dim]:
        raise IndexError(f"select(): index {index} out of range for tensor of size {list(shape)} at dimension {dim}")
    return basic_index(input, (slice(None),) * dim + (int(index),))


def narrow(input, dim, start, length):
    """The `length` slices of a dimension from `start` on, as a view.

    >>> import minitorch as torch
    >>> torch.narrow(torch.arange(5), 0, 1, 3)
    tensor([1, 2, 3])
    """
    shape = input.array.shape
    if not shape:
        raise RuntimeError("narrow() cannot be applied to a 0-dim tensor.")
    dim = normalize_dim(dim, len(shape))
    n = shape[dim]
    if isinstance(start, TensorBase):
        if start.array.ndim or start.array.dtype.kind not in "iu":
            raise RuntimeError("start must be an 0-dim integral Tensor.")
        start = int(start.array)
    if length < 0:
        raise RuntimeError("narrow(): length must be non-negative.")
    if not -n <= start <= n:
        raise IndexError(f"start out of range (expected to be in range of [{-n}, {n}], but got {start})")
    start += n if start < 0 else 0
    if start + length > n:
        raise RuntimeError(f"start ({start}) + length ({length}) exceeds dimension size ({n}).")
    return basic_index(input, span(dim, start, start + length))


def split(input, split_size_or_sections, dim=0):
    """Views of consecutive pieces: all of one size (the last may be smaller), or of the listed sizes.

    >>> import minitorch as torch
    >>> torch.arange(5).split(2)
    (tensor([0, 1]), tensor([2, 3]), tensor([4]))
    """
    shape = input.array.shape
    if not shape:
        raise RuntimeError("split expects at least a 1-dimensional tensor")
    dim = normalize_dim(dim, len(shape))
    n = shape[dim]
    if isinstance(split_size_or_sections, int):
        size = split_size_or_sections
        if size < 0 or (size == 0 and n):
            raise RuntimeError(f"split expects split_size be non-negative, but got split_size={size}")
        sizes = [min(size, n - start) for start in range(0, n, size)] if n else [0]
    else:
        sizes = list(split_size_or_sections)
        if sum(sizes) != n or min(sizes, default=0) < 0:
            raise RuntimeError(f"split_with_sizes expects split_sizes to sum exactly to {n} (input tensor's size at "
                               f"dimension {dim}), but got split_sizes={sizes}")
    pieces, start = [], 0
    for size in sizes:
        pieces.append(named(basic_index(input, span(dim, start, start + size)), "SplitBackward0"))
        start += size
    return tuple(pieces)


def split_with_sizes(input, split_sizes, dim=0):
    """Views of consecutive pieces of the listed sizes."""
    return split(input, list(split_sizes), dim)


def chunk(input, chunks, dim=0):
    """At most `chunks` pieces of equal size (the last may be smaller), as views.

    >>> import minitorch as torch
    >>> torch.chunk(torch.arange(5), 2)
    (tensor([0, 1, 2]), tensor([3, 4]))
    """
    if chunks <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    shape = input.array.shape
    if not shape:
        raise RuntimeError("chunk expects at least a 1-dimensional tensor")
    n = shape[normalize_dim(dim, len(shape))]
    size = -(-n // chunks)
    return split(input, size, dim) if size else split(input, [0] * chunks, dim)


def tensor_split(input, indices_or_sections, dim=0):
    """Exactly so many pieces (the first ones one larger), or pieces that end at the listed positions.

    >>> import minitorch as torch
    >>> torch.tensor_split(torch.arange(5), 3)
    (tensor([0, 1]), tensor([2, 3]), tensor([4]))
    """
    shape = input.array.shape
    if not shape:
        raise RuntimeError("tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims")
    dim = normalize_dim(dim, len(shape))
    at = indices_or_sections
    if isinstance(at, TensorBase):
        at = at.array.tolist()
    if isinstance(at, int):
        if at <= 0:
            raise RuntimeError(f"number of sections must be larger than 0, got {at}")
        size, larger = divmod(shape[dim], at)
        at = [i * size + min(i, larger) for i in range(1, at)]
    return tuple(basic_index(input, span(dim, start, stop)) for start, stop in zip([0, *at], [*at, shape[dim]]))


def unbind(input, dim=0):
    """The slices of a dimension, as views.

    >>> import minitorch as torch
    >>> torch.unbind(torch.tensor([[1, 2], [3, 4]]))
    (tensor([1, 2]), tensor([3, 4]))
    """
    shape = input.array.shape
    if not shape:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    return tuple(named(select(input, dim, i), "UnbindBackward0") for i in range(shape[normalize_dim(dim, len(shape))]))


# ----------------------------------------------------------------------------------------------------------- copies


class Relayout(Op):
    """out = x laid into memory by one geometry, adding up, and read by another. Its own transpose."""

    def forward(self, x, source, target):
        self.source, self.target = source, target
        return self.k.relayout(x, source, target)

    def backward(self, grad):
        return self.k.relayout(grad, self.target, self.source)


def relayout(input, source, target):
    """Lay `input` into memory by `source`, a (size, strides, offset), and read it by `target`."""
    return Relayout.apply(input, source=source, target=target)


class Lay(Op):
    """out = a copy of x, laid into memory with its dimensions in another order."""

    torch_name = "CloneBackward0"

    def forward(self, x, order):
        k = self.k
        return k.permute(k.contiguous(k.permute(x, order)), tuple(sorted(range(len(order)), key=order.__getitem__)))

    def backward(self, grad):
        return grad


def lay(input, order):
    """A copy whose dimensions lie in memory in this order, slowest first: channels_last is (0, 2, 3, 1)."""
    return Lay.apply(input, order=order)


def empty_strided(size, stride, dtype):
    """Uninitialised memory with these strides. torch.empty_strided in creation.py takes torch's arguments."""
    return wrap(kernels_for(CPU).empty_strided(tuple(size), tuple(stride), dtype))


class CopySlices(Op):
    """A base tensor after one of its views was written in place: the history that `rebase` in inplace.py gives it.

    The inputs are the base before, and what was written to the view.
    """

    torch_name = "CopySlices"

    def __init__(self, base, view):
        self.base_geometry, self.view_geometry = geometry_of(base.array), geometry_of(view.array)

    def backward(self, grad):
        k, base, view = self.k, self.base_geometry, self.view_geometry
        grad = k.contiguous(grad)
        grad_view = k.relayout(grad, base, view)
        written = k.ne(k.relayout(k.full(view[0], 1, grad.dtype), view, base), 0)
        return k.where(written, 0.0, grad), grad_view


class Cat(Op):
    """out = the tensors one after another along dim."""

    def forward(self, *tensors, dim):
        self.dim, self.sizes = dim, [x.shape[dim] for x in tensors]
        return self.k.cat(tensors, dim)

    def backward(self, grad):
        pieces, start = [], 0
        for size, wanted in zip(self.sizes, self.needs_input_grad):
            pieces.append(self.k.basic_index(grad, span(self.dim, start, start + size)) if wanted else None)
            start += size
        return tuple(pieces)


def _list_of_tensors(function, tensors):
    """The argument of cat or stack. TypeError unless it is a list or tuple of tensors."""
    if not isinstance(tensors, (list, tuple)):
        raise TypeError(f"{function}(): argument 'tensors' (position 1) must be tuple of Tensors, not "
                        f"{type(tensors).__name__}")
    for i, x in enumerate(tensors):
        if not isinstance(x, TensorBase):
            raise TypeError(f"expected Tensor as element {i} in argument 0, but got {type(x).__name__}")
    return tensors


def _some_tensors(function, tensors):
    """The argument of stack and its relatives: RuntimeError for an empty list too."""
    if not _list_of_tensors(function, tensors):
        raise RuntimeError(f"{function} expects a non-empty TensorList")
    return tensors


def cat(tensors, dim=0):
    """Tensors joined along an existing dimension. RuntimeError unless their other sizes agree.

    >>> import minitorch as torch
    >>> torch.cat([torch.zeros(1, 2), torch.ones(1, 2)])
    tensor([[0., 0.],
            [1., 1.]])
    """
    tensors = _list_of_tensors("cat", tensors)
    if not tensors:
        raise ValueError("torch.cat(): expected a non-empty list of Tensors")
    for i, x in enumerate(tensors):
        if not x.array.shape:
            raise RuntimeError(f"zero-dimensional tensor (at position {i}) cannot be concatenated")
    kept = [x for x in tensors if x.array.shape != (0,)] or [tensors[0]]  # torch skips old-style empty tensors
    shape = kept[0].array.shape
    dim = normalize_dim(dim, len(shape))
    for i, x in enumerate(kept):
        other = x.array.shape
        if len(other) != len(shape):
            raise RuntimeError(f"Tensors must have same number of dimensions: got {len(shape)} and {len(other)}")
        for d, (n, m) in enumerate(zip(shape, other)):
            if n != m and d != dim:
                raise RuntimeError(f"Sizes of tensors must match except in dimension {dim}. Expected size {n} but got "
                                   f"size {m} for tensor number {i} in the list.")
    return Cat.apply(*kept, dim=dim)


concat = concatenate = cat


def stack(tensors, dim=0):
    """Tensors of one shape joined along a new dimension.

    >>> import minitorch as torch
    >>> torch.stack([torch.zeros(2), torch.ones(2)])
    tensor([[0., 0.],
            [1., 1.]])
    """
    tensors = _some_tensors("stack", tensors)
    for i, x in enumerate(tensors):
        if x.array.shape != tensors[0].array.shape:
            raise RuntimeError(f"stack expects each tensor to be equal size, but got {list(tensors[0].array.shape)} at "
                               f"entry 0 and {list(x.array.shape)} at entry {i}")
    dim = normalize_dim(dim, tensors[0].array.ndim + 1)
    return named(cat([unsqueeze(x, dim) for x in tensors], dim), "StackBackward0")


def atleast_1d(*tensors):
    """0-d tensors as vectors of one element."""
    return _each(lambda x: x if x.array.ndim else reshape(x, (1,)), tensors)


def atleast_2d(*tensors):
    """Tensors of fewer dimensions as matrices of one row."""
    return _each(lambda x: x if x.array.ndim >= 2 else reshape(x, (1, x.array.size)), tensors)


def atleast_3d(*tensors):
    """Tensors of fewer dimensions with three: (1, n, 1) for a vector, (n, m, 1) for a matrix."""
    return _each(lambda x: x if x.array.ndim >= 3 else unsqueeze(atleast_2d(x), -1), tensors)


def _each(function, tensors):
    if len(tensors) == 1 and not isinstance(tensors[0], TensorBase):
        tensors = tensors[0]
    results = tuple(function(x) for x in tensors)
    return results if len(results) != 1 else results[0]


def hstack(tensors):
    """Joined along dimension 1; vectors along dimension 0.

    >>> import minitorch as torch
    >>> torch.hstack([torch.zeros(1), torch.ones(2)])
    tensor([0., 1., 1.])
    """
    tensors = [atleast_1d(x) for x in _some_tensors("hstack", tensors)]
    return cat(tensors, 0 if tensors[0].array.ndim == 1 else 1)


def vstack(tensors):
    """Joined along dimension 0; vectors are rows.

    >>> import minitorch as torch
    >>> torch.vstack([torch.zeros(2), torch.ones(2)])
    tensor([[0., 0.],
            [1., 1.]])
    """
    return cat([atleast_2d(x) for x in _some_tensors("vstack", tensors)], 0)


row_stack = vstack


def dstack(tensors):
    """Joined along dimension 2."""
    return cat([atleast_3d(x) for x in _some_tensors("dstack", tensors)], 2)


class Flip(Op):
    """out = x with some dimensions in reverse order."""

    def forward(self, x, dims):
        self.dims = dims
        return self.k.flip(x, dims)

    def backward(self, grad):
        return self.k.flip(grad, self.dims)


def flip(input, dims):
    """The order of elements along `dims` reversed (a copy).

    >>> import minitorch as torch
    >>> torch.flip(torch.arange(3), (0,))
    tensor([2, 1, 0])
    """
    return Flip.apply(input, dims=normalize_dims(dims, input.array.ndim) if input.array.ndim else ())


class Roll(Op):
    """out = x shifted round."""

    def forward(self, x, shifts, dims):
        self.shifts, self.dims = shifts, dims
        return self.k.roll(x, shifts, dims)

    def backward(self, grad):
        return self.k.roll(grad, tuple(-s for s in self.shifts), self.dims)


def roll(input, shifts, dims=None):
    """Elements shifted along `dims`; what leaves at the end comes back at the start.

    >>> import minitorch as torch
    >>> torch.roll(torch.arange(4), 1)
    tensor([3, 0, 1, 2])
    """
    shifts = (shifts,) if isinstance(shifts, int) else tuple(shifts)
    if not shifts:
        raise RuntimeError("`shifts` required")
    if dims is None or dims == ():
        flat = Roll.apply(reshape(input, (-1,)), shifts=shifts, dims=(0,))  # (...) -> (elements)
        return named(reshape(flat, input.array.shape), "RollBackward0")  # (elements) -> (...)
    dims = (dims,) if isinstance(dims, int) else tuple(dims)
    if len(dims) != len(shifts):
        raise RuntimeError(f"shifts and dimensions must align. shifts: {len(shifts)}, dims:{len(dims)}")
    if not input.array.ndim:
        raise IndexError(f"Dimension specified as {dims[0]} but tensor has no dimensions")
    return Roll.apply(input, shifts=shifts, dims=tuple(normalize_dim(d, input.array.ndim) for d in dims))


class Tril(Op):
    """out = the lower triangle of x, zeros above diagonal number `diagonal`."""

    def forward(self, x, diagonal):
        self.diagonal = diagonal
        return self.k.tril(x, diagonal)

    def backward(self, grad):
        return self.k.tril(grad, self.diagonal)


def tril(input, diagonal=0):
    """The lower triangle of a matrix (or of a batch of them).

    >>> import minitorch as torch
    >>> torch.tril(torch.ones(2, 2))
    tensor([[1., 0.],
            [1., 1.]])
    """
    return Tril.apply(_matrix("tril", input), diagonal=diagonal)


class Triu(Op):
    """out = the upper triangle of x, zeros below diagonal number `diagonal`."""

    def forward(self, x, diagonal):
        self.diagonal = diagonal
        return self.k.triu(x, diagonal)

    def backward(self, grad):
        return self.k.triu(grad, self.diagonal)


def triu(input, diagonal=0):
    """The upper triangle of a matrix (or of a batch of them).

    >>> import minitorch as torch
    >>> torch.triu(torch.ones(2, 2), diagonal=1)
    tensor([[0., 1.],
            [0., 0.]])
    """
    return Triu.apply(_matrix("triu", input), diagonal=diagonal)


def _matrix(name, input):
    if input.array.ndim < 2:
        raise RuntimeError(f"{name}: input tensor must have at least 2 dimensions")
    return input


def repeat(input, repeats):
    """The tensor tiled repeats[d] times along each dimension (new dimensions in front).

    >>> import minitorch as torch
    >>> torch.tensor([1, 2]).repeat(2, 2)
    tensor([[1, 2, 1, 2],
            [1, 2, 1, 2]])
    """
    shape = input.array.shape
    sizes = tuple(repeats)
    if len(sizes) < len(shape):
        raise RuntimeError("Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor")
    if min(sizes, default=0) < 0:
        raise RuntimeError(f"Trying to create tensor with negative dimension: {list(sizes)}")
    shape = (1,) * (len(sizes) - len(shape)) + shape
    # (n0, n1, ...) -> (1, n0, 1, n1, ...) -> (r0, n0, r1, n1, ...) -> (r0 * n0, r1 * n1, ...)
    spread = reshape(input, [m for n in shape for m in (1, n)])
    tiled = expand(spread, [m for r, n in zip(sizes, shape) for m in (r, n)])
    return named(reshape(clone(tiled), [r * n for r, n in zip(sizes, shape)]), "RepeatBackward0")


def tile(input, dims):
    """As repeat, but missing repetitions in front are 1.

    >>> import minitorch as torch
    >>> torch.tile(torch.tensor([1, 2]), (2,))
    tensor([1, 2, 1, 2])
    """
    dims = tuple(dims)
    return repeat(input, (1,) * (input.array.ndim - len(dims)) + dims)


def meshgrid(*tensors, indexing="ij"):
    """Vectors expanded to the grid that they span.

    >>> import minitorch as torch
    >>> [x.shape for x in torch.meshgrid(torch.arange(2), torch.arange(3))]
    [torch.Size([2, 3]), torch.Size([2, 3])]
    """
    if len(tensors) == 1 and not isinstance(tensors[0], TensorBase):
        tensors = tuple(tensors[0])
    if indexing not in ("ij", "xy"):
        raise RuntimeError(f"torch.meshgrid: indexing must be one of \"xy\" or \"ij\", but received: {indexing}")
    shape = tuple(x.array.size for x in tensors)
    # vector number i: (n_i) -> (1, ..., n_i, ..., 1) -> (n_0, n_1, ...)
    grids = [expand(view(x, [-1 if d == i else 1 for d in range(len(tensors))]), shape) for i, x in enumerate(tensors)]
    if indexing == "xy" and len(tensors) >= 2:  # the first vector runs along the second dimension
        grids = [transpose(grid, 0, 1) for grid in grids]
    return tuple(grids)
