"""Conformance of derivo with PyTorch: PyTorch is the oracle, derivo the candidate.

Run ``python -m conformance --help``; README.md says what each check means.
Nothing in here is installed with derivo.
"""

from __future__ import annotations
