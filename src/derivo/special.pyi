# Stub of derivo.special, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.

from typing import Any
from typing import TypeAlias
from derivo._core.tensor import DType as dtype
from derivo.tensor import Tensor

Number: TypeAlias = bool | int | float


def airy_ai(input: Tensor, *, out: Any = None) -> Tensor:
    """Compute the Airy function Ai.

    Parameters
    ----------
    input : Tensor
        Any shape; integers become the default dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        float32 or float64, of the shape of `input`.

    Raises
    ------
    NotImplementedError
        For float16 and bfloat16.

    Notes
    -----
    Derivative: ``g`` times the derivative of Ai; PyTorch has none.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.special.airy_ai(x)
    >>> y.detach()
    tensor([0.3550, 0.1353])
    >>> y.sum().backward()
    >>> x.grad
    tensor([-0.2588, -0.1591])
    """

def bessel_j0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute the Bessel function of the first kind of order 0.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, float32 or float64.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: ``-g * bessel_j1(input)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.special.bessel_j0(x)
    >>> y.detach()
    tensor([1.0000, 0.7652])
    >>> y.sum().backward()
    """

def bessel_j1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute the Bessel function of the first kind of order 1.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, float32 or float64.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: ``g * (bessel_j0(input) - out / input)``, ``g / 2`` at 0.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.special.bessel_j1(x)
    >>> y.detach()
    tensor([0.0000, 0.4401])
    >>> y.sum().backward()
    """

def bessel_y0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute the Bessel function of the second kind of order 0.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, float32 or float64.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: ``-g * bessel_y1(input)``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> y = derivo.special.bessel_y0(x)
    >>> y.detach()
    tensor([0.0883, 0.5104])
    >>> y.sum().backward()
    """

def bessel_y1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute the Bessel function of the second kind of order 1.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, float32 or float64.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: ``g * (bessel_y0(input) - out / input)``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> y = derivo.special.bessel_y1(x)
    >>> y.detach()
    tensor([-0.7812, -0.1070])
    >>> y.sum().backward()
    """

def chebyshev_polynomial_t(
    input: Tensor | Number,
    n: Tensor | Number,
    *,
    out: Any = None,
) -> Tensor:
    """Evaluate the Chebyshev polynomial of the first kind of degree `n`.

    Parameters
    ----------
    input : Tensor or Number
        Argument; integers become the default dtype.
    n : Tensor or Number
        Degree, broadcast with `input`, a whole number; below 0 the value is 0. One of
        the two is a tensor.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        float32 or float64, of the broadcast shape.

    Raises
    ------
    NotImplementedError
        For float16 and bfloat16.

    Notes
    -----
    Recurrence: ``p(k+1) = 2 * input * p(k) - p(k-1)``.

    Derivative: for `input`, through the recurrence; none for `n`.

    Examples
    --------
    >>> x = derivo.tensor([0.5, 1.0], requires_grad=True)
    >>> derivo.special.chebyshev_polynomial_t(x, 0).detach()
    tensor([1., 1.])
    >>> derivo.special.chebyshev_polynomial_t(x, 1).sum().backward()
    >>> x.grad.shape
    torch.Size([2])
    """

def chebyshev_polynomial_u(
    input: Tensor | Number,
    n: Tensor | Number,
    *,
    out: Any = None,
) -> Tensor:
    """Evaluate the Chebyshev polynomial of the second kind of degree `n`.

    Parameters
    ----------
    input : Tensor or Number
        Argument; integers become the default dtype.
    n : Tensor or Number
        Degree, broadcast with `input`, a whole number; below 0 the value is 0. One of
        the two is a tensor.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        float32 or float64, of the broadcast shape.

    Raises
    ------
    NotImplementedError
        For float16 and bfloat16.

    Notes
    -----
    Recurrence: ``p(k+1) = 2 * input * p(k) - p(k-1)``.

    Derivative: for `input`, through the recurrence; none for `n`.

    Examples
    --------
    >>> x = derivo.tensor([0.5, 1.0], requires_grad=True)
    >>> derivo.special.chebyshev_polynomial_u(x, 0).detach()
    tensor([1., 1.])
    >>> derivo.special.chebyshev_polynomial_u(x, 1).sum().backward()
    >>> x.grad.shape
    torch.Size([2])
    """

def chebyshev_polynomial_v(
    input: Tensor | Number,
    n: Tensor | Number,
    *,
    out: Any = None,
) -> Tensor:
    """Evaluate the Chebyshev polynomial of the third kind of degree `n`.

    Parameters
    ----------
    input : Tensor or Number
        Argument; integers become the default dtype.
    n : Tensor or Number
        Degree, broadcast with `input`, a whole number; below 0 the value is 0. One of
        the two is a tensor.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        float32 or float64, of the broadcast shape.

    Raises
    ------
    NotImplementedError
        For float16 and bfloat16.

    Notes
    -----
    Recurrence: ``p(k+1) = 2 * input * p(k) - p(k-1)``.

    Derivative: for `input`, through the recurrence; none for `n`.

    Examples
    --------
    >>> x = derivo.tensor([0.5, 1.0], requires_grad=True)
    >>> derivo.special.chebyshev_polynomial_v(x, 0).detach()
    tensor([1., 1.])
    >>> derivo.special.chebyshev_polynomial_v(x, 1).sum().backward()
    >>> x.grad.shape
    torch.Size([2])
    """

def chebyshev_polynomial_w(
    input: Tensor | Number,
    n: Tensor | Number,
    *,
    out: Any = None,
) -> Tensor:
    """Evaluate the Chebyshev polynomial of the fourth kind of degree `n`.

    Parameters
    ----------
    input : Tensor or Number
        Argument; integers become the default dtype.
    n : Tensor or Number
        Degree, broadcast with `input`, a whole number; below 0 the value is 0. One of
        the two is a tensor.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        float32 or float64, of the broadcast shape.

    Raises
    ------
    NotImplementedError
        For float16 and bfloat16.

    Notes
    -----
    Recurrence: ``p(k+1) = 2 * input * p(k) - p(k-1)``.

    Derivative: for `input`, through the recurrence; none for `n`.

    Examples
    --------
    >>> x = derivo.tensor([0.5, 1.0], requires_grad=True)
    >>> derivo.special.chebyshev_polynomial_w(x, 0).detach()
    tensor([1., 1.])
    >>> derivo.special.chebyshev_polynomial_w(x, 1).sum().backward()
    >>> x.grad.shape
    torch.Size([2])
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

def entr(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute the entropy ``-input * log(input)``, 0 at 0, -inf for negative numbers.

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
    Derivative: ``-g * (1 + log(input))``.

    Examples
    --------
    >>> x = derivo.tensor([0.5, 2.0], requires_grad=True)
    >>> y = derivo.special.entr(x)
    >>> y
    tensor([ 0.3466, -1.3863], grad_fn=<SpecialEntrBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([-0.3069, -1.6931])
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

def erfcx(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute ``exp(input**2) * erfc(input)`` without underflow.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, float32 or float64.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: ``g * (2 * input * out - 2 / sqrt(pi))``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.special.erfcx(x)
    >>> y
    tensor([1.0000, 0.4276], grad_fn=<SpecialErfcxBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([-1.1284, -0.2732])
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

def expit(input: Tensor, *, out: Tensor | None = None) -> Tensor:
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

def gammainc(
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

def gammaincc(
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

def gammaln(input: Tensor, *, out: Tensor | None = None) -> Tensor:
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

def hermite_polynomial_h(
    input: Tensor | Number,
    n: Tensor | Number,
    *,
    out: Any = None,
) -> Tensor:
    """Evaluate the physicist's Hermite polynomial of degree `n`.

    Parameters
    ----------
    input : Tensor or Number
        Argument; integers become the default dtype.
    n : Tensor or Number
        Degree, broadcast with `input`, a whole number; below 0 the value is 0. One of
        the two is a tensor.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        float32 or float64, of the broadcast shape.

    Raises
    ------
    NotImplementedError
        For float16 and bfloat16.

    Notes
    -----
    Recurrence: ``p(k+1) = 2 * input * p(k) - 2 * k * p(k-1)``.

    Derivative: for `input`, through the recurrence; none for `n`.

    Examples
    --------
    >>> x = derivo.tensor([0.5, 1.0], requires_grad=True)
    >>> derivo.special.hermite_polynomial_h(x, 0).detach()
    tensor([1., 1.])
    >>> derivo.special.hermite_polynomial_h(x, 1).sum().backward()
    >>> x.grad.shape
    torch.Size([2])
    """

def hermite_polynomial_he(
    input: Tensor | Number,
    n: Tensor | Number,
    *,
    out: Any = None,
) -> Tensor:
    """Evaluate the probabilist's Hermite polynomial of degree `n`.

    Parameters
    ----------
    input : Tensor or Number
        Argument; integers become the default dtype.
    n : Tensor or Number
        Degree, broadcast with `input`, a whole number; below 0 the value is 0. One of
        the two is a tensor.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        float32 or float64, of the broadcast shape.

    Raises
    ------
    NotImplementedError
        For float16 and bfloat16.

    Notes
    -----
    Recurrence: ``p(k+1) = input * p(k) - k * p(k-1)``.

    Derivative: for `input`, through the recurrence; none for `n`.

    Examples
    --------
    >>> x = derivo.tensor([0.5, 1.0], requires_grad=True)
    >>> derivo.special.hermite_polynomial_he(x, 0).detach()
    tensor([1., 1.])
    >>> derivo.special.hermite_polynomial_he(x, 1).sum().backward()
    >>> x.grad.shape
    torch.Size([2])
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

def i0e(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute ``exp(-abs(input)) * i0(input)``.

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
    Derivative: ``g * (i1e(input) - sign(input) * out)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.special.i0e(x)
    >>> y
    tensor([1.0000, 0.4658], grad_fn=<SpecialI0EBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([ 0.0000, -0.2578])
    """

def i1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute the modified Bessel function of order 1.

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
    Derivative: ``g * (i0(input) - out / input)``, 1/2 at 0.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.special.i1(x)
    >>> y
    tensor([0.0000, 0.5652], grad_fn=<SpecialI1Backward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.5000, 0.7009])
    """

def i1e(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute ``exp(-abs(input)) * i1(input)``.

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
    Derivative: ``g * (i0e(input) - out * (sign(input) + 1 / input))``, 1/2 at 0.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.special.i1e(x)
    >>> y
    tensor([0.0000, 0.2079], grad_fn=<SpecialI1EBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.5000, 0.0499])
    """

def laguerre_polynomial_l(
    input: Tensor | Number,
    n: Tensor | Number,
    *,
    out: Any = None,
) -> Tensor:
    """Evaluate the Laguerre polynomial of degree `n`.

    Parameters
    ----------
    input : Tensor or Number
        Argument; integers become the default dtype.
    n : Tensor or Number
        Degree, broadcast with `input`, a whole number; below 0 the value is 0. One of
        the two is a tensor.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        float32 or float64, of the broadcast shape.

    Raises
    ------
    NotImplementedError
        For float16 and bfloat16.

    Notes
    -----
    Recurrence: ``p(k+1) = ((2 * k + 1 - input) * p(k) - k * p(k-1)) / (k + 1)``.

    Derivative: for `input`, through the recurrence; none for `n`.

    Examples
    --------
    >>> x = derivo.tensor([0.5, 1.0], requires_grad=True)
    >>> derivo.special.laguerre_polynomial_l(x, 0).detach()
    tensor([1., 1.])
    >>> derivo.special.laguerre_polynomial_l(x, 1).sum().backward()
    >>> x.grad.shape
    torch.Size([2])
    """

def legendre_polynomial_p(
    input: Tensor | Number,
    n: Tensor | Number,
    *,
    out: Any = None,
) -> Tensor:
    """Evaluate the Legendre polynomial of degree `n`.

    Parameters
    ----------
    input : Tensor or Number
        Argument; integers become the default dtype.
    n : Tensor or Number
        Degree, broadcast with `input`, a whole number; below 0 the value is 0. One of
        the two is a tensor.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        float32 or float64, of the broadcast shape.

    Raises
    ------
    NotImplementedError
        For float16 and bfloat16.

    Notes
    -----
    Recurrence: ``p(k+1) = ((2 * k + 1) * input * p(k) - k * p(k-1)) / (k + 1)``.

    Derivative: for `input`, through the recurrence; none for `n`.

    Examples
    --------
    >>> x = derivo.tensor([0.5, 1.0], requires_grad=True)
    >>> derivo.special.legendre_polynomial_p(x, 0).detach()
    tensor([1., 1.])
    >>> derivo.special.legendre_polynomial_p(x, 1).sum().backward()
    >>> x.grad.shape
    torch.Size([2])
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

def log_ndtr(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute the logarithm of `derivo.special.ndtr` without underflow.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, float32 or float64.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: ``g / erfcx(-input / sqrt(2)) * sqrt(2 / pi)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, -20.0], requires_grad=True)
    >>> y = derivo.special.log_ndtr(x)
    >>> y
    tensor([  -0.6931, -203.9172], grad_fn=<SpecialLogNdtrBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([ 0.7979, 20.0498])
    """

def log_softmax(
    input: Tensor,
    dim: int,
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

def logit(input: Tensor, eps: float | None = None, *, out: Any = None) -> Tensor:
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

def logsumexp(
    input: Tensor,
    dim: Any,
    keepdim: bool = False,
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

def modified_bessel_i0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute the modified Bessel function of the first kind of order 0.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, float32 or float64.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: ``g * modified_bessel_i1(input)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.special.modified_bessel_i0(x)
    >>> y.detach()
    tensor([1.0000, 1.2661])
    >>> y.sum().backward()
    """

def modified_bessel_i1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute the modified Bessel function of the first kind of order 1.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, float32 or float64.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: ``g * (modified_bessel_i0(input) - out / input)``, ``g / 2`` at 0.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.special.modified_bessel_i1(x)
    >>> y.detach()
    tensor([0.0000, 0.5652])
    >>> y.sum().backward()
    """

def modified_bessel_k0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute the modified Bessel function of the second kind of order 0.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, float32 or float64.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: ``-g * modified_bessel_k1(input)``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> y = derivo.special.modified_bessel_k0(x)
    >>> y.detach()
    tensor([0.4210, 0.1139])
    >>> y.sum().backward()
    """

def modified_bessel_k1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute the modified Bessel function of the second kind of order 1.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, float32 or float64.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: ``-g * (modified_bessel_k0(input) + out / input)``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> y = derivo.special.modified_bessel_k1(x)
    >>> y.detach()
    tensor([0.6019, 0.1399])
    >>> y.sum().backward()
    """

def multigammaln(input: Tensor, p: int, *, out: Any = None) -> Tensor:
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

def ndtr(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute the distribution function of the standard normal distribution.

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
    Derivative: ``g * exp(-input**2 / 2) / sqrt(2 * pi)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.special.ndtr(x)
    >>> y
    tensor([0.5000, 0.8413], grad_fn=<MulBackward1>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.3989, 0.2420])
    """

def ndtri(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute the inverse of `derivo.special.ndtr`; NaN outside [0, 1].

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, float32 or float64.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: ``g * sqrt(2 * pi) * exp(out**2 / 2)``.

    Examples
    --------
    >>> x = derivo.tensor([0.5, 0.75], requires_grad=True)
    >>> y = derivo.special.ndtri(x)
    >>> y
    tensor([0.0000, 0.6745], grad_fn=<SpecialNdtriBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([2.5066, 3.1469])
    """

def polygamma(n: int, input: Tensor, *, out: Any = None) -> Tensor:
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

def psi(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute the logarithmic derivative of the gamma function.

    The same as `digamma`.
    """

def round(input: Tensor, *, decimals: int = 0, out: Any = None) -> Tensor:
    """Round to the nearest whole number, or decimal.

    See `derivo.round`.
    """

def scaled_modified_bessel_k0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute ``exp(input) * modified_bessel_k0(input)``.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, float32 or float64.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: ``g * (out - scaled_modified_bessel_k1(input))``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> y = derivo.special.scaled_modified_bessel_k0(x)
    >>> y.detach()
    tensor([1.1445, 0.8416])
    >>> y.sum().backward()
    """

def scaled_modified_bessel_k1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute ``exp(input) * modified_bessel_k1(input)``.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, float32 or float64.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: ``g * (out * (1 - 1 / input) - scaled_modified_bessel_k0(input))``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> y = derivo.special.scaled_modified_bessel_k1(x)
    >>> y.detach()
    tensor([1.6362, 1.0335])
    >>> y.sum().backward()
    """

def shifted_chebyshev_polynomial_t(
    input: Tensor | Number,
    n: Tensor | Number,
    *,
    out: Any = None,
) -> Tensor:
    """Evaluate the Chebyshev polynomial of the first kind, shifted to [0, 1], of degree `n`.

    Parameters
    ----------
    input : Tensor or Number
        Argument; integers become the default dtype.
    n : Tensor or Number
        Degree, broadcast with `input`, a whole number; below 0 the value is 0. One of
        the two is a tensor.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        float32 or float64, of the broadcast shape.

    Raises
    ------
    NotImplementedError
        For float16 and bfloat16.

    Notes
    -----
    Recurrence: ``p(k+1) = (4 * input - 2) * p(k) - p(k-1)``.

    Derivative: for `input`, through the recurrence; none for `n`.

    Examples
    --------
    >>> x = derivo.tensor([0.5, 1.0], requires_grad=True)
    >>> derivo.special.shifted_chebyshev_polynomial_t(x, 0).detach()
    tensor([1., 1.])
    >>> derivo.special.shifted_chebyshev_polynomial_t(x, 1).sum().backward()
    >>> x.grad.shape
    torch.Size([2])
    """

def shifted_chebyshev_polynomial_u(
    input: Tensor | Number,
    n: Tensor | Number,
    *,
    out: Any = None,
) -> Tensor:
    """Evaluate the Chebyshev polynomial of the second kind, shifted to [0, 1], of degree `n`.

    Parameters
    ----------
    input : Tensor or Number
        Argument; integers become the default dtype.
    n : Tensor or Number
        Degree, broadcast with `input`, a whole number; below 0 the value is 0. One of
        the two is a tensor.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        float32 or float64, of the broadcast shape.

    Raises
    ------
    NotImplementedError
        For float16 and bfloat16.

    Notes
    -----
    Recurrence: ``p(k+1) = (4 * input - 2) * p(k) - p(k-1)``.

    Derivative: for `input`, through the recurrence; none for `n`.

    Examples
    --------
    >>> x = derivo.tensor([0.5, 1.0], requires_grad=True)
    >>> derivo.special.shifted_chebyshev_polynomial_u(x, 0).detach()
    tensor([1., 1.])
    >>> derivo.special.shifted_chebyshev_polynomial_u(x, 1).sum().backward()
    >>> x.grad.shape
    torch.Size([2])
    """

def shifted_chebyshev_polynomial_v(
    input: Tensor | Number,
    n: Tensor | Number,
    *,
    out: Any = None,
) -> Tensor:
    """Evaluate the Chebyshev polynomial of the third kind, shifted to [0, 1], of degree `n`.

    Parameters
    ----------
    input : Tensor or Number
        Argument; integers become the default dtype.
    n : Tensor or Number
        Degree, broadcast with `input`, a whole number; below 0 the value is 0. One of
        the two is a tensor.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        float32 or float64, of the broadcast shape.

    Raises
    ------
    NotImplementedError
        For float16 and bfloat16.

    Notes
    -----
    Recurrence: ``p(k+1) = (4 * input - 2) * p(k) - p(k-1)``.

    Derivative: for `input`, through the recurrence; none for `n`.

    Examples
    --------
    >>> x = derivo.tensor([0.5, 1.0], requires_grad=True)
    >>> derivo.special.shifted_chebyshev_polynomial_v(x, 0).detach()
    tensor([1., 1.])
    >>> derivo.special.shifted_chebyshev_polynomial_v(x, 1).sum().backward()
    >>> x.grad.shape
    torch.Size([2])
    """

def shifted_chebyshev_polynomial_w(
    input: Tensor | Number,
    n: Tensor | Number,
    *,
    out: Any = None,
) -> Tensor:
    """Evaluate the Chebyshev polynomial of the fourth kind, shifted to [0, 1], of degree `n`.

    Parameters
    ----------
    input : Tensor or Number
        Argument; integers become the default dtype.
    n : Tensor or Number
        Degree, broadcast with `input`, a whole number; below 0 the value is 0. One of
        the two is a tensor.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        float32 or float64, of the broadcast shape.

    Raises
    ------
    NotImplementedError
        For float16 and bfloat16.

    Notes
    -----
    Recurrence: ``p(k+1) = (4 * input - 2) * p(k) - p(k-1)``.

    Derivative: for `input`, through the recurrence; none for `n`.

    Examples
    --------
    >>> x = derivo.tensor([0.5, 1.0], requires_grad=True)
    >>> derivo.special.shifted_chebyshev_polynomial_w(x, 0).detach()
    tensor([1., 1.])
    >>> derivo.special.shifted_chebyshev_polynomial_w(x, 1).sum().backward()
    >>> x.grad.shape
    torch.Size([2])
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

def softmax(
    input: Tensor,
    dim: int,
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

def spherical_bessel_j0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Compute the spherical Bessel function of order 0: ``sin(input) / input``.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, float32 or float64.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: ``g * (cos(input) - out) / input``, 0 at 0.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.special.spherical_bessel_j0(x)
    >>> y.detach()
    tensor([1.0000, 0.8415])
    >>> y.sum().backward()
    """

def xlog1py(
    input: Tensor | Number,
    other: Tensor | Number,
    *,
    out: Any = None,
) -> Tensor:
    """Compute ``input * log1p(other)``, 0 where `input` is 0.

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
    Derivative: ``g * log1p(other)``, 0 where `input` is 0 and `other` is at most -1;
    and ``g * input / (other + 1)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 2.0], requires_grad=True)
    >>> y = derivo.special.xlog1py(x, derivo.tensor([-1.0, 3.0]))
    >>> y
    tensor([0.0000, 2.7726], grad_fn=<SpecialXlog1PyBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.0000, 1.3863])
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

def zeta(input: Tensor, other: Tensor | Number, *, out: Tensor | None = None) -> Tensor:
    """Compute the Hurwitz zeta function, the sum of ``(k + other)**-input``.

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
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: for `other` only, ``-g * input * zeta(input + 1, other)``.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> y = derivo.special.zeta(derivo.tensor([2.0, 2.0]), x)
    >>> y
    tensor([1.6449, 0.6449], grad_fn=<SpecialZetaBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([-2.4041, -0.4041])
    """
