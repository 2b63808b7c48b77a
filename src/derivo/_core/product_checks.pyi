# Stub of derivo._core.product_checks, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.

from typing import Any


_C_WORDS: tuple[Any, ...]
_WORDS: tuple[Any, ...]
