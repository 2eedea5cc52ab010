"""The workers of a DataLoader: threads that fetch batches ahead of the training loop.

Why threads, where torch has processes: a process forked while BLAS or Numba runs threads may hang, and one started
afresh imports everything again and sends each batch through a pipe. Threads share their memory; NumPy, file reading and
image decoders release Python's lock while they work. Transforms in pure Python do not, and gain nothing from workers.

To a dataset a worker looks like torch's: it has a copy of the dataset, and random numbers of its own, torch's numbers.
"""
import copy
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ...random import default_generator
from .dataset import IterableDataset, items_of

_thread = threading.local()


@dataclass(frozen=True, eq=False)
class WorkerInfo:
    """What a worker knows: its `id` < `num_workers`, its own `seed`, and its copy of the `dataset`."""

    id: int
    num_workers: int
    seed: int
    dataset: Any


def get_worker_info():
    """The WorkerInfo of the worker that calls this, from the dataset or worker_init_fn; None outside of workers.

    >>> get_worker_info() is None
    True
    """
    return getattr(_thread, "info", None)


class Fetcher:
    """Makes a batch of what the index sampler gave: an index, or a list of indices if `batched`.

    For an IterableDataset the indices only say how many items to take. StopIteration when there are none left.
    """

    def __init__(self, dataset, collate_fn, batched, drop_last):
        self.dataset, self.collate_fn, self.batched, self.drop_last = dataset, collate_fn, batched, drop_last
        self.stream = iter(dataset) if isinstance(dataset, IterableDataset) else None

    def __call__(self, index):
        if self.stream is None:
            return self.collate_fn(items_of(self.dataset, index) if self.batched else self.dataset[index])
        if not self.batched:
            return self.collate_fn(next(self.stream))
        items = list(islice(self.stream, len(index)))
        if not items or (self.drop_last and len(items) < len(index)):
            raise StopIteration
        return self.collate_fn(items)


class Worker:
    """One thread with a copy of the dataset: worker_init_fn may set attributes of it, while arrays in it are shared."""

    def __init__(self, loader, id, seed):
        self.info = WorkerInfo(id, loader.num_workers, seed, copy.copy(loader.dataset))
        self.init_fn = loader.worker_init_fn
        self.fetcher_args = loader.collate_fn, loader.batch_sampler is not None, loader.drop_last
        self.fetch = None
        self.thread = ThreadPoolExecutor(1, f"DataLoader worker {id}")

    def submit(self, index):
        """A future of the batch; of None after the last one of a stream."""
        return self.thread.submit(self._run, index)

    def restart(self):
        """Begin a new pass over the dataset."""
        self.thread.submit(setattr, self, "fetch", None)

    def _run(self, index):
        if get_worker_info() is None:
            _thread.info = self.info
            default_generator.split_off(self.info.seed)
            if self.init_fn is not None:
                self.init_fn(self.info.id)
        if self.fetch is None:
            self.fetch = Fetcher(self.info.dataset, *self.fetcher_args)
        return self.fetch(index)

    def stop(self):
        self.thread.shutdown(wait=False, cancel_futures=True)


class _Text(str):
    """The message of a KeyError, which shows the repr of what it is given."""

    __repr__ = str.__str__


def reraise(error, id):
    """Raise the error of a worker in the training loop: of the same type, saying where in the worker it happened."""
    message = (f"Caught {type(error).__name__} in DataLoader worker process {id}.\n"
               f"Original {''.join(traceback.format_exception(error))}")
    try:
        again = type(error)(_Text(message) if isinstance(error, KeyError) else message)
    except Exception:  # noqa: B902 - a type that wants other arguments
        again = RuntimeError(message)
    raise again.with_traceback(error.__traceback__) from None  # so that a debugger can go there
