# Stub of derivo._core.convert, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.

from typing import Any



def bytes_of(t: Any) -> Any:
    """The bytes of a contiguous tensor."""

def fill_value(t: Any, value: Any) -> Any:
    """Write `value` into every element of a contiguous tensor."""

def from_address(
    address: Any,
    nbytes: Any,
    dtype: Any,
    shape: Any,
    strides: Any,
    owner: Any,
    readonly: Any = False,
) -> Any:
    """A tensor over memory that `owner` keeps alive (strides in elements)."""

def from_nested(data: Any, dtype: Any, promote: Any) -> Any:
    """A new tensor with the values of numbers and sequences, nested in any way.

    `promote` takes two dtype codes to their common one.
    """

def item(self: Any) -> Any:
    """The only element as a Python number.

    Returns
    -------
    bool, int, float or complex

    Raises
    ------
    RuntimeError
        If the tensor does not have exactly one element.

    Examples
    --------
    >>> import derivo
    >>> derivo.tensor([2.5]).item()
    2.5
    """

def store_scalar(t: Any, value: Any) -> Any:
    """Write `value` into the only element of `t`."""

def tolist(self: Any) -> Any:
    """The elements as nested lists of Python numbers (a number for 0-d).

    Examples
    --------
    >>> import derivo
    >>> derivo.tensor([[1, 2], [3, 4]]).tolist()
    [[1, 2], [3, 4]]
    """
