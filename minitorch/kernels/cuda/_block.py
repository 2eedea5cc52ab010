"""What the threads of a block compute together."""
import functools

from ._runtime import THREADS, cuda, device

WARP, ALL_LANES = 32, 0xFFFFFFFF
WARPS = THREADS // WARP


@functools.cache
def together(combine, number):
    """A @device function for blocks of THREADS threads: block(x, identity) combines the x of all threads, always in the
    same order, and gives the result to every thread. `number` is the type of x.

    Within a warp the threads read each other's registers: after adding what the lane 16 further on has (counting round
    and round), 8, 4, 2 and 1, each lane has the sum of all 32. Then each warp does so with the sums of the warps.
    """
    @device
    def warp(x):
        for distance in (16, 8, 4, 2, 1):
            x = combine(x, cuda.shfl_xor_sync(ALL_LANES, x, distance))
        return x

    @device
    def block(x, identity):
        of_warps = cuda.shared.array(WARPS, number)
        t = cuda.threadIdx.x
        x = warp(x)
        if t % WARP == 0:
            of_warps[t // WARP] = x
        cuda.syncthreads()
        x = of_warps[t % WARP] if t % WARP < WARPS else identity
        cuda.syncthreads()  # all have read: the next call may write
        return warp(x)

    return block
