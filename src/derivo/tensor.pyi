# Stub of derivo.tensor, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.

from builtins import bool as _bool
from builtins import float as _float
from builtins import int as _int
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any
from typing import TypeAlias
from derivo._core.generator import Generator
from derivo._core.tensor import DType as _dtype
from derivo._core.tensor import Node
from derivo._core.tensor import Size
from derivo._info import device as _device
from derivo._info import layout as _layout
from derivo.ops.elementwise.exponential import FrexpResult

Number: TypeAlias = _bool | _int | _float


class Tensor:
    """A multi-dimensional array that remembers how it was computed.

    Made by `derivo.tensor`, `derivo.zeros` and their relatives, and by operations on
    other tensors. ``Tensor(2, 3)`` gives an uninitialised float tensor of that shape,
    ``Tensor([1, 2])`` one with those values.
    """
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def __abs__(self) -> Tensor: ...
    def __add__(self, other: Tensor | Number) -> Tensor: ...
    def __and__(self, other: Tensor | Number) -> Tensor: ...
    def __array__(self, dtype: Any = None, copy: _bool | None = None) -> Any: ...
    __array_priority__: _int
    def __array_wrap__(
        self,
        array: Any,
        context: Any = None,
        scalar: _bool = False,
    ) -> Any: ...
    def __bool__(self) -> _bool: ...
    def __bytes__(self) -> bytes: ...
    def __complex__(self) -> complex: ...
    def __contains__(self, element: Any) -> _bool: ...
    def __copy__(self) -> Tensor: ...
    def __deepcopy__(self, memo: dict[_int, Any]) -> Tensor: ...
    def __delitem__(self, key: Any) -> None: ...
    def __dlpack__(
        self,
        *,
        stream: Any = None,
        max_version: tuple[_int, _int] | None = None,
        dl_device: tuple[_int, _int] | None = None,
        copy: _bool | None = None,
    ) -> Any: ...
    def __dlpack_device__(self) -> tuple[_int, _int]: ...
    def __eq__(self, other: Any) -> Tensor: ...  # type: ignore[override]
    def __float__(self) -> _float: ...
    def __floordiv__(self, other: Tensor | Number) -> Tensor: ...
    def __format__(self, spec: str) -> str: ...
    def __ge__(self, other: Any) -> Tensor: ...
    def __getitem__(self, key: Any) -> Tensor: ...
    def __gt__(self, other: Any) -> Tensor: ...
    def __hash__(self) -> _int: ...
    def __iadd__(self, other: Tensor | Number) -> Tensor: ...
    def __iand__(self, other: Tensor | Number) -> Tensor: ...
    def __ifloordiv__(self, other: Tensor | Number) -> Tensor: ...
    def __ilshift__(self, other: Tensor | Number) -> Tensor: ...
    def __imod__(self, other: Tensor | Number) -> Tensor: ...
    def __imul__(self, other: Tensor | Number) -> Tensor: ...
    def __index__(self) -> _int: ...
    def __int__(self) -> _int: ...
    def __invert__(self) -> Tensor: ...
    def __ior__(self, other: Tensor | Number) -> Tensor: ...
    def __ipow__(self, other: Tensor | Number) -> Tensor: ...
    def __irshift__(self, other: Tensor | Number) -> Tensor: ...
    def __isub__(self, other: Tensor | Number) -> Tensor: ...
    def __iter__(self) -> Iterator[Tensor]: ...
    def __itruediv__(self, other: Tensor | Number) -> Tensor: ...
    def __ixor__(self, other: Tensor | Number) -> Tensor: ...
    def __le__(self, other: Any) -> Tensor: ...
    def __len__(self) -> _int: ...
    def __lshift__(self, other: Tensor | Number) -> Tensor: ...
    def __lt__(self, other: Any) -> Tensor: ...
    def __matmul__(self, other: Tensor | Number) -> Tensor: ...
    def __mod__(self, other: Tensor | Number) -> Tensor: ...
    def __mul__(self, other: Tensor | Number) -> Tensor: ...
    def __ne__(self, other: Any) -> Tensor: ...  # type: ignore[override]
    def __neg__(self) -> Tensor: ...
    def __or__(self, other: Tensor | Number) -> Tensor: ...
    def __pos__(input) -> Tensor: ...
    def __pow__(self, other: Tensor | Number) -> Tensor: ...
    def __radd__(self, other: Tensor | Number) -> Tensor: ...
    def __rand__(self, other: Tensor | Number) -> Tensor: ...
    def __rdiv__(self, other: Tensor | Number) -> Tensor: ...
    def __repr__(self, *, tensor_contents: str | None = None) -> str: ...
    def __reversed__(self) -> Tensor: ...
    def __rfloordiv__(self, other: Tensor | Number) -> Tensor: ...
    def __rlshift__(self, other: Tensor | Number) -> Tensor: ...
    def __rmatmul__(self, other: Tensor | Number) -> Tensor: ...
    def __rmod__(self, other: Tensor | Number) -> Tensor: ...
    def __rmul__(self, other: Tensor | Number) -> Tensor: ...
    def __ror__(self, other: Tensor | Number) -> Tensor: ...
    def __rpow__(self, other: Tensor | Number) -> Tensor: ...
    def __rrshift__(self, other: Tensor | Number) -> Tensor: ...
    def __rshift__(self, other: Tensor | Number) -> Tensor: ...
    def __rsub__(self, other: Tensor | Number) -> Tensor: ...
    def __rtruediv__(self, other: Tensor | Number) -> Tensor: ...
    def __rxor__(self, other: Tensor | Number) -> Tensor: ...
    def __setitem__(self, key: Any, value: Any) -> None: ...
    def __sub__(self, other: Tensor | Number) -> Tensor: ...
    @classmethod
    def __torch_function__(
        cls,
        func: Any,
        types: Any,
        args: Any = ...,
        kwargs: Any = None,
    ) -> Any: ...
    def __truediv__(self, other: Tensor | Number) -> Tensor: ...
    def __xor__(self, other: Tensor | Number) -> Tensor: ...
    @property
    def H(self) -> Tensor:
        """Conjugate transpose of one matrix."""
    @property
    def T(self) -> Tensor:
        """Dimensions in reverse order."""
    @property
    def _base(self) -> Tensor | None:
        ...
    _batch: Any
    def _is_view(self) -> Any: ...
    _tangents: Any
    @property
    def _version(self) -> _int:
        ...
    def abs(self) -> Tensor:
        """Compute the absolute value."""
    def abs_(self) -> Tensor:
        """Compute the absolute value."""
    def absolute(self) -> Tensor:
        """Compute the absolute value."""
    def absolute_(self) -> Tensor:
        """Compute the absolute value."""
    def acos(self) -> Tensor:
        """Take the inverse cosine; NaN outside [-1, 1]."""
    def acos_(self) -> Tensor:
        """Take the inverse cosine; NaN outside [-1, 1]."""
    def acosh(self) -> Tensor:
        """Take the inverse hyperbolic cosine; NaN below 1."""
    def acosh_(self) -> Tensor:
        """Take the inverse hyperbolic cosine; NaN below 1."""
    def add(self, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
        """Add `other`, times `alpha`."""
    def add_(self, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
        """Add `other`, times `alpha`."""
    def addbmm(
        input,
        batch1: Tensor,
        batch2: Tensor,
        *,
        beta: Number = 1,
        alpha: Number = 1,
        out: Tensor | None = None,
    ) -> Tensor:
        """Compute ``beta * input + alpha * sum_i(batch1[i] @ batch2[i])``."""
    def addbmm_(
        self,
        batch1: Tensor,
        batch2: Tensor,
        *,
        beta: Number = 1,
        alpha: Number = 1,
    ) -> Tensor:
        """``beta * self + alpha * sum_i(...)``, in place; see `derivo.addbmm`."""
    def addcdiv(
        self,
        tensor1: Tensor | Number,
        tensor2: Tensor | Number,
        *,
        value: _float = 1,
    ) -> Tensor:
        """Add the quotient of two tensors, times `value`."""
    def addcdiv_(
        self,
        tensor1: Tensor | Number,
        tensor2: Tensor | Number,
        *,
        value: _float = 1,
    ) -> Tensor:
        """Add the quotient of two tensors, times `value`."""
    def addcmul(
        self,
        tensor1: Tensor | Number,
        tensor2: Tensor | Number,
        *,
        value: _float = 1,
    ) -> Tensor:
        """Add the product of two tensors, times `value`."""
    def addcmul_(
        self,
        tensor1: Tensor | Number,
        tensor2: Tensor | Number,
        *,
        value: _float = 1,
    ) -> Tensor:
        """Add the product of two tensors, times `value`."""
    def addmm(
        input,
        mat1: Tensor,
        mat2: Tensor,
        *,
        beta: Number = 1,
        alpha: Number = 1,
        out: Tensor | None = None,
    ) -> Tensor:
        """Compute ``beta * input + alpha * (mat1 @ mat2)``."""
    def addmm_(
        self,
        mat1: Tensor,
        mat2: Tensor,
        *,
        beta: Number = 1,
        alpha: Number = 1,
    ) -> Tensor:
        """``beta * self + alpha * (mat1 @ mat2)``, in place; see `derivo.addmm`."""
    def addmv(
        input,
        mat: Tensor,
        vec: Tensor,
        *,
        beta: Number = 1,
        alpha: Number = 1,
        out: Tensor | None = None,
    ) -> Tensor:
        """Compute ``beta * input + alpha * (mat @ vec)``."""
    def addmv_(
        input,
        mat: Tensor,
        vec: Tensor,
        *,
        beta: Number = 1,
        alpha: Number = 1,
    ) -> Tensor:
        """``beta * input + alpha * (mat @ vec)``, in place; see `derivo.addmv`."""
    def addr(
        input,
        vec1: Tensor,
        vec2: Tensor,
        *,
        beta: Number = 1,
        alpha: Number = 1,
        out: Tensor | None = None,
    ) -> Tensor:
        """Compute ``beta * input + alpha * outer(vec1, vec2)``."""
    def addr_(
        self,
        vec1: Tensor,
        vec2: Tensor,
        *,
        beta: Number = 1,
        alpha: Number = 1,
    ) -> Tensor:
        """``beta * self + alpha * outer(vec1, vec2)``, in place; see `derivo.addr`."""
    def adjoint(input) -> Tensor:
        """Transpose matrices, conjugating complex ones."""
    def all(self, dim: Any = None, keepdim: _bool = False) -> Tensor:
        """Whether every element is nonzero, of all or along some."""
    def allclose(
        input,
        other: Tensor,
        rtol: _float = 1e-05,
        atol: _float = 1e-08,
        equal_nan: _bool = False,
    ) -> _bool:
        """Whether all elements are close: ``|input - other| <= atol + rtol * |other|``."""
    def amax(self, dim: Any = ..., keepdim: _bool = False) -> Tensor:
        """Largest element, of all or along dimensions."""
    def amin(self, dim: Any = ..., keepdim: _bool = False) -> Tensor:
        """Smallest element, of all or along dimensions."""
    def aminmax(
        input,
        *,
        dim: _int | None = None,
        keepdim: _bool = False,
        out: Any = None,
    ) -> Any:
        """Smallest and largest element, of all or along a dimension."""
    def angle(self) -> Tensor:
        """Compute the angle in the complex plane; of real numbers 0, or π if negative."""
    def any(self, dim: Any = None, keepdim: _bool = False) -> Tensor:
        """Whether some element is nonzero, of all or along some."""
    def apply_(self, callable: Callable[[Any], Any]) -> Tensor:
        """Replace every element by what a Python function makes of it."""
    def arccos(self) -> Tensor:
        """Take the inverse cosine; NaN outside [-1, 1]."""
    def arccos_(self) -> Tensor:
        """Take the inverse cosine; NaN outside [-1, 1]."""
    def arccosh(self) -> Tensor:
        """Take the inverse hyperbolic cosine; NaN below 1."""
    def arccosh_(self) -> Tensor:
        """Take the inverse hyperbolic cosine; NaN below 1."""
    def arcsin(self) -> Tensor:
        """Take the inverse sine; NaN outside [-1, 1]."""
    def arcsin_(self) -> Tensor:
        """Take the inverse sine; NaN outside [-1, 1]."""
    def arcsinh(self) -> Tensor:
        """Take the inverse hyperbolic sine."""
    def arcsinh_(self) -> Tensor:
        """Take the inverse hyperbolic sine."""
    def arctan(self) -> Tensor:
        """Take the inverse tangent."""
    def arctan2(self, other: Tensor | Number) -> Tensor:
        """Compute the angle of the point (`other`, `input`), from -π to π."""
    def arctan2_(self, other: Tensor | Number) -> Tensor:
        """Compute the angle of the point (`other`, `input`), from -π to π."""
    def arctan_(self) -> Tensor:
        """Take the inverse tangent."""
    def arctanh(self) -> Tensor:
        """Take the inverse hyperbolic tangent; NaN outside [-1, 1]."""
    def arctanh_(self) -> Tensor:
        """Take the inverse hyperbolic tangent; NaN outside [-1, 1]."""
    def argmax(self, dim: _int | None = None, keepdim: _bool = False) -> Tensor:
        """Position of the largest element, the first of several."""
    def argmin(self, dim: _int | None = None, keepdim: _bool = False) -> Tensor:
        """Position of the smallest element, the first of several."""
    def argsort(
        input,
        dim: _int = -1,
        descending: _bool = False,
        stable: _bool = False,
    ) -> Tensor:
        """Return the indices that sort along a dimension."""
    def argwhere(input) -> Tensor:
        """Find the nonzero elements: their indices, one row each."""
    def as_strided(input, size: Any, stride: Any, storage_offset: Any = None) -> Any:
        """View the storage with any sizes, strides and offset (in elements)."""
    def as_strided_(
        self,
        size: Any,
        stride: Any,
        storage_offset: _int | None = None,
    ) -> Tensor:
        """Give the tensor another geometry on its storage; see `derivo.as_strided`."""
    def as_strided_scatter(
        input,
        src: Tensor,
        size: Sequence[_int],
        stride: Sequence[_int],
        storage_offset: _int | None = None,
    ) -> Tensor:
        """Copy a tensor, with what a geometry of its storage reads replaced."""
    def as_subclass(self, cls: Any) -> Any:
        """Return the tensor as an object of a subclass; gradients flow back to it."""
    def asin(self) -> Tensor:
        """Take the inverse sine; NaN outside [-1, 1]."""
    def asin_(self) -> Tensor:
        """Take the inverse sine; NaN outside [-1, 1]."""
    def asinh(self) -> Tensor:
        """Take the inverse hyperbolic sine."""
    def asinh_(self) -> Tensor:
        """Take the inverse hyperbolic sine."""
    def atan(self) -> Tensor:
        """Take the inverse tangent."""
    def atan2(self, other: Tensor | Number) -> Tensor:
        """Compute the angle of the point (`other`, `input`), from -π to π."""
    def atan2_(self, other: Tensor | Number) -> Tensor:
        """Compute the angle of the point (`other`, `input`), from -π to π."""
    def atan_(self) -> Tensor:
        """Take the inverse tangent."""
    def atanh(self) -> Tensor:
        """Take the inverse hyperbolic tangent; NaN outside [-1, 1]."""
    def atanh_(self) -> Tensor:
        """Take the inverse hyperbolic tangent; NaN outside [-1, 1]."""
    def atleast_1d(*tensors) -> Any:
        """View tensors with at least 1 dimension."""
    def atleast_2d(*tensors) -> Any:
        """View tensors with at least 2 dimensions."""
    def atleast_3d(*tensors) -> Any:
        """View tensors with at least 3 dimensions."""
    def backward(
        self,
        gradient: Tensor | None = None,
        retain_graph: _bool | None = None,
        create_graph: _bool = False,
        inputs: Any = None,
    ) -> None:
        """Add the gradients of this tensor to the ``grad`` of the leaves it came from."""
    def baddbmm(
        input,
        batch1: Tensor,
        batch2: Tensor,
        *,
        beta: Number = 1,
        alpha: Number = 1,
        out: Tensor | None = None,
    ) -> Tensor:
        """Compute ``beta * input + alpha * (batch1 @ batch2)`` for batches of matrices."""
    def baddbmm_(
        self,
        batch1: Tensor,
        batch2: Tensor,
        *,
        beta: Number = 1,
        alpha: Number = 1,
    ) -> Tensor:
        """``beta * self + alpha * (batch1 @ batch2)``, in place; see `derivo.baddbmm`."""
    def bernoulli(
        input,
        p: _float | None = None,
        *,
        generator: Generator | None = None,
        out: Tensor | None = None,
    ) -> Tensor:
        """Draw ones and zeros, a one with the probability that `input` has in its place."""
    def bernoulli_(
        self,
        p: _float | Tensor = 0.5,
        *,
        generator: Generator | None = None,
    ) -> Tensor:
        """Fill with 1 (probability `p`) and 0, in place."""
    def bfloat16(self, memory_format: Any = None) -> Tensor:
        """Convert to bfloat16 (see `to`)."""
    def bincount(input, weights: Tensor | None = None, minlength: _int = 0) -> Tensor:
        """Count how often each value occurs."""
    def bitwise_and(self, other: Tensor | Number) -> Tensor:
        """Combine the bits of two integers, or two truth values, by and."""
    def bitwise_and_(self, other: Tensor | Number) -> Tensor:
        """Combine the bits of two integers, or two truth values, by and."""
    def bitwise_left_shift(self, other: Tensor | Number) -> Tensor:
        """Shift the bits of an integer left; 0 where the count is out of range."""
    def bitwise_left_shift_(self, other: Tensor | Number) -> Tensor:
        """Shift the bits of an integer left; 0 where the count is out of range."""
    def bitwise_not(self) -> Tensor:
        """Flip the bits of an integer, or a truth value."""
    def bitwise_not_(self) -> Tensor:
        """Flip the bits of an integer, or a truth value."""
    def bitwise_or(self, other: Tensor | Number) -> Tensor:
        """Combine the bits of two integers, or two truth values, by or."""
    def bitwise_or_(self, other: Tensor | Number) -> Tensor:
        """Combine the bits of two integers, or two truth values, by or."""
    def bitwise_right_shift(self, other: Tensor | Number) -> Tensor:
        """Shift the bits of an integer right, keeping the sign."""
    def bitwise_right_shift_(self, other: Tensor | Number) -> Tensor:
        """Shift the bits of an integer right, keeping the sign."""
    def bitwise_xor(self, other: Tensor | Number) -> Tensor:
        """Combine the bits of two integers, or two truth values, by exclusive or."""
    def bitwise_xor_(self, other: Tensor | Number) -> Tensor:
        """Combine the bits of two integers, or two truth values, by exclusive or."""
    def bmm(self, mat2: Tensor) -> Tensor:
        """Product of each pair of matrices in two batches."""
    def bool(self, memory_format: Any = None) -> Tensor:
        """Convert to bool (see `to`)."""
    def broadcast_to(input, size: Sequence[_int]) -> Tensor:
        """Expand to a shape."""
    def byte(self, memory_format: Any = None) -> Tensor:
        """Convert to uint8 (see `to`)."""
    def cauchy_(
        self,
        median: _float = 0.0,
        sigma: _float = 1.0,
        *,
        generator: Generator | None = None,
    ) -> Tensor:
        """Fill with numbers from the Cauchy distribution, in place."""
    def cdouble(self, memory_format: Any = None) -> Tensor:
        """Convert to complex128 (see `to`)."""
    def ceil(self) -> Tensor:
        """Round up."""
    def ceil_(self) -> Tensor:
        """Round up."""
    def cfloat(self, memory_format: Any = None) -> Tensor:
        """Convert to complex64 (see `to`)."""
    def char(self, memory_format: Any = None) -> Tensor:
        """Convert to int8 (see `to`)."""
    def cholesky(self, upper: _bool = False) -> Tensor:
        """Cholesky factors of positive definite matrices; see `linalg.cholesky`."""
    def cholesky_inverse(self, upper: _bool = False) -> Tensor:
        """Inverse of a matrix given its Cholesky factor."""
    def cholesky_solve(self, L: Tensor, upper: _bool = False) -> Tensor:
        """Solve ``A X = B`` given the Cholesky factor of `A`."""
    def chunk(input, chunks: _int, dim: _int = 0) -> tuple[Tensor, ...]:
        """Take a tensor apart into (at most) `chunks` views along a dimension."""
    def clamp(
        self,
        min: Tensor | Number | None = None,
        max: Tensor | Number | None = None,
    ) -> Tensor:
        """Bring every element into the range from `min` to `max`."""
    def clamp_(
        input,
        min: Tensor | Number | None = None,
        max: Tensor | Number | None = None,
    ) -> Tensor:
        """Bring every element into the range from `min` to `max`."""
    def clamp_max(self, max: Tensor | Number) -> Tensor:
        """Lower every element to at most `max`."""
    def clamp_max_(input, max: Tensor | Number) -> Tensor:
        """Lower every element to at most `max`."""
    def clamp_min(self, min: Tensor | Number) -> Tensor:
        """Raise every element to at least `min`."""
    def clamp_min_(input, min: Tensor | Number) -> Tensor:
        """Raise every element to at least `min`."""
    def clip(
        self,
        min: Tensor | Number | None = None,
        max: Tensor | Number | None = None,
    ) -> Tensor:
        """Bring every element into the range from `min` to `max`."""
    def clip_(
        input,
        min: Tensor | Number | None = None,
        max: Tensor | Number | None = None,
    ) -> Tensor:
        """Bring every element into the range from `min` to `max`."""
    def clone(input, *, memory_format: Any = None) -> Tensor:
        """Return a copy; gradients flow back to the original."""
    def conj(input) -> Tensor:
        """Give the complex conjugate, which for real numbers is `input` itself."""
    def conj_physical(input) -> Tensor:
        """Give the complex conjugate; see `derivo.conj`."""
    def conj_physical_(input) -> Tensor:
        """Give the complex conjugate."""
    def contiguous(self, memory_format: Any = None) -> Tensor:
        """Return the tensor in row-major order: itself if it already is."""
    def copy_(self, src: Tensor, non_blocking: _bool = False) -> Tensor:
        """Copy the values of another tensor, broadcast and converted."""
    def copysign(self, other: Tensor | Number) -> Tensor:
        """Give the magnitude of `input` the sign of `other`."""
    def copysign_(self, other: Tensor | Number) -> Tensor:
        """Give the magnitude the sign of `other`."""
    def corrcoef(input) -> Tensor:
        """Correlation coefficients of variables in rows."""
    def cos(self) -> Tensor:
        """Take the cosine."""
    def cos_(self) -> Tensor:
        """Take the cosine."""
    def cosh(self) -> Tensor:
        """Take the hyperbolic cosine."""
    def cosh_(self) -> Tensor:
        """Take the hyperbolic cosine."""
    def count_nonzero(input, dim: Any = None) -> Tensor:
        """Count the nonzero elements, of all or along dimensions."""
    def cov(
        input,
        *,
        correction: _int = 1,
        fweights: Tensor | None = None,
        aweights: Tensor | None = None,
    ) -> Tensor:
        """Covariances of variables in rows, of which the columns are observations."""
    def cpu(self, memory_format: Any = None) -> Tensor:
        """Return the tensor itself: it is on the CPU."""
    def cross(self, other: Tensor, dim: _int | None = None) -> Tensor:
        """Cross product of vectors in three dimensions."""
    def cuda(self, device: Any = None, **kwargs: Any) -> Tensor:
        """Refuse: there is no GPU."""
    def cummax(self, dim: _int) -> Any:
        """Running largest element along a dimension, and where it is."""
    def cummin(self, dim: _int) -> Any:
        """Running smallest element along a dimension, and where it is."""
    def cumprod(
        input,
        dim: _int,
        *,
        dtype: _dtype | None = None,
        out: Tensor | None = None,
    ) -> Tensor:
        """Multiply the elements up to each one along a dimension."""
    def cumprod_(self, dim: _int, *, dtype: _dtype | None = None) -> Tensor:
        """In place; see `derivo.cumprod`."""
    def cumsum(
        input,
        dim: _int,
        *,
        dtype: _dtype | None = None,
        out: Tensor | None = None,
    ) -> Tensor:
        """Sum the elements up to each one along a dimension."""
    def cumsum_(self, dim: _int, *, dtype: _dtype | None = None) -> Tensor:
        """In place; see `derivo.cumsum`."""
    @property
    def data(self) -> Tensor:
        """Alias without history whose changes autograd does not notice."""
    @data.setter
    def data(self, value: Tensor) -> None: ...
    def data_ptr(self) -> Any:
        """Address of the first element."""
    def deg2rad(self) -> Tensor:
        """Convert degrees to radians."""
    def deg2rad_(self) -> Tensor:
        """Convert degrees to radians."""
    def det(self) -> Tensor:
        """Determinants of square matrices."""
    def detach(self) -> Tensor:
        """Return a tensor on the same storage without history."""
    def detach_(self) -> Tensor:
        """Cut this tensor out of the graph, making it a leaf."""
    @property
    def device(self) -> _device:
        """Where the tensor lives: the CPU."""
    def diag(self, diagonal: _int = 0) -> Tensor:
        """Diagonal of a matrix, as a copy; or the matrix of a diagonal."""
    def diag_embed(input, offset: _int = 0, dim1: _int = -2, dim2: _int = -1) -> Tensor:
        """Make matrices whose diagonals are the rows of a tensor."""
    def diagflat(input, offset: _int = 0) -> Tensor:
        """Matrix whose diagonal is the flattened tensor."""
    def diagonal(input, offset: Any = 0, dim1: Any = 0, dim2: Any = 1) -> Any:
        """View the diagonal of two dimensions, which becomes the last dimension."""
    def diagonal_scatter(
        input,
        src: Tensor,
        offset: _int = 0,
        dim1: _int = 0,
        dim2: _int = 1,
    ) -> Tensor:
        """Copy a tensor, with a diagonal replaced."""
    def diff(
        input,
        n: _int = 1,
        dim: _int = -1,
        prepend: Tensor | None = None,
        append: Tensor | None = None,
        *,
        out: Tensor | None = None,
    ) -> Tensor:
        """Differences of neighbours along a dimension."""
    def digamma(self) -> Tensor:
        """Compute the logarithmic derivative of the gamma function."""
    def digamma_(self) -> Tensor:
        """Compute the logarithmic derivative of the gamma function."""
    def dim(self) -> Any:
        """Number of dimensions."""
    def dist(input, other: Tensor, p: _float = 2) -> Tensor:
        """p-norm of the difference of two tensors."""
    def div(
        self,
        other: Tensor | Number,
        *,
        rounding_mode: str | None = None,
    ) -> Tensor:
        """Divide by `other`, with the quotient rounded if asked."""
    def div_(
        self,
        other: Tensor | Number,
        *,
        rounding_mode: str | None = None,
    ) -> Tensor:
        """Divide by `other`, with the quotient rounded if asked."""
    def divide(
        self,
        other: Tensor | Number,
        *,
        rounding_mode: str | None = None,
    ) -> Tensor:
        """Divide by `other`, with the quotient rounded if asked."""
    def divide_(
        self,
        other: Tensor | Number,
        *,
        rounding_mode: str | None = None,
    ) -> Tensor:
        """Divide by `other`, with the quotient rounded if asked."""
    def dot(self, tensor: Tensor) -> Tensor:
        """Sum of the products of two vectors' elements."""
    def double(self, memory_format: Any = None) -> Tensor:
        """Convert to float64 (see `to`)."""
    def dsplit(input, indices_or_sections: Any) -> tuple[Tensor, ...]:
        """Take a tensor apart along its third dimension."""
    @property
    def dtype(self) -> _dtype:
        """Type of the elements."""
    def element_size(self) -> Any:
        """Bytes of one element."""
    def eq(self, other: Tensor | Number) -> Tensor:
        """Tell where `input` is equal to `other`; false where either is NaN."""
    def eq_(self, other: Tensor | Number) -> Tensor:
        """Tell where `input` is equal to `other`; false where either is NaN."""
    def equal(input, other: Tensor) -> _bool:
        """Whether two tensors have the same shape and elements."""
    def erf(self) -> Tensor:
        """Compute the error function."""
    def erf_(self) -> Tensor:
        """Compute the error function."""
    def erfc(self) -> Tensor:
        """Compute ``1 - erf(input)``, exact where it is small."""
    def erfc_(self) -> Tensor:
        """Compute ``1 - erf(input)``, exact where it is small."""
    def erfinv(self) -> Tensor:
        """Compute the inverse of the error function; NaN outside [-1, 1]."""
    def erfinv_(self) -> Tensor:
        """Compute the inverse of the error function; NaN outside [-1, 1]."""
    def exp(self) -> Tensor:
        """Raise e to the power of each element."""
    def exp2(self) -> Tensor:
        """Raise 2 to the power of each element."""
    def exp2_(self) -> Tensor:
        """Raise 2 to the power of each element."""
    def exp_(self) -> Tensor:
        """Raise e to the power of each element."""
    def expand(self, *size: Any, implicit: Any = False) -> Any:
        """Repeat dimensions of size one without copying."""
    def expand_as(self, other: Tensor) -> Tensor:
        """Expand to the sizes of another tensor."""
    def expm1(self) -> Tensor:
        """Compute ``exp(x) - 1``, exact near 0."""
    def expm1_(self) -> Tensor:
        """Compute ``exp(x) - 1``, exact near 0."""
    def exponential_(
        self,
        lambd: _float = 1.0,
        *,
        generator: Generator | None = None,
    ) -> Tensor:
        """Fill with exponentially distributed numbers of rate `lambd`, in place."""
    def fill_(self, value: Number | Tensor) -> Tensor:
        """Set every element to one value."""
    def fill_diagonal_(self, fill_value: Any, wrap: _bool = False) -> Tensor:
        """Set the diagonal of all dimensions to one value, in place."""
    def fix(self) -> Tensor:
        """Round towards zero."""
    def fix_(self) -> Tensor:
        """Round towards zero."""
    def flatten(input, start_dim: Any = 0, end_dim: Any = -1) -> Any:
        """Merge the dimensions from `start_dim` to `end_dim` into one."""
    def flip(input, dims: Any, *more: _int) -> Tensor:
        """Reverse the order of elements along dimensions."""
    def fliplr(input) -> Tensor:
        """Reverse the second dimension."""
    def flipud(input) -> Tensor:
        """Reverse the first dimension."""
    def float(self, memory_format: Any = None) -> Tensor:
        """Convert to float32 (see `to`)."""
    def float_power(self, exponent: Tensor | Number) -> Tensor:
        """Raise to a power in float64."""
    def float_power_(self, exponent: Tensor | Number) -> Tensor:
        """Raise to a power in float64."""
    def floor(self) -> Tensor:
        """Round down."""
    def floor_(self) -> Tensor:
        """Round down."""
    def floor_divide(self, other: Tensor | Number) -> Tensor:
        """Divide and round down."""
    def floor_divide_(self, other: Tensor | Number) -> Tensor:
        """Divide and round down."""
    def fmax(self, other: Tensor | Number) -> Tensor:
        """Take the larger of two, ignoring a NaN."""
    def fmin(self, other: Tensor | Number) -> Tensor:
        """Take the smaller of two, ignoring a NaN."""
    def fmod(self, other: Tensor | Number) -> Tensor:
        """Compute the remainder of a division, with the sign of the dividend."""
    def fmod_(self, other: Tensor | Number) -> Tensor:
        """Compute the remainder of a division, with the sign of the dividend."""
    def frac(self) -> Tensor:
        """Keep the part after the point: ``input - trunc(input)``."""
    def frac_(self) -> Tensor:
        """Keep the part after the point: ``input - trunc(input)``."""
    def frexp(self) -> FrexpResult:
        """Split into mantissa and exponent: ``input = mantissa * 2**exponent``."""
    def gather(
        input,
        dim: _int,
        index: Tensor,
        *,
        sparse_grad: _bool = False,
        out: Tensor | None = None,
    ) -> Tensor:
        """Take elements along a dimension: ``out[i, j] = input[index[i, j], j]``."""
    def gcd(self, other: Tensor | Number) -> Tensor:
        """Compute the greatest common divisor of integers, never negative."""
    def gcd_(self, other: Tensor | Number) -> Tensor:
        """Compute the greatest common divisor of integers, never negative."""
    def ge(self, other: Tensor | Number) -> Tensor:
        """Tell where `input` is at least `other`; false where either is NaN."""
    def ge_(self, other: Tensor | Number) -> Tensor:
        """Tell where `input` is at least `other`; false where either is NaN."""
    def geometric_(self, p: _float, *, generator: Generator | None = None) -> Tensor:
        """Fill with the number of trials up to the first success, in place."""
    def ger(self, vec2: Tensor) -> Tensor:
        """Product of each element of one vector with each of another."""
    @property
    def grad(self) -> Tensor | None:
        """The accumulated gradient of a leaf, or None."""
    @grad.setter
    def grad(self, value: Tensor | None) -> None: ...
    @property
    def grad_fn(self) -> Node | None:
        """The node that made this tensor, None for leaves."""
    def greater(self, other: Tensor | Number) -> Tensor:
        """Tell where `input` is greater than `other`; false where either is NaN."""
    def greater_(self, other: Tensor | Number) -> Tensor:
        """Tell where `input` is greater than `other`; false where either is NaN."""
    def greater_equal(self, other: Tensor | Number) -> Tensor:
        """Tell where `input` is at least `other`; false where either is NaN."""
    def greater_equal_(self, other: Tensor | Number) -> Tensor:
        """Tell where `input` is at least `other`; false where either is NaN."""
    def gt(self, other: Tensor | Number) -> Tensor:
        """Tell where `input` is greater than `other`; false where either is NaN."""
    def gt_(self, other: Tensor | Number) -> Tensor:
        """Tell where `input` is greater than `other`; false where either is NaN."""
    def half(self, memory_format: Any = None) -> Tensor:
        """Convert to float16 (see `to`)."""
    def hardshrink(self, lambd: _float = 0.5) -> Tensor:
        """Replace what is between ``-lambd`` and ``lambd`` by 0."""
    def heaviside(self, values: Tensor | Number) -> Tensor:
        """Step from 0 to 1 at 0, where the result is `values`."""
    def heaviside_(self, values: Tensor | Number) -> Tensor:
        """Step from 0 to 1 at 0, where the result is `values`."""
    def histc(self, bins: _int = 100, min: _float = 0, max: _float = 0) -> Tensor:
        """Histogram of the elements in a range."""
    def hsplit(input, indices_or_sections: Any) -> tuple[Tensor, ...]:
        """Take a tensor apart along its second dimension."""
    def hypot(self, other: Tensor | Number) -> Tensor:
        """Compute ``sqrt(input**2 + other**2)`` without overflow on the way."""
    def hypot_(self, other: Tensor | Number) -> Tensor:
        """Compute ``sqrt(input**2 + other**2)`` without overflow on the way."""
    def i0(self) -> Tensor:
        """Compute the modified Bessel function of order 0."""
    def i0_(self) -> Tensor:
        """Compute the modified Bessel function of order 0."""
    def igamma(self, other: Tensor | Number) -> Tensor:
        """Compute the regularised lower incomplete gamma function."""
    def igamma_(self, other: Tensor | Number) -> Tensor:
        """Compute the regularised lower incomplete gamma function."""
    def igammac(self, other: Tensor | Number) -> Tensor:
        """Compute the regularised upper incomplete gamma function."""
    def igammac_(self, other: Tensor | Number) -> Tensor:
        """Compute the regularised upper incomplete gamma function."""
    @property
    def imag(self) -> Tensor:
        """Return the imaginary part of a complex tensor, as a view."""
    @imag.setter
    def imag(self, value: Tensor) -> None: ...
    def index_add(
        input,
        dim: _int,
        index: Tensor,
        source: Tensor,
        *,
        alpha: Number = 1,
        out: Tensor | None = None,
    ) -> Tensor:
        """Copy a tensor and add rows of `source` to rows `index` of a dimension."""
    def index_add_(
        self,
        dim: _int,
        index: Tensor,
        source: Tensor,
        *,
        alpha: Number = 1,
    ) -> Tensor:
        """Add rows of `source` to rows `index` of a dimension, in place."""
    def index_copy(self, dim: _int, index: Tensor, source: Tensor) -> Tensor:
        """Copy a tensor and copy rows of `source` into rows `index` of a dimension."""
    def index_copy_(self, dim: _int, index: Tensor, tensor: Tensor) -> Tensor:
        """Copy rows of a tensor into rows `index` of a dimension, in place."""
    def index_fill(input, dim: _int, index: Tensor, value: Number | Tensor) -> Tensor:
        """Copy a tensor and set rows `index` of a dimension to one value."""
    def index_fill_(self, dim: _int, index: Tensor, value: Number | Tensor) -> Tensor:
        """Set rows `index` of a dimension to one value, in place."""
    def index_put(
        input,
        indices: Sequence[Tensor | None],
        values: Tensor,
        accumulate: _bool = False,
    ) -> Tensor:
        """Copy a tensor and write values at indices."""
    def index_put_(
        input,
        indices: Sequence[Tensor | None],
        values: Tensor,
        accumulate: _bool = False,
    ) -> Tensor:
        """Write values at indices, in place; see `derivo.index_put`."""
    def index_reduce(
        input,
        dim: _int,
        index: Tensor,
        source: Tensor,
        reduce: str,
        *,
        include_self: _bool = True,
        out: Tensor | None = None,
    ) -> Tensor:
        """Copy a tensor and reduce rows of `source` into rows `index` of a dimension."""
    def index_reduce_(
        self,
        dim: _int,
        index: Tensor,
        source: Tensor,
        reduce: str,
        *,
        include_self: _bool = True,
    ) -> Tensor:
        """Reduce rows into the tensor in place; see `derivo.index_reduce`."""
    def index_select(self, dim: _int, index: Tensor) -> Tensor:
        """Take rows of a dimension."""
    def inner(self, other: Tensor) -> Tensor:
        """Sum of products over the last dimension of both."""
    def int(self, memory_format: Any = None) -> Tensor:
        """Convert to int32 (see `to`)."""
    def inverse(self) -> Tensor:
        """Invert matrices."""
    def is_complex(self) -> Any:
        """Whether the dtype is complex."""
    def is_conj(input) -> _bool:
        """Whether a conjugation (or negation) is pending: never."""
    def is_contiguous(self, memory_format: Any = None) -> Any:
        """Whether elements lie in memory in row-major order without gaps."""
    @property
    def is_cpu(self) -> _bool:
        """Whether the tensor is on the CPU: always."""
    @property
    def is_cuda(self) -> Any:
        """Whether it is on a GPU: never."""
    def is_floating_point(self) -> Any:
        """Whether the dtype is a floating point one."""
    def is_inference(self) -> Any:
        """Whether the tensor was made in inference mode."""
    @property
    def is_leaf(self) -> _bool:
        """Whether the tensor was made by the user, not by a recorded operation."""
    @property
    def is_meta(self) -> Any:
        """Whether it has no data: never."""
    @property
    def is_mkldnn(self) -> Any:
        """Whether in MKL-DNN layout: never."""
    def is_neg(input) -> _bool:
        """Whether a conjugation (or negation) is pending: never."""
    @property
    def is_nested(self) -> Any:
        """Whether it is nested: never."""
    def is_nonzero(input) -> _bool:
        """Whether the only element is nonzero."""
    @property
    def is_quantized(self) -> Any:
        """Whether quantized: never."""
    def is_same_size(self, other: Tensor) -> _bool:
        """Whether both tensors have the same shape."""
    def is_set_to(self, tensor: Tensor) -> _bool:
        """Whether both tensors have the same storage and geometry."""
    def is_signed(self) -> Any:
        """Whether the dtype has negative values."""
    @property
    def is_sparse(self) -> Any:
        """Whether it is sparse: never."""
    def isclose(
        input,
        other: Tensor,
        rtol: _float = 1e-05,
        atol: _float = 1e-08,
        equal_nan: _bool = False,
    ) -> Tensor:
        """Tell where two tensors differ by at most ``atol + rtol * abs(other)``."""
    def isfinite(self) -> Tensor:
        """Tell where `input` is neither infinite nor NaN."""
    def isinf(self) -> Tensor:
        """Tell where `input` is infinite."""
    def isnan(self) -> Tensor:
        """Tell where `input` is not a number."""
    def isneginf(self) -> Tensor:
        """Tell where `input` is negative infinity."""
    def isposinf(self) -> Tensor:
        """Tell where `input` is positive infinity."""
    def isreal(self) -> Tensor:
        """Tell where the imaginary part is zero, which for real numbers is everywhere."""
    def istft(
        input,
        n_fft: _int,
        hop_length: _int | None = None,
        win_length: _int | None = None,
        window: Tensor | None = None,
        center: _bool = True,
        normalized: _bool = False,
        onesided: _bool | None = None,
        length: _int | None = None,
        return_complex: _bool = False,
    ) -> Tensor:
        """Signal of which `stft` gives this spectrogram, or the nearest one."""
    def item(self) -> Any:
        """The only element as a Python number."""
    @property
    def itemsize(self) -> _int:
        """Bytes of one element."""
    def kron(self, other: Tensor) -> Tensor:
        """Kronecker product: `other`, once for each element of `input`, times it."""
    def kthvalue(self, k: _int, dim: _int = -1, keepdim: _bool = False) -> Any:
        """Return the `k`-th smallest element along a dimension, counted from one."""
    @property
    def layout(self) -> _layout:
        """How elements are stored: strided."""
    def lcm(self, other: Tensor | Number) -> Tensor:
        """Compute the least common multiple of integers, never negative."""
    def lcm_(self, other: Tensor | Number) -> Tensor:
        """Compute the least common multiple of integers, never negative."""
    def ldexp(self, other: Tensor | Number) -> Tensor:
        """Multiply by a power of 2: ``input * 2**other``."""
    def ldexp_(self, other: Tensor | Number) -> Tensor:
        """Multiply by a power of 2: ``input * 2**other``."""
    def le(self, other: Tensor | Number) -> Tensor:
        """Tell where `input` is at most `other`; false where either is NaN."""
    def le_(self, other: Tensor | Number) -> Tensor:
        """Tell where `input` is at most `other`; false where either is NaN."""
    def lerp(self, end: Tensor, weight: Tensor | Number) -> Tensor:
        """Interpolate towards `end`."""
    def lerp_(self, end: Tensor, weight: Tensor | Number) -> Tensor:
        """Interpolate towards `end`."""
    def less(self, other: Tensor | Number) -> Tensor:
        """Tell where `input` is less than `other`; false where either is NaN."""
    def less_(self, other: Tensor | Number) -> Tensor:
        """Tell where `input` is less than `other`; false where either is NaN."""
    def less_equal(self, other: Tensor | Number) -> Tensor:
        """Tell where `input` is at most `other`; false where either is NaN."""
    def less_equal_(self, other: Tensor | Number) -> Tensor:
        """Tell where `input` is at most `other`; false where either is NaN."""
    def lgamma(self) -> Tensor:
        """Take the logarithm of the absolute value of the gamma function."""
    def lgamma_(self) -> Tensor:
        """Take the logarithm of the absolute value of the gamma function."""
    def log(self) -> Tensor:
        """Take the natural logarithm."""
    def log10(self) -> Tensor:
        """Take the logarithm to base 10."""
    def log10_(self) -> Tensor:
        """Take the logarithm to base 10."""
    def log1p(self) -> Tensor:
        """Compute ``log(1 + x)``, exact near 0."""
    def log1p_(self) -> Tensor:
        """Compute ``log(1 + x)``, exact near 0."""
    def log2(self) -> Tensor:
        """Take the logarithm to base 2."""
    def log2_(self) -> Tensor:
        """Take the logarithm to base 2."""
    def log_(self) -> Tensor:
        """Take the natural logarithm."""
    def log_normal_(
        self,
        mean: _float = 1.0,
        std: _float = 2.0,
        *,
        generator: Generator | None = None,
    ) -> Tensor:
        """Fill with numbers whose logarithm is normally distributed, in place."""
    def log_softmax(self, dim: _int, dtype: _dtype | None = None) -> Tensor:
        """Logarithm of the softmax along a dimension, computed without overflow."""
    def logaddexp(self, other: Tensor | Number) -> Tensor:
        """Compute ``log(exp(input) + exp(other))`` without overflow."""
    def logaddexp2(self, other: Tensor | Number) -> Tensor:
        """Compute ``log2(2**input + 2**other)`` without overflow."""
    def logcumsumexp(self, dim: _int) -> Tensor:
        """Logarithm of the running sum of exponentials along a dimension."""
    def logdet(input) -> Tensor:
        """Logarithm of determinants; NaN where one is negative."""
    def logical_and(self, other: Tensor | Number) -> Tensor:
        """Tell where both are non-zero."""
    def logical_and_(self, other: Tensor | Number) -> Tensor:
        """Tell where both are non-zero."""
    def logical_not(self) -> Tensor:
        """Tell where `input` is zero."""
    def logical_not_(self) -> Tensor:
        """Tell where `input` is zero."""
    def logical_or(self, other: Tensor | Number) -> Tensor:
        """Tell where at least one is non-zero."""
    def logical_or_(self, other: Tensor | Number) -> Tensor:
        """Tell where at least one is non-zero."""
    def logical_xor(self, other: Tensor | Number) -> Tensor:
        """Tell where exactly one is non-zero."""
    def logical_xor_(self, other: Tensor | Number) -> Tensor:
        """Tell where exactly one is non-zero."""
    def logit(self, eps: _float | None = None) -> Tensor:
        """Compute the inverse of sigmoid."""
    def logit_(input, eps: _float | None = None) -> Tensor:
        """Compute the inverse of sigmoid."""
    def logsumexp(self, dim: Any, keepdim: _bool = False) -> Tensor:
        """Logarithm of the sum of exponentials, without overflow."""
    def long(self, memory_format: Any = None) -> Tensor:
        """Convert to int64 (see `to`)."""
    def lt(self, other: Tensor | Number) -> Tensor:
        """Tell where `input` is less than `other`; false where either is NaN."""
    def lt_(self, other: Tensor | Number) -> Tensor:
        """Tell where `input` is less than `other`; false where either is NaN."""
    def lu(self, pivot: _bool = True, get_infos: _bool = False) -> Any:
        """LU factors in one matrix, and the pivots; see `linalg.lu_factor_ex`."""
    def lu_solve(self, LU_data: Tensor, LU_pivots: Tensor) -> Tensor:
        """Solve ``A x = b`` given the LU factors of `A`; see `linalg.lu_solve`."""
    @property
    def mH(self) -> Tensor:
        """Adjoint of matrices."""
    @property
    def mT(self) -> Tensor:
        """Last two dimensions exchanged."""
    def map2_(
        self,
        x: Tensor,
        y: Tensor,
        callable: Callable[[Any, Any, Any], Any],
    ) -> Tensor:
        """Replace every element by a Python function of it and of two other tensors'."""
    def map_(self, other: Tensor, callable: Callable[[Any, Any], Any]) -> Tensor:
        """Replace every element by a Python function of it and of another tensor's."""
    def masked_fill(input, mask: Tensor, value: Number | Tensor) -> Tensor:
        """Copy a tensor and set the elements where a mask is true."""
    def masked_fill_(self, mask: Tensor, value: Number | Tensor) -> Tensor:
        """Set the elements where a mask is true, in place."""
    def masked_scatter(input, mask: Tensor, source: Tensor) -> Tensor:
        """Copy a tensor and write the elements of `source` where a mask is true."""
    def masked_scatter_(self, mask: Tensor, source: Tensor) -> Tensor:
        """Write the elements of `source`, in order, where a mask is true, in place."""
    def masked_select(self, mask: Tensor) -> Tensor:
        """Take the elements where a mask is true, as a 1-D tensor."""
    def matmul(self, other: Tensor) -> Tensor:
        """Matrix product of two tensors, with broadcasting over leading dimensions."""
    def matrix_exp(input) -> Tensor:
        """Exponential of square matrices."""
    def matrix_power(self, n: _int) -> Tensor:
        """Power of square matrices, by repeated squaring."""
    def max(
        input,
        dim: Any = None,
        keepdim: _bool = False,
        *,
        other: Tensor | None = None,
        out: Any = None,
    ) -> Any:
        """Largest element of all, along a dimension, or of pairs."""
    def maximum(self, other: Tensor | Number) -> Tensor:
        """Take the larger of two; NaN if either is."""
    def mean(
        input,
        dim: Any = None,
        keepdim: Any = False,
        *,
        dtype: Any = None,
        out: Any = None,
    ) -> Any:
        """Mean of elements, of all or along dimensions."""
    def median(self, dim: _int | None = None, keepdim: _bool = False) -> Any:
        """Median of all elements or along a dimension."""
    def min(
        input,
        dim: Any = None,
        keepdim: _bool = False,
        *,
        other: Tensor | None = None,
        out: Any = None,
    ) -> Any:
        """Smallest element of all, along a dimension, or of pairs."""
    def minimum(self, other: Tensor | Number) -> Tensor:
        """Take the smaller of two; NaN if either is."""
    def mm(self, mat2: Tensor) -> Tensor:
        """Product of two matrices."""
    def mode(self, dim: _int = -1, keepdim: _bool = False) -> Any:
        """Return the most frequent element along a dimension, the smallest of several."""
    def moveaxis(input, source: Any, destination: Any) -> Tensor:
        """Move dimensions to other places; the rest keep their order."""
    def movedim(input, source: Any, destination: Any) -> Tensor:
        """Move dimensions to other places; the rest keep their order."""
    def msort(self) -> Tensor:
        """Sort along the first dimension."""
    def mul(self, other: Tensor | Number) -> Tensor:
        """Multiply element by element."""
    def mul_(self, other: Tensor | Number) -> Tensor:
        """Multiply element by element."""
    def multinomial(
        input,
        num_samples: _int,
        replacement: _bool = False,
        *,
        generator: Generator | None = None,
        out: Tensor | None = None,
    ) -> Tensor:
        """Draw indices with the weights in each row of `input`."""
    def multiply(self, other: Tensor | Number) -> Tensor:
        """Multiply element by element."""
    def multiply_(self, other: Tensor | Number) -> Tensor:
        """Multiply element by element."""
    def mv(self, vec: Tensor) -> Tensor:
        """Product of a matrix and a vector."""
    def mvlgamma(self, p: _int) -> Tensor:
        """Take the logarithm of the multivariate gamma function."""
    def mvlgamma_(self, p: _int) -> Tensor:
        """Take the logarithm of the multivariate gamma function."""
    @property
    def names(self) -> Any:
        """Names of dimensions."""
    def nan_to_num(
        self,
        nan: _float | None = None,
        posinf: _float | None = None,
        neginf: _float | None = None,
    ) -> Tensor:
        """Replace NaN and infinities."""
    def nan_to_num_(
        input,
        nan: _float | None = None,
        posinf: _float | None = None,
        neginf: _float | None = None,
    ) -> Tensor:
        """Replace NaN and infinities."""
    def nanmean(
        input,
        dim: Any = None,
        keepdim: _bool = False,
        *,
        dtype: _dtype | None = None,
        out: Tensor | None = None,
    ) -> Tensor:
        """Mean of the elements that are not NaN, of all or along dimensions."""
    def nanmedian(self, dim: _int | None = None, keepdim: _bool = False) -> Any:
        """Median of all elements or along a dimension, NaN left out."""
    def nanquantile(
        input,
        q: Any,
        dim: _int | None = None,
        keepdim: _bool = False,
        *,
        interpolation: str = 'linear',
        out: Tensor | None = None,
    ) -> Tensor:
        """Quantiles of all elements or along a dimension, NaN left out."""
    def nansum(
        input,
        dim: Any = None,
        keepdim: _bool = False,
        *,
        dtype: _dtype | None = None,
        out: Tensor | None = None,
    ) -> Tensor:
        """Sum of the elements that are not NaN, of all or along dimensions."""
    def narrow(input, dim: Any, start: Any, length: Any) -> Any:
        """Take `length` entries of a dimension from `start` on."""
    def narrow_copy(input, *args: Any, out: Any = None, **kwargs: Any) -> Any:
        """Contiguous copy of what `narrow` views."""
    @property
    def nbytes(self) -> _int:
        """Bytes of all elements."""
    @property
    def ndim(self) -> _int:
        """Number of dimensions."""
    def ndimension(self) -> Any:
        """Number of dimensions (alias of ``dim``)."""
    def ne(self, other: Tensor | Number) -> Tensor:
        """Tell where `input` differs from `other`; NaN differs from everything."""
    def ne_(self, other: Tensor | Number) -> Tensor:
        """Tell where `input` differs from `other`; NaN differs from everything."""
    def neg(self) -> Tensor:
        """Negate."""
    def neg_(self) -> Tensor:
        """Negate."""
    def negative(self) -> Tensor:
        """Negate."""
    def negative_(self) -> Tensor:
        """Negate."""
    def nelement(self) -> Any:
        """Number of elements (alias of ``numel``)."""
    def new_empty(
        self,
        *size: Any,
        dtype: _dtype | None = None,
        device: Any = None,
        requires_grad: _bool = False,
        layout: Any = None,
        pin_memory: _bool = False,
    ) -> Tensor:
        """Make a tensor of arbitrary values with this tensor's dtype."""
    def new_empty_strided(
        self,
        size: Sequence[_int],
        stride: Sequence[_int],
        dtype: _dtype | None = None,
        device: Any = None,
        requires_grad: _bool = False,
        layout: Any = None,
        pin_memory: _bool = False,
    ) -> Tensor:
        """Make a tensor of arbitrary values with given strides and this one's dtype."""
    def new_full(
        self,
        size: Sequence[_int],
        fill_value: Number,
        dtype: _dtype | None = None,
        device: Any = None,
        requires_grad: _bool = False,
        layout: Any = None,
        pin_memory: _bool = False,
    ) -> Tensor:
        """Make a tensor filled with one value, with this tensor's dtype."""
    def new_ones(
        self,
        *size: Any,
        dtype: _dtype | None = None,
        device: Any = None,
        requires_grad: _bool = False,
        layout: Any = None,
        pin_memory: _bool = False,
    ) -> Tensor:
        """Make a tensor of ones with this tensor's dtype."""
    def new_tensor(
        self,
        data: Any,
        dtype: _dtype | None = None,
        device: Any = None,
        requires_grad: _bool = False,
        layout: Any = None,
        pin_memory: _bool = False,
    ) -> Tensor:
        """Make a tensor with a copy of some data and this tensor's dtype."""
    def new_zeros(
        self,
        *size: Any,
        dtype: _dtype | None = None,
        device: Any = None,
        requires_grad: _bool = False,
        layout: Any = None,
        pin_memory: _bool = False,
    ) -> Tensor:
        """Make a tensor of zeros with this tensor's dtype."""
    def nextafter(self, other: Tensor | Number) -> Tensor:
        """Give the next representable number after `input` towards `other`."""
    def nextafter_(self, other: Tensor | Number) -> Tensor:
        """Give the next representable number after `input` towards `other`."""
    def nonzero(input, *, out: Tensor | None = None, as_tuple: _bool = False) -> Any:
        """Find the nonzero elements, in row-major order."""
    def nonzero_static(
        input,
        *,
        size: _int,
        fill_value: _int = -1,
        out: Tensor | None = None,
    ) -> Tensor:
        """Find the first `size` nonzero elements; missing rows hold `fill_value`."""
    def norm(
        input,
        p: Any = 'fro',
        dim: Any = None,
        keepdim: _bool = False,
        out: Tensor | None = None,
        dtype: _dtype | None = None,
    ) -> Tensor:
        """Vector norm of all elements or along dimensions (Frobenius by default)."""
    def normal_(
        self,
        mean: _float = 0.0,
        std: _float = 1.0,
        *,
        generator: Generator | None = None,
    ) -> Tensor:
        """Fill with normally distributed numbers, in place."""
    def not_equal(self, other: Tensor | Number) -> Tensor:
        """Tell where `input` differs from `other`; NaN differs from everything."""
    def not_equal_(self, other: Tensor | Number) -> Tensor:
        """Tell where `input` differs from `other`; NaN differs from everything."""
    def numel(self) -> Any:
        """Number of elements."""
    def numpy(self, *, force: _bool = False) -> Any:
        """Return a NumPy array that shares this tensor's memory."""
    def outer(self, vec2: Tensor) -> Tensor:
        """Product of each element of one vector with each of another."""
    @property
    def output_nr(self) -> _int:
        """Which output of ``grad_fn`` this tensor is."""
    def permute(input, *dims: Any) -> Any:
        """Reorder the dimensions."""
    def pin_memory(self) -> Tensor:
        """Return the tensor; its memory is private to the process."""
    def pinverse(input, rcond: _float = 1e-15) -> Tensor:
        """Pseudoinverse of matrices; see `linalg.pinv`."""
    def polygamma(self, n: _int) -> Tensor:
        """Compute derivative number `n` of the digamma function."""
    def polygamma_(self, n: _int) -> Tensor:
        """Compute derivative number `n` of the digamma function."""
    def positive(input) -> Tensor:
        """Give `input` itself, as ``+input`` does."""
    def pow(self, exponent: Tensor | Number) -> Tensor:
        """Raise to a power."""
    def pow_(self, exponent: Tensor | Number) -> Tensor:
        """Raise to a power."""
    def prelu(input, weight: Tensor) -> Tensor:
        """Keep what is positive, times a learned slope what is not."""
    def prod(
        input,
        dim: _int | None = None,
        keepdim: _bool = False,
        *,
        dtype: _dtype | None = None,
        out: Tensor | None = None,
    ) -> Tensor:
        """Product of elements, of all or along a dimension."""
    def put(input, index: Tensor, source: Tensor, accumulate: _bool = False) -> Tensor:
        """Copy a tensor and write elements of its flattened form."""
    def put_(self, index: Tensor, source: Tensor, accumulate: _bool = False) -> Tensor:
        """Write elements of the flattened tensor, in place."""
    def qr(self, some: _bool = True) -> Any:
        """QR decomposition; see `linalg.qr`."""
    def quantile(
        input,
        q: Any,
        dim: _int | None = None,
        keepdim: _bool = False,
        *,
        interpolation: str = 'linear',
        out: Tensor | None = None,
    ) -> Tensor:
        """Quantiles of all elements or along a dimension."""
    def rad2deg(self) -> Tensor:
        """Convert radians to degrees."""
    def rad2deg_(self) -> Tensor:
        """Convert radians to degrees."""
    def random_(
        self,
        from_: _int = ...,
        to: _int | None = ...,
        *,
        generator: Generator | None = None,
    ) -> Tensor:
        """Fill with integers from the discrete uniform distribution, in place."""
    def ravel(input) -> Tensor:
        """Flatten to one dimension: a view if the strides allow it."""
    @property
    def real(self) -> Tensor:
        """Return the real part: a view of a complex tensor, a real tensor itself."""
    @real.setter
    def real(self, value: Tensor) -> None: ...
    def reciprocal(self) -> Tensor:
        """Compute ``1 / x``."""
    def reciprocal_(self) -> Tensor:
        """Compute ``1 / x``."""
    def register_hook(self, hook: Any) -> Any:
        """Call ``hook(grad)`` whenever the gradient of this tensor is computed."""
    def register_post_accumulate_grad_hook(self, hook: Any) -> Any:
        """Call ``hook(tensor)`` after a gradient was added to this leaf's ``grad``."""
    def relu(self) -> Tensor:
        """Keep what is positive: ``max(input, 0)``."""
    def relu_(self) -> Tensor:
        """Keep what is positive: ``max(input, 0)``."""
    def remainder(self, other: Tensor | Number) -> Tensor:
        """Compute the remainder of a division, with the sign of the divisor."""
    def remainder_(self, other: Tensor | Number) -> Tensor:
        """Compute the remainder of a division, with the sign of the divisor."""
    def renorm(self, p: _float, dim: _int, maxnorm: _float) -> Tensor:
        """Scale down the slices of a dimension whose norm exceeds a bound."""
    def renorm_(self, p: _float, dim: _int, maxnorm: _float) -> Tensor:
        """In place; see `derivo.renorm`."""
    def repeat(self, repeats: Any, *more: _int) -> Tensor:
        """Copy the tensor side by side along each dimension."""
    def repeat_interleave(
        input,
        repeats: Any = None,
        dim: _int | None = None,
        *,
        output_size: _int | None = None,
    ) -> Tensor:
        """Repeat each element (or row) in place of itself."""
    @property
    def requires_grad(self) -> _bool:
        """Whether operations on this tensor are recorded."""
    @requires_grad.setter
    def requires_grad(self, value: _bool) -> None: ...
    def requires_grad_(self, requires_grad: Any = True) -> Any:
        """Switch recording on or off for this leaf; returns the tensor."""
    def reshape(input, *shape: Any) -> Any:
        """Give the elements, in their order, other sizes: a view if possible, else a copy."""
    def reshape_as(self, other: Tensor) -> Tensor:
        """Reshape to the sizes of another tensor."""
    def resize_(self, *sizes: Any, memory_format: Any = None) -> Tensor:
        """Change the shape, growing the storage if needed; new elements are arbitrary."""
    def resize_as_(self, the_template: Tensor, memory_format: Any = None) -> Tensor:
        """Change the shape to that of another tensor."""
    def resolve_conj(input) -> Tensor:
        """Return the tensor: conjugation is never pending."""
    def resolve_neg(input) -> Tensor:
        """Return the tensor: conjugation is never pending."""
    def retain_grad(self) -> Any:
        """Keep the gradient of this non-leaf in ``grad`` (no effect on leaves)."""
    @property
    def retains_grad(self) -> _bool:
        """Whether this non-leaf keeps its gradient."""
    def roll(input, shifts: Any, dims: Any = None) -> Tensor:
        """Shift elements along dimensions; what falls off re-enters at the other end."""
    def rot90(input, k: _int = 1, dims: Sequence[_int] = ...) -> Tensor:
        """Turn by quarter turns in the plane of two dimensions."""
    def round(self, *, decimals: _int | None = None) -> Tensor:
        """Round to the nearest whole number, or decimal."""
    def round_(input, *, decimals: _int | None = None) -> Tensor:
        """Round to the nearest whole number, or decimal."""
    def rsqrt(self) -> Tensor:
        """Compute ``1 / sqrt(x)``."""
    def rsqrt_(self) -> Tensor:
        """Compute ``1 / sqrt(x)``."""
    def scatter(
        input,
        dim: _int,
        index: Tensor,
        src: Any = None,
        *,
        value: Number | None = None,
        reduce: str | None = None,
        out: Tensor | None = None,
    ) -> Tensor:
        """Copy a tensor and write elements: ``out[index[i, j], j] = src[i, j]``."""
    def scatter_(
        self,
        dim: _int,
        index: Tensor,
        src: Any = None,
        *,
        value: Number | None = None,
        reduce: str | None = None,
    ) -> Tensor:
        """Write elements along a dimension, in place; see `derivo.scatter`."""
    def scatter_add(self, dim: _int, index: Tensor, src: Tensor) -> Tensor:
        """Copy a tensor and add elements: ``out[index[i, j], j] += src[i, j]``."""
    def scatter_add_(self, dim: _int, index: Tensor, src: Tensor) -> Tensor:
        """Add elements along a dimension, in place; see `derivo.scatter_add`."""
    def scatter_reduce(
        input,
        dim: _int,
        index: Tensor,
        src: Tensor,
        reduce: str,
        *,
        include_self: _bool = True,
        out: Tensor | None = None,
    ) -> Tensor:
        """Copy a tensor and reduce elements into it along a dimension."""
    def scatter_reduce_(
        self,
        dim: _int,
        index: Tensor,
        src: Tensor,
        reduce: str,
        *,
        include_self: _bool = True,
    ) -> Tensor:
        """Reduce elements into the tensor in place; see `derivo.scatter_reduce`."""
    def select(input, dim: Any, index: Any) -> Any:
        """Take one entry of a dimension, which disappears."""
    def select_scatter(input, src: Tensor, dim: _int, index: _int) -> Tensor:
        """Copy a tensor, with one entry of a dimension replaced."""
    def set_(
        self,
        source: Tensor | None = None,
        storage_offset: _int = 0,
        size: Any = None,
        stride: Any = None,
    ) -> Tensor:
        """Let this tensor take the storage and geometry of another."""
    def sgn(self) -> Tensor:
        """Compute the sign, of complex numbers ``input / abs(input)``, 0 at 0."""
    def sgn_(self) -> Tensor:
        """Compute the sign, of complex numbers ``input / abs(input)``, 0 at 0."""
    @property
    def shape(self) -> Size:
        """Sizes of the dimensions."""
    def share_memory_(self) -> Tensor:
        """Return the tensor; its memory is private to the process."""
    def short(self, memory_format: Any = None) -> Tensor:
        """Convert to int16 (see `to`)."""
    def sigmoid(self) -> Tensor:
        """Compute the logistic function ``1 / (1 + exp(-x))``."""
    def sigmoid_(self) -> Tensor:
        """Compute the logistic function ``1 / (1 + exp(-x))``."""
    def sign(self) -> Tensor:
        """Compute the sign: -1, 0 or 1."""
    def sign_(self) -> Tensor:
        """Compute the sign: -1, 0 or 1."""
    def signbit(self) -> Tensor:
        """Tell whether the sign bit is set, also that of -0.0."""
    def sin(self) -> Tensor:
        """Take the sine."""
    def sin_(self) -> Tensor:
        """Take the sine."""
    def sinc(self) -> Tensor:
        """Compute ``sin(pi * x) / (pi * x)``, 1 at 0."""
    def sinc_(self) -> Tensor:
        """Compute ``sin(pi * x) / (pi * x)``, 1 at 0."""
    def sinh(self) -> Tensor:
        """Take the hyperbolic sine."""
    def sinh_(self) -> Tensor:
        """Take the hyperbolic sine."""
    def size(self, dim: Any = None) -> Any:
        """All sizes, or the size of dimension `dim`."""
    def slice_scatter(
        input,
        src: Tensor,
        dim: _int = 0,
        start: _int | None = None,
        end: _int | None = None,
        step: _int = 1,
    ) -> Tensor:
        """Copy a tensor, with a slice of a dimension replaced."""
    def slogdet(self) -> Any:
        """Sign and logarithm of the absolute value of determinants."""
    def softmax(self, dim: _int, dtype: _dtype | None = None) -> Tensor:
        """Exponentials along a dimension, scaled to sum to one."""
    def sort(
        self,
        dim: _int = -1,
        descending: _bool = False,
        stable: _bool | None = None,
    ) -> Any:
        """Sort along a dimension."""
    def split(
        tensor,
        split_size_or_sections: _int | Sequence[_int],
        dim: _int = 0,
    ) -> tuple[Tensor, ...]:
        """Take a tensor apart into views along a dimension."""
    def split_with_sizes(
        input,
        split_sizes: Sequence[_int],
        dim: _int = 0,
    ) -> tuple[Tensor, ...]:
        """Take a tensor apart into views of given sizes along a dimension."""
    def sqrt(self) -> Tensor:
        """Take the square root."""
    def sqrt_(self) -> Tensor:
        """Take the square root."""
    def square(self) -> Tensor:
        """Square."""
    def square_(input) -> Tensor:
        """Square."""
    def squeeze(input, dim: Any = None) -> Any:
        """Remove dimensions of size one."""
    def squeeze_(self, dim: Any = None) -> Tensor:
        """Drop dimensions of size one, in place; see `derivo.squeeze`."""
    def std(
        input,
        dim: Any = None,
        unbiased: _bool | None = None,
        keepdim: _bool = False,
        *,
        correction: _float | None = None,
        out: Any = None,
    ) -> Any:
        """Standard deviation of all elements or along dimensions."""
    def stft(
        input,
        n_fft: _int,
        hop_length: _int | None = None,
        win_length: _int | None = None,
        window: Tensor | None = None,
        center: _bool = True,
        pad_mode: str = 'reflect',
        normalized: _bool = False,
        onesided: _bool | None = None,
        return_complex: _bool | None = None,
        align_to_window: _bool | None = None,
    ) -> Tensor:
        """Spectrogram: Fourier transforms of overlapping frames of a signal."""
    def storage_offset(self) -> Any:
        """Elements between the start of the storage and the first element."""
    def stride(self, dim: Any = None) -> Any:
        """Strides in elements, or that of dimension `dim`."""
    def sub(self, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
        """Subtract `other`, times `alpha`."""
    def sub_(self, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
        """Subtract `other`, times `alpha`."""
    def subtract(self, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
        """Subtract `other`, times `alpha`."""
    def subtract_(self, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
        """Subtract `other`, times `alpha`."""
    def sum(
        input,
        dim: Any = None,
        keepdim: Any = False,
        *,
        dtype: Any = None,
        out: Any = None,
    ) -> Any:
        """Sum of elements, of all or along dimensions."""
    def sum_to_size(self, *size: Any) -> Any:
        """Sum over the dimensions that broadcasting to this shape has added."""
    def svd(self, some: _bool = True, compute_uv: _bool = True) -> Any:
        """Singular value decomposition ``input = U diag(S) V^H``; see `linalg.svd`."""
    def swapaxes(input, dim0: Any, dim1: Any) -> Any:
        """Swap two dimensions."""
    def swapaxes_(self, dim0: _int, dim1: _int) -> Tensor:
        """Exchange two dimensions in place; see `derivo.transpose`."""
    def swapdims(input, dim0: Any, dim1: Any) -> Any:
        """Swap two dimensions."""
    def swapdims_(self, dim0: _int, dim1: _int) -> Tensor:
        """Exchange two dimensions in place; see `derivo.transpose`."""
    def t(input) -> Any:
        """Transpose a matrix (tensors of less dimensions stay as they are)."""
    def t_(self) -> Tensor:
        """Transpose a matrix in place; see `derivo.t`."""
    def take(self, index: Tensor) -> Tensor:
        """Take elements of the flattened tensor, in the shape of the index."""
    def take_along_dim(self, indices: Tensor, dim: _int | None = None) -> Tensor:
        """Take elements along a dimension; other dimensions broadcast."""
    def tan(self) -> Tensor:
        """Take the tangent."""
    def tan_(self) -> Tensor:
        """Take the tangent."""
    def tanh(self) -> Tensor:
        """Take the hyperbolic tangent."""
    def tanh_(self) -> Tensor:
        """Take the hyperbolic tangent."""
    def tensor_split(
        input,
        indices_or_sections: Any,
        dim: _int = 0,
    ) -> tuple[Tensor, ...]:
        """Take a tensor apart into views, as even as possible or at given places."""
    def tile(input, dims: Any, *more: _int) -> Tensor:
        """Copy a tensor side by side; dimensions not mentioned in front are kept."""
    def to(
        self,
        *args: Any,
        dtype: Any = None,
        device: Any = None,
        non_blocking: _bool = False,
        copy: _bool = False,
        memory_format: Any = None,
        other: Tensor | None = None,
    ) -> Tensor:
        """Convert dtype or device; returns this tensor itself if nothing changes."""
    def tolist(self) -> Any:
        """The elements as nested lists of Python numbers (a number for 0-d)."""
    def topk(
        input,
        k: _int,
        dim: _int = -1,
        largest: _bool = True,
        sorted: _bool = True,
        *,
        out: Any = None,
    ) -> Any:
        """Return the `k` largest elements along a dimension, in order."""
    def trace(input) -> Tensor:
        """Sum of the diagonal of a matrix."""
    def transpose(input, dim0: Any, dim1: Any) -> Any:
        """Swap two dimensions."""
    def transpose_(self, dim0: _int, dim1: _int) -> Tensor:
        """Exchange two dimensions in place; see `derivo.transpose`."""
    def tril(self, diagonal: _int = 0) -> Tensor:
        """Keep the lower triangle of matrices; zeros elsewhere."""
    def tril_(self, diagonal: _int = 0) -> Tensor:
        """Keep the lower triangle in place; see `derivo.tril`."""
    def triu(self, diagonal: _int = 0) -> Tensor:
        """Keep the upper triangle of matrices; zeros elsewhere."""
    def triu_(self, diagonal: _int = 0) -> Tensor:
        """Keep the upper triangle in place; see `derivo.triu`."""
    def true_divide(self, other: Tensor | Number) -> Tensor:
        """Divide element by element, integers too giving fractions."""
    def true_divide_(self, other: Tensor | Number) -> Tensor:
        """Divide element by element, integers too giving fractions."""
    def trunc(self) -> Tensor:
        """Round towards zero."""
    def trunc_(self) -> Tensor:
        """Round towards zero."""
    def type(self, dtype: Any = None, non_blocking: _bool = False) -> Any:
        """Return the legacy type name, or convert to a dtype."""
    def type_as(self, other: Tensor) -> Tensor:
        """Convert to the dtype of another tensor."""
    def unbind(input, dim: _int = 0) -> tuple[Tensor, ...]:
        """Take a dimension apart into a tuple of views."""
    def unflatten(input, dim: _int, sizes: Any) -> Tensor:
        """View one dimension as several."""
    def unfold(self, dimension: Any, size: Any, step: Any) -> Any:
        """View windows of one dimension; their entries become the last dimension."""
    def uniform_(
        self,
        from_: _float = 0.0,
        to: _float = 1.0,
        *,
        generator: Generator | None = None,
    ) -> Tensor:
        """Fill with numbers from the uniform distribution over [`from_`, `to`), in place."""
    def unique(
        input,
        sorted: _bool = True,
        return_inverse: _bool = False,
        return_counts: _bool = False,
        dim: _int | None = None,
    ) -> Any:
        """Distinct elements, or distinct slices of a dimension, in ascending order."""
    def unique_consecutive(
        input,
        return_inverse: _bool = False,
        return_counts: _bool = False,
        dim: _int | None = None,
    ) -> Any:
        """Drop elements, or slices of a dimension, equal to the one before."""
    def unsafe_chunk(input, chunks: _int, dim: _int = 0) -> tuple[Tensor, ...]:
        """`chunk` whose parts may be changed in place, unseen by the input's history."""
    def unsafe_split(input, split_size: _int, dim: _int = 0) -> tuple[Tensor, ...]:
        """`split` whose parts may be changed in place, unseen by the input's history."""
    def unsafe_split_with_sizes(
        input,
        split_sizes: Sequence[_int],
        dim: _int = 0,
    ) -> tuple[Tensor, ...]:
        """`split_with_sizes` whose parts may be changed in place."""
    def unsqueeze(input, dim: Any) -> Any:
        """Insert a dimension of size one."""
    def unsqueeze_(self, dim: _int) -> Tensor:
        """Insert a dimension of size one, in place; see `derivo.unsqueeze`."""
    def untyped_storage(self) -> Any:
        """The storage that all views share."""
    def var(
        input,
        dim: Any = None,
        unbiased: _bool | None = None,
        keepdim: _bool = False,
        *,
        correction: _float | None = None,
        out: Any = None,
    ) -> Any:
        """Variance of all elements or along dimensions."""
    def vdot(self, other: Tensor) -> Tensor:
        """Sum of the products of two vectors' elements, the first conjugated."""
    def view(self, *size: Any) -> Any:
        """View the elements, in their order, with other sizes."""
    def view_as(self, other: Tensor) -> Tensor:
        """View with the sizes of another tensor."""
    def view_as_complex(input) -> Tensor:
        """View a real tensor with a last dimension of two as a complex one."""
    def view_as_real(input) -> Tensor:
        """View a complex tensor as a real one with a last dimension of two."""
    def vsplit(input, indices_or_sections: Any) -> tuple[Tensor, ...]:
        """Take a tensor apart along its first dimension."""
    def where(self, condition: Tensor, other: Tensor | Number) -> Tensor:
        """Keep the elements where `condition` holds, take `other` elsewhere."""
    def xlogy(self, other: Tensor | Number) -> Tensor:
        """Compute ``input * log(other)``, 0 where `input` is 0."""
    def xlogy_(input, other: Tensor | Number) -> Tensor:
        """Compute ``input * log(other)``, 0 where `input` is 0."""
    def zero_(self) -> Tensor:
        """Set every element to zero."""
