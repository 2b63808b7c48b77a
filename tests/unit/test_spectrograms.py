# stft and istft: definition, inverse, derivatives, batches, what is refused.
from __future__ import annotations

import numpy as np
import pytest

import derivo
from derivo import istft, stft
from derivo.autograd import gradcheck, gradgradcheck
from derivo.func import jvp, vmap

HANN = 0.5 - 0.5 * derivo.cos(
    2 * derivo.pi * derivo.arange(8, dtype=derivo.float64) / 8
)


def signal(*shape, dtype=derivo.float64, seed=0):
    derivo.manual_seed(seed)
    return derivo.randn(*shape, dtype=dtype)


@pytest.mark.parametrize("normalized", [False, True])
@pytest.mark.parametrize("onesided", [False, True])
def test_frames_are_transformed(onesided, normalized):
    x = signal(20)
    made = stft(
        x, 8, 3, 6, HANN[:6], False, "reflect", normalized, onesided, True
    ).numpy()
    window = np.pad(HANN[:6].numpy(), 1)
    transform = np.fft.rfft if onesided else np.fft.fft
    for t in range(5):
        wanted = transform(x.numpy()[3 * t : 3 * t + 8] * window)
        np.testing.assert_allclose(
            made[:, t], wanted / (8**0.5 if normalized else 1), atol=1e-13
        )


def test_pairs_instead_of_complex_numbers():
    x = signal(2, 20)
    made = stft(x, 8, window=HANN, return_complex=True)
    pairs = stft(x, 8, window=HANN, return_complex=False)
    derivo.testing.assert_close(derivo.view_as_complex(pairs), made)
    derivo.testing.assert_close(x.stft(8, window=HANN, return_complex=True), made)


def test_first_window_at_the_start():
    ones = derivo.ones(2)
    x = derivo.arange(8.0)
    made = stft(
        x, 4, 1, 2, ones, center=False, return_complex=True, align_to_window=True
    )
    assert made[0].real.tolist() == [1.0, 3.0, 5.0, 7.0, 9.0, 11.0, 13.0]


@pytest.mark.parametrize("kind", [derivo.float64, derivo.complex128])
@pytest.mark.parametrize("shape", [(32,), (3, 32)])
@pytest.mark.parametrize("normalized", [False, True])
def test_there_and_back(shape, kind, normalized):
    x = signal(*shape, dtype=kind)
    there = stft(x, 8, 2, window=HANN, normalized=normalized, return_complex=True)
    back = istft(
        there,
        8,
        2,
        window=HANN,
        normalized=normalized,
        return_complex=kind is derivo.complex128,
    )
    derivo.testing.assert_close(back, x)
    if kind is derivo.float64:
        for length in (20, 32, 40):
            cut = there.istft(8, 2, window=HANN, normalized=normalized, length=length)
            assert cut.shape[-1] == length
            derivo.testing.assert_close(cut[..., :32], x[..., :length])


@pytest.mark.parametrize("kind", [derivo.float64, derivo.complex128])
def test_derivatives(kind):
    x = signal(2, 14, dtype=kind).requires_grad_()
    w = (HANN[:4] + 0.5).requires_grad_()

    def there(x, w):
        return stft(x, 4, 3, window=w, return_complex=True)

    assert gradcheck(there, (x, w), check_forward_ad=True)
    assert gradgradcheck(there, (x, w))
    y = signal(3 if kind is derivo.float64 else 4, 5, dtype=derivo.complex128)
    y.requires_grad_()

    def back(y, w):
        return istft(y, 4, 2, window=w, return_complex=kind is derivo.complex128)

    assert gradcheck(back, (y, w), check_forward_ad=True)
    assert gradgradcheck(back, (y, w))


def test_batches_are_loops():
    x, t = signal(3, 16), signal(3, 16, seed=1)

    def there(x):
        return stft(x, 4, window=HANN[1:5], return_complex=True)

    def back(y):
        return istft(y, 4, window=HANN[1:5])

    made = vmap(there)(x)
    derivo.testing.assert_close(made, derivo.stack([there(a) for a in x]))
    derivo.testing.assert_close(vmap(back)(made), x)
    each = vmap(lambda a, b: jvp(there, (a,), (b,))[1])(x, t)
    derivo.testing.assert_close(each, there(t))


def test_dtypes_and_layouts():
    assert stft(derivo.ones(8), 4, return_complex=True).dtype == derivo.complex64
    x = signal(16, 2)
    derivo.testing.assert_close(
        stft(x.t(), 4, return_complex=True),
        stft(x.t().contiguous(), 4, return_complex=True),
    )


X = derivo.ones(8)
C = derivo.ones(3, 5, dtype=derivo.complex64)
W = derivo.ones(4)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: stft(X, 4), RuntimeError, "requires the return_complex parameter"),
        (lambda: stft(X.long(), 4), RuntimeError, "floating point or complex values"),
        (lambda: stft(C[0], 4, onesided=True), RuntimeError, "Cannot have onesided"),
        (
            lambda: stft(X[None, None], 4, return_complex=True),
            RuntimeError,
            "expected a 1D or 2D tensor",
        ),
        (
            lambda: stft(X, -1, return_complex=True),
            RuntimeError,
            "expected 0 < n_fft",
        ),
        (
            lambda: stft(X, 4, 0, return_complex=True),
            RuntimeError,
            "expected hop_length > 0",
        ),
        (
            lambda: stft(X, 4, win_length=6, return_complex=True),
            RuntimeError,
            "expected 0 < win_length <= n_fft",
        ),
        (
            lambda: stft(X, 4, window=W[:3], return_complex=True),
            RuntimeError,
            "expected a 1D window tensor of size equal to win_length=4",
        ),
        (
            lambda: stft(X, 4, return_complex=True, align_to_window=True),
            RuntimeError,
            "align_to_window should only be set when center = false",
        ),
        (lambda: istft(X, 4), RuntimeError, "requires a complex-valued input tensor"),
        (lambda: istft(C[:, :0], 4), RuntimeError, "input tensor cannot be empty"),
        (lambda: istft(C[0], 4), IndexError, "Dimension out of range"),
        (
            lambda: istft(C[None, None], 4, onesided=True),
            RuntimeError,
            "expected a tensor with 2 or 3 dimensions",
        ),
        (lambda: istft(C, 6), RuntimeError, "expected the frequency dimension"),
        (lambda: istft(C, 4, 0), RuntimeError, "expected 0 < hop_length <= win_length"),
        (lambda: istft(C, 4, 1, 6), RuntimeError, "expected 0 < win_length <= n_fft"),
        (lambda: istft(C, 4, window=W[:3]), RuntimeError, "Invalid window shape"),
        (lambda: istft(C, 4, window=W * 0), RuntimeError, "window overlap add min"),
        (
            lambda: istft(C, 4, window=W, return_complex=True),
            RuntimeError,
            "Cannot have onesided output",
        ),
        (
            lambda: istft(C, 4, window=W * 1j),
            RuntimeError,
            "Complex windows are incompatible with return_complex=False",
        ),
    ],
)
def test_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()
