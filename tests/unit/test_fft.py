# Fourier transforms: NumPy's values, derivatives, batches, what is refused.
from __future__ import annotations

import numpy as np
import pytest

import derivo
from derivo import fft
from derivo.autograd import gradcheck, gradgradcheck
from derivo.func import vmap

ONE = ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")
REAL = ("rfft", "ihfft")


def signal(name, *shape):
    derivo.manual_seed(0)
    real = any(name.startswith(k) for k in REAL)
    dtype = derivo.float64 if real else derivo.complex128
    return derivo.randn(*shape, dtype=dtype)


@pytest.mark.parametrize("norm", [None, "forward", "ortho"])
@pytest.mark.parametrize("n", [None, 3, 4, 8])
@pytest.mark.parametrize("name", ONE)
def test_one_dimension(name, n, norm):
    x = signal(name, 2, 5)
    made = getattr(fft, name)(x, n, norm=norm)
    expected = getattr(np.fft, name)(x.numpy(), n, norm=norm)
    np.testing.assert_allclose(made.numpy(), expected, atol=1e-12)
    turned = getattr(fft, name)(x.mT, n, 0, norm)
    np.testing.assert_allclose(turned.numpy(), expected.T, atol=1e-12)


@pytest.mark.parametrize("norm", [None, "forward", "ortho"])
@pytest.mark.parametrize("s", [None, (3, 6)])
@pytest.mark.parametrize("name", ["fft", "ifft", "rfft", "irfft"])
def test_several_dimensions(name, s, norm):
    x = signal(name, 2, 4, 5)
    made = getattr(fft, name + "2")(x, s, norm=norm)
    expected = getattr(np.fft, name + "2")(x.numpy(), s, norm=norm)
    np.testing.assert_allclose(made.numpy(), expected, atol=1e-12)
    dims = (0, 2)
    made = getattr(fft, name + "n")(x, s, dims, norm)
    expected = getattr(np.fft, name + "n")(x.numpy(), s, dims, norm)
    np.testing.assert_allclose(made.numpy(), expected, atol=1e-12)


@pytest.mark.parametrize("name", ["fft", "ifft", "fft2", "ifftn"])
def test_derivatives_for_real_signals(name):
    f = getattr(fft, name)
    x = signal("rfft", 3, 4).requires_grad_()
    assert gradcheck(f, (x,), check_forward_ad=True)
    assert gradgradcheck(f, (x,))
    derivo.testing.assert_close(f(x), f(x.to(derivo.complex128)))


@pytest.mark.parametrize("suffix", ["", "2", "n"])
@pytest.mark.parametrize("name", ONE)
def test_derivatives(name, suffix):
    f = getattr(fft, name + suffix)
    x = signal(name, 3, 4).requires_grad_()
    assert gradcheck(f, (x,), check_forward_ad=True)
    assert gradgradcheck(f, (x,))


@pytest.mark.parametrize("name", [k + s for k in ONE for s in ("", "2")])
def test_batches_are_loops(name):
    f = getattr(fft, name)
    x = signal(name, 3, 4, 4)
    loop = derivo.stack([f(t) for t in x])
    derivo.testing.assert_close(vmap(f)(x), loop)
    derivo.testing.assert_close(vmap(f, -1)(x.movedim(0, -1)), loop)


def test_there_and_back():
    x = signal("rfft", 3, 7)
    derivo.testing.assert_close(fft.irfft(fft.rfft(x), 7), x)
    derivo.testing.assert_close(fft.hfft(fft.ihfft(x), 7), x)
    derivo.testing.assert_close(fft.irfftn(fft.rfftn(x), x.shape), x)
    derivo.testing.assert_close(fft.ifftn(fft.fftn(x)).real, x)
    half = fft.ihfft2(signal("rfft", 3, 6))
    derivo.testing.assert_close(fft.ihfft2(fft.hfft2(half)), half)


def test_dtypes():
    assert fft.fft(derivo.arange(4)).dtype is derivo.complex64
    assert fft.rfft(derivo.ones(4, dtype=derivo.bool)).dtype is derivo.complex64
    assert fft.irfft(derivo.ones(3, dtype=derivo.complex128)).dtype is derivo.float64


def test_frequencies():
    for n in (1, 4, 5):
        for made, expected in (
            (fft.fftfreq(n, 0.5), np.fft.fftfreq(n, 0.5)),
            (fft.rfftfreq(n, 0.5), np.fft.rfftfreq(n, 0.5)),
        ):
            np.testing.assert_allclose(made.numpy(), expected, rtol=1e-6)
    x = signal("rfft", 4, 5)
    np.testing.assert_array_equal(fft.fftshift(x).numpy(), np.fft.fftshift(x.numpy()))
    assert fft.ifftshift(fft.fftshift(x, 1), (1,)).equal(x)


def test_nodes_have_their_names():
    x = derivo.randn(4, requires_grad=True)
    assert fft.rfft(x).grad_fn.name() == "FftR2CBackward0"
    assert fft.fft(x).grad_fn.name() == "FftR2CBackward0"
    assert fft.fft(x * 1j).grad_fn.name() == "FftC2CBackward0"
    assert fft.irfft(fft.rfft(x)).grad_fn.name() == "FftC2RBackward0"


@pytest.mark.parametrize("name", ["fft2", "ifft2"])
def test_a_recorded_transform_of_a_real_signal_is_a_complex_one(name):
    x = derivo.randn(3, 4, 5, requires_grad=True)
    made = getattr(fft, name)(x, s=(3, 8), norm="ortho")
    derivo.testing.assert_close(
        made.detach(), getattr(fft, name)(x.detach(), s=(3, 8), norm="ortho")
    )
    node = made.grad_fn
    assert node.name() == "FftC2CBackward0"
    assert (node._saved_dim, node._saved_normalization) == ((1, 2), 1)
    assert node._saved_forward is (name == "fft2")
    # Cut first, then filled up in one step.
    steps = []
    while node.next_functions:
        node = node.next_functions[0][0]
        steps.append(node.name())
    assert steps == [
        "ConstantPadNdBackward0",
        "SliceBackward0",
        "ToCopyBackward0",
        "torch::autograd::AccumulateGrad",
    ]


def test_hermitian_transforms_go_one_dimension_after_the_others():
    x = derivo.randn(3, 4, 5, dtype=derivo.float64, requires_grad=True)
    node = fft.ihfft2(x).grad_fn
    assert (node.name(), node._saved_dim) == ("FftC2CBackward0", (1,))
    node = node.next_functions[0][0].next_functions[0][0]
    assert (node.name(), node._saved_dim) == ("FftR2CBackward0", (2,))
    assert node._saved_onesided is True
    node = fft.hfft2(x).grad_fn
    assert (node.name(), node._saved_dim) == ("FftC2RBackward0", (2,))
    derivo.testing.assert_close(fft.hfft2(fft.ihfft2(x), (4, 5)), x)


@pytest.mark.parametrize(
    ("call", "error", "phrase"),
    [
        (
            lambda: fft.fft(derivo.ones(4).half()),
            RuntimeError,
            "Unsupported dtype Half",
        ),
        (lambda: fft.fft(derivo.ones(4), 0), RuntimeError, "Invalid number of data"),
        (lambda: fft.fft(derivo.ones(4), norm="x"), RuntimeError, "normalization mode"),
        (lambda: fft.fft(derivo.ones(4), dim=1), IndexError, "Dimension out of range"),
        (lambda: fft.fft(derivo.tensor(1.0)), IndexError, "has no dimensions"),
        (lambda: fft.rfft(derivo.ones(4) * 1j), RuntimeError, "expects a real input"),
        (
            lambda: fft.fftn(derivo.ones(2, 2), dim=(0, 0)),
            RuntimeError,
            "FFT dims must be unique",
        ),
        (
            lambda: fft.fftn(derivo.ones(2, 2), (2,), (0, 1)),
            RuntimeError,
            "must have the same length",
        ),
        (lambda: fft.fftn(derivo.ones(2), (2, 2)), RuntimeError, "only has 1 dim"),
        (
            lambda: fft.rfftn(derivo.tensor(1.0)),
            RuntimeError,
            "must transform at least one axis",
        ),
        (lambda: fft.fftfreq(1.5), TypeError, "must be int"),
        (
            lambda: fft.fftfreq(4, dtype=derivo.int64),
            RuntimeError,
            "requires a floating point or complex dtype",
        ),
        (
            lambda: fft.rfft2(derivo.ones(2, 2) * 1j),
            RuntimeError,
            "real-valued input tensor",
        ),
    ],
)
def test_refused(call, error, phrase):
    with pytest.raises(error, match=phrase):
        call()


def test_out():
    made = derivo.empty(0, dtype=derivo.complex64)
    assert fft.fft(derivo.ones(4), out=made) is made
    assert made.tolist() == [4, 0, 0, 0]
