# Members of the elementwise family that are made of other operations.
from __future__ import annotations

import numpy as np
import pytest
import scipy.special

import derivo
from derivo.autograd import gradcheck

ORACLES = {
    "chebyshev_polynomial_t": scipy.special.eval_chebyt,
    "chebyshev_polynomial_u": scipy.special.eval_chebyu,
    "hermite_polynomial_h": scipy.special.eval_hermite,
    "hermite_polynomial_he": scipy.special.eval_hermitenorm,
    "laguerre_polynomial_l": scipy.special.eval_laguerre,
    "legendre_polynomial_p": scipy.special.eval_legendre,
    "shifted_chebyshev_polynomial_t": scipy.special.eval_sh_chebyt,
    "shifted_chebyshev_polynomial_u": scipy.special.eval_sh_chebyu,
}


@pytest.mark.parametrize("name", ORACLES)
def test_polynomials(name):
    x = np.linspace(-0.9, 1.1, 7)
    n = np.array([0, 1, 2, 3, 5, 8, -1])
    got = getattr(derivo.special, name)(derivo.from_numpy(x), derivo.from_numpy(n))
    want = np.where(n < 0, 0, ORACLES[name](np.maximum(n, 0), x))
    assert np.allclose(got.numpy(), want, rtol=1e-12)


@pytest.mark.parametrize("kind", ["v", "w"])
def test_chebyshev_polynomials_of_the_third_and_fourth_kind(kind):
    x = np.linspace(-0.9, 0.9, 7)
    half = np.arccos(x) / 2
    n = 4
    wave = np.cos if kind == "v" else np.sin
    want = wave((2 * n + 1) * half) / wave(half)
    name = f"chebyshev_polynomial_{kind}"
    got = getattr(derivo.special, name)(derivo.from_numpy(x), n)
    assert np.allclose(got.numpy(), want)
    shifted = getattr(derivo.special, "shifted_" + name)
    assert np.allclose(shifted(derivo.from_numpy((x + 1) / 2), n).numpy(), want)


def test_polynomials_have_gradients_and_forms():
    x = derivo.tensor([0.25, 0.5], dtype=derivo.float64, requires_grad=True)
    assert gradcheck(lambda t: derivo.special.legendre_polynomial_p(t, 4), (x,))
    out = derivo.empty(0)
    degrees = derivo.tensor([1, 2])
    assert derivo.special.hermite_polynomial_h(2.0, degrees, out=out) is out
    assert out.tolist() == [4.0, 14.0]
    with pytest.raises(TypeError, match="must be Tensor"):
        derivo.special.hermite_polynomial_h(2.0, 1)
    with pytest.raises(NotImplementedError, match="not implemented for 'Half'"):
        derivo.special.hermite_polynomial_h(x.half(), 1)


def test_airy():
    x = np.linspace(-3, 3, 7)
    got = derivo.special.airy_ai(derivo.from_numpy(x))
    assert np.allclose(got.numpy(), scipy.special.airy(x)[0])
    assert derivo.special.airy_ai(derivo.tensor([1])).dtype == derivo.float32
    t = derivo.from_numpy(x).requires_grad_()
    assert gradcheck(derivo.special.airy_ai, (t,))
    with pytest.raises(NotImplementedError, match="not implemented for 'Half'"):
        derivo.special.airy_ai(derivo.tensor([1.0]).half())


def test_prelu_has_a_slope_for_each_channel():
    x = derivo.tensor([[[-1.0, 2.0]], [[-3.0, -4.0]]]).reshape(1, 2, 2)
    weight = derivo.tensor([0.5, 0.25], requires_grad=True)
    y = derivo.prelu(x, weight)
    assert y.tolist() == [[[-0.5, 2.0], [-0.75, -1.0]]]
    y.sum().backward()
    assert weight.grad.tolist() == [-1.0, -7.0]
    with pytest.raises(RuntimeError, match="Mismatch of parameter numbers"):
        derivo.prelu(x, derivo.ones(3))
    with pytest.raises(RuntimeError, match="Not allow zero-dim input"):
        derivo.prelu(derivo.tensor(1.0), derivo.ones(3))
    with pytest.raises(RuntimeError, match="to be a scalar or 1D tensor"):
        derivo.prelu(x, derivo.ones(1, 1))
    with pytest.raises(RuntimeError, match="Type promoting not supported"):
        derivo.prelu(x, derivo.ones(1).double())


def test_conj_of_complex_numbers():
    z = derivo.tensor([1 + 2j, 3 - 1j])
    assert derivo.conj(z).tolist() == [1 - 2j, 3 + 1j]
    assert z.conj_physical_() is z
    assert z.tolist() == [1 - 2j, 3 + 1j]


def test_frexp_forms():
    x = derivo.tensor([8.0, 0.3])
    out = (derivo.empty(0), derivo.empty(0, dtype=derivo.int32))
    mantissa, exponent = derivo.frexp(x, out=out)
    assert mantissa is out[0]
    assert mantissa.tolist() == pytest.approx([0.5, 0.6])
    assert exponent.tolist() == [4, -1]
    with pytest.raises(RuntimeError, match="only supports floating-point dtypes"):
        derivo.frexp(derivo.tensor([1]))


def test_where_with_one_argument_gives_indices():
    (rows,) = derivo.where(derivo.tensor([True, False, True]))
    assert rows.tolist() == [0, 2]
    assert derivo.where(derivo.tensor([True, False]), 1, 2).tolist() == [1, 2]


def test_float_power_computes_in_float64():
    x = derivo.tensor([2.0, 3.0], requires_grad=True)
    y = derivo.float_power(x, 2)
    assert y.dtype == derivo.float64
    y.sum().backward()
    assert x.grad.tolist() == [4.0, 6.0]
    assert x.grad.dtype == derivo.float32
    assert derivo.float_power(2, derivo.tensor([1, 3])).tolist() == [2.0, 8.0]


def test_powers_choose_their_kernels():
    x = derivo.tensor([1.0, 4.0])
    for exponent in (2, 2.0, 3, 0.5, -1, 1, 0, 7, 2.5):
        want = x.double().numpy() ** exponent
        assert np.allclose((x**exponent).numpy(), want, rtol=1e-6), exponent
    n = derivo.tensor([3, -2])
    assert (n**2).tolist() == [9, 4]
    assert (n**2).dtype == derivo.int64
    assert (n**0.5).dtype == derivo.float32
    assert (derivo.tensor([True, False]) ** 2).dtype == derivo.int64
    assert derivo.square(derivo.tensor([True])).dtype == derivo.int64
