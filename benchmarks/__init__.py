"""Benchmarks of derivo beside PyTorch: ``python -m benchmarks``."""

from __future__ import annotations
