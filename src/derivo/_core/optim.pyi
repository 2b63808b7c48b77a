from collections.abc import Callable, Iterable
from typing import Any

class FusedUpdate:
    name: str
    build: Callable[[int, str], int]
    states: tuple[str, ...]
    n_scalars: int
    def __init__(
        self,
        name: str,
        build: Callable[[int, str], int],
        states: tuple[str, ...],
        n_scalars: int,
    ) -> None: ...

def sgd_step(
    fused: FusedUpdate,
    params: Iterable[Any],
    state: Any,
    variant: int,
    first: int,
    momentum: bool,
    lr: float,
    weight_decay: float,
    momentum_factor: float,
    dampening: float,
) -> list[Any] | None: ...
def adam_step(
    fused: FusedUpdate,
    params: Iterable[Any],
    state: Any,
    variant: int,
    amsgrad: bool,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float,
) -> list[Any] | None: ...
def drop_gradients(params: Iterable[Any]) -> None: ...
def set_callbacks(**functions: Callable[..., Any]) -> None: ...
