"""PyTorch's operator database as entries: name, family, callable, samples."""

from __future__ import annotations

import dis
import functools
import itertools
import types
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import torch
from torch.testing._internal import common_methods_invocations as database

from conformance._library import MissingError, getattr_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance._library import Library

CHECKS = (
    "forward",
    "integer",
    "bool",
    "backward",
    "double backward",
    "nodes",
    "forward-mode",
    "vmap",
    "errors",
    "methods",
    "in-place",
    "complex",
    "complex backward",
)

# Checks that run backward, and the dtype of their inputs.
GRADIENTS = {
    "backward": torch.float64,
    "double backward": torch.float64,
    "complex backward": torch.complex128,
    "forward-mode": torch.float64,
    "nodes": torch.float64,
}

# Checks of another form of the operation, and where the database has it.
FORMS = {"methods": "method_variant", "in-place": "inplace_variant"}

FAMILIES = (
    "unary",
    "binary",
    "reduction",
    "views/shape",
    "indexing",
    "products/linalg",
    "nn.functional",
    "special",
    "fft",
    "creation",
    "random",
    "other",
)

# Where the class of the database's entry and the name's prefix do not tell.
_BY_NAME = {
    "random": """cauchy exponential geometric log_normal normal uniform randn rand
        randn_like rand_like randint randint_like multinomial bernoulli randperm""",
    "creation": """arange linspace logspace zeros ones full empty eye zeros_like
        ones_like full_like empty_like new_zeros new_ones new_full new_empty
        new_empty_strided empty_strided empty_permuted scalar_tensor tril_indices
        triu_indices meshgrid complex polar vander cartesian_prod combinations
        block_diag asarray tensor""",
    "reduction": """max min median nanmedian quantile nanquantile var_mean std_mean
        mode norm logsumexp trace kthvalue sort msort argsort topk unique
        unique_consecutive cumsum cumprod cummax cummin logcumsumexp histc histogram
        histogramdd bincount aminmax count_nonzero equal allclose hash_tensor dist
        cov corrcoef trapezoid trapz cumulative_trapezoid renorm softmax log_softmax
        std var any all _segment_reduce""",
    "views/shape": """broadcast_to broadcast_shapes broadcast_tensors chunk
        unsafe_chunk unsafe_split contiguous expand expand_as expand_copy diagonal
        diagonal_copy alias_copy as_strided as_strided_copy view view_as view_copy
        reshape reshape_as resize_ resize_as_ split split_with_sizes
        split_with_sizes_copy squeeze squeeze_copy unsqueeze unsqueeze_copy transpose
        transpose_copy t t_copy permute permute_copy movedim moveaxis swapaxes
        swapdims T H mT mH flatten unflatten ravel unbind unbind_copy unfold
        unfold_copy narrow narrow_copy select slice flip fliplr flipud roll rot90 tile
        repeat repeat_interleave cat concat concatenate stack hstack vstack dstack
        column_stack hsplit vsplit dsplit tensor_split atleast_1d atleast_2d
        atleast_3d view_as_real view_as_complex diag diag_embed diagflat tril triu
        adjoint detach_copy clone to sum_to_size resolve_conj resolve_neg block_diag
        ravel""",
    "indexing": """__getitem__ gather scatter scatter_add scatter_reduce index_add
        index_copy index_fill index_put index_reduce index_select masked_fill
        masked_scatter masked_select take take_along_dim put nonzero nonzero_static
        argwhere where diagonal_scatter select_scatter slice_scatter as_strided_scatter
        isin searchsorted bucketize unravel_index""",
    "products/linalg": """addmm addmv addbmm baddbmm dot vdot bmm mv mm addr matmul
        outer ger inner kron einsum tensordot chain_matmul cdist cholesky
        cholesky_inverse cholesky_solve lu lu_solve lu_unpack geqrf ormqr qr svd
        svd_lowrank pca_lowrank inverse det logdet slogdet matrix_exp pinverse
        triangular_solve cross addmm_decomposed linalg_lu orgqr logaddmm
        __rmatmul__ sparse.mm sparse.sampled_addmm""",
    "binary": """__radd__ __rdiv__ __rmul__ __rand__ __ror__ __rxor__ __rmod__
        __rpow__ __rsub__ addcmul addcdiv lerp clamp hypot polar""",
    "unary": "frexp nan_to_num item polygamma mvlgamma positive conj real imag",
}
_FAMILY_OF = {name: fam for fam, names in _BY_NAME.items() for name in names.split()}
_PREFIX = (
    ("nn.functional.", "nn.functional"),
    ("special.", "special"),
    ("fft.", "fft"),
    ("linalg.", "products/linalg"),
    ("signal.windows.", "creation"),
    ("masked.", "reduction"),
)

# Results whose values are whatever the memory held.
UNINITIALISED = {
    "empty",
    "empty_like",
    "empty_permuted",
    "empty_strided",
    "new_empty",
    "new_empty_strided",
    "resize_",
    "resize_as_",
}

# Samples per check: the first ones, then some from further on, then the first ones
# again with strided memory.
FIRST, FURTHER, HORIZON, STRIDED = 10, 14, 160, 4
LARGEST = 300_000


@dataclass(frozen=True)
class Entry:
    """One entry of the database."""

    index: int
    key: str
    family: str
    info: Any

    def applies(self, check: str) -> bool:
        """Whether the database declares the check for this entry on the CPU."""
        if type(self.info.op).__name__ == "_JittedFunction":
            return False  # compiled for CUDA only
        if check in FORMS and getattr(self.info, FORMS[check]) is None:
            return False
        if check == "errors":
            return self.info.error_inputs_func is not None
        if check in GRADIENTS:
            info = self.info
            return (
                info.supports_autograd
                and GRADIENTS[check] in info.supported_backward_dtypes("cpu")
                and (check != "double backward" or info.supports_gradgrad)
                and (check != "forward-mode" or info.supports_forward_ad)
            )
        return self.dtype(check) is not None

    def dtype(self, check: str) -> torch.dtype | None:
        """Return the dtype in which a check runs."""
        supported = self.info.supported_dtypes("cpu")
        order: tuple[torch.dtype, ...]
        if check in {"forward", "methods", "in-place"}:
            order = (
                torch.float32,
                torch.float64,
                torch.int64,
                torch.bool,
                torch.complex64,
                torch.uint8,
            )
        elif check == "integer":
            order = (torch.int64, torch.int32, torch.uint8, torch.int16, torch.int8)
        elif check == "bool":
            order = (torch.bool,)
        elif check == "complex":
            order = (torch.complex64,)
        else:
            order = (GRADIENTS.get(check, torch.float64),)
        return next((d for d in order if d in supported), None)

    @property
    def elementwise(self) -> bool:
        return self.family in {"unary", "binary", "special"}

    def samples(self, check: str) -> Iterator[Any]:
        """Yield the samples of a forward or backward check."""
        grad = check in GRADIENTS
        stream = self.info.sample_inputs("cpu", self.dtype(check), requires_grad=grad)
        head = list(itertools.islice(stream, HORIZON))
        chosen = head[:FIRST]
        rest = head[FIRST:]
        if rest:
            step = max(1, len(rest) // FURTHER)
            chosen += rest[::step][:FURTHER]
        chosen = [s for s in chosen if _numel(s) <= LARGEST]
        yield from chosen
        for sample in chosen[:STRIDED]:
            try:
                # Keeping the function that selects what is differentiable.
                strided = sample.noncontiguous()
            except (RuntimeError, TypeError, NotImplementedError):
                continue
            yield strided

    def error_samples(self) -> Iterator[Any]:
        yield from itertools.islice(self.info.error_inputs("cpu"), 40)


@cache
def entries() -> tuple[Entry, ...]:
    """Return the whole database."""
    found = []
    for index, info in enumerate(database.op_db):
        variant = info.variant_test_name
        key = f"{info.name}[{variant}]" if variant else info.name
        found.append(Entry(index, key, _family(info), info))
    return tuple(found)


def _family(info: Any) -> str:
    for prefix, family in _PREFIX:
        if info.name.startswith(prefix):
            return family
    if info.name in _FAMILY_OF:
        return _FAMILY_OF[info.name]
    if isinstance(info, database.ReductionOpInfo):
        return "reduction"
    if isinstance(info, database.UnaryUfuncInfo):
        return "unary"
    if isinstance(info, database.BinaryUfuncInfo):
        return "binary"
    return "other"


def _numel(sample: Any) -> int:
    def count(v: Any) -> int:
        if isinstance(v, torch.Tensor):
            return v.numel()
        if isinstance(v, (list, tuple)):
            return sum(map(count, v))
        if isinstance(v, dict):
            return sum(map(count, v.values()))
        return 0

    return count(sample.input) + count(sample.args) + count(sample.kwargs)


def _slice(
    x: Any,
    dim: int = 0,
    start: int | None = None,
    end: int | None = None,
    step: int = 1,
) -> Any:
    # aten::slice has no name in Python: this is how it is written. (As a subscript, all
    # of a dimension is no slice.)
    if step == 1:
        first, last, _ = slice(start, end).indices(x.shape[dim])
        return x.narrow(dim, first, max(last - first, 0))
    return x[(slice(None),) * (dim % max(x.dim(), 1)) + (slice(start, end, step),)]


def resolve(entry: Entry, library: Library) -> Callable[..., Any]:
    """Find the library's callable for an entry; MissingError where it has none."""
    op = entry.info.op
    if library.is_oracle:
        return op
    module = library.module
    if entry.info.name == "slice":
        return _slice
    home = getattr(op, "__module__", None) or ""
    if isinstance(op, types.FunctionType) and home.startswith("torch.testing."):
        _require_names(op, library)
        return library.rebind(op)
    name = entry.info.name.removeprefix("torch.")
    if "TensorBase" in getattr(op, "__qualname__", ""):
        return getattr_path(module.Tensor, name)
    for path in (name, f"Tensor.{name}", f"ops.aten.{name}"):
        try:
            getattr_path(torch, path)
        except MissingError:
            continue
        try:
            return getattr_path(module, path)
        except MissingError:
            continue
    plain = getattr(op, "__name__", "")
    if plain and getattr(torch, plain, None) is op:
        return getattr_path(module, plain)
    raise MissingError(name)


def resolve_form(entry: Entry, check: str, library: Library) -> Callable[..., Any]:
    """Find the method or in-place method of an entry; MissingError without one."""
    form = getattr(entry.info, FORMS[check])
    if library.is_oracle:
        return form
    home = getattr(form, "__module__", None) or ""
    if isinstance(form, types.FunctionType) and home.startswith("torch.testing."):
        _require_names(form, library)
        return library.rebind(form)
    if isinstance(form, functools.partial):
        # nn.functional.mish with inplace=True
        target = getattr_path(library.module, entry.info.name)
        return functools.partial(target, *form.args, **form.keywords)
    name = form.__name__
    if getattr(torch.Tensor, name, None) is not form:
        # an in-place function of nn.functional, say
        return getattr_path(library.module, f"{entry.info.name}_")
    return getattr_path(library.module.Tensor, name)


def _require_names(function: types.FunctionType, library: Library) -> None:
    """Raise MissingError for a lambda around something that the library lacks.

    Without this, `lambda x: x.sum_to_size(...)` would be an AttributeError in each
    sample, and the entry would not be counted as missing.
    """
    path: list[str] | None = None
    for step in dis.get_instructions(function):
        if step.opname == "LOAD_GLOBAL":
            path = [] if step.argval == "torch" else None
        elif step.opname in {"LOAD_ATTR", "LOAD_METHOD"}:
            if path is not None:
                path.append(step.argval)
                getattr_path(library.module, ".".join(path))
            elif hasattr(torch.Tensor, step.argval):
                getattr_path(library.module.Tensor, step.argval)
        else:
            path = None
