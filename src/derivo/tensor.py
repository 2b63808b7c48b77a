"""class Tensor: the core's object with the methods that the operations publish.

Every module of `derivo.ops` publishes public functions under qualified names; those
under ``Tensor.`` become methods here. Nothing else defines methods, except the few
below that are neither operations nor part of the core's object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core import tensor as _core_tensor
from derivo._core.autograd import run_from
from derivo._core.tensor import TensorBase
from derivo._disabled import _disabled_torch_function_impl
from derivo._info import strided
from derivo.autograd._engine import backward

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Tensor"]


class Tensor(TensorBase):
    """A multi-dimensional array that remembers how it was computed.

    Made by `derivo.tensor`, `derivo.zeros` and their relatives, and by operations on
    other tensors. ``Tensor(2, 3)`` gives an uninitialised float tensor of that shape,
    ``Tensor([1, 2])`` one with those values.
    """

    __slots__ = ()
    __array_priority__ = 1000

    def __new__(cls, *args: Any, **kwargs: Any) -> Tensor:
        """Make a tensor of the default dtype from sizes or from data."""
        from derivo.ops.creation import legacy_tensor

        return legacy_tensor(cls, *args, **kwargs)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Keep operators of subclasses as quick as those of tensors."""
        super().__init_subclass__(**kwargs)
        if cls.__torch_function__ is not _disabled_torch_function_impl:
            from derivo._overrides import equip

            equip(cls)
        _core_tensor.use_core_operators(cls)

    @staticmethod
    def _make_subclass(cls: Any, data: Tensor, require_grad: bool = False) -> Any:
        from derivo.ops.copying import _make_subclass_of

        return _make_subclass_of(cls, data, require_grad)

    @classmethod
    def __torch_function__(
        cls, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Call a function with objects of a subclass: tensors that it gives are of it.

        A subclass that overrides this classmethod sees every function that is called
        with one of its objects: ``func(*args, **kwargs)`` is the call. What it returns
        is the result; `NotImplemented` leaves the call to the next class.
        """
        from derivo._overrides import default_torch_function

        return default_torch_function(cls, func, types, args, kwargs)

    def backward(
        self,
        gradient: Tensor | None = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Any = None,
    ) -> None:
        """Add the gradients of this tensor to the ``grad`` of the leaves it came from.

        Parameters
        ----------
        gradient : Tensor, optional
            Incoming gradient, of this tensor's shape; may be left out for one element.
        retain_graph : bool, optional
            Keep saved tensors for another pass; as `create_graph` by default.
        create_graph : bool, default False
            Record the pass itself, for higher derivatives.
        inputs : Tensor or sequence of Tensor, optional
            Accumulate into these only.

        Raises
        ------
        RuntimeError
            See `derivo.autograd.backward`.

        Examples
        --------
        >>> import derivo
        >>> x = derivo.tensor(3.0, requires_grad=True)
        >>> (x * x).backward()
        >>> x.grad
        tensor(6.)
        """
        asked = gradient is not None or inputs is not None
        if not (asked or retain_graph or create_graph) and run_from(self):
            return  # almost always: a loss, and nothing asked for
        backward(self, gradient, retain_graph, create_graph, inputs=inputs)

    @property
    def is_cpu(self) -> bool:
        """Whether the tensor is on the CPU: always."""
        return True

    is_cuda = property(lambda self: False, doc="Whether it is on a GPU: never.")
    is_sparse = property(lambda self: False, doc="Whether it is sparse: never.")
    is_quantized = property(lambda self: False, doc="Whether quantized: never.")
    is_mkldnn = property(lambda self: False, doc="Whether in MKL-DNN layout: never.")
    is_meta = property(lambda self: False, doc="Whether it has no data: never.")
    is_nested = property(lambda self: False, doc="Whether it is nested: never.")
    layout = property(lambda self: strided, doc="How elements are stored: strided.")
    names = property(lambda self: (None,) * self.dim(), doc="Names of dimensions.")

    def __repr__(self, *, tensor_contents: str | None = None) -> str:
        """Text as PyTorch prints it."""
        from derivo._tensor_str import tensor_repr

        return tensor_repr(self, tensor_contents=tensor_contents)

    def __iter__(self) -> Iterator[Tensor]:
        """Iterate over the first dimension."""
        if self.dim() == 0:
            raise TypeError("[iter] iteration over a 0-d tensor: it has no dimension.")
        return iter(self.unbind(0))

    def __bytes__(self) -> bytes:
        """Return the bytes of the elements in row-major order.

        As an array of NumPy does; PyTorch gives a byte for each element of an integer
        tensor, whatever its dtype.
        """
        return memoryview(self).tobytes()

    def __dir__(self) -> list[str]:
        """Names of all attributes."""
        return sorted({*dir(type(self)), *self.__dict__})


def _attach(methods: dict[str, Any]) -> None:
    """Make functions methods of `Tensor` under the given names."""
    for name, function in methods.items():
        setattr(Tensor, name, function)
    _core_tensor.use_core_operators(Tensor)


_core_tensor.set_tensor_class(Tensor)
