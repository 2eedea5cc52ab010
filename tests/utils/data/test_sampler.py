"""Samplers draw PyTorch's orders, and leave the generators where PyTorch leaves them."""
import pytest

from tests.oracle import check_raises, check_same, import_torch

import_torch()


@pytest.mark.parametrize("make", [
    lambda D, g: D.SequentialSampler(range(5)),
    lambda D, g: D.RandomSampler(range(50), generator=g),
    lambda D, g: D.RandomSampler(range(5), num_samples=12, generator=g),
    lambda D, g: D.RandomSampler(range(5), num_samples=3, generator=g),
    lambda D, g: D.RandomSampler(range(5), replacement=True, generator=g),
    lambda D, g: D.RandomSampler(range(50), replacement=True, num_samples=64, generator=g),
    lambda D, g: D.RandomSampler(range(50), replacement=True, num_samples=70, generator=g),
    lambda D, g: D.SubsetRandomSampler([7, 8, 9, 3], generator=g),
    lambda D, g: D.WeightedRandomSampler([0.1, 0.5, 0.0, 3], 20, generator=g),
    lambda D, g: D.WeightedRandomSampler([0.1, 0.5, 0.0, 3], 3, replacement=False, generator=g),
    lambda D, g: D.BatchSampler(D.RandomSampler(range(10), generator=g), 4, False),
    lambda D, g: D.BatchSampler(D.SequentialSampler(range(10)), 4, drop_last=True),
    lambda D, g: D.BatchSampler(range(8), 4, drop_last=False),
    lambda D, g: D.BatchSampler(range(8), 4, drop_last=True),
    lambda D, g: D.BatchSampler(range(0), 4, drop_last=False),
])
@pytest.mark.parametrize("own", [True, False], ids=["own generator", "default generator"])
def test_order(make, own):
    def draw(T):
        T.manual_seed(1)
        generator = T.Generator().manual_seed(2) if own else None
        sampler = make(T.utils.data, generator)
        order = list(sampler), list(sampler), len(sampler)
        return order, T.rand(2), T.rand(2, generator=generator)
    check_same(draw)


@pytest.mark.parametrize("options", [
    {}, {"shuffle": False}, {"drop_last": True}, {"seed": 5}, {"shuffle": False, "drop_last": True}], ids=str)
@pytest.mark.parametrize("size", [10, 12, 2, 0])
def test_distributed_sampler(size, options):
    def draw(T):
        orders = []
        for rank in range(4):
            sampler = T.utils.data.DistributedSampler(range(size), 4, rank, **options)
            sampler.set_epoch(3)
            orders.append([list(sampler), len(sampler)])
        return orders
    check_same(draw)


def test_distributed_sampler_errors():
    check_raises(lambda T: T.utils.data.DistributedSampler(range(4), 2, 2), r"Invalid rank 2, rank should be in")
    check_raises(lambda T: T.utils.data.DistributedSampler(range(4)), "Default process group has not been initialized")


def test_a_pass_that_is_left_early_has_drawn_one_block():
    def draw(T):
        generator = T.Generator().manual_seed(2)
        indices = iter(T.utils.data.RandomSampler(range(50), replacement=True, num_samples=70, generator=generator))
        return [next(indices) for _ in range(3)], T.rand(1, generator=generator)
    check_same(draw)


def test_num_samples_follows_the_data():
    def grow(T):
        data = [1, 2]
        sampler = T.utils.data.RandomSampler(data)
        data.append(3)
        return sampler.num_samples, len(list(sampler))
    check_same(grow)


def test_weights_are_kept_as_a_tensor():
    check_same(lambda T: T.utils.data.WeightedRandomSampler([1, 2], 3).weights)
    check_same(lambda T: T.utils.data.WeightedRandomSampler(T.tensor([1., 2.]), 3).weights)


@pytest.mark.parametrize("match, fail", [
    ("replacement should be a boolean value, but got replacement=1", lambda D: D.RandomSampler([1], 1)),
    ("num_samples should be a positive integer value, but got num_samples=0", lambda D: D.RandomSampler([])),
    ("num_samples should be a positive integer value, but got num_samples=2.0",
     lambda D: D.RandomSampler([1], num_samples=2.0)),
    ("num_samples should be a positive integer value, but got num_samples=True",
     lambda D: D.WeightedRandomSampler([1], True)),
    ("replacement should be a boolean value, but got replacement=0", lambda D: D.WeightedRandomSampler([1], 1, 0)),
    ("weights should be a 1d sequence but given weights have shape \\(1, 2\\)",
     lambda D: D.WeightedRandomSampler([[1, 2]], 1)),
    ("batch_size should be a positive integer value, but got batch_size=0", lambda D: D.BatchSampler([1], 0, False)),
    ("batch_size should be a positive integer value, but got batch_size=True",
     lambda D: D.BatchSampler([1], True, False)),
    ("drop_last should be a boolean value, but got drop_last=1", lambda D: D.BatchSampler([1], 1, 1)),
])
def test_bad_arguments(match, fail):
    check_raises(lambda T: fail(T.utils.data), match)


def test_a_sampler_of_ones_own():
    def order(T):
        class Reverse(T.utils.data.Sampler[int]):
            def __init__(self, data):
                self.data = data

            def __iter__(self):
                return iter(range(len(self.data) - 1, -1, -1))

            def __len__(self):
                return len(self.data)
        loader = T.utils.data.DataLoader(range(5), 2, sampler=Reverse(range(5)))
        return list(loader), len(loader)
    check_same(order)
    check_raises(lambda T: list(T.utils.data.Sampler()))
