"""What the processor offers."""

from __future__ import annotations

__all__ = ["get_cpu_capability"]


def get_cpu_capability() -> str:
    """Return PyTorch's name for the vectors that kernels are made for.

    Examples
    --------
    >>> import derivo
    >>> derivo.backends.cpu.get_cpu_capability() in ("AVX512", "AVX2", "DEFAULT")
    True
    """
    from derivo.codegen import target

    return {64: "AVX512", 32: "AVX2"}.get(target.current().vector_bytes, "DEFAULT")
