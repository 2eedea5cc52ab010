"""torch.functional: another place where programs look for these functions of torch."""
from .ops import (  # noqa: F401
    atleast_1d, atleast_2d, atleast_3d, block_diag, broadcast_shapes, broadcast_tensors, cartesian_prod, cdist,
    chain_matmul, einsum, meshgrid, norm, split, tensordot, unique, unique_consecutive, unravel_index)
