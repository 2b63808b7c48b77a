"""What checkpoints ask about devices: derivo has the CPU, and its generator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from derivo import Tensor

__all__ = ["DefaultDeviceType", "get_device_states", "set_device_states"]


class DefaultDeviceType:
    """Type of device whose random numbers a checkpoint keeps.

    Remembered for scripts that set it: all tensors are on the CPU, whose random state
    is always kept.

    Examples
    --------
    >>> from derivo.utils.checkpoint import DefaultDeviceType
    >>> DefaultDeviceType.get_device_type()
    'cpu'
    """

    _default_device_type: str | None = None

    @staticmethod
    def set_device_type(device: str = "cuda") -> None:
        """Set the type of device.

        Parameters
        ----------
        device : str, default "cuda"
        """
        DefaultDeviceType._default_device_type = device

    @staticmethod
    def get_device_type() -> str:
        """Type of device that was set; ``"cpu"`` before."""
        return DefaultDeviceType._default_device_type or "cpu"


def get_device_states(*args: Any) -> tuple[list[int], list[Tensor]]:
    """Devices other than the CPU that tensors are on, and their random states: none.

    Parameters
    ----------
    *args
        Any; tensors and containers of tensors among them.

    Returns
    -------
    devices : list of int
    states : list of Tensor
    """
    return [], []


def set_device_states(
    devices: Iterable[int], states: Iterable[Any], *, device_type: str | None = None
) -> None:
    """Set what `get_device_states` gave.

    Parameters
    ----------
    devices, states
        As it gave them: empty.
    device_type : str, optional
        Taken for PyTorch's sake.

    Raises
    ------
    RuntimeError
        If there is a device.
    """
    if list(devices):
        raise RuntimeError(
            "[set_device_states] expected no devices, got "
            f"{devices=}: derivo computes on the CPU only, whose random state is set "
            "by derivo.set_rng_state()."
        )
