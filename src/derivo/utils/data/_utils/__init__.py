"""How a `DataLoader` fetches samples and joins them into batches."""

from __future__ import annotations

from . import collate, fetch

__all__ = ["collate", "fetch"]
