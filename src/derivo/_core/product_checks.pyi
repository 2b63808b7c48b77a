# Stub of derivo._core.product_checks, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.

from typing import Any


SCALAR_TYPES: tuple[Any, ...]
_C_TYPES: tuple[Any, ...]
