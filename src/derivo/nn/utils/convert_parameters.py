"""All parameters as one vector, and back."""

from __future__ import annotations

from collections.abc import Iterable

import derivo
from derivo.tensor import Tensor

__all__ = ["parameters_to_vector", "vector_to_parameters"]


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """Join parameters to one vector; gradients flow back to them.

    Parameters
    ----------
    parameters : iterable of Tensor
        In order.

    Returns
    -------
    Tensor of one dimension
        All their elements.

    Examples
    --------
    >>> import derivo as torch
    >>> p = [torch.ones(1, 2), torch.zeros(1)]
    >>> torch.nn.utils.parameters_to_vector(p)
    tensor([1., 1., 0.])
    """
    return derivo.cat([param.reshape(-1) for param in parameters])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Let parameters share the memory of one vector.

    Parameters
    ----------
    vec : Tensor of one dimension
        With as many elements as the parameters have together.
    parameters : iterable of Tensor
        In order.

    Raises
    ------
    TypeError
        If `vec` is not a tensor.

    Examples
    --------
    >>> import derivo as torch
    >>> p = [torch.ones(1, 2), torch.zeros(1)]
    >>> torch.nn.utils.vector_to_parameters(torch.arange(3.0), p)
    >>> p[0]
    tensor([[0., 1.]])
    """
    if not isinstance(vec, Tensor):
        raise TypeError(
            "[vector_to_parameters] expected torch.Tensor, but got: "
            f"{type(vec).__name__}"
        )
    start = 0
    for param in parameters:
        count = param.numel()
        param.data = vec[start : start + count].view_as(param).data
        start += count
