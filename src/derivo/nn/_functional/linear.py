"""Products with weights."""

from __future__ import annotations

import derivo
from derivo._core.tensor import TensorBase
from derivo.tensor import Tensor


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """``input @ weight.t() + bias``.

    Parameters
    ----------
    input : Tensor of shape (*, in)
        Floating.
    weight : Tensor of shape (out, in) or (in,)
        The matrix.
    bias : Tensor of shape (out,) or (), optional
        Added to every row.

    Returns
    -------
    Tensor of shape (*, out) or (*,)
        The product.

    Raises
    ------
    RuntimeError
        If the shapes or dtypes do not fit together.

    Examples
    --------
    >>> import derivo as torch
    >>> w = torch.ones(3, 2, requires_grad=True)
    >>> torch.nn.functional.linear(torch.ones(4, 2), w).sum().backward()
    >>> w.grad[0]
    tensor([4., 4.])
    """
    n = input.dim()
    if weight.dim() == 2 and n >= 2:
        if n == 2:
            if bias is None:
                return derivo.mm(input, weight.t())
            return derivo.addmm(bias, input, weight.t())
        if bias is not None and input.is_contiguous() and bias.dim() == 1:
            rows = derivo.addmm(bias, input.view(-1, input.size(-1)), weight.t())
            return rows.view(*input.shape[:-1], weight.size(0))
        out = derivo.matmul(input, weight.t())
        return out if bias is None else out + bias
    return _small_linear(input, weight, bias)


def _small_linear(input: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    if not isinstance(input, TensorBase) or not isinstance(weight, TensorBase):
        raise TypeError(
            "[linear] linear(): argument 'input' and 'weight' must be Tensor, got "
            f"{type(input).__name__} and {type(weight).__name__}"
        )
    if weight.dim() > 2 or weight.dim() == 0:
        raise RuntimeError(
            f"[linear] both arguments to linear need to be at least 1D, and weight at "
            f"most 2D, but they are {input.dim()}D and {weight.dim()}D"
        )
    if weight.dim() == 2 and input.dim() == 1 and bias is not None:
        if bias.dim() == 1:
            row = derivo.addmm(bias, input.view(1, -1), weight.t())
            return row.view(weight.size(0))
        return derivo.matmul(input, weight.t()) + bias
    out = derivo.matmul(input, weight.t())
    return out if bias is None else out + bias


def bilinear(
    input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None
) -> Tensor:
    """``input1 @ weight[k] @ input2 + bias[k]`` for each k.

    Parameters
    ----------
    input1 : Tensor of shape (*, in1)
        Floating.
    input2 : Tensor of shape (*, in2)
        With the same leading dimensions.
    weight : Tensor of shape (out, in1, in2)
        The matrices.
    bias : Tensor of shape (out,), optional
        Added to every row.

    Returns
    -------
    Tensor of shape (*, out)
        The products.

    Raises
    ------
    RuntimeError
        If the shapes do not fit together.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.bilinear(
    ...     torch.ones(1, 2), torch.ones(1, 3), torch.ones(4, 2, 3)
    ... )
    tensor([[6., 6., 6., 6.]])
    """
    if weight.dim() != 3:
        raise RuntimeError(
            f"[bilinear] expected a weight of 3 dimensions, got {list(weight.shape)}"
        )
    out_features, in1, in2 = weight.shape
    if input1.shape[:-1] != input2.shape[:-1]:
        raise RuntimeError(
            "[bilinear] bilinear(): input batch dimensions do not match: got "
            f"{list(input1.shape)} and {list(input2.shape)}"
        )
    if input1.shape[-1] != in1 or input2.shape[-1] != in2:
        raise RuntimeError(
            f"[bilinear] bilinear(): input sizes do not match weight size: got "
            f"{input1.shape[-1]} and {input2.shape[-1]} for {list(weight.shape)}"
        )
    if bias is not None and bias.shape[0] != out_features:
        raise RuntimeError(
            "[bilinear] bilinear(): bias size does not match weight size: got "
            f"{bias.shape[0]} but expected {out_features}"
        )
    a = input1.reshape(-1, in1)
    b = input2.reshape(-1, in2)
    # (rows, in1) @ (in1, out * in2), then each block against the second input.
    first = derivo.mm(a, weight.permute(1, 0, 2).reshape(in1, out_features * in2))
    product = derivo.matmul(first.view(-1, out_features, in2), b.unsqueeze(-1))
    out = product.squeeze(-1).view(*input1.shape[:-1], out_features)
    return out if bias is None else out + bias
