"""Helpers around training: `derivo.utils.data`."""

from __future__ import annotations

from . import data

__all__ = ["data"]
