from typing import Any

from derivo import Tensor, dtype
from derivo._core.generator import Generator
from derivo._core.tensor import Node, TensorBase

class Kind:
    UNIFORM: int
    NORMAL: int
    EXPONENTIAL: int
    BERNOULLI: int
    GEOMETRIC: int
    CAUCHY: int
    LOG_NORMAL: int
    ANY_INTEGER: int
    BERNOULLI_EACH: int
    POISSON: int
    BINOMIAL: int
    GAMMA: int
    DROPOUT: int
    RRELU: int

class ZeroNode(Node): ...

def fill_tensor(
    kind: int,
    out: TensorBase,
    a: float = 0.0,
    b: float = 0.0,
    generator: Generator | None = None,
) -> None: ...
def draw_new(
    kind: int,
    size: tuple[Any, ...],
    dtype: dtype | None,
    a: float,
    b: float,
    generator: object,
) -> Tensor | None: ...
def draw_new_integers(args: tuple[Any, ...], generator: object) -> Tensor | None: ...
def draw_in_place(
    kind: int, t: TensorBase, a: float, b: float, generator: object, name: str
) -> bool: ...
def fill_integers(
    out: TensorBase, count: int, base: int, generator: Generator | None = None
) -> None: ...
def fill_each(
    kind: int,
    out: TensorBase,
    a: TensorBase,
    b: TensorBase | None = None,
    generator: Generator | None = None,
    low: float = 0.0,
    high: float = 0.0,
) -> None: ...
def fill_permutation(out: TensorBase, generator: Generator | None = None) -> None: ...
def fill_choices(
    out: TensorBase,
    weights: TensorBase,
    n_sample: int,
    generator: Generator | None = None,
) -> None: ...
def fill_race(
    out: TensorBase, weights: TensorBase, times: TensorBase, k: int
) -> None: ...
def zero_node(cls: type[ZeroNode], *inputs: Tensor | None) -> ZeroNode: ...
def _set_history(out: TensorBase, node: ZeroNode) -> None: ...
