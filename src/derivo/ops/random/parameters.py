"""Samples whose parameters are tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core.draws import (
    Kind,
    fill_choices,
    fill_each,
    fill_race,
    fill_tensor,
)
from derivo._core.promotion import SCALAR_TYPES
from derivo._core.tensor import TensorBase, _empty, dtypes
from derivo.ops import _batching
from derivo.ops._surface import public
from derivo.ops.random._shared import (
    blank,
    broadcast,
    change,
    check_generator,
    drawn_from,
    expanded,
    finish,
    like,
    shape_of,
    take_out,
    target,
    unsupported,
)
from derivo.ops.random.fills import fill_normal
from derivo.ops.random.integers import as_int64

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derivo import Generator, Tensor, device, dtype

_INT64 = dtypes[5]


def _fill_bernoulli(
    out: Tensor, p: float | Tensor, generator: Generator | None, op: str
) -> None:
    if isinstance(p, TensorBase):
        if out.dtype.is_complex:
            raise unsupported(op, "bernoulli_tensor_cpu_self_", out, "a real dtype")
        if not p.dtype.is_floating_point:
            raise unsupported(
                op, "bernoulli_tensor_cpu_p_", p, "floating point probabilities"
            )
        if out._batch is None and p._batch is None:
            chances = expanded(op, p, out)
        else:
            out, chances = _batching.all_examples(op, out, p.expand(out.shape))
        fill_each(Kind.BERNOULLI_EACH, out, chances, None, generator)
        return
    chance = float(p)
    if not 0 <= chance <= 1:
        raise RuntimeError(
            f"[{op}] bernoulli_ expects p to be in [0, 1], but got p={chance}."
        )
    if out.dtype.is_complex:
        raise unsupported(op, "bernoulli_scalar_cpu_", out, "a real dtype")
    fill_tensor(Kind.BERNOULLI, out, chance, 0.0, generator)


@public("Tensor.bernoulli_")
def bernoulli_(
    self: Tensor, p: float | Tensor = 0.5, *, generator: Generator | None = None
) -> Tensor:
    """Fill with 1 (probability `p`) and 0, in place.

    Parameters
    ----------
    p : float or Tensor, default 0.5
        Probability of a one, in [0, 1]. A tensor is floating point and broadcasts to
        `self`.
    generator : Generator, optional
        Source of randomness.

    Returns
    -------
    Tensor
        `self`, any real dtype.

    Raises
    ------
    RuntimeError
        If a probability lies outside [0, 1].

    Examples
    --------
    >>> import derivo
    >>> _ = derivo.manual_seed(0)
    >>> derivo.empty(6).bernoulli_(0.5)
    tensor([0., 0., 1., 0., 0., 0.])
    """
    check_generator("bernoulli_", generator)
    others = (p,) if isinstance(p, TensorBase) else ()
    return change(
        self,
        "bernoulli_",
        "BernoulliBackward1" if others else "BernoulliBackward2",
        lambda: _fill_bernoulli(self, p, generator, "bernoulli_"),
        *others,
    )


@public("bernoulli", "Tensor.bernoulli")
def bernoulli(
    input: Tensor,
    p: float | None = None,
    *,
    generator: Generator | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Draw ones and zeros, a one with the probability that `input` has in its place.

    Parameters
    ----------
    input : Tensor
        Probabilities, floating point. With `p`, only its shape and dtype count.
    p : float, optional
        One probability for all elements.
    generator : Generator, optional
        Source of randomness.
    out : Tensor, optional
        Takes the result; any real dtype.

    Returns
    -------
    Tensor
        Of the shape and dtype of `input`. Its gradient with respect to `input` is 0.

    Raises
    ------
    RuntimeError
        If a probability lies outside [0, 1].

    Examples
    --------
    >>> import derivo
    >>> _ = derivo.manual_seed(0)
    >>> derivo.bernoulli(derivo.tensor([0.1, 0.5, 0.9]))
    tensor([0., 0., 1.])
    """
    check_generator("bernoulli", generator)
    if out is None:
        result = blank(input.shape, input.dtype, "bernoulli")
    else:
        take_out("bernoulli", out, tuple(input.shape), input)
        result = out
    _fill_bernoulli(result, input if p is None else p, generator, "bernoulli")
    if out is not None:
        return out
    node = "BernoulliBackward0" if p is None else "BernoulliBackward2"
    return drawn_from(result, node, input)


@public("normal")
def normal(
    mean: float | Tensor = 0.0,
    std: float | Tensor = 1.0,
    size: Sequence[int] | None = None,
    *,
    generator: Generator | None = None,
    out: Tensor | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: device | str | None = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """Draw normal numbers, each with a mean and a standard deviation of its own.

    Parameters
    ----------
    mean : Tensor or float
        Means; a tensor is floating point or complex.
    std : Tensor or float
        Standard deviations, at least 0; a tensor broadcasts with `mean`.
    size : tuple of int, optional
        Shape, if both parameters are numbers.
    generator : Generator, optional
        Source of randomness.
    out : Tensor, optional
        Takes the result.
    dtype, layout, device, requires_grad, pin_memory
        Of the new tensor, if both parameters are numbers.

    Returns
    -------
    Tensor
        In the dtype of the first of `mean` and `std` that is a tensor. Gradients with
        respect to both are 0: ``mean + std * randn_like(mean)`` has others.

    Raises
    ------
    RuntimeError
        If a standard deviation is negative.

    Examples
    --------
    >>> import derivo
    >>> _ = derivo.manual_seed(0)
    >>> derivo.normal(derivo.tensor([0.0, 10.0]), derivo.tensor([1.0, 0.1]))
    tensor([1.5410, 9.9707])
    """
    check_generator("normal", generator)
    tensors = [isinstance(x, TensorBase) for x in (mean, std)]
    if not any(tensors):
        if size is None:
            raise TypeError(
                "[normal] normal() received an invalid combination of arguments: "
                "expected a tensor or a size, got two numbers. Give size=."
            )
        shape = shape_of("normal", (size,))
        result = target("normal", shape, dtype, None, out, layout, device)
        fill_normal(result, float(mean), float(std), generator, "normal")
        return finish(result, requires_grad)
    if size is not None:
        raise TypeError(
            "[normal] normal() received an invalid combination of arguments: the shape "
            "is that of the tensor, got a size as well. Leave size out."
        )
    deviation: Any = std
    if tensors[1]:
        _check_deviation(deviation)
    first: Any = mean if tensors[0] else std
    shape = tuple(first.shape)
    if all(tensors):
        shape = broadcast("normal", shape, tuple(deviation.shape))
    if out is None:
        result = _empty(shape, first.dtype)
    else:
        take_out("normal", out, shape, mean, std)
        result = out
    from derivo import no_grad

    with no_grad():
        if not tensors[1]:
            fill_normal(result, 0.0, float(std), generator, "normal")
            result.add_(mean)
        else:
            fill_normal(result, 0.0, 1.0, generator, "normal")
            result.mul_(std).add_(mean)
    if out is not None:
        return out
    if all(tensors):
        return drawn_from(result, "NormalBackward3", first, deviation)
    node = "NormalBackward1" if tensors[0] else "NormalBackward2"
    return drawn_from(result, node, first)


def _check_deviation(std: Tensor) -> None:
    if std.is_complex():
        raise RuntimeError(
            "[normal] normal expects standard deviation to be non-complex, got "
            f"dtype={std.dtype}. Give the real deviations."
        )
    if std.numel() and not bool(std.detach().min() >= 0):
        raise RuntimeError(
            "[normal] normal expects all elements of std >= 0.0: a standard deviation "
            "is not negative. Clamp the tensor at 0."
        )


@public("poisson")
def poisson(input: Tensor, generator: Generator | None = None) -> Tensor:
    """Draw from Poisson distributions with the rates in `input`.

    Parameters
    ----------
    input : Tensor
        Rates, floating point, at least 0.
    generator : Generator, optional
        Source of randomness.

    Returns
    -------
    Tensor
        Of the shape and dtype of `input`. Its gradient with respect to `input` is 0.

    Raises
    ------
    RuntimeError
        If a rate is negative.

    Examples
    --------
    >>> import derivo
    >>> _ = derivo.manual_seed(0)
    >>> derivo.poisson(derivo.tensor([0.0, 1.0, 100.0])).shape
    torch.Size([3])
    """
    check_generator("poisson", generator)
    if not input.is_floating_point():
        raise unsupported("poisson", "poisson_cpu", input, "floating point rates")
    result = _empty(input.shape, input.dtype)
    fill_each(Kind.POISSON, result, input, None, generator)
    return drawn_from(result, "PoissonBackward0", input)


@public("binomial")
def binomial(count: Tensor, prob: Tensor, generator: Generator | None = None) -> Tensor:
    """Draw the number of successes in `count` trials, each of probability `prob`.

    Parameters
    ----------
    count : Tensor
        Numbers of trials, float32 or float64.
    prob : Tensor
        Probabilities in the same dtype, broadcast with `count`.
    generator : Generator, optional
        Source of randomness.

    Returns
    -------
    Tensor
        Of the broadcast shape; it has no gradient.

    Raises
    ------
    RuntimeError
        If the dtypes differ.

    Examples
    --------
    >>> import derivo
    >>> derivo.binomial(derivo.tensor([10.0, 0.0]), derivo.tensor([1.0, 0.5]))
    tensor([10.,  0.])
    """
    check_generator("binomial", generator)
    if prob.dtype != count.dtype:
        raise RuntimeError(
            f"[binomial] Found dtype {SCALAR_TYPES[prob.dtype.code]} but expected "
            f"{SCALAR_TYPES[count.dtype.code]}: count and prob have one dtype."
        )
    if count.dtype.code not in (8, 9):
        raise unsupported("binomial", "binomial_cpu", count, "float32 or float64")
    shape = broadcast("binomial", tuple(count.shape), tuple(prob.shape))
    result = _empty(shape, count.dtype)
    fill_each(
        Kind.BINOMIAL,
        result,
        expanded("binomial", count, result),
        expanded("binomial", prob, result),
        generator,
    )
    return result


@public("multinomial", "Tensor.multinomial")
def multinomial(
    input: Tensor,
    num_samples: int,
    replacement: bool = False,
    *,
    generator: Generator | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Draw indices with the weights in each row of `input`.

    Parameters
    ----------
    input : Tensor
        Weights of shape (n,) or (m, n), floating point, at least 0; a row need not
        sum to one, but must not sum to zero.
    num_samples : int
        Indices to draw from each row.
    replacement : bool, default False
        Whether an index may be drawn again.
    generator : Generator, optional
        Source of randomness.
    out : Tensor, optional
        Takes the result; int64.

    Returns
    -------
    Tensor
        int64, of shape (num_samples,) or (m, num_samples).

    Raises
    ------
    RuntimeError
        If the weights are no distribution, or too few without replacement.

    Examples
    --------
    >>> import derivo
    >>> _ = derivo.manual_seed(0)
    >>> derivo.multinomial(derivo.tensor([0.0, 1.0, 0.0]), 3, replacement=True)
    tensor([1, 1, 1])
    """
    check_generator("multinomial", generator)
    if not 1 <= input.dim() <= 2:
        raise RuntimeError(
            f"[multinomial] prob_dist must be 1 or 2 dim: got shape "
            f"{tuple(input.shape)}."
        )
    if not input.is_floating_point():
        raise RuntimeError(
            "[multinomial] multinomial only supports floating-point dtypes for input, "
            f"got: {SCALAR_TYPES[input.dtype.code]}. Convert the weights."
        )
    if out is not None and out.dtype != _INT64:
        raise RuntimeError(
            "[multinomial] multinomial expects Long tensor out, got: "
            f"{SCALAR_TYPES[out.dtype.code]}. Use int64."
        )
    count = as_int64("multinomial", "num_samples", num_samples, 2)
    categories = input.size(-1)
    if count <= 0:
        raise RuntimeError(
            f"[multinomial] cannot sample n_sample <= 0 samples: got "
            f"num_samples={count}."
        )
    if not replacement and count > categories:
        raise RuntimeError(
            "[multinomial] cannot sample n_sample > prob_dist.size(-1) samples without "
            f"replacement: got num_samples={count} of {categories}."
        )
    if categories > 1 << 24:
        raise RuntimeError(
            f"[multinomial] number of categories cannot exceed 2^24: got {categories}."
        )
    shape = (*tuple(input.shape)[:-1], count)
    if out is None:
        result = _empty(shape, _INT64)
    else:
        take_out("multinomial", out, shape)
        result = out
    if result.numel() == 0:
        return result
    drawn = result if result.is_contiguous() else _empty(shape, _INT64)
    if replacement and count > 1:
        fill_choices(drawn, input, count, generator)
    else:
        # Without replacement: the largest quotients of weights by exponentials.
        times = like(input, None, None, None, None, "multinomial")
        fill_tensor(Kind.EXPONENTIAL, times, 1.0, 0.0, generator)
        fill_race(drawn, input, times, count)
    if drawn is not result:
        result.copy_(drawn)
    return result
