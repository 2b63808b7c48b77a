"""The graph itself: nodes, edges, and hooks on several tensors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from derivo._core.tensor import Node, TensorBase, _bump
from derivo.autograd._engine import GradientEdge, get_gradient_edge

if TYPE_CHECKING:
    from derivo import Tensor

__all__ = ["GradientEdge", "Node", "get_gradient_edge", "increment_version"]


def increment_version(tensor: Tensor | Iterable[Tensor]) -> None:
    """Tell autograd that memory was changed by foreign code.

    Parameters
    ----------
    tensor : Tensor or iterable of Tensor
        What was changed. Inference tensors are left alone.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.ones(2)
    >>> derivo.autograd.graph.increment_version(x)
    >>> x._version
    1
    """
    for t in (tensor,) if isinstance(tensor, TensorBase) else tensor:
        if not t.is_inference():
            _bump(t, "increment_version")
