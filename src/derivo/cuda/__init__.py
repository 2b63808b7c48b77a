"""Questions about NVIDIA GPUs, answered as PyTorch built for the CPU answers them.

``derivo.cuda.is_available()`` is False; what needs a GPU says that there is none, and
what only concerns GPUs that might be there (seeds, caches) does nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from derivo.cuda import amp

__all__ = [
    "amp",
    "current_device",
    "current_stream",
    "device",
    "device_count",
    "empty_cache",
    "get_device_capability",
    "get_device_name",
    "get_device_properties",
    "get_rng_state",
    "get_rng_state_all",
    "init",
    "is_available",
    "is_bf16_supported",
    "is_initialized",
    "manual_seed",
    "manual_seed_all",
    "max_memory_allocated",
    "max_memory_reserved",
    "mem_get_info",
    "memory_allocated",
    "memory_reserved",
    "memory_stats",
    "seed",
    "seed_all",
    "set_device",
    "set_rng_state_all",
    "synchronize",
]


def is_available() -> bool:
    """Whether there is a GPU: never."""
    return False


def is_initialized() -> bool:
    """Whether a GPU is in use: never."""
    return False


def is_bf16_supported(including_emulation: bool = True) -> bool:
    """Whether a GPU computes in bfloat16: never."""
    return False


def device_count() -> int:
    """Return the number of GPUs: none."""
    return 0


def manual_seed(seed: int) -> None:
    """Seed the generator of the current GPU: there is none."""
    int(seed)


def manual_seed_all(seed: int) -> None:
    """Seed the generators of all GPUs: there are none."""
    int(seed)


def seed() -> None:
    """Seed the generator of the current GPU: there is none."""


def seed_all() -> None:
    """Seed the generators of all GPUs: there are none."""


def empty_cache() -> None:
    """Give unused GPU memory back: there is none (see `derivo.empty_cache`)."""


def memory_allocated(device: Any = None) -> int:
    """Return the bytes of GPU memory in use: 0."""
    return 0


def max_memory_allocated(device: Any = None) -> int:
    """Return the most bytes of GPU memory that were in use: 0."""
    return 0


def memory_reserved(device: Any = None) -> int:
    """Return the bytes of GPU memory held: 0."""
    return 0


def max_memory_reserved(device: Any = None) -> int:
    """Return the most bytes of GPU memory held: 0."""
    return 0


def memory_stats(device: Any = None) -> dict[str, Any]:
    """Return figures of GPU memory: none."""
    return OrderedDict()


def get_rng_state_all() -> list[Any]:
    """Return the states of all GPUs' generators: none."""
    return []


def set_rng_state_all(new_states: Any) -> None:
    """Set the states of all GPUs' generators."""
    if list(new_states):
        raise _missing("set_rng_state_all")


def _missing(name: str) -> AssertionError:
    return AssertionError(
        f"[cuda.{name}] Torch not compiled with CUDA enabled: derivo computes on the "
        "CPU. Ask torch.cuda.is_available() first."
    )


def _needs_gpu(name: str, what: str) -> Any:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise _missing(name)

    refuse.__name__ = refuse.__qualname__ = name
    refuse.__doc__ = (
        f"{what}\n\n    Raises\n    ------\n    AssertionError\n"
        "        Always: there is no GPU.\n    "
    )
    return refuse


current_device = _needs_gpu("current_device", "Return the number of the current GPU.")
current_stream = _needs_gpu("current_stream", "Return the current GPU's stream.")
get_device_capability = _needs_gpu("get_device_capability", "Return what a GPU can do.")
get_device_name = _needs_gpu("get_device_name", "Return the name of a GPU.")
get_device_properties = _needs_gpu("get_device_properties", "Return what a GPU is.")
get_rng_state = _needs_gpu("get_rng_state", "Return the state of a GPU's generator.")
init = _needs_gpu("init", "Start using GPUs.")
mem_get_info = _needs_gpu("mem_get_info", "Return free and total GPU memory.")
set_device = _needs_gpu("set_device", "Choose the current GPU.")
synchronize = _needs_gpu("synchronize", "Wait for a GPU.")


class device:
    """Context in which a GPU is the current one; without GPUs it changes nothing.

    Parameters
    ----------
    device : int, str or device
        Which GPU.
    """

    def __init__(self, device: Any) -> None:
        self.idx = device

    def __enter__(self) -> None:
        """Change nothing."""

    def __exit__(self, *error: object) -> None:
        """Change nothing."""
