"""How a class says that it takes no part in ``__torch_function__``.

Apart from `_overrides`, which is loaded only where some class does take part.
"""

from __future__ import annotations

from typing import Any

__all__ = ["DisableTorchFunctionSubclass", "_disabled_torch_function_impl"]


class DisableTorchFunctionSubclass:
    """While entered, no class is asked on this thread."""

    def __enter__(self) -> None:
        from derivo._core.overrides import disabled_count

        disabled_count(1)

    def __exit__(self, *error: object) -> None:
        from derivo._core.overrides import disabled_count

        disabled_count(-1)


def _disabled_torch_function_impl(
    func: Any, types: Any, args: Any = (), kwargs: Any = None
) -> Any:
    """Call the function: as ``__torch_function__`` of a class, it takes no part."""
    with DisableTorchFunctionSubclass():
        return func(*args, **(kwargs or {}))
