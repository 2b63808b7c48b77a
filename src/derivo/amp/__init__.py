"""Mixed precision, so far as scripts that are written for a GPU go through it.

With GPUs missing, `autocast("cuda")` and `GradScaler("cuda")` switch themselves off, as
in PyTorch; mixed precision on the CPU is not there yet and says so.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["GradScaler", "autocast", "is_autocast_available"]

_F = TypeVar("_F", bound=Callable[..., Any])


def is_autocast_available(device_type: str) -> bool:
    """Whether operations can choose lower precision on a device: not yet."""
    return False


class autocast:
    """Context in which operations choose lower precision on a GPU.

    Parameters
    ----------
    device_type : str
        ``"cuda"``: switched off with a warning, as there is no GPU.
    dtype : dtype, optional
        The lower precision.
    enabled : bool, default True
        Whether to do anything.
    cache_enabled : bool, optional
        Of no effect.

    Raises
    ------
    RuntimeError
        If it is enabled for the CPU.
    """

    def __init__(
        self,
        device_type: str,
        dtype: Any = None,
        enabled: bool = True,
        cache_enabled: bool | None = None,
    ) -> None:
        if not isinstance(device_type, str):
            raise ValueError(
                f"[autocast] Expected `device_type` of type `str`, got: "
                f"{type(device_type)}."
            )
        if enabled and device_type == "cuda":
            warnings.warn(
                "User provided device_type of 'cuda', but CUDA is not available. "
                "Disabling",
                UserWarning,
                stacklevel=2,
            )
        elif enabled:
            raise RuntimeError(
                f"[autocast] mixed precision on {device_type!r} is not available: "
                "expected enabled=False. Convert model and inputs to the lower "
                "precision instead."
            )
        self.device = device_type
        self.fast_dtype = dtype

    def __enter__(self) -> autocast:
        """Change nothing."""
        return self

    def __exit__(self, *error: object) -> None:
        """Change nothing."""

    def __call__(self, function: _F) -> _F:
        """Let the context hold while a function runs."""

        @functools.wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Any:
            with self:
                return function(*args, **kwargs)

        return inside  # type: ignore[return-value]


class GradScaler:
    """Scales losses so that gradients in half precision do not vanish.

    Without a GPU it switches itself off with a warning, as in PyTorch: `scale` gives
    the loss back, `step` steps the optimizer.

    Parameters
    ----------
    device : str, default "cuda"
        Where the gradients are.
    init_scale, growth_factor, backoff_factor, growth_interval : float
        Settings of the scaling.
    enabled : bool, default True
        Whether to scale.

    Examples
    --------
    >>> import derivo
    >>> scaler = derivo.amp.GradScaler(enabled=False)
    >>> w = derivo.ones(1, requires_grad=True)
    >>> optimizer = derivo.optim.SGD([w], lr=0.5)
    >>> scaler.scale(w.sum()).backward()
    >>> scaler.step(optimizer)
    >>> scaler.update()
    >>> w
    tensor([0.5000], requires_grad=True)
    """

    def __init__(
        self,
        device: str = "cuda",
        init_scale: float = 65536.0,
        growth_factor: float = 2.0,
        backoff_factor: float = 0.5,
        growth_interval: int = 2000,
        enabled: bool = True,
    ) -> None:
        if enabled and device == "cuda":
            warnings.warn(
                "torch.cuda.amp.GradScaler is enabled, but CUDA is not available.  "
                "Disabling.",
                UserWarning,
                stacklevel=2,
            )
        elif enabled:
            raise RuntimeError(
                f"[GradScaler] scaling on {device!r} is not available: expected "
                "enabled=False. Gradients in float32 and bfloat16 need none."
            )

    def is_enabled(self) -> bool:
        """Whether it scales: no."""
        return False

    def scale(self, outputs: Any) -> Any:
        """Return the losses as they are."""
        return outputs

    def unscale_(self, optimizer: Any) -> None:
        """Leave the gradients as they are."""

    def step(self, optimizer: Any, *args: Any, **kwargs: Any) -> Any:
        """Step the optimizer."""
        return optimizer.step(*args, **kwargs)

    def update(self, new_scale: Any = None) -> None:
        """Change nothing."""

    def get_scale(self) -> float:
        """Return the scale: 1."""
        return 1.0

    def state_dict(self) -> dict[str, Any]:
        """Return the state: none."""
        return {}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take a state: there is none."""
