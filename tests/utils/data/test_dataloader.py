"""The DataLoader yields PyTorch's batches in PyTorch's order, and draws as many random numbers as PyTorch."""
import gc
import threading
import time
import traceback
import warnings

import numpy as np
import pytest

import minitorch
from minitorch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset, get_worker_info
from tests.oracle import check_raises, check_same, import_torch

torch = import_torch()

OPTIONS = [
    {}, {"batch_size": 4}, {"batch_size": 4, "drop_last": True}, {"batch_size": 5}, {"batch_size": 20},
    {"batch_size": 3, "shuffle": True}, {"batch_size": 3, "shuffle": True, "drop_last": True}, {"batch_size": None},
    {"batch_size": None, "shuffle": True}, {"batch_size": None, "sampler": [[1, 2], [3]]}, {"sampler": [3, 1, 2]},
    {"batch_sampler": [[1, 2, 3], [4]]},
]


@pytest.mark.parametrize("own", [False, True], ids=["default generator", "own generator"])
@pytest.mark.parametrize("num_workers", [0, 2])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_batches_and_random_numbers(options, num_workers, own):
    """Two passes, with other draws before, in between and after."""
    def run(T):
        T.manual_seed(5)
        dataset = T.utils.data.TensorDataset(T.arange(10), T.arange(20.).reshape(10, 2))
        generator = T.Generator().manual_seed(6) if own else None
        loader = T.utils.data.DataLoader(dataset, num_workers=num_workers, generator=generator, **options)
        results = [len(loader)]
        for _ in range(2):
            iterator = iter(loader)
            results += [T.rand(1), next(iterator), T.rand(1), list(iterator), T.rand(1)]
        return results, T.rand(1, generator=generator)
    if num_workers == 0:
        check_same(run)
    else:  # PyTorch's workers are processes: too slow for every case, and the same batches
        serial, parallel = (list(run_serial(options, n, own)) for n in (0, num_workers))
        assert parallel == serial


def run_serial(options, num_workers, own):
    minitorch.manual_seed(5)
    generator = minitorch.Generator().manual_seed(6) if own else None
    dataset = TensorDataset(minitorch.arange(10), minitorch.arange(20.).reshape(10, 2))
    loader = DataLoader(dataset, num_workers=num_workers, generator=generator, **options)
    for _ in range(2):
        yield [[x.tolist(), y.tolist()] for x, y in loader]
    yield minitorch.rand(1).tolist()


def test_workers_draw_what_pytorchs_draw():
    """They fetch ahead, so the sampler's seed is drawn before the first batch is asked for."""
    def run(T):
        T.manual_seed(5)
        dataset = T.utils.data.TensorDataset(T.arange(9))
        loader = T.utils.data.DataLoader(dataset, 2, shuffle=True, num_workers=2, persistent_workers=True)
        results = []
        for _ in range(2):
            iterator = iter(loader)
            results += [T.rand(1), list(iterator), T.rand(1)]
        return results
    check_same(run)


class Floats(Dataset):
    """Items as many programs write them: NumPy's numbers."""

    def __len__(self):
        return 3

    def __getitem__(self, i):
        if i >= 3:
            raise IndexError(i)
        return np.float32(i), np.full(2, i), i / 2, {"i": i}


def test_items_of_numpy():
    class Theirs(torch.utils.data.Dataset):
        __len__, __getitem__ = Floats.__len__, Floats.__getitem__
    for batch_size in (2, None):
        datasets = {torch: Theirs(), minitorch: Floats()}
        check_same(lambda T: list(T.utils.data.DataLoader(datasets[T], batch_size=batch_size)))


def test_collate_fn():
    check_same(lambda T: list(T.utils.data.DataLoader("abcde", 2, collate_fn="".join)))
    check_same(lambda T: list(T.utils.data.DataLoader("abc", None, collate_fn=str.upper)))


def stream(T, n):
    class Stream(T.utils.data.IterableDataset):
        def __iter__(self):
            info = T.utils.data.get_worker_info()
            return iter(range(n)) if info is None else iter(range(info.id, n, info.num_workers))

        def __len__(self):
            return n
    return Stream()


@pytest.mark.parametrize(
    "options", [{}, {"batch_size": 4}, {"batch_size": 4, "drop_last": True}, {"batch_size": None}], ids=str)
@pytest.mark.parametrize("n", [0, 9, 12])
def test_streams(options, n):
    def run(T):
        loader = T.utils.data.DataLoader(stream(T, n), **options)
        return list(loader), len(loader), T.manual_seed(0) and T.rand(1)
    check_same(run)


def test_streams_of_workers():
    """Each worker has its share, and those that are done step aside."""
    check_same(lambda T: list(T.utils.data.DataLoader(stream(T, 11), 2, num_workers=2)))
    batches = [batch.tolist() for batch in DataLoader(stream(minitorch, 10), 2, num_workers=3)]
    assert batches == [[0, 3], [1, 4], [2, 5], [6, 9], [7], [8]]
    assert list(DataLoader(stream(minitorch, 0), 2, num_workers=3)) == []


class Where(Dataset):
    """Items that tell in which worker they were made."""

    def __len__(self):
        return 8

    def __getitem__(self, i):
        info = get_worker_info()
        return [info.id, info.num_workers, info.seed, getattr(info.dataset, "mark", -1), threading.get_ident()]


def test_worker_info():
    """Batch i comes from worker i % num_workers; each has a thread, a seed and a copy of the dataset of its own."""
    dataset = Where()

    def mark(id):
        get_worker_info().dataset.mark = 100 + id

    minitorch.manual_seed(0)
    base_seed = int(minitorch.random.Generator().manual_seed(0).random((), np.int64))
    batches = list(DataLoader(dataset, num_workers=3, worker_init_fn=mark, collate_fn=lambda items: items[0]))
    assert [batch[:4] for batch in batches] == [[i % 3, 3, base_seed + i % 3, 100 + i % 3] for i in range(8)]
    assert len({batch[4] for batch in batches}) == 3 and threading.get_ident() not in {batch[4] for batch in batches}
    assert not hasattr(dataset, "mark") and get_worker_info() is None


@pytest.mark.parametrize("persistent", [True, False])
def test_persistent_workers_stay(persistent):
    started = []
    loader = DataLoader(
        Where(), num_workers=2, worker_init_fn=started.append, persistent_workers=persistent, collate_fn=list)
    threads = [{item[0][4] for item in loader} for _ in range(2)]
    assert sorted(started) == ([0, 1] if persistent else [0, 0, 1, 1])
    assert (threads[0] == threads[1]) or not persistent


def test_persistent_workers_begin_each_stream_anew():
    loader = DataLoader(stream(minitorch, 5), 2, num_workers=2, persistent_workers=True, collate_fn=list)
    assert list(loader) == list(loader) == [[0, 2], [1, 3], [4]]
    next(iter(loader))
    assert list(loader) == [[0, 2], [1, 3], [4]]


class Slow(Dataset):
    """Items that take longer the earlier they are: without care they would come out of order."""

    def __len__(self):
        return 12

    def __getitem__(self, i):
        time.sleep(0.002 * (12 - i))
        return i


def test_slow_batches_keep_their_order():
    assert [x.item() for x in DataLoader(Slow(), num_workers=4)] == list(range(12))


class Broken(Dataset):
    def __len__(self):
        return 6

    def __getitem__(self, i):
        if i == 2:
            self.fail(i)
        return i

    def fail(self, i):
        raise KeyError(f"no item {i}")


@pytest.mark.parametrize("num_workers", [0, 2])
def test_an_error_in_the_dataset(num_workers):
    """It comes up where its batch would have come, with the traceback of its origin; later batches still come."""
    iterator = iter(DataLoader(Broken(), num_workers=num_workers, collate_fn=lambda items: items[0]))
    assert next(iterator) == 0 and next(iterator) == 1
    with pytest.raises(KeyError, match="no item 2") as caught:
        next(iterator)
    assert "fail" in [frame.name for frame in traceback.extract_tb(caught.tb)]
    assert list(iterator) == [3, 4, 5]


class TwoArguments(Exception):
    def __init__(self, one, two):
        super().__init__(one, two)


@pytest.mark.parametrize("error, raised", [
    (ValueError("no"), ValueError), (KeyError("no"), KeyError), (TwoArguments("no", 1), RuntimeError)])
def test_an_error_in_a_worker_says_where_it_was(error, raised):
    class Failing(Broken):
        def fail(self, i):
            raise error
    with pytest.raises(raised) as caught:
        list(DataLoader(Failing(), num_workers=2))
    lines = str(caught.value).splitlines()
    assert lines[0] == f"Caught {type(error).__name__} in DataLoader worker process 0."
    assert lines[1] == "Original Traceback (most recent call last):"
    assert "raise error" in str(caught.value) and lines[-1].endswith(f"{type(error).__name__}: {error}")


class Noise(Dataset):
    def __len__(self):
        return 8

    def __getitem__(self, i):
        return minitorch.rand(2)


def test_a_worker_draws_from_a_stream_of_its_own():
    """PyTorch's numbers: worker i starts at the base seed + i, and worker_init_fn may draw first."""
    minitorch.manual_seed(0)
    loader = DataLoader(Noise(), 2, num_workers=2, worker_init_fn=lambda id: minitorch.randn(20))
    batches, after = list(loader), minitorch.rand(3)

    expected = minitorch.Generator().manual_seed(0)
    base_seed = int(expected.random((), np.int64))
    streams = [minitorch.Generator().manual_seed(base_seed + id) for id in range(2)]
    for stream in streams:
        stream.normal((20,))
    for i, batch in enumerate(batches):
        np.testing.assert_array_equal(batch, [streams[i % 2].uniform((2,)) for _ in range(2)])
    np.testing.assert_array_equal(after, expected.uniform((3,)))  # the default generator itself is left alone


@pytest.mark.parametrize("num_workers", [0, 2])
def test_an_iterator_has_the_length_of_its_loader(num_workers):
    assert len(iter(DataLoader(range(5), 2, num_workers=num_workers))) == 3


def test_an_error_in_worker_init_fn():
    def fail(id):
        raise ValueError(f"worker {id} is ill")
    with pytest.raises(ValueError, match="worker 0 is ill"):
        next(iter(DataLoader(Slow(), num_workers=1, worker_init_fn=fail)))


def workers_alive():
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("DataLoader worker")]


def test_leaving_early_ends_the_workers():
    gc.collect()
    fetched = []

    class Endless(IterableDataset):
        def __iter__(self):
            while True:
                time.sleep(0.005)
                fetched.append(1)
                yield 1

    for _ in DataLoader(Endless(), num_workers=2, prefetch_factor=20):
        break
    deadline = time.monotonic() + 5
    while workers_alive() and time.monotonic() < deadline:
        time.sleep(0.005)
    assert workers_alive() == []
    assert len(fetched) < 20, "what nobody waits for any more is not fetched"


def test_timeout():
    class Stuck(Dataset):
        def __len__(self):
            return 1

        def __getitem__(self, i):
            release.wait(10)
            return i

    release = threading.Event()
    iterator = iter(DataLoader(Stuck(), num_workers=1, timeout=0.05))
    with pytest.raises(RuntimeError, match="DataLoader timed out after 0.05 seconds"):
        next(iterator)
    release.set()


def test_a_timeout_of_the_dataset_itself_is_its_own():
    class Offline(Dataset):
        def __len__(self):
            return 1

        def __getitem__(self, i):
            raise TimeoutError("the server does not answer")
    with pytest.raises(TimeoutError, match="the server does not answer"):
        list(DataLoader(Offline(), num_workers=1, timeout=5))


@pytest.mark.parametrize("match, options", [
    ("num_workers option should be non-negative", {"num_workers": -1}),
    ("timeout option should be non-negative", {"timeout": -1}),
    ("prefetch_factor option could only be specified in multiprocessing", {"prefetch_factor": 2}),
    ("prefetch_factor option should be non-negative", {"prefetch_factor": -2, "num_workers": 1}),
    ("persistent_workers option needs num_workers > 0", {"persistent_workers": True}),
    ("multiprocessing_context can only be used with multi-process loading", {"multiprocessing_context": "fork"}),
    ("sampler option is mutually exclusive with shuffle", {"sampler": [1], "shuffle": True}),
    ("batch_sampler option is mutually exclusive", {"batch_sampler": [[1]], "batch_size": 2}),
    ("batch_sampler option is mutually exclusive", {"batch_sampler": [[1]], "drop_last": True}),
    ("batch_size=None option disables auto-batching", {"batch_size": None, "drop_last": True}),
    ("batch_size should be a positive integer value, but got batch_size=0", {"batch_size": 0}),
])
def test_bad_options(match, options):
    check_raises(lambda T: T.utils.data.DataLoader([1, 2], **options), match)


@pytest.mark.parametrize("option", [{"shuffle": True}, {"sampler": [1]}, {"batch_sampler": [[1]]}], ids=str)
def test_bad_options_for_streams(option):
    (name,) = option
    check_raises(lambda T: T.utils.data.DataLoader(stream(T, 3), **option),
                 f"DataLoader with IterableDataset: expected unspecified {name} option, but got {name}=")


def test_some_attributes_are_fixed():
    def change(T, name):
        loader = T.utils.data.DataLoader([1, 2])
        loader.collate_fn = list
        setattr(loader, name, None)
    for name in "batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers":
        check_raises(lambda T: change(T, name), f"{name} attribute should not be set after DataLoader is initialized")


def test_attributes():
    check_same(lambda T: [[getattr(T.utils.data.DataLoader([1, 2], 2, num_workers=n), name) for name in (
        "batch_size", "num_workers", "prefetch_factor", "pin_memory", "pin_memory_device", "drop_last", "timeout",
        "worker_init_fn", "multiprocessing_context", "generator", "persistent_workers", "in_order")] for n in (0, 1)])
    check_same(lambda T: [type(getattr(T.utils.data.DataLoader([1, 2], shuffle=True), name)).__name__
                          for name in ("sampler", "batch_sampler")])


@pytest.mark.parametrize("lib", [torch, minitorch])
def test_pinned_memory_needs_an_accelerator(lib):
    with pytest.warns(UserWarning, match="'pin_memory' argument is set as true but no accelerator is found"):
        assert len(list(lib.utils.data.DataLoader([1, 2], pin_memory=True))) == 2


def test_a_dataset_without_a_length():
    class Endless:
        def __getitem__(self, i):
            return i
    check_raises(lambda T: len(T.utils.data.DataLoader(Endless())))
    check_same(lambda T: list(T.utils.data.DataLoader(Endless(), 2, sampler=[5, 6])))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_same(lambda T: list(T.utils.data.DataLoader({0: "a", 1: "b"}, 2)))
