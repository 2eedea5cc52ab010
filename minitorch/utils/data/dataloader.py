"""DataLoader: batches of a dataset, in the order of a sampler."""
import itertools
import multiprocessing
import warnings
from collections import deque
from concurrent.futures import TimeoutError

from .collate import default_collate, default_convert
from .dataset import IterableDataset
from .sampler import BatchSampler, RandomSampler, SequentialSampler, draw_seed
from .worker import Fetcher, Worker, get_worker_info, reraise

__all__ = ["DataLoader", "default_collate", "default_convert", "get_worker_info"]


class DataLoader:
    """torch.utils.data.DataLoader: iterating over it makes one pass over the dataset, in batches.

    batch_size      items in a batch; None gives the items themselves
    shuffle         visit the items in random order: torch's order for the same seed
    sampler         an iterable of indices to visit instead; batch_sampler: of lists of indices
    collate_fn      makes a batch of a list of items (default_collate)
    drop_last       leave out a last batch that is not full
    generator       of the random numbers; None is the default generator
    num_workers     threads that fetch batches ahead (0: none), prefetch_factor (2) of them each. The batches come in
                    the same order. In a worker `torch.rand` draws from a stream of the worker's own, torch's again,
                    which starts at get_worker_info().seed; Python's and NumPy's global generators are shared
    worker_init_fn  called as worker_init_fn(worker id) in each worker, before its first batch
    timeout         seconds to wait for a worker's batch before RuntimeError (0: forever)
    persistent_workers keeps the workers from one pass to the next

    multiprocessing_context, pin_memory, pin_memory_device and in_order are accepted, and without effect.
    ValueError for arguments that contradict each other.

    >>> import minitorch as torch
    >>> dataset = torch.utils.data.TensorDataset(torch.arange(5))
    >>> for (x,) in DataLoader(dataset, batch_size=2, shuffle=True, generator=torch.Generator().manual_seed(1)):
    ...     print(x)
    tensor([4, 1])
    tensor([3, 0])
    tensor([2])
    """

    _initialized = False
    _fixed = ("batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers")
    _workers = None

    def __init__(self, dataset, batch_size=1, shuffle=None, sampler=None, batch_sampler=None, num_workers=0,
                 collate_fn=None, pin_memory=False, drop_last=False, timeout=0, worker_init_fn=None,
                 multiprocessing_context=None, generator=None, *, prefetch_factor=None, persistent_workers=False,
                 pin_memory_device="", in_order=True):
        if num_workers < 0:
            raise ValueError("num_workers option should be non-negative; use num_workers=0 to disable multiprocessing.")
        if timeout < 0:
            raise ValueError("timeout option should be non-negative")
        if num_workers == 0 and prefetch_factor is not None:
            raise ValueError("prefetch_factor option could only be specified in multiprocessing.let num_workers > 0 "
                             "to enable multiprocessing, otherwise set prefetch_factor to None.")
        if prefetch_factor is not None and prefetch_factor < 0:
            raise ValueError("prefetch_factor option should be non-negative")
        if persistent_workers and num_workers == 0:
            raise ValueError("persistent_workers option needs num_workers > 0")
        if multiprocessing_context is not None and num_workers == 0:
            raise ValueError("multiprocessing_context can only be used with multi-process loading (num_workers > 0), "
                             f"but got num_workers={num_workers}")
        if isinstance(multiprocessing_context, str):
            methods = multiprocessing.get_all_start_methods()
            if multiprocessing_context not in methods:
                raise ValueError("multiprocessing_context option should specify a valid start method in "
                                 f"{methods!r}, but got multiprocessing_context={multiprocessing_context!r}")
        if isinstance(dataset, IterableDataset):
            if shuffle:
                raise ValueError("DataLoader with IterableDataset: expected unspecified shuffle option, but got "
                                 f"shuffle={shuffle}")
            if sampler is not None:
                raise ValueError("DataLoader with IterableDataset: expected unspecified sampler option, but got "
                                 f"sampler={sampler}")
            if batch_sampler is not None:
                raise ValueError("DataLoader with IterableDataset: expected unspecified batch_sampler option, but got "
                                 f"batch_sampler={batch_sampler}")
        if sampler is not None and shuffle:
            raise ValueError("sampler option is mutually exclusive with shuffle")
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ValueError("batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and "
                                 "drop_last")
            batch_size = None
        elif batch_size is None and drop_last:
            raise ValueError("batch_size=None option disables auto-batching and is mutually exclusive with drop_last")
        if sampler is None:
            if isinstance(dataset, IterableDataset):
                sampler = itertools.repeat(None)  # a stream has no indices: the batches of them only count
            elif shuffle:
                sampler = RandomSampler(dataset, generator=generator)
            else:
                sampler = SequentialSampler(dataset)
        if batch_size is not None and batch_sampler is None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.dataset, self.batch_size, self.sampler, self.batch_sampler = dataset, batch_size, sampler, batch_sampler
        self.collate_fn = collate_fn or (default_convert if batch_sampler is None else default_collate)
        self.drop_last, self.generator = drop_last, generator
        self.num_workers, self.worker_init_fn, self.timeout = num_workers, worker_init_fn, timeout
        self.persistent_workers = persistent_workers
        self.prefetch_factor = 2 if num_workers and prefetch_factor is None else prefetch_factor
        self.multiprocessing_context, self.in_order = multiprocessing_context, in_order
        self.pin_memory, self.pin_memory_device = pin_memory, pin_memory_device
        self._initialized = True

    def __setattr__(self, name, value):
        if self._initialized and name in self._fixed:
            raise ValueError(f"{name} attribute should not be set after {type(self).__name__} is initialized")
        super().__setattr__(name, value)

    def __iter__(self):
        if self.pin_memory:
            warnings.warn("'pin_memory' argument is set as true but no accelerator is found, then device pinned "
                          "memory won't be used.",
                          stacklevel=2)
        indices = iter(self.sampler if self.batch_sampler is None else self.batch_sampler)
        if self._workers is not None:
            for worker in self._workers:
                worker.restart()
            return _Prefetcher(self, indices, self._workers)
        base_seed = draw_seed(self.generator)  # without workers too, as torch: what follows must be torch's numbers
        if self.num_workers == 0:
            return _Iterator(self, indices)
        workers = [Worker(self, id, base_seed + id) for id in range(self.num_workers)]
        if self.persistent_workers:
            self._workers = workers
        return _Prefetcher(self, indices, workers)

    def __len__(self):
        """The number of batches. TypeError if the dataset or the sampler has no length."""
        if not isinstance(self.dataset, IterableDataset):
            return len(self.sampler if self.batch_sampler is None else self.batch_sampler)
        items = len(self.dataset)
        if self.batch_size is None:
            return items
        return items // self.batch_size if self.drop_last else -(-items // self.batch_size)


class _Iterator:
    """An iterator over the batches, each of which is fetched when it is asked for."""

    def __init__(self, loader, indices):
        self.loader, self.indices = loader, indices
        self.fetch = Fetcher(loader.dataset, loader.collate_fn, loader.batch_sampler is not None, loader.drop_last)

    def __iter__(self):
        return self

    def __len__(self):
        return len(self.loader)

    def __next__(self):
        return self.fetch(next(self.indices))


class _Prefetcher(_Iterator):
    """An iterator over the batches that the workers fetch, in order: each worker in turn is sent the next indices."""

    def __init__(self, loader, indices, workers):
        self.loader, self.indices, self.workers = loader, indices, workers
        self.turn = deque(workers)
        self.pending = deque()  # (future, worker), the next batch first
        for _ in range(loader.prefetch_factor * len(workers)):
            self._send()

    def _send(self):
        """Have the next worker fetch the next batch, if there is one."""
        if self.turn:
            index = next(self.indices, self)
            if index is not self:
                self.pending.append((self.turn[0].submit(index), self.turn[0]))
                self.turn.rotate(-1)

    def __next__(self):
        timeout = self.loader.timeout
        while self.pending:
            future, worker = self.pending.popleft()
            try:
                error = future.exception(timeout or None)
            except TimeoutError:
                raise RuntimeError(f"DataLoader timed out after {timeout} seconds") from None
            ended = isinstance(error, StopIteration)  # that worker's stream
            if ended and worker in self.turn:
                self.turn.remove(worker)
            self._send()
            if error is None:
                return future.result()
            if not ended:
                reraise(error, worker.info.id)
        raise StopIteration

    def __del__(self):
        if not self.loader.persistent_workers:
            for worker in self.workers:
                worker.stop()
