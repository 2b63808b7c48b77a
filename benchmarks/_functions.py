"""A benchmark entry for every public function, on small inputs.

The table says with which arguments a function is called; the arguments are expressions
of the inputs below. The test `tests/unit/test_benchmarks_complete.py` fails for a
public function without an entry, and for an entry that does not run.
"""

from __future__ import annotations

import importlib
import inspect
from typing import TYPE_CHECKING, Any

from benchmarks._libraries import lookup
from benchmarks._timing import Statement

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

__all__ = ["ENTRIES", "EXEMPT", "MODULES", "build", "lookup", "public_functions"]

# Modules whose functions are public; those that a version lacks are passed over.
MODULES = (
    "",
    "special",
    "linalg",
    "fft",
    "masked",
    "nn.functional",
    "nn.init",
    "nn.utils",
    "random",
    "autograd",
    "testing",
    "utils.data",
)

# Not benchmarked, and why.
EXEMPT = {
    # What they do is done once or changes settings, and is not worth a time.
    "settings": """set_default_dtype set_printoptions set_num_threads
        set_num_interop_threads set_rng_state set_default_device set_warn_always
        set_flush_denormal use_deterministic_algorithms seed random.seed
        set_float32_matmul_precision""",
    # They read or write files, fork, or compile.
    "outside": "save load compile show_config clear_cache",
    # derivo's own, or compared with nothing of the same meaning in PyTorch.
    "own": """empty_cache memory_stats reset_peak_memory_stats set_cache_limit
        elementwise explain custom_jvp custom_vjp custom_root custom_linear_solve
        fixed_point autograd.custom_jvp autograd.custom_vjp autograd.custom_root
        autograd.custom_linear_solve autograd.fixed_point""",
    # Context managers and decorators: measured by what runs inside.
    "contexts": "random.fork_rng autograd.once_differentiable autograd.strong_zero",
    # Transforms have rows of their own.
    "transforms": "vmap",
    # Test helpers that run a function very often.
    "checks": """autograd.gradcheck autograd.gradgradcheck testing.gradcheck
        testing.gradgradcheck""",
}


def _unit(torch: Any, *shape: int) -> Any:
    return torch.rand(*shape) * 0.8 + 0.1


def _leaf(torch: Any) -> Any:
    leaf = torch.rand(8, 8, requires_grad=True)
    leaf.sum().backward()
    return leaf


# The names that the table's expressions use; only those that one uses are made.
_INPUTS: dict[str, Callable[[Any], Any]] = {
    "torch": lambda torch: torch,
    "x": lambda torch: _unit(torch, 8, 8),
    "y": lambda torch: _unit(torch, 8, 8),
    "z": lambda torch: _unit(torch, 8, 8),
    "x1": lambda torch: _unit(torch, 8, 8) + 1,
    "m": lambda torch: _unit(torch, 8, 8) > 0.5,
    "k": lambda torch: torch.arange(1, 65).reshape(8, 8),
    "j": lambda torch: torch.arange(64, 0, -1).reshape(8, 8),
    "few": lambda torch: torch.arange(64).reshape(8, 8) % 5,
    "v": lambda torch: torch.rand(8),
    "u": lambda torch: torch.rand(8),
    "s": lambda torch: torch.arange(8.0),
    "i": lambda torch: torch.tensor([0, 2, 1]),
    "ii": lambda torch: torch.zeros(8, 8, dtype=torch.int64),
    "row": lambda torch: torch.tensor([0, 1, 2, 3, 4, 5, 6, 7]),
    "b": lambda torch: torch.rand(2, 8, 8),
    "posdef": lambda torch: torch.eye(8) * 8 + 1,
    "lu": lambda torch: torch.linalg.lu_factor(torch.eye(8) * 8 + 1),
    "image": lambda torch: torch.rand(2, 3, 8, 8),
    "deep": lambda torch: torch.rand(2, 4, 8, 8),
    "line": lambda torch: torch.rand(2, 3, 8),
    "volume": lambda torch: torch.rand(1, 2, 4, 4, 4),
    "kernel": lambda torch: torch.rand(4, 3, 3, 3),
    "kernel1": lambda torch: torch.rand(4, 3, 3),
    "kernel3": lambda torch: torch.rand(2, 2, 2, 2, 2),
    "tkernel": lambda torch: torch.rand(3, 4, 3, 3),
    "tkernel1": lambda torch: torch.rand(3, 4, 3),
    "triples": lambda torch: torch.rand(4, 3),
    "pairs": lambda torch: torch.rand(8, 2),
    "columns": lambda torch: torch.rand(1, 12, 9),
    "flat": lambda torch: torch.rand(64),
    "pooled1": lambda torch: torch.rand(2, 3, 4),
    "places1": lambda torch: torch.arange(0, 8, 2).expand(2, 3, 4),
    "pooled2": lambda torch: torch.rand(2, 3, 4, 4),
    "places2": lambda torch: (
        torch.arange(0, 64, 16)[:, None] + torch.arange(0, 8, 2)
    ).expand(2, 3, 4, 4),
    "pooled3": lambda torch: torch.rand(1, 2, 2, 2, 2),
    "places3": lambda torch: (
        torch.tensor([0, 2, 8, 10, 32, 34, 40, 42])
        .reshape(2, 2, 2)
        .expand(1, 2, 2, 2, 2)
    ),
    "logits": lambda torch: torch.rand(8, 8),
    "labels": lambda torch: torch.arange(8),
    "signs": lambda torch: torch.ones(8, 8),
    "c": lambda torch: torch.complex(_unit(torch, 8, 8), _unit(torch, 8, 8)),
    "p": lambda torch: torch.full((8, 8), 0.5),
    "leaf": _leaf,
    "theta": lambda torch: torch.rand(2, 2, 3),
    "places": lambda torch: torch.rand(2, 4, 4, 2) * 2 - 1,
    "seq": lambda torch: torch.rand(5, 1, 8),
    "places0": lambda torch: torch.tensor([[1, 2]]),
    "weights": lambda torch: torch.rand(24, 8),
    "biases": lambda torch: torch.rand(24),
    "state": lambda torch: torch.get_rng_state(),
}


# Arguments, then the names called with them.
_TABLE: dict[str, str] = {
    "x": """
        abs absolute acos arccos asin arcsin atan arctan ceil cos cosh deg2rad
        digamma erf erfc erfinv exp exp2 expm1 fix floor frac i0 isfinite isinf
        isnan isneginf isposinf isreal lgamma log log10 log1p log2 logit neg
        negative positive rad2deg reciprocal relu round rsqrt sigmoid sign
        signbit sgn sin sinc sinh sqrt square tan tanh trunc atanh arctanh asinh
        arcsinh nan_to_num angle logical_not count_nonzero sum mean prod max min
        amax amin aminmax argmax argmin all any std var var_mean std_mean median
        nanmedian nansum nanmean norm numel is_tensor is_floating_point
        is_complex clone t flatten ravel fliplr flipud rot90 argwhere nonzero
        sort argsort unbind detach det trace corrcoef cov diag diagonal tril
        triu zeros_like ones_like empty_like rand_like randn_like atleast_1d
        atleast_2d atleast_3d squeeze real conj resolve_conj resolve_neg is_conj
        is_neg is_inference selu celu mode logdet slogdet unique_consecutive
        unique diagflat diag_embed adjoint matrix_exp pinverse special.digamma
        special.erf special.erfc special.erfcx special.erfinv special.entr
        special.exp2 special.expit special.expm1 special.gammaln special.i0
        special.i0e special.i1 special.i1e special.log1p special.log_ndtr
        special.logit special.ndtr special.ndtri special.psi special.round
        special.sinc special.airy_ai special.bessel_j0 special.bessel_j1
        special.bessel_y0 special.bessel_y1 special.modified_bessel_i0
        special.modified_bessel_i1 special.modified_bessel_k0
        special.modified_bessel_k1 special.scaled_modified_bessel_k0
        special.scaled_modified_bessel_k1 special.spherical_bessel_j0
        nn.functional.relu nn.functional.relu6 nn.functional.elu
        nn.functional.selu nn.functional.celu nn.functional.gelu
        nn.functional.silu nn.functional.mish nn.functional.softplus
        nn.functional.softsign nn.functional.tanh nn.functional.sigmoid
        nn.functional.tanhshrink nn.functional.softshrink
        nn.functional.hardshrink nn.functional.hardtanh
        nn.functional.hardsigmoid nn.functional.hardswish
        nn.functional.leaky_relu nn.functional.logsigmoid
        nn.functional.normalize nn.functional.glu nn.functional.dropout
        nn.functional.alpha_dropout nn.functional.rrelu nn.functional.dropout1d
        rrelu nn.functional.feature_alpha_dropout linalg.norm linalg.vector_norm
        linalg.matrix_norm linalg.det linalg.slogdet linalg.inv linalg.svd
        linalg.svdvals linalg.qr linalg.eig linalg.eigvals linalg.pinv
        linalg.matrix_rank linalg.cond linalg.lu linalg.lu_factor
        linalg.matrix_exp linalg.diagonal inverse qr svd fft.fft fft.ifft
        fft.rfft fft.irfft fft.fft2 fft.ifft2 fft.rfft2 fft.irfft2 fft.fftn
        fft.ifftn fft.rfftn fft.irfftn fft.hfft fft.ihfft fft.fftshift
        fft.hfft2 fft.ihfft2 fft.hfftn fft.ihfftn
        fft.ifftshift alias_copy detach_copy squeeze_copy t_copy from_dlpack
        frexp diagonal_copy unbind_copy
    """,
    "x1": "acosh arccosh",
    "x.clone()": """
        abs_ acos_ arccos_ asin_ arcsin_ atan_ arctan_ ceil_ cos_ cosh_ deg2rad_
        erf_ erfc_ exp_ exp2_ expm1_ fix_ floor_ frac_ i0_ log_ log10_ log1p_
        log2_ logit_ neg_ negative_ rad2deg_ reciprocal_ relu_ round_ rsqrt_
        sigmoid_ sin_ sinc_ sinh_ sqrt_ square_ tan_ tanh_ trunc_ zero_ atanh_
        arctanh_ asinh_ arcsinh_ nan_to_num_ selu_ celu_ detach_ rrelu_
        nn.functional.relu_ nn.functional.elu_ nn.functional.selu_
        nn.functional.celu_ nn.functional.leaky_relu_ nn.functional.hardtanh_
        nn.functional.rrelu_ nn.init.uniform_ nn.init.normal_ nn.init.ones_
        nn.init.zeros_ nn.init.eye_ nn.init.xavier_uniform_
        nn.init.xavier_normal_ nn.init.kaiming_uniform_ nn.init.kaiming_normal_
        nn.init.trunc_normal_ nn.init.orthogonal_
    """,
    "x.clone() + 1": "acosh_ arccosh_",
    "x.clone(), 3.0": "nn.init.constant_ fill_",
    "image.clone()": "nn.init.dirac_",
    "x.clone(), 0.5": "nn.init.sparse_ clamp_min_ clamp_max_",
    "'relu'": "nn.init.calculate_gain",
    "p": "bernoulli",
    "x, y": """
        add sub subtract mul multiply div divide true_divide floor_divide
        remainder fmod pow float_power maximum minimum fmax fmin atan2 arctan2
        hypot copysign nextafter eq ne lt le gt ge greater greater_equal less
        less_equal not_equal equal logical_and logical_or logical_xor isclose
        allclose logaddexp logaddexp2 xlogy heaviside ldexp rsub mm matmul cdist
        dist kron inner cosine_similarity nn.functional.cosine_similarity
        nn.functional.pairwise_distance special.xlog1py special.xlogy
        special.zeta igamma igammac special.gammainc special.gammaincc
        pairwise_distance nn.functional.mse_loss nn.functional.l1_loss
        nn.functional.smooth_l1_loss nn.functional.huber_loss
        nn.functional.kl_div nn.functional.binary_cross_entropy
        nn.functional.binary_cross_entropy_with_logits
        nn.functional.poisson_nll_loss nn.functional.linear linalg.matmul
        linalg.vecdot broadcast_tensors is_same_size complex polar normal
    """,
    "x, signs": """
        nn.functional.soft_margin_loss nn.functional.hinge_embedding_loss
        nn.functional.multilabel_soft_margin_loss
    """,
    "x, y, signs": "nn.functional.margin_ranking_loss nn.functional.gaussian_nll_loss",
    "x, y, v * 0 + 1": "nn.functional.cosine_embedding_loss",
    "x, y, z": """
        addcmul addcdiv lerp addmm nn.functional.triplet_margin_loss
        nn.functional.triplet_margin_with_distance_loss chain_matmul
    """,
    "logits, labels": """
        nn.functional.cross_entropy nn.functional.nll_loss
        nn.functional.multi_margin_loss
    """,
    "logits, ii": "nn.functional.multilabel_margin_loss",
    "x, 2": """
        unsafe_chunk chunk split tensor_split hsplit vsplit unsafe_split topk
        kthvalue matrix_power linalg.matrix_power repeat_interleave result_type
        split_copy
    """,
    "x1 + 1, 2": "mvlgamma special.multigammaln",
    "b, 2": "dsplit",
    "2, x1": "polygamma special.polygamma",
    "m, x, y": "where",
    "x.abs(), v.abs()": "nn.functional.prelu prelu",
    "x, 0.2, 0.8": "clamp clip nn.functional.threshold threshold",
    "x.clone(), 0.2, 0.8": "clamp_ clip_ nn.functional.threshold_ threshold_",
    "x, 0.5": "clamp_min clamp_max hardshrink",
    "x, 0.5, True": """
        dropout alpha_dropout feature_dropout feature_alpha_dropout
        native_dropout
    """,
    "(x * 100).round(), y": "binomial",
    "x.clone(), 0.5, True": """
        dropout_ alpha_dropout_ feature_dropout_ feature_alpha_dropout_
    """,
    "x.clone(), y": "ldexp_ xlogy_",
    "k, j": "bitwise_and bitwise_or bitwise_xor gcd lcm isin",
    "k.clone(), j": "gcd_ lcm_",
    "k, few": "bitwise_left_shift bitwise_right_shift",
    "k": "bitwise_not",
    "row": "bincount nn.functional.one_hot",
    "v": """
        vander linalg.vander combinations cartesian_prod block_diag trapezoid
        trapz poisson
    """,
    "v, u": "dot vdot outer ger",
    "x, v": "mv diagonal_scatter",
    "v, x, u": "addmv addmv_",
    "x, v, u": "addr",
    "b, b": "bmm",
    "b, b, b": "baddbmm nn.functional.scaled_dot_product_attention",
    "x, b, b": "addbmm",
    "[x, y, z]": """
        cat concat concatenate stack hstack vstack dstack column_stack row_stack
        linalg.multi_dot nn.utils.parameters_to_vector
    """,
    "'ij,jk->ik', x, y": "einsum",
    "x, y, 1": "tensordot",
    "v, s": "meshgrid",
    "triples, triples": "cross linalg.cross",
    "x, 1": """
        logsumexp softmax log_softmax cumsum cumprod cummax cummin logcumsumexp
        nn.functional.softmax nn.functional.log_softmax nn.functional.softmin
        special.softmax special.log_softmax special.logsumexp unsqueeze
        unsqueeze_copy
    """,
    "x, 0.5, 1": "quantile nanquantile",
    "x, 2, 1, 0.9": "renorm",
    "x, [1]": "flip",
    "x, 1, 0": """
        transpose swapaxes swapdims movedim moveaxis transpose_copy select
        select_copy
    """,
    "x, 3, 1": "roll",
    "x, (1, 0)": "permute permute_copy",
    "x, (4, 16)": "reshape",
    "x, (2, 8, 8)": "broadcast_to expand_copy",
    "x, (64,)": "view_copy",
    "x, (2, 2)": "tile",
    "x, 0, (2, 4)": "unflatten",
    "x, 0, 1, 3": "narrow narrow_copy slice_copy",
    "x, (2, 3), (1, 2)": "as_strided as_strided_copy",
    "x, [3, 5]": "split_with_sizes unsafe_split_with_sizes split_with_sizes_copy",
    "x, (1, 1)": "nn.functional.pad constant_pad_nd",
    "x, v, 0, 1": "select_scatter",
    "x, x[2:4], 0, 2, 4": "slice_scatter",
    "x, x[:2, :3].clone(), (2, 3), (8, 1)": "as_strided_scatter",
    "v,": "diff cumulative_trapezoid gradient msort",
    "(2, 8), (2, 1)": "broadcast_shapes",
    "x, 0, i": "index_select",
    "x, 0, ii": "gather",
    "x, ii, 0": "take_along_dim",
    "x, i": "take",
    "x, 0, ii, y": "scatter scatter_add",
    "x, 0, ii, y, 'sum'": "scatter_reduce",
    "x, 0, i, y[:3]": "index_add index_copy",
    "x, 0, i, 2.0": "index_fill",
    "x, 0, i, y[:3], 'mean'": "index_reduce",
    "x, (i,), y[:3]": "index_put",
    "x.clone(), (i,), y[:3]": "index_put_",
    "x, m": "masked_select",
    "x, m, 0.0": "masked_fill",
    "x, m, y": "masked_scatter",
    "s, x": "searchsorted",
    "x, s": "bucketize",
    "row, (2, 4)": "unravel_index",
    "i, x": "nn.functional.embedding",
    "x, (8,)": "nn.functional.layer_norm layer_norm nn.functional.rms_norm rms_norm",
    "image, 3": "nn.functional.group_norm group_norm nn.functional.local_response_norm",
    "image": """
        nn.functional.instance_norm nn.functional.dropout2d
        nn.functional.dropout3d
    """,
    "image, None, None, None, None, True": "nn.functional.batch_norm",
    "image, kernel": "nn.functional.conv2d conv2d",
    "line, kernel1": "nn.functional.conv1d conv1d",
    "volume, kernel3": """
        nn.functional.conv_transpose3d conv_transpose3d nn.functional.conv3d
        conv3d
    """,
    "image, tkernel": "nn.functional.conv_transpose2d conv_transpose2d",
    "line, tkernel1": "nn.functional.conv_transpose1d conv_transpose1d",
    "image, 2": """
        nn.functional.max_pool2d max_pool2d nn.functional.avg_pool2d
        nn.functional.adaptive_avg_pool2d nn.functional.adaptive_max_pool2d
        nn.functional.max_pool2d_with_indices nn.functional.unfold
        nn.functional.upsample nn.functional.upsample_nearest
        nn.functional.upsample_bilinear nn.functional.interpolate
        nn.functional.adaptive_max_pool2d_with_indices
    """,
    "line, 2": """
        nn.functional.max_pool1d max_pool1d nn.functional.avg_pool1d avg_pool1d
        nn.functional.adaptive_avg_pool1d adaptive_avg_pool1d
        nn.functional.adaptive_max_pool1d
        nn.functional.adaptive_max_pool1d_with_indices
        nn.functional.max_pool1d_with_indices
    """,
    "volume, 2": """
        nn.functional.max_pool3d max_pool3d nn.functional.avg_pool3d
        nn.functional.adaptive_avg_pool3d nn.functional.adaptive_max_pool3d
        nn.functional.adaptive_max_pool3d_with_indices
        nn.functional.max_pool3d_with_indices
    """,
    "image, 2.0, 2": "nn.functional.lp_pool2d",
    "line, 2.0, 2": "nn.functional.lp_pool1d",
    "deep, 2": """
        nn.functional.pixel_shuffle pixel_shuffle nn.functional.pixel_unshuffle
        pixel_unshuffle nn.functional.channel_shuffle channel_shuffle
    """,
    "columns, (4, 4), (2, 2)": "nn.functional.fold",
    "x, y, b, None": "nn.functional.bilinear bilinear",
    "x,": "nn.functional.gumbel_softmax pdist nn.functional.pdist",
    "8": """
        eye randperm hann_window hamming_window blackman_window bartlett_window
        fft.fftfreq fft.rfftfreq
    """,
    "(8, 8)": "zeros ones empty rand randn",
    "(8, 8), 3.0": "full",
    "x, 3.0": "full_like fill",
    "x, 9": "randint_like",
    "0, 9, (8, 8)": "randint",
    "0.0, 8.0": "arange",
    "0.0, 1.0, 9": "linspace logspace",
    "3.0": "scalar_tensor",
    "[1.0, 2.0, 3.0]": "tensor as_tensor asarray",
    "(8, 8), (8, 1)": "empty_strided",
    "(8, 8), (1, 0)": "empty_permuted",
    "4, 4": "tril_indices triu_indices",
    "x.numpy()": "from_numpy",
    "bytearray(64), dtype=torch.float32": "frombuffer",
    "torch.float32, torch.float64": "promote_types can_cast",
    "x, y, rtol=10.0, atol=10.0": "testing.assert_close",
    "8, dtype=torch.float32, low=0, high=1, device='cpu'": "testing.make_tensor",
    "0": "manual_seed random.manual_seed",
    "p, 1": "multinomial",
    "": """
        initial_seed get_rng_state get_default_dtype is_grad_enabled
        is_inference_mode_enabled get_num_threads get_num_interop_threads
        random.initial_seed random.get_rng_state
        are_deterministic_algorithms_enabled get_default_device
        is_warn_always_enabled is_anomaly_enabled get_float32_matmul_precision
        is_anomaly_check_nan_enabled autograd.is_multithreading_enabled
        utils.data.get_worker_info autograd.is_inference_mode_enabled
    """,
    "state": "random.set_rng_state",
    "c": "imag view_as_real conj_physical",
    "pairs": "view_as_complex",
    "(leaf * leaf).sum()": "autograd.backward",
    "(leaf * leaf).sum(), leaf": "autograd.grad",
    "posdef": """
        lu svd_lowrank pca_lowrank linalg.lu_factor_ex linalg.inv_ex
        cholesky_inverse cholesky
        linalg.cholesky linalg.eigh linalg.eigvalsh linalg.cholesky_ex
    """,
    "posdef.reshape(2, 4, 2, 4)": "linalg.tensorinv",
    "posdef.reshape(2, 4, 8), x[0].reshape(2, 4)": "linalg.tensorsolve",
    "flat, 8, return_complex=True": "stft",
    "x, mask=x > 0.5": """
        masked.sum masked.prod masked.amax masked.amin masked.mean masked.median
        masked.norm masked.var masked.std masked.logsumexp masked.argmax masked.argmin
    """,
    "x, 1, mask=x > 0.5": """
        masked.softmax masked.log_softmax masked.softmin masked.cumsum masked.cumprod
    """,
    "x, 2.0, 1, mask=x > 0.5": "masked.normalize",
    "x, y, input_mask=x > 0.5": "masked.logaddexp",
    "torch.fft.rfft(x).mT, 8, window=torch.ones(8)": "istft",
    "posdef, x": "linalg.solve linalg.solve_ex",
    "*lu, x": "linalg.lu_solve",
    "x, *lu": "lu_solve",
    "*lu": "lu_unpack",
    "posdef, x, upper=True": "linalg.solve_triangular",
    "x, posdef": "linalg.lstsq cholesky_solve",
    "x, bins=4": "histc",
    "[leaf], 1.0": """
        nn.utils.clip_grad_norm_ nn.utils.clip_grad_value_
        nn.utils.clip_grad_norm
    """,
    "[leaf]": "nn.utils.get_total_norm",
    "flat, [x]": "nn.utils.vector_to_parameters",
    "range(10), [6, 4]": "utils.data.random_split",
    "[x, y]": "utils.data.default_collate utils.data.default_convert",
    "c.clone()": "conj_physical_",
    "x, few": """
        embedding special.chebyshev_polynomial_t special.chebyshev_polynomial_u
        special.chebyshev_polynomial_v special.chebyshev_polynomial_w
        special.hermite_polynomial_h special.hermite_polynomial_he
        special.laguerre_polynomial_l special.legendre_polynomial_p
        special.shifted_chebyshev_polynomial_t
        special.shifted_chebyshev_polynomial_u
        special.shifted_chebyshev_polynomial_v
        special.shifted_chebyshev_polynomial_w
    """,
    "v[0]": "is_nonzero",
    "x, (8,), None, None, 1e-5": "native_layer_norm",
    "few, x": "nn.functional.embedding_bag",
    "volume, 2.0, 2": "nn.functional.lp_pool3d",
    "pooled1, places1, 2": "nn.functional.max_unpool1d",
    "pooled2, places2, 2": "nn.functional.max_unpool2d",
    "pooled3, places3, 2": "nn.functional.max_unpool3d",
    "[leaf], 1.0, v[0]": "nn.utils.clip_grads_with_norm_",
    "x, i, v[:3]": "put",
    "0, 8": "range",
    "x.clone(), (2, 3), (1, 2)": "as_strided_",
    "x, size=9": "nonzero_static",
    "theta, (2, 3, 8, 8)": "nn.functional.affine_grid",
    "image, places": "nn.functional.grid_sample",
    "seq, seq, seq, 8, 2, weights, biases, None, None, False, 0.0, x, v": """
        nn.functional.multi_head_attention_forward
    """,
    "x.clone(), b": "resize_as_",
    "image, 2, 3": """
        nn.functional.fractional_max_pool2d
        nn.functional.fractional_max_pool2d_with_indices
    """,
    "volume, 2, 2": """
        nn.functional.fractional_max_pool3d
        nn.functional.fractional_max_pool3d_with_indices
    """,
    "x, logits, labels": "nn.functional.linear_cross_entropy",
    "seq, places0, (5,), (2,)": "nn.functional.ctc_loss",
    "x, 0, 3, 2": "unfold_copy",
}

ENTRIES: dict[str, str] = {
    name: arguments for arguments, names in _TABLE.items() for name in names.split()
}


def exempt() -> frozenset[str]:
    """Return the names of functions that need no entry."""
    return frozenset(n for names in EXEMPT.values() for n in names.split())


def public_functions(library: ModuleType) -> set[str]:
    """Return the public functions of a library: of each module, what it lists."""
    found = set()
    for path in MODULES:
        name = f"{library.__name__}.{path}" if path else library.__name__
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError as e:
            if e.name != name:
                raise
            continue
        listed = getattr(module, "__all__", None) or [
            n for n in vars(module) if not n.startswith("_")
        ]
        for entry in listed:
            thing = getattr(module, entry)
            if inspect.isclass(thing) or inspect.ismodule(thing) or not callable(thing):
                continue
            found.add(f"{path}.{entry}" if path else entry)
    return found


def build(library: ModuleType, name: str) -> Statement:
    """Return the statement that calls the public function."""
    expression = f"function({ENTRIES[name].strip()})"
    names = compile(expression, name, "eval").co_names
    library.manual_seed(0)
    scope = {n: _INPUTS[n](library) for n in names if n in _INPUTS}
    return Statement(expression, function=lookup(library, name), **scope)
