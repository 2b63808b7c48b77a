"""What tests of code that uses derivo need: comparison, and tensors to compare."""

from __future__ import annotations

from derivo.autograd.gradcheck import GradcheckError, gradcheck, gradgradcheck
from derivo.testing._compare import assert_close
from derivo.testing._make import make_tensor

__all__ = [
    "GradcheckError",
    "assert_close",
    "gradcheck",
    "gradgradcheck",
    "make_tensor",
]
