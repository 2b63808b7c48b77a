"""Connectionist temporal classification."""

from __future__ import annotations

import math
from typing import Any

import derivo
from derivo.nn._functional._composite import composite_node
from derivo.tensor import Tensor


def _lengths(op: str, value: Any, name: str, count: int) -> list[int]:
    lengths = value.tolist() if isinstance(value, Tensor) else list(value)
    if len(lengths) != count:
        raise RuntimeError(
            f"[{op}] {name} must be of size batch_size {count}, got {len(lengths)}"
        )
    return [int(v) for v in lengths]


def _extended(labels: list[int], blank: int) -> list[int]:
    """Labels with blanks around each."""
    path = [blank]
    for label in labels:
        path += [label, blank]
    return path


def _negative_likelihoods(
    log_probs: Tensor, labels: list[list[int]], lengths: list[int], blank: int
) -> Tensor:
    """Run the forward algorithm (Graves et al., 2006) for all samples at once."""
    times, n, _ = log_probs.shape
    paths = [_extended(one, blank) for one in labels]
    width = max((len(path) for path in paths), default=1)
    states = derivo.tensor(
        [path + [blank] * (width - len(path)) for path in paths], dtype=derivo.int64
    )
    # From two places before: only onto a label unlike the one there.
    jumps = derivo.tensor(
        [
            [
                s >= 2 and path[s] != blank and path[s] != path[s - 2]
                if s < len(path)
                else False
                for s in range(width)
            ]
            for path in paths
        ],
        dtype=derivo.bool,
    )
    starts = derivo.tensor(
        [[s < min(2, len(path)) for s in range(width)] for path in paths],
        dtype=derivo.bool,
    )
    dtype = log_probs.dtype
    low = derivo.full((n, 1), -math.inf, dtype=dtype)
    emitted = log_probs.gather(2, states.unsqueeze(0).expand(times, n, width))
    alpha = derivo.where(starts, emitted[0], low)
    long = derivo.tensor(lengths, dtype=derivo.int64).unsqueeze(1)
    # A sample without input has no probability to start from; none for no labels.
    rows = derivo.tensor([len(path) for path in paths], dtype=derivo.int64)
    for t in range(1, times):
        one = derivo.cat([low, alpha[:, :-1]], 1)
        two = derivo.cat([low, low, alpha[:, :-2]], 1)[:, :width]
        two = derivo.where(jumps, two, low)
        total = _log_sum([alpha, one, two])
        alpha = derivo.where(long > t, total + emitted[t], alpha)
    last = alpha.gather(1, (rows - 1).unsqueeze(1)).squeeze(1)
    before = alpha.gather(1, (rows - 2).clamp(min=0).unsqueeze(1)).squeeze(1)
    before = derivo.where(rows > 1, before, low.squeeze(1))
    ends = _log_sum([last, before])
    nothing = derivo.tensor(
        [0.0 if len(path) == 1 else math.inf for path in paths], dtype=dtype
    )
    return derivo.where(long.squeeze(1) > 0, -ends, nothing)


def _log_sum(terms: list[Tensor]) -> Tensor:
    """Logarithm of a sum of exponentials; -inf for nothing, with gradient 0."""
    stacked = derivo.stack(terms)
    top = stacked.detach().amax(0)
    finite = derivo.isfinite(top)
    shift = derivo.where(finite, top, derivo.zeros_like(top))
    total = (stacked - shift).exp().sum(0)
    safe = derivo.where(finite, total, derivo.ones_like(total))
    return derivo.where(finite, safe.log() + shift, top)


_ctc = composite_node("ctc_loss", "CtcLossBackward0", _negative_likelihoods, keep=True)


def ctc_loss(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Tensor:
    """Negative logarithm of the probability of a labelling, whatever its timing.

    Parameters
    ----------
    log_probs : Tensor of shape (T, N, C) or (T, C)
        Logarithms of probabilities of C classes at T times.
    targets : Tensor of shape (N, S) or (sum(target_lengths),)
        The labels, without blanks.
    input_lengths, target_lengths : Tensor of shape (N,) or sequence of int
        How many of the times and labels count.
    blank : int, optional
        The class that stands for no label.
    reduction : {"mean", "sum", "none"}, optional
        "mean" divides by the target lengths first.
    zero_infinity : bool, optional
        Let labellings that cannot be reached count nothing.

    Returns
    -------
    Tensor
        The loss.

    Raises
    ------
    RuntimeError
        If the lengths do not fit.

    Examples
    --------
    >>> import derivo as torch
    >>> p = torch.full((2, 1, 2), 0.5).log()
    >>> torch.nn.functional.ctc_loss(p, torch.tensor([[1]]), [2], [1]).exp()
    tensor(1.3333)
    """
    op = "ctc_loss"
    had_batch = log_probs.dim() == 3
    x = log_probs if had_batch else log_probs.unsqueeze(1)
    times, n, classes = x.shape
    if not 0 <= blank < classes:
        raise RuntimeError(f"[{op}] blank must be in label range, got {blank}")
    if not had_batch:
        input_lengths = _one(input_lengths)
        target_lengths = _one(target_lengths)
        targets = targets.reshape(1, -1)
    sizes = _lengths(op, target_lengths, "target_lengths", n)
    lengths = _lengths(op, input_lengths, "input_lengths", n)
    if lengths and (max(lengths) > times or min(lengths) < 0):
        raise RuntimeError(
            f"[{op}] Expected input_lengths to have value at most {times}, but got "
            f"{lengths}"
        )
    if targets.dim() == 2:
        rows = targets.tolist()
        if sizes and max(sizes) > targets.shape[1]:
            raise RuntimeError(
                f"[{op}] Expected tensor to have size at least {max(sizes)} at "
                f"dimension 1, but got size {list(targets.shape)} for argument "
                "'targets'"
            )
        labels = [row[:size] for row, size in zip(rows, sizes, strict=True)]
    else:
        flat, labels, begin = targets.tolist(), [], 0
        for size in sizes:
            labels.append(flat[begin : begin + size])
            begin += size
    given = {
        "targets": targets,
        "input_lengths": tuple(lengths),
        "target_lengths": tuple(sizes),
        "zero_infinity": zero_infinity,
    }
    each = _ctc((x,), labels, lengths, blank, given=given)
    if zero_infinity:
        each = derivo.where(each == math.inf, derivo.zeros_like(each), each)
    if reduction == "mean":
        counts = derivo.tensor([max(size, 1) for size in sizes], dtype=each.dtype)
        return (each / counts).mean()
    if reduction == "sum":
        return each.sum()
    return each if had_batch else each.squeeze(0)


def _one(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.reshape(-1)
    return value if isinstance(value, (list, tuple)) else [value]
