"""Distances between all rows of one matrix and all rows of another."""
import numpy as np

__all__ = ["euclidean_distance"]


def euclidean_distance(x1, x2):
    """out[..., i, j] = sqrt(sum_m (x1[..., i, m] - x2[..., j, m])^2)

    x1 (..., P, M), x2 (..., R, M), whose batches broadcast -> (..., P, R)
    """
    from scipy.spatial.distance import cdist

    batch = np.broadcast_shapes(x1.shape[:-2], x2.shape[:-2])
    rows1, rows2 = (np.broadcast_to(x, batch + x.shape[-2:]) for x in (x1, x2))
    out = np.empty((*batch, x1.shape[-2], x2.shape[-2]), x1.dtype)
    for place in np.ndindex(*batch):
        out[place] = cdist(rows1[place], rows2[place])
    return out
