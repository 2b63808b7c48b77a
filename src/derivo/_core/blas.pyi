from __future__ import annotations

def blas_address(name: str) -> int: ...
def use_vectors(nbytes: int | None = None) -> int: ...
def use_blas(on: bool = True) -> bool: ...
def product(
    code: int,
    sizes: tuple[int, int, int],
    a: int,
    a_strides: tuple[int, int],
    b: int,
    b_strides: tuple[int, int],
    c: int,
    c_strides: tuple[int, int],
    cin: int = 0,
    cin_strides: tuple[int, int] = (0, 0),
    alpha: float = 1.0,
    beta: float = 0.0,
    count: int = 1,
    steps: tuple[int, int, int, int] = (0, 0, 0, 0),
) -> None: ...
