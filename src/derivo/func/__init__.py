"""Transforms of functions: vmap, grad, jvp and what is made of them (torch.func)."""

from __future__ import annotations

__all__: list[str] = []
