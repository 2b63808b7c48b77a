"""Uniform integers and permutations."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from derivo._core.draws import (
    Kind,
    draw_new_integers,
    fill_integers,
    fill_permutation,
    fill_tensor,
)
from derivo._core.promotion import SCALAR_TYPES
from derivo._core.tensor import TensorBase, dtypes
from derivo.ops._surface import public
from derivo.ops.random._shared import (
    C_TYPES,
    DIGITS,
    INTEGER_RANGE,
    LARGEST,
    LOWEST,
    blank,
    change,
    check_generator,
    finish,
    like,
    shape_of,
    target,
    unsupported,
)

if TYPE_CHECKING:
    from derivo import Generator, Tensor, device, dtype

_INT64 = dtypes[5]


def _round_to(code: int, value: int) -> int:
    """Round an integer to a floating point number of the dtype."""
    digits = DIGITS[code]
    excess = abs(value).bit_length() - digits
    if excess <= 0:
        return value
    # round half to even at bit `excess`
    quotient, rest = divmod(abs(value), 1 << excess)
    half = 1 << (excess - 1)
    if rest > half or (rest == half and quotient & 1):
        quotient += 1
    rounded = quotient << excess
    return rounded if value >= 0 else -rounded


def _representable_from(code: int, low: int) -> int:
    """Move the lower bound up to where rounding does not carry below it."""
    following = _round_to(code, low + 1)
    if following < low:
        bits = abs(low + 1).bit_length() - 1
        low = following + (1 << (bits - DIGITS[code] + 1))
    return low


def _representable_to(code: int, high: int) -> int:
    """Move the excluded bound down to where rounding does not reach it."""
    last = _round_to(code, high - 1)
    if last >= high:
        bits = abs(high - 1).bit_length() - 1
        high = last - (1 << (bits - DIGITS[code] + 1))
    return high


def _check_range(op: str, code: int, low: int, last: int) -> None:
    if code > 9:
        raise RuntimeError(
            f"[{op}] check_random_bounds handles only integral, floating-point and "
            "boolean types. Fill the real and the imaginary part."
        )
    smallest: float
    largest: float
    if code < 6:
        smallest, largest = INTEGER_RANGE[code]
    else:
        smallest, largest = -LARGEST[code], LARGEST[code]
    for name, value in (("from", low), ("to - 1", last)):
        if not smallest <= value <= largest:
            raise RuntimeError(
                f"[{op}] {name} is out of bounds for {C_TYPES[code]}: expected "
                f"{smallest} to {largest}, got {name}={value}. Use another dtype."
            )
    if code >= 6:
        digits = DIGITS[code]
        for name, value in (("from", low), ("to - 1", last)):
            if abs(value) > 1 << digits:
                warnings.warn(
                    f"[{op}] {name} is out of bounds [-(2^{digits}), 2^{digits}]. Due "
                    f"to precision limitations {C_TYPES[code]} can support discrete "
                    "uniform distribution only within this range: not every integer "
                    "in it can occur. Use an integer dtype.",
                    UserWarning,
                    stacklevel=4,
                )


def as_int64(op: str, name: str, value: Any, position: int) -> int:
    """Read an integer argument, refusing what does not fit into 64 bits."""
    if type(value) is int and -(1 << 63) <= value < 1 << 63:
        return value
    if isinstance(value, TensorBase):
        value = value.item()
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(
            f"[{op}] {op}(): argument '{name}' (position {position}) must be int, not "
            f"{type(value).__name__}. Give an int."
        )
    number = int(value.__index__())
    if not LOWEST <= number < 1 << 63:
        raise ValueError(
            f"[{op}] Overflow when unpacking long long: expected {name} from -2**63 "
            f"to 2**63 - 1, got {name}={number}."
        )
    return number


def fill_range(
    t: Tensor, low: int, high: int | None, generator: Generator | None, op: str
) -> None:
    """Draw integers from [low, high); without `high`, up to the dtype's largest."""
    code = t.dtype.code
    if high is not None:
        if not low < high:
            raise RuntimeError(
                f"[{op}] random_ expects 'from' to be less than 'to', but got "
                f"from={low} >= to={high}. The upper bound is excluded."
            )
        if 6 <= code <= 9:
            low, high = _representable_from(code, low), _representable_to(code, high)
            if not low < high:
                raise RuntimeError(
                    f"[{op}] random_ expects 'from' casted to dtype to be less than "
                    f"'to' casted to dtype, but got from={low} >= to={high}. Use a "
                    "dtype of higher precision."
                )
        _check_range(op, code, low, high - 1)
        fill_integers(t, high - low, low, generator)
    elif low != LOWEST:
        if code > 9:
            raise RuntimeError(
                f"[{op}] random_from_to_impl handles only integral, floating-point and "
                "boolean types. Fill the real and the imaginary part."
            )
        if code < 6:
            last = INTEGER_RANGE[code][1]
        else:
            last = 1 << DIGITS[code]
            low = _representable_from(code, low)
            if not low < last:
                raise RuntimeError(
                    f"[{op}] random_ expects 'from' casted to dtype to be less than or "
                    f"equal to 'to_inc' casted to dtype, but got from={low} > "
                    f"to_inc={last}. Use a dtype of higher precision."
                )
        _check_range(op, code, low, last)
        fill_integers(t, last - low + 1, low, generator)
    else:
        if t.numel() and code not in (5, 7, 8, 9):
            raise RuntimeError(
                f"[{op}] random_full_64_bits_range_kernel_cpu handles only int64, "
                f"double, float and bfloat16: got dtype={t.dtype}. Give bounds within "
                "the dtype."
            )
        fill_integers(t, 0, 0, generator)


_NOT_GIVEN: Any = object()


@public("Tensor.random_")
def random_(
    self: Tensor,
    from_: int = _NOT_GIVEN,
    to: int | None = _NOT_GIVEN,
    *,
    generator: Generator | None = None,
) -> Tensor:
    """Fill with integers from the discrete uniform distribution, in place.

    ``t.random_()`` draws from all integers from 0 that the dtype counts exactly,
    ``t.random_(to)`` from [0, to), ``t.random_(from_, to)`` from [from_, to), and
    ``t.random_(from_, None)`` from `from_` to the largest of the dtype.

    Parameters
    ----------
    from_ : int, optional
        Lower bound, may occur.
    to : int or None, optional
        Upper bound, does not occur.
    generator : Generator, optional
        Source of randomness.

    Returns
    -------
    Tensor
        `self`, any real dtype.

    Raises
    ------
    RuntimeError
        If the range is empty or does not fit into the dtype.

    Examples
    --------
    >>> import derivo
    >>> _ = derivo.manual_seed(0)
    >>> derivo.empty(5).random_(10)
    tensor([4., 9., 3., 0., 3.])
    """
    check_generator("random_", generator)
    if from_ is _NOT_GIVEN and to is _NOT_GIVEN:

        def fill() -> None:
            if self.dtype.is_complex and self.numel():
                raise unsupported("random_", "random_kernel_cpu", self, "a real dtype")
            fill_tensor(Kind.ANY_INTEGER, self, 0.0, 0.0, generator)

        return change(self, "random_", "RandomBackward2", fill)
    if to is _NOT_GIVEN:
        from_, to = 0, from_
        node = "RandomBackward1"
    else:
        node = "RandomBackward0"
        from_ = 0 if from_ is _NOT_GIVEN else from_
    low = as_int64("random_", "from", from_, 1)
    high = None if to is None else as_int64("random_", "to", to, 2)
    return change(
        self,
        "random_",
        node,
        lambda: fill_range(self, low, high, generator, "random_"),
    )


def _randint_arguments(
    op: str, args: tuple[Any, ...], named: dict[str, Any], counts: tuple[str, ...]
) -> dict[str, Any]:
    """Read arguments ``(low=0, high, ...)``, whose first may be left out."""
    if len(args) > len(counts):
        raise TypeError(
            f"[{op}] {op}() takes at most {len(counts)} positional arguments, got "
            f"{len(args)}."
        )
    rest = counts[2:]
    if len(args) == 1 + len(rest) and "high" not in named:
        found = dict(zip(counts[1:], args, strict=True))
    elif len(args) == 1 and "high" not in named and all(r in named for r in rest):
        found = {"high": args[0]}
    else:
        found = dict(zip(counts, args, strict=False))
    for name, value in named.items():
        if name not in counts or name in found:
            raise TypeError(
                f"[{op}] {op}() got an unexpected keyword argument {name!r}"
            )
        found[name] = value
    missing = [name for name in counts[1:] if name not in found]
    if missing:
        raise TypeError(
            f"[{op}] {op}() received an invalid combination of arguments: expected "
            f"({', '.join(counts)}), got no {missing[0]}."
        )
    found.setdefault("low", 0)
    return found


@public("randint")
def randint(
    *args: Any,
    generator: Generator | None = None,
    out: Tensor | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: device | str | None = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
    **named: Any,
) -> Tensor:
    """Draw integers from [low, high): ``randint(low=0, high, size)``.

    Parameters
    ----------
    low : int, default 0
        Lower bound, may occur.
    high : int
        Upper bound, does not occur.
    size : tuple of int
        Shape.
    generator : Generator, optional
        Source of randomness; the default generator if not given.
    out : Tensor, optional
        Takes the result.
    dtype : dtype, default int64
        Any real dtype.
    layout, device, pin_memory
        For PyTorch's scripts: strided tensors on the CPU.
    requires_grad : bool, default False
        Whether the result is tracked by autograd (floating point dtypes).

    Returns
    -------
    Tensor
        Of shape `size`.

    Raises
    ------
    RuntimeError
        If the range is empty or does not fit into `dtype`.

    Examples
    --------
    >>> import derivo
    >>> _ = derivo.manual_seed(0)
    >>> derivo.randint(10, (5,))
    tensor([4, 9, 3, 0, 3])
    """
    plain = out is None and layout is None and device is None and dtype is None
    if plain and not named:
        made = draw_new_integers(args, generator)
        if made is not None:
            return made.requires_grad_() if requires_grad else made
    found = _randint_arguments("randint", args, named, ("low", "high", "size"))
    low = as_int64("randint", "low", found["low"], 1)
    high = as_int64("randint", "high", found["high"], 2)
    if isinstance(found["size"], int):
        raise TypeError(
            "[randint] randint(): argument 'size' (position 3) must be tuple of ints, "
            f"not int. Write size=({found['size']},)."
        )
    shape = shape_of("randint", (found["size"],))
    check_generator("randint", generator)
    result = target("randint", shape, dtype, _INT64, out, layout, device)
    fill_range(result, low, high, generator, "randint")
    return finish(result, requires_grad)


@public("randint_like")
def randint_like(
    input: Tensor,
    *args: Any,
    generator: Generator | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: device | str | None = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
    memory_format: Any = None,
    **named: Any,
) -> Tensor:
    """Draw integers in the shape of `input`: ``randint_like(input, low=0, high)``.

    Parameters
    ----------
    input : Tensor
        Gives shape, dtype and, if its elements are dense in memory, strides.
    low : int, default 0
        Lower bound, may occur.
    high : int
        Upper bound, does not occur.
    generator : Generator, optional
        Source of randomness.
    dtype : dtype, optional
        Instead of that of `input`.
    layout, device, pin_memory, memory_format
        For PyTorch's scripts.
    requires_grad : bool, default False
        Whether the result is tracked by autograd.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Examples
    --------
    >>> import derivo
    >>> derivo.randint_like(derivo.zeros(2, 3), 10).dtype
    torch.float32
    """
    check_generator("randint_like", generator)
    found = _randint_arguments("randint_like", args, named, ("low", "high"))
    low = as_int64("randint_like", "low", found["low"], 2)
    high = as_int64("randint_like", "high", found["high"], 3)
    result = like(input, dtype, layout, device, memory_format, "randint_like")
    fill_range(result, low, high, generator, "randint_like")
    return finish(result, requires_grad)


@public("randperm")
def randperm(
    n: int,
    *,
    generator: Generator | None = None,
    out: Tensor | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: device | str | None = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """Shuffle the integers from 0 to ``n - 1``.

    Parameters
    ----------
    n : int
        How many.
    generator : Generator, optional
        Source of randomness; the default generator if not given.
    out : Tensor, optional
        Takes the result.
    dtype : dtype, default int64
        Any real dtype but bool that holds all of the integers.
    layout, device, pin_memory
        For PyTorch's scripts: strided tensors on the CPU.
    requires_grad : bool, default False
        Whether the result is tracked by autograd (floating point dtypes).

    Returns
    -------
    Tensor
        Of shape ``(n,)``.

    Raises
    ------
    RuntimeError
        If `n` is negative, or too large for the dtype.

    Examples
    --------
    >>> import derivo
    >>> _ = derivo.manual_seed(0)
    >>> derivo.randperm(5)
    tensor([4, 0, 1, 3, 2])
    """
    check_generator("randperm", generator)
    plain = out is None and layout is None and device is None and dtype is None
    if plain and type(n) is int and n >= 0:
        result = blank((n,), _INT64, "randperm")
        fill_permutation(result, generator)
        return finish(result, requires_grad)
    count = as_int64("randperm", "n", n, 1)
    shape = shape_of("randperm", (count,))
    kind = dtype or (_INT64 if out is None else out.dtype)
    _check_permutation(count, kind)
    result = target("randperm", shape, dtype, _INT64, out, layout, device)
    fill_permutation(result, generator)
    return finish(result, requires_grad)


def _check_permutation(n: int, kind: dtype) -> None:
    code = kind.code
    if code == 0 or code > 9:
        raise NotImplementedError(
            f'[randperm] "randperm" not implemented for {SCALAR_TYPES[code]!r}: '
            f"expected a real dtype but bool, got dtype={kind}. Use int64."
        )
    if code < 6:
        largest = INTEGER_RANGE[code][1]
        if n - 1 > largest:
            raise RuntimeError(
                "[randperm] value cannot be converted to type "
                f"{kind.name}_t without overflow: expected n of at most "
                f"{largest + 1}, got n={n}. Use int64."
            )
        return
    # bfloat16 is held to the bits of its eight-bit significand, as PyTorch has it
    digits = DIGITS[code]
    if n - 1 > (1 << digits) + (1 if code == 7 else 0):
        limit = str((1 << digits) + 1) if code < 8 else f"2^{digits}+1"
        raise RuntimeError(
            f"[randperm] n cannot be greater than {limit} for {SCALAR_TYPES[code]} "
            f"type: got n={n}. Use int64."
        )
