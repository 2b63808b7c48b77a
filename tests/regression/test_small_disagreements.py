# Single entries of the operator database in which derivo differed from PyTorch.
from __future__ import annotations

import pytest

import derivo


@pytest.mark.parametrize("step", [0.1, -0.5])
def test_arange_step_that_is_zero_as_an_integer(step):
    with pytest.raises(ValueError, match="step must be nonzero"):
        derivo.arange(0, 30 * step, step, dtype=derivo.int64)


def test_aminmax_wants_results_of_its_dtype():
    x = derivo.tensor([3.0, 1.0])
    wide = derivo.empty(0, dtype=derivo.float64)
    with pytest.raises(RuntimeError, match="Expected out tensor to have dtype"):
        derivo.aminmax(x, dim=0, out=(derivo.empty(0), wide))
    low, high = derivo.empty(0), derivo.empty(0)
    derivo.aminmax(x, dim=0, out=(low, high))
    assert (low.item(), high.item()) == (1.0, 3.0)


def test_native_layer_norm_statistics_are_constants():
    x = derivo.rand(3, 4, requires_grad=True)
    made = derivo.native_layer_norm(x, (4,), None, None, 1e-5)
    assert [t.requires_grad for t in made] == [True, False, False]


@pytest.mark.parametrize("shape", [(1,), (), (4,)])
def test_addbmm_in_place_takes_the_shape_of_the_result(shape):
    x = derivo.ones(shape)
    assert x.addbmm_(derivo.ones(2, 5, 3), derivo.ones(2, 3, 4)) is x
    assert x.tolist() == derivo.full((5, 4), 7.0).tolist()
    with pytest.raises(RuntimeError, match="expanded size of the tensor"):
        derivo.ones(2, 2).addbmm_(derivo.ones(2, 5, 3), derivo.ones(2, 3, 4))


def test_narrow_copy_refusals():
    x = derivo.ones(3, 3, 3)
    with pytest.raises(RuntimeError, match=r"Expected dim < 3, .*, to be true"):
        derivo.narrow_copy(x, 3, 0, 1)
    with pytest.raises(IndexError, match="Dimension out of range"):
        derivo.narrow_copy(x, -4, 0, 1)
    assert derivo.narrow_copy(x, -1, 0, 1).shape == (3, 3, 1)


def test_polynomials_of_batched_degrees():
    x = derivo.tensor([0.5, 2.0, 3.0], dtype=derivo.float64)
    n = derivo.tensor([[0], [2], [3]])
    for name in ("chebyshev_polynomial_t", "hermite_polynomial_h"):
        f = getattr(derivo.special, name)
        made = derivo.vmap(lambda v, k, f=f: f(v, k))(x, n)
        assert made.tolist() == f(x[:, None], n).tolist()


@pytest.mark.parametrize(
    ("options", "want"),
    [
        ({"mode": "bilinear"}, [4, 8, 15, 26, 65, 86, 109, 136, 182, 36, 77, 120]),
        (
            {"mode": "bilinear", "align_corners": True},
            [0, 2, 7, 16, 63, 85, 110, 139, 225, 16, 61, 110],
        ),
        ({"mode": "bicubic"}, [2, 6, 13, 22, 57, 101, 123, 150, 189, 20, 74, 120]),
        (
            {"mode": "bilinear", "antialias": True},
            [8, 14, 22, 33, 67, 86, 109, 133, 151, 53, 88, 127],
        ),
    ],
)
def test_bytes_are_resampled_by_whole_weights(options, want):
    # Recorded from PyTorch 2.13.
    i = derivo.arange(20)
    x = (i * i % 251).to(derivo.uint8).reshape(1, 1, 4, 5)
    made = derivo.nn.functional.interpolate(x, (3, 4), **options)
    assert made.dtype == derivo.uint8
    assert made.flatten().tolist() == want


def test_logspace_of_integers_rounds_once():
    # Ends are cut to integers, exponents between them are not.
    made = derivo.logspace(0.5, 2.25, 5, dtype=derivo.int32)
    assert made.tolist() == [1, 3, 10, 31, 100]
    assert derivo.logspace(2, -1, 4, dtype=derivo.int64).tolist() == [100, 10, 1, 0]
    made = derivo.linspace(0.5, 2.25, 5, dtype=derivo.int64)
    assert made.tolist() == [0, 0, 1, 1, 2]


@pytest.mark.parametrize("name", ["linspace", "logspace"])
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int64"])
def test_spaced_values_of_batched_ends(name, dtype):
    f, kind = getattr(derivo, name), getattr(derivo, dtype)
    a, b = derivo.tensor([0.0, 1.0, -2.0]), derivo.tensor([2.0, 0.0, 3.0])
    for steps in (0, 1, 2, 7):
        made = derivo.vmap(lambda x, y, n=steps: f(x, y, n, dtype=kind))(a, b)
        half = derivo.vmap(lambda x, n=steps: f(x, 3, n, dtype=kind))(a)
        assert made.shape == half.shape == (3, steps)
        for k in range(3):
            want = f(a[k].item(), b[k].item(), steps, dtype=kind)
            derivo.testing.assert_close(made[k], want)
            derivo.testing.assert_close(half[k], f(a[k].item(), 3, steps, dtype=kind))


def test_linspace_rounds_once():
    # Recorded from PyTorch 2.13, whose compiler fuses the product and the sum.
    x = derivo.linspace(-0.3, 0.9, 7)
    assert x.view(derivo.int32).tolist() == [
        -1097229926,
        -1110651698,
        1036831948,
        1050253720,
        1056964607,
        1060320051,
        1063675494,
    ]
    x = derivo.linspace(-0.3, 0.9, 7, dtype=derivo.float16)
    assert x.view(derivo.int16).tolist() == [
        -19251,
        -20890,
        11880,
        13516,
        14335,
        14745,
        15155,
    ]
