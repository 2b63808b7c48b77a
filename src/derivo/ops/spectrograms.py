"""Short-time Fourier transforms: signals to spectrograms and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core.tensor import TensorBase, dtypes
from derivo.ops._batching import everything
from derivo.ops._surface import FUNCTIONS, public
from derivo.ops.creation import ones
from derivo.ops.padding import constant_pad_nd, pad
from derivo.ops.views import _UNFOLD_BACKWARD

if TYPE_CHECKING:
    from derivo import Tensor

_REAL = {10: dtypes[8], 11: dtypes[9]}
# Below this the windows of all frames together count as zero.
_NO_WINDOW = 1e-11


def _refuse(name: str, what: str, got: Any) -> None:
    raise RuntimeError(f"[{name}] {name}(...) : expected {what}, but got {got}.")


def _check_lengths(name: str, n_fft: int, width: int, window: Any) -> None:
    if not 0 < width <= n_fft:
        _refuse(name, "0 < win_length <= n_fft", f"win_length={width}, {n_fft=}")
    if window is not None and (window.dim() != 1 or window.shape[0] != width):
        _refuse(
            name,
            f"a 1D window tensor of size equal to win_length={width} (Invalid window "
            "shape. window has to be 1D and length of `win_length`)",
            f"window with size {list(window.shape)}",
        )


def _wide(window: Any, width: int, n_fft: int, dtype: Any) -> Tensor:
    """Window in the middle of a frame; a rectangle if there is none."""
    made: Tensor = ones(width, dtype=dtype) if window is None else window
    if width < n_fft:
        left = (n_fft - width) // 2
        made = constant_pad_nd(made, (left, n_fft - width - left))
    return made


@public("stft", "Tensor.stft")
def stft(
    input: Tensor,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Tensor | None = None,
    center: bool = True,
    pad_mode: str = "reflect",
    normalized: bool = False,
    onesided: bool | None = None,
    return_complex: bool | None = None,
    align_to_window: bool | None = None,
) -> Tensor:
    """Spectrogram: Fourier transforms of overlapping frames of a signal.

    Parameters
    ----------
    input : Tensor
        Signal(s), of shape ``(L,)`` or ``(B, L)``, floating point or complex.
    n_fft : int
        Length of a frame.
    hop_length : int, optional
        Distance between frames; ``n_fft // 4`` if not given.
    win_length : int, optional
        Length of the window, which lies in the middle of a frame; `n_fft` if not given.
    window : Tensor, optional
        Multiplies each frame; of shape ``(win_length,)``. A rectangle if not given.
    center : bool, default True
        Continue the signal on both sides, so that frame `t` has its middle at
        ``t * hop_length``.
    pad_mode : str, default "reflect"
        How it is continued (see `nn.functional.pad`).
    normalized : bool, default False
        Divide by the square root of `n_fft`.
    onesided : bool, optional
        Leave out negative frequencies; by default for real signals and windows.
    return_complex : bool, optional
        Give complex numbers rather than pairs in a last dimension; to be given for
        real signals.
    align_to_window : bool, optional
        Without `center`: let the first window begin where the signal does.

    Returns
    -------
    Tensor
        Of shape ``(B, frequencies, frames)``.

    Raises
    ------
    RuntimeError
        If lengths do not fit one another, the signal has a wrong number of dimensions
        or is not floating point, `onesided` is asked for complex values, or
        `return_complex` is missing.

    Notes
    -----
    **Derivative** follows from that of the transform of a frame; the gradients of
    frames add up where these overlap.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.arange(8.0).requires_grad_()
    >>> y = derivo.stft(x, 4, window=derivo.ones(4), center=False, return_complex=True)
    >>> y[0].real.sum().backward()
    >>> x.grad
    tensor([1., 2., 3., 4., 4., 3., 2., 1.])
    """
    hop = n_fft // 4 if hop_length is None else hop_length
    width = n_fft if win_length is None else win_length
    is_complex = input.is_complex() or (window is not None and window.is_complex())
    if not (input.is_floating_point() or input.is_complex()):
        _refuse("stft", "a tensor of floating point or complex values", input.dtype)
    if input.dim() not in (1, 2):
        _refuse("stft", "a 1D or 2D tensor", f"shape {list(input.shape)}")
    if center and align_to_window is not None:
        raise RuntimeError(
            "[stft] stft align_to_window should only be set when center = false, got "
            f"{center=}."
        )
    if return_complex is None:
        if not is_complex:
            raise RuntimeError(
                "[stft] stft requires the return_complex parameter be given for real "
                "inputs, got None: give return_complex=True."
            )
        return_complex = True
    if onesided is None:
        onesided = not is_complex
    elif onesided and is_complex:
        raise RuntimeError(
            "[stft] Cannot have onesided output if window or input is complex: give "
            "onesided=False."
        )
    x = input if input.dim() == 2 else input.unsqueeze(0)
    if center and n_fft > 0:
        half = n_fft // 2
        x = pad(x.unsqueeze(0), (half, half), pad_mode).squeeze(0)
    length = x.shape[1]
    if not 0 < n_fft <= length:
        _refuse("stft", f"0 < n_fft <= {length}", f"{n_fft=}")
    if hop <= 0:
        _refuse("stft", "hop_length > 0", f"hop_length={hop}")
    _check_lengths("stft", n_fft, width, window)
    if align_to_window:
        before = (n_fft - width) // 2
        x = constant_pad_nd(x, (before, n_fft - width - before))
    frames = x.unfold(1, n_fft, hop)
    if window is not None or width < n_fft:
        frames = frames * _wide(window, width, n_fft, _REAL.get(x.dtype.code, x.dtype))
    transform = FUNCTIONS["fft.rfft" if onesided else "fft.fft"]
    made: Tensor = transform(frames, norm="ortho" if normalized else None)
    made = made.transpose(1, 2)
    if input.dim() == 1:
        made = made.squeeze(0)
    return made if return_complex else FUNCTIONS["view_as_real"](made)


def _check_spectrogram(
    input: Tensor, n_fft: int, hop: int, width: int, window: Any, onesided: bool
) -> None:
    if not input.is_complex():
        raise RuntimeError(
            "[istft] istft requires a complex-valued input tensor matching the output "
            f"from stft with return_complex=True, got {input.dtype}."
        )
    if not input.numel():
        raise RuntimeError(
            "[istft] istft(...) : input tensor cannot be empty, got shape "
            f"{list(input.shape)}."
        )
    rank = input.dim()
    if rank < 2:
        raise IndexError(
            f"[istft] Dimension out of range (expected to be in range of [{-rank - 1}, "
            f"{rank}], but got -3): expected frequencies and frames."
        )
    if rank > 3:
        _refuse("istft", "a tensor with 2 or 3 dimensions", rank)
    wanted = n_fft // 2 + 1 if onesided else n_fft
    if input.shape[-2] != wanted:
        _refuse(
            "istft",
            "the frequency dimension (3rd to the last) of the input tensor to match "
            f"n_fft{' / 2 + 1' if onesided else ''} when onesided={onesided}",
            input.shape[-2],
        )
    if not 0 < hop <= width:
        _refuse("istft", "0 < hop_length <= win_length", f"hop_length={hop}")
    _check_lengths("istft", n_fft, width, window)


def _overlapped(frames: Tensor, hop: int) -> Tensor:
    """Sum of frames, each put where it belongs."""
    batch, count, width = frames.shape
    made: Tensor = _UNFOLD_BACKWARD(
        (frames,), (batch, width + hop * (count - 1)), 1, width, hop
    )
    return made


@public("istft", "Tensor.istft")
def istft(
    input: Tensor,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Tensor | None = None,
    center: bool = True,
    normalized: bool = False,
    onesided: bool | None = None,
    length: int | None = None,
    return_complex: bool = False,
) -> Tensor:
    """Signal of which `stft` gives this spectrogram, or the nearest one.

    Parameters
    ----------
    input : Tensor
        Of shape ``(frequencies, frames)`` or ``(B, frequencies, frames)``, complex.
    n_fft : int
        Length of a frame.
    hop_length : int, optional
        Distance between frames; ``n_fft // 4`` if not given.
    win_length : int, optional
        Length of the window; `n_fft` if not given.
    window : Tensor, optional
        Of shape ``(win_length,)``. A rectangle if not given.
    center : bool, default True
        Whether the signal was continued on both sides.
    normalized : bool, default False
        Whether the spectrogram was divided by the square root of `n_fft`.
    onesided : bool, optional
        Whether negative frequencies are left out; by default if there are not `n_fft`.
    length : int, optional
        Of the result, which is cut or filled up with zeros.
    return_complex : bool, default False
        Give a complex signal.

    Returns
    -------
    Tensor
        Of shape ``(L,)`` or ``(B, L)``.

    Raises
    ------
    RuntimeError
        If lengths do not fit one another or the spectrogram, that is not complex or
        empty, or the windows of all frames leave a gap.

    Notes
    -----
    **Derivative** follows from that of the inverse transform of a frame.

    Examples
    --------
    >>> import derivo
    >>> w = derivo.tensor([0.5, 1.0, 1.0, 0.5])
    >>> x = derivo.arange(8.0)
    >>> y = derivo.stft(x, 4, window=w, return_complex=True).requires_grad_()
    >>> derivo.istft(y, 4, window=w)
    tensor([0., 1., 2., 3., 4., 5., 6., 7.], grad_fn=<SqueezeBackward1>)
    """
    hop = n_fft // 4 if hop_length is None else hop_length
    width = n_fft if win_length is None else win_length
    if onesided is None:
        onesided = isinstance(input, TensorBase) and (
            input.dim() < 2 or input.shape[-2] != n_fft
        )
    _check_spectrogram(input, n_fft, hop, width, window, onesided)
    if return_complex:
        if onesided:
            raise RuntimeError(
                "[istft] Cannot have onesided output if window or input is complex: "
                "got onesided=True and return_complex=True."
            )
    elif window is not None and window.is_complex():
        raise RuntimeError(
            "[istft] Complex windows are incompatible with return_complex=False: give "
            "return_complex=True."
        )
    single = input.dim() == 2
    x = (input.unsqueeze(0) if single else input).transpose(1, 2)
    norm = "ortho" if normalized else None
    if return_complex:
        frames = FUNCTIONS["fft.ifft"](x, norm=norm)
    else:
        frames = FUNCTIONS["fft.irfft"](x[..., : n_fft // 2 + 1], n_fft, norm=norm)
    wide = _wide(window, width, n_fft, _REAL[input.dtype.code])
    made = _overlapped(frames * wide, hop)
    weights = _overlapped((wide * wide).expand(1, *frames.shape[1:]), hop)
    total = made.shape[1]
    start = n_fft // 2 if center else 0
    if length is not None:
        end = start + length
    else:
        end = total - n_fft // 2 if center else total
    made, weights = made[:, start:end], weights[:, start:end]
    least = everything(weights).abs().min() if weights.numel() else None
    if least is None or not float(least) > _NO_WINDOW:
        raise RuntimeError(
            "[istft] istft(...) window overlap add min: the windows of all frames "
            f"together must be above {_NO_WINDOW}, got {least}."
        )
    made = made / weights
    if end > total:
        made = constant_pad_nd(made, (0, end - total))
    return made.squeeze(0) if single else made
