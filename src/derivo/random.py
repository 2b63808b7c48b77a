"""Random number generators: seeding, states and temporary ones.

The functions that draw are `derivo.rand`, `derivo.randn` and their relatives.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from derivo._core.generator import default_generator
from derivo.ops.random.generators import (
    get_rng_state,
    initial_seed,
    manual_seed,
    seed,
    set_rng_state,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "fork_rng",
    "get_rng_state",
    "initial_seed",
    "manual_seed",
    "seed",
    "set_rng_state",
]


@contextmanager
def fork_rng(
    devices: Iterable[object] | None = None,
    enabled: bool = True,
    _caller: str = "fork_rng",
    _devices_kw: str = "devices",
    device_type: str = "cpu",
) -> Iterator[None]:
    """Let the default generator return to its present state at the end of a block.

    Parameters
    ----------
    devices : iterable, optional
        For PyTorch's scripts; only the CPU's generator exists.
    enabled : bool, default True
        False: do nothing.
    device_type : str
        For PyTorch's scripts.

    Examples
    --------
    >>> import derivo
    >>> _ = derivo.manual_seed(0)
    >>> with derivo.random.fork_rng():
    ...     a = derivo.rand(3)
    >>> derivo.equal(a, derivo.rand(3))
    True
    """
    if not enabled:
        yield
        return
    state = default_generator._state_bytes()
    try:
        yield
    finally:
        default_generator._set_state_bytes(state)
