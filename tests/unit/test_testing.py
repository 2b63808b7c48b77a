from __future__ import annotations

import re

import pytest

import derivo
from derivo.testing import assert_close, make_tensor

T = derivo.tensor
NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("a", "b", "options"),
    [
        (T([1.0, 2.0]), T([1.0, 2.000001]), {}),
        (T([1.0]), T([1.001]), {"rtol": 1e-2, "atol": 0}),
        (T([1.0], dtype=derivo.bfloat16), T([1.01], dtype=derivo.bfloat16), {}),
        (T([INF, -INF]), T([INF, -INF]), {}),
        (T([NAN]), T([NAN]), {"equal_nan": True}),
        (T([1.0]), T([1.0], dtype=derivo.float64), {"check_dtype": False}),
        (T([1, 2]), T([1, 2]), {}),
        (T([1 + 2j]), T([1 + 2j]), {}),
        (derivo.empty(0), derivo.empty(0), {}),
        (1.0, 1.0 + 1e-9, {}),
        (3, 3, {}),
        (None, None, {}),
        ([T([1.0]), (2.0,)], [T([1.0]), (2.0,)], {}),
        ({"a": T([1.0])}, {"a": T([1.0])}, {}),
        (derivo.nn.Parameter(derivo.ones(1)), derivo.ones(1), {}),
        (derivo.ones(2, 3).t(), derivo.ones(3, 2), {}),
    ],
)
def test_close(a, b, options):
    assert_close(a, b, **options)


@pytest.mark.parametrize(
    ("a", "b", "options", "message"),
    [
        (
            T([1.0, 2.0]),
            T([1.0, 2.1]),
            {},
            r"elements: 1 / 2 \(50.0%\)\n.*index \(1,\)",
        ),
        (T([1.0]), T([1.0, 2.0]), {}, r"'shape' do not match: torch.Size\(\[1\]\)"),
        (T([1.0]), T([1.0]).double(), {}, r"'dtype' do not match: torch.float32 !="),
        (derivo.ones(2, 3).t(), derivo.ones(3, 2), {"check_stride": True}, "stride"),
        (T([NAN]), T([NAN]), {}, r"Tensor-likes are not close"),
        (T([INF]), T([1.0]), {}, r"Greatest absolute difference: inf"),
        (T([INF]), T([-INF]), {}, r"not close"),
        (T([1e300], dtype=derivo.float64), T([INF]).double(), {}, r"not close"),
        (T([1, 2]), T([1, 3]), {}, r"Tensor-likes are not equal"),
        (T([2**62]), T([2**62 + 1]), {}, r"Tensor-likes are not equal"),
        (T([True]), T([False]), {}, r"Mismatched elements: 1 / 1"),
        (T([1.0]), T([1.0001]), {"rtol": 0, "atol": 0}, r"not equal"),
        (T(1.0), T(2.0), {}, r"Scalars are not close!\n\nExpected 2.0 but got 1.0"),
        (1, 2, {}, r"Scalars are not equal!\n\nExpected 2 but got 1"),
        (1.0, 1.1, {}, r"Absolute difference: 0.1\d* \(up to 1e-07 allowed\)"),
        (1, 1.0, {}, r"types do not match: <class 'int'> != <class 'float'>"),
        (None, 1, {}, r"None mismatch"),
        ([T(1.0)], [T(2.0)], {}, r"failure occurred for item \[0\]"),
        ({"a": [1, 2]}, {"a": [1, 3]}, {}, r"for item \['a'\]\[1\]"),
        ([1], [1, 2], {}, r"length of the sequences mismatch: 1 != 2"),
        ({"a": 1}, {"b": 1}, {}, r"Missing keys in the actual mapping: \['b'\]"),
        (T([1.0]), T([2.0]), {"msg": "hello"}, r"^hello$"),
        (T(1.0), T(2.0), {"msg": lambda text: "so: " + text}, r"^so: Scalars"),
    ],
)
def test_not_close(a, b, options, message):
    with pytest.raises(AssertionError) as caught:
        assert_close(a, b, **options)
    assert re.search(message, str(caught.value), re.DOTALL)


def test_greatest_differences_are_those_that_count():
    a, b = T([1000.0, 0.0]), T([1000.0005, 1e-3])
    with pytest.raises(AssertionError, match=r"absolute difference: 0.001\d* at"):
        assert_close(a, b)


@pytest.mark.parametrize(
    ("a", "b"), [(T([1.0]), 1.0), ("a", "b"), (T([1.0]), [1.0]), (1, "1")]
)
def test_what_cannot_be_compared(a, b):
    with pytest.raises(TypeError, match=r"No comparison pair was able to handle"):
        assert_close(a, b)


def test_subclasses_may_be_refused():
    with pytest.raises(TypeError, match=r"No comparison pair"):
        assert_close(
            derivo.nn.Parameter(derivo.ones(1)), derivo.ones(1), allow_subclasses=False
        )


def test_both_tolerances_or_none():
    with pytest.raises(
        ValueError, match=r"'rtol' and 'atol' must be either .* no atol"
    ):
        assert_close(1.0, 1.0, rtol=0.1)


@pytest.mark.parametrize(
    ("dtype", "low", "high"),
    [
        (derivo.float16, -9, 9),
        (derivo.bfloat16, -9, 9),
        (derivo.float32, -9, 9),
        (derivo.float64, -9, 9),
        (derivo.uint8, 0, 9),
        (derivo.int8, -9, 9),
        (derivo.int64, -9, 9),
        (derivo.bool, 0, 1),
    ],
)
def test_default_ranges(dtype, low, high):
    x = make_tensor(30, 40, dtype=dtype)
    assert x.dtype is dtype
    assert x.shape == (30, 40)
    values = x.double()
    assert low <= values.min().item() < low + (high - low) / 10 + 1
    assert high - (high - low) / 10 - 1 < values.max().item() <= high


def test_complex_values_fill_a_square():
    parts = derivo.view_as_real(make_tensor(1000, dtype=derivo.complex64))
    assert parts.min().item() < -8
    assert parts.max().item() > 8


def test_values_equal_pytorchs():
    # Recorded with torch 2.13 and manual_seed(0).
    derivo.manual_seed(0)
    x = make_tensor((3,), dtype=derivo.float32)
    assert [round(v, 4) for v in x.tolist()] == [-0.0674, 4.8280, -7.4074]
    assert make_tensor((3,), dtype=derivo.int64).tolist() == [-9, 2, -2]
    assert make_tensor((3,), dtype=derivo.bool).tolist() == [True, True, True]
    assert make_tensor((3,), dtype=derivo.uint8).tolist() == [3, 1, 6]


def test_layout_and_gradient():
    x = make_tensor(
        2,
        2,
        dtype=derivo.float32,
        low=0,
        high=1,
        requires_grad=True,
        noncontiguous=True,
    )
    assert x.stride() == (4, 2)
    assert x.is_leaf
    assert x.requires_grad
    assert 0 <= x.min().item() <= x.max().item() < 1


@pytest.mark.parametrize("dtype", [derivo.bool, derivo.int32, derivo.float32])
def test_zeros_excluded(dtype):
    x = make_tensor(100, dtype=dtype, low=0, high=2, exclude_zero=True)
    assert bool((x != 0).all())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"low": 3, "high": 1}, r"`low` must be less than `high`, but got 3 >= 1"),
        ({"low": NAN}, r"`low` and `high` cannot be NaN"),
        (
            {"noncontiguous": True, "memory_format": derivo.contiguous_format},
            r"mutually exclusive",
        ),
        ({"dtype": derivo.int64, "requires_grad": True}, r"not supported for boolean"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        make_tensor(2, **{"dtype": derivo.float32, **options})


def test_relative_differences_of_complex_numbers():
    a = derivo.tensor([1 + 2j, 3j])
    match = r"Greatest relative difference: 0\.316227\d* at index \(0,\)"
    with pytest.raises(AssertionError, match=match):
        derivo.testing.assert_close(a, a + 1j)
    least = derivo.tensor([-(2**63)])
    with pytest.raises(AssertionError, match=r"Greatest relative difference: 1\.0 at"):
        derivo.testing.assert_close(derivo.tensor([0]), least)
