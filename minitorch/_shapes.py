"""Shape rules on plain integers, and the errors that torch raises when they are broken."""
import functools
import math
from operator import index


def normalize_dim(dim, ndim):
    """A dimension counted from the front: -1 is the last. IndexError if there is none (a 0-d tensor has 0 and -1).

    >>> normalize_dim(-1, 3)
    2
    """
    dim, count = index(dim), max(ndim, 1)
    if not -count <= dim < count:
        raise IndexError(f"Dimension out of range (expected to be in range of [{-count}, {count - 1}], but got {dim})")
    return dim % count


def normalize_dims(dim, ndim):
    """A tuple of dimensions from None (all), an int or a sequence of ints. RuntimeError if one comes twice."""
    if dim is None:
        return tuple(range(ndim))
    if isinstance(dim, int):
        return (normalize_dim(dim, ndim),)
    dims = tuple(normalize_dim(d, ndim) for d in dim)
    for d in dims:
        if dims.count(d) > 1:
            raise RuntimeError(f"dim {d} appears multiple times in the list of dims")
    return dims


def broadcast_shapes(*shapes):
    """The common shape: align at the last dimension, repeat dimensions of size 1. RuntimeError where sizes differ.

    >>> broadcast_shapes((2, 1), (3,))
    (2, 3)
    """
    ndim = max(map(len, shapes), default=0)
    result = [1] * ndim
    for shape in shapes:
        for d, n in enumerate(shape, ndim - len(shape)):
            if n != 1 and result[d] not in (1, n):
                raise RuntimeError(f"The size of tensor a ({result[d]}) must match the size of tensor b ({n}) at "
                                   f"non-singleton dimension {d}")
            if n != 1:
                result[d] = n
    return tuple(result)


def view_shape(size, numel):
    """Replace one -1 in `size` by what is left of `numel` elements.

    >>> view_shape((2, -1), 6)
    (2, 3)
    """
    size = tuple(map(index, size))
    unknown = [d for d, n in enumerate(size) if n == -1]
    if any(n < -1 for n in size):
        raise RuntimeError(f"invalid shape dimension {min(size)} at index {size.index(min(size))} of shape "
                           f"{list(size)}")
    if len(unknown) > 1:
        raise RuntimeError("only one dimension can be inferred")
    known = math.prod(n for n in size if n != -1)
    if unknown and known == 0 and numel == 0:
        raise RuntimeError(f"cannot reshape tensor of 0 elements into shape {list(size)} because the unspecified "
                           "dimension size -1 can be any value and is ambiguous")
    if (numel % known if unknown and known else known != numel):
        raise RuntimeError(f"shape '{list(size)}' is invalid for input of size {numel}")
    return tuple(numel // known if n == -1 else n for n in size)


def expand_shape(size, shape):
    """The shape that `shape` expands to; -1 in `size` keeps a dimension.

    >>> expand_shape((4, -1), (3,))
    (4, 3)
    """
    size, missing = tuple(size), len(size) - len(shape)
    if missing < 0:
        raise RuntimeError(f"The number of sizes provided ({len(size)}) must be greater or equal to the number of "
                           f"dimensions in the tensor ({len(shape)})")
    result = []
    for d, n in enumerate(size):
        old = shape[d - missing] if d >= missing else None
        if n == -1 and old is None or n < -1:
            raise RuntimeError(f"The expanded size of the tensor ({n}) isn't allowed in a leading, non-existing "
                               f"dimension {d}")
        if old not in (None, 1) and n not in (-1, old):
            raise RuntimeError(f"The expanded size of the tensor ({n}) must match the existing size ({old}) at "
                               f"non-singleton dimension {d}.  Target sizes: {list(size)}.  Tensor sizes: "
                               f"{list(shape)}")
        result.append(old if n == -1 else n)
    return tuple(result)


def tuple_of(value, rank, name, op):
    """An int, a tuple of one int or of `rank` ints, as a tuple of `rank` ints: argument `name` of function `op`.

    >>> tuple_of(2, 2, "stride", "conv2d"), tuple_of((1, 2), 2, "stride", "conv2d")
    ((2, 2), (1, 2))
    """
    if type(value) is int:
        return (value,) * rank
    values = tuple(value) if isinstance(value, (tuple, list)) else (value,)
    for position, item in enumerate(values):
        if isinstance(item, bool) or not hasattr(item, "__index__"):
            found = f"not {type(value).__name__}" if not isinstance(value, (tuple, list)) else \
                f"but found element of type {type(item).__name__} at pos {position}"
            raise TypeError(f"{op}(): argument '{name}' must be tuple of ints, {found}")
    if len(values) == 1:
        values *= rank
    if len(values) != rank:
        if op.startswith("conv"):
            raise RuntimeError(f"expected {name} to be a single integer value or a list of {rank} values to match the "
                               f"convolution dimensions, but got {name}={list(values)}")
        if rank == 1:
            raise RuntimeError(f"{op}() argument '{name}' should contain one int (got {len(values)})")
        count = {2: "two ints", 3: "three ints"}[rank]
        raise RuntimeError(f"{op}: {name} must either be a single int, or a tuple of {count}, but got {list(values)}")
    return tuple(item.__index__() for item in values)


def conv_output_size(size, kernel, stride, padding, dilation):
    """How many windows of `kernel` taps fit on an axis of `size` pixels.

    >>> conv_output_size(32, 5, 1, 0, 1)
    28
    """
    return (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


@functools.lru_cache(maxsize=256)
def convolution_shape(input_shape, weight_shape, bias_shape, stride, padding, dilation, groups):
    """(N, C, *image) and (K, C/G, *filter) -> (N, K, *output), or torch's RuntimeError; bias_shape is (K,) or None.

    >>> convolution_shape((64, 1, 32, 32), (6, 1, 5, 5), (6,), (1, 1), (0, 0), (1, 1), 1)
    (64, 6, 28, 28)
    """
    _check_convolution(input_shape, weight_shape, bias_shape, weight_shape[0], stride, padding, dilation, groups)
    image, kernel, expected = input_shape[2:], weight_shape[2:], weight_shape[1] * groups
    if input_shape[1] != expected:
        raise RuntimeError(f"Given groups={groups}, weight of size {list(weight_shape)}, expected "
                           f"input{list(input_shape)} to have {expected} channels, but got {input_shape[1]} channels "
                           "instead")
    padded = [size + 2 * pad for size, pad in zip(image, padding)]
    reach = [gap * (taps - 1) + 1 for taps, gap in zip(kernel, dilation)]
    if any(size < window for size, window in zip(padded, reach)):
        raise RuntimeError(f"Calculated padded input size per channel: ({_by(padded)}). Kernel size: ({_by(reach)}). "
                           "Kernel size can't be greater than actual input size")
    _check_not_empty(input_shape)
    return *input_shape[:1], weight_shape[0], *map(conv_output_size, image, kernel, stride, padding, dilation)


def conv_transpose_shape(input_shape, weight_shape, bias_shape, stride, padding, output_padding, dilation, groups):
    """(N, C, *image) and (C, K/G, *filter) -> (N, K, *output), or torch's RuntimeError; bias_shape is (K,) or None.

    >>> conv_transpose_shape((8, 16, 7, 7), (16, 4, 2, 2), (4,), (2, 2), (0, 0), (0, 0), (1, 1), 1)
    (8, 4, 14, 14)
    """
    K, image, kernel = weight_shape[1] * groups, input_shape[2:], weight_shape[2:]
    _check_convolution(input_shape, weight_shape, bias_shape, K, stride, padding, dilation, groups, "transposed=1")
    if input_shape[1] != weight_shape[0]:
        raise RuntimeError(f"Given transposed=1, weight of size {list(weight_shape)}, expected "
                           f"input{list(input_shape)} to have {weight_shape[0]} channels, but got {input_shape[1]} "
                           "channels instead")
    _check_not_empty(input_shape)
    if any(extra < 0 for extra in output_padding):
        raise RuntimeError("negative output_padding is not supported")
    if any(extra >= max(step, gap) for extra, step, gap in zip(output_padding, stride, dilation)):
        raise RuntimeError("output padding must be smaller than either stride or dilation, but got output_padding: "
                           f"{list(output_padding)} stride: {list(stride)} dilation: {list(dilation)}")
    output = [(size - 1) * step - 2 * pad + gap * (taps - 1) + extra + 1
              for size, taps, step, pad, extra, gap in zip(image, kernel, stride, padding, output_padding, dilation)]
    if any(size < 1 for size in output):
        raise RuntimeError(f"Given input size per channel: ({_by(image)}). Calculated output size per channel: "
                           f"({_by(output)}). Output size is too small")
    return input_shape[0], K, *output


def _check_convolution(input_shape, weight_shape, bias_shape, K, stride, padding, dilation, groups, given=""):
    """What a convolution and its transpose ask alike."""
    if groups <= 0:
        raise RuntimeError("non-positive groups is not supported")
    if any(pad < 0 for pad in padding):
        raise RuntimeError("negative padding is not supported")
    if any(step <= 0 for step in stride):
        raise RuntimeError("non-positive stride is not supported")
    if any(gap <= 0 for gap in dilation):
        raise RuntimeError(f"dilation should be greater than zero, but got {list(dilation)}")
    if len(weight_shape) < 3:
        raise RuntimeError(f"weight should have at least three dimensions, but got {list(weight_shape)}")
    if len(input_shape) != len(weight_shape):
        ndim = len(weight_shape)
        raise RuntimeError(f"Expected {ndim}-dimensional input for {ndim}-dimensional weight {list(weight_shape)}, but "
                           f"got {len(input_shape)}-dimensional input of size {list(input_shape)} instead")
    if weight_shape[0] < groups:
        raise RuntimeError(f"Given groups={groups}, expected weight to be at least {groups} at dimension 0, but got "
                           f"weight of size {list(weight_shape)} instead")
    if weight_shape[0] % groups:
        raise RuntimeError(f"Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, but "
                           f"got weight of size {list(weight_shape)} instead")
    if 0 in weight_shape[2:]:
        raise RuntimeError(f"kernel size should be greater than zero, but got {list(weight_shape[2:])}")
    if bias_shape is not None and tuple(bias_shape) != (K,):
        given = f"Given {given}, weight" if given else "Given weight"
        raise RuntimeError(f"{given} of size {list(weight_shape)}, expected bias to be 1-dimensional with {K} "
                           f"elements, but got bias of size {list(bias_shape)} instead")


def _check_not_empty(input_shape):
    if 0 in input_shape[2:]:
        raise RuntimeError("Only zero batch or zero channel inputs are supported, but got input shape: "
                           f"{list(input_shape)}")


def _by(sizes):
    """3 x 4, as error messages write an image's size"""
    return " x ".join(map(str, sizes))


def pool_output_size(size, kernel, stride, padding, dilation, ceil_mode):
    """How many windows fit on an axis; in ceil_mode also a last one that sticks out, if it begins before the padding.

    >>> pool_output_size(5, 2, 2, 0, 1, False), pool_output_size(5, 2, 2, 0, 1, True)
    (2, 3)
    """
    if not ceil_mode:
        return conv_output_size(size, kernel, stride, padding, dilation)
    count = conv_output_size(size + stride - 1, kernel, stride, padding, dilation)
    return count - 1 if (count - 1) * stride >= size + padding else count


@functools.lru_cache(maxsize=256)
def max_pool_shape(input_shape, kernel_size, stride, padding, dilation, ceil_mode):
    """(N, C, H, W) -> (N, C, P, Q), or (C, H, W) -> (C, P, Q), or torch's RuntimeError; one number for each axis.

    >>> max_pool_shape((64, 6, 28, 28), (2, 2), (2, 2), (0, 0), (1, 1), False)
    (64, 6, 14, 14)
    """
    rank = len(kernel_size)
    for kernel, step, pad, gap in zip(kernel_size, stride, padding, dilation):
        if step == 0:
            raise RuntimeError("stride should not be zero")
        if pad < 0:
            raise RuntimeError(f"pad must be non-negative, but got pad: {pad}")
        if kernel > 0 and pad > (gap * (kernel - 1) + 1) // 2:
            raise RuntimeError(f"pad should be at most half of effective kernel size, but got pad={pad}, "
                               f"kernel_size={kernel} and dilation={gap}")
    for name, prefix, sizes in (("kernel size", "k", kernel_size), ("stride", "d", stride),
                                ("dilation", "dilation", dilation)):
        if min(sizes) <= 0:
            given = " ".join(_each_axis(prefix + "{}: {}", sizes))
            raise RuntimeError(f"{name} should be greater than zero, but got {given}")
    _check_pool_input(input_shape, rank)
    if any(pad > kernel // 2 for pad, kernel in zip(padding, kernel_size)):  # even where dilation makes it reach on
        given = _each_axis("pad{} = {}", padding)[::-1] + _each_axis("k{} = {}", kernel_size)[::-1]
        raise RuntimeError("pad should be smaller than or equal to half of kernel size, but got " + ", ".join(given))
    C, *image = input_shape[-rank - 1:]
    output = [pool_output_size(*axis, ceil_mode) for axis in zip(image, kernel_size, stride, padding, dilation)]
    if min(output) < 1:
        raise RuntimeError(f"Given input size: ({'x'.join(map(str, (C, *image)))}). Calculated output size: "
                           f"({'x'.join(map(str, (C, *output)))}). Output size is too small")
    return *input_shape[:-rank], *output


def _each_axis(template, sizes):
    """["kH: 2", "kW: 3"] for "k{}: {}" and (2, 3)"""
    return [template.format(letter, size) for letter, size in zip("THW"[-len(sizes):], sizes)]


def _check_pool_input(input_shape, rank):
    """An image with channels, and perhaps a batch dimension, which alone may be empty."""
    if len(input_shape) not in (rank + 1, rank + 2):
        raise RuntimeError(f"non-empty {rank + 1}D or {rank + 2}D (batch mode) tensor expected for input, but got "
                           f"{list(input_shape)}")
    if rank == 2 and 0 in input_shape[-3:]:
        raise RuntimeError("Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but "
                           f"got:{list(input_shape)}")
    if rank == 3 and 0 in input_shape[-4:]:
        raise RuntimeError("Expected input's non-batch dimensions to have positive length, but input has a shape of "
                           f"{list(input_shape)}")


def max_pool1d_shape(input_shape, kernel_size, stride, padding, dilation, ceil_mode):
    """(N, C, L) -> (N, C, P), or (C, L) -> (C, P), or torch's RuntimeError; other arguments are numbers.

    >>> max_pool1d_shape((64, 6, 28), 2, 2, 0, 1, False)
    (64, 6, 14)
    """
    if len(input_shape) not in (2, 3) or 0 in input_shape[-2:]:
        raise RuntimeError("max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for "
                           f"input, but got:{list(input_shape)}")
    for name, size in ("kernel_size", kernel_size), ("stride", stride), ("dilation", dilation):
        if size <= 0:
            raise RuntimeError(f"max_pool1d() {name} must be greater than zero, but got {size}")
    if padding < 0:
        raise RuntimeError(f"max_pool1d() padding must be non-negative, but got {padding}")
    if padding > kernel_size // 2:
        raise RuntimeError("max_pool1d() padding should be at most half of kernel size, but got "
                           f"padding={padding} and kernel_size={kernel_size}")
    P = pool_output_size(input_shape[-1], kernel_size, stride, padding, dilation, ceil_mode)
    if P < 1:
        raise RuntimeError(f"max_pool1d() Invalid computed output size: {P}")
    return *input_shape[:-1], P


@functools.lru_cache(maxsize=256)
def avg_pool_shape(input_shape, kernel_size, stride, padding, ceil_mode, divisor_override):
    """(N, C, H, W) -> (N, C, P, Q), or (C, H, W) -> (C, P, Q), or torch's RuntimeError.

    >>> avg_pool_shape((1, 3, 5, 5), (2, 2), (2, 2), (0, 0), True, None)
    (1, 3, 3, 3)
    """
    if divisor_override == 0:
        raise RuntimeError("divisor must be not zero")
    return max_pool_shape(input_shape, kernel_size, stride, padding, (1,) * len(kernel_size), ceil_mode)


def adaptive_pool_shape(input_shape, output_size, op):
    """(N, C, H, W) -> (N, C, P, Q), or (C, H, W) -> (C, P, Q), or torch's error; None in output_size keeps H or W.

    >>> adaptive_pool_shape((1, 3, 5, 5), (1, None), "adaptive_avg_pool2d")
    (1, 3, 1, 5)
    """
    rank, ndim = len(output_size), len(input_shape)
    if ndim not in (rank + 1, rank + 2):
        raise RuntimeError(f"{op}(): Expected {rank + 1}D or {rank + 2}D tensor, but got {list(input_shape)}")
    output = [old if new is None else new for old, new in zip(input_shape[-rank:], output_size)]
    shape = *input_shape[:-rank], *output
    if min(output) < 0 and "max" in op:
        raise RuntimeError(f"Trying to create tensor with negative dimension {min(output)}: {list(shape)}")
    if min(output) < 0:
        raise RuntimeError(f"{op}: elements of output_size must be greater than or equal to 0 but received "
                           f"{{{', '.join(map(str, output))}}}")
    for dim in range(ndim - 2 if op == "adaptive_avg_pool2d" else 1, ndim):
        if input_shape[dim] == 0:
            raise RuntimeError(f"{op}(): Expected input to have non-zero size for non-batch dimensions, but input has "
                               f"sizes {list(input_shape)} with dimension {dim} being empty")
    if math.prod(shape) >= 2**47:  # more bytes than a process can address
        raise RuntimeError(f"{op}(): can't allocate memory for an output of shape {list(shape)}")
    return shape


def max_unpool_shape(input_shape, kernel_size, stride, padding, output_size):
    """The image (H, W) that max pooling took to the input's (P, Q), or torch's ValueError; output_size may be None.

    >>> max_unpool_shape((1, 3, 2, 2), (2, 2), (2, 2), (0, 0), None)
    (4, 4)
    """
    rank = len(kernel_size)
    least = [(size - 1) * step + kernel - 2 * pad
             for size, kernel, step, pad in zip(input_shape[-rank:], kernel_size, stride, padding)]
    if output_size is None:
        image = tuple(least)
    else:
        image = tuple(output_size[2:] if len(output_size) == rank + 2 else output_size)
        if len(image) != rank:
            raise ValueError(f"output_size should be a sequence containing {rank} or {rank + 2} elements, but it has a "
                             f"length of '{len(image)}'")
        for dim, (size, usual, step) in enumerate(zip(image, least, stride)):
            if not usual - step < size < usual + step:
                raise ValueError(f"invalid output_size \"{output_size}\" (dim {dim} must be between {usual - step} and "
                                 f"{usual + step})")
    if min(image) < 0:
        raise ValueError("max_unpooling: output_size must contain non-negative spatial dimensions, but got "
                         f"output_size={list(image)}")
    return image


def interpolate_shape(input_shape, output_size):
    """(N, C, *image) -> (N, C, *output_size), or torch's RuntimeError.

    >>> interpolate_shape((8, 3, 4, 4), (8, 8))
    (8, 3, 8, 8)
    """
    N, C, *image = input_shape
    if C == 0:
        raise RuntimeError(f"Non-empty {len(input_shape)}D data tensor expected but got a tensor with sizes "
                           f"{list(input_shape)}")
    if min(*image, *output_size) <= 0:
        input, output = (", ".join(f"{axis}: {size}" for axis, size in zip("DHW"[-len(image):], sizes))
                         for sizes in (image, output_size))
        raise RuntimeError(f"Input and output sizes should be greater than 0, but got input ({input}) and output "
                           f"({output})")
    return N, C, *output_size
