"""Einstein's summation: products and sums named by letters.

Operands are brought to one common order of letters (diagonals for letters that an
operand repeats, size 1 for those that it lacks) and contracted from left to right.
Each step is a batched matrix product: letters of both operands and the result are
the batch, letters that end here are summed, the rest are rows and columns.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from derivo._core import products as core
from derivo._core.tensor import TensorBase
from derivo.ops._surface import public

if TYPE_CHECKING:
    from derivo import Tensor

__all__ = ["einsum"]

ELLIPSIS = "..."


class _Equation(NamedTuple):
    operands: list[list[str]]  # letters and ELLIPSIS
    result: list[str] | None


def _letters(text: str, where: str, offset: int) -> list[str]:
    found: list[str] = []
    i = 0
    while i < len(text):
        character = text[i]
        if character == ".":
            if ELLIPSIS in found:
                raise RuntimeError(
                    f"[einsum] einsum(): found '.' for {where} for which an ellipsis "
                    "was already found."
                )
            if text[i : i + 3] != "...":
                raise RuntimeError(
                    f"[einsum] einsum(): found '.' for {where} that is not part of any "
                    "ellipsis."
                )
            found.append(ELLIPSIS)
            i += 3
            continue
        if not (character.isascii() and character.isalpha()):
            raise RuntimeError(
                "[einsum] einsum(): invalid subscript given at index "
                f"{offset + i} in the equation string, subscripts must be in "
                f"[a-zA-Z], got {character!r}."
            )
        found.append(character)
        i += 1
    return found


def _parse(equation: str, count: int) -> _Equation:
    text = equation.replace(" ", "")
    left, arrow, right = text.partition("->")
    parts = left.split(",")
    if len(parts) > count:
        raise RuntimeError(
            "[einsum] einsum(): fewer operands were provided than specified in the "
            f"equation: expected {len(parts)}, got {count}."
        )
    if len(parts) < count:
        raise RuntimeError(
            "[einsum] einsum(): more operands were provided than specified in the "
            f"equation: expected {len(parts)}, got {count}."
        )
    operands = []
    offset = 0
    for i, part in enumerate(parts):
        operands.append(_letters(part, f"operand {i}", offset))
        offset += len(part) + 1
    if not arrow:
        return _Equation(operands, None)
    return _Equation(operands, _letters(right, "the output", len(left) + 2))


def _subscripts(letters: Sequence[Any]) -> str:
    """Letters for the numbers of the form without an equation."""
    text = []
    for s in letters:
        if s is Ellipsis:
            text.append(ELLIPSIS)
        elif isinstance(s, int) and 0 <= s < 26:
            text.append(chr(ord("A") + s))
        elif isinstance(s, int) and 26 <= s < 52:
            text.append(chr(ord("a") + s - 26))
        else:
            raise ValueError(
                "[einsum] einsum(): subscript in subscript list is not within the "
                f"valid range [0, 52), got {s!r}."
            )
    return "".join(text)


def _arguments(args: tuple[Any, ...]) -> tuple[str, list[Tensor]]:
    if len(args) < 2:
        raise ValueError(
            "[einsum] einsum(): must specify the equation string and at least one "
            "operand, or at least one operand and its subscripts list."
        )
    if isinstance(args[0], TensorBase):
        equation = ",".join(_subscripts(letters) for letters in args[1::2])
        if len(args) % 2 == 1:
            # The last argument is the result's letters.
            equation = ",".join(_subscripts(letters) for letters in args[1:-1:2])
            return f"{equation}->{_subscripts(args[-1])}", list(args[:-1:2])
        return equation, list(args[::2])
    operands = args[1:]
    if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        operands = tuple(operands[0])
    return args[0], list(operands)


def _result_letters(equation: _Equation) -> tuple[list[str], bool]:
    """Letters of the result without the ellipsis, and whether it keeps that."""
    counts = Counter(
        letter
        for operand in equation.operands
        for letter in operand
        if letter != ELLIPSIS
    )
    if equation.result is None:
        return sorted(s for s, n in counts.items() if n == 1), True
    for s, n in Counter(equation.result).items():
        if s == ELLIPSIS:
            continue
        if n > 1:
            raise RuntimeError(
                f"[einsum] einsum(): output subscript {s} appears more than once in "
                "the output."
            )
        if s not in counts:
            raise RuntimeError(
                f"[einsum] einsum(): output subscript {s} does not appear in the "
                "equation for any input operand."
            )
    return equation.result, ELLIPSIS in equation.result


def _order(equation: _Equation, ranks: list[int]) -> tuple[list[str], int]:
    """All letters, those of the result first, and how many those are.

    The dimensions of an ellipsis are letters too: ``".0"`` is its last.
    """
    wide = 0
    for i, (operand, rank) in enumerate(zip(equation.operands, ranks, strict=True)):
        named = sum(s != ELLIPSIS for s in operand)
        if ELLIPSIS in operand:
            if named > rank:
                raise RuntimeError(
                    f"[einsum] einsum(): the number of subscripts in the equation "
                    f"({named}) is more than the number of dimensions ({rank}) for "
                    f"operand {i}."
                )
            wide = max(wide, rank - named)
        elif named != rank:
            raise RuntimeError(
                f"[einsum] einsum(): the number of subscripts in the equation "
                f"({named}) does not match the number of dimensions ({rank}) for "
                f"operand {i} and no ellipsis was given."
            )
    dots = [f".{d}" for d in range(wide - 1, -1, -1)]
    result, keeps = _result_letters(equation)
    order: list[str] = []
    if equation.result is None:
        order += dots
    for s in result:
        order += dots if s == ELLIPSIS else [s]
    kept = len(order)
    if not keeps:
        order += dots
    seen = set(order)
    for s in sorted({s for operand in equation.operands for s in operand}):
        if s not in seen and s != ELLIPSIS:
            order.append(s)
    return order, kept


class _Alignment(NamedTuple):
    """How an operand gets one dimension for each letter."""

    diagonals: tuple[tuple[str, int, int, tuple[int, ...]], ...]
    missing: int
    order: list[int]


class _Program(NamedTuple):
    """What an equation means for operands of these ranks."""

    letters: list[str]
    kept: int
    alignments: list[_Alignment]


@functools.lru_cache(maxsize=512)
def _program(text: str, ranks: tuple[int, ...]) -> _Program:
    equation = _parse(text, len(ranks))
    order, kept = _order(equation, list(ranks))
    alignments = [
        _alignment(operand, rank, order)
        for operand, rank in zip(equation.operands, ranks, strict=True)
    ]
    return _Program(order, kept, alignments)


def _alignment(operand: list[str], rank: int, order: list[str]) -> _Alignment:
    named = sum(s != ELLIPSIS for s in operand)
    letters: list[str] = []
    for s in operand:
        if s == ELLIPSIS:
            letters += [f".{d}" for d in range(rank - named - 1, -1, -1)]
        else:
            letters.append(s)
    diagonals = []
    d = 0
    while d < len(letters):
        first = letters.index(letters[d])
        if first == d:
            d += 1
            continue
        # The diagonal comes last; it belongs where the letter stood first.
        last = len(letters) - 2
        rest = list(range(last))
        diagonals.append((letters[d], first, d, (*rest[:first], last, *rest[first:])))
        del letters[d]
    present = len(letters)
    letters += [s for s in order if s not in letters]
    return _Alignment(
        tuple(diagonals), len(letters) - present, [letters.index(s) for s in order]
    )


def _aligned(t: Tensor, alignment: _Alignment, number: int) -> Tensor:
    for letter, first, d, order in alignment.diagonals:
        if t.shape[first] != t.shape[d]:
            raise RuntimeError(
                f"[einsum] einsum(): subscript {letter} is repeated for operand "
                f"{number} but the sizes don't match, {t.shape[d]} != "
                f"{t.shape[first]}."
            )
        t = t.diagonal(0, first, d).permute(order)
    for _ in range(alignment.missing):
        t = core.unsqueezed(t)
    return core.permuted(t, alignment.order)


def _check_sizes(shapes: list[Sequence[int]], order: list[str]) -> None:
    for d, sizes in enumerate(zip(*shapes, strict=True)):
        seen = 1
        for i, size in enumerate(sizes):
            if size == 1:
                continue
            if seen not in (1, size):
                s = order[d]
                what = "the ellipsis" if s[0] == "." else f"subscript {s}"
                raise RuntimeError(
                    f"[einsum] einsum(): {what} has size {size} for operand {i} which "
                    f"does not broadcast with previously seen size {seen}."
                )
            seen = size


def _pair(a: Tensor, b: Tensor, summed: list[int]) -> Tensor:
    """Product of two aligned operands, summed over dimensions that both have."""
    if not summed:
        return a * b
    both, left, right = [], [], []
    batch, rows, columns = [], [], []
    for d, (x, y) in enumerate(zip(a.shape, b.shape, strict=True)):
        if d in summed:
            continue
        if x != 1 and y != 1:
            both.append(d)
            batch.append(x)
        elif x != 1:
            left.append(d)
            rows.append(x)
        else:
            right.append(d)
            columns.append(y)
    wide = core.permuted(a, both + left + summed + right)
    tall = core.permuted(b, both + summed + right + left)
    out = core.bmm(
        core.grouped(wide, len(both), len(left)),
        core.grouped(tall, len(both), len(summed)),
    )
    out = core.viewed(out, [*batch, *rows, *[1] * len(summed), *columns])
    where = both + left + summed + right
    return core.permuted(out, [where.index(d) for d in range(len(where))])


def _contract(operands: list[Tensor], kept: int) -> Tensor:
    shapes = [t.shape for t in operands]
    rank = len(shapes[0])
    # How many operands not yet contracted have more than one element in a dimension.
    uses = [sum(n != 1 for n in sizes) for sizes in zip(*shapes, strict=True)]
    out = operands[0]
    for other in operands[1:]:
        summed, alone_a, alone_b = [], [], []
        shape_a, shape_b = out.shape, other.shape
        for d in range(kept, rank):
            has_a, has_b = shape_a[d] != 1, shape_b[d] != 1
            if has_a and has_b:
                uses[d] -= 1
                if uses[d] == 1:
                    summed.append(d)
            elif uses[d] == 1 and has_a:
                alone_a.append(d)
            elif uses[d] == 1 and has_b:
                alone_b.append(d)
        if alone_a:
            out = out.sum(alone_a, keepdim=True)
        if alone_b:
            other = other.sum(alone_b, keepdim=True)
        out = _pair(out, other, summed)
    if kept == rank:
        return out
    rest = out.shape[kept:]
    if len(operands) == 1 or any(n != 1 for n in rest):
        return out.sum(list(range(kept, rank)))
    return out.reshape(list(out.shape[:kept]))


@public("einsum")
def einsum(*args: Any) -> Tensor:
    """Sum of products of operands whose dimensions are named by letters.

    Parameters
    ----------
    equation : str
        Letters (a-z, A-Z) for the dimensions of each operand, separated by commas,
        then perhaps ``->`` and the letters of the result. ``...`` stands for the
        dimensions that are not named; they broadcast. Without ``->`` the result has
        the dots' dimensions and the letters that appear once, sorted.
    *operands : Tensor
        As many as the equation names.

    Returns
    -------
    Tensor
        Products of all operands, summed over the letters that the result lacks.

    Raises
    ------
    RuntimeError
        An equation that is malformed or does not fit the operands.
    ValueError
        No equation or no operand.

    Notes
    -----
    Also ``einsum(a, [0, 1], b, [1, 2], [0, 2])``: numbers below 52 for letters.
    **Derivative**: through the parts, which are products and sums.

    Examples
    --------
    >>> import derivo as torch
    >>> a = torch.ones(2, 3, requires_grad=True)
    >>> torch.einsum("ij,jk->k", a, torch.ones(3, 4)).sum().backward()
    >>> a.grad
    tensor([[4., 4., 4.],
            [4., 4., 4.]])
    """
    text, operands = _arguments(args)
    for i, t in enumerate(operands):
        if not isinstance(t, TensorBase):
            raise TypeError(
                f"[einsum] einsum(): operand {i} must be Tensor, not "
                f"{type(t).__name__}."
            )
    order, kept, alignments = _program(text, tuple([t.dim() for t in operands]))
    aligned = [_aligned(t, alignments[i], i) for i, t in enumerate(operands)]
    _check_sizes([t.shape for t in aligned], order)
    return _contract(aligned, kept)
