"""The graph itself: nodes, edges, what they save, and hooks on several tensors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from derivo._core.tensor import Node, TensorBase, _bump
from derivo.autograd._engine import GradientEdge, get_gradient_edge
from derivo.autograd._multi_hooks import register_multi_grad_hook
from derivo.autograd._saved_hooks import (
    allow_mutation_on_saved_tensors,
    disable_saved_tensors_hooks,
    save_on_cpu,
    saved_tensors_hooks,
)
from derivo.errors import GraphError

if TYPE_CHECKING:
    from derivo import Tensor

__all__ = [
    "GradientEdge",
    "Node",
    "allow_mutation_on_saved_tensors",
    "disable_saved_tensors_hooks",
    "get_gradient_edge",
    "increment_version",
    "region_activation_memory_budget",
    "register_multi_grad_hook",
    "save_on_cpu",
    "saved_tensors_hooks",
    "set_override_stale_capture_stream",
    "set_warn_on_accumulate_grad_stream_mismatch",
]


def increment_version(tensor: Tensor | Iterable[Tensor]) -> None:
    """Tell autograd that memory was changed by foreign code.

    Parameters
    ----------
    tensor : Tensor or iterable of Tensor
        What was changed. Inference tensors are left alone.

    Raises
    ------
    RuntimeError
        If it is neither.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.ones(2)
    >>> derivo.autograd.graph.increment_version(x)
    >>> x._version
    1
    """
    if isinstance(tensor, TensorBase):
        tensors: tuple[Any, ...] = (tensor,)
    elif isinstance(tensor, Iterable):
        tensors = tuple(tensor)
    else:
        raise GraphError(
            "[increment_version] increment_version expect a Iterable[Tensor] as "
            f"input, got {type(tensor).__name__}."
        )
    for t in tensors:
        if not isinstance(t, TensorBase):
            raise GraphError(
                "[increment_version] increment_version expects each element of the "
                f"iterable to be a tensor, got {type(t).__name__}."
            )
        if not t.is_inference():
            _bump(t, "increment_version")


def region_activation_memory_budget(budget: float) -> Any:
    """Refuse: a memory budget is for compiled regions, and nothing is compiled here.

    Raises
    ------
    RuntimeError
        Always, as PyTorch does in eager mode.
    """
    raise GraphError(
        "[region_activation_memory_budget] "
        "torch.autograd.graph.region_activation_memory_budget can only be used inside "
        "a torch.compile region; it has no effect in eager mode. Use "
        "utils.checkpoint to spare memory."
    )


def set_warn_on_accumulate_grad_stream_mismatch(enabled: bool) -> None:
    """Take the setting of a warning about CUDA streams; there are none."""


def set_override_stale_capture_stream(enabled: bool) -> None:
    """Take a setting of captured CUDA graphs; there are none."""
