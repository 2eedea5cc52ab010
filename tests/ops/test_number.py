"""The parts of numbers, where PyTorch's own samples do not look: signed zeros, NaN, infinities, integers."""
import numpy as np
import pytest

from tests.oracle import check_op, check_raises, check_same

SPECIAL = [-0., 0., float("nan"), float("inf"), -float("inf"), 1.5, -2.]


@pytest.mark.parametrize("name", ["signbit", "angle", "sgn", "isposinf", "isneginf", "isreal", "frexp", "deg2rad"])
def test_special_numbers(name):
    check_same(lambda T: getattr(T, name)(T.tensor(SPECIAL)))


@pytest.mark.parametrize("name", ["copysign", "logaddexp", "logaddexp2", "nextafter", "heaviside"])
def test_pairs_of_special_numbers(name):
    check_same(lambda T: getattr(T, name)(T.tensor(SPECIAL)[:, None], T.tensor(SPECIAL)))


def test_integers():
    check_same(lambda T: [T.copysign(T.tensor([1, -2]), -1), T.angle(T.tensor([1, -2])), T.signbit(T.tensor([1, -2])),
                          T.gcd(T.tensor([0, -12]), T.tensor([5, 18])), T.lcm(T.tensor([0, -4]), T.tensor([5, 6])),
                          T.ldexp(T.tensor([1, 3]), T.tensor([2, -1])), T.rad2deg(T.tensor([1]))])
    for name in ("logaddexp", "nextafter"):
        check_raises(lambda T: getattr(T, name)(T.tensor([1]), T.tensor([2])), "not implemented for 'Long'")
    check_raises(lambda T: T.gcd(T.ones(1), T.ones(1)), "not implemented for 'Float'")


def test_copysign_has_slope_0_at_0():
    check_op([np.array([0., -0., 2., -3.]), np.array([1., -1., -1., 1.])], lambda T, a, b: T.copysign(a, b))


def test_real_numbers_are_their_own_conjugates():
    def same(T):
        x = T.ones(2)
        return [T.real(x) is x, T.conj(x) is x, x.real is x, T.is_complex(x), x.is_conj(), x.is_neg()]
    check_same(same)
    check_raises(lambda T: T.ones(1).imag, "imag is not implemented")
