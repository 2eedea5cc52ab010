"""Matrix products. The gradients of a product are products again: C = A B gives dA = dC B^T and dB = A^T dC."""
import math

from .._shapes import broadcast_shapes
from ..autocast import in_lower_precision
from ..engine import Op, named
from ..graph import check_tensors
from .elementwise import add, full, mul, where
from .reduce import sum
from .shape import diagonal, expand, permute, reshape, t, unsqueeze, view


class Matmul(Op):
    """out = a @ b: (..., i, k), (..., k, j) -> (..., i, j).   Saves: each factor that the other needs."""

    def forward(self, a, b):
        wants_a, wants_b = self.needs_input_grad
        self.save(a if wants_b else None, b if wants_a else None)
        self.by_columns = _lies_by_columns(b)
        return self.k.matmul(a, b)

    def backward(self, grad):
        a, b = self.saved
        k, (wants_a, wants_b) = self.k, self.needs_input_grad
        return (k.matmul(grad, _transposed(k, b)) if wants_a else None,
                _gradient_of_b(k, a, grad, self.by_columns) if wants_b else None)


def _transposed(k, x):
    """(..., i, j) -> (..., j, i)"""
    n = len(x.shape)
    return k.permute(x, (*range(n - 2), n - 1, n - 2))


def _lies_by_columns(array):
    """Whether a column's numbers are neighbours in memory, as those of a transposed weight are."""
    return array.strides[-2] < array.strides[-1]


def _gradient_of_b(k, a, grad, by_columns):
    """dB = A^T dC (..., k, j), which is to lie in memory as B does: a parameter's gradient is then not copied."""
    if by_columns:
        return _transposed(k, k.matmul(_transposed(k, grad), a))
    return k.matmul(_transposed(k, a), grad)


@in_lower_precision
def matmul(input, other):
    """The matrix product, with torch's rules: vectors are rows on the left and columns on the right, batches broadcast.

    >>> import minitorch as torch
    >>> torch.matmul(torch.tensor([[1., 2.], [3., 4.]]), torch.tensor([1., 1.]))
    tensor([3., 7.])
    """
    check_tensors("matmul", input=input, other=other)
    m, n = input.array.ndim, other.array.ndim
    if m == 0 or n == 0:
        raise RuntimeError(f"both arguments to matmul need to be at least 1D, but they are {m}D and {n}D")
    if m <= 2 and n == 1:
        return dot(input, other) if m == 1 else mv(input, other)
    if m == 1:  # (k) @ (..., k, j) -> (..., j)
        return named(_squeeze_row(matmul(unsqueeze(input, 0), other)), "SqueezeBackward4")
    if m == n == 2:
        return mm(input, other)
    if n <= 2:  # one product of all rows: (..., i, k) -> (rows, k), times (k) or (k, j), -> (..., i) or (..., i, j)
        *batch, k = input.array.shape
        product = (mv if n == 1 else mm)(reshape(input, (math.prod(batch), k)), other)
        return named(view(product, (*batch, *other.array.shape[1:])), "UnsafeViewBackward0")
    _check_products(input, other)
    return named(Matmul.apply(input, other), "UnsafeViewBackward0")


def _squeeze_row(product):
    """(..., 1, j) -> (..., j)"""
    shape = product.array.shape
    return view(product, (*shape[:-2], shape[-1]))


def _check_products(a, b):
    """The checks of a batched product; NumPy broadcasts the batch dimensions."""
    _check_dtypes(a, b)
    a_shape, b_shape = a.array.shape, b.array.shape
    if a_shape[-1] != b_shape[-2]:
        batch = math.prod(b_shape[:-2])
        raise RuntimeError(f"Expected size for first two dimensions of batch2 tensor to be: [{batch}, {a_shape[-1]}] "
                           f"but got: [{batch}, {b_shape[-2]}].")
    broadcast_shapes(a_shape[:-2], b_shape[:-2])


def _check_dtypes(a, b):
    if a.array.dtype != b.array.dtype:
        raise RuntimeError(f"expected m1 and m2 to have the same dtype, but got: {a.dtype.c_name} != {b.dtype.c_name}")


@in_lower_precision
def mm(input, mat2):
    """(i, k) @ (k, j) -> (i, j).

    >>> import minitorch as torch
    >>> torch.mm(torch.tensor([[1., 2.]]), torch.tensor([[3.], [4.]]))
    tensor([[11.]])
    """
    check_tensors("mm", input=input, mat2=mat2)
    for name, x in (("self", input), ("mat2", mat2)):
        if x.array.ndim != 2:
            raise RuntimeError(f"{name} must be a matrix")
    _check_matrices(input, mat2)
    return named(Matmul.apply(input, mat2), "MmBackward0")


def _check_matrices(a, b):
    (i, k), (m, j) = a.array.shape, b.array.shape
    if k != m:
        raise RuntimeError(f"mat1 and mat2 shapes cannot be multiplied ({i}x{k} and {m}x{j})")
    _check_dtypes(a, b)


@in_lower_precision
def bmm(input, mat2):
    """A batch of products: (b, i, k) @ (b, k, j) -> (b, i, j).

    >>> import minitorch as torch
    >>> torch.bmm(torch.zeros(5, 2, 3), torch.zeros(5, 3, 4)).shape
    torch.Size([5, 2, 4])
    """
    for name, x in (("batch1", input), ("batch2", mat2)):
        if x.array.ndim != 3:
            raise RuntimeError(f"{name} must be a 3D tensor")
    a, b = input.array.shape, mat2.array.shape
    if a[0] != b[0] or a[2] != b[1]:
        raise RuntimeError(f"Expected size for first two dimensions of batch2 tensor to be: [{a[0]}, {a[2]}] but got: "
                           f"[{b[0]}, {b[1]}].")
    _check_dtypes(input, mat2)
    return named(Matmul.apply(input, mat2), "BmmBackward0")


class Mv(Op):
    """out = matrix @ vector: (i, k), (k) -> (i).   Saves: each factor that the other needs."""

    def forward(self, matrix, vector):
        self.shape = matrix.shape
        wants_matrix, wants_vector = self.needs_input_grad
        self.save(matrix if wants_vector else None, vector if wants_matrix else None)
        return self.k.matmul(matrix, vector)

    def backward(self, grad):
        matrix, vector = self.saved
        k, (wants_matrix, wants_vector) = self.k, self.needs_input_grad
        rows, columns = self.shape
        outer = None
        if wants_matrix:  # (i) -> (i, 1), times (k) -> (1, k), is (i, k)
            outer = k.mul(k.view(k.contiguous(grad), (rows, 1)), k.expand(vector, (1, columns)))
        return outer, k.matmul(_transposed(k, matrix), grad) if wants_vector else None


def mv(input, vec):
    """Matrix times vector: (i, k) @ (k) -> (i).

    >>> import minitorch as torch
    >>> torch.mv(torch.tensor([[1., 2.], [3., 4.]]), torch.tensor([1., 1.]))
    tensor([3., 7.])
    """
    if input.array.ndim != 2 or vec.array.ndim != 1:
        raise RuntimeError(f"vector + matrix @ vector expected, got 1, {input.array.ndim}, {vec.array.ndim}")
    i, k = input.array.shape
    n = vec.array.size
    if k != n:
        raise RuntimeError(f"size mismatch, got input ({i}), mat ({i}x{k}), vec ({n})")
    if input.array.dtype != vec.array.dtype:
        raise RuntimeError(f"addmv input tensors must have the same dtype, but got {vec.dtype.scalar_name}, "
                           f"{input.dtype.scalar_name}, and {vec.dtype.scalar_name}")
    return Mv.apply(input, vec)


class Dot(Op):
    """out = sum_k a[k] * b[k].   Saves: each factor that the other needs."""

    def forward(self, a, b):
        wants_a, wants_b = self.needs_input_grad
        self.save(a if wants_b else None, b if wants_a else None)
        return self.k.matmul(a, b)

    def backward(self, grad):
        a, b = self.saved
        wants_a, wants_b = self.needs_input_grad
        return self.k.mul(grad, b) if wants_a else None, self.k.mul(grad, a) if wants_b else None


def dot(input, tensor):
    """The inner product of two vectors.

    >>> import minitorch as torch
    >>> torch.dot(torch.tensor([1., 2.]), torch.tensor([3., 4.]))
    tensor(11.)
    """
    if input.array.ndim != 1 or tensor.array.ndim != 1:
        raise RuntimeError(f"1D tensors expected, but got {input.array.ndim}D and {tensor.array.ndim}D tensors")
    if input.array.dtype != tensor.array.dtype:
        raise RuntimeError(f"dot : expected both vectors to have same dtype, but found {input.dtype.scalar_name} and "
                           f"{tensor.dtype.scalar_name}")
    n, m = input.array.size, tensor.array.size
    if n != m:
        raise RuntimeError(f"inconsistent tensor size, expected tensor [{n}] and src [{m}] to have the same number of "
                           f"elements, but got {n} and {m} elements respectively")
    return Dot.apply(input, tensor)


class Addmm(Op):
    """out = c + a @ b: (i, j), (i, k), (k, j) -> (i, j).   Saves: each factor that the other needs."""

    def forward(self, c, a, b):
        _, wants_a, wants_b = self.needs_input_grad
        self.save(a if wants_b else None, b if wants_a else None)
        return self.k.addmm(c, a, b)

    def backward(self, grad):
        a, b = self.saved
        k, (_, wants_a, wants_b) = self.k, self.needs_input_grad
        return (grad, k.matmul(grad, _transposed(k, b)) if wants_a else None,
                _gradient_of_b(k, a, grad, by_columns=True) if wants_b else None)  # most often b is a weight.T


@in_lower_precision
def addmm(input, mat1, mat2, *, beta=1, alpha=1):
    """beta * input + alpha * (mat1 @ mat2).

    >>> import minitorch as torch
    >>> torch.addmm(torch.tensor([1., 1.]), torch.eye(2), torch.eye(2))
    tensor([[2., 1.],
            [1., 2.]])
    """
    for name, x in (("mat1", mat1), ("mat2", mat2)):
        if x.array.ndim != 2:
            raise RuntimeError(f"{name} must be a matrix, got {x.array.ndim}-D tensor")
    _check_matrices(mat1, mat2)
    if input.array.dtype != mat2.array.dtype:
        raise RuntimeError(f"self and mat2 must have the same dtype, but got {input.dtype.scalar_name} and "
                           f"{mat2.dtype.scalar_name}")
    _check_expands(input, (mat1.array.shape[0], mat2.array.shape[1]))
    if beta == 1 and alpha == 1:
        return Addmm.apply(input, mat1, mat2)
    return _plus(mm(mat1, mat2), alpha, input, beta)


def _plus(product, alpha, input, beta):
    """alpha * product + beta * input; with beta = 0 not even a NaN of the input matters."""
    if not product.is_floating_point():
        alpha, beta = int(alpha), int(beta)  # integers and Booleans have whole factors
    return add(mul(product, alpha), mul(input, beta) if beta else where(full((), False, bool), input, 0))


def _check_expands(input, size):
    """RuntimeError unless `input` broadcasts to `size`, which it must not enlarge."""
    shape = input.array.shape
    for d, n in enumerate(shape, len(size) - len(shape)):
        if d < 0 or n not in (1, size[d]):
            raise RuntimeError(f"The expanded size of the tensor ({size[d]}) must match the existing size ({n}) at "
                               f"non-singleton dimension {d}.  Target sizes: {list(size)}.  Tensor sizes: "
                               f"{list(shape)}")


def addmv(input, mat, vec, *, beta=1, alpha=1):
    """beta * input + alpha * (mat @ vec)."""
    if input.array.dtype != mat.array.dtype:
        raise RuntimeError(f"addmv input tensors must have the same dtype, but got {input.dtype.scalar_name}, "
                           f"{mat.dtype.scalar_name}, and {vec.dtype.scalar_name}")
    return _plus(mv(mat, vec), alpha, input, beta)


@in_lower_precision
def baddbmm(input, batch1, batch2, *, beta=1, alpha=1):
    """beta * input + alpha * (batch1 @ batch2)."""
    if input.array.dtype != batch1.array.dtype:
        raise RuntimeError(f"Input dtypes must be the same, got: input {input.dtype.name}, batch1: "
                           f"{batch1.dtype.name}, batch2: {batch2.dtype.name}")
    return _plus(bmm(batch1, batch2), alpha, input, beta)


@in_lower_precision
def linear(input, weight, bias=None):
    """input @ weight.T + bias: (..., in), (out, in), (out) -> (..., out).

    >>> import minitorch as torch
    >>> torch.nn.functional.linear(torch.ones(1, 2), torch.ones(3, 2), torch.zeros(3))
    tensor([[2., 2., 2.]])
    """
    check_tensors("linear", input=input, weight=weight)
    shape = input.array.shape
    if not shape:
        raise RuntimeError("both arguments to linear need to be at least 1D, but they are 0D and "
                           f"{weight.array.ndim}D")
    if bias is None:
        return matmul(input, t(weight))
    if len(shape) == 2:
        return addmm(bias, input, t(weight))
    if weight.array.ndim == 1:
        return add(matmul(input, weight), bias)
    rows = reshape(input, (math.prod(shape[:-1]), shape[-1]))  # (..., in) -> (rows, in)
    return view(addmm(bias, rows, t(weight)), (*shape[:-1], weight.array.shape[0]))  # (rows, out) -> (..., out)


def outer(input, vec2):
    """out[i, j] = input[i] * vec2[j].

    >>> import minitorch as torch
    >>> torch.outer(torch.tensor([1., 2.]), torch.tensor([3., 4.]))
    tensor([[3., 4.],
            [6., 8.]])
    """
    for x in (input, vec2):
        if x.array.ndim != 1:
            raise RuntimeError(f"outer: Expected 1-D argument, but got {x.array.ndim}-D")
    return mul(unsqueeze(input, 1), vec2)  # (i) -> (i, 1), times (j), is (i, j)


def inner(input, other):
    """Sum of products over the last dimensions."""
    if input.array.ndim == 0 or other.array.ndim == 0:
        return mul(input, other)
    if input.array.shape[-1] != other.array.shape[-1]:
        raise RuntimeError("inner() the last dimension must match on both input tensors but got shapes "
                           f"{list(input.array.shape)} and {list(other.array.shape)}")
    return tensordot(input, other, dims=([-1], [-1]))


def tensordot(a, b, dims=2):
    """Sums of products over the last `dims` dimensions of `a` and the first of `b`, or over two lists of them.

    >>> import minitorch as torch
    >>> torch.tensordot(torch.zeros(2, 3, 4), torch.zeros(3, 4, 5)).shape
    torch.Size([2, 5])
    """
    if isinstance(dims, int):
        if dims < 0:
            raise RuntimeError(f"tensordot expects dims >= 0, but got dims={dims}")
        dims = list(range(a.array.ndim - dims, a.array.ndim)), list(range(dims))
    left, right = ([d % x.array.ndim for d in ([ds] if isinstance(ds, int) else ds)] for ds, x in zip(dims, (a, b)))
    if len(left) != len(right):
        raise RuntimeError("both dimension lists should have same length")
    for i, j in zip(left, right):
        if a.array.shape[i] == 1:
            b = sum(b, j, keepdim=True)
        elif b.array.shape[j] == 1:
            a = sum(a, i, keepdim=True)
        elif a.array.shape[i] != b.array.shape[j]:
            raise RuntimeError(f"contracted dimensions need to match, but first has size {a.array.shape[i]} in dim {i} "
                               f"and second has size {b.array.shape[j]} in dim {j}")
    rows = [d for d in range(a.array.ndim) if d not in left]
    columns = [d for d in range(b.array.ndim) if d not in right]
    inner_size = math.prod(a.array.shape[d] for d in left)
    out_shape = [a.array.shape[d] for d in rows] + [b.array.shape[d] for d in columns]
    # (rows..., contracted...) -> (rows, contracted) and (contracted..., columns...) -> (contracted, columns)
    a2 = reshape(_order(a, rows + left), (math.prod(a.array.shape[d] for d in rows), inner_size))
    b2 = reshape(_order(b, right + columns), (inner_size, math.prod(b.array.shape[d] for d in columns)))
    return reshape(mm(a2, b2), out_shape)  # (rows, columns) -> (rows..., columns...)


def _order(x, dims):
    from_front = list(range(len(dims)))
    return x if dims == from_front else permute(x, dims)


def chain_matmul(*matrices):
    """The product of several matrices, from the left."""
    product = matrices[0]
    for matrix in matrices[1:]:
        product = mm(product, matrix)
    return product


def trace(input):
    """The sum of a matrix's diagonal.

    >>> import minitorch as torch
    >>> torch.trace(torch.tensor([[1., 2.], [3., 4.]]))
    tensor(5.)
    """
    if input.array.ndim != 2:
        raise RuntimeError("trace: expected a matrix, but got tensor with dim " + str(input.array.ndim))
    return sum(diagonal(input))


def einsum(equation, *operands):
    """Sums of products in Einstein's notation: einsum("ij,jk->ik", a, b) is a @ b.

    Every letter is a dimension; letters that are not in the output are summed; "..." stands for batch dimensions.

    >>> import minitorch as torch
    >>> torch.einsum("i,i->", torch.tensor([1., 2.]), torch.tensor([3., 4.]))
    tensor(11.)
    """
    if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        operands = tuple(operands[0])
    terms, output = _parse_einsum(equation, operands)
    letters = sorted(set("".join(terms)) - set(output))
    result, names = None, ""
    for position, (x, term) in enumerate(zip(operands, terms)):
        x, term = _diagonals(x, term)
        if result is None:
            result, names = x, term
        else:
            result, names = _contract(result, names, x, term, set(output).union(*terms[position + 1 :]))
    extra = tuple(i for i, name in enumerate(names) if name in letters)
    if extra:
        result, names = sum(result, extra), "".join(name for name in names if name not in letters)
    return _order(result, [names.index(name) for name in output])


def _parse_einsum(equation, operands):
    """The letters of each operand and of the output; "..." becomes Greek letters, one a dimension."""
    left, arrow, output = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(operands):
        raise RuntimeError(f"einsum(): {'fewer' if len(terms) > len(operands) else 'more'} operands were provided than "
                           "specified in the equation")
    batch = ""
    for i, (term, x) in enumerate(zip(terms, operands)):
        if "..." in term:
            dims = x.array.ndim - len(term.replace("...", ""))
            ellipsis = "".join(chr(0x3B1 + d) for d in range(dims))[::-1]  # Greek letters, the last dimension first
            batch = max(batch, ellipsis, key=len)
            terms[i] = term.replace("...", ellipsis)
        if len(terms[i]) != x.array.ndim:
            raise RuntimeError(f"einsum(): the number of subscripts in the equation ({len(term)}) does not match the "
                               f"number of dimensions ({x.array.ndim}) for operand {i} and no ellipsis was given")
    if arrow:
        output = output.replace("...", batch)
    else:
        every = "".join(terms)
        output = batch + "".join(sorted(name for name in set(every) - set(batch) if every.count(name) == 1))
    for name in output:
        if name not in "".join(terms):
            raise RuntimeError(f"einsum(): output subscript {name} does not appear in the equation for any input "
                               "operand")
    return terms, output


def _diagonals(x, term):
    """A letter that comes twice in one operand takes the diagonal of its two dimensions."""
    for name in set(term):
        while term.count(name) > 1:
            first, second = term.index(name), term.rindex(name)
            x = diagonal(x, 0, first, second)
            term = term[:first] + term[first + 1 : second] + term[second + 1 :] + name
    return x, term


def _contract(a, a_names, b, b_names, wanted):
    """Two operands -> one, by a batched product: batch letters are in both and wanted, inner ones are summed."""
    batch = [n for n in a_names if n in b_names and n in wanted]
    inner_names = [n for n in a_names if n in b_names and n not in wanted]
    rows = [n for n in a_names if n not in b_names]
    columns = [n for n in b_names if n not in a_names]
    size = {}
    for x, names in ((a, a_names), (b, b_names)):
        for n, length in zip(names, x.array.shape):
            if size.get(n, 1) not in (1, length) and length != 1:
                raise RuntimeError(f"einsum(): subscript {n} has size {length} for one operand, which does not "
                                   f"broadcast with previously seen size {size[n]}")
            size[n] = max(size.get(n, 1), length) if length else 0

    def as_matrices(x, names, *groups):  # (letters) -> (batch, group, group)
        order = [n for group in groups for n in group]
        x = _order(x, [names.index(n) for n in order])
        x = expand(x, [size[n] for n in order])
        return reshape(x, [math.prod(size[n] for n in group) for group in groups])

    product = bmm(
        as_matrices(a, a_names, batch, rows, inner_names), as_matrices(b, b_names, batch, inner_names, columns)
    )
    names = "".join(batch + rows + columns)
    return reshape(product, [size[n] for n in names]), names
