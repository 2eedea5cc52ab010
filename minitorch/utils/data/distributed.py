"""The sampler for training in several processes."""
import math
from itertools import cycle, islice

from ...distributed import get_rank, get_world_size
from ...random import Generator
from .sampler import Sampler


class DistributedSampler(Sampler[int]):
    """Every num_replicas-th index, from `rank` on: together the processes visit each item once in an epoch.

    All get equally many: some items come twice, or, with drop_last, the last ones are left out. The order is random,
    the same for all processes, and a new one only after set_epoch(epoch). shuffle=False keeps the dataset's order.

    ValueError for a rank outside [0, num_replicas - 1], or without both, there being no group of processes to ask.

    >>> [list(DistributedSampler(range(5), num_replicas=2, rank=rank, shuffle=False)) for rank in range(2)]
    [[0, 2, 4], [1, 3, 0]]
    """

    def __init__(self, dataset, num_replicas=None, rank=None, shuffle=True, seed=0, drop_last=False):
        num_replicas = get_world_size() if num_replicas is None else num_replicas
        rank = get_rank() if rank is None else rank
        if not 0 <= rank < num_replicas:
            raise ValueError(f"Invalid rank {rank}, rank should be in the interval [0, {num_replicas - 1}]")
        self.dataset, self.num_replicas, self.rank = dataset, num_replicas, rank
        self.shuffle, self.seed, self.drop_last, self.epoch = shuffle, seed, drop_last, 0
        if drop_last:
            self.num_samples = len(dataset) // num_replicas
        else:
            self.num_samples = math.ceil(len(dataset) / num_replicas)
        self.total_size = self.num_samples * num_replicas

    def __iter__(self):
        order = range(len(self.dataset))
        if self.shuffle:
            order = Generator().manual_seed(self.seed + self.epoch).permutation(len(order)).tolist()
        return islice(cycle(order), self.rank, self.total_size, self.num_replicas)

    def __len__(self):
        return self.num_samples

    def set_epoch(self, epoch):
        """Shuffle anew: to be called with its number before each epoch."""
        self.epoch = epoch
