# Stub of derivo._core.views, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.

from typing import Any
from derivo._core.tensor import Node



class ViewNode(Node):
    """Graph node of a view operation."""
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    @property
    def _facts(self) -> Any:
        """(kind, the numbers that it was called with, shape of the input, more)."""

def _as_copy(copy: Any, made: Any, name: Any) -> Any:
    """Let `copy`, of the view `made`, have the view's node, called `name` if given."""

def _in_place(t: Any, made: Any, name: Any) -> Any:
    """Let `t` become `made`, a view of itself, with a node of that name."""

def _slice(self: Any, dim: Any, start: Any, stop: Any, step: Any) -> Any:
    """slice_c for Python, with Python's rules for bounds."""

def alias_of(self: Any) -> Any:
    """View of all of the tensor."""

def as_strided(input: Any, size: Any, stride: Any, storage_offset: Any = None) -> Any:
    """View the storage with any sizes, strides and offset (in elements).

    Parameters
    ----------
    input : Tensor
        Gives the storage.
    size, stride : sequence of int
        Geometry of the result; elements may overlap.
    storage_offset : int, optional
        From the start of the storage; that of the input if not given.

    Raises
    ------
    RuntimeError
        If the geometry leaves the storage.

    Examples
    --------
    >>> import derivo
    >>> derivo.arange(4.0).as_strided((2, 2), (1, 1))
    tensor([[0., 1.],
            [1., 2.]])
    """

def as_strided_node(base: Any, sizes: Any, strides: Any, offset: Any) -> Any:
    """Node of a stride view of `base`, for views whose history is regenerated."""

def diagonal(input: Any, offset: Any = 0, dim1: Any = 0, dim2: Any = 1) -> Any:
    """View the diagonal of two dimensions, which becomes the last dimension.

    Parameters
    ----------
    input : Tensor
        At least two dimensions.
    offset : int, default 0
        Which diagonal: above (positive) or below (negative) the main one.
    dim1, dim2 : int
        The dimensions.

    Examples
    --------
    >>> import derivo
    >>> derivo.tensor([[1, 2], [3, 4]]).diagonal()
    tensor([1, 4])
    """

def expand(self: Any, *size: Any, implicit: Any = False) -> Any:
    """Repeat dimensions of size one without copying.

    Parameters
    ----------
    *size : int
        New sizes; -1 keeps one. May have more dimensions in front.

    Raises
    ------
    RuntimeError
        If a dimension is neither of size one nor of the wanted size.

    Examples
    --------
    >>> import derivo
    >>> derivo.ones(2, 1).expand(2, 3).stride()
    (1, 0)
    """

def flatten(input: Any, start_dim: Any = 0, end_dim: Any = -1) -> Any:
    """Merge the dimensions from `start_dim` to `end_dim` into one.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    start_dim, end_dim : int
        First and last dimension to merge.

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros(2, 3, 4).flatten(1).shape
    torch.Size([2, 12])
    """

def narrow(input: Any, dim: Any, start: Any, length: Any) -> Any:
    """Take `length` entries of a dimension from `start` on.

    Parameters
    ----------
    input : Tensor
        At least one dimension.
    dim : int
        The dimension.
    start : int or 0-d Tensor
        First entry.
    length : int
        How many.

    Raises
    ------
    RuntimeError, IndexError
        If they do not lie within the dimension.

    Examples
    --------
    >>> import derivo
    >>> derivo.arange(5).narrow(0, 1, 3)
    tensor([1, 2, 3])
    """

def permute(input: Any, *dims: Any) -> Any:
    """Reorder the dimensions.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    *dims : int
        For each dimension of the result, which of the input it is.

    Raises
    ------
    RuntimeError
        If a dimension is missing or repeated.

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros(2, 3, 4).permute(2, 0, 1).shape
    torch.Size([4, 2, 3])
    """

def reshape(input: Any, *shape: Any) -> Any:
    """Give the elements, in their order, other sizes: a view if possible, else a copy.

    Parameters
    ----------
    input : Tensor
        Any dtype.
    *shape : int
        New sizes, one of which may be -1 (inferred).

    Raises
    ------
    RuntimeError
        If the number of elements differs.

    Examples
    --------
    >>> import derivo
    >>> derivo.arange(4).reshape(2, -1)
    tensor([[0, 1],
            [2, 3]])
    """

def select(input: Any, dim: Any, index: Any) -> Any:
    """Take one entry of a dimension, which disappears.

    Parameters
    ----------
    input : Tensor
        At least one dimension.
    dim : int
        The dimension.
    index : int
        Which entry.

    Raises
    ------
    IndexError
        If dimension or index are out of range.

    Examples
    --------
    >>> import derivo
    >>> derivo.tensor([[1, 2], [3, 4]]).select(0, 1)
    tensor([3, 4])
    """

def set_callbacks(**functions: Any) -> Any:
    """Set the Python functions that views fall back on."""

def squeeze(input: Any, dim: Any = None) -> Any:
    """Remove dimensions of size one.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    dim : int or tuple of int, optional
        Only these; all if not given.

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros(1, 2, 1).squeeze().shape
    torch.Size([2])
    """

def t(input: Any) -> Any:
    """Transpose a matrix (tensors of less dimensions stay as they are).

    Raises
    ------
    RuntimeError
        For tensors of more than two dimensions.

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros(2, 3).t().shape
    torch.Size([3, 2])
    """

def transpose(input: Any, dim0: Any, dim1: Any) -> Any:
    """Swap two dimensions.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    dim0, dim1 : int
        The dimensions.

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros(2, 3).transpose(0, 1).shape
    torch.Size([3, 2])
    """

def unfold(self: Any, dimension: Any, size: Any, step: Any) -> Any:
    """View windows of one dimension; their entries become the last dimension.

    Parameters
    ----------
    dimension : int
        The dimension.
    size : int
        Length of a window.
    step : int
        Distance of windows.

    Raises
    ------
    RuntimeError
        If the window is longer than the dimension, or the step not positive.

    Examples
    --------
    >>> import derivo
    >>> derivo.arange(5).unfold(0, 3, 1)
    tensor([[0, 1, 2],
            [1, 2, 3],
            [2, 3, 4]])
    """

def unsqueeze(input: Any, dim: Any) -> Any:
    """Insert a dimension of size one.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    dim : int
        Where, in the result.

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros(3).unsqueeze(0).shape
    torch.Size([1, 3])
    """

def view(self: Any, *size: Any) -> Any:
    """View the elements, in their order, with other sizes.

    Parameters
    ----------
    *size : int
        New sizes, one of which may be -1 (inferred); or a dtype, to read the same
        memory as another type.

    Returns
    -------
    Tensor
        On the same storage.

    Raises
    ------
    RuntimeError
        If the number of elements differs, or the strides allow no such view.

    Examples
    --------
    >>> import derivo
    >>> derivo.arange(6).view(2, 3)
    tensor([[0, 1, 2],
            [3, 4, 5]])
    """
