"""Products that the core computes in one call, and their derivatives' derivatives.

All of them are ``beta * input + alpha * (a @ b)`` for matrices, matrix and vector,
vectors, or batches of matrices. Their first derivative is computed in the core
(`derivo._core.products`); `_product_vjp` here states the same derivative in terms of
public operations, for backward passes that are themselves recorded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core import products as core
from derivo._core.tensor import _set_data
from derivo.ops import _batching
from derivo.ops._primitive import Primitive
from derivo.ops._surface import public

if TYPE_CHECKING:
    from derivo import Tensor

    Number = bool | int | float

__all__ = ["addbmm", "addmm", "addmv", "addr", "baddbmm", "bmm", "dot", "mm", "mv"]


@public("mm", "Tensor.mm")
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
    return core.mm(input, mat2, out)


@public("bmm", "Tensor.bmm")
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
    return core.bmm(input, mat2, out)


@public("mv", "Tensor.mv")
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
    return core.mv(input, vec, out)


@public("dot", "Tensor.dot")
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
    return core.dot(input, tensor, out)


@public("vdot", "Tensor.vdot")
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
    return core.dot(input, other, out, "vdot")


@public("addmm", "Tensor.addmm")
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
    return core.addmm(input, mat1, mat2, beta, alpha, out)


@public("Tensor.addmm_")
def addmm_(
    self: Tensor, mat1: Tensor, mat2: Tensor, *, beta: Number = 1, alpha: Number = 1
) -> Tensor:
    """``beta * self + alpha * (mat1 @ mat2)``, in place; see `derivo.addmm`."""
    return core.addmm(self, mat1, mat2, beta, alpha, None, True)


@public("addmv", "Tensor.addmv")
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
    return core.addmv(input, mat, vec, beta, alpha, out)


@public("addmv_", "Tensor.addmv_")
def addmv_(
    input: Tensor, mat: Tensor, vec: Tensor, *, beta: Number = 1, alpha: Number = 1
) -> Tensor:
    """``beta * input + alpha * (mat @ vec)``, in place; see `derivo.addmv`."""
    return core.addmv(input, mat, vec, beta, alpha, None, True)


@public("baddbmm", "Tensor.baddbmm")
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
    return core.baddbmm(input, batch1, batch2, beta, alpha, out)


@public("Tensor.baddbmm_")
def baddbmm_(
    self: Tensor,
    batch1: Tensor,
    batch2: Tensor,
    *,
    beta: Number = 1,
    alpha: Number = 1,
) -> Tensor:
    """``beta * self + alpha * (batch1 @ batch2)``, in place; see `derivo.baddbmm`."""
    return core.baddbmm(self, batch1, batch2, beta, alpha, None, True)


# --- derivatives of derivatives ---------------------------------------------------


def _scaled(t: Tensor, factor: Any) -> Tensor:
    if factor == 1:
        return t
    result: Tensor = t * factor
    return result


def conjugates(saved: Any) -> tuple[Any, ...]:
    """Conjugate what a derivative has saved; real tensors stay as they are."""
    return tuple(None if t is None else t.conj() for t in saved)


def _product_vjp(node: Any, g: Tensor) -> list[Tensor | None]:
    """Gradients ``[added, left, right]`` of a product, by public operations."""
    saved = a, b = node.saved
    alpha, beta = node.alpha, node.beta
    if g.is_complex():
        # What is saved enters as its conjugate, which for real numbers is itself.
        a, b = conjugates((a, b))
        alpha, beta = alpha.conjugate(), beta.conjugate()
    added, left, right = node.needs
    result: list[Tensor | None] = [None, None, None]
    form = node.form
    if added:
        grad = _scaled(g, beta)
        result[0] = grad if node.shape is None else grad.sum_to_size(node.shape)
    if form in (core.MM, core.ADDMM):
        if left:
            result[1] = _scaled(g.mm(b.t()), alpha)
        if right:
            result[2] = _scaled(a.t().mm(g), alpha)
    elif form in (core.BMM, core.BADDBMM):
        if left:
            result[1] = _scaled(g.bmm(b.transpose(1, 2)), alpha)
        if right:
            result[2] = _scaled(a.transpose(1, 2).bmm(g), alpha)
    elif form in (core.MV, core.ADDMV):
        if left:
            # It lies as the matrix does.
            outer = (b.unsqueeze(1) * g).t() if node.turned_a else g.unsqueeze(1) * b
            result[1] = outer if alpha == 1 else outer * alpha
        if right:
            result[2] = _scaled(a.t().mv(g), alpha)
    else:
        if left:
            # The first vector of vdot is conjugated itself, and so is its gradient.
            result[1] = g.conj() * saved[1] if form == core.VDOT else g * b
        if right:
            result[2] = g * (saved[0] if form == core.VDOT else a)
    return result


def fill_out(name: str, out: Tensor, fresh: Tensor) -> Tensor:
    """Copy a result into ``out=``, which is resized if its shape differs."""
    from derivo._core.copies import _copy_into
    from derivo._core.tensor import _bump as bump
    from derivo.ops.storage import resize_out

    if tuple(out.shape) != tuple(fresh.shape):
        resize_out(out, tuple(fresh.shape))
    _copy_into(out, fresh)
    bump(out, name)
    return out


def _complex_product(
    form: int, c: Tensor | None, a: Tensor, b: Tensor, beta: Number, alpha: Number
) -> Tensor:
    """Compute a product of complex operands by four of real ones (not recorded)."""
    from derivo.autograd.grad_mode import no_grad
    from derivo.ops.complex import complex_

    plain = _PLAIN[form]
    with no_grad():
        if form == core.VDOT:
            a = a.conj()
        re = plain(a.real, b.real) - plain(a.imag, b.imag)
        im = plain(a.real, b.imag) + plain(a.imag, b.real)
        out = _scaled(complex_(re, im), alpha)
        return out if c is None or beta == 0 else out + _scaled(c, beta)


_PLAIN: dict[int, Any] = {
    core.MM: core.mm,
    core.ADDMM: core.mm,
    core.BMM: core.bmm,
    core.BADDBMM: core.bmm,
    core.MV: core.mv,
    core.ADDMV: core.mv,
    core.DOT: core.dot,
    core.VDOT: core.dot,
}
core.set_callbacks(
    product_vjp=_product_vjp, fill_out=fill_out, complex_product=_complex_product
)


# --- with a sum over the batch ----------------------------------------------------


def _addbmm(
    input: Tensor, batch1: Tensor, batch2: Tensor, beta: Number, alpha: Number
) -> Tensor:
    core.check_addbmm(input, batch1, batch2)
    count, rows, depth = batch1.shape
    # The sum over the batch is one long inner dimension.
    left = batch1.transpose(0, 1).reshape(rows, count * depth)
    right = batch2.reshape(count * depth, batch2.shape[2])
    return core.addmm(input, left, right, beta, alpha)


def _addbmm_vjp(
    ctx: Any, g: Tensor, beta: Number, alpha: Number
) -> tuple[Tensor | None, ...]:
    _, batch1, batch2 = conjugates(ctx.saved)
    beta, alpha = beta.conjugate(), alpha.conjugate()
    shape = ctx.shapes[0]
    added = left = right = None
    if ctx.needs[0]:
        added = _scaled(g, beta)
        if tuple(added.shape) != tuple(shape):
            added = added.sum_to_size(shape)
    if ctx.needs[1] or ctx.needs[2]:
        wide = g.expand(ctx.shapes[1][0], *g.shape)
        if ctx.needs[1]:
            left = _scaled(wide.bmm(batch2.transpose(1, 2)), alpha)
        if ctx.needs[2]:
            right = _scaled(batch1.transpose(1, 2).bmm(wide), alpha)
    return added, left, right


def _save_others(
    needs: Any, inputs: Any, out: Any, params: Any
) -> tuple[Tensor | None, ...]:
    # Each of two factors is needed for the gradient of the other.
    return (
        None,
        inputs[1] if needs[2] else None,
        inputs[2] if needs[1] else None,
    )


_ADDBMM = Primitive(
    "addbmm",
    node="AddbmmBackward0",
    forward=_addbmm,
    vjp=_addbmm_vjp,
    save=_save_others,
    batch=_batching.follows,
)


def _in_place(function: Any) -> Any:
    def forward(self: Tensor, *operands: Any) -> Tensor:
        from derivo._core.copies import _copy_into

        result = function(self, *operands)
        if tuple(result.shape) != tuple(self.shape):
            raise RuntimeError(
                f"[{function.__name__.strip('_')}_] output with shape "
                f"{list(self.shape)} doesn't match the broadcast shape "
                f"{list(result.shape)}."
            )
        _copy_into(self, result)
        return self

    return forward


_ADDBMM_ = Primitive(
    "addbmm_",
    node="AddbmmBackward0",
    forward=_in_place(_addbmm),
    vjp=_addbmm_vjp,
    save=_save_others,
    inplace=True,
    batch=_batching.follows,
)


@public("addbmm", "Tensor.addbmm")
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
    if out is not None:
        return finish_out("addbmm", out, addbmm, input, batch1, batch2, beta, alpha)
    result: Tensor = _ADDBMM((input, batch1, batch2), beta, alpha)
    return result


@public("Tensor.addbmm_")
def addbmm_(
    self: Tensor,
    batch1: Tensor,
    batch2: Tensor,
    *,
    beta: Number = 1,
    alpha: Number = 1,
) -> Tensor:
    """``beta * self + alpha * sum_i(...)``, in place; see `derivo.addbmm`.

    A tensor that broadcasts to the result takes its shape, as PyTorch's does.
    """
    core.check_addbmm(self, batch1, batch2)
    shape = (batch1.shape[1], batch2.shape[2])
    if tuple(self.shape) != shape and not self.requires_grad:
        _set_data(self, self.expand(shape).clone(), True)
    result: Tensor = _ADDBMM_((self, batch1, batch2), beta, alpha)
    return result


def finish_out(
    name: str,
    out: Tensor,
    function: Any,
    *operands: Any,
) -> Tensor:
    """Run `function` and copy its result into ``out=``, with the checks of out=."""
    from derivo._core.tensor import is_grad_enabled

    if is_grad_enabled() and any(
        getattr(t, "requires_grad", False) for t in (out, *operands)
    ):
        raise RuntimeError(
            f"[{name}] {name}(): functions with out=... arguments don't support "
            "automatic differentiation, but one of the arguments requires grad. Use "
            "the result, or derivo.no_grad()."
        )
    if name == "addbmm":
        *tensors, beta, alpha = operands
        result = function(*tensors, beta=beta, alpha=alpha)
    else:
        result = function(*operands)
    if out.dtype != result.dtype and not _fits(result, out):
        raise RuntimeError(
            f"[{name}] result type {result.dtype} can't be cast to the desired output "
            f"type {out.dtype}. Pass an out= of dtype {result.dtype}."
        )
    return fill_out(name, out, result)


def _fits(result: Tensor, out: Tensor) -> bool:
    from derivo._core.promotion import can_cast

    return bool(can_cast(result.dtype, out.dtype))


# --- outer product, added ---------------------------------------------------------


def _addr(
    input: Tensor, vec1: Tensor, vec2: Tensor, beta: Number, alpha: Number
) -> Tensor:
    outer = vec1.unsqueeze(1) * vec2
    shape = outer.shape
    if outer.dtype.name == "bool" and input.dtype.name == "bool":
        outer = outer if alpha else outer.logical_xor(outer)
        return outer.logical_or(input.expand(shape)) if beta else outer
    outer = _scaled(outer, alpha)
    if beta == 0:
        return outer.to(_promoted(input, outer))
    return _scaled(input.expand(shape), beta) + outer


def _promoted(a: Tensor, b: Tensor) -> Any:
    from derivo._core.promotion import promote_types

    return promote_types(a.dtype, b.dtype)


def _addr_vjp(
    ctx: Any, g: Tensor, beta: Number, alpha: Number
) -> tuple[Tensor | None, ...]:
    _, vec1, vec2 = conjugates(ctx.saved)
    beta, alpha = beta.conjugate(), alpha.conjugate()
    added = left = right = None
    if ctx.needs[0]:
        added = _scaled(g, beta)
        if tuple(added.shape) != tuple(ctx.shapes[0]):
            added = added.sum_to_size(ctx.shapes[0])
    if ctx.needs[1]:
        left = _scaled(g.mv(vec2.to(g.dtype)), alpha)
    if ctx.needs[2]:
        right = _scaled(g.t().mv(vec1.to(g.dtype)), alpha)
    return added, left, right


_ADDR = Primitive(
    "addr",
    node="AddrBackward0",
    forward=_addr,
    vjp=_addr_vjp,
    save=_save_others,
    batch=_batching.follows,
)

_ADDR_ = Primitive(
    "addr_",
    node="AddrBackward0",
    forward=_in_place(_addr),
    vjp=_addr_vjp,
    save=_save_others,
    inplace=True,
    batch=_batching.follows,
)


@public("addr", "Tensor.addr")
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
    core.check_addr(input, vec1, vec2)
    if out is not None:
        return finish_out(
            "addr",
            out,
            lambda a, b, c: addr(a, b, c, beta=beta, alpha=alpha),
            input,
            vec1,
            vec2,
        )
    result: Tensor = _ADDR((input, vec1, vec2), beta, alpha)
    return result


@public("Tensor.addr_")
def addr_(
    self: Tensor, vec1: Tensor, vec2: Tensor, *, beta: Number = 1, alpha: Number = 1
) -> Tensor:
    """``beta * self + alpha * outer(vec1, vec2)``, in place; see `derivo.addr`."""
    core.check_addr(self, vec1, vec2)
    result: Tensor = _ADDR_((self, vec1, vec2), beta, alpha)
    return result
