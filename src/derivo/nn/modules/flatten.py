"""Changing shapes between layers."""

from __future__ import annotations

from typing import Any

from derivo.nn.modules.module import Module
from derivo.tensor import Tensor

__all__ = ["Flatten", "Unflatten"]


class Flatten(Module):
    """Join neighbouring dimensions into one.

    Parameters
    ----------
    start_dim, end_dim : int, optional
        The first and last of them; by default all but the batch.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.Flatten()(torch.ones(2, 3, 4)).shape
    torch.Size([2, 12])
    """

    __constants__ = ["start_dim", "end_dim"]

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, input: Tensor) -> Tensor:
        """Apply to a tensor that has those dimensions."""
        return input.flatten(self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """Split a dimension into several.

    Parameters
    ----------
    dim : int or str
        The dimension.
    unflattened_size : tuple of int
        Their sizes; their product is that of `dim`.

    Raises
    ------
    TypeError
        If `unflattened_size` is not a tuple of integers.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.Unflatten(1, (3, 4))(torch.ones(2, 12)).shape
    torch.Size([2, 3, 4])
    """

    __constants__ = ["dim", "unflattened_size"]

    def __init__(self, dim: int | str, unflattened_size: Any) -> None:
        super().__init__()
        if not isinstance(dim, int):
            raise TypeError(
                "unflattened_size must be a tuple of tuples, but found type "
                f"{type(unflattened_size).__name__}"
                if isinstance(dim, str)
                else f"invalid argument type for dim parameter: {type(dim).__name__}"
            )
        if not isinstance(unflattened_size, (tuple, list)):
            raise TypeError(
                "unflattened_size must be a tuple of ints, but found type "
                f"{type(unflattened_size).__name__}"
            )
        for i, size in enumerate(unflattened_size):
            if not isinstance(size, int):
                raise TypeError(
                    "unflattened_size must be tuple of ints, but found element of type "
                    f"{type(size).__name__} at pos {i}"
                )
        self.dim = dim
        self.unflattened_size = unflattened_size

    def forward(self, input: Tensor) -> Tensor:
        """Apply to a tensor whose size along `dim` fits."""
        return input.unflatten(self.dim, self.unflattened_size)

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"
