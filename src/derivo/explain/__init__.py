"""Why a gradient is missing or NaN, and what the graph looks like.

`why_no_grad` and `find_nan` answer the two questions that no error message can, because
nothing fails; `tree` and `dot` draw the graph.
"""

from __future__ import annotations

from ._missing import why_no_grad
from ._nan import find_nan
from ._report import Report
from ._tree import dot, tree

__all__ = ["Report", "dot", "find_nan", "tree", "why_no_grad"]
