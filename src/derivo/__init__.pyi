# Stub of derivo, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.

from builtins import bool as _bool
from builtins import float as _float
from builtins import int as _int
from collections.abc import Sequence
from typing import Any
from typing import IO
from typing import TypeAlias
import os
from derivo._core.tensor import DType
from derivo.ops.elementwise.exponential import FrexpResult

Number: TypeAlias = _bool | _int | _float

__version__: str

def abs(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute the absolute value.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype except bool.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: ``g * sgn(input)``, 0 at 0.

    Examples
    --------
    >>> x = derivo.tensor([-2.0, 0.0, 3.0], requires_grad=True)
    >>> y = derivo.abs(x)
    >>> y
    tensor([2., 0., 3.], grad_fn=<AbsBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([-1.,  0.,  1.])
    """

def abs_(input: Tensor) -> Tensor:
    """Compute the absolute value.

    In place; see `derivo.abs`.
    """

def absolute(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute the absolute value.

    The same as `abs`.
    """
from . import accelerator as accelerator

def acos(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Take the inverse cosine; NaN outside [-1, 1].

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``-g / sqrt(1 - input**2)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 0.5], requires_grad=True)
    >>> y = derivo.acos(x)
    >>> y
    tensor([1.5708, 1.0472], grad_fn=<AcosBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([-1.0000, -1.1547])
    """

def acos_(input: Tensor) -> Tensor:
    """Take the inverse cosine; NaN outside [-1, 1].

    In place; see `derivo.acos`.
    """

def acosh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Take the inverse hyperbolic cosine; NaN below 1.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``g / sqrt(input**2 - 1)``.

    Examples
    --------
    >>> x = derivo.tensor([2.0, 3.0], requires_grad=True)
    >>> y = derivo.acosh(x)
    >>> y
    tensor([1.3170, 1.7627], grad_fn=<AcoshBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.5774, 0.3536])
    """

def acosh_(input: Tensor) -> Tensor:
    """Take the inverse hyperbolic cosine; NaN below 1.

    In place; see `derivo.acosh`.
    """

def add(
    input: Tensor,
    other: Tensor | Number,
    *,
    alpha: Number = 1,
    out: Any = None,
) -> Tensor:
    """Add `other`, times `alpha`, to `input`.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype; bool adds as logical or.
    other : Tensor or Number
        Broadcast with `input`.
    alpha : Number, default 1
        Factor for `other`; a whole number if the result is of integers.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape, in the promoted dtype of the operands.

    Raises
    ------
    RuntimeError
        If `alpha` is a float and the operands are integers.

    Notes
    -----
    Derivative: ``g`` for `input` and ``alpha * g`` for `other`.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> y = derivo.add(x, derivo.tensor([10.0, 20.0]), alpha=0.5)
    >>> y
    tensor([ 6., 12.], grad_fn=<AddBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1., 1.])
    """

def addbmm(
    input: Tensor,
    batch1: Tensor,
    batch2: Tensor,
    *,
    beta: Number = 1,
    alpha: Number = 1,
    out: Tensor | None = None,
) -> Tensor:
    """Compute ``beta * input + alpha * sum_i(batch1[i] @ batch2[i])``.

    Parameters
    ----------
    input : Tensor
        Added; broadcast to ``(n, p)``.
    batch1 : Tensor
        Of shape ``(b, n, m)``.
    batch2 : Tensor
        Of shape ``(b, m, p)``; one dtype for all three.
    beta, alpha : Number
        Factors. With `beta` 0, `input` is not read.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of shape ``(n, p)``.

    Raises
    ------
    RuntimeError
        Shapes or dtypes that do not fit.
    NotImplementedError
        A dtype without products.

    Examples
    --------
    >>> import derivo as torch
    >>> c = torch.zeros(3, requires_grad=True)
    >>> torch.addbmm(c, torch.ones(2, 4, 5), torch.ones(2, 5, 3)).sum().backward()
    >>> c.grad
    tensor([4., 4., 4.])
    """

def addcdiv(
    input: Tensor,
    tensor1: Tensor | Number,
    tensor2: Tensor | Number,
    *,
    value: _float = 1,
    out: Tensor | None = None,
) -> Tensor:
    """Add the quotient of two tensors, times `value`.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype, floating point.
    tensor1 : Tensor or Number
        Broadcast with the others, any dtype, floating point.
    tensor2 : Tensor or Number
        Broadcast with the others, any dtype, floating point.
    value : Number, default 1
        Factor of the quotient.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: ``g``, ``g * value / tensor2`` and
    ``-g * value * tensor1 / tensor2**2``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> a, b = derivo.tensor([3.0, 4.0]), derivo.tensor([2.0, 8.0])
    >>> y = derivo.addcdiv(x, a, b)
    >>> y
    tensor([2.5000, 2.5000], grad_fn=<AddcdivBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1., 1.])
    """

def addcmul(
    input: Tensor,
    tensor1: Tensor | Number,
    tensor2: Tensor | Number,
    *,
    value: _float = 1,
    out: Tensor | None = None,
) -> Tensor:
    """Add the product of two tensors, times `value`.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype except bool.
    tensor1 : Tensor or Number
        Broadcast with the others, any dtype except bool.
    tensor2 : Tensor or Number
        Broadcast with the others, any dtype except bool.
    value : Number, default 1
        Factor of the product.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: ``g``, ``g * value * tensor2`` and ``g * value * tensor1``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> a, b = derivo.tensor([3.0, 4.0]), derivo.tensor([5.0, 6.0])
    >>> y = derivo.addcmul(x, a, b, value=0.5)
    >>> y
    tensor([ 8.5000, 14.0000], grad_fn=<AddcmulBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1., 1.])
    """

def addmm(
    input: Tensor,
    mat1: Tensor,
    mat2: Tensor,
    *,
    beta: Number = 1,
    alpha: Number = 1,
    out: Tensor | None = None,
) -> Tensor:
    """Compute ``beta * input + alpha * (mat1 @ mat2)``.

    Parameters
    ----------
    input : Tensor
        Added; broadcast to ``(n, p)``.
    mat1 : Tensor
        Of shape ``(n, m)``.
    mat2 : Tensor
        Of shape ``(m, p)``; one dtype for all three.
    beta, alpha : Number
        Factors. With `beta` 0, `input` is not read: a nan in it does not show.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of shape ``(n, p)``.

    Raises
    ------
    RuntimeError
        Shapes or dtypes that do not fit.
    NotImplementedError
        A dtype without products.

    Notes
    -----
    **Derivative**: ``beta * g`` for `input` (summed over what was broadcast),
    ``alpha * g @ mat2.T`` for `mat1`, ``alpha * mat1.T @ g`` for `mat2`.

    Examples
    --------
    >>> import derivo as torch
    >>> bias = torch.zeros(2, requires_grad=True)
    >>> torch.addmm(bias, torch.ones(3, 4), torch.ones(4, 2)).sum().backward()
    >>> bias.grad
    tensor([3., 3.])
    """

def addmv(
    input: Tensor,
    mat: Tensor,
    vec: Tensor,
    *,
    beta: Number = 1,
    alpha: Number = 1,
    out: Tensor | None = None,
) -> Tensor:
    """Compute ``beta * input + alpha * (mat @ vec)``.

    Parameters
    ----------
    input : Tensor
        Added; of shape ``(n,)`` or one element.
    mat : Tensor
        Of shape ``(n, m)``.
    vec : Tensor
        Of shape ``(m,)``; one dtype for all three.
    beta, alpha : Number
        Factors. With `beta` 0, `input` is not read.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of shape ``(n,)``.

    Raises
    ------
    RuntimeError
        Shapes or dtypes that do not fit.
    NotImplementedError
        A dtype without products.

    Examples
    --------
    >>> import derivo as torch
    >>> v = torch.ones(2, requires_grad=True)
    >>> torch.addmv(torch.zeros(3), torch.ones(3, 2), v).sum().backward()
    >>> v.grad
    tensor([3., 3.])
    """

def addmv_(
    input: Tensor,
    mat: Tensor,
    vec: Tensor,
    *,
    beta: Number = 1,
    alpha: Number = 1,
) -> Tensor:
    """``beta * input + alpha * (mat @ vec)``, in place; see `derivo.addmv`."""

def addr(
    input: Tensor,
    vec1: Tensor,
    vec2: Tensor,
    *,
    beta: Number = 1,
    alpha: Number = 1,
    out: Tensor | None = None,
) -> Tensor:
    """Compute ``beta * input + alpha * outer(vec1, vec2)``.

    Parameters
    ----------
    input : Tensor
        Added; broadcast to ``(n, m)``.
    vec1 : Tensor
        Of shape ``(n,)``.
    vec2 : Tensor
        Of shape ``(m,)``.
    beta, alpha : Number
        Factors. With `beta` 0, `input` is not read.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of shape ``(n, m)`` and the promoted dtype; for bool, logical or and and.

    Raises
    ------
    RuntimeError
        Operands that are not vectors, or an `input` that does not broadcast.

    Examples
    --------
    >>> import derivo as torch
    >>> v = torch.ones(2, requires_grad=True)
    >>> torch.addr(torch.zeros(2, 3), v, torch.ones(3)).sum().backward()
    >>> v.grad
    tensor([3., 3.])
    """

def adjoint(input: Tensor) -> Tensor:
    """Transpose matrices, conjugating complex ones.

    Parameters
    ----------
    input : Tensor
        Matrices in the last two dimensions.

    Raises
    ------
    RuntimeError
        If there are fewer than two dimensions.

    Examples
    --------
    >>> import derivo
    >>> derivo.adjoint(derivo.zeros(2, 3)).shape
    torch.Size([3, 2])
    """

def alias_copy(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Any:
    """Contiguous copy of what `alias` views.

    Parameters
    ----------
    input : Tensor
        The tensor; further arguments are those of `alias`.
    out : Tensor, optional
        Takes the result.
    """

def all(
    input: Tensor,
    dim: Any = None,
    keepdim: _bool = False,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Whether every element is nonzero, of all or along some.

    Parameters
    ----------
    input : Tensor
        Any dtype.
    dim : int or tuple of int, optional
        Dimensions to reduce; all if not given.
    keepdim : bool, default False
        Keep them with size one.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        bool (uint8 for uint8).

    Examples
    --------
    >>> import derivo
    >>> derivo.all(derivo.tensor([True, False]))
    tensor(False)
    """

def allclose(
    input: Tensor,
    other: Tensor,
    rtol: _float = 1e-05,
    atol: _float = 1e-08,
    equal_nan: _bool = False,
) -> _bool:
    """Whether all elements are close: ``|input - other| <= atol + rtol * |other|``.

    Examples
    --------
    >>> import derivo
    >>> derivo.allclose(derivo.ones(2), derivo.ones(2) + 1e-7)
    True
    """

def alpha_dropout(input: Tensor, p: _float, train: _bool) -> Tensor:
    """Set elements to SELU's limit and rescale, keeping mean 0 and variance 1.

    Parameters
    ----------
    input : Tensor
        Any shape, floating point.
    p : float
        Probability of being dropped.
    train : bool
        Whether to do anything.

    Returns
    -------
    Tensor
        `input` itself if nothing is to be done.

    Examples
    --------
    >>> import derivo
    >>> derivo.alpha_dropout(derivo.zeros(2), 0.0, True)
    tensor([0., 0.])
    """

def alpha_dropout_(input: Tensor, p: _float, train: _bool) -> Tensor:
    """Drop elements in place; see `derivo.alpha_dropout`.

    Parameters
    ----------
    input : Tensor
        Changed and returned.
    p : float
        Probability of being dropped.
    train : bool
        Whether to do anything.

    Returns
    -------
    Tensor
        `input`.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.ones(3)
    >>> derivo.alpha_dropout_(x, 0.5, False) is x
    True
    """

def amax(
    input: Tensor,
    dim: Any = ...,
    keepdim: _bool = False,
    *,
    out: Any = None,
) -> Tensor:
    """Largest element, of all or along dimensions.

    Parameters
    ----------
    input : Tensor
        Any real dtype.
    dim : int or tuple of int, optional
        Dimensions to reduce; all if not given.
    keepdim : bool, default False
        Keep them with size one.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    IndexError
        If a reduced dimension has no elements.

    Notes
    -----
    NaN propagates. **Derivative** shared evenly among equal elements.

    Examples
    --------
    >>> import derivo
    >>> derivo.amax(derivo.tensor([[1, 2], [4, 3]]), 1)
    tensor([2, 4])
    """

def amin(
    input: Tensor,
    dim: Any = ...,
    keepdim: _bool = False,
    *,
    out: Any = None,
) -> Tensor:
    """Smallest element, of all or along dimensions.

    Parameters
    ----------
    input : Tensor
        Any real dtype.
    dim : int or tuple of int, optional
        Dimensions to reduce; all if not given.
    keepdim : bool, default False
        Keep them with size one.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    IndexError
        If a reduced dimension has no elements.

    Notes
    -----
    NaN propagates. **Derivative** shared evenly among equal elements.

    Examples
    --------
    >>> import derivo
    >>> derivo.amin(derivo.tensor([[1, 2], [4, 3]]), 1)
    tensor([1, 3])
    """

def aminmax(
    input: Tensor,
    *,
    dim: _int | None = None,
    keepdim: _bool = False,
    out: Any = None,
) -> Any:
    """Smallest and largest element, of all or along a dimension.

    Examples
    --------
    >>> import derivo
    >>> derivo.aminmax(derivo.tensor([1, 3])).max
    tensor(3)
    """
from . import amp as amp

def angle(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute the angle in the complex plane; of real numbers 0, or π if negative.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: 0 for real numbers, ``g * 1j * input / abs(input)**2`` for complex ones.

    Examples
    --------
    >>> x = derivo.tensor([-1.0, 2.0], requires_grad=True)
    >>> y = derivo.angle(x)
    >>> y
    tensor([3.1416, 0.0000], grad_fn=<AngleBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0., 0.])
    """

def any(
    input: Tensor,
    dim: Any = None,
    keepdim: _bool = False,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Whether some element is nonzero, of all or along some.

    Parameters
    ----------
    input : Tensor
        Any dtype.
    dim : int or tuple of int, optional
        Dimensions to reduce; all if not given.
    keepdim : bool, default False
        Keep them with size one.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        bool (uint8 for uint8).

    Examples
    --------
    >>> import derivo
    >>> derivo.any(derivo.tensor([True, False]))
    tensor(True)
    """

def arange(
    start: Number | Tensor,
    end: Number | Tensor | None = None,
    step: Number | Tensor = 1,
    *,
    out: Tensor | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
) -> Tensor:
    """Make a 1-D tensor of evenly spaced values in ``[start, end)``.

    Parameters
    ----------
    start : number
        First value; with one argument the end, from 0.
    end : number
        Where to stop; not contained.
    step : number, default 1
        Difference of neighbours.
    out : Tensor, optional
        Takes the result.
    dtype : dtype, optional
        By default int64 if all arguments are integers, else the default dtype.
    device : device, optional
        The CPU.
    requires_grad : bool, default False
        Whether operations on the tensor are recorded.

    Raises
    ------
    RuntimeError
        If the step is zero or leads away from the end.

    Examples
    --------
    >>> import derivo
    >>> derivo.arange(1, 10, 3)
    tensor([1, 4, 7])
    """

def arccos(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Take the inverse cosine; NaN outside [-1, 1].

    The same as `acos`.
    """

def arccos_(input: Tensor) -> Tensor:
    """Take the inverse cosine; NaN outside [-1, 1].

    In place; see `derivo.arccos`.
    """

def arccosh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Take the inverse hyperbolic cosine; NaN below 1.

    The same as `acosh`.
    """

def arccosh_(input: Tensor) -> Tensor:
    """Take the inverse hyperbolic cosine; NaN below 1.

    In place; see `derivo.arccosh`.
    """

def arcsin(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Take the inverse sine; NaN outside [-1, 1].

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``g / sqrt(1 - input**2)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 0.5], requires_grad=True)
    >>> y = derivo.asin(x)
    >>> y
    tensor([0.0000, 0.5236], grad_fn=<AsinBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1.0000, 1.1547])
    """

def arcsin_(input: Tensor) -> Tensor:
    """Take the inverse sine; NaN outside [-1, 1].

    In place; see `derivo.arcsin`.
    """

def arcsinh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Take the inverse hyperbolic sine.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``g / sqrt(input**2 + 1)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.asinh(x)
    >>> y
    tensor([0.0000, 0.8814], grad_fn=<AsinhBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1.0000, 0.7071])
    """

def arcsinh_(input: Tensor) -> Tensor:
    """Take the inverse hyperbolic sine.

    In place; see `derivo.arcsinh`.
    """

def arctan(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Take the inverse tangent.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``g / (1 + input**2)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.atan(x)
    >>> y
    tensor([0.0000, 0.7854], grad_fn=<AtanBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1.0000, 0.5000])
    """

def arctan2(
    input: Tensor,
    other: Tensor | Number,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Compute the angle of the point (`other`, `input`), from -π to π.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype.
    other : Tensor or Number
        Broadcast with the others, any real dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``g * other / r`` and ``-g * input / r``, with ``r`` the sum of the
    squares; 0 at the origin.

    Examples
    --------
    >>> x = derivo.tensor([1.0, -1.0], requires_grad=True)
    >>> y = derivo.atan2(x, derivo.tensor([1.0, -1.0]))
    >>> y
    tensor([ 0.7854, -2.3562], grad_fn=<Atan2Backward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([ 0.5000, -0.5000])
    """

def arctan_(input: Tensor) -> Tensor:
    """Take the inverse tangent.

    In place; see `derivo.arctan`.
    """

def arctanh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Take the inverse hyperbolic tangent; NaN outside [-1, 1].

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``g / (1 - input**2)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 0.5], requires_grad=True)
    >>> y = derivo.atanh(x)
    >>> y
    tensor([0.0000, 0.5493], grad_fn=<AtanhBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1.0000, 1.3333])
    """

def arctanh_(input: Tensor) -> Tensor:
    """Take the inverse hyperbolic tangent; NaN outside [-1, 1].

    In place; see `derivo.arctanh`.
    """

def argmax(
    input: Tensor,
    dim: _int | None = None,
    keepdim: _bool = False,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Position of the largest element, the first of several.

    Parameters
    ----------
    input : Tensor
        Any real dtype except bool.
    dim : int, optional
        The dimension; the position in the flattened tensor if not given.
    keepdim : bool, default False
        Keep the dimension with size one.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        int64. Has no gradient.

    Examples
    --------
    >>> import derivo
    >>> derivo.argmax(derivo.tensor([1.0, 3.0, 2.0]))
    tensor(1)
    """

def argmin(
    input: Tensor,
    dim: _int | None = None,
    keepdim: _bool = False,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Position of the smallest element, the first of several.

    Parameters
    ----------
    input : Tensor
        Any real dtype except bool.
    dim : int, optional
        The dimension; the position in the flattened tensor if not given.
    keepdim : bool, default False
        Keep the dimension with size one.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        int64. Has no gradient.

    Examples
    --------
    >>> import derivo
    >>> derivo.argmin(derivo.tensor([1.0, 3.0, 2.0]))
    tensor(0)
    """

def argsort(
    input: Tensor,
    dim: _int = -1,
    descending: _bool = False,
    stable: _bool = False,
) -> Tensor:
    """Return the indices that sort along a dimension.

    Examples
    --------
    >>> import derivo
    >>> derivo.argsort(derivo.tensor([3, 1, 2]))
    tensor([1, 2, 0])
    """

def argwhere(input: Tensor) -> Tensor:
    """Find the nonzero elements: their indices, one row each."""

def as_strided(input: Any, size: Any, stride: Any, storage_offset: Any = None) -> Any:
    """View the storage with any sizes, strides and offset (in elements).

    Parameters
    ----------
    input : Tensor
        Gives the storage.
    size, stride : sequence of int
        Geometry of the result; elements may overlap.
    storage_offset : int, optional
        From the start of the storage; that of the input if not given.

    Raises
    ------
    RuntimeError
        If the geometry leaves the storage.

    Examples
    --------
    >>> import derivo
    >>> derivo.arange(4.0).as_strided((2, 2), (1, 1))
    tensor([[0., 1.],
            [1., 2.]])
    """

def as_strided_(
    self: Tensor,
    size: Any,
    stride: Any,
    storage_offset: _int | None = None,
) -> Tensor:
    """Give the tensor another geometry on its storage; see `derivo.as_strided`."""

def as_strided_copy(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Any:
    """Contiguous copy of what `as_strided` views.

    Parameters
    ----------
    input : Tensor
        The tensor; further arguments are those of `as_strided`.
    out : Tensor, optional
        Takes the result.
    """

def as_strided_scatter(
    input: Tensor,
    src: Tensor,
    size: Sequence[_int],
    stride: Sequence[_int],
    storage_offset: _int | None = None,
) -> Tensor:
    """Copy a tensor, with what a geometry of its storage reads replaced.

    Parameters
    ----------
    input : Tensor
        Any shape; the copy has its strides.
    src : Tensor
        Shape `size`.
    size, stride, storage_offset
        The geometry (see `derivo.as_strided`).

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros(3).as_strided_scatter(derivo.ones(2), (2,), (2,))
    tensor([1., 0., 1.])
    """

def as_tensor(data: Any, dtype: dtype | None = None, device: Any = None) -> Tensor:
    """Make a tensor of some data, sharing memory and history where possible.

    Parameters
    ----------
    data : number, sequence, array or Tensor
        A tensor of the right dtype is returned as it is, a NumPy array is shared.
    dtype : dtype, optional
        Type of the elements; that of the data by default.
    device : device, optional
        The CPU.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.ones(2)
    >>> derivo.as_tensor(x) is x
    True
    """

def asarray(
    obj: Any,
    *,
    dtype: dtype | None = None,
    device: Any = None,
    copy: _bool | None = None,
    requires_grad: _bool = False,
) -> Tensor:
    """Convert an object to a tensor, sharing its memory unless a copy is wanted.

    Parameters
    ----------
    obj : Tensor, array, DLPack object, buffer, number or sequence
        What to convert. The memory of a buffer, such as a bytearray, is read as
        elements of `dtype` (see `frombuffer`).
    dtype : dtype, optional
        Type of the elements.
    device : device, optional
        The CPU.
    copy : bool, optional
        True: always copy; False: error if a copy would be needed.
    requires_grad : bool, default False
        Whether operations on the tensor are recorded.

    Raises
    ------
    ValueError
        If ``copy=False`` and the memory cannot be shared.

    Examples
    --------
    >>> import derivo
    >>> derivo.asarray([1, 2])
    tensor([1, 2])
    """

def asin(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Take the inverse sine; NaN outside [-1, 1].

    The same as `arcsin`.
    """

def asin_(input: Tensor) -> Tensor:
    """Take the inverse sine; NaN outside [-1, 1].

    In place; see `derivo.asin`.
    """

def asinh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Take the inverse hyperbolic sine.

    The same as `arcsinh`.
    """

def asinh_(input: Tensor) -> Tensor:
    """Take the inverse hyperbolic sine.

    In place; see `derivo.asinh`.
    """

def atan(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Take the inverse tangent.

    The same as `arctan`.
    """

def atan2(
    input: Tensor,
    other: Tensor | Number,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Compute the angle of the point (`other`, `input`), from -π to π.

    The same as `arctan2`.
    """

def atan_(input: Tensor) -> Tensor:
    """Take the inverse tangent.

    In place; see `derivo.atan`.
    """

def atanh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Take the inverse hyperbolic tangent; NaN outside [-1, 1].

    The same as `arctanh`.
    """

def atanh_(input: Tensor) -> Tensor:
    """Take the inverse hyperbolic tangent; NaN outside [-1, 1].

    In place; see `derivo.atanh`.
    """

def atleast_1d(*tensors: Any) -> Any:
    """View tensors with at least 1 dimension.

    Parameters
    ----------
    *tensors : Tensor
        One tensor, several, or a sequence of them.

    Returns
    -------
    Tensor or tuple of Tensor

    Examples
    --------
    >>> import derivo
    >>> derivo.atleast_1d(derivo.tensor(1)).dim()
    1
    """

def atleast_2d(*tensors: Any) -> Any:
    """View tensors with at least 2 dimensions.

    Parameters
    ----------
    *tensors : Tensor
        One tensor, several, or a sequence of them.

    Returns
    -------
    Tensor or tuple of Tensor

    Examples
    --------
    >>> import derivo
    >>> derivo.atleast_2d(derivo.tensor(1)).dim()
    2
    """

def atleast_3d(*tensors: Any) -> Any:
    """View tensors with at least 3 dimensions.

    Parameters
    ----------
    *tensors : Tensor
        One tensor, several, or a sequence of them.

    Returns
    -------
    Tensor or tuple of Tensor

    Examples
    --------
    >>> import derivo
    >>> derivo.atleast_3d(derivo.tensor(1)).dim()
    3
    """
from . import autograd as autograd
from . import backends as backends

def baddbmm(
    input: Tensor,
    batch1: Tensor,
    batch2: Tensor,
    *,
    beta: Number = 1,
    alpha: Number = 1,
    out: Tensor | None = None,
) -> Tensor:
    """Compute ``beta * input + alpha * (batch1 @ batch2)`` for batches of matrices.

    Parameters
    ----------
    input : Tensor
        Added; broadcast to ``(b, n, p)``.
    batch1 : Tensor
        Of shape ``(b, n, m)``.
    batch2 : Tensor
        Of shape ``(b, m, p)``; one dtype for all three.
    beta, alpha : Number
        Factors. With `beta` 0, `input` is not read.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of shape ``(b, n, p)``.

    Raises
    ------
    RuntimeError
        Shapes or dtypes that do not fit.
    NotImplementedError
        A dtype without products.

    Examples
    --------
    >>> import derivo as torch
    >>> c = torch.zeros(3, requires_grad=True)
    >>> torch.baddbmm(c, torch.ones(2, 4, 5), torch.ones(2, 5, 3)).sum().backward()
    >>> c.grad
    tensor([8., 8., 8.])
    """

def bernoulli(
    input: Tensor,
    p: _float | None = None,
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
bfloat16: DType

def bilinear(
    input1: Tensor,
    input2: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
) -> Tensor:
    """Compute ``input1[i] * weight[o, i, j] * input2[j]`` summed over i and j.

    Parameters
    ----------
    input1 : Tensor
        Of shape ``(*, in1_features)``.
    input2 : Tensor
        Of shape ``(*, in2_features)``.
    weight : Tensor
        Of shape ``(out_features, in1_features, in2_features)``.
    bias : Tensor, optional
        Of shape ``(out_features,)``.

    Returns
    -------
    Tensor
        Of shape ``(*, out_features)``.

    Raises
    ------
    RuntimeError
        Shapes that do not fit.

    Examples
    --------
    >>> import derivo as torch
    >>> w = torch.ones(1, 2, 3, requires_grad=True)
    >>> out = torch.nn.functional.bilinear(torch.ones(4, 2), torch.ones(4, 3), w)
    >>> out.sum().backward()
    >>> w.grad.shape
    torch.Size([1, 2, 3])
    """

def bincount(
    input: Tensor,
    weights: Tensor | None = None,
    minlength: _int = 0,
) -> Tensor:
    """Count how often each value occurs.

    Parameters
    ----------
    input : Tensor
        1-D, non-negative integers.
    weights : Tensor, optional
        Summed instead of counting.
    minlength : int, default 0
        Least length of the result.

    Examples
    --------
    >>> import derivo
    >>> derivo.bincount(derivo.tensor([0, 2, 2]))
    tensor([1, 0, 2])
    """

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

def bitwise_and(
    input: Tensor,
    other: Tensor | Number,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Combine the bits of two integers, or two truth values, by and.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, of integers or bool.
    other : Tensor or Number
        Broadcast with the others, any real dtype, of integers or bool.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: none, integers have no gradient.

    Examples
    --------
    >>> derivo.bitwise_and(derivo.tensor([12, 10]), derivo.tensor([10, 3]))
    tensor([8, 2])
    >>> a, b = derivo.tensor([True, False]), derivo.tensor([True, True])
    >>> mask = derivo.bitwise_and(a, b)
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> (x * mask).sum().backward()
    >>> x.grad
    tensor([1., 0.])
    """

def bitwise_left_shift(
    input: Tensor,
    other: Tensor | Number,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Shift the bits of an integer left; 0 where the count is out of range.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, of integers.
    other : Tensor or Number
        Broadcast with the others, any real dtype, of integers.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: none, integers have no gradient.

    Examples
    --------
    >>> n = derivo.bitwise_left_shift(derivo.tensor([1, 3]), derivo.tensor([4, 1]))
    >>> n
    tensor([16,  6])
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> (x * n).sum().backward()
    >>> x.grad
    tensor([16.,  6.])
    """

def bitwise_not(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Flip the bits of an integer, or a truth value.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, of integers or bool.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: none, integers have no gradient.

    Examples
    --------
    >>> derivo.bitwise_not(derivo.tensor([0, 5]))
    tensor([-1, -6])
    >>> mask = derivo.bitwise_not(derivo.tensor([True, False]))
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> (x * mask).sum().backward()
    >>> x.grad
    tensor([0., 1.])
    """

def bitwise_or(
    input: Tensor,
    other: Tensor | Number,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Combine the bits of two integers, or two truth values, by or.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, of integers or bool.
    other : Tensor or Number
        Broadcast with the others, any real dtype, of integers or bool.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: none, integers have no gradient.

    Examples
    --------
    >>> derivo.bitwise_or(derivo.tensor([12, 10]), derivo.tensor([10, 3]))
    tensor([14, 11])
    >>> a, b = derivo.tensor([True, False]), derivo.tensor([True, True])
    >>> mask = derivo.bitwise_or(a, b)
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> (x * mask).sum().backward()
    >>> x.grad
    tensor([1., 1.])
    """

def bitwise_right_shift(
    input: Tensor,
    other: Tensor | Number,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Shift the bits of an integer right, keeping the sign.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, of integers.
    other : Tensor or Number
        Broadcast with the others, any real dtype, of integers.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: none, integers have no gradient.

    Examples
    --------
    >>> n = derivo.bitwise_right_shift(derivo.tensor([16, -16]), derivo.tensor([2, 2]))
    >>> n
    tensor([ 4, -4])
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> (x * n).sum().backward()
    >>> x.grad
    tensor([ 4., -4.])
    """

def bitwise_xor(
    input: Tensor,
    other: Tensor | Number,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Combine the bits of two integers, or two truth values, by exclusive or.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, of integers or bool.
    other : Tensor or Number
        Broadcast with the others, any real dtype, of integers or bool.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: none, integers have no gradient.

    Examples
    --------
    >>> derivo.bitwise_xor(derivo.tensor([12, 10]), derivo.tensor([10, 3]))
    tensor([6, 9])
    >>> a, b = derivo.tensor([True, False]), derivo.tensor([True, True])
    >>> mask = derivo.bitwise_xor(a, b)
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> (x * mask).sum().backward()
    >>> x.grad
    tensor([0., 1.])
    """

def block_diag(*tensors: Any) -> Tensor:
    """Put matrices along the diagonal of one matrix, zeros elsewhere.

    Parameters
    ----------
    *tensors : Tensor
        At most 2-D each; vectors are rows, scalars matrices of one element.

    Raises
    ------
    RuntimeError
        If a tensor has more than two dimensions.

    Examples
    --------
    >>> import derivo
    >>> derivo.block_diag(derivo.tensor([[1, 2]]), derivo.tensor(3))
    tensor([[1, 2, 0],
            [0, 0, 3]])
    """

def bmm(input: Tensor, mat2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Product of each pair of matrices in two batches.

    Parameters
    ----------
    input : Tensor
        Of shape ``(b, n, m)``, any dtype except bool.
    mat2 : Tensor
        Of shape ``(b, m, p)`` and the same dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of shape ``(b, n, p)``.

    Raises
    ------
    RuntimeError
        Operands that are not 3-D, whose shapes or dtypes do not fit.
    NotImplementedError
        A dtype without products.

    Notes
    -----
    **Derivative**: of `mm`, for each pair. Nothing broadcasts; see `matmul`.

    Examples
    --------
    >>> import derivo as torch
    >>> a = torch.ones(2, 1, 3, requires_grad=True)
    >>> torch.bmm(a, torch.ones(2, 3, 1)).sum().backward()
    >>> a.grad.shape
    torch.Size([2, 1, 3])
    """
bool: DType

def broadcast_shapes(*shapes: Any) -> Any:
    """Return the shape to which shapes broadcast.

    Raises
    ------
    RuntimeError
        If they do not.

    Examples
    --------
    >>> import derivo
    >>> derivo.broadcast_shapes((2, 1), (3,))
    torch.Size([2, 3])
    """

def broadcast_tensors(*tensors: Any) -> tuple[Tensor, ...]:
    """Expand tensors to their common shape.

    Examples
    --------
    >>> import derivo
    >>> a, b = derivo.broadcast_tensors(derivo.ones(2, 1), derivo.ones(3))
    >>> a.shape == b.shape
    True
    """

def broadcast_to(input: Tensor, size: Sequence[_int]) -> Tensor:
    """Expand to a shape.

    Examples
    --------
    >>> import derivo
    >>> derivo.broadcast_to(derivo.ones(1), (2, 2)).shape
    torch.Size([2, 2])
    """

def bucketize(
    input: Any,
    boundaries: Tensor,
    *,
    out_int32: _bool = False,
    right: _bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """Which of the intervals between boundaries values lie in.

    Parameters
    ----------
    input : Tensor or Number
        Any shape.
    boundaries : Tensor
        1-D, ascending.
    out_int32 : bool, default False
        The result is int32 rather than int64.
    right : bool, default False
        A value at a boundary belongs to the interval above it.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    RuntimeError
        If `boundaries` is not 1-D or of another dtype.

    Examples
    --------
    >>> import derivo
    >>> derivo.bucketize(derivo.tensor([0, 4]), derivo.tensor([1, 3, 5]))
    tensor([0, 2])
    """

def can_cast(from_: Any, to: Any) -> Any:
    """Whether a value may be stored in `to` without changing its kind.

    Examples
    --------
    >>> import derivo
    >>> derivo.can_cast(derivo.float32, derivo.int32)
    False
    """

def cartesian_prod(*tensors: Any) -> Tensor:
    """All tuples with one element of each vector, as rows.

    Parameters
    ----------
    *tensors : Tensor
        1-D, of one dtype.

    Examples
    --------
    >>> import derivo
    >>> derivo.cartesian_prod(derivo.tensor([1, 2]), derivo.tensor([3, 4])).tolist()
    [[1, 3], [1, 4], [2, 3], [2, 4]]
    """

def cat(
    tensors: Sequence[Tensor],
    dim: _int = 0,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Join tensors along a dimension.

    Parameters
    ----------
    tensors : sequence of Tensor
        Of one shape except in dimension `dim`; 1-D tensors without elements are left
        out. Different dtypes are promoted.
    dim : int, default 0
        The dimension.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    RuntimeError
        If the other sizes differ, or there is nothing to join.

    Examples
    --------
    >>> import derivo
    >>> derivo.cat([derivo.zeros(1), derivo.ones(2)])
    tensor([0., 1., 1.])
    """

def cdist(x1: Tensor, x2: Tensor, p: _float = 2.0, compute_mode: Any = None) -> Tensor:
    """Distances between every row of one matrix and every row of another.

    Parameters
    ----------
    x1 : Tensor of shape (..., P, M)
        Floating point.
    x2 : Tensor of shape (..., R, M)
        Of the same dtype; leading dimensions broadcast.
    p : float, default 2
        Of the norm, not negative.
    compute_mode : str, optional
        Accepted; the differences are always formed, which is exact for close points.

    Returns
    -------
    Tensor of shape (..., P, R)

    Raises
    ------
    RuntimeError
        If shapes do not fit or `p` is negative.

    Notes
    -----
    **Derivative** zero where two points meet.

    Examples
    --------
    >>> import derivo
    >>> derivo.cdist(derivo.zeros(1, 2), derivo.tensor([[3.0, 4.0]]))
    tensor([[5.]])
    """
cdouble: DType

def ceil(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Round up.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype except bool.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: 0.

    Examples
    --------
    >>> x = derivo.tensor([1.5, -1.5], requires_grad=True)
    >>> y = derivo.ceil(x)
    >>> y
    tensor([ 2., -1.], grad_fn=<CeilBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0., 0.])
    """

def ceil_(input: Tensor) -> Tensor:
    """Round up.

    In place; see `derivo.ceil`.
    """

def celu(input: Tensor, alpha: _float = 1.0) -> Tensor:
    """Exponential linear unit with slope 1 on both sides of 0.

    See `derivo.nn.functional.celu`.
    """

def celu_(input: Tensor, alpha: _float = 1.0) -> Tensor:
    """Exponential linear unit with slope 1 on both sides of 0.

    In place; see `derivo.nn.functional.celu`.
    """
cfloat: DType

def chain_matmul(*matrices: Tensor, out: Tensor | None = None) -> Tensor:
    """Product of a chain of matrices; `linalg.multi_dot` is its newer form.

    Parameters
    ----------
    *matrices : Tensor
        At least one matrix.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        The product.

    Raises
    ------
    RuntimeError
        No matrix, operands that are not matrices, sizes that do not chain.

    Examples
    --------
    >>> import derivo as torch
    >>> a = torch.ones(2, 3, requires_grad=True)
    >>> torch.chain_matmul(a, torch.ones(3, 1)).sum().backward()
    >>> a.grad
    tensor([[1., 1., 1.],
            [1., 1., 1.]])
    """

def channel_shuffle(input: Tensor, groups: _int) -> Tensor:
    """Interleave the channels of groups.

    Parameters
    ----------
    input : Tensor
        At least 3-D, channels in the second dimension, divisible by `groups`.
    groups : int
        Number of groups.

    Raises
    ------
    RuntimeError
        If the shape does not fit.

    Examples
    --------
    >>> import derivo
    >>> derivo.channel_shuffle(derivo.arange(4).view(1, 4, 1), 2).flatten()
    tensor([0, 2, 1, 3])
    """
channels_last: memory_format
channels_last_3d: memory_format

def cholesky(
    input: Tensor,
    upper: _bool = False,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Cholesky factors of positive definite matrices; see `linalg.cholesky`.

    Examples
    --------
    >>> import derivo
    >>> derivo.cholesky(4 * derivo.eye(2))
    tensor([[2., 0.],
            [0., 2.]])
    """

def cholesky_inverse(
    L: Tensor,
    upper: _bool = False,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Inverse of a matrix given its Cholesky factor.

    Parameters
    ----------
    L : Tensor
        The factor, of shape ``(*, n, n)``.
    upper : bool, default False
        Whether `L` is the upper triangular one.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import derivo
    >>> derivo.cholesky_inverse(2 * derivo.eye(2))
    tensor([[0.2500, 0.0000],
            [0.0000, 0.2500]])
    """

def cholesky_solve(
    B: Tensor,
    L: Tensor,
    upper: _bool = False,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Solve ``A X = B`` given the Cholesky factor of `A`.

    Parameters
    ----------
    B : Tensor
        Right-hand sides, of shape ``(*, n, k)``.
    L : Tensor
        The factor, of shape ``(*, n, n)``.
    upper : bool, default False
        Whether `L` is the upper triangular one.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import derivo
    >>> derivo.cholesky_solve(derivo.ones(2, 1), 2 * derivo.eye(2))
    tensor([[0.2500],
            [0.2500]])
    """

def chunk(input: Tensor, chunks: _int, dim: _int = 0) -> tuple[Tensor, ...]:
    """Take a tensor apart into (at most) `chunks` views along a dimension.

    Examples
    --------
    >>> import derivo
    >>> [p.tolist() for p in derivo.chunk(derivo.arange(5), 2)]
    [[0, 1, 2], [3, 4]]
    """

def clamp(
    input: Tensor,
    min: Tensor | Number | None = None,
    max: Tensor | Number | None = None,
    *,
    out: Any = None,
) -> Tensor:
    """Bring every element into the range from `min` to `max`.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    min, max : Tensor or Number, optional
        Bounds, broadcast with `input`; one may be left out. Where they cross, the
        result is `max`.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape, in the promoted dtype; NaN stays NaN.

    Raises
    ------
    RuntimeError
        If both bounds are left out.

    Notes
    -----
    Derivative: ``g`` inside the range and at its bounds, 0 outside, where it goes to
    the bound.

    Examples
    --------
    >>> x = derivo.tensor([-2.0, 0.5, 2.0], requires_grad=True)
    >>> y = derivo.clamp(x, -1, 1)
    >>> y
    tensor([-1.0000,  0.5000,  1.0000], grad_fn=<ClampBackward1>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0., 1., 0.])
    """

def clamp_(
    input: Tensor,
    min: Tensor | Number | None = None,
    max: Tensor | Number | None = None,
) -> Tensor:
    """Bring every element into the range from `min` to `max`.

    In place; see `derivo.clamp`.
    """

def clamp_max(input: Tensor, max: Tensor | Number, *, out: Any = None) -> Tensor:
    """Lower every element to at most `max`.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    max : Tensor or Number
        Broadcast with `input`.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape, in the promoted dtype.

    Notes
    -----
    Derivative: ``g`` where `input` is at most `max`, else it goes to `max`.

    Examples
    --------
    >>> x = derivo.tensor([-2.0, 0.5], requires_grad=True)
    >>> y = derivo.clamp_max(x, 0)
    >>> y
    tensor([-2.,  0.], grad_fn=<ClampMaxBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1., 0.])
    """

def clamp_max_(input: Tensor, max: Tensor | Number) -> Tensor:
    """Lower every element to at most `max`.

    In place; see `derivo.clamp_max`.
    """

def clamp_min(input: Tensor, min: Tensor | Number, *, out: Any = None) -> Tensor:
    """Raise every element to at least `min`.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    min : Tensor or Number
        Broadcast with `input`.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape, in the promoted dtype.

    Notes
    -----
    Derivative: ``g`` where `input` is at least `min`, else it goes to `min`.

    Examples
    --------
    >>> x = derivo.tensor([-2.0, 0.5], requires_grad=True)
    >>> y = derivo.clamp_min(x, 0)
    >>> y
    tensor([0.0000, 0.5000], grad_fn=<ClampMinBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0., 1.])
    """

def clamp_min_(input: Tensor, min: Tensor | Number) -> Tensor:
    """Raise every element to at least `min`.

    In place; see `derivo.clamp_min`.
    """

def clip(
    input: Tensor,
    min: Tensor | Number | None = None,
    max: Tensor | Number | None = None,
    *,
    out: Any = None,
) -> Tensor:
    """Bring every element into the range from `min` to `max`.

    The same as `clamp`.
    """

def clip_(
    input: Tensor,
    min: Tensor | Number | None = None,
    max: Tensor | Number | None = None,
) -> Tensor:
    """Bring every element into the range from `min` to `max`.

    The same as `clamp_`.
    """

def clone(input: Tensor, *, memory_format: Any = None) -> Tensor:
    """Return a copy; gradients flow back to the original.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    memory_format : memory_format, optional
        Keeps dense strides by default; ``contiguous_format`` gives row-major order.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.ones(1, requires_grad=True)
    >>> x.clone().grad_fn.name()
    'CloneBackward0'
    """

def column_stack(tensors: Any, *, out: Tensor | None = None) -> Tensor:
    """Join as columns: along the second dimension, vectors becoming columns.

    Parameters
    ----------
    tensors : sequence of Tensor
        Equal in the other dimensions; different dtypes are promoted.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    RuntimeError
        If sizes differ, or there is nothing to stack.

    Examples
    --------
    >>> import derivo
    >>> a = derivo.tensor([1, 2])
    >>> derivo.column_stack([a, a]).tolist()
    [[1, 1], [2, 2]]
    """

def combinations(input: Tensor, r: _int = 2, with_replacement: _bool = False) -> Tensor:
    """All choices of `r` elements of a vector, in order, as rows.

    Parameters
    ----------
    input : Tensor
        1-D.
    r : int, default 2
        How many elements.
    with_replacement : bool, default False
        Whether an element may be chosen again.

    Examples
    --------
    >>> import derivo
    >>> derivo.combinations(derivo.tensor([1, 2, 3])).tolist()
    [[1, 2], [1, 3], [2, 3]]
    """

def complex(real: Tensor, imag: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Make a complex tensor from real and imaginary parts.

    Parameters
    ----------
    real, imag : Tensor
        Of one dtype, float32 or float64; broadcast with each other.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        complex64 or complex128.

    Raises
    ------
    RuntimeError
        If the dtypes differ or are not float32 or float64.

    Notes
    -----
    **Derivative**: the real part of ``g`` for `real`, the imaginary part for `imag`.

    Examples
    --------
    >>> import derivo
    >>> derivo.complex(derivo.ones(1), derivo.zeros(1))
    tensor([1.+0.j])
    """
complex128: DType
complex64: DType

def concat(
    tensors: Sequence[Tensor],
    dim: _int = 0,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Join tensors along a dimension.

    The same as `cat`.
    """

def concatenate(
    tensors: Sequence[Tensor],
    dim: _int = 0,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Join tensors along a dimension.

    The same as `cat`.
    """

def conj(input: Tensor) -> Tensor:
    """Give the complex conjugate, which for real numbers is `input` itself.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.

    Returns
    -------
    Tensor
        Of the shape and dtype of `input`; the same tensor if it is real.

    Notes
    -----
    Derivative: the conjugate of ``g``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, -2.0], requires_grad=True)
    >>> derivo.conj(x) is x
    True
    >>> derivo.conj(x).sum().backward()
    >>> x.grad
    tensor([1., 1.])
    """

def conj_physical(input: Tensor) -> Tensor:
    """Give the complex conjugate; see `derivo.conj`.

    Examples
    --------
    >>> derivo.conj_physical(derivo.tensor([1 + 2j]))
    tensor([1.-2.j])
    """

def conj_physical_(input: Tensor) -> Tensor:
    """Give the complex conjugate.

    In place; see `derivo.conj`.
    """

def constant_pad_nd(input: Tensor, pad: Sequence[_int], value: Number = 0) -> Tensor:
    """Surround a tensor with a constant.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    pad : sequence of int
        Pairs (before, after), last dimension first; negative ones cut off.
    value : number, default 0
        The constant.

    Raises
    ------
    RuntimeError
        If there are more pairs than dimensions, an odd number of entries, or a size
        would become negative.

    Notes
    -----
    **Derivative** the gradient without its borders.

    Examples
    --------
    >>> import derivo
    >>> derivo.constant_pad_nd(derivo.tensor([1, 2]), (1, 0))
    tensor([0, 1, 2])
    """
contiguous_format: memory_format

def copysign(input: Tensor, other: Tensor | Number, *, out: Any = None) -> Tensor:
    """Give the magnitude of `input` the sign of `other`.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    other : Tensor or Number
        Broadcast with `input`; the sign of -0.0 counts as negative.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape; integers become the default dtype.

    Notes
    -----
    Derivative: ``g`` or ``-g`` for `input`, 0 where it is 0; 0 for `other`.

    Examples
    --------
    >>> x = derivo.tensor([1.0, -2.0], requires_grad=True)
    >>> y = derivo.copysign(x, -1.0)
    >>> y
    tensor([-1., -2.], grad_fn=<CopysignBackward1>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([-1.,  1.])
    """

def corrcoef(input: Tensor) -> Tensor:
    """Correlation coefficients of variables in rows.

    Parameters
    ----------
    input : Tensor
        At most 2-D; the columns are observations.

    Returns
    -------
    Tensor of shape (variables, variables)
        In [-1, 1]; a scalar for one variable.

    Examples
    --------
    >>> import derivo
    >>> derivo.corrcoef(derivo.tensor([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]))
    tensor([[ 1., -1.],
            [-1.,  1.]])
    """

def cos(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Take the cosine.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``-g * sin(input)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.cos(x)
    >>> y
    tensor([1.0000, 0.5403], grad_fn=<CosBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([-0.0000, -0.8415])
    """

def cos_(input: Tensor) -> Tensor:
    """Take the cosine.

    In place; see `derivo.cos`.
    """

def cosh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Take the hyperbolic cosine.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``g * sinh(input)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.cosh(x)
    >>> y
    tensor([1.0000, 1.5431], grad_fn=<CoshBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.0000, 1.1752])
    """

def cosh_(input: Tensor) -> Tensor:
    """Take the hyperbolic cosine.

    In place; see `derivo.cosh`.
    """

def count_nonzero(input: Tensor, dim: Any = None) -> Tensor:
    """Count the nonzero elements, of all or along dimensions.

    Examples
    --------
    >>> import derivo
    >>> derivo.count_nonzero(derivo.tensor([0, 1, 2]))
    tensor(2)
    """

def cov(
    input: Tensor,
    *,
    correction: _int = 1,
    fweights: Tensor | None = None,
    aweights: Tensor | None = None,
) -> Tensor:
    """Covariances of variables in rows, of which the columns are observations.

    Parameters
    ----------
    input : Tensor
        At most 2-D; any dtype but bool.
    correction : int, default 1
        What is subtracted from the number of observations.
    fweights : Tensor, optional
        How often each observation was made, integers.
    aweights : Tensor, optional
        How much each observation counts, floating point.

    Returns
    -------
    Tensor of shape (variables, variables)
        A scalar for one variable.

    Raises
    ------
    RuntimeError
        If shapes or dtypes do not fit.

    Examples
    --------
    >>> import derivo
    >>> derivo.cov(derivo.tensor([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]))
    tensor([[ 1., -1.],
            [-1.,  1.]])
    """

def cross(
    input: Tensor,
    other: Tensor,
    dim: _int | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Cross product of vectors in three dimensions.

    Parameters
    ----------
    input, other : Tensor
        With the same number of dimensions, and of size 3 in `dim`.
    dim : int, optional
        The dimension of the vectors; by default the first of size 3.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape.

    Raises
    ------
    RuntimeError
        No dimension of size 3, numbers of dimensions that differ.

    Examples
    --------
    >>> import derivo as torch
    >>> a = torch.tensor([1.0, 0.0, 0.0], requires_grad=True)
    >>> torch.cross(a, torch.tensor([0.0, 1.0, 0.0]), dim=0).sum().backward()
    >>> a.grad
    tensor([ 1.,  0., -1.])
    """
from . import cuda as cuda

def cummax(input: Tensor, dim: _int, *, out: Any = None) -> Any:
    """Running largest element along a dimension, and where it is.

    Parameters
    ----------
    input : Tensor
        Any real dtype.
    dim : int
        The dimension.

    Returns
    -------
    named tuple of Tensor
        ``values`` and ``indices``.

    Examples
    --------
    >>> import derivo
    >>> derivo.cummax(derivo.tensor([2, 1, 3]), 0).values
    tensor([2, 2, 3])
    """

def cummin(input: Tensor, dim: _int, *, out: Any = None) -> Any:
    """Running smallest element along a dimension, and where it is.

    Parameters
    ----------
    input : Tensor
        Any real dtype.
    dim : int
        The dimension.

    Returns
    -------
    named tuple of Tensor
        ``values`` and ``indices``.

    Examples
    --------
    >>> import derivo
    >>> derivo.cummin(derivo.tensor([2, 1, 3]), 0).values
    tensor([2, 1, 1])
    """

def cumprod(
    input: Tensor,
    dim: _int,
    *,
    dtype: dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Multiply the elements up to each one along a dimension.

    Parameters
    ----------
    input : Tensor
        Any dtype; integers and bool are multiplied as int64.
    dim : int
        The dimension.
    dtype : dtype, optional
        Convert to it first.
    out : Tensor, optional
        Takes the result.

    Examples
    --------
    >>> import derivo
    >>> derivo.cumprod(derivo.tensor([1, 2, 3]), 0)
    tensor([1, 2, 6])
    """

def cumsum(
    input: Tensor,
    dim: _int,
    *,
    dtype: dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Sum the elements up to each one along a dimension.

    Parameters
    ----------
    input : Tensor
        Any dtype; integers and bool are summed as int64.
    dim : int
        The dimension.
    dtype : dtype, optional
        Convert to it first.
    out : Tensor, optional
        Takes the result.

    Notes
    -----
    Accumulated in double precision. **Derivative** the running sum of the gradient
    from the other end.

    Examples
    --------
    >>> import derivo
    >>> derivo.cumsum(derivo.tensor([1, 2, 3]), 0)
    tensor([1, 3, 6])
    """

def cumulative_trapezoid(
    y: Tensor,
    x: Tensor | None = None,
    *,
    dx: Any = None,
    dim: _int = -1,
) -> Tensor:
    """Integrate along a dimension, step by step, by the trapezoidal rule.

    Parameters
    ----------
    y : Tensor
        Values, n along the dimension.
    x : Tensor, optional
        Where they were taken: 1-D, or of `y`'s shape.
    dx : number, default 1
        Distance of the points, if `x` is not given.
    dim : int, default -1
        The dimension.

    Returns
    -------
    Tensor
        n - 1 along the dimension.

    Examples
    --------
    >>> import derivo
    >>> derivo.cumulative_trapezoid(derivo.tensor([1.0, 2.0, 3.0]))
    tensor([1.5000, 4.0000])
    """
from derivo.autograd.custom import custom_jvp as custom_jvp
from derivo.autograd.implicit import custom_linear_solve as custom_linear_solve
from derivo.autograd.implicit import custom_root as custom_root
from derivo.autograd.custom import custom_vjp as custom_vjp
default_generator: Generator

def deg2rad(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Convert degrees to radians.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``g * pi / 180``.

    Examples
    --------
    >>> x = derivo.tensor([180.0, -90.0], requires_grad=True)
    >>> y = derivo.deg2rad(x)
    >>> y
    tensor([ 3.1416, -1.5708], grad_fn=<Deg2RadBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.0175, 0.0175])
    """

def deg2rad_(input: Tensor) -> Tensor:
    """Convert degrees to radians.

    In place; see `derivo.deg2rad`.
    """

def det(A: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Determinants of square matrices.

    Parameters
    ----------
    A : Tensor
        Of shape ``(*, n, n)``, floating point or complex.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of shape ``(*,)``.

    Notes
    -----
    **Derivative**: the matrix of cofactors, ``conj(det(A)) A^-H``; of a singular matrix
    by its singular values.

    Examples
    --------
    >>> import derivo
    >>> a = derivo.tensor([[2.0, 0.0], [0.0, 3.0]], requires_grad=True)
    >>> derivo.linalg.det(a).backward()
    >>> a.grad
    tensor([[3., 0.],
            [0., 2.]])
    """

def detach(self: Tensor) -> Tensor:
    """Return a tensor on the same storage without history.

    Writing to it counts as writing to the original: saved tensors notice.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.ones(1, requires_grad=True)
    >>> (x * 2).detach().requires_grad
    False
    """

def detach_(self: Tensor) -> Tensor:
    """Cut this tensor out of the graph, making it a leaf.

    Raises
    ------
    RuntimeError
        For views, whose base would stay in the graph.
    """

def detach_copy(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Any:
    """Contiguous copy of what `detach` views.

    Parameters
    ----------
    input : Tensor
        The tensor; further arguments are those of `detach`.
    out : Tensor, optional
        Takes the result.
    """
from derivo._info import device as device

def diag(input: Tensor, diagonal: _int = 0, *, out: Tensor | None = None) -> Tensor:
    """Diagonal of a matrix, as a copy; or the matrix of a diagonal.

    Parameters
    ----------
    input : Tensor
        2-D, whose diagonal is taken; or 1-D, which goes onto a diagonal.
    diagonal : int, default 0
        Which diagonal.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    RuntimeError
        If the tensor is neither 1-D nor 2-D.

    Examples
    --------
    >>> import derivo
    >>> derivo.diag(derivo.tensor([[1, 2], [3, 4]]))
    tensor([1, 4])
    """

def diag_embed(
    input: Tensor,
    offset: _int = 0,
    dim1: _int = -2,
    dim2: _int = -1,
) -> Tensor:
    """Make matrices whose diagonals are the rows of a tensor.

    Parameters
    ----------
    input : Tensor
        At least 1-D; the last dimension goes onto the diagonal.
    offset : int, default 0
        Which diagonal: above (positive) or below (negative) the main one.
    dim1, dim2 : int
        Where the two dimensions of the matrices come in the result.

    Raises
    ------
    RuntimeError, IndexError
        If the dimensions are the same or out of range.

    Notes
    -----
    **Derivative** the diagonal of the gradient.

    Examples
    --------
    >>> import derivo
    >>> derivo.diag_embed(derivo.tensor([1, 2]))
    tensor([[1, 0],
            [0, 2]])
    """

def diagflat(input: Tensor, offset: _int = 0) -> Tensor:
    """Matrix whose diagonal is the flattened tensor.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    offset : int, default 0
        Which diagonal.

    Examples
    --------
    >>> import derivo
    >>> derivo.diagflat(derivo.tensor([[1], [2]]))
    tensor([[1, 0],
            [0, 2]])
    """

def diagonal(input: Any, offset: Any = 0, dim1: Any = 0, dim2: Any = 1) -> Any:
    """View the diagonal of two dimensions, which becomes the last dimension.

    Parameters
    ----------
    input : Tensor
        At least two dimensions.
    offset : int, default 0
        Which diagonal: above (positive) or below (negative) the main one.
    dim1, dim2 : int
        The dimensions.

    Examples
    --------
    >>> import derivo
    >>> derivo.tensor([[1, 2], [3, 4]]).diagonal()
    tensor([1, 4])
    """

def diagonal_copy(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Any:
    """Contiguous copy of what `diagonal` views.

    Parameters
    ----------
    input : Tensor
        The tensor; further arguments are those of `diagonal`.
    out : Tensor, optional
        Takes the result.
    """

def diagonal_scatter(
    input: Tensor,
    src: Tensor,
    offset: _int = 0,
    dim1: _int = 0,
    dim2: _int = 1,
) -> Tensor:
    """Copy a tensor, with a diagonal replaced.

    Parameters
    ----------
    input : Tensor
        At least two dimensions.
    src : Tensor
        Shape of the diagonal.
    offset, dim1, dim2 : int
        Which diagonal (see `derivo.diagonal`).

    Raises
    ------
    RuntimeError
        If the shape of `src` does not fit.

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros(2, 2).diagonal_scatter(derivo.ones(2))
    tensor([[1., 0.],
            [0., 1.]])
    """

def diff(
    input: Tensor,
    n: _int = 1,
    dim: _int = -1,
    prepend: Tensor | None = None,
    append: Tensor | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Differences of neighbours along a dimension.

    Parameters
    ----------
    input : Tensor
        At least 1-D, any dtype (of bool: the exclusive or).
    n : int, default 1
        How many times.
    dim : int, default -1
        The dimension.
    prepend, append : Tensor, optional
        Put before and after `input` first.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    RuntimeError
        If `input` has no dimension, or `n` is negative.

    Examples
    --------
    >>> import derivo
    >>> derivo.diff(derivo.tensor([1, 4, 9]))
    tensor([3, 5])
    """

def digamma(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute the logarithmic derivative of the gamma function.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``g * polygamma(1, input)``.

    Examples
    --------
    >>> x = derivo.tensor([0.5, 4.0], requires_grad=True)
    >>> y = derivo.digamma(x)
    >>> y
    tensor([-1.9635,  1.2561], grad_fn=<DigammaBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([4.9348, 0.2838])
    """

def dist(input: Tensor, other: Tensor, p: _float = 2) -> Tensor:
    """p-norm of the difference of two tensors.

    Parameters
    ----------
    input, other : Tensor
        Floating point, broadcast together.
    p : float, default 2
        Of the norm.

    Returns
    -------
    Tensor
        0-D.

    Examples
    --------
    >>> import derivo
    >>> derivo.dist(derivo.zeros(2), derivo.tensor([3.0, 4.0]))
    tensor(5.)
    """

def div(
    input: Tensor,
    other: Tensor | Number,
    *,
    rounding_mode: str | None = None,
    out: Any = None,
) -> Tensor:
    """Divide `input` by `other`, with the quotient rounded if asked.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    other : Tensor or Number
        Broadcast with `input`.
    rounding_mode : {None, "trunc", "floor"}
        Exact quotient (integers become the default dtype), rounded towards zero, or
        rounded down.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape.

    Raises
    ------
    RuntimeError
        If `rounding_mode` is unknown, or integers are divided by zero.

    Notes
    -----
    Derivative: ``g / other`` and ``-g * input / other**2``; 0 where the quotient is
    rounded.

    Examples
    --------
    >>> x = derivo.tensor([7.0, -7.0], requires_grad=True)
    >>> derivo.div(x, 2, rounding_mode="floor")
    tensor([ 3., -4.], grad_fn=<DivBackward2>)
    >>> y = derivo.div(x, 2)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.5000, 0.5000])
    """

def divide(
    input: Tensor,
    other: Tensor | Number,
    *,
    rounding_mode: str | None = None,
    out: Any = None,
) -> Tensor:
    """Divide `input` by `other`, with the quotient rounded if asked.

    The same as `div`.
    """

def dot(input: Tensor, tensor: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Sum of the products of two vectors' elements.

    Parameters
    ----------
    input, tensor : Tensor
        Of the same shape ``(n,)`` and dtype, any but bool.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        0-d.

    Raises
    ------
    RuntimeError
        Operands that are not vectors of the same length and dtype.
    NotImplementedError
        A dtype without products.

    Notes
    -----
    **Derivative**: ``g * tensor`` and ``g * input``.

    Examples
    --------
    >>> import derivo as torch
    >>> v = torch.tensor([1.0, 2.0], requires_grad=True)
    >>> torch.dot(v, torch.tensor([3.0, 4.0])).backward()
    >>> v.grad
    tensor([3., 4.])
    """
double: DType

def dropout(input: Tensor, p: _float, train: _bool) -> Tensor:
    """Zero each element with probability `p` and scale the others by 1 / (1 - p).

    Parameters
    ----------
    input : Tensor
        Any shape, floating point.
    p : float
        Probability of a zero.
    train : bool
        Whether to do anything.

    Returns
    -------
    Tensor
        `input` itself if nothing is to be done.

    Examples
    --------
    >>> import derivo
    >>> _ = derivo.manual_seed(0)
    >>> derivo.dropout(derivo.ones(4), 0.5, True)
    tensor([0., 0., 2., 0.])
    """

def dropout_(input: Tensor, p: _float, train: _bool) -> Tensor:
    """Zero elements in place; see `derivo.dropout`.

    Parameters
    ----------
    input : Tensor
        Changed and returned.
    p : float
        Probability of being dropped.
    train : bool
        Whether to do anything.

    Returns
    -------
    Tensor
        `input`.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.ones(3)
    >>> derivo.dropout_(x, 0.5, False) is x
    True
    """

def dsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Take a tensor apart along its third dimension.

    Parameters
    ----------
    input : Tensor
        At least 3-D.
    indices_or_sections : int or sequence of int
        Number of equal parts, or where the parts begin after the first.

    Raises
    ------
    RuntimeError
        If the size is not divisible, or there are too few dimensions.

    Examples
    --------
    >>> import derivo
    >>> [p.shape[-1] for p in derivo.dsplit(derivo.zeros(2, 2, 2), 2)]
    [1, 1]
    """

def dstack(tensors: Any, *, out: Tensor | None = None) -> Tensor:
    """Join in depth: along the third dimension.

    Parameters
    ----------
    tensors : sequence of Tensor
        Equal in the other dimensions; different dtypes are promoted.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    RuntimeError
        If sizes differ, or there is nothing to stack.

    Examples
    --------
    >>> import derivo
    >>> a = derivo.tensor([1, 2])
    >>> derivo.dstack([a, a]).shape
    torch.Size([1, 2, 2])
    """
dtype = DType
e: _float

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
from derivo.ops.definitions import elementwise as elementwise

def embedding(
    weight: Tensor,
    indices: Tensor,
    padding_idx: _int = -1,
    scale_grad_by_freq: _bool = False,
    sparse: _bool = False,
) -> Tensor:
    """Look up rows of a matrix (see `derivo.nn.functional.embedding`).

    Parameters
    ----------
    weight : Tensor
        Rows, [count, size].
    indices : Tensor
        int32 or int64, any shape.
    padding_idx : int, default -1
        Row that gets no gradient; -1: none.
    scale_grad_by_freq : bool, default False
        Divide the gradient of a row by how often it was looked up.
    sparse : bool, default False
        Must be False: gradients are dense.

    Raises
    ------
    IndexError
        If an index is out of range.

    Examples
    --------
    >>> import derivo
    >>> derivo.embedding(derivo.eye(2), derivo.tensor([1]))
    tensor([[0., 1.]])
    """

def empty(
    *size: Any,
    out: Tensor | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Make a tensor of arbitrary values.

    Parameters
    ----------
    *size : int
        Sizes of the dimensions, one by one or as one sequence.
    out : Tensor, optional
        Takes the result.
    dtype : dtype, optional
        Type of the elements; the default dtype if not given.
    device : device, optional
        The CPU.
    requires_grad : bool, default False
        Whether operations on the tensor are recorded.

    Raises
    ------
    RuntimeError
        If a size is negative.

    Examples
    --------
    >>> import derivo
    >>> derivo.empty(2, 3).shape
    torch.Size([2, 3])
    """

def empty_cache() -> Any:
    """Give all cached free memory back to the operating system."""

def empty_like(
    input: Tensor,
    *,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Make a tensor of arbitrary values with the shape and layout of another.

    Parameters
    ----------
    input : Tensor
        Gives shape, memory layout and (by default) dtype.
    dtype : dtype, optional
        Type of the elements.
    device : device, optional
        The CPU.
    requires_grad : bool, default False
        Whether operations on the tensor are recorded.

    Examples
    --------
    >>> import derivo
    >>> derivo.empty_like(derivo.ones(2, 2)).shape
    torch.Size([2, 2])
    """

def empty_permuted(
    size: Sequence[_int],
    physical_layout: Sequence[_int],
    *,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
) -> Tensor:
    """Make a tensor of arbitrary values whose dimensions lie in a given order.

    Parameters
    ----------
    size : sequence of int
        Sizes of the dimensions.
    physical_layout : sequence of int
        The dimensions from outermost to innermost in memory.
    """

def empty_strided(
    size: Sequence[_int],
    stride: Sequence[_int],
    *,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
) -> Tensor:
    """Make a tensor of arbitrary values with given strides (in elements).

    Examples
    --------
    >>> import derivo
    >>> derivo.empty_strided((2, 3), (1, 2)).stride()
    (1, 2)
    """
from derivo.autograd.grad_mode import enable_grad as enable_grad

def eq(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Tell where `input` is equal to `other`; false where either is NaN.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    other : Tensor or Number
        Broadcast with the others, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. bool.

    Notes
    -----
    Derivative: none, the result is bool.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> derivo.eq(x, 2)
    tensor([False,  True, False])
    >>> (x * derivo.eq(x, 2)).sum().backward()
    >>> x.grad
    tensor([0., 1., 0.])
    """

def equal(input: Tensor, other: Tensor) -> _bool:
    """Whether two tensors have the same shape and elements.

    Examples
    --------
    >>> import derivo
    >>> derivo.equal(derivo.ones(2), derivo.ones(2))
    True
    """

def erf(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute the error function.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``g * 2 / sqrt(pi) * exp(-input**2)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.erf(x)
    >>> y
    tensor([0.0000, 0.8427], grad_fn=<ErfBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1.1284, 0.4151])
    """

def erf_(input: Tensor) -> Tensor:
    """Compute the error function.

    In place; see `derivo.erf`.
    """

def erfc(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute ``1 - erf(input)``, exact where it is small.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``-g * 2 / sqrt(pi) * exp(-input**2)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.erfc(x)
    >>> y
    tensor([1.0000, 0.1573], grad_fn=<ErfcBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([-1.1284, -0.4151])
    """

def erfc_(input: Tensor) -> Tensor:
    """Compute ``1 - erf(input)``, exact where it is small.

    In place; see `derivo.erfc`.
    """

def erfinv(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute the inverse of the error function; NaN outside [-1, 1].

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``g * sqrt(pi) / 2 * exp(out**2)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 0.5], requires_grad=True)
    >>> y = derivo.erfinv(x)
    >>> y
    tensor([0.0000, 0.4769], grad_fn=<ErfinvBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.8862, 1.1126])
    """
from . import errors as errors

def exp(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Raise e to the power of each element.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``g * out``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.exp(x)
    >>> y
    tensor([1.0000, 2.7183], grad_fn=<ExpBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1.0000, 2.7183])
    """

def exp2(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Raise 2 to the power of each element.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``g * out * log(2)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 3.0], requires_grad=True)
    >>> y = derivo.exp2(x)
    >>> y
    tensor([1., 8.], grad_fn=<Exp2Backward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.6931, 5.5452])
    """

def exp2_(input: Tensor) -> Tensor:
    """Raise 2 to the power of each element.

    In place; see `derivo.exp2`.
    """

def exp_(input: Tensor) -> Tensor:
    """Raise e to the power of each element.

    In place; see `derivo.exp`.
    """

def expand_copy(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Any:
    """Contiguous copy of what `expand` views.

    Parameters
    ----------
    input : Tensor
        The tensor; further arguments are those of `expand`.
    out : Tensor, optional
        Takes the result.
    """
from . import explain as explain

def expm1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute ``exp(x) - 1``, exact near 0.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``g * (out + 1)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1e-8], requires_grad=True)
    >>> y = derivo.expm1(x)
    >>> y
    tensor([0.0000e+00, 1.0000e-08], grad_fn=<Expm1Backward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1., 1.])
    """

def expm1_(input: Tensor) -> Tensor:
    """Compute ``exp(x) - 1``, exact near 0.

    In place; see `derivo.expm1`.
    """

def eye(
    n: _int,
    m: _int | None = None,
    *,
    out: Tensor | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
) -> Tensor:
    """Make a matrix with ones on the diagonal and zeros elsewhere.

    Parameters
    ----------
    n : int
        Rows.
    m : int, optional
        Columns; `n` if not given.
    out : Tensor, optional
        Takes the result.
    dtype : dtype, optional
        Type of the elements; the default dtype if not given.
    device : device, optional
        The CPU.
    requires_grad : bool, default False
        Whether operations on the tensor are recorded.

    Raises
    ------
    RuntimeError
        If a size is negative.

    Examples
    --------
    >>> import derivo
    >>> derivo.eye(2)
    tensor([[1., 0.],
            [0., 1.]])
    """

def feature_alpha_dropout(input: Tensor, p: _float, train: _bool) -> Tensor:
    """Drop whole channels as `derivo.alpha_dropout` drops elements.

    Parameters
    ----------
    input : Tensor
        Of two dimensions or more, floating point.
    p : float
        Probability of being dropped.
    train : bool
        Whether to do anything.

    Returns
    -------
    Tensor
        `input` itself if nothing is to be done.

    Examples
    --------
    >>> import derivo
    >>> derivo.feature_alpha_dropout(derivo.zeros(1, 2), 0.0, True)
    tensor([[0., 0.]])
    """

def feature_alpha_dropout_(input: Tensor, p: _float, train: _bool) -> Tensor:
    """Drop channels in place; see `derivo.feature_alpha_dropout`.

    Parameters
    ----------
    input : Tensor
        Changed and returned.
    p : float
        Probability of being dropped.
    train : bool
        Whether to do anything.

    Returns
    -------
    Tensor
        `input`.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.ones(1, 3)
    >>> derivo.feature_alpha_dropout_(x, 0.5, False) is x
    True
    """

def feature_dropout(input: Tensor, p: _float, train: _bool) -> Tensor:
    """Zero whole channels (entries of the first two dimensions).

    Parameters
    ----------
    input : Tensor
        Of two dimensions or more, floating point.
    p : float
        Probability of a zero.
    train : bool
        Whether to do anything.

    Returns
    -------
    Tensor
        `input` itself if nothing is to be done.

    Examples
    --------
    >>> import derivo
    >>> _ = derivo.manual_seed(0)
    >>> derivo.feature_dropout(derivo.ones(1, 3, 2), 0.5, True)
    tensor([[[0., 0.],
             [0., 0.],
             [2., 2.]]])
    """

def feature_dropout_(input: Tensor, p: _float, train: _bool) -> Tensor:
    """Zero channels in place; see `derivo.feature_dropout`.

    Parameters
    ----------
    input : Tensor
        Changed and returned.
    p : float
        Probability of being dropped.
    train : bool
        Whether to do anything.

    Returns
    -------
    Tensor
        `input`.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.ones(1, 3)
    >>> derivo.feature_dropout_(x, 0.5, False) is x
    True
    """
from . import fft as fft

def fill(input: Tensor, value: Number | Tensor) -> Tensor:
    """Return a tensor of the input's shape and dtype with every element `value`."""
from derivo._info import finfo as finfo

def fix(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Round towards zero.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype except bool.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: 0.

    Examples
    --------
    >>> x = derivo.tensor([1.5, -1.5], requires_grad=True)
    >>> y = derivo.trunc(x)
    >>> y
    tensor([ 1., -1.], grad_fn=<TruncBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0., 0.])
    """

def fix_(input: Tensor) -> Tensor:
    """Round towards zero.

    In place; see `derivo.fix`.
    """
from derivo.autograd.implicit import fixed_point as fixed_point

def flatten(input: Any, start_dim: Any = 0, end_dim: Any = -1) -> Any:
    """Merge the dimensions from `start_dim` to `end_dim` into one.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    start_dim, end_dim : int
        First and last dimension to merge.

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros(2, 3, 4).flatten(1).shape
    torch.Size([2, 12])
    """

def flip(input: Tensor, dims: Any, *more: _int) -> Tensor:
    """Reverse the order of elements along dimensions.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    dims, *more : int or sequence of int
        The dimensions, one by one or as a sequence.

    Returns
    -------
    Tensor
        A copy.

    Raises
    ------
    RuntimeError, IndexError
        If a dimension is repeated or out of range.

    Notes
    -----
    **Derivative** the gradient, flipped.

    Examples
    --------
    >>> import derivo
    >>> derivo.flip(derivo.arange(3), (0,))
    tensor([2, 1, 0])
    """

def fliplr(input: Tensor) -> Tensor:
    """Reverse the second dimension.

    Examples
    --------
    >>> import derivo
    >>> derivo.fliplr(derivo.tensor([[1, 2]]))
    tensor([[2, 1]])
    """

def flipud(input: Tensor) -> Tensor:
    """Reverse the first dimension.

    Examples
    --------
    >>> import derivo
    >>> derivo.flipud(derivo.tensor([1, 2]))
    tensor([2, 1])
    """
float: DType
float16: DType
float32: DType
float64: DType

def float_power(
    input: Tensor | Number,
    exponent: Tensor | Number,
    *,
    out: Any = None,
) -> Tensor:
    """Raise to a power in float64.

    Parameters
    ----------
    input : Tensor or Number
        Base, any shape and dtype.
    exponent : Tensor or Number
        Broadcast with `input`; one of the two is a tensor.
    out : Tensor, optional
        Takes the result; float64.

    Returns
    -------
    Tensor
        float64, of the broadcast shape.

    Raises
    ------
    RuntimeError
        If `out` is not float64.

    Notes
    -----
    Derivative: as `derivo.pow`.

    Complex operands are computed in complex128.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> y = derivo.float_power(x, 2)
    >>> y
    tensor([1., 4., 9.], dtype=torch.float64, grad_fn=<PowBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([2., 4., 6.])
    """

def floor(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Round down.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype except bool.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: 0.

    Examples
    --------
    >>> x = derivo.tensor([1.5, -1.5], requires_grad=True)
    >>> y = derivo.floor(x)
    >>> y
    tensor([ 1., -2.], grad_fn=<FloorBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0., 0.])
    """

def floor_(input: Tensor) -> Tensor:
    """Round down.

    In place; see `derivo.floor`.
    """

def floor_divide(input: Tensor, other: Tensor | Number, *, out: Any = None) -> Tensor:
    """Divide and round down.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype except bool.
    other : Tensor or Number
        Broadcast with `input`.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape, in the promoted dtype.

    Raises
    ------
    RuntimeError
        If integers are divided by zero; in backward, as it has no derivative.

    Notes
    -----
    Derivative: none; `derivo.div` with ``rounding_mode="floor"`` has derivative 0.

    Examples
    --------
    >>> x = derivo.tensor([7.0, -7.0])
    >>> derivo.floor_divide(x, 2)
    tensor([ 3., -4.])
    >>> w = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> (w * derivo.floor_divide(x, 2)).sum().backward()
    >>> w.grad
    tensor([ 3., -4.])
    """

def fmax(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Take the larger of two, ignoring a NaN.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype.
    other : Tensor or Number
        Broadcast with the others, any real dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Notes
    -----
    Derivative: ``g`` goes to the one taken, to `input` where they are equal.

    Examples
    --------
    >>> x = derivo.tensor([1.0, float("nan"), 3.0], requires_grad=True)
    >>> y = derivo.fmax(x, derivo.tensor(2.0))
    >>> y
    tensor([2., 2., 3.], grad_fn=<FmaxBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0., 0., 1.])
    """

def fmin(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Take the smaller of two, ignoring a NaN.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype.
    other : Tensor or Number
        Broadcast with the others, any real dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Notes
    -----
    Derivative: ``g`` goes to the one taken, to `input` where they are equal.

    Examples
    --------
    >>> x = derivo.tensor([1.0, float("nan"), 3.0], requires_grad=True)
    >>> y = derivo.fmin(x, derivo.tensor(2.0))
    >>> y
    tensor([1., 2., 2.], grad_fn=<FminBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1., 0., 0.])
    """

def fmod(input: Tensor, other: Tensor | Number, *, out: Any = None) -> Tensor:
    """Compute the remainder of a division, with the sign of the dividend.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype except bool.
    other : Tensor or Number
        Broadcast with `input`.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape, in the promoted dtype; as C's ``fmod``.

    Raises
    ------
    RuntimeError
        If integers are divided by zero.

    Notes
    -----
    Derivative: ``g`` for `input`, ``-g * trunc(input / other)`` for `other`.

    Examples
    --------
    >>> x = derivo.tensor([5.5, -5.5], requires_grad=True)
    >>> y = derivo.fmod(x, 3)
    >>> y
    tensor([ 2.5000, -2.5000], grad_fn=<FmodBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1., 1.])
    """

def frac(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Keep the part after the point: ``input - trunc(input)``.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, floating point.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: ``g``.

    Examples
    --------
    >>> x = derivo.tensor([1.5, -1.25], requires_grad=True)
    >>> y = derivo.frac(x)
    >>> y
    tensor([ 0.5000, -0.2500], grad_fn=<FracBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1., 1.])
    """

def frac_(input: Tensor) -> Tensor:
    """Keep the part after the point: ``input - trunc(input)``.

    In place; see `derivo.frac`.
    """

def frexp(input: Tensor, *, out: Any = None) -> FrexpResult:
    """Split into mantissa and exponent: ``input = mantissa * 2**exponent``.

    Parameters
    ----------
    input : Tensor
        Any shape, floating point.
    out : tuple of two Tensors, optional
        Take the results.

    Returns
    -------
    FrexpResult
        `mantissa`, between 1/2 and 1 in magnitude, of the dtype of `input`; and
        `exponent`, int32. Zero, infinities and NaN have exponent 0.

    Raises
    ------
    RuntimeError
        If `input` is not floating point.

    Notes
    -----
    Derivative: ``g / 2**exponent`` of the mantissa; none of the exponent.

    Examples
    --------
    >>> x = derivo.tensor([6.0, -0.375], requires_grad=True)
    >>> mantissa, exponent = derivo.frexp(x)
    >>> mantissa
    tensor([ 0.7500, -0.7500], grad_fn=<FrexpBackward0>)
    >>> exponent
    tensor([ 3, -1], dtype=torch.int32)
    >>> mantissa.sum().backward()
    >>> x.grad
    tensor([0.1250, 2.0000])
    """

def from_dlpack(ext_tensor: Any) -> Tensor:
    """Make a tensor that shares the memory of another library's array.

    Parameters
    ----------
    ext_tensor : object
        With ``__dlpack__`` and ``__dlpack_device__``, on the CPU.

    Raises
    ------
    TypeError
        If it does not have these methods, or its dtype is not known.
    BufferError
        If it is not on the CPU.

    Examples
    --------
    >>> import derivo, numpy
    >>> a = numpy.zeros(2)
    >>> derivo.from_dlpack(a).fill_(1.0)
    tensor([1., 1.], dtype=torch.float64)
    >>> a
    array([1., 1.])
    """

def from_numpy(ndarray: Any) -> Tensor:
    """Make a tensor that shares the memory of a NumPy array.

    Parameters
    ----------
    ndarray : numpy.ndarray
        Strides must not be negative.

    Raises
    ------
    TypeError
        If it is no array, or of a dtype that tensors do not have.

    Examples
    --------
    >>> import derivo, numpy
    >>> a = numpy.zeros(2)
    >>> derivo.from_numpy(a)[0] = 1.0
    >>> a
    array([1., 0.])
    """

def frombuffer(
    buffer: Any,
    *,
    dtype: dtype,
    count: _int = -1,
    offset: _int = 0,
    requires_grad: _bool = False,
) -> Tensor:
    """Make a 1-d tensor over the memory of an object with the buffer protocol.

    Parameters
    ----------
    buffer : bytearray, memoryview, array.array, mmap, ...
        Its memory must be in one piece; it is held while a tensor needs it.
    dtype : dtype
        What its bytes are read as.
    count : int, default -1
        Number of elements; all that there are by default.
    offset : int, default 0
        Bytes to leave out at the start.
    requires_grad : bool, default False
        Whether operations on the tensor are recorded.

    Returns
    -------
    Tensor
        Of shape ``(count,)``. Writing to it raises an error if `buffer` is read-only.

    Raises
    ------
    ValueError
        If `buffer` is no such object, or does not hold what is asked for.

    Examples
    --------
    >>> import derivo
    >>> memory = bytearray([1, 0, 2, 0])
    >>> derivo.frombuffer(memory, dtype=derivo.int16)
    tensor([1, 2], dtype=torch.int16)
    """

def full(
    size: Sequence[_int],
    fill_value: Number | Tensor,
    *,
    out: Tensor | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
) -> Tensor:
    """Make a tensor filled with one value.

    Parameters
    ----------
    size : sequence of int
        Sizes of the dimensions.
    fill_value : number or 0-d Tensor
        The value.
    out : Tensor, optional
        Takes the result.
    dtype : dtype, optional
        Type of the elements; by default follows from the value.
    device : device, optional
        The CPU.
    requires_grad : bool, default False
        Whether operations on the tensor are recorded.

    Examples
    --------
    >>> import derivo
    >>> derivo.full((2,), 7)
    tensor([7, 7])
    """

def full_like(
    input: Tensor,
    fill_value: Number | Tensor,
    *,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Make a tensor filled with one value, of the shape and dtype of another.

    Examples
    --------
    >>> import derivo
    >>> derivo.full_like(derivo.zeros(2), 3.0)
    tensor([3., 3.])
    """
from . import func as func

def gather(
    input: Tensor,
    dim: _int,
    index: Tensor,
    *,
    sparse_grad: _bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """Take elements along a dimension: ``out[i, j] = input[index[i, j], j]``.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    dim : int
        The dimension that `index` counts along.
    index : Tensor
        int64, of the input's rank; no larger than it in other dimensions.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    RuntimeError
        If an index is out of range or shapes do not fit.

    Notes
    -----
    **Derivative** `scatter_add` of the gradient.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([[1, 2], [3, 4]])
    >>> x.gather(1, derivo.tensor([[1], [0]]))
    tensor([[2],
            [3]])
    """

def gcd(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Compute the greatest common divisor of integers, never negative.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, of integers.
    other : Tensor or Number
        Broadcast with the others, any real dtype, of integers.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: none, integers have no gradient.

    Examples
    --------
    >>> n = derivo.gcd(derivo.tensor([12, 10]), derivo.tensor([18, 15]))
    >>> n
    tensor([6, 5])
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> (x * n).sum().backward()
    >>> x.grad
    tensor([6., 5.])
    """

def gcd_(input: Tensor, other: Tensor | Number) -> Tensor:
    """Compute the greatest common divisor of integers, never negative.

    In place; see `derivo.gcd`.
    """

def ge(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Tell where `input` is at least `other`; false where either is NaN.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype.
    other : Tensor or Number
        Broadcast with the others, any real dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. bool.

    Notes
    -----
    Derivative: none, the result is bool.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> derivo.ge(x, 2)
    tensor([False,  True,  True])
    >>> (x * derivo.ge(x, 2)).sum().backward()
    >>> x.grad
    tensor([0., 1., 1.])
    """
from derivo._core.generator import Generator as Generator

def ger(input: Tensor, vec2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Product of each element of one vector with each of another.

    Parameters
    ----------
    input : Tensor
        Of shape ``(n,)``.
    vec2 : Tensor
        Of shape ``(m,)``.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of shape ``(n, m)`` and the promoted dtype.

    Raises
    ------
    RuntimeError
        Operands that are not vectors.

    Notes
    -----
    **Derivative**: ``g @ vec2`` for `input`, ``g.T @ input`` for `vec2`.

    Examples
    --------
    >>> import derivo as torch
    >>> v = torch.tensor([1.0, 2.0], requires_grad=True)
    >>> torch.outer(v, torch.tensor([3.0, 4.0])).sum().backward()
    >>> v.grad
    tensor([7., 7.])
    """

def get_default_dtype() -> Any:
    """Return the type that Python floats take (initially ``derivo.float32``)."""

def get_num_threads() -> Any:
    """Return the number of threads that an operation may use.

    Returns
    -------
    int
        Counts the calling thread. At start: the environment's
        ``DERIVO_NUM_THREADS``, else ``OMP_NUM_THREADS``, else the number of cores
        that this process may run on.

    Examples
    --------
    >>> import derivo
    >>> derivo.get_num_threads() >= 1
    True
    """

def get_rng_state() -> Tensor:
    """Return the state of the default generator, a uint8 tensor of 5056 elements.

    The layout is PyTorch's, so a state can be carried from one to the other.

    Examples
    --------
    >>> import derivo
    >>> state = derivo.get_rng_state()
    >>> a = derivo.rand(2)
    >>> derivo.set_rng_state(state)
    >>> derivo.equal(a, derivo.rand(2))
    True
    """

def gradient(
    input: Tensor,
    *,
    spacing: Any = None,
    dim: Any = None,
    edge_order: _int = 1,
) -> tuple[Tensor, ...]:
    """Numerical derivatives of a sampled function, to second order inside.

    Parameters
    ----------
    input : Tensor
        Values on a grid.
    spacing : number, or list of number, or of 1-D Tensor
        Distance of the points along each dimension (1 if not given), or their
        positions.
    dim : int or list of int, optional
        Dimensions; all if not given.
    edge_order : {1, 2}
        Order of accuracy at the two ends.

    Returns
    -------
    tuple of Tensor
        One for each dimension, of `input`'s shape.

    Raises
    ------
    RuntimeError
        If there are fewer than ``edge_order + 1`` points, or arguments do not fit.

    Examples
    --------
    >>> import derivo
    >>> derivo.gradient(derivo.tensor([1.0, 4.0, 9.0, 16.0]))
    (tensor([3., 4., 6., 7.]),)
    """

def greater(
    input: Tensor,
    other: Tensor | Number,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Tell where `input` is greater than `other`; false where either is NaN.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype.
    other : Tensor or Number
        Broadcast with the others, any real dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. bool.

    Notes
    -----
    Derivative: none, the result is bool.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> derivo.gt(x, 2)
    tensor([False, False,  True])
    >>> (x * derivo.gt(x, 2)).sum().backward()
    >>> x.grad
    tensor([0., 0., 1.])
    """

def greater_equal(
    input: Tensor,
    other: Tensor | Number,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Tell where `input` is at least `other`; false where either is NaN.

    The same as `ge`.
    """

def gt(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Tell where `input` is greater than `other`; false where either is NaN.

    The same as `greater`.
    """
half: DType

def hardshrink(
    input: Tensor,
    lambd: _float = 0.5,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Replace what is between ``-lambd`` and ``lambd`` by 0.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, floating point.
    lambd : float, default 0.5
        Half the length of the interval.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: ``g`` outside the interval, 0 inside and at its ends.

    Examples
    --------
    >>> x = derivo.tensor([-0.25, 1.5], requires_grad=True)
    >>> y = derivo.nn.functional.hardshrink(x)
    >>> y
    tensor([0.0000, 1.5000], grad_fn=<HardshrinkBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0., 1.])
    """

def heaviside(
    input: Tensor,
    values: Tensor | Number,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Step from 0 to 1 at 0, where the result is `values`.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype.
    values : Tensor or Number
        Broadcast with the others, any real dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Notes
    -----
    Derivative: none; `derivo.where` differentiates by the values.

    Examples
    --------
    >>> x = derivo.tensor([-1.0, 0.0, 2.0])
    >>> derivo.heaviside(x, derivo.tensor(0.5))
    tensor([0.0000, 0.5000, 1.0000])
    >>> w = derivo.tensor([1.0, 1.0, 1.0], requires_grad=True)
    >>> (w * derivo.heaviside(x, derivo.tensor(0.5))).sum().backward()
    >>> w.grad
    tensor([0.0000, 0.5000, 1.0000])
    """

def histc(
    input: Tensor,
    bins: _int = 100,
    min: _float = 0,
    max: _float = 0,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Histogram of the elements in a range.

    Parameters
    ----------
    input : Tensor
        float32 or float64.
    bins : int, default 100
        Number of bins of equal width.
    min, max : float, default 0
        The range, both ends within; that of the elements if both are equal.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor of shape (bins,)
        Counts, in the dtype of `input`.

    Raises
    ------
    RuntimeError
        If `bins` is not positive or the range is not finite or empty.

    Examples
    --------
    >>> import derivo
    >>> derivo.histc(derivo.tensor([1.0, 2.0, 1.0]), bins=3, min=0, max=3)
    tensor([0., 2., 1.])
    """

def hsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Take a tensor apart along its second dimension.

    Parameters
    ----------
    input : Tensor
        At least 1-D.
    indices_or_sections : int or sequence of int
        Number of equal parts, or where the parts begin after the first.

    Raises
    ------
    RuntimeError
        If the size is not divisible, or there are too few dimensions.

    Examples
    --------
    >>> import derivo
    >>> [p.shape[-1] for p in derivo.hsplit(derivo.zeros(2, 2, 2), 2)]
    [2, 2]
    """

def hstack(tensors: Any, *, out: Tensor | None = None) -> Tensor:
    """Join side by side: along the second dimension, vectors along the first.

    Parameters
    ----------
    tensors : sequence of Tensor
        Equal in the other dimensions; different dtypes are promoted.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    RuntimeError
        If sizes differ, or there is nothing to stack.

    Examples
    --------
    >>> import derivo
    >>> a = derivo.tensor([1, 2])
    >>> derivo.hstack([a, a])
    tensor([1, 2, 1, 2])
    """

def hypot(
    input: Tensor,
    other: Tensor | Number,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Compute ``sqrt(input**2 + other**2)`` without overflow on the way.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, floating point.
    other : Tensor or Number
        Broadcast with the others, any real dtype, floating point.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: ``g * input / out`` and ``g * other / out``; NaN at the origin, as
    PyTorch has it (a function of your own that calls ``math.hypot`` has 0 there).

    Examples
    --------
    >>> x = derivo.tensor([3.0, 5.0], requires_grad=True)
    >>> y = derivo.hypot(x, derivo.tensor([4.0, 12.0]))
    >>> y
    tensor([ 5., 13.], grad_fn=<HypotBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.6000, 0.3846])
    """

def i0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute the modified Bessel function of order 0.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``g * i1(input)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.i0(x)
    >>> y
    tensor([1.0000, 1.2661], grad_fn=<I0Backward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.0000, 0.5652])
    """

def i0_(input: Tensor) -> Tensor:
    """Compute the modified Bessel function of order 0.

    In place; see `derivo.i0`.
    """

def igamma(
    input: Tensor,
    other: Tensor | Number,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Compute the regularised lower incomplete gamma function.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, floating point.
    other : Tensor or Number
        Broadcast with the others, any real dtype, floating point.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: for `other` only, ``g * other**(a - 1) * exp(-other) / gamma(a)`` with
    ``a = input``.

    Examples
    --------
    >>> a = derivo.tensor([1.0, 2.0])
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> y = derivo.igamma(a, x)
    >>> y
    tensor([0.6321, 0.5940], grad_fn=<IgammaBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.3679, 0.2707])
    """

def igammac(
    input: Tensor,
    other: Tensor | Number,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Compute the regularised upper incomplete gamma function.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, floating point.
    other : Tensor or Number
        Broadcast with the others, any real dtype, floating point.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: for `other` only, minus that of `derivo.igamma`.

    Examples
    --------
    >>> a = derivo.tensor([1.0, 2.0])
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> y = derivo.igammac(a, x)
    >>> y
    tensor([0.3679, 0.4060], grad_fn=<IgammacBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([-0.3679, -0.2707])
    """
from derivo._info import iinfo as iinfo

def imag(input: Tensor) -> Tensor:
    """Return the imaginary part of a complex tensor, as a view."""

def index_add(
    input: Tensor,
    dim: _int,
    index: Tensor,
    source: Tensor,
    *,
    alpha: Number = 1,
    out: Tensor | None = None,
) -> Tensor:
    """Copy a tensor and add rows of `source` to rows `index` of a dimension.

    Parameters
    ----------
    input : Tensor
        Any shape.
    dim : int
        The dimension.
    index : Tensor
        Which rows; repeated ones all count.
    source : Tensor
        Of the input's dtype and shape except in dimension `dim`.
    alpha : number, default 1
        Factor of the source.
    out : Tensor, optional
        Takes the result.

    Examples
    --------
    >>> import derivo
    >>> i = derivo.tensor([0, 0])
    >>> derivo.zeros(2).index_add(0, i, derivo.ones(2))
    tensor([2., 0.])
    """

def index_copy(
    input: Tensor,
    dim: _int,
    index: Tensor,
    source: Tensor,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Copy a tensor and copy rows of `source` into rows `index` of a dimension."""

def index_fill(
    input: Tensor,
    dim: _int,
    index: Tensor,
    value: Number | Tensor,
) -> Tensor:
    """Copy a tensor and set rows `index` of a dimension to one value."""

def index_put(
    input: Tensor,
    indices: Sequence[Tensor | None],
    values: Tensor,
    accumulate: _bool = False,
) -> Tensor:
    """Copy a tensor and write values at indices.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    indices : sequence of Tensor
        One per leading dimension: integers or masks, broadcast with each other.
    values : Tensor
        Of the input's dtype; broadcast to the indexed shape.
    accumulate : bool, default False
        Add to what is there; repeated indices then all count.

    Examples
    --------
    >>> import derivo
    >>> i = derivo.tensor([0, 0])
    >>> derivo.zeros(2).index_put((i,), derivo.ones(2), accumulate=True)
    tensor([2., 0.])
    """

def index_put_(
    input: Tensor,
    indices: Sequence[Tensor | None],
    values: Tensor,
    accumulate: _bool = False,
) -> Tensor:
    """Write values at indices, in place; see `derivo.index_put`."""

def index_reduce(
    input: Tensor,
    dim: _int,
    index: Tensor,
    source: Tensor,
    reduce: str,
    *,
    include_self: _bool = True,
    out: Tensor | None = None,
) -> Tensor:
    """Copy a tensor and reduce rows of `source` into rows `index` of a dimension.

    Parameters
    ----------
    input : Tensor
        Any shape.
    dim : int
        The dimension.
    index : Tensor
        Which rows: int32 or int64, 1-D.
    source : Tensor
        Of the input's dtype and shape except in dimension `dim`.
    reduce : {"prod", "mean", "amax", "amin"}
        How rows that meet are combined.
    include_self : bool, default True
        Whether the input's own rows take part.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    RuntimeError, IndexError
        If shapes or `reduce` do not fit, or an index is out of range.

    Examples
    --------
    >>> import derivo
    >>> i = derivo.tensor([0, 0])
    >>> derivo.ones(2).index_reduce(0, i, derivo.tensor([2.0, 3.0]), "prod")
    tensor([6., 1.])
    """

def index_select(
    input: Tensor,
    dim: _int,
    index: Tensor,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Take rows of a dimension.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    dim : int
        The dimension.
    index : Tensor
        Which rows: 0-d or 1-D, int32 or int64.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    IndexError
        If an index is out of range.

    Notes
    -----
    **Derivative** the gradient of each row is added where it came from.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> x.index_select(0, derivo.tensor([0, 0])).sum().backward()
    >>> x.grad
    tensor([2., 0.])
    """
inf: _float
from derivo.autograd.grad_mode import inference_mode as inference_mode

def initial_seed() -> _int:
    """Return the seed that the default generator was last started from.

    Examples
    --------
    >>> import derivo
    >>> _ = derivo.manual_seed(7)
    >>> derivo.initial_seed()
    7
    """

def inner(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Sum of products over the last dimension of both.

    Parameters
    ----------
    input, other : Tensor
        With the same last dimension, or one of them 0-d (then their product).
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of shape ``(*input.shape[:-1], *other.shape[:-1])``.

    Raises
    ------
    RuntimeError
        Last dimensions or dtypes that differ.

    Examples
    --------
    >>> import derivo as torch
    >>> v = torch.tensor([1.0, 2.0], requires_grad=True)
    >>> torch.inner(v, v).backward()
    >>> v.grad
    tensor([2., 4.])
    """
int: DType
int16: DType
int32: DType
int64: DType
int8: DType
from . import interop as interop

def inverse(A: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Invert matrices.

    Parameters
    ----------
    A : Tensor
        Of shape ``(*, n, n)``, floating point or complex.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor

    Raises
    ------
    LinAlgError
        If a matrix is singular.
    RuntimeError
        If the matrices are not square, or of a dtype without inverses.

    Notes
    -----
    **Derivative**: ``-X^H g X^H`` for the inverse X.

    Examples
    --------
    >>> import derivo
    >>> a = derivo.tensor([[2.0, 0.0], [0.0, 4.0]], requires_grad=True)
    >>> derivo.linalg.inv(a).sum().backward()
    >>> a.grad
    tensor([[-0.2500, -0.1250],
            [-0.1250, -0.0625]])
    """
from . import ir as ir
from derivo.autograd.anomaly_mode import is_anomaly_check_nan_enabled as is_anomaly_check_nan_enabled
from derivo.autograd.anomaly_mode import is_anomaly_enabled as is_anomaly_enabled

def is_complex(input: Tensor) -> _bool:
    """Whether the dtype of a tensor is complex."""

def is_conj(input: Tensor) -> _bool:
    """Whether a conjugation (or negation) is pending: never.

    `conj` computes its result at once, where PyTorch marks a view of its operand.
    Values and gradients are the same.
    """

def is_floating_point(input: Tensor) -> _bool:
    """Whether the dtype of a tensor is a floating point one."""

def is_grad_enabled() -> Any:
    """Whether operations are recorded in this thread."""

def is_inference_mode_enabled() -> Any:
    """Whether this thread is in inference mode."""

def is_neg(input: Tensor) -> _bool:
    """Whether a conjugation (or negation) is pending: never.

    The same as `is_conj`.
    """

def is_nonzero(input: Tensor) -> _bool:
    """Whether the only element is nonzero."""

def is_same_size(input: Tensor, other: Tensor) -> _bool:
    """Whether both tensors have the same shape."""

def is_tensor(obj: Any) -> _bool:
    """Whether an object is a tensor."""

def isclose(
    input: Tensor,
    other: Tensor,
    rtol: _float = 1e-05,
    atol: _float = 1e-08,
    equal_nan: _bool = False,
) -> Tensor:
    """Tell where two tensors differ by at most ``atol + rtol * abs(other)``.

    Parameters
    ----------
    input, other : Tensor
        Of one dtype, broadcast with each other.
    rtol, atol : float
        Relative and absolute tolerance, not negative.
    equal_nan : bool, default False
        Whether two NaN are close.

    Returns
    -------
    Tensor
        bool, of the broadcast shape.

    Raises
    ------
    RuntimeError
        If the dtypes differ or a tolerance is negative.

    Notes
    -----
    Derivative: none, the result is bool.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> derivo.isclose(x, derivo.tensor([1.0000001, 2.1]))
    tensor([ True, False])
    >>> (x * derivo.isclose(x, x.detach())).sum().backward()
    >>> x.grad
    tensor([1., 1.])
    """

def isfinite(input: Tensor) -> Tensor:
    """Tell where `input` is neither infinite nor NaN.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.

    Returns
    -------
    Tensor
        Of the broadcast shape. bool.

    Notes
    -----
    Derivative: none, the result is bool.

    Examples
    --------
    >>> x = derivo.tensor([1.0, float("inf"), float("nan"), -float("inf")])
    >>> derivo.isfinite(x)
    tensor([ True, False, False, False])
    >>> w = derivo.ones(4, requires_grad=True)
    >>> (w * derivo.isfinite(x)).sum().backward()
    >>> w.grad
    tensor([1., 0., 0., 0.])
    """

def isin(
    elements: Any,
    test_elements: Any,
    *,
    assume_unique: _bool = False,
    invert: _bool = False,
) -> Tensor:
    """Whether each of some elements is among others.

    Parameters
    ----------
    elements, test_elements : Tensor or Number
        Not both numbers.
    assume_unique : bool, default False
        Neither has an element twice.
    invert : bool, default False
        Whether it is not among them.

    Returns
    -------
    Tensor of bool
        Of the shape of `elements`.

    Examples
    --------
    >>> import derivo
    >>> derivo.isin(derivo.tensor([1, 2, 3]), derivo.tensor([2]))
    tensor([False,  True, False])
    """

def isinf(input: Tensor) -> Tensor:
    """Tell where `input` is infinite.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.

    Returns
    -------
    Tensor
        Of the broadcast shape. bool.

    Notes
    -----
    Derivative: none, the result is bool.

    Examples
    --------
    >>> x = derivo.tensor([1.0, float("inf"), float("nan"), -float("inf")])
    >>> derivo.isinf(x)
    tensor([False,  True, False,  True])
    >>> w = derivo.ones(4, requires_grad=True)
    >>> (w * derivo.isinf(x)).sum().backward()
    >>> w.grad
    tensor([0., 1., 0., 1.])
    """

def isnan(input: Tensor) -> Tensor:
    """Tell where `input` is not a number.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.

    Returns
    -------
    Tensor
        Of the broadcast shape. bool.

    Notes
    -----
    Derivative: none, the result is bool.

    Examples
    --------
    >>> x = derivo.tensor([1.0, float("inf"), float("nan"), -float("inf")])
    >>> derivo.isnan(x)
    tensor([False, False,  True, False])
    >>> w = derivo.ones(4, requires_grad=True)
    >>> (w * derivo.isnan(x)).sum().backward()
    >>> w.grad
    tensor([0., 0., 1., 0.])
    """

def isneginf(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Tell where `input` is negative infinity.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. bool.

    Notes
    -----
    Derivative: none, the result is bool.

    Examples
    --------
    >>> x = derivo.tensor([1.0, float("inf"), float("nan"), -float("inf")])
    >>> derivo.isneginf(x)
    tensor([False, False, False,  True])
    >>> w = derivo.ones(4, requires_grad=True)
    >>> (w * derivo.isneginf(x)).sum().backward()
    >>> w.grad
    tensor([0., 0., 0., 1.])
    """

def isposinf(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Tell where `input` is positive infinity.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. bool.

    Notes
    -----
    Derivative: none, the result is bool.

    Examples
    --------
    >>> x = derivo.tensor([1.0, float("inf"), float("nan"), -float("inf")])
    >>> derivo.isposinf(x)
    tensor([False,  True, False, False])
    >>> w = derivo.ones(4, requires_grad=True)
    >>> (w * derivo.isposinf(x)).sum().backward()
    >>> w.grad
    tensor([0., 1., 0., 0.])
    """

def isreal(input: Tensor) -> Tensor:
    """Tell where the imaginary part is zero, which for real numbers is everywhere.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.

    Returns
    -------
    Tensor
        Of the broadcast shape. bool.

    Notes
    -----
    Derivative: none, the result is bool.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> derivo.isreal(x)
    tensor([True, True])
    >>> (x * derivo.isreal(x)).sum().backward()
    >>> x.grad
    tensor([1., 1.])
    """

def istft(
    input: Tensor,
    n_fft: _int,
    hop_length: _int | None = None,
    win_length: _int | None = None,
    window: Tensor | None = None,
    center: _bool = True,
    normalized: _bool = False,
    onesided: _bool | None = None,
    length: _int | None = None,
    return_complex: _bool = False,
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

def kron(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Kronecker product: `other`, once for each element of `input`, times it.

    Parameters
    ----------
    input, other : Tensor
        Any shapes; the shorter is read with leading dimensions of size 1.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Sizes are the products of the operands' sizes, in the promoted dtype.

    Examples
    --------
    >>> import derivo as torch
    >>> a = torch.tensor([1.0, 2.0], requires_grad=True)
    >>> torch.kron(a, torch.ones(3)).sum().backward()
    >>> a.grad
    tensor([3., 3.])
    """

def kthvalue(
    input: Tensor,
    k: _int,
    dim: _int = -1,
    keepdim: _bool = False,
    *,
    out: Any = None,
) -> Any:
    """Return the `k`-th smallest element along a dimension, counted from one.

    Parameters
    ----------
    input : Tensor
        Any real dtype except bool; NaN counts as largest.
    k : int
        1 is the smallest.
    dim : int, default -1
        The dimension.
    keepdim : bool, default False
        Keep it with size one.
    out : pair of Tensor, optional
        Takes the result.

    Returns
    -------
    named tuple of Tensor
        ``values`` and ``indices``.

    Raises
    ------
    RuntimeError
        If there is no `k`-th element.

    Notes
    -----
    **Derivative** to the element found.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([3.0, 1.0, 2.0], requires_grad=True)
    >>> x.kthvalue(2).values.backward()
    >>> x.grad
    tensor([0., 0., 1.])
    """

def layer_norm(
    input: Tensor,
    normalized_shape: Sequence[_int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: _float = 1e-05,
    cudnn_enable: _bool = True,
) -> Tensor:
    """Normalize the last dimensions to mean 0 and variance 1.

    Parameters
    ----------
    input : Tensor
        Floating point; its last dimensions are `normalized_shape`.
    normalized_shape : sequence of int
        Sizes of the dimensions to normalize over.
    weight, bias : Tensor, optional
        Of that shape: scale and shift of the result.
    eps : float
        Added to the variance.

    Raises
    ------
    RuntimeError
        If the shapes do not fit.

    Notes
    -----
    ``(x - mean) / sqrt(var + eps) * weight + bias`` with the biased variance.

    Examples
    --------
    >>> import derivo
    >>> derivo.nn.functional.layer_norm(derivo.tensor([1.0, 3.0]), (2,))
    tensor([-1.0000,  1.0000])
    """
from derivo._info import layout as layout

def lcm(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Compute the least common multiple of integers, never negative.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, of integers.
    other : Tensor or Number
        Broadcast with the others, any real dtype, of integers.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: none, integers have no gradient.

    Examples
    --------
    >>> n = derivo.lcm(derivo.tensor([12, 10]), derivo.tensor([18, 15]))
    >>> n
    tensor([36, 30])
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> (x * n).sum().backward()
    >>> x.grad
    tensor([36., 30.])
    """

def lcm_(input: Tensor, other: Tensor | Number) -> Tensor:
    """Compute the least common multiple of integers, never negative.

    In place; see `derivo.lcm`.
    """

def ldexp(
    input: Tensor,
    other: Tensor | Number,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Multiply by a power of 2: ``input * 2**other``.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    other : Tensor or Number
        Broadcast with the others, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``g * 2**other`` and ``g * out * log(2)``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 3.0], requires_grad=True)
    >>> y = derivo.ldexp(x, derivo.tensor([3, -1]))
    >>> y
    tensor([8.0000, 1.5000], grad_fn=<LdexpBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([8.0000, 0.5000])
    """

def ldexp_(input: Tensor, other: Tensor | Number) -> Tensor:
    """Multiply by a power of 2: ``input * 2**other``.

    In place; see `derivo.ldexp`.
    """

def le(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Tell where `input` is at most `other`; false where either is NaN.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype.
    other : Tensor or Number
        Broadcast with the others, any real dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. bool.

    Notes
    -----
    Derivative: none, the result is bool.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> derivo.le(x, 2)
    tensor([ True,  True, False])
    >>> (x * derivo.le(x, 2)).sum().backward()
    >>> x.grad
    tensor([1., 1., 0.])
    """

def lerp(
    input: Tensor,
    end: Tensor,
    weight: Tensor | Number,
    *,
    out: Any = None,
) -> Tensor:
    """Interpolate between `input` and `end`: ``input + weight * (end - input)``.

    Parameters
    ----------
    input, end : Tensor
        Floating point, of one dtype.
    weight : Tensor or Number
        0 gives `input`, 1 gives `end`, both exactly.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape.

    Raises
    ------
    RuntimeError
        If the dtypes of `input` and `end` differ.

    Notes
    -----
    Derivative: ``g * (1 - weight)``, ``g * weight`` and ``g * (end - input)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 10.0], requires_grad=True)
    >>> y = derivo.lerp(x, derivo.tensor([10.0, 20.0]), 0.25)
    >>> y
    tensor([ 2.5000, 12.5000], grad_fn=<LerpBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.7500, 0.7500])
    """

def less(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Tell where `input` is less than `other`; false where either is NaN.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype.
    other : Tensor or Number
        Broadcast with the others, any real dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. bool.

    Notes
    -----
    Derivative: none, the result is bool.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> derivo.lt(x, 2)
    tensor([ True, False, False])
    >>> (x * derivo.lt(x, 2)).sum().backward()
    >>> x.grad
    tensor([1., 0., 0.])
    """

def less_equal(
    input: Tensor,
    other: Tensor | Number,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Tell where `input` is at most `other`; false where either is NaN.

    The same as `le`.
    """

def lgamma(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Take the logarithm of the absolute value of the gamma function.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``g * digamma(input)``. Infinite at 0 and the negative whole numbers.

    Examples
    --------
    >>> x = derivo.tensor([0.5, 4.0], requires_grad=True)
    >>> y = derivo.lgamma(x)
    >>> y
    tensor([0.5724, 1.7918], grad_fn=<LgammaBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([-1.9635,  1.2561])
    """
from . import linalg as linalg

def linspace(
    start: Number | Tensor,
    end: Number | Tensor,
    steps: _int,
    *,
    out: Tensor | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: _bool = False,
) -> Tensor:
    """Make `steps` evenly spaced values from `start` to `end` inclusive.

    Parameters
    ----------
    start, end : number
        First and last value.
    steps : int
        How many.
    out : Tensor, optional
        Takes the result.
    dtype : dtype, optional
        Type of the elements; the default dtype if not given.
    device : device, optional
        The CPU.
    requires_grad : bool, default False
        Whether operations on the tensor are recorded.

    Examples
    --------
    >>> import derivo
    >>> derivo.linspace(0, 1, 5)
    tensor([0.0000, 0.2500, 0.5000, 0.7500, 1.0000])
    """

def load(
    f: str | os.PathLike[str] | IO[bytes],
    map_location: Any = None,
    pickle_module: Any = None,
    *,
    weights_only: _bool | None = None,
    mmap: _bool | None = None,
    **pickle_load_args: Any,
) -> Any:
    """Read an object from a file that derivo or PyTorch has saved.

    Parameters
    ----------
    f : str, path or binary file
        What to read.
    map_location : device, str, dict or callable, optional
        Where storages of the file go: the CPU, as all derivo has. Needed for files
        that were saved from a GPU.
    pickle_module : module, optional
        Only `pickle`, the default.
    weights_only : bool, default True
        Whether the file may hold nothing but tensors, numbers, strings and containers
        of them. A file loaded with False can run any program: do that only with files
        whose source you trust.
    mmap : bool, default False
        Whether storages stay in the file until they are read; changes are not written
        back. Needs a path.
    **pickle_load_args
        ``encoding`` of strings written by Python 2.

    Returns
    -------
    object
        What was saved.

    Raises
    ------
    pickle.UnpicklingError
        If `weights_only` holds and the file names another type.
    RuntimeError
        If the file is no checkpoint, or needs a GPU.

    Examples
    --------
    >>> import os, tempfile, derivo
    >>> path = os.path.join(tempfile.mkdtemp(), "weights.pt")
    >>> model = derivo.nn.Linear(2, 1)
    >>> derivo.save(model.state_dict(), path)
    >>> model.load_state_dict(derivo.load(path))
    <All keys matched successfully>
    >>> model(derivo.ones(2)).sum().backward()
    >>> model.bias.grad
    tensor([1.])
    """

def log(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Take the natural logarithm.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``g / input``.

    The logarithm of 0 is -inf, of negative numbers NaN.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> y = derivo.log(x)
    >>> y
    tensor([0.0000, 0.6931], grad_fn=<LogBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1.0000, 0.5000])
    """

def log10(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Take the logarithm to base 10.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``g / (input * log(10))``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 100.0], requires_grad=True)
    >>> y = derivo.log10(x)
    >>> y
    tensor([0., 2.], grad_fn=<Log10Backward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.4343, 0.0043])
    """

def log10_(input: Tensor) -> Tensor:
    """Take the logarithm to base 10.

    In place; see `derivo.log10`.
    """

def log1p(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute ``log(1 + x)``, exact near 0.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``g / (input + 1)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1e-8], requires_grad=True)
    >>> y = derivo.log1p(x)
    >>> y
    tensor([0.0000e+00, 1.0000e-08], grad_fn=<Log1PBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1., 1.])
    """

def log1p_(input: Tensor) -> Tensor:
    """Compute ``log(1 + x)``, exact near 0.

    In place; see `derivo.log1p`.
    """

def log2(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Take the logarithm to base 2.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``g / (input * log(2))``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 8.0], requires_grad=True)
    >>> y = derivo.log2(x)
    >>> y
    tensor([0., 3.], grad_fn=<Log2Backward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1.4427, 0.1803])
    """

def log2_(input: Tensor) -> Tensor:
    """Take the logarithm to base 2.

    In place; see `derivo.log2`.
    """

def log_(input: Tensor) -> Tensor:
    """Take the natural logarithm.

    In place; see `derivo.log`.
    """

def log_softmax(
    input: Tensor,
    dim: _int,
    dtype: dtype | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Logarithm of the softmax along a dimension, computed without overflow.

    Parameters
    ----------
    input : Tensor
        Floating point (or give `dtype`).
    dim : int
        The dimension.
    dtype : dtype, optional
        Convert to it first.
    out : Tensor, optional
        Takes the result.

    Notes
    -----
    **Derivative** ``g - exp(out) * sum(g)``.

    Examples
    --------
    >>> import derivo
    >>> derivo.log_softmax(derivo.zeros(2), 0)
    tensor([-0.6931, -0.6931])
    """

def logaddexp(
    input: Tensor,
    other: Tensor | Number,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Compute ``log(exp(input) + exp(other))`` without overflow.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype, floating point.
    other : Tensor or Number
        Broadcast with the others, any dtype, floating point.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: ``g`` shared in proportion to ``exp(input)`` and ``exp(other)``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 1000.0], requires_grad=True)
    >>> y = derivo.logaddexp(x, derivo.tensor([1.0, 1000.0]))
    >>> y
    tensor([   1.6931, 1000.6932], grad_fn=<LogaddexpBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.5000, 0.5000])
    """

def logaddexp2(
    input: Tensor,
    other: Tensor | Number,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Compute ``log2(2**input + 2**other)`` without overflow.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, floating point.
    other : Tensor or Number
        Broadcast with the others, any real dtype, floating point.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: ``g`` shared in proportion to ``2**input`` and ``2**other``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 1000.0], requires_grad=True)
    >>> y = derivo.logaddexp2(x, derivo.tensor([1.0, 1000.0]))
    >>> y
    tensor([   2., 1001.], grad_fn=<Logaddexp2Backward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.5000, 0.5000])
    """

def logcumsumexp(input: Tensor, dim: _int, *, out: Tensor | None = None) -> Tensor:
    """Logarithm of the running sum of exponentials along a dimension.

    Parameters
    ----------
    input : Tensor
        Floating point.
    dim : int
        The dimension.
    out : Tensor, optional
        Takes the result.

    Notes
    -----
    Without overflow, accumulated in double precision.

    Examples
    --------
    >>> import derivo
    >>> derivo.logcumsumexp(derivo.zeros(3), 0)
    tensor([0.0000, 0.6931, 1.0986])
    """

def logdet(input: Tensor) -> Tensor:
    """Logarithm of determinants; NaN where one is negative.

    Parameters
    ----------
    input : Tensor
        Of shape ``(*, n, n)``, floating point or complex.

    Returns
    -------
    Tensor
        Of shape ``(*,)``.

    Examples
    --------
    >>> import derivo
    >>> a = derivo.eye(2, requires_grad=True)
    >>> derivo.logdet(a).backward()
    >>> a.grad
    tensor([[1., 0.],
            [0., 1.]])
    """

def logical_and(
    input: Tensor,
    other: Tensor | Number,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Tell where both are non-zero.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    other : Tensor or Number
        Broadcast with the others, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. bool.

    Notes
    -----
    Derivative: none, the result is bool.

    Examples
    --------
    >>> a = derivo.tensor([True, True, False])
    >>> b = derivo.tensor([True, False, False])
    >>> derivo.logical_and(a, b)
    tensor([ True, False, False])
    >>> x = derivo.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> (x * derivo.logical_and(a, b)).sum().backward()
    >>> x.grad
    tensor([1., 0., 0.])
    """

def logical_not(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Tell where `input` is zero.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. bool.

    Notes
    -----
    Derivative: none, the result is bool.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 2.0], requires_grad=True)
    >>> derivo.logical_not(x)
    tensor([ True, False])
    >>> (x * derivo.logical_not(x)).sum().backward()
    >>> x.grad
    tensor([1., 0.])
    """

def logical_or(
    input: Tensor,
    other: Tensor | Number,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Tell where at least one is non-zero.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    other : Tensor or Number
        Broadcast with the others, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. bool.

    Notes
    -----
    Derivative: none, the result is bool.

    Examples
    --------
    >>> a = derivo.tensor([True, True, False])
    >>> b = derivo.tensor([True, False, False])
    >>> derivo.logical_or(a, b)
    tensor([ True,  True, False])
    >>> x = derivo.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> (x * derivo.logical_or(a, b)).sum().backward()
    >>> x.grad
    tensor([1., 1., 0.])
    """

def logical_xor(
    input: Tensor,
    other: Tensor | Number,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Tell where exactly one is non-zero.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    other : Tensor or Number
        Broadcast with the others, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. bool.

    Notes
    -----
    Derivative: none, the result is bool.

    Examples
    --------
    >>> a = derivo.tensor([True, True, False])
    >>> b = derivo.tensor([True, False, False])
    >>> derivo.logical_xor(a, b)
    tensor([False,  True, False])
    >>> x = derivo.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> (x * derivo.logical_xor(a, b)).sum().backward()
    >>> x.grad
    tensor([0., 1., 0.])
    """

def logit(input: Tensor, eps: _float | None = None, *, out: Any = None) -> Tensor:
    """Compute ``log(input / (1 - input))``, the inverse of sigmoid.

    Parameters
    ----------
    input : Tensor
        Any shape; integers become the default dtype.
    eps : float, optional
        Brings `input` between ``eps`` and ``1 - eps`` first.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the shape of `input`; NaN outside [0, 1] if `eps` is left out.

    Notes
    -----
    Derivative: ``g / (input * (1 - input))``; outside the range 0 with `eps`, NaN
    without.

    Examples
    --------
    >>> x = derivo.tensor([0.25, 0.75], requires_grad=True)
    >>> y = derivo.logit(x)
    >>> y
    tensor([-1.0986,  1.0986], grad_fn=<LogitBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([5.3333, 5.3333])
    """

def logit_(input: Tensor, eps: _float | None = None) -> Tensor:
    """Compute the inverse of sigmoid.

    In place; see `derivo.logit`.
    """

def logspace(
    start: Number | Tensor,
    end: Number | Tensor,
    steps: _int,
    base: _float = 10.0,
    *,
    out: Tensor | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: _bool = False,
) -> Tensor:
    """Make `steps` values from base**start to base**end, evenly spaced in exponent.

    Examples
    --------
    >>> import derivo
    >>> derivo.logspace(0, 2, 3)
    tensor([  1.,  10., 100.])
    """

def logsumexp(
    input: Tensor,
    dim: Any,
    keepdim: _bool = False,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Logarithm of the sum of exponentials, without overflow.

    Parameters
    ----------
    input : Tensor
        Integers become the default dtype.
    dim : int or tuple of int
        Dimensions to reduce.
    keepdim : bool, default False
        Keep them with size one.
    out : Tensor, optional
        Takes the result.

    Notes
    -----
    **Derivative** ``g * softmax(x)``.

    Examples
    --------
    >>> import derivo
    >>> derivo.logsumexp(derivo.zeros(2), 0)
    tensor(0.6931)
    """
long: DType

def lt(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Tell where `input` is less than `other`; false where either is NaN.

    The same as `less`.
    """

def lu(
    A: Tensor,
    pivot: _bool = True,
    get_infos: _bool = False,
    *,
    out: Any = None,
) -> Any:
    """LU factors in one matrix, and the pivots; see `linalg.lu_factor_ex`.

    Parameters
    ----------
    A : Tensor
        Of shape ``(*, m, n)``.
    pivot : bool, default True
        Must be True on the CPU.
    get_infos : bool, default False
        Give LAPACK's third result, too, instead of raising.
    out : tuple of Tensor, optional
        Take the results.

    Examples
    --------
    >>> import derivo
    >>> lu, pivots = derivo.lu(derivo.eye(2))
    >>> pivots
    tensor([1, 2], dtype=torch.int32)
    """

def lu_solve(
    b: Tensor,
    LU_data: Tensor,
    LU_pivots: Tensor,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Solve ``A x = b`` given the LU factors of `A`; see `linalg.lu_solve`.

    Examples
    --------
    >>> import derivo
    >>> lu, pivots = derivo.linalg.lu_factor(4 * derivo.eye(2))
    >>> derivo.lu_solve(derivo.ones(2, 1), lu, pivots)
    tensor([[0.2500],
            [0.2500]])
    """

def lu_unpack(
    LU_data: Tensor,
    LU_pivots: Tensor,
    unpack_data: _bool = True,
    unpack_pivots: _bool = True,
    *,
    out: Any = None,
) -> Any:
    """Take P, L and U out of the LU factors of a matrix.

    Parameters
    ----------
    LU_data, LU_pivots : Tensor
        As of `linalg.lu_factor`.
    unpack_data : bool, default True
        False: `L` and `U` are empty.
    unpack_pivots : bool, default True
        False: `P` is empty.
    out : tuple of Tensor, optional
        Take the results.

    Examples
    --------
    >>> import derivo
    >>> derivo.lu_unpack(*derivo.linalg.lu_factor(2 * derivo.eye(2))).U
    tensor([[2., 0.],
            [0., 2.]])
    """

def manual_seed(seed: _int) -> Generator:
    """Start the default generator anew from `seed`.

    Parameters
    ----------
    seed : int
        From -2**63 to 2**64 - 1; a negative seed stands for ``2**64 + seed``.

    Returns
    -------
    Generator
        The default generator.

    Raises
    ------
    ValueError
        If `seed` does not fit in 64 bits.

    Examples
    --------
    >>> import derivo
    >>> _ = derivo.manual_seed(0)
    >>> derivo.rand(3)
    tensor([0.4963, 0.7682, 0.0885])
    """
from . import masked as masked

def masked_fill(input: Tensor, mask: Tensor, value: Number | Tensor) -> Tensor:
    """Copy a tensor and set the elements where a mask is true.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype; broadcast with the mask.
    mask : Tensor
        bool.
    value : number or 0-d Tensor
        The value.

    Notes
    -----
    **Derivative** zero where the mask is true.

    Examples
    --------
    >>> import derivo
    >>> derivo.ones(2).masked_fill(derivo.tensor([True, False]), 0.0)
    tensor([0., 1.])
    """

def masked_scatter(input: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """Copy a tensor and write the elements of `source` where a mask is true."""

def masked_select(input: Tensor, mask: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Take the elements where a mask is true, as a 1-D tensor.

    Examples
    --------
    >>> import derivo
    >>> derivo.tensor([1, 2, 3]).masked_select(derivo.tensor([True, False, True]))
    tensor([1, 3])
    """

def matmul(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Matrix product of two tensors, with broadcasting over leading dimensions.

    Parameters
    ----------
    input, other : Tensor
        At least 1-D and of one dtype, any but bool. Two vectors give their
        dot product; a vector on the left counts as one row, on the right as one
        column, and that dimension is absent from the result; with more dimensions the
        last two are those of matrices, and those before broadcast.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of shape ``(*batch, n, p)``.

    Raises
    ------
    RuntimeError
        A 0-d operand, shapes or dtypes that do not fit.
    NotImplementedError
        A dtype without products.

    Notes
    -----
    **Derivative**: ``g @ other.mT`` for `input`, ``input.mT @ g`` for `other`, summed
    over what was broadcast.

    Examples
    --------
    >>> import derivo as torch
    >>> w = torch.ones(3, 2, requires_grad=True)
    >>> torch.matmul(torch.ones(5, 4, 3), w).sum().backward()
    >>> w.grad
    tensor([[20., 20.],
            [20., 20.],
            [20., 20.]])
    """

def matrix_exp(input: Tensor) -> Tensor:
    """Exponential of square matrices.

    Parameters
    ----------
    input : Tensor
        Of shape ``(*, n, n)``, floating point or complex.

    Returns
    -------
    Tensor

    Notes
    -----
    **Derivative**: a block of the exponential of a block matrix (Mathias, 1996).

    Examples
    --------
    >>> import derivo
    >>> a = derivo.zeros(2, 2, requires_grad=True)
    >>> derivo.linalg.matrix_exp(a).sum().backward()
    >>> a.grad
    tensor([[1., 1.],
            [1., 1.]])
    """

def matrix_power(input: Tensor, n: _int, *, out: Tensor | None = None) -> Tensor:
    """Power of square matrices, by repeated squaring.

    Parameters
    ----------
    input : Tensor
        Of shape ``(*, k, k)``.
    n : int
        Negative powers are those of the inverse.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import derivo
    >>> a = derivo.tensor([[2.0]], requires_grad=True)
    >>> derivo.linalg.matrix_power(a, 3).backward()
    >>> a.grad
    tensor([[12.]])
    """

def max(
    input: Tensor,
    dim: Any = None,
    keepdim: _bool = False,
    *,
    other: Tensor | None = None,
    out: Any = None,
) -> Any:
    """Largest element of all, along a dimension, or of pairs.

    Parameters
    ----------
    input : Tensor
        Any real dtype.
    dim : int or Tensor, optional
        The dimension; or another tensor, for the elementwise form.
    keepdim : bool, default False
        Keep the dimension with size one.
    out : Tensor or pair of Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor, or named tuple of Tensor
        ``values`` and ``indices`` if `dim` is an int.

    Raises
    ------
    RuntimeError, IndexError
        If there are no elements.

    Notes
    -----
    NaN propagates; among equal elements the first one is found. **Derivative** to the
    element found along a dimension; shared evenly among equal ones over all.

    Examples
    --------
    >>> import derivo
    >>> derivo.max(derivo.tensor([1.0, 3.0, 2.0]), 0).indices
    tensor(1)
    """

def maximum(
    input: Tensor,
    other: Tensor | Number,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Take the larger of two; NaN if either is.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype.
    other : Tensor or Number
        Broadcast with the others, any real dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Notes
    -----
    Derivative: ``g`` goes to the larger one, half to each where they are equal.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> y = derivo.maximum(x, derivo.tensor(2.0))
    >>> y
    tensor([2., 2., 3.], grad_fn=<MaximumBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.0000, 0.5000, 1.0000])
    """

def mean(
    input: Any,
    dim: Any = None,
    keepdim: Any = False,
    *,
    dtype: Any = None,
    out: Any = None,
) -> Any:
    """Mean of elements, of all or along dimensions.

    Parameters
    ----------
    input : Tensor
        Floating point (or give `dtype`).
    dim : int or tuple of int, optional
        Dimensions to average over; all if not given.
    keepdim : bool, default False
        Keep them with size one.
    dtype : dtype, optional
        Convert to it first.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    RuntimeError
        For integers and bool.

    Notes
    -----
    **Derivative** the incoming gradient divided by the number of elements.

    Examples
    --------
    >>> import derivo
    >>> derivo.tensor([1.0, 2.0, 6.0]).mean()
    tensor(3.)
    """

def median(
    input: Tensor,
    dim: _int | None = None,
    keepdim: _bool = False,
    *,
    out: Any = None,
) -> Any:
    """Median of all elements or along a dimension.

    Parameters
    ----------
    input : Tensor
        Any real dtype except bool.
    dim : int, optional
        The dimension; all elements if not given.
    keepdim : bool, default False
        Keep the dimension with size one.
    out : Tensor or pair of Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor, or named tuple of Tensor
        The lower of the two middle elements if their number is even; ``values`` and
        ``indices`` if `dim` is given.

    Raises
    ------
    IndexError
        If the dimension is empty.

    Notes
    -----
    NaN if any element is NaN.
    **Derivative** shared evenly among elements equal to the median of all; to the one
    found along a dimension.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([3.0, 1.0, 2.0], requires_grad=True)
    >>> derivo.median(x).backward()
    >>> x.grad
    tensor([0., 0., 1.])
    """
from derivo._info import memory_format as memory_format

def memory_stats() -> Any:
    """Figures of the caching allocator.

    Returns
    -------
    dict
        ``allocated_bytes`` (in use by tensors), ``peak_bytes`` (its maximum),
        ``cached_bytes`` (free, kept for reuse), ``cache_limit_bytes``,
        ``allocations`` (requests so far) and ``system_allocations`` (requests that
        had to ask the operating system).

    Examples
    --------
    >>> import derivo
    >>> derivo.memory_stats()["allocated_bytes"] >= 0
    True
    """

def meshgrid(*tensors: Any, indexing: str | None = None) -> tuple[Tensor, ...]:
    """Coordinate grids of vectors.

    Parameters
    ----------
    *tensors : Tensor
        0-d or 1-D, of one dtype.
    indexing : {"ij", "xy"}
        Whether the first vector runs along the rows (matrix order) or along the
        columns (Cartesian order). Leaving it out means "ij" and warns.

    Returns
    -------
    tuple of Tensor
        Views, one for each vector.

    Raises
    ------
    RuntimeError
        If the tensors are not vectors of one dtype.

    Examples
    --------
    >>> import derivo
    >>> y, x = derivo.meshgrid(derivo.arange(2), derivo.arange(3), indexing="ij")
    >>> x
    tensor([[0, 1, 2],
            [0, 1, 2]])
    """

def min(
    input: Tensor,
    dim: Any = None,
    keepdim: _bool = False,
    *,
    other: Tensor | None = None,
    out: Any = None,
) -> Any:
    """Smallest element of all, along a dimension, or of pairs.

    Parameters
    ----------
    input : Tensor
        Any real dtype.
    dim : int or Tensor, optional
        The dimension; or another tensor, for the elementwise form.
    keepdim : bool, default False
        Keep the dimension with size one.
    out : Tensor or pair of Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor, or named tuple of Tensor
        ``values`` and ``indices`` if `dim` is an int.

    Raises
    ------
    RuntimeError, IndexError
        If there are no elements.

    Notes
    -----
    NaN propagates; among equal elements the first one is found. **Derivative** to the
    element found along a dimension; shared evenly among equal ones over all.

    Examples
    --------
    >>> import derivo
    >>> derivo.min(derivo.tensor([1.0, 3.0, 2.0]), 0).indices
    tensor(0)
    """

def minimum(
    input: Tensor,
    other: Tensor | Number,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Take the smaller of two; NaN if either is.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype.
    other : Tensor or Number
        Broadcast with the others, any real dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Notes
    -----
    Derivative: ``g`` goes to the smaller one, half to each where they are equal.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> y = derivo.minimum(x, derivo.tensor(2.0))
    >>> y
    tensor([1., 2., 2.], grad_fn=<MinimumBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1.0000, 0.5000, 0.0000])
    """

def mm(input: Tensor, mat2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Product of two matrices.

    Parameters
    ----------
    input : Tensor
        Of shape ``(n, m)``, any dtype except bool.
    mat2 : Tensor
        Of shape ``(m, p)`` and the same dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of shape ``(n, p)`` and the dtype of the operands. 16-bit floats are summed in
        float32; integers wrap around.

    Raises
    ------
    RuntimeError
        Operands that are not matrices, whose shapes or dtypes do not fit.
    NotImplementedError
        A dtype without products.

    Notes
    -----
    **Derivative**: ``g @ mat2.T`` for `input`, ``input.T @ g`` for `mat2`.

    Examples
    --------
    >>> import derivo as torch
    >>> a = torch.tensor([[1.0, 2.0]], requires_grad=True)
    >>> torch.mm(a, torch.tensor([[3.0], [4.0]])).backward()
    >>> a.grad
    tensor([[3., 4.]])
    """

def mode(
    input: Tensor,
    dim: _int = -1,
    keepdim: _bool = False,
    *,
    out: Any = None,
) -> Any:
    """Return the most frequent element along a dimension, the smallest of several.

    Parameters
    ----------
    input : Tensor
        Any real dtype.
    dim : int, default -1
        The dimension.
    keepdim : bool, default False
        Keep it with size one.
    out : pair of Tensor, optional
        Takes the result.

    Returns
    -------
    named tuple of Tensor
        ``values`` and ``indices``.

    Examples
    --------
    >>> import derivo
    >>> derivo.mode(derivo.tensor([1, 2, 2, 3])).values
    tensor(2)
    """

def moveaxis(input: Tensor, source: Any, destination: Any) -> Tensor:
    """Move dimensions to other places; the rest keep their order.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    source, destination : int or sequence of int
        Which dimensions, and where they go.

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros(2, 3, 4).movedim(0, -1).shape
    torch.Size([3, 4, 2])
    """

def movedim(input: Tensor, source: Any, destination: Any) -> Tensor:
    """Move dimensions to other places; the rest keep their order.

    The same as `moveaxis`.
    """
from . import mps as mps

def msort(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Sort along the first dimension."""

def mul(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Multiply element by element.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    other : Tensor or Number
        Broadcast with the others, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Notes
    -----
    Derivative: ``g * other`` and ``g * input``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> y = derivo.mul(x, derivo.tensor([3.0, 4.0]))
    >>> y
    tensor([3., 8.], grad_fn=<MulBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([3., 4.])
    """

def multinomial(
    input: Tensor,
    num_samples: _int,
    replacement: _bool = False,
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

def multiply(
    input: Tensor,
    other: Tensor | Number,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Multiply element by element.

    The same as `mul`.
    """

def mv(input: Tensor, vec: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Product of a matrix and a vector.

    Parameters
    ----------
    input : Tensor
        Of shape ``(n, m)``, any dtype except bool.
    vec : Tensor
        Of shape ``(m,)`` and the same dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of shape ``(n,)``.

    Raises
    ------
    RuntimeError
        Wrong numbers of dimensions, sizes or dtypes that do not fit.
    NotImplementedError
        A dtype without products.

    Notes
    -----
    **Derivative**: ``outer(g, vec)`` for `input`, ``input.T @ g`` for `vec`.

    Examples
    --------
    >>> import derivo as torch
    >>> v = torch.tensor([1.0, 1.0], requires_grad=True)
    >>> torch.mv(torch.tensor([[1.0, 2.0], [3.0, 4.0]]), v).sum().backward()
    >>> v.grad
    tensor([4., 6.])
    """

def mvlgamma(input: Tensor, p: _int, *, out: Any = None) -> Tensor:
    """Take the logarithm of the multivariate gamma function.

    Parameters
    ----------
    input : Tensor
        Any shape, elements above ``(p - 1) / 2``.
    p : int
        Number of dimensions, at least 1.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Raises
    ------
    RuntimeError
        If `p` is less than 1.

    Notes
    -----
    Derivative: ``g`` times the sum of ``digamma(input - i / 2)`` for i below `p`.

    Examples
    --------
    >>> x = derivo.tensor([2.0, 4.0], requires_grad=True)
    >>> y = derivo.mvlgamma(x, 2)
    >>> y
    tensor([0.4516, 3.5651], grad_fn=<MvlgammaBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.4593, 2.3593])
    """
nan: _float

def nan_to_num(
    input: Tensor,
    nan: _float | None = None,
    posinf: _float | None = None,
    neginf: _float | None = None,
    *,
    out: Any = None,
) -> Tensor:
    """Replace NaN and infinities.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    nan : float, optional
        Replaces NaN; 0 if left out.
    posinf, neginf : float, optional
        Replace the infinities; the largest and smallest finite number of the dtype
        if left out.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the shape and dtype of `input`.

    Notes
    -----
    Derivative: ``g`` where `input` is finite, else 0.

    Examples
    --------
    >>> x = derivo.tensor([1.0, float("nan"), float("inf")], requires_grad=True)
    >>> y = derivo.nan_to_num(x, posinf=9.0)
    >>> y
    tensor([1., 0., 9.], grad_fn=<NanToNumBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1., 0., 0.])
    """

def nan_to_num_(
    input: Tensor,
    nan: _float | None = None,
    posinf: _float | None = None,
    neginf: _float | None = None,
) -> Tensor:
    """Replace NaN and infinities.

    In place; see `derivo.nan_to_num`.
    """

def nanmean(
    input: Tensor,
    dim: Any = None,
    keepdim: _bool = False,
    *,
    dtype: dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Mean of the elements that are not NaN, of all or along dimensions.

    Parameters
    ----------
    input : Tensor
        Floating point.
    dim : int or tuple of int, optional
        Dimensions to reduce; all if not given.
    keepdim : bool, default False
        Keep them with size one.
    dtype : dtype, optional
        Convert to it first.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        NaN where nothing is left.

    Raises
    ------
    RuntimeError
        If `input` is not floating point.

    Examples
    --------
    >>> import derivo
    >>> derivo.nanmean(derivo.tensor([1.0, derivo.nan, 3.0]))
    tensor(2.)
    """

def nanmedian(
    input: Tensor,
    dim: _int | None = None,
    keepdim: _bool = False,
    *,
    out: Any = None,
) -> Any:
    """Median of all elements or along a dimension, NaN left out.

    Parameters
    ----------
    input : Tensor
        Any real dtype except bool.
    dim : int, optional
        The dimension; all elements if not given.
    keepdim : bool, default False
        Keep the dimension with size one.
    out : Tensor or pair of Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor, or named tuple of Tensor
        The lower of the two middle elements if their number is even; ``values`` and
        ``indices`` if `dim` is given.

    Raises
    ------
    IndexError
        If the dimension is empty.

    Notes
    -----
    NaN only if there is nothing else.
    **Derivative** shared evenly among elements equal to the median of all; to the one
    found along a dimension.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([3.0, 1.0, 2.0], requires_grad=True)
    >>> derivo.nanmedian(x).backward()
    >>> x.grad
    tensor([0., 0., 1.])
    """

def nanquantile(
    input: Tensor,
    q: Any,
    dim: _int | None = None,
    keepdim: _bool = False,
    *,
    interpolation: str = 'linear',
    out: Tensor | None = None,
) -> Tensor:
    """Quantiles of all elements or along a dimension, NaN left out.

    Parameters
    ----------
    input : Tensor
        float32 or float64.
    q : float or Tensor
        In [0, 1]; a 1-D tensor of `input`'s dtype for several quantiles, which then
        make the first dimension of the result.
    dim : int, optional
        The dimension; all elements if not given.
    keepdim : bool, default False
        Keep the dimension with size one.
    interpolation : {"linear", "lower", "higher", "midpoint", "nearest"}
        What to take if the quantile lies between two elements.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    RuntimeError
        If a `q` is out of range, of another dtype or rank, or `input` is empty.

    Notes
    -----
    **Derivative** to the one or two elements that the quantile is made of.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([1.0, 2.0, 4.0, 8.0], requires_grad=True)
    >>> derivo.nanquantile(x, 0.5).backward()
    >>> x.grad
    tensor([0.0000, 0.5000, 0.5000, 0.0000])
    """

def nansum(
    input: Tensor,
    dim: Any = None,
    keepdim: _bool = False,
    *,
    dtype: dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Sum of the elements that are not NaN, of all or along dimensions.

    Parameters
    ----------
    input : Tensor
        Any real dtype; integers and bool are summed as int64.
    dim : int or tuple of int, optional
        Dimensions to reduce; all if not given.
    keepdim : bool, default False
        Keep them with size one.
    dtype : dtype, optional
        Convert to it first.
    out : Tensor, optional
        Takes the result.

    Notes
    -----
    **Derivative** zero where `input` is NaN.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([1.0, derivo.nan], requires_grad=True)
    >>> derivo.nansum(x).backward()
    >>> x.grad
    tensor([1., 0.])
    """

def narrow(input: Any, dim: Any, start: Any, length: Any) -> Any:
    """Take `length` entries of a dimension from `start` on.

    Parameters
    ----------
    input : Tensor
        At least one dimension.
    dim : int
        The dimension.
    start : int or 0-d Tensor
        First entry.
    length : int
        How many.

    Raises
    ------
    RuntimeError, IndexError
        If they do not lie within the dimension.

    Examples
    --------
    >>> import derivo
    >>> derivo.arange(5).narrow(0, 1, 3)
    tensor([1, 2, 3])
    """

def narrow_copy(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Any:
    """Contiguous copy of what `narrow` views.

    Parameters
    ----------
    input : Tensor
        The tensor; further arguments are those of `narrow`.
    out : Tensor, optional
        Takes the result.
    """

def native_dropout(
    input: Tensor,
    p: _float,
    train: _bool | None,
) -> tuple[Tensor, Tensor]:
    """Zero elements with probability `p`, and return also what was kept.

    Parameters
    ----------
    input : Tensor
        Any shape, floating point.
    p : float
        Probability of a zero.
    train : bool or None
        False: keep everything.

    Returns
    -------
    output, mask : Tensor
        The mask is bool.

    Examples
    --------
    >>> import derivo
    >>> _ = derivo.manual_seed(0)
    >>> derivo.native_dropout(derivo.ones(4), 0.5, True)
    (tensor([0., 0., 2., 0.]), tensor([False, False,  True, False]))
    """

def native_layer_norm(
    input: Tensor,
    normalized_shape: Sequence[_int],
    weight: Tensor | None,
    bias: Tensor | None,
    eps: _float,
) -> tuple[Tensor, Tensor, Tensor]:
    """Layer normalization with the mean and reciprocal deviation it used.

    The latter two take no part in differentiation, as in PyTorch.
    """

def ne(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Tell where `input` differs from `other`; NaN differs from everything.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    other : Tensor or Number
        Broadcast with the others, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. bool.

    Notes
    -----
    Derivative: none, the result is bool.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> derivo.ne(x, 2)
    tensor([ True, False,  True])
    >>> (x * derivo.ne(x, 2)).sum().backward()
    >>> x.grad
    tensor([1., 0., 1.])
    """

def neg(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Negate.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Notes
    -----
    Derivative: ``-g``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, -2.0], requires_grad=True)
    >>> y = derivo.neg(x)
    >>> y
    tensor([-1.,  2.], grad_fn=<NegBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([-1., -1.])
    """

def neg_(input: Tensor) -> Tensor:
    """Negate.

    In place; see `derivo.neg`.
    """

def negative(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Negate.

    The same as `neg`.
    """

def negative_(input: Tensor) -> Tensor:
    """Negate.

    In place; see `derivo.negative`.
    """
newaxis: None

def nextafter(
    input: Tensor,
    other: Tensor | Number,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Give the next representable number after `input` towards `other`.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, float32 or float64.
    other : Tensor or Number
        Broadcast with the others, any real dtype, float32 or float64.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: ``g`` for `input` where the two differ, else 0; 0 for `other`.

    Examples
    --------
    >>> x = derivo.tensor([1.0], requires_grad=True)
    >>> y = derivo.nextafter(x, derivo.tensor([2.0]))
    >>> (y - 1.0).item() == derivo.finfo(derivo.float32).eps
    True
    >>> y.sum().backward()
    >>> x.grad
    tensor([1.])
    """
from . import nn as nn
from derivo.autograd.grad_mode import no_grad as no_grad

def nonzero(
    input: Tensor,
    *,
    out: Tensor | None = None,
    as_tuple: _bool = False,
) -> Any:
    """Find the nonzero elements, in row-major order.

    Parameters
    ----------
    input : Tensor
        Any dtype.
    as_tuple : bool, default False
        One 1-D tensor per dimension instead of one row per element.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor or tuple of Tensor
        int64.

    Examples
    --------
    >>> import derivo
    >>> derivo.nonzero(derivo.tensor([0, 3, 5]))
    tensor([[1],
            [2]])
    """

def nonzero_static(
    input: Tensor,
    *,
    size: _int,
    fill_value: _int = -1,
    out: Tensor | None = None,
) -> Tensor:
    """Find the first `size` nonzero elements; missing rows hold `fill_value`.

    Examples
    --------
    >>> import derivo
    >>> derivo.nonzero_static(derivo.tensor([0, 3]), size=2).tolist()
    [[1], [-1]]
    """

def norm(
    input: Tensor,
    p: Any = 'fro',
    dim: Any = None,
    keepdim: _bool = False,
    out: Tensor | None = None,
    dtype: dtype | None = None,
) -> Tensor:
    """Vector norm of all elements or along dimensions (Frobenius by default).

    Parameters
    ----------
    input : Tensor
        Floating point.
    p : number, "fro" or "nuc", default "fro"
        Order of the norm; "nuc" is that of matrices.
    dim : int or tuple of int, optional
        Dimensions to reduce; all if not given.
    keepdim : bool, default False
        Keep them with size one.

    Examples
    --------
    >>> import derivo
    >>> derivo.tensor([3.0, 4.0]).norm()
    tensor(5.)
    """

def normal(
    mean: _float | Tensor = 0.0,
    std: _float | Tensor = 1.0,
    size: Sequence[_int] | None = None,
    *,
    generator: Generator | None = None,
    out: Tensor | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: device | str | None = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
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

def not_equal(
    input: Tensor,
    other: Tensor | Number,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Tell where `input` differs from `other`; NaN differs from everything.

    The same as `ne`.
    """

def numel(input: Tensor) -> _int:
    """Return the number of elements.

    Examples
    --------
    >>> import derivo
    >>> derivo.numel(derivo.ones(2, 3))
    6
    """

def ones(
    *size: Any,
    out: Tensor | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
) -> Tensor:
    """Make a tensor of ones.

    Parameters
    ----------
    *size : int
        Sizes of the dimensions, one by one or as one sequence.
    out : Tensor, optional
        Takes the result.
    dtype : dtype, optional
        Type of the elements; the default dtype if not given.
    device : device, optional
        The CPU.
    requires_grad : bool, default False
        Whether operations on the tensor are recorded.

    Raises
    ------
    RuntimeError
        If a size is negative.

    Examples
    --------
    >>> import derivo
    >>> derivo.ones(3)
    tensor([1., 1., 1.])
    """

def ones_like(
    input: Tensor,
    *,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Make a tensor of ones with the shape and layout of another.

    Parameters
    ----------
    input : Tensor
        Gives shape, memory layout and (by default) dtype.
    dtype : dtype, optional
        Type of the elements.
    device : device, optional
        The CPU.
    requires_grad : bool, default False
        Whether operations on the tensor are recorded.

    Examples
    --------
    >>> import derivo
    >>> derivo.ones_like(derivo.ones(2, 2)).shape
    torch.Size([2, 2])
    """
from . import ops as ops
from . import optim as optim

def outer(input: Tensor, vec2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Product of each element of one vector with each of another.

    The same as `ger`.
    """
from . import overrides as overrides

def pca_lowrank(
    A: Tensor,
    q: _int | None = None,
    center: _bool = True,
    niter: _int = 2,
) -> tuple[Tensor, Tensor, Tensor]:
    """Principal components of a matrix of low rank, nearly.

    Parameters
    ----------
    A : Tensor
        Of shape ``(*, m, n)``: `m` observations.
    q : int, optional
        Somewhat more than the rank; ``min(6, m, n)`` if not given.
    center : bool, default True
        Whether the mean of the observations is subtracted.
    niter : int, default 2
        Rounds of power iteration.

    Returns
    -------
    U, S, V : Tensor
        The columns of `V` are the principal directions; ``S ** 2 / (m - 1)`` their
        variances.

    Raises
    ------
    ValueError
        If `q` is not from 0 to ``min(m, n)``, or `niter` is negative.

    Examples
    --------
    >>> import derivo
    >>> a = derivo.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 0.0]])
    >>> derivo.pca_lowrank(a, q=1)[1].square().round()
    tensor([2.])
    """

def permute(input: Any, *dims: Any) -> Any:
    """Reorder the dimensions.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    *dims : int
        For each dimension of the result, which of the input it is.

    Raises
    ------
    RuntimeError
        If a dimension is missing or repeated.

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros(2, 3, 4).permute(2, 0, 1).shape
    torch.Size([4, 2, 3])
    """

def permute_copy(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Any:
    """Contiguous copy of what `permute` views.

    Parameters
    ----------
    input : Tensor
        The tensor; further arguments are those of `permute`.
    out : Tensor, optional
        Takes the result.
    """
pi: _float

def pinverse(input: Tensor, rcond: _float = 1e-15) -> Tensor:
    """Pseudoinverse of matrices; see `linalg.pinv`.

    Examples
    --------
    >>> import derivo
    >>> derivo.pinverse(2 * derivo.eye(2))
    tensor([[0.5000, 0.0000],
            [0.0000, 0.5000]])
    """

def pixel_shuffle(input: Tensor, upscale_factor: _int) -> Tensor:
    """Make larger images of many channels: (C r², H, W) becomes (C, H r, W r).

    Parameters
    ----------
    input : Tensor
        At least 3-D; the third dimension from the end divisible by the square of
        the factor.
    upscale_factor : int
        r.

    Raises
    ------
    RuntimeError
        If the shape does not fit.

    Examples
    --------
    >>> import derivo
    >>> derivo.pixel_shuffle(derivo.arange(4).view(4, 1, 1), 2)
    tensor([[[0, 1],
             [2, 3]]])
    """

def pixel_unshuffle(input: Tensor, downscale_factor: _int) -> Tensor:
    """Undo `pixel_shuffle`: (C, H r, W r) becomes (C r², H, W).

    Parameters
    ----------
    input : Tensor
        At least 3-D; height and width divisible by the factor.
    downscale_factor : int
        r.

    Raises
    ------
    RuntimeError
        If the shape does not fit.

    Examples
    --------
    >>> import derivo
    >>> derivo.pixel_unshuffle(derivo.arange(4).view(1, 2, 2), 2).flatten()
    tensor([0, 1, 2, 3])
    """

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

def polar(abs: Tensor, angle: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Make a complex tensor from absolute values and angles.

    Parameters
    ----------
    abs, angle : Tensor
        Of one dtype, float32 or float64; broadcast with each other.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        ``abs * (cos(angle) + 1j * sin(angle))``.

    Raises
    ------
    RuntimeError
        If the dtypes differ or are not float32 or float64.

    Notes
    -----
    **Derivative**: the parts of ``g`` along ``exp(1j * angle)``, and across it times
    `abs`.

    Examples
    --------
    >>> import derivo
    >>> r = derivo.tensor([2.0], requires_grad=True)
    >>> z = derivo.polar(r, derivo.zeros(1))
    >>> z
    tensor([2.+0.j], grad_fn=<PolarBackward0>)
    >>> z.real.sum().backward()
    >>> r.grad
    tensor([1.])
    """

def polygamma(n: _int, input: Tensor, *, out: Any = None) -> Tensor:
    """Compute derivative number `n` of the digamma function.

    Parameters
    ----------
    n : int
        Order of the derivative, not negative.
    input : Tensor
        Any shape; integers become the default dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Raises
    ------
    RuntimeError
        If `n` is negative.

    Notes
    -----
    Derivative: ``g * polygamma(n + 1, input)``.

    Examples
    --------
    >>> x = derivo.tensor([0.5, 4.0], requires_grad=True)
    >>> y = derivo.polygamma(1, x)
    >>> y
    tensor([4.9348, 0.2838], grad_fn=<PolygammaBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([-16.8288,  -0.0800])
    """

def positive(input: Tensor) -> Tensor:
    """Give `input` itself, as ``+input`` does.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype except bool.

    Returns
    -------
    Tensor
        The same tensor.

    Raises
    ------
    RuntimeError
        If `input` is bool.

    Notes
    -----
    Derivative: ``g``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, -2.0], requires_grad=True)
    >>> derivo.positive(x) is x
    True
    >>> derivo.positive(x).sum().backward()
    >>> x.grad
    tensor([1., 1.])
    """

def pow(
    input: Tensor | Number,
    exponent: Tensor | Number,
    *,
    out: Any = None,
) -> Tensor:
    """Raise to a power.

    Parameters
    ----------
    input : Tensor or Number
        Base, any shape, any dtype except bool.
    exponent : Tensor or Number
        Broadcast with `input`; one of the two is a tensor.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape, in the promoted dtype.

    Raises
    ------
    RuntimeError
        If integers are raised to a negative whole number.

    Notes
    -----
    Derivative: ``g * exponent * input**(exponent - 1)``, 0 where the exponent is 0;
    and ``g * out * log(input)``, 0 where the base is 0.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> y = derivo.pow(x, 3)
    >>> y
    tensor([ 1.,  8., 27.], grad_fn=<PowBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([ 3., 12., 27.])
    """

def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """Keep what is positive, times a learned slope what is not.

    Parameters
    ----------
    input : Tensor
        Any shape, floating point; channels are dimension 1.
    weight : Tensor
        Slopes below 0: one, or one a channel. Of the dtype of `input`.

    Returns
    -------
    Tensor
        Of the shape and dtype of `input`.

    Raises
    ------
    RuntimeError
        If the dtypes differ, or the number of slopes is not that of the channels.

    Notes
    -----
    Derivative: ``g`` where `input` is positive, else ``g * weight``; and for `weight`
    the sum of ``g * input`` where `input` is not positive.

    Examples
    --------
    >>> x = derivo.tensor([-2.0, 3.0])
    >>> slope = derivo.tensor(0.25, requires_grad=True)
    >>> y = derivo.prelu(x, slope)
    >>> y
    tensor([-0.5000,  3.0000], grad_fn=<PreluKernelBackward0>)
    >>> y.sum().backward()
    >>> slope.grad
    tensor(-2.)
    """
preserve_format: memory_format

def prod(
    input: Tensor,
    dim: _int | None = None,
    keepdim: _bool = False,
    *,
    dtype: dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Product of elements, of all or along a dimension.

    Parameters
    ----------
    input : Tensor
        Any real dtype.
    dim : int, optional
        The dimension; all if not given.
    keepdim : bool, default False
        Keep it with size one.
    dtype : dtype, optional
        Convert to it first. Integers and bool are multiplied as int64 by default.
    out : Tensor, optional
        Takes the result.

    Notes
    -----
    **Derivative** the product of all other elements, also where some are zero.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([2.0, 0.0, 3.0], requires_grad=True)
    >>> x.prod().backward()
    >>> x.grad
    tensor([0., 6., 0.])
    """

def promote_types(type1: Any, type2: Any) -> Any:
    """The smallest dtype that both types convert to, by PyTorch's rules.

    Examples
    --------
    >>> import derivo
    >>> derivo.promote_types(derivo.int32, derivo.float32)
    torch.float32
    """

def put(
    input: Tensor,
    index: Tensor,
    source: Tensor,
    accumulate: _bool = False,
) -> Tensor:
    """Copy a tensor and write elements of its flattened form."""

def qr(input: Tensor, some: _bool = True, *, out: Any = None) -> Any:
    """QR decomposition; see `linalg.qr`.

    Examples
    --------
    >>> import derivo
    >>> derivo.qr(derivo.eye(2)).Q.shape
    torch.Size([2, 2])
    """

def quantile(
    input: Tensor,
    q: Any,
    dim: _int | None = None,
    keepdim: _bool = False,
    *,
    interpolation: str = 'linear',
    out: Tensor | None = None,
) -> Tensor:
    """Quantiles of all elements or along a dimension.

    Parameters
    ----------
    input : Tensor
        float32 or float64.
    q : float or Tensor
        In [0, 1]; a 1-D tensor of `input`'s dtype for several quantiles, which then
        make the first dimension of the result.
    dim : int, optional
        The dimension; all elements if not given.
    keepdim : bool, default False
        Keep the dimension with size one.
    interpolation : {"linear", "lower", "higher", "midpoint", "nearest"}
        What to take if the quantile lies between two elements.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    RuntimeError
        If a `q` is out of range, of another dtype or rank, or `input` is empty.

    Notes
    -----
    **Derivative** to the one or two elements that the quantile is made of.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([1.0, 2.0, 4.0, 8.0], requires_grad=True)
    >>> derivo.quantile(x, 0.5).backward()
    >>> x.grad
    tensor([0.0000, 0.5000, 0.5000, 0.0000])
    """

def rad2deg(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Convert radians to degrees.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``g * 180 / pi``.

    Examples
    --------
    >>> x = derivo.tensor([3.0, -1.0], requires_grad=True)
    >>> y = derivo.rad2deg(x)
    >>> y
    tensor([171.8873, -57.2958], grad_fn=<Rad2DegBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([57.2958, 57.2958])
    """

def rad2deg_(input: Tensor) -> Tensor:
    """Convert radians to degrees.

    In place; see `derivo.rad2deg`.
    """

def rand(
    *size: _int | Sequence[_int],
    generator: Generator | None = None,
    out: Tensor | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: device | str | None = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
    **named: Any,
) -> Tensor:
    """Draw numbers from the uniform distribution over [0, 1).

    Parameters
    ----------
    *size : int
        Shape, as ints or as one sequence.
    generator : Generator, optional
        Source of randomness; the default generator if not given.
    out : Tensor, optional
        Takes the result.
    dtype : dtype, optional
        Floating point or complex; the default dtype if not given.
    layout, device, pin_memory
        For PyTorch's scripts: strided tensors on the CPU.
    requires_grad : bool, default False
        Whether the result is tracked by autograd.

    Returns
    -------
    Tensor
        Of shape `size`.

    Raises
    ------
    NotImplementedError
        If `dtype` is not floating point.

    Examples
    --------
    >>> import derivo
    >>> _ = derivo.manual_seed(0)
    >>> derivo.rand(2, 2)
    tensor([[0.4963, 0.7682],
            [0.0885, 0.1320]])
    """

def rand_like(
    input: Tensor,
    *,
    generator: Generator | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: device | str | None = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Draw uniform numbers from [0, 1) in the shape of `input`; see `derivo.rand`.

    Parameters
    ----------
    input : Tensor
        Gives shape, dtype and, if its elements are dense in memory, strides.
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
    >>> derivo.rand_like(derivo.zeros(2, 3)).shape
    torch.Size([2, 3])
    """

def randint(
    *args: Any,
    generator: Generator | None = None,
    out: Tensor | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: device | str | None = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
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

def randint_like(
    input: Tensor,
    *args: Any,
    generator: Generator | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: device | str | None = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
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

def randn(
    *size: _int | Sequence[_int],
    generator: Generator | None = None,
    out: Tensor | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: device | str | None = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
    **named: Any,
) -> Tensor:
    """Draw numbers from the normal distribution with mean 0 and variance 1.

    Parameters
    ----------
    *size : int
        Shape, as ints or as one sequence.
    generator : Generator, optional
        Source of randomness; the default generator if not given.
    out : Tensor, optional
        Takes the result.
    dtype : dtype, optional
        Floating point or complex (each part has variance 1/2); the default dtype if
        not given.
    layout, device, pin_memory
        For PyTorch's scripts: strided tensors on the CPU.
    requires_grad : bool, default False
        Whether the result is tracked by autograd.

    Returns
    -------
    Tensor
        Of shape `size`.

    Raises
    ------
    NotImplementedError
        If `dtype` is not floating point.

    Examples
    --------
    >>> import derivo
    >>> _ = derivo.manual_seed(0)
    >>> derivo.randn(3)
    tensor([ 1.5410, -0.2934, -2.1788])
    """

def randn_like(
    input: Tensor,
    *,
    generator: Generator | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: device | str | None = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Draw standard normal numbers in the shape of `input`; see `derivo.randn`.

    Parameters
    ----------
    input : Tensor
        Gives shape, dtype and, if its elements are dense in memory, strides.
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
    >>> derivo.randn_like(derivo.zeros(2, 3)).shape
    torch.Size([2, 3])
    """
from . import random as random

def randperm(
    n: _int,
    *,
    generator: Generator | None = None,
    out: Tensor | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: device | str | None = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
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

def range(
    start: Number = 0,
    end: Number | None = None,
    step: Number = 1,
    *,
    out: Tensor | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: _bool = False,
) -> Tensor:
    """Make values from `start` to `end` inclusive (deprecated; use `arange`)."""

def ravel(input: Tensor) -> Tensor:
    """Flatten to one dimension: a view if the strides allow it.

    Examples
    --------
    >>> import derivo
    >>> derivo.ravel(derivo.tensor([[1, 2], [3, 4]]))
    tensor([1, 2, 3, 4])
    """

def real(input: Tensor) -> Tensor:
    """Return the real part: a view of a complex tensor, a real tensor itself."""

def reciprocal(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute ``1 / x``.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``-g * out**2``.

    Examples
    --------
    >>> x = derivo.tensor([4.0, -0.5], requires_grad=True)
    >>> y = derivo.reciprocal(x)
    >>> y
    tensor([ 0.2500, -2.0000], grad_fn=<ReciprocalBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([-0.0625, -4.0000])
    """

def reciprocal_(input: Tensor) -> Tensor:
    """Compute ``1 / x``.

    In place; see `derivo.reciprocal`.
    """

def relu(input: Tensor) -> Tensor:
    """Keep what is positive: ``max(input, 0)``.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype except bool.
    inplace : bool, default False
        Change `input` itself.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: ``g`` where the result is positive, 0 elsewhere, also at 0.

    Examples
    --------
    >>> x = derivo.tensor([-1.0, 0.0, 2.0], requires_grad=True)
    >>> y = derivo.relu(x)
    >>> y
    tensor([0., 0., 2.], grad_fn=<ReluBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0., 0., 1.])
    """

def relu_(input: Tensor) -> Tensor:
    """Keep what is positive: ``max(input, 0)``.

    In place; see `derivo.relu`.
    """

def remainder(
    input: Tensor | Number,
    other: Tensor | Number,
    *,
    out: Any = None,
) -> Tensor:
    """Compute the remainder of a division, with the sign of the divisor.

    Parameters
    ----------
    input : Tensor or Number
        Any shape, any dtype except bool.
    other : Tensor or Number
        Broadcast with `input`; one of the two is a tensor.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape, in the promoted dtype; as Python's ``%``.

    Raises
    ------
    RuntimeError
        If integers are divided by zero.

    Notes
    -----
    Derivative: ``g`` for `input`, ``-g * floor(input / other)`` for `other`.

    Examples
    --------
    >>> x = derivo.tensor([5.5, -5.5], requires_grad=True)
    >>> y = derivo.remainder(x, 3)
    >>> y
    tensor([2.5000, 0.5000], grad_fn=<RemainderBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1., 1.])
    """

def renorm(
    input: Tensor,
    p: _float,
    dim: _int,
    maxnorm: _float,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Scale down the slices of a dimension whose norm exceeds a bound.

    Parameters
    ----------
    input : Tensor
        Floating point, at least 2-D.
    p : float
        Of the norm, positive.
    dim : int
        The dimension.
    maxnorm : float
        The bound.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    RuntimeError
        If `p` is not positive, `maxnorm` negative or `input` of less dimensions.

    Examples
    --------
    >>> import derivo
    >>> derivo.renorm(derivo.tensor([[3.0, 4.0], [0.3, 0.4]]), 2, 0, 1.0)
    tensor([[0.6000, 0.8000],
            [0.3000, 0.4000]])
    """

def repeat_interleave(
    input: Tensor,
    repeats: Any = None,
    dim: _int | None = None,
    *,
    output_size: _int | None = None,
) -> Tensor:
    """Repeat each element (or row) in place of itself.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype. Alone, it is taken for `repeats`, and the indices
        that it repeats are returned.
    repeats : int or Tensor
        How often; one number, or one for each entry of the dimension.
    dim : int, optional
        The dimension; the flattened tensor if not given.
    output_size : int, optional
        Size of the result along the dimension, where known.

    Raises
    ------
    RuntimeError
        If counts are negative or not as many as entries.

    Examples
    --------
    >>> import derivo
    >>> derivo.repeat_interleave(derivo.tensor([1, 2]), 2)
    tensor([1, 1, 2, 2])
    """

def reset_peak_memory_stats() -> Any:
    """Set ``peak_bytes`` of :func:`memory_stats` to what is in use now."""

def reshape(input: Any, *shape: Any) -> Any:
    """Give the elements, in their order, other sizes: a view if possible, else a copy.

    Parameters
    ----------
    input : Tensor
        Any dtype.
    *shape : int
        New sizes, one of which may be -1 (inferred).

    Raises
    ------
    RuntimeError
        If the number of elements differs.

    Examples
    --------
    >>> import derivo
    >>> derivo.arange(4).reshape(2, -1)
    tensor([[0, 1],
            [2, 3]])
    """

def resize_as_(self: Tensor, the_template: Tensor, memory_format: Any = None) -> Tensor:
    """Change the shape to that of another tensor."""

def resolve_conj(input: Tensor) -> Tensor:
    """Return the tensor: conjugation is never pending."""

def resolve_neg(input: Tensor) -> Tensor:
    """Return the tensor: conjugation is never pending.

    The same as `resolve_conj`.
    """

def result_type(*tensors: Any) -> Any:
    """The dtype that an operation on these tensors and numbers would give.

    Examples
    --------
    >>> import derivo
    >>> derivo.result_type(derivo.tensor([1, 2]), 1.5)
    torch.float32
    """

def roll(input: Tensor, shifts: Any, dims: Any = None) -> Tensor:
    """Shift elements along dimensions; what falls off re-enters at the other end.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    shifts : int or sequence of int
        By how much.
    dims : int or sequence of int, optional
        Along which dimensions; the flattened tensor if not given.

    Raises
    ------
    RuntimeError
        If there are not as many shifts as dimensions.

    Notes
    -----
    **Derivative** the gradient, rolled back.

    Examples
    --------
    >>> import derivo
    >>> derivo.roll(derivo.arange(4), 1)
    tensor([3, 0, 1, 2])
    """

def rot90(input: Tensor, k: _int = 1, dims: Sequence[_int] = ...) -> Tensor:
    """Turn by quarter turns in the plane of two dimensions.

    Parameters
    ----------
    input : Tensor
        At least 2-D.
    k : int, default 1
        How many quarter turns, from the first towards the second dimension.
    dims : pair of int, default (0, 1)
        The plane.

    Raises
    ------
    RuntimeError, IndexError
        If `dims` are not two different dimensions of the tensor.

    Examples
    --------
    >>> import derivo
    >>> derivo.rot90(derivo.tensor([[1, 2], [3, 4]]))
    tensor([[2, 4],
            [1, 3]])
    """

def round(input: Tensor, *, decimals: _int | None = None, out: Any = None) -> Tensor:
    """Round to the nearest whole number, or decimal; halves go to the even one.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype except bool; floating point if `decimals` is given.
    decimals : int, optional
        Digits to keep after the point; negative for tens, hundreds ...
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the shape and dtype of `input`.

    Raises
    ------
    TypeError
        If `decimals` is not an int.

    Notes
    -----
    Derivative: 0.

    Examples
    --------
    >>> x = derivo.tensor([0.5, 1.5, 2.25], requires_grad=True)
    >>> derivo.round(x, decimals=1)
    tensor([0.5000, 1.5000, 2.2000], grad_fn=<RoundBackward1>)
    >>> y = derivo.round(x)
    >>> y
    tensor([0., 2., 2.], grad_fn=<RoundBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0., 0., 0.])
    """

def round_(input: Tensor, *, decimals: _int | None = None) -> Tensor:
    """Round to the nearest whole number, or decimal.

    In place; see `derivo.round`.
    """

def row_stack(tensors: Any, *, out: Tensor | None = None) -> Tensor:
    """Join as rows: along the first dimension, vectors becoming rows.

    Parameters
    ----------
    tensors : sequence of Tensor
        Equal in the other dimensions; different dtypes are promoted.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    RuntimeError
        If sizes differ, or there is nothing to stack.

    Examples
    --------
    >>> import derivo
    >>> a = derivo.tensor([1, 2])
    >>> derivo.vstack([a, a]).shape
    torch.Size([2, 2])
    """

def rrelu(
    input: Tensor,
    lower: _float = 0.125,
    upper: _float = 0.3333333333333333,
    training: _bool = False,
    inplace: _bool = False,
) -> Tensor:
    """Multiply what is not positive by random slopes between `lower` and `upper`.

    Parameters
    ----------
    input : Tensor
        Any shape, floating point.
    lower, upper : float
        Bounds of the slopes.
    training : bool, default False
        False: the slope is the mean of the bounds.
    inplace : bool, default False
        Change `input` itself.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Raises
    ------
    RuntimeError
        If `lower` exceeds `upper`.

    Examples
    --------
    >>> import derivo
    >>> derivo.nn.functional.rrelu(derivo.tensor([-4.0, 2.0]), 0.0, 0.5)
    tensor([-1.,  2.])
    """

def rrelu_(
    input: Tensor,
    lower: _float = 0.125,
    upper: _float = 0.3333333333333333,
    training: _bool = False,
) -> Tensor:
    """Multiply by random slopes in place; see `derivo.rrelu`.

    Parameters
    ----------
    input : Tensor
        Changed and returned.
    lower, upper : float
        Bounds of the slopes.
    training : bool, default False
        False: the slope is the mean of the bounds.

    Returns
    -------
    Tensor
        `input`.

    Examples
    --------
    >>> import derivo
    >>> derivo.rrelu_(derivo.tensor([-4.0, 2.0]), 0.0, 0.5)
    tensor([-1.,  2.])
    """

def rsqrt(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute ``1 / sqrt(x)``.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``-g * out**3 / 2``.

    Examples
    --------
    >>> x = derivo.tensor([4.0, 0.25], requires_grad=True)
    >>> y = derivo.rsqrt(x)
    >>> y
    tensor([0.5000, 2.0000], grad_fn=<RsqrtBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([-0.0625, -4.0000])
    """

def rsqrt_(input: Tensor) -> Tensor:
    """Compute ``1 / sqrt(x)``.

    In place; see `derivo.rsqrt`.
    """

def rsub(input: Tensor, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
    """Subtract `input`, times `alpha`, from `other`.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype except bool.
    other : Tensor or Number
        Broadcast with `input`.
    alpha : Number, default 1
        Factor for `input`; a whole number if the result is of integers.

    Returns
    -------
    Tensor
        Of the broadcast shape, in the promoted dtype of the operands.

    Raises
    ------
    RuntimeError
        If an operand is bool, or `alpha` is a float and the operands are integers.

    Notes
    -----
    Derivative: ``-alpha * g`` for `input` and ``g`` for `other`.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> y = derivo.rsub(x, 10)
    >>> y
    tensor([9., 8.], grad_fn=<RsubBackward1>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([-1., -1.])
    """

def save(
    obj: Any,
    f: str | os.PathLike[str] | IO[bytes],
    pickle_module: Any = None,
    pickle_protocol: _int = 2,
    _use_new_zipfile_serialization: _bool = True,
) -> None:
    """Write an object to a file that derivo and PyTorch can load.

    Parameters
    ----------
    obj : object
        Tensors, containers of them, state_dicts, modules, optimizers: what can be
        pickled. Tensors that share a storage share it in the file, which holds all of
        the storage even if they view a part.
    f : str, path or binary file
        Where to write.
    pickle_module : module, optional
        Only `pickle`, the default.
    pickle_protocol : int, default 2
        Version of the pickle inside.

    Raises
    ------
    RuntimeError
        If tensors of several dtypes view one storage, or the folder does not exist.

    Examples
    --------
    >>> import io, derivo
    >>> w = derivo.ones(2, requires_grad=True)
    >>> file = io.BytesIO()
    >>> derivo.save({"w": w, "step": 3}, file)
    >>> _ = file.seek(0)
    >>> again = derivo.load(file)
    >>> again
    {'w': tensor([1., 1.], requires_grad=True), 'step': 3}
    >>> (again["w"] ** 2).sum().backward()
    >>> again["w"].grad
    tensor([2., 2.])
    """

def scalar_tensor(
    s: Number,
    *,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: _bool = False,
) -> Tensor:
    """Make a 0-d tensor of the default dtype."""

def scatter(
    input: Tensor,
    dim: _int,
    index: Tensor,
    src: Any = None,
    *,
    value: Number | None = None,
    reduce: str | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Copy a tensor and write elements: ``out[index[i, j], j] = src[i, j]``.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    dim : int
        The dimension that `index` counts along.
    index : Tensor
        int64, of the input's rank.
    src : Tensor or number
        What is written; tensors are at least of the index's sizes.
    reduce : {"add", "multiply"}, optional
        Combine with what is there instead (not differentiable).
    out : Tensor, optional
        Takes the result.

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros(3).scatter(0, derivo.tensor([2]), 5.0)
    tensor([0., 0., 5.])
    """

def scatter_add(
    input: Tensor,
    dim: _int,
    index: Tensor,
    src: Tensor,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Copy a tensor and add elements: ``out[index[i, j], j] += src[i, j]``.

    Parameters
    ----------
    input : Tensor
        Any shape.
    dim : int
        The dimension that `index` counts along.
    index : Tensor
        int64, of the input's rank; repeated places all count.
    src : Tensor
        At least of the index's sizes.
    out : Tensor, optional
        Takes the result.

    Notes
    -----
    **Derivative** of `src`: `gather` of the gradient.

    Examples
    --------
    >>> import derivo
    >>> i = derivo.tensor([0, 0])
    >>> derivo.zeros(2).scatter_add(0, i, derivo.ones(2))
    tensor([2., 0.])
    """

def scatter_reduce(
    input: Tensor,
    dim: _int,
    index: Tensor,
    src: Tensor,
    reduce: str,
    *,
    include_self: _bool = True,
    out: Tensor | None = None,
) -> Tensor:
    """Copy a tensor and reduce elements into it along a dimension.

    Parameters
    ----------
    input : Tensor
        Any shape.
    dim : int
        The dimension that `index` counts along.
    index : Tensor
        int64, of the input's rank: where each element of `src` goes.
    src : Tensor
        Of the input's dtype, at least of the index's sizes.
    reduce : {"sum", "prod", "mean", "amax", "amin"}
        How values that meet are combined.
    include_self : bool, default True
        Whether the input's own value takes part where something is reduced into it.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    RuntimeError
        If an index is out of range, or shapes or `reduce` do not fit.

    Notes
    -----
    **Derivative** of a mean: each value's share; of a product: the product of the
    others; of an extremum: values that tie share the gradient evenly.

    Examples
    --------
    >>> import derivo
    >>> i = derivo.tensor([0, 0, 1])
    >>> x = derivo.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> y = derivo.zeros(2).scatter_reduce(0, i, x, "amax")
    >>> y.sum().backward()
    >>> x.grad
    tensor([0., 1., 1.])
    """

def searchsorted(
    sorted_sequence: Tensor,
    input: Any,
    *,
    out_int32: _bool = False,
    right: _bool = False,
    side: str | None = None,
    sorter: Tensor | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Where values would be inserted in sorted sequences to keep them sorted.

    Parameters
    ----------
    sorted_sequence : Tensor
        Ascending along the last dimension.
    input : Tensor or Number
        Any shape if there is one sequence, else with the same leading sizes.
    out_int32 : bool, default False
        The result is int32 rather than int64.
    right : bool, default False
        After equal elements rather than before them.
    side : {"left", "right"}, optional
        The same in words.
    sorter : Tensor, optional
        int64 indices that sort `sorted_sequence`.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    RuntimeError
        If shapes or dtypes do not fit.

    Examples
    --------
    >>> import derivo
    >>> derivo.searchsorted(derivo.tensor([1, 3, 5]), derivo.tensor([3, 6]))
    tensor([1, 3])
    """

def seed() -> _int:
    """Start the default generator anew from a seed of the operating system.

    Returns
    -------
    int
        The seed.

    Examples
    --------
    >>> import derivo
    >>> derivo.seed() == derivo.initial_seed()
    True
    """

def select(input: Any, dim: Any, index: Any) -> Any:
    """Take one entry of a dimension, which disappears.

    Parameters
    ----------
    input : Tensor
        At least one dimension.
    dim : int
        The dimension.
    index : int
        Which entry.

    Raises
    ------
    IndexError
        If dimension or index are out of range.

    Examples
    --------
    >>> import derivo
    >>> derivo.tensor([[1, 2], [3, 4]]).select(0, 1)
    tensor([3, 4])
    """

def select_copy(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Any:
    """Contiguous copy of what `select` views.

    Parameters
    ----------
    input : Tensor
        The tensor; further arguments are those of `select`.
    out : Tensor, optional
        Takes the result.
    """

def select_scatter(input: Tensor, src: Tensor, dim: _int, index: _int) -> Tensor:
    """Copy a tensor, with one entry of a dimension replaced.

    Parameters
    ----------
    input : Tensor
        At least one dimension.
    src : Tensor
        Shape of ``input.select(dim, index)``.
    dim, index : int
        The entry.

    Raises
    ------
    RuntimeError
        If the shape of `src` does not fit.

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros(2, 2).select_scatter(derivo.ones(2), 0, 1)
    tensor([[0., 0.],
            [1., 1.]])
    """

def selu(input: Tensor) -> Tensor:
    """Scaled exponential linear unit, whose constants keep mean 0 and variance 1.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, floating point.
    inplace : bool, default False
        Change `input` itself.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: of the formula; the lower branch at 0.

    Examples
    --------
    >>> x = derivo.tensor([-1.0, 2.0], requires_grad=True)
    >>> y = derivo.selu(x)
    >>> y
    tensor([-1.1113,  2.1014], grad_fn=<EluBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.6468, 1.0507])
    """

def selu_(input: Tensor) -> Tensor:
    """Scaled exponential linear unit, whose constants keep mean 0 and variance 1.

    In place; see `derivo.selu`.
    """
from . import serialization as serialization

def set_cache_limit(nbytes: Any) -> Any:
    """Bound the free memory that is kept for reuse, in bytes; trims at once."""

def set_default_dtype(d: Any) -> Any:
    """Set the type that Python floats and ``derivo.tensor([1.0])`` take.

    Parameters
    ----------
    d : dtype
        A floating point type.

    Raises
    ------
    TypeError
        If `d` is not a floating point dtype.

    Examples
    --------
    >>> import derivo
    >>> derivo.set_default_dtype(derivo.float64)
    >>> derivo.tensor([1.0]).dtype
    torch.float64
    >>> derivo.set_default_dtype(derivo.float32)
    """
from derivo.autograd.grad_mode import set_grad_enabled as set_grad_enabled

def set_num_threads(int_: Any) -> Any:
    """Set the number of threads that an operation may use.

    Waits for an operation that is running in threads right now. Threads beyond the
    new number end; missing ones are made when they are first needed.

    Parameters
    ----------
    int_ : int
        At least 1. Counts the calling thread.

    Raises
    ------
    RuntimeError
        Not an ``int``, or not positive.
    ValueError
        Does not fit a 64-bit integer.

    Examples
    --------
    >>> import derivo
    >>> before = derivo.get_num_threads()
    >>> derivo.set_num_threads(1)
    >>> derivo.get_num_threads()
    1
    >>> derivo.set_num_threads(before)
    """
from derivo._tensor_str import set_printoptions as set_printoptions

def set_rng_state(new_state: Tensor) -> None:
    """Let the default generator continue from a state of `get_rng_state`.

    Parameters
    ----------
    new_state : Tensor
        uint8, contiguous, 5056 elements.

    Raises
    ------
    TypeError
        If it is no uint8 tensor.
    RuntimeError
        If it has another size, is not contiguous, or is no state.

    Examples
    --------
    >>> import derivo
    >>> state = derivo.get_rng_state()
    >>> a = derivo.randn(3)
    >>> derivo.set_rng_state(state)
    >>> derivo.equal(a, derivo.randn(3))
    True
    """

def sgn(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute the sign, of complex numbers ``input / abs(input)``, 0 at 0.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Notes
    -----
    Derivative: 0 everywhere for real numbers; for complex ones the part of ``g``
    across the direction of `input`, over ``abs(input)``.

    Examples
    --------
    >>> x = derivo.tensor([-2.0, 0.0, 3.0], requires_grad=True)
    >>> y = derivo.sgn(x)
    >>> y
    tensor([-1.,  0.,  1.], grad_fn=<SgnBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0., 0., 0.])
    """
short: DType

def sigmoid(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute the logistic function ``1 / (1 + exp(-x))``.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``g * out * (1 - out)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 2.0], requires_grad=True)
    >>> y = derivo.sigmoid(x)
    >>> y
    tensor([0.5000, 0.8808], grad_fn=<SigmoidBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.2500, 0.1050])
    """

def sigmoid_(input: Tensor) -> Tensor:
    """Compute the logistic function ``1 / (1 + exp(-x))``.

    In place; see `derivo.sigmoid`.
    """

def sign(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute the sign: -1, 0 or 1.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Notes
    -----
    Derivative: 0 everywhere. The sign of NaN is 0.

    Examples
    --------
    >>> x = derivo.tensor([-2.0, 0.0, 3.0], requires_grad=True)
    >>> y = derivo.sign(x)
    >>> y
    tensor([-1.,  0.,  1.], grad_fn=<SignBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0., 0., 0.])
    """

def signbit(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Tell whether the sign bit is set, also that of -0.0.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. bool.

    Notes
    -----
    Derivative: none, the result is bool.

    Examples
    --------
    >>> x = derivo.tensor([-2.0, -0.0, 3.0], requires_grad=True)
    >>> derivo.signbit(x)
    tensor([ True,  True, False])
    >>> (x * derivo.signbit(x)).sum().backward()
    >>> x.grad
    tensor([1., 1., 0.])
    """

def sin(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Take the sine.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``g * cos(input)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.sin(x)
    >>> y
    tensor([0.0000, 0.8415], grad_fn=<SinBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1.0000, 0.5403])
    """

def sin_(input: Tensor) -> Tensor:
    """Take the sine.

    In place; see `derivo.sin`.
    """

def sinc(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute ``sin(pi * x) / (pi * x)``, 1 at 0.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: of the formula, 0 at 0.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 0.5], requires_grad=True)
    >>> y = derivo.sinc(x)
    >>> y
    tensor([1.0000, 0.6366], grad_fn=<SincBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([ 0.0000, -1.2732])
    """

def sinc_(input: Tensor) -> Tensor:
    """Compute ``sin(pi * x) / (pi * x)``, 1 at 0.

    In place; see `derivo.sinc`.
    """

def sinh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Take the hyperbolic sine.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``g * cosh(input)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.sinh(x)
    >>> y
    tensor([0.0000, 1.1752], grad_fn=<SinhBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1.0000, 1.5431])
    """

def sinh_(input: Tensor) -> Tensor:
    """Take the hyperbolic sine.

    In place; see `derivo.sinh`.
    """
from derivo._core.tensor import Size as Size

def slice_copy(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Any:
    """Contiguous copy of what `slice` views.

    Parameters
    ----------
    input : Tensor
        The tensor; further arguments are those of `slice`.
    out : Tensor, optional
        Takes the result.
    """

def slice_scatter(
    input: Tensor,
    src: Tensor,
    dim: _int = 0,
    start: _int | None = None,
    end: _int | None = None,
    step: _int = 1,
) -> Tensor:
    """Copy a tensor, with a slice of a dimension replaced.

    Parameters
    ----------
    input : Tensor
        At least one dimension.
    src : Tensor
        Shape of the slice.
    dim : int, default 0
        The dimension.
    start, end, step : int, optional
        The slice.

    Raises
    ------
    RuntimeError
        If the shape of `src` does not fit.

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros(3).slice_scatter(derivo.ones(2), start=1)
    tensor([0., 1., 1.])
    """

def slogdet(input: Tensor, *, out: Any = None) -> Any:
    """Sign and logarithm of the absolute value of determinants.

    See `linalg.slogdet`.

    Examples
    --------
    >>> import derivo
    >>> derivo.slogdet(derivo.eye(3)).logabsdet
    tensor(0.)
    """

def softmax(
    input: Tensor,
    dim: _int,
    dtype: dtype | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Exponentials along a dimension, scaled to sum to one.

    Parameters
    ----------
    input : Tensor
        Floating point (or give `dtype`).
    dim : int
        The dimension.
    dtype : dtype, optional
        Convert to it first.
    out : Tensor, optional
        Takes the result.

    Notes
    -----
    ``exp(x - max x) / sum(exp(x - max x))``.

    **Derivative** ``out * (g - sum(g * out))``.

    Examples
    --------
    >>> import derivo
    >>> derivo.softmax(derivo.zeros(2), 0)
    tensor([0.5000, 0.5000])
    """

def sort(
    input: Tensor,
    dim: _int = -1,
    descending: _bool = False,
    stable: _bool | None = None,
    *,
    out: Any = None,
) -> Any:
    """Sort along a dimension.

    Parameters
    ----------
    input : Tensor
        Any real dtype; NaN counts as largest.
    dim : int, default -1
        The dimension.
    descending : bool, default False
        Largest first.
    stable : bool, optional
        Keep the order of equal elements; they are not if not given.
    out : pair of Tensor, optional
        Takes the result.

    Returns
    -------
    named tuple of Tensor
        ``values`` and ``indices``.

    Notes
    -----
    **Derivative** each gradient goes where its value came from.

    Examples
    --------
    >>> import derivo
    >>> derivo.sort(derivo.tensor([3, 1, 2])).indices
    tensor([1, 2, 0])
    """
sparse_coo: layout
from . import special as special

def split(
    tensor: Tensor,
    split_size_or_sections: _int | Sequence[_int],
    dim: _int = 0,
) -> tuple[Tensor, ...]:
    """Take a tensor apart into views along a dimension.

    Parameters
    ----------
    tensor : Tensor
        At least one dimension.
    split_size_or_sections : int or sequence of int
        Size of every part (the last may be smaller), or of each part.
    dim : int, default 0
        The dimension.

    Raises
    ------
    RuntimeError
        If sizes are negative or do not add up.

    Examples
    --------
    >>> import derivo
    >>> [p.tolist() for p in derivo.split(derivo.arange(5), 2)]
    [[0, 1], [2, 3], [4]]
    """

def split_copy(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Any:
    """Contiguous copy of what `split` views.

    Parameters
    ----------
    input : Tensor
        The tensor; further arguments are those of `split`.
    out : Tensor, optional
        Takes the result.
    """

def split_with_sizes(
    input: Tensor,
    split_sizes: Sequence[_int],
    dim: _int = 0,
) -> tuple[Tensor, ...]:
    """Take a tensor apart into views of given sizes along a dimension."""

def split_with_sizes_copy(
    input: Tensor,
    *args: Any,
    out: Any = None,
    **kwargs: Any,
) -> Any:
    """Contiguous copy of what `split_with_sizes` views.

    Parameters
    ----------
    input : Tensor
        The tensor; further arguments are those of `split_with_sizes`.
    out : Tensor, optional
        Takes the result.
    """

def sqrt(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Take the square root.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``g / (2 * out)``, infinite at 0.

    Examples
    --------
    >>> x = derivo.tensor([4.0, 9.0], requires_grad=True)
    >>> y = derivo.sqrt(x)
    >>> y
    tensor([2., 3.], grad_fn=<SqrtBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.2500, 0.1667])
    """

def sqrt_(input: Tensor) -> Tensor:
    """Take the square root.

    In place; see `derivo.sqrt`.
    """

def square(input: Tensor, *, out: Any = None) -> Tensor:
    """Square.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype; bool becomes int64.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the shape and dtype of `input`.

    Notes
    -----
    Derivative: ``g * 2 * input``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, -2.0], requires_grad=True)
    >>> y = derivo.square(x)
    >>> y
    tensor([1., 4.], grad_fn=<PowBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([ 2., -4.])
    """

def square_(input: Tensor) -> Tensor:
    """Square.

    In place; see `derivo.square`.
    """

def squeeze(input: Any, dim: Any = None) -> Any:
    """Remove dimensions of size one.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    dim : int or tuple of int, optional
        Only these; all if not given.

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros(1, 2, 1).squeeze().shape
    torch.Size([2])
    """

def squeeze_copy(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Any:
    """Contiguous copy of what `squeeze` views.

    Parameters
    ----------
    input : Tensor
        The tensor; further arguments are those of `squeeze`.
    out : Tensor, optional
        Takes the result.
    """

def stack(
    tensors: Sequence[Tensor],
    dim: _int = 0,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Join tensors of one shape along a new dimension.

    Parameters
    ----------
    tensors : sequence of Tensor
        All of one shape; different dtypes are promoted.
    dim : int, default 0
        Where the new dimension comes.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    RuntimeError
        If shapes differ, or there is nothing to stack.

    Examples
    --------
    >>> import derivo
    >>> derivo.stack([derivo.zeros(2), derivo.ones(2)])
    tensor([[0., 0.],
            [1., 1.]])
    """

def std(
    input: Tensor,
    dim: Any = None,
    unbiased: _bool | None = None,
    keepdim: _bool = False,
    *,
    correction: _float | None = None,
    out: Any = None,
) -> Any:
    """Standard deviation of all elements or along dimensions.

    Parameters
    ----------
    input : Tensor
        Floating point or complex; a variance is real.
    dim : int or tuple of int, optional
        Dimensions to reduce; all if not given.
    unbiased : bool, optional
        Older form of ``correction=1`` (True) or ``correction=0`` (False).
    keepdim : bool, default False
        Keep them with size one.
    correction : number, default 1
        What is subtracted from the number of elements.
    out : Tensor, optional
        Takes the result.

    Notes
    -----
    Computed in one pass by Welford's method, combined pairwise (Chan et al., 1979).

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([1.0, 3.0], requires_grad=True)
    >>> derivo.var(x).backward()
    >>> x.grad
    tensor([-2.,  2.])
    """

def std_mean(
    input: Tensor,
    dim: Any = None,
    unbiased: _bool | None = None,
    keepdim: _bool = False,
    *,
    correction: _float | None = None,
    out: Any = None,
) -> Any:
    """Standard deviation and mean of all elements or along dimensions.

    Parameters
    ----------
    input : Tensor
        Floating point or complex; a variance is real.
    dim : int or tuple of int, optional
        Dimensions to reduce; all if not given.
    unbiased : bool, optional
        Older form of ``correction=1`` (True) or ``correction=0`` (False).
    keepdim : bool, default False
        Keep them with size one.
    correction : number, default 1
        What is subtracted from the number of elements.
    out : Tensor, optional
        Takes the result.

    Notes
    -----
    Computed in one pass by Welford's method, combined pairwise (Chan et al., 1979).

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([1.0, 3.0], requires_grad=True)
    >>> derivo.var(x).backward()
    >>> x.grad
    tensor([-2.,  2.])
    """

def stft(
    input: Tensor,
    n_fft: _int,
    hop_length: _int | None = None,
    win_length: _int | None = None,
    window: Tensor | None = None,
    center: _bool = True,
    pad_mode: str = 'reflect',
    normalized: _bool = False,
    onesided: _bool | None = None,
    return_complex: _bool | None = None,
    align_to_window: _bool | None = None,
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
strided: layout

def sub(
    input: Tensor,
    other: Tensor | Number,
    *,
    alpha: Number = 1,
    out: Any = None,
) -> Tensor:
    """Subtract `other`, times `alpha`, from `input`.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype except bool.
    other : Tensor or Number
        Broadcast with `input`.
    alpha : Number, default 1
        Factor for `other`; a whole number if the result is of integers.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape, in the promoted dtype of the operands.

    Raises
    ------
    RuntimeError
        If an operand is bool, or `alpha` is a float and the operands are integers.

    Notes
    -----
    Derivative: ``g`` for `input` and ``-alpha * g`` for `other`.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> y = derivo.sub(3.0 * x, x)
    >>> y
    tensor([2., 4.], grad_fn=<SubBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([2., 2.])
    """

def subtract(
    input: Tensor,
    other: Tensor | Number,
    *,
    alpha: Number = 1,
    out: Any = None,
) -> Tensor:
    """Subtract `other`, times `alpha`, from `input`.

    The same as `sub`.
    """

def sum(
    input: Any,
    dim: Any = None,
    keepdim: Any = False,
    *,
    dtype: Any = None,
    out: Any = None,
) -> Any:
    """Sum of elements, of all or along dimensions.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    dim : int or tuple of int, optional
        Dimensions to sum over; all if not given.
    keepdim : bool, default False
        Keep them with size one.
    dtype : dtype, optional
        Convert to it first. Integers and bool are summed as int64 by default.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Sums of floats are accumulated in float64.

    Raises
    ------
    IndexError
        If a dimension is out of range.

    Notes
    -----
    **Derivative** the incoming gradient, for every element.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.ones(2, 3, requires_grad=True)
    >>> x.sum(dim=1)
    tensor([3., 3.], grad_fn=<SumBackward1>)
    """

def svd(
    input: Tensor,
    some: _bool = True,
    compute_uv: _bool = True,
    *,
    out: Any = None,
) -> Any:
    """Singular value decomposition ``input = U diag(S) V^H``; see `linalg.svd`.

    Parameters
    ----------
    input : Tensor
        Of shape ``(*, m, n)``.
    some : bool, default True
        Whether `U` and `V` have ``min(m, n)`` columns.
    compute_uv : bool, default True
        False: `U` and `V` are zeros.
    out : tuple of Tensor, optional
        Take the results.

    Examples
    --------
    >>> import derivo
    >>> derivo.svd(derivo.eye(2)).S
    tensor([1., 1.])
    """

def svd_lowrank(
    A: Tensor,
    q: _int | None = 6,
    niter: _int | None = 2,
    M: Tensor | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Singular value decomposition of a matrix of low rank, nearly.

    Parameters
    ----------
    A : Tensor
        Of shape ``(*, m, n)``.
    q : int, default 6
        Somewhat more than the rank.
    niter : int, default 2
        Rounds of power iteration.
    M : Tensor, optional
        Subtracted from `A` first.

    Returns
    -------
    U, S, V : Tensor
        With `q` columns; ``A = U diag(S) V^H``, nearly.

    Notes
    -----
    Halko, Martinsson and Tropp, "Finding structure with randomness" (2009), algorithm
    5.1; draws from the default generator.

    Examples
    --------
    >>> import derivo
    >>> u, s, v = derivo.svd_lowrank(derivo.ones(5, 4), q=1)
    >>> round(s.item(), 4)
    4.4721
    """

def swapaxes(input: Any, dim0: Any, dim1: Any) -> Any:
    """Swap two dimensions.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    dim0, dim1 : int
        The dimensions.

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros(2, 3).transpose(0, 1).shape
    torch.Size([3, 2])
    """

def swapdims(input: Any, dim0: Any, dim1: Any) -> Any:
    """Swap two dimensions.

    The same as `swapaxes`.
    """

def t(input: Any) -> Any:
    """Transpose a matrix (tensors of less dimensions stay as they are).

    Raises
    ------
    RuntimeError
        For tensors of more than two dimensions.

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros(2, 3).t().shape
    torch.Size([3, 2])
    """

def t_copy(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Any:
    """Contiguous copy of what `t` views.

    Parameters
    ----------
    input : Tensor
        The tensor; further arguments are those of `t`.
    out : Tensor, optional
        Takes the result.
    """

def take(input: Tensor, index: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Take elements of the flattened tensor, in the shape of the index.

    Examples
    --------
    >>> import derivo
    >>> derivo.take(derivo.tensor([[1, 2], [3, 4]]), derivo.tensor([3, 0]))
    tensor([4, 1])
    """

def take_along_dim(
    input: Tensor,
    indices: Tensor,
    dim: _int | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Take elements along a dimension; other dimensions broadcast.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    indices : Tensor
        int64; what `argmax` and `argsort` give.
    dim : int, optional
        The dimension; of the flattened tensors if not given.
    out : Tensor, optional
        Takes the result.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([3, 1, 2])
    >>> derivo.take_along_dim(x, derivo.tensor([1, 2, 0]), 0)
    tensor([1, 2, 3])
    """

def tan(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Take the tangent.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``g * (1 + out**2)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.tan(x)
    >>> y
    tensor([0.0000, 1.5574], grad_fn=<TanBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1.0000, 3.4255])
    """

def tan_(input: Tensor) -> Tensor:
    """Take the tangent.

    In place; see `derivo.tan`.
    """

def tanh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Take the hyperbolic tangent.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``g * (1 - out**2)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.tanh(x)
    >>> y
    tensor([0.0000, 0.7616], grad_fn=<TanhBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1.0000, 0.4200])
    """

def tanh_(input: Tensor) -> Tensor:
    """Take the hyperbolic tangent.

    In place; see `derivo.tanh`.
    """
from derivo.tensor import Tensor as Tensor

def tensor(
    data: Any,
    *,
    dtype: dtype | None = None,
    device: Any = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
) -> Tensor:
    """Make a tensor with a copy of some data.

    Parameters
    ----------
    data : number, sequence, array or Tensor
        Numbers, nested sequences of them, NumPy arrays or tensors, in any mixture.
    dtype : dtype, optional
        Type of the elements. By default bool for bools, int64 for ints, the default
        dtype for floats.
    device : device, optional
        The CPU.
    requires_grad : bool, default False
        Whether operations on the tensor are recorded.
    pin_memory : bool, default False
        Must be False.

    Returns
    -------
    Tensor
        A leaf with memory of its own.

    Raises
    ------
    ValueError
        If nested sequences have different lengths.
    TypeError
        If something in them is not a number.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> x.grad
    tensor([[2., 4.],
            [6., 8.]])
    """

def tensor_split(
    input: Tensor,
    indices_or_sections: Any,
    dim: _int = 0,
) -> tuple[Tensor, ...]:
    """Take a tensor apart into views, as even as possible or at given places.

    Parameters
    ----------
    input : Tensor
        At least one dimension.
    indices_or_sections : int, sequence of int or Tensor
        Number of parts, or where the parts begin after the first.
    dim : int, default 0
        The dimension.

    Raises
    ------
    RuntimeError
        If the number of parts is not positive.

    Examples
    --------
    >>> import derivo
    >>> [p.tolist() for p in derivo.tensor_split(derivo.arange(5), 2)]
    [[0, 1, 2], [3, 4]]
    >>> [p.tolist() for p in derivo.tensor_split(derivo.arange(5), (1, 3))]
    [[0], [1, 2], [3, 4]]
    """

def tensordot(a: Tensor, b: Tensor, dims: Any = 2, out: Tensor | None = None) -> Tensor:
    """Sum of products over chosen dimensions of two tensors.

    Parameters
    ----------
    a, b : Tensor
        Of the same dtype.
    dims : int or (list of int, list of int) or Tensor
        How many of the last dimensions of `a` and the first of `b`, or which.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        The dimensions of `a` that are left, then those of `b`.

    Raises
    ------
    RuntimeError
        Sizes or dtypes that differ, or dimensions named twice.

    Examples
    --------
    >>> import derivo as torch
    >>> a = torch.ones(2, 3, 4, requires_grad=True)
    >>> torch.tensordot(a, torch.ones(3, 4, 5), dims=2).sum().backward()
    >>> a.grad[0, 0]
    tensor([5., 5., 5., 5.])
    """
from . import testing as testing

def threshold(input: Tensor, threshold: _float, value: _float) -> Tensor:
    """Replace what is not above `threshold` by `value`.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype except bool.
    threshold : float
        Elements up to it are replaced.
    value : float
        What replaces them.
    inplace : bool, default False
        Change `input` itself.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: ``g`` above the threshold, else 0, also at it.

    Examples
    --------
    >>> x = derivo.tensor([-1.0, 2.0], requires_grad=True)
    >>> y = derivo.nn.functional.threshold(x, 0.5, 7.0)
    >>> y
    tensor([7., 2.], grad_fn=<ThresholdBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0., 1.])
    """

def threshold_(input: Tensor, threshold: _float, value: _float) -> Tensor:
    """Replace what is not above `threshold` by `value`.

    In place; see `derivo.threshold`.
    """

def tile(input: Tensor, dims: Any, *more: _int) -> Tensor:
    """Copy a tensor side by side; dimensions not mentioned in front are kept.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    dims, *more : int or sequence of int
        How often along each of the last dimensions.

    Examples
    --------
    >>> import derivo
    >>> derivo.tile(derivo.tensor([1, 2]), (2,))
    tensor([1, 2, 1, 2])
    """

def topk(
    input: Tensor,
    k: _int,
    dim: _int = -1,
    largest: _bool = True,
    sorted: _bool = True,
    *,
    out: Any = None,
) -> Any:
    """Return the `k` largest elements along a dimension, in order.

    Parameters
    ----------
    input : Tensor
        Any real dtype.
    k : int
        How many.
    dim : int, default -1
        The dimension.
    largest : bool, default True
        False: the smallest.
    sorted : bool, default True
        False: in the order that the selection leaves them in.
    out : pair of Tensor, optional
        Takes the result.

    Returns
    -------
    named tuple of Tensor
        ``values`` and ``indices``.

    Raises
    ------
    RuntimeError
        If there are fewer than `k` elements.

    Examples
    --------
    >>> import derivo
    >>> derivo.topk(derivo.tensor([3, 1, 2]), 2).values
    tensor([3, 2])
    """

def trace(input: Tensor) -> Tensor:
    """Sum of the diagonal of a matrix.

    Parameters
    ----------
    input : Tensor
        Of shape ``(n, m)``, any dtype except bool.

    Returns
    -------
    Tensor
        0-d; int64 for integers.

    Raises
    ------
    RuntimeError
        Not a matrix.
    NotImplementedError
        A bool matrix.

    Notes
    -----
    **Derivative**: `g` on the diagonal, zero elsewhere.

    Examples
    --------
    >>> import derivo as torch
    >>> a = torch.ones(2, 2, requires_grad=True)
    >>> torch.trace(a).backward()
    >>> a.grad
    tensor([[1., 0.],
            [0., 1.]])
    """

def transpose(input: Any, dim0: Any, dim1: Any) -> Any:
    """Swap two dimensions.

    The same as `swapaxes`.
    """

def transpose_copy(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Any:
    """Contiguous copy of what `transpose` views.

    Parameters
    ----------
    input : Tensor
        The tensor; further arguments are those of `transpose`.
    out : Tensor, optional
        Takes the result.
    """

def trapezoid(
    y: Tensor,
    x: Tensor | None = None,
    *,
    dx: Any = None,
    dim: _int = -1,
) -> Tensor:
    """Integral along a dimension by the trapezoidal rule.

    Parameters
    ----------
    y : Tensor
        Values.
    x : Tensor, optional
        Where they were taken: 1-D, or of `y`'s shape.
    dx : number, default 1
        Distance of the points, if `x` is not given.
    dim : int, default -1
        The dimension.

    Examples
    --------
    >>> import derivo
    >>> derivo.trapezoid(derivo.tensor([1.0, 2.0, 3.0]))
    tensor(4.)
    """

def trapz(
    y: Tensor,
    x: Tensor | None = None,
    *,
    dx: Any = None,
    dim: _int = -1,
) -> Tensor:
    """Integral along a dimension; see `trapezoid`."""

def tril(input: Tensor, diagonal: _int = 0, *, out: Tensor | None = None) -> Tensor:
    """Keep the lower triangle of matrices; zeros elsewhere.

    Parameters
    ----------
    input : Tensor
        Matrices in the last two dimensions, any dtype.
    diagonal : int, default 0
        The last diagonal kept: above (positive) or below (negative) the main one.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    RuntimeError
        If there are fewer than two dimensions.

    Notes
    -----
    **Derivative** the lower triangle of the gradient: nothing reaches the upper
    one.

    Examples
    --------
    >>> import derivo
    >>> derivo.tril(derivo.ones(2, 2)).tolist()
    [[1.0, 0.0], [1.0, 1.0]]
    """

def tril_indices(
    row: _int,
    col: _int,
    offset: _int = 0,
    *,
    dtype: dtype | None = None,
    device: Any = None,
    layout: Any = None,
) -> Tensor:
    """Indices of the lower triangle of a matrix, row by row.

    Parameters
    ----------
    row, col : int
        Size of the matrix.
    offset : int, default 0
        The diagonal that ends the triangle.
    dtype : dtype, optional
        int64 (the default) or int32.

    Returns
    -------
    Tensor
        Shape [2, count]: the rows' and the columns' indices.

    Examples
    --------
    >>> import derivo
    >>> derivo.tril_indices(2, 2).tolist()
    [[0, 1, 1], [0, 0, 1]]
    """

def triu(input: Tensor, diagonal: _int = 0, *, out: Tensor | None = None) -> Tensor:
    """Keep the upper triangle of matrices; zeros elsewhere.

    Parameters
    ----------
    input : Tensor
        Matrices in the last two dimensions, any dtype.
    diagonal : int, default 0
        The last diagonal kept: above (positive) or below (negative) the main one.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    RuntimeError
        If there are fewer than two dimensions.

    Notes
    -----
    **Derivative** the upper triangle of the gradient: nothing reaches the lower
    one.

    Examples
    --------
    >>> import derivo
    >>> derivo.triu(derivo.ones(2, 2)).tolist()
    [[1.0, 1.0], [0.0, 1.0]]
    """

def triu_indices(
    row: _int,
    col: _int,
    offset: _int = 0,
    *,
    dtype: dtype | None = None,
    device: Any = None,
    layout: Any = None,
) -> Tensor:
    """Indices of the upper triangle of a matrix, row by row.

    Parameters
    ----------
    row, col : int
        Size of the matrix.
    offset : int, default 0
        The diagonal that ends the triangle.
    dtype : dtype, optional
        int64 (the default) or int32.

    Returns
    -------
    Tensor
        Shape [2, count]: the rows' and the columns' indices.

    Examples
    --------
    >>> import derivo
    >>> derivo.triu_indices(2, 2).tolist()
    [[0, 0, 1], [0, 1, 1]]
    """

def true_divide(
    input: Tensor,
    other: Tensor | Number,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Divide element by element, integers too giving fractions.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    other : Tensor or Number
        Broadcast with the others, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``g / other`` and ``-g * (input / other) / other``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> y = derivo.true_divide(x, 4)
    >>> y
    tensor([0.2500, 0.5000], grad_fn=<DivBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.2500, 0.2500])
    """

def trunc(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Round towards zero.

    The same as `fix`.
    """

def trunc_(input: Tensor) -> Tensor:
    """Round towards zero.

    In place; see `derivo.trunc`.
    """
uint8: DType

def unbind(input: Tensor, dim: _int = 0) -> tuple[Tensor, ...]:
    """Take a dimension apart into a tuple of views.

    Parameters
    ----------
    input : Tensor
        At least one dimension.
    dim : int, default 0
        The dimension.

    Examples
    --------
    >>> import derivo
    >>> derivo.unbind(derivo.tensor([[1, 2], [3, 4]]))
    (tensor([1, 2]), tensor([3, 4]))
    """

def unbind_copy(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Any:
    """Contiguous copy of what `unbind` views.

    Parameters
    ----------
    input : Tensor
        The tensor; further arguments are those of `unbind`.
    out : Tensor, optional
        Takes the result.
    """

def unflatten(input: Tensor, dim: _int, sizes: Any) -> Tensor:
    """View one dimension as several.

    Parameters
    ----------
    input : Tensor
        At least one dimension.
    dim : int
        The dimension.
    sizes : sequence of int
        Its new sizes, one of which may be -1 (inferred).

    Raises
    ------
    RuntimeError
        If the sizes do not multiply to the size of the dimension.

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros(2, 6).unflatten(1, (3, 2)).shape
    torch.Size([2, 3, 2])
    """

def unfold_copy(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Any:
    """Contiguous copy of what `unfold` views.

    Parameters
    ----------
    input : Tensor
        The tensor; further arguments are those of `unfold`.
    out : Tensor, optional
        Takes the result.
    """

def unique(
    input: Tensor,
    sorted: _bool = True,
    return_inverse: _bool = False,
    return_counts: _bool = False,
    dim: _int | None = None,
) -> Any:
    """Distinct elements, or distinct slices of a dimension, in ascending order.

    Parameters
    ----------
    input : Tensor
        Any real dtype; each NaN is distinct.
    sorted : bool, default True
        Accepted; the result is always sorted.
    return_inverse : bool, default False
        Also where each element of `input` is in the result.
    return_counts : bool, default False
        Also how often each element of the result comes.
    dim : int, optional
        Compare slices of this dimension; all elements if not given.

    Returns
    -------
    Tensor or tuple of Tensor

    Notes
    -----
    Has no derivative.

    Examples
    --------
    >>> import derivo
    >>> derivo.unique(derivo.tensor([3, 1, 1]))
    tensor([1, 3])
    """

def unique_consecutive(
    input: Tensor,
    return_inverse: _bool = False,
    return_counts: _bool = False,
    dim: _int | None = None,
) -> Any:
    """Drop elements, or slices of a dimension, equal to the one before.

    Parameters
    ----------
    input : Tensor
        Any real dtype.
    return_inverse : bool, default False
        Also where each element of `input` is in the result.
    return_counts : bool, default False
        Also the lengths of the runs.
    dim : int, optional
        Compare slices of this dimension; all elements if not given.

    Examples
    --------
    >>> import derivo
    >>> derivo.unique_consecutive(derivo.tensor([1, 1, 2, 1]))
    tensor([1, 2, 1])
    """

def unravel_index(indices: Tensor, shape: Any) -> tuple[Tensor, ...]:
    """Convert flat indices of a shape to one index for each dimension.

    Examples
    --------
    >>> import derivo
    >>> derivo.unravel_index(derivo.tensor([4]), (2, 3))
    (tensor([1]), tensor([1]))
    """

def unsafe_chunk(input: Tensor, chunks: _int, dim: _int = 0) -> tuple[Tensor, ...]:
    """`chunk` whose parts may be changed in place, unseen by the input's history."""

def unsafe_split(input: Tensor, split_size: _int, dim: _int = 0) -> tuple[Tensor, ...]:
    """`split` whose parts may be changed in place, unseen by the input's history."""

def unsafe_split_with_sizes(
    input: Tensor,
    split_sizes: Sequence[_int],
    dim: _int = 0,
) -> tuple[Tensor, ...]:
    """`split_with_sizes` whose parts may be changed in place."""

def unsqueeze(input: Any, dim: Any) -> Any:
    """Insert a dimension of size one.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    dim : int
        Where, in the result.

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros(3).unsqueeze(0).shape
    torch.Size([1, 3])
    """

def unsqueeze_copy(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Any:
    """Contiguous copy of what `unsqueeze` views.

    Parameters
    ----------
    input : Tensor
        The tensor; further arguments are those of `unsqueeze`.
    out : Tensor, optional
        Takes the result.
    """
from . import utils as utils

def vander(x: Tensor, N: _int | None = None, increasing: _bool = False) -> Tensor:
    """Powers of the elements of a vector, as columns.

    Parameters
    ----------
    x : Tensor
        1-D.
    N : int, optional
        Number of columns; as many as elements if not given.
    increasing : bool, default False
        Whether the powers begin at zero or end there.

    Raises
    ------
    RuntimeError
        If the tensor is not 1-D, or `N` negative.

    Examples
    --------
    >>> import derivo
    >>> derivo.vander(derivo.tensor([1, 2, 3]), 2).tolist()
    [[1, 1], [2, 1], [3, 1]]
    """

def var(
    input: Tensor,
    dim: Any = None,
    unbiased: _bool | None = None,
    keepdim: _bool = False,
    *,
    correction: _float | None = None,
    out: Any = None,
) -> Any:
    """Variance of all elements or along dimensions.

    Parameters
    ----------
    input : Tensor
        Floating point or complex; a variance is real.
    dim : int or tuple of int, optional
        Dimensions to reduce; all if not given.
    unbiased : bool, optional
        Older form of ``correction=1`` (True) or ``correction=0`` (False).
    keepdim : bool, default False
        Keep them with size one.
    correction : number, default 1
        What is subtracted from the number of elements.
    out : Tensor, optional
        Takes the result.

    Notes
    -----
    Computed in one pass by Welford's method, combined pairwise (Chan et al., 1979).

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([1.0, 3.0], requires_grad=True)
    >>> derivo.var(x).backward()
    >>> x.grad
    tensor([-2.,  2.])
    """

def var_mean(
    input: Tensor,
    dim: Any = None,
    unbiased: _bool | None = None,
    keepdim: _bool = False,
    *,
    correction: _float | None = None,
    out: Any = None,
) -> Any:
    """Variance and mean of all elements or along dimensions.

    Parameters
    ----------
    input : Tensor
        Floating point or complex; a variance is real.
    dim : int or tuple of int, optional
        Dimensions to reduce; all if not given.
    unbiased : bool, optional
        Older form of ``correction=1`` (True) or ``correction=0`` (False).
    keepdim : bool, default False
        Keep them with size one.
    correction : number, default 1
        What is subtracted from the number of elements.
    out : Tensor, optional
        Takes the result.

    Notes
    -----
    Computed in one pass by Welford's method, combined pairwise (Chan et al., 1979).

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([1.0, 3.0], requires_grad=True)
    >>> derivo.var(x).backward()
    >>> x.grad
    tensor([-2.,  2.])
    """

def vdot(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Sum of the products of two vectors' elements, the first conjugated.

    Parameters
    ----------
    input, other : Tensor
        Of the same shape ``(n,)`` and dtype, any but bool.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        0-d. For real vectors the same as `dot`.

    Raises
    ------
    RuntimeError
        Operands that are not vectors of the same length and dtype.
    NotImplementedError
        A dtype without products.

    Examples
    --------
    >>> import derivo as torch
    >>> v = torch.tensor([1.0, 2.0], requires_grad=True)
    >>> torch.vdot(v, v).backward()
    >>> v.grad
    tensor([2., 4.])
    """
from . import version as version

def view_as_complex(input: Tensor) -> Tensor:
    """View a real tensor with a last dimension of two as a complex one."""

def view_as_real(input: Tensor) -> Tensor:
    """View a complex tensor as a real one with a last dimension of two."""

def view_copy(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Any:
    """Contiguous copy of what `view` views.

    Parameters
    ----------
    input : Tensor
        The tensor; further arguments are those of `view`.
    out : Tensor, optional
        Takes the result.
    """

def vsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Take a tensor apart along its first dimension.

    Parameters
    ----------
    input : Tensor
        At least 2-D.
    indices_or_sections : int or sequence of int
        Number of equal parts, or where the parts begin after the first.

    Raises
    ------
    RuntimeError
        If the size is not divisible, or there are too few dimensions.

    Examples
    --------
    >>> import derivo
    >>> [p.shape[-1] for p in derivo.vsplit(derivo.zeros(2, 2, 2), 2)]
    [2, 2]
    """

def vstack(tensors: Any, *, out: Tensor | None = None) -> Tensor:
    """Join as rows: along the first dimension, vectors becoming rows.

    The same as `row_stack`.
    """

def where(
    condition: Tensor,
    input: Tensor | Number | None = None,
    other: Tensor | Number | None = None,
    *,
    out: Any = None,
) -> Any:
    """Choose `input` where `condition` holds, else `other`.

    Parameters
    ----------
    condition : Tensor
        bool, any shape.
    input, other : Tensor or Number
        Broadcast with `condition` and each other. Without both, the indices of the
        elements that hold are given, as ``condition.nonzero(as_tuple=True)``.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape, in the promoted dtype of `input` and `other`.

    Raises
    ------
    RuntimeError
        If `condition` is not bool.

    Notes
    -----
    Derivative: ``where(condition, g, 0)`` and ``where(condition, 0, g)``.

    Examples
    --------
    >>> x = derivo.tensor([-1.0, 2.0], requires_grad=True)
    >>> y = derivo.where(x > 0, x, 0.1 * x)
    >>> y
    tensor([-0.1000,  2.0000], grad_fn=<WhereBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.1000, 1.0000])
    """

def xlogy(input: Tensor | Number, other: Tensor | Number, *, out: Any = None) -> Tensor:
    """Compute ``input * log(other)``, 0 where `input` is 0.

    Parameters
    ----------
    input, other : Tensor or Number
        Broadcast with each other; one of the two is a tensor.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape; integers become the default dtype. NaN where `other`
        is NaN.

    Notes
    -----
    Derivative: ``g * log(other)``, 0 where `input` is 0 and `other` is not positive;
    and ``g * input / other``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 2.0], requires_grad=True)
    >>> y = derivo.xlogy(x, derivo.tensor([0.0, 3.0]))
    >>> y
    tensor([0.0000, 2.1972], grad_fn=<XlogyBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.0000, 1.0986])
    """

def xlogy_(input: Tensor, other: Tensor | Number) -> Tensor:
    """Compute ``input * log(other)``, 0 where `input` is 0.

    In place; see `derivo.xlogy`.
    """
from . import xpu as xpu

def zero_(self: Tensor) -> Tensor:
    """Set every element to zero."""

def zeros(
    *size: Any,
    out: Tensor | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
) -> Tensor:
    """Make a tensor of zeros.

    Parameters
    ----------
    *size : int
        Sizes of the dimensions, one by one or as one sequence.
    out : Tensor, optional
        Takes the result.
    dtype : dtype, optional
        Type of the elements; the default dtype if not given.
    device : device, optional
        The CPU.
    requires_grad : bool, default False
        Whether operations on the tensor are recorded.

    Raises
    ------
    RuntimeError
        If a size is negative.

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros(3)
    tensor([0., 0., 0.])
    """

def zeros_like(
    input: Tensor,
    *,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: _bool = False,
    pin_memory: _bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Make a tensor of zeros with the shape and layout of another.

    Parameters
    ----------
    input : Tensor
        Gives shape, memory layout and (by default) dtype.
    dtype : dtype, optional
        Type of the elements.
    device : device, optional
        The CPU.
    requires_grad : bool, default False
        Whether operations on the tensor are recorded.

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros_like(derivo.ones(2, 2)).shape
    torch.Size([2, 2])
    """
