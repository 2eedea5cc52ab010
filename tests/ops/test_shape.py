"""Shape operations against PyTorch: values, strides, shared memory, gradients, errors."""

import numpy as np
import pytest

import minitorch
from tests.oracle import check_op, check_raises, check_same, import_torch

torch = import_torch()

VIEWS = {  # name: a view of a (2, 3, 4) tensor
    "t": lambda x: x[0].t(),
    "T": lambda x: x[0].T,
    "mT": lambda x: x.mT,
    "transpose": lambda x: x.transpose(0, -1),
    "swapaxes": lambda x: x.swapaxes(0, 1),
    "permute": lambda x: x.permute(2, 0, 1),
    "movedim": lambda x: x.movedim(0, 2),
    "movedim several": lambda x: x.movedim((0, 1), (-1, 0)),
    "squeeze": lambda x: x[:1].squeeze(),
    "squeeze dim": lambda x: x[:, :1].squeeze(1),
    "squeeze nothing": lambda x: x.squeeze(0),
    "squeeze dims": lambda x: x[:1, :, :1].squeeze((0, 2)),
    "unsqueeze": lambda x: x.unsqueeze(-1),
    "expand": lambda x: x[:1].expand(5, -1, 4),
    "expand new": lambda x: x.expand(2, 2, 3, 4),
    "expand_as": lambda x: x[0, 0].expand_as(x),
    "broadcast_to": lambda x: x[:, :1].broadcast_to((2, 3, 4)),
    "diagonal": lambda x: x.diagonal(1, 1, 2),
    "diagonal below": lambda x: x.diagonal(-1, 0, 1),
    "unfold": lambda x: x.unfold(2, 3, 1),
    "unfold step": lambda x: x.unfold(2, 2, 2),
    "select": lambda x: x.select(1, -1),
    "narrow": lambda x: x.narrow(2, 1, 2),
    "split": lambda x: x.split(2, 2),
    "split rest": lambda x: x.split(2, 1),
    "split sizes": lambda x: x.split([1, 3], -1),
    "chunk": lambda x: x.chunk(3, 2),
    "tensor_split": lambda x: x.tensor_split(3, 2),
    "tensor_split at": lambda x: x.tensor_split((1, 2), 1),
    "unbind": lambda x: x.unbind(1),
    "int": lambda x: x[1],
    "slice": lambda x: x[:, 1:],
    "step": lambda x: x[..., ::2],
    "None": lambda x: x[:, None],
    "mixed": lambda x: x[1, ..., None, 2:],
    "all ints": lambda x: x[1, 2, 3],
    "negative": lambda x: x[-1, -3:-1],
    "out of range slice": lambda x: x[:10, -9:],
    "Ellipsis": lambda x: x[...],
}


@pytest.mark.parametrize("name", VIEWS)
def test_views(name):
    view = VIEWS[name]
    check_op([(2, 3, 4)], lambda T, x: view(x))

    def geometry(T):  # the stride of a dimension of size 1 means nothing
        views = view(T.zeros(2, 3, 4))
        return [
            ([s for s, n in zip(v.stride(), v.shape) if n > 1], v.storage_offset(), v.is_contiguous(), v._is_view())
            for v in (views if isinstance(views, tuple) else [views])
        ]

    check_same(geometry)

    x = minitorch.zeros(2, 3, 4)
    views = view(x)
    for part in views if isinstance(views, tuple) else [views]:
        assert np.shares_memory(part.numpy(), x.numpy()) or not part.numel()


@pytest.mark.parametrize("size", [(6, 4), (24,), (-1,), (2, -1), (2, 3, 2, 2), (1, 2, 3, 4)])
def test_view_and_reshape(size):
    check_op([(2, 3, 4)], lambda T, x: [x.reshape(size), T.reshape(x, size)])
    check_op([(2, 3, 4)], lambda T, x: x.view(*size), contiguous=True)
    check_same(
        lambda T: [
            T.zeros(2, 3, 4).view(size)._is_view(),
            T.zeros(4, 3, 2).permute(2, 1, 0).reshape(size).is_contiguous(),
        ]
    )


def test_view_errors():
    check_raises(
        lambda T: T.zeros(2, 3).t().view(6), match="view size is not compatible with input tensor's size and stride"
    )
    check_raises(lambda T: T.zeros(2, 3).view(4), match=r"shape '\[4\]' is invalid for input of size 6")
    check_raises(lambda T: T.zeros(2, 3).view(-1, -1), match="only one dimension can be inferred")
    check_raises(lambda T: T.zeros(2, 3).view(-1, 4), match=r"shape '\[-1, 4\]' is invalid for input of size 6")
    check_raises(lambda T: T.zeros(2, 3).reshape(-2, 3), match="invalid shape dimension -2")
    check_raises(lambda T: T.zeros(0).view(-1, 0), match="cannot reshape tensor of 0 elements into shape")
    check_same(
        lambda T: [
            T.zeros(0, 3).view(3, 0).shape == (3, 0),
            T.zeros(0).view(-1).shape == (0,),
            T.zeros(()).view(1, 1).shape == (1, 1),
        ]
    )


@pytest.mark.parametrize(
    "call, match",
    [
        (lambda T: T.zeros(2, 3).transpose(0, 2), "Dimension out of range"),
        (lambda T: T.zeros(2, 3).permute(0), "number of dimensions"),
        (lambda T: T.zeros(2, 3).permute(0, 0), "duplicate dims"),
        (lambda T: T.zeros(2, 3, 4).t(), "expects a tensor with <= 2 dimensions"),
        (
            lambda T: T.zeros(2, 3).expand(3, 3),
            r"The expanded size of the tensor \(3\) must match the existing size \(2\)",
        ),
        (lambda T: T.zeros(2, 3).expand(3), "must be greater or equal to the number of dimensions"),
        (lambda T: T.zeros(2, 3).expand(-1, 2, 3), "isn't allowed in a leading, non-existing dimension 0"),
        (lambda T: T.zeros(2, 3).unsqueeze(4), "Dimension out of range"),
        (lambda T: T.zeros(2, 3).select(0, 2), "out of range"),
        (lambda T: T.zeros(()).select(0, 0), "0-dim"),
        (lambda T: T.zeros(2, 3).narrow(0, 1, 2), "exceeds dimension size"),
        (
            lambda T: T.zeros(2, 3).split([1, 1, 1], 1) and T.zeros(2, 3).split([1, 1], 1),
            "split_sizes|split_with_sizes",
        ),
        (lambda T: T.zeros(2, 3).chunk(0), "greater than 0"),
        (lambda T: T.zeros(2, 3).diagonal(0, 1, 1), "identical"),
        (lambda T: T.zeros(2, 3).unfold(1, 4, 1), "maximum size"),
        (lambda T: T.zeros(2, 3).unfold(1, 2, 0), "must be > 0"),
        (lambda T: T.zeros(2, 3).flatten(1, 0), "start_dim cannot come after end_dim"),
        (lambda T: T.zeros(2, 3).unflatten(1, (2, 2)), "don't multiply up"),
        (lambda T: T.zeros(()).unbind(), "Dimension|dimension"),
        (lambda T: T.cat([]), "non-empty list"),
        (lambda T: T.cat([T.zeros(2, 3), T.zeros(3, 2)]), "Sizes of tensors must match except in dimension 0"),
        (lambda T: T.cat([T.zeros(2), T.zeros(2, 2)]), "same number of dimensions"),
        (lambda T: T.cat([T.zeros(())]), "zero-dimensional"),
        (lambda T: T.stack([T.zeros(2), T.zeros(3)]), "equal size"),
        (lambda T: T.zeros(2, 3).repeat(2), "Number of dimensions"),
        (lambda T: T.zeros(2, 3).roll((1, 2), (0,)), "align"),
        (lambda T: T.tril(T.zeros(3)), "at least 2 dimensions"),
        (lambda T: T.zeros(2).as_strided((3,), (1,)), "out of bounds for storage"),
    ],
)
def test_errors(call, match):
    check_raises(call, match=match)


def test_flatten():
    check_op(
        [(2, 3, 4)], lambda T, x: [x.flatten(), x.flatten(1), T.flatten(x, 0, 1), x.ravel(), x.unflatten(2, (2, -1))]
    )
    check_op([()], lambda T, x: x.flatten())


def test_as_strided():
    check_op([(3, 4)], lambda T, x: x.as_strided((2, 2), (1, 4), 1), contiguous=True)
    check_op([(3, 4)], lambda T, x: x.as_strided((3, 3), (1, 1)), contiguous=True)  # overlapping: gradients add up


def test_joining():
    check_op([(2, 3), (1, 3), (0, 3)], lambda T, a, b, c: [T.cat([a, b, c]), T.concat([b, a], 0)])
    check_op([(2, 3), (2, 1)], lambda T, a, b: T.cat((a, b), dim=-1))
    check_op([(2, 3), (2, 3)], lambda T, a, b: [T.stack([a, b]), T.stack([a, b], -1), T.stack([a, b], 1)])
    check_op([(2, 3), (2, 3)], lambda T, a, b: [T.hstack([a, b]), T.vstack([a, b]), T.dstack([a, b])])
    check_op([(2,), (3,)], lambda T, a, b: T.hstack([a, b]))
    check_same(lambda T: [T.cat([T.ones(2), T.tensor([1, 2])]), T.cat([T.tensor([]), T.ones(1, 2)])])
    check_op([(), (3,)], lambda T, a, b: [T.atleast_1d(a), T.atleast_2d(b), *T.atleast_3d(a, b)])


def test_copies():
    check_op(
        [(2, 3, 4)],
        lambda T, x: [
            x.flip(0),
            x.flip(0, 2),
            x.roll(1, 0),
            x.roll((1, -2), (0, 2)),
            x.roll(3),
            x.repeat(2, 1, 1, 2),
            x.tile(2),
        ],
    )
    check_op(
        [(3, 4)],
        lambda T, x: [
            x.tril(),
            x.triu(1),
            x.tril(-1),
            T.diag(x),
            T.diag(x, 1),
            T.diag_embed(x),
            T.diag_embed(x, 1, 0, 2),
        ],
    )
    check_op([(3,)], lambda T, x: [T.diag(x), T.diag(x, -1)])
    check_op([(3,), (2,)], lambda T, a, b: [*T.meshgrid(a, b, indexing="ij"), *T.meshgrid(a, b, indexing="xy")])
    check_op([(3, 1), (2,)], lambda T, a, b: T.broadcast_tensors(a, b))
    check_op(
        [(2, 3)],
        lambda T, x: [x.repeat_interleave(2), x.repeat_interleave(2, 1), x.repeat_interleave(T.tensor([1, 2]), 0)],
    )


def test_contiguous_returns_itself():
    x = minitorch.zeros(2, 3)
    assert x.contiguous() is x and x.t().contiguous() is not x
    check_same(
        lambda T: [
            T.zeros(2, 3).t().contiguous().stride(),
            T.zeros(2, 3).t().clone().stride(),
            (T.zeros(2, 3).t() + 1).stride(),
        ]
    )


@pytest.mark.parametrize(
    "name, make",
    [
        ("SelectBackward0", lambda x: x[0]),
        ("SliceBackward0", lambda x: x[0:1]),
        ("UnsqueezeBackward0", lambda x: x[None]),
        ("ViewBackward0", lambda x: x.view(-1)),
        ("TBackward0", lambda x: x.t()),
        ("PermuteBackward0", lambda x: x.T),
        ("ExpandBackward0", lambda x: x.expand(2, 2, 3)),
        ("SplitBackward0", lambda x: x.split(1)[0]),
        ("UnbindBackward0", lambda x: x.unbind()[0]),
        ("UnsafeViewBackward0", lambda x: x.t().reshape(-1)),
        ("RepeatBackward0", lambda x: x.repeat(2, 2)),
        ("SqueezeBackward0", lambda x: x.squeeze()),
        ("UnfoldBackward0", lambda x: x.unfold(0, 1, 1)),
        ("CloneBackward0", lambda x: x.clone()),
        ("SumBackward0", lambda x: x.sum()),
        ("SumBackward1", lambda x: x.sum(0)),
        ("MaxBackward1", lambda x: x.max()),
        ("StdBackward0", lambda x: x.std()),
        ("ToCopyBackward0", lambda x: x.double()),
        ("PowBackward0", lambda x: x**2),
        ("MmBackward0", lambda x: x @ x.t()),
        ("DiagonalBackward0", lambda x: x.diagonal()),
    ],
)
def test_names_of_nodes(name, make):
    for T in (torch, minitorch):
        assert make(T.ones(2, 3, requires_grad=True)).grad_fn.name() == name
