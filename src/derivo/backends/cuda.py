"""Settings of computing on NVIDIA GPUs, of which there are none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

__all__ = [
    "enable_flash_sdp",
    "enable_math_sdp",
    "enable_mem_efficient_sdp",
    "flash_sdp_enabled",
    "is_built",
    "math_sdp_enabled",
    "matmul",
    "mem_efficient_sdp_enabled",
    "sdp_kernel",
]

matmul = SimpleNamespace(
    allow_tf32=False,
    allow_fp16_reduced_precision_reduction=True,
    allow_bf16_reduced_precision_reduction=True,
)
_attention = {"flash": True, "math": True, "mem_efficient": True}


def is_built() -> bool:
    """Whether the library was built for GPUs: no."""
    return False


def flash_sdp_enabled() -> bool:
    """Whether attention may use this kernel on GPUs."""
    return _attention["flash"]


def math_sdp_enabled() -> bool:
    """Whether attention may use plain operations on GPUs."""
    return _attention["math"]


def mem_efficient_sdp_enabled() -> bool:
    """Whether attention may use this kernel on GPUs."""
    return _attention["mem_efficient"]


def enable_flash_sdp(enabled: bool) -> None:
    """Say whether attention may use this kernel on GPUs."""
    _attention["flash"] = bool(enabled)


def enable_math_sdp(enabled: bool) -> None:
    """Say whether attention may use plain operations on GPUs."""
    _attention["math"] = bool(enabled)


def enable_mem_efficient_sdp(enabled: bool) -> None:
    """Say whether attention may use this kernel on GPUs."""
    _attention["mem_efficient"] = bool(enabled)


@contextmanager
def sdp_kernel(
    enable_flash: bool = True,
    enable_math: bool = True,
    enable_mem_efficient: bool = True,
    enable_cudnn: bool = True,
) -> Iterator[None]:
    """Context in which attention may use these kernels on GPUs."""
    before = dict(_attention)
    _attention.update(
        flash=enable_flash, math=enable_math, mem_efficient=enable_mem_efficient
    )
    try:
        yield
    finally:
        _attention.update(before)
