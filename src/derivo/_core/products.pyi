from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from derivo import Tensor
from derivo._core.tensor import Node

MM: int
ADDMM: int
BMM: int
BADDBMM: int
MV: int
ADDMV: int
DOT: int
VDOT: int
_WORDS: tuple[str, ...]

class ProductNode(Node):
    form: int
    alpha: Any
    beta: Any
    shape: tuple[int, ...] | None
    @property
    def saved(self) -> tuple[Tensor | None, Tensor | None]: ...
    @property
    def needs(self) -> tuple[bool, bool, bool]: ...

class TBackward0(Node): ...

def set_callbacks(**functions: Callable[..., Any]) -> None: ...
def mm(input: Any, mat2: Any, out: Any = None) -> Tensor: ...
def bmm(input: Any, mat2: Any, out: Any = None) -> Tensor: ...
def mv(input: Any, vec: Any, out: Any = None) -> Tensor: ...
def dot(input: Any, tensor_: Any, out: Any = None, name: str = "dot") -> Tensor: ...
def addmm(
    input: Any,
    mat1: Any,
    mat2: Any,
    beta: Any = 1,
    alpha: Any = 1,
    out: Any = None,
    change: bool = False,
) -> Tensor: ...
def addmv(
    input: Any,
    mat: Any,
    vec: Any,
    beta: Any = 1,
    alpha: Any = 1,
    out: Any = None,
    change: bool = False,
) -> Tensor: ...
def baddbmm(
    input: Any,
    batch1: Any,
    batch2: Any,
    beta: Any = 1,
    alpha: Any = 1,
    out: Any = None,
    change: bool = False,
) -> Tensor: ...
def linear(input: Any, weight: Any, bias: Any = None) -> Tensor | None: ...
def matmul(input: Any, other: Any) -> Tensor: ...
def matmul_operator(a: Any, b: Any) -> Any: ...
def check_addbmm(input: Any, batch1: Any, batch2: Any) -> None: ...
def check_addr(input: Any, vec1: Any, vec2: Any) -> None: ...
def check_outer(name: str, first: str, input: Any, vec2: Any) -> None: ...
def unsafe_view(t: Tensor, shape: Sequence[int]) -> Tensor: ...
