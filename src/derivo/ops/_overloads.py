"""Operations under the names that PyTorch's dispatcher gives them.

PyTorch hands policies and modes its operations as objects, `torch.ops.aten.mm.default`.
derivo's operations are records of its own; here each of them gets such an object, so
that code that tells operations apart by them finds them.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from derivo._core import products, reduce, views
from derivo._core.tensor import TensorBase, _data, _detach
from derivo.ops._elementwise import REGISTRY
from derivo.ops._surface import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["OpOverload", "OpOverloadPacket", "identify", "packet"]


class OpOverload:
    """One form of an operation, such as `derivo.ops.aten.mm.default`.

    There is one object for each, so that `is`, ``==`` and `hash` tell them apart.
    """

    __slots__ = ("_overloadname", "overloadpacket")

    def __init__(self, of: OpOverloadPacket, name: str) -> None:
        self.overloadpacket = of
        self._overloadname = name

    @property
    def __name__(self) -> str:
        return f"{self.overloadpacket.__name__}.{self._overloadname}"

    @property
    def namespace(self) -> str:
        """Where it is found: ``"aten"``, or ``"derivo"`` for what only derivo has."""
        return self.overloadpacket.namespace

    def name(self) -> str:
        """Full name, ``"aten::mm"``."""
        form = self._overloadname
        name = f"{self.namespace}::{self.overloadpacket.__name__}"
        return name if form == "default" else f"{name}.{form}"

    def __str__(self) -> str:
        return f"{self.overloadpacket}.{self._overloadname}"

    def __repr__(self) -> str:
        form = self._overloadname
        return f"<OpOverload(op='{self.overloadpacket}', overload='{form}')>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.overloadpacket(*args, **kwargs)


class OpOverloadPacket:
    """An operation in all its forms, such as `derivo.ops.aten.mm`."""

    def __init__(self, namespace: str, name: str) -> None:
        self.namespace = namespace
        self.__name__ = name

    def overloads(self) -> list[str]:
        """Names of the forms."""
        return list(_forms(self.__name__))

    def __iter__(self) -> Iterator[str]:
        return iter(self.overloads())

    def __getattr__(self, form: str) -> OpOverload:
        if form.startswith("__") or form not in _forms(self.__name__):
            raise AttributeError(
                f"[ops] The underlying op of '{self}' has no overload name '{form}': "
                f"expected one of {self.overloads()}."
            )
        made = OpOverload(self, form)
        setattr(self, form, made)
        return made

    def __str__(self) -> str:
        return f"{self.namespace}.{self.__name__}"

    def __repr__(self) -> str:
        return f"<OpOverloadPacket(op='{self}')>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        function = _function(self.__name__)
        if function is None:
            raise NotImplementedError(
                f"[ops] {self} is a step of derivo's operations and cannot be called "
                "by itself: call the public function."
            )
        return function(*args, **kwargs)


# fmt: off
_SPECIAL = (
    "airy_ai", "bessel_j0", "bessel_j1", "bessel_y0", "bessel_y1", "entr", "erfcx",
    "i0e", "i1", "i1e", "log_ndtr", "modified_bessel_i0", "modified_bessel_i1",
    "modified_bessel_k0", "modified_bessel_k1", "ndtri", "scaled_modified_bessel_k0",
    "scaled_modified_bessel_k1", "spherical_bessel_j0", "xlog1py", "zeta",
)
# fmt: on

# derivo's name of an operation, where PyTorch's differs.
_RENAMED = {
    "softmax": "_softmax",
    "safe_softmax": "_safe_softmax",
    "softmax_backward": "_softmax_backward_data",
    "log_softmax": "_log_softmax",
    "log_softmax_backward": "_log_softmax_backward_data",
    "batch_norm": "native_batch_norm",
    "group_norm": "native_group_norm",
    "nll_loss": "nll_loss_forward",
    "multilabel_margin_loss": "multilabel_margin_loss_forward",
    "ctc_loss": "_ctc_loss",
    "embedding_bag": "_embedding_bag",
    "pdist": "_pdist_forward",
    "cdist": "_cdist_forward",
    "norm": "linalg_vector_norm",
    "max_pool1d": "max_pool2d_with_indices",
    "max_pool2d": "max_pool2d_with_indices",
    "max_pool3d": "max_pool3d_with_indices",
    "conv_transpose": "convolution",
    "to": "_to_copy",
    "windows": "im2col",
    "fold": "col2im",
    **dict.fromkeys(("gelu_none", "gelu_tanh"), "gelu"),
    "logsigmoid": "log_sigmoid_forward",
    **dict.fromkeys(("square", "cube", "pow_half", "pow_inverse"), "pow"),
    "add_scaled": "add",
    "sub_scaled": "sub",
    "rsub_scaled": "rsub",
    **dict.fromkeys(("div_floor", "div_trunc"), "div"),
    **dict.fromkeys(("round_whole", "round_fraction", "round_multiple"), "round"),
    **dict.fromkeys(("logit_open", "logit_clamped"), "logit"),
    **dict.fromkeys(("clamp_below", "clamp_above"), "clamp"),
    **dict.fromkeys(("frexp_exponent", "frexp_mantissa"), "frexp"),
    "binary_cross_entropy_weighted": "binary_cross_entropy",
    "conjugate": "_conj",
    **{name: f"special_{name}" for name in _SPECIAL},
}

_PRODUCTS = ("mm", "addmm", "bmm", "baddbmm", "mv", "addmv", "dot", "vdot")

_FUNCTIONS = {
    reduce.sum: "sum",
    reduce.mean: "mean",
    views.reshape: "view",
    views._slice: "slice",
    views.alias_of: "alias",
    _detach: "detach",
    _data: "detach",
}

# Forms of operations that have others than "default".
_BY_SECOND = ("Tensor", "Scalar")
_FORMS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("add", "sub", "mul"), _BY_SECOND),
    **dict.fromkeys(("eq", "ne", "lt", "le", "gt", "ge", "remainder"), _BY_SECOND),
    **dict.fromkeys(("fmod", "rsub", "lerp", "fill", "masked_fill"), _BY_SECOND),
    **dict.fromkeys(("bitwise_and", "bitwise_or", "bitwise_xor"), _BY_SECOND),
    **dict.fromkeys(("bitwise_left_shift", "bitwise_right_shift"), _BY_SECOND),
    **dict.fromkeys(("copysign", "xlogy"), _BY_SECOND),
    "div": ("Tensor", "Scalar", "Tensor_mode", "Scalar_mode"),
    "pow": ("Tensor_Scalar", "Tensor_Tensor", "Scalar"),
    "where": ("self", "ScalarSelf", "ScalarOther", "Scalar"),
    "round": ("default", "decimals"),
    "ldexp": ("Tensor",),
    **dict.fromkeys(("clamp", "clamp_min", "clamp_max"), ("default", "Tensor")),
    "sum": ("default", "dim_IntList"),
    "mean": ("default", "dim"),
    "prod": ("default", "dim_int"),
    **dict.fromkeys(("max", "min"), ("default", "dim", "other")),
    **dict.fromkeys(("std", "var"), ("correction", "default", "dim")),
    "select": ("int",),
    "slice": ("Tensor",),
    "split": ("Tensor",),
    "unsafe_split": ("Tensor",),
    "unbind": ("int",),
    "index": ("Tensor",),
    "frexp": ("Tensor",),
    "transpose": ("int",),
    "squeeze": ("default", "dim", "dims"),
    "index_fill": ("int_Scalar", "int_Tensor"),
    "scatter": ("src", "value"),
    "scatter_reduce": ("two",),
    "_ctc_loss": ("default", "Tensor"),
    "bernoulli_": ("float", "Tensor"),
}

# What PyTorch's scripts name and derivo computes by parts: found, never met.
_BY_PARTS = (
    "_scaled_dot_product_flash_attention",
    "_scaled_dot_product_flash_attention_for_cpu",
    "_scaled_dot_product_efficient_attention",
    "_scaled_dot_product_cudnn_attention",
    "_scaled_dot_product_attention_math",
    "native_dropout",
    "bernoulli_",
)


def _forms(name: str) -> tuple[str, ...]:
    found = _FORMS.get(name)
    if found is None and name.endswith("_"):
        found = _FORMS.get(name[:-1])
    return ("default",) if found is None else found


# Steps of functions that can be called by PyTorch's names of them, and where they are.
_CALLABLE_STEPS = {
    "_safe_softmax": "derivo.ops.normalization",
    "_softmax_backward_data": "derivo.ops.normalization",
    "grid_sampler_2d": "derivo.nn._functional.vision",
    "grid_sampler_3d": "derivo.nn._functional.vision",
    "native_batch_norm": "derivo.nn._functional.norm",
    "native_group_norm": "derivo.nn._functional.norm",
}


def _function(name: str) -> Any:
    """The function of an operation, by PyTorch's name of it."""
    if name in _CALLABLE_STEPS:
        return getattr(import_module(_CALLABLE_STEPS[name]), name.lstrip("_"))
    for prefix in ("", "nn.functional.", "Tensor."):
        if prefix + name in FUNCTIONS:
            return FUNCTIONS[prefix + name]
    import derivo

    holders: list[tuple[Any, str]] = [(derivo, name), (derivo.Tensor, name)]
    for space in ("linalg", "special"):
        if name.startswith(space + "_"):
            holders = [(getattr(derivo, space), name[len(space) + 1 :])]
    for holder, found in holders:
        function = getattr(holder, found, None)
        if callable(function) and not isinstance(function, type):
            return function
    return None


# Steps of operations that have no public function of their name.
# fmt: off
_STEPS = frozenset((
    "_trilinear", "_unique2", "_unsafe_view", "adaptive_avg_pool2d",
    "adaptive_avg_pool3d", "affine_grid_generator", "alias", "constant_pad_nd",
    "convolution", "copy_", "diagonal_backward", "embedding_backward",
    "embedding_dense_backward", "grid_sampler_2d", "grid_sampler_3d", "index",
    "linalg_cross", "linalg_vector_norm", "native_layer_norm", "nll_loss_backward",
    "reflection_pad1d", "reflection_pad2d", "reflection_pad3d", "replication_pad1d",
    "replication_pad2d", "replication_pad3d", "select_backward", "slice",
    "slice_backward", "unfold_backward", "unique_dim", "unsafe_split",
))
# fmt: on


@cache
def _known(name: str) -> bool:
    return not name.startswith("__") and (
        name in _RENAMED.values()
        or name in _STEPS
        or name in _BY_PARTS
        or (name in REGISTRY and name not in _RENAMED)
        or _function(name) is not None
    )


def packet(name: str) -> OpOverloadPacket:
    """Operation by PyTorch's name; AttributeError if derivo has none of it."""
    if not _known(name):
        raise AttributeError(
            f"[ops] '_OpNamespace' 'aten' object has no attribute '{name}': derivo has "
            "no operation of this name."
        )
    return _packet(name)


@cache
def _packet(name: str) -> OpOverloadPacket:
    return OpOverloadPacket("aten" if _known(name) else "derivo", name)


# ------------------------------------------------------------------ what is called


def identify(
    kind: str, op: Any, args: tuple[Any, ...]
) -> tuple[OpOverload, tuple[Any, ...], dict[str, Any]]:
    """Tell which operation a call that was intercepted is, and with what arguments.

    Parameters
    ----------
    kind, op, args
        As a mode gets them (see `derivo.func._modes`).
    """
    kwargs: dict[str, Any] = {}
    if kind == "primitive":
        name = op.name
        tensors = list(args[0])
        args = (tensors, *args[1:]) if name in _LISTS else (*tensors, *args[1:])
    elif kind == "function":
        if op is products.again:
            form, c, a, b, beta, alpha = args
            name = _PRODUCTS[form]
            args = (a, b) if c is None else (c, a, b)
            if c is not None and (beta != 1 or alpha != 1):
                kwargs = {"beta": beta, "alpha": alpha}
        else:
            name = _FUNCTIONS.get(op) or op.__name__
    else:
        name = op.name
        if kind == "inplace" and not name.endswith("_"):
            name += "_"
        elif kind == "out":
            kwargs, args = {"out": args[0]}, args[1:]
    plain = name.rstrip("_") if kind == "inplace" else name
    aten = _RENAMED.get(plain, plain) + name[len(plain) :]
    found = _packet(aten)
    return getattr(found, _form(plain, found.__name__, args)), args, kwargs


_LISTS = {"cat", "stack", "block_diag"}


def _is_tensor(args: tuple[Any, ...], place: int) -> bool:
    return len(args) > place and isinstance(args[place], TensorBase)


def _form(own: str, name: str, args: tuple[Any, ...]) -> str:
    """Which of an operation's forms a call is; `own` is derivo's name of it."""
    forms = _forms(name)
    if len(forms) == 1:
        return forms[0]
    plain = name.rstrip("_")
    if plain in ("add", "sub", "mul", "div"):
        return "Tensor_mode" if own in ("div_floor", "div_trunc") else "Tensor"
    if plain == "pow":
        if not _is_tensor(args, 0):
            return "Scalar"
        return "Tensor_Tensor" if _is_tensor(args, 1) else "Tensor_Scalar"
    if plain == "where":
        if _is_tensor(args, 1):
            return "self" if _is_tensor(args, 2) else "ScalarOther"
        return "ScalarSelf" if _is_tensor(args, 2) else "Scalar"
    if plain in ("sum", "mean", "prod", "squeeze", "max", "min"):
        dim = args[1] if len(args) > 1 else None
        if dim is None or dim == ():
            return "default"
        if plain in ("prod", "max", "min") and dim == tuple(range(args[0].dim())):
            return "default"
        return "dims" if plain == "squeeze" and isinstance(dim, tuple) else forms[1]
    if plain == "round":
        return "default" if own == "round" else "decimals"
    place = {"lerp": 2, "masked_fill": 2, "index_fill": 2}.get(plain, 1)
    for form in forms:
        if ("Tensor" in form) == _is_tensor(args, place):
            return form
    return forms[0]
