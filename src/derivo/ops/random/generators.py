"""The default generator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivo._core.generator import Generator, default_generator
from derivo.ops._surface import public

if TYPE_CHECKING:
    from derivo import Tensor

__all__ = ["Generator", "default_generator"]


@public("manual_seed")
def manual_seed(seed: int) -> Generator:
    """Start the default generator anew from `seed`.

    Parameters
    ----------
    seed : int
        From -2**63 to 2**64 - 1; a negative seed stands for ``2**64 + seed``.

    Returns
    -------
    Generator
        The default generator.

    Raises
    ------
    ValueError
        If `seed` does not fit in 64 bits.

    Examples
    --------
    >>> import derivo
    >>> _ = derivo.manual_seed(0)
    >>> derivo.rand(3)
    tensor([0.4963, 0.7682, 0.0885])
    """
    return default_generator.manual_seed(int(seed))


@public("seed")
def seed() -> int:
    """Start the default generator anew from a seed of the operating system.

    Returns
    -------
    int
        The seed.

    Examples
    --------
    >>> import derivo
    >>> derivo.seed() == derivo.initial_seed()
    True
    """
    return default_generator.seed()


@public("initial_seed")
def initial_seed() -> int:
    """Return the seed that the default generator was last started from.

    Examples
    --------
    >>> import derivo
    >>> _ = derivo.manual_seed(7)
    >>> derivo.initial_seed()
    7
    """
    return default_generator.initial_seed()


@public("get_rng_state")
def get_rng_state() -> Tensor:
    """Return the state of the default generator, a uint8 tensor of 5056 elements.

    The layout is PyTorch's, so a state can be carried from one to the other.

    Examples
    --------
    >>> import derivo
    >>> state = derivo.get_rng_state()
    >>> a = derivo.rand(2)
    >>> derivo.set_rng_state(state)
    >>> derivo.equal(a, derivo.rand(2))
    True
    """
    return default_generator.get_state()


@public("set_rng_state")
def set_rng_state(new_state: Tensor) -> None:
    """Let the default generator continue from a state of `get_rng_state`.

    Parameters
    ----------
    new_state : Tensor
        uint8, contiguous, 5056 elements.

    Raises
    ------
    TypeError
        If it is no uint8 tensor.
    RuntimeError
        If it has another size, is not contiguous, or is no state.

    Examples
    --------
    >>> import derivo
    >>> state = derivo.get_rng_state()
    >>> a = derivo.randn(3)
    >>> derivo.set_rng_state(state)
    >>> derivo.equal(a, derivo.randn(3))
    True
    """
    default_generator.set_state(new_state)
