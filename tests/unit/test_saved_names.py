# What nodes show of their parameters (autograd/_saved_names.py, _saved_facts.py).

import pytest

import derivo as torch


def x():
    return torch.arange(1.0, 7.0).reshape(2, 3).requires_grad_()


@pytest.mark.parametrize(
    ("make", "facts"),
    [
        (lambda t: t.max(1).values, {"dim": 1, "keepdim": False}),
        (lambda t: t.min(0, keepdim=True).values, {"dim": 0, "keepdim": True}),
        (lambda t: t.var(1), {"dim": (1,), "correction": 1, "keepdim": False}),
        (lambda t: t.var(), {"dim": None}),
        (lambda t: t.norm(), {"ord": 2, "dim": None}),
        (lambda t: t + 1, {"alpha": 1}),
        (lambda t: torch.sub(t, torch.ones(3), alpha=2), {"alpha": 2}),
        (lambda t: t.std(), {"dim": None, "correction": None}),
        (lambda t: t.std(0, unbiased=False), {"dim": (0,), "correction": 0}),
        (lambda t: torch.var_mean(t, correction=1.5)[0], {"correction": 1.5}),
        (lambda t: t.amax(), {"dim": ()}),
        (lambda t: t.amax((0, -1)), {"dim": (0, 1)}),
        (lambda t: t.sum().logsumexp(0), {"dim": (0,)}),
        (lambda t: t.sum().sum(0), {"dim": (0,), "self_sym_sizes": ()}),
        (lambda t: torch.aminmax(t, dim=-1).max, {"dim": 1, "keepdim": False}),
        (lambda t: torch.polygamma(2, t), {"n": 2}),
        (lambda t: torch.div(t, 2, rounding_mode="floor"), {"rounding_mode": "floor"}),
        (lambda t: torch.nn.functional.gelu(t), {"approximate": "none"}),
        (lambda t: torch.nn.functional.relu6(t), {"min_val": 0, "max_val": 6}),
        (lambda t: torch.clamp(t, 2), {"min": 2, "max": None}),
        (lambda t: torch.normal(t, 1.0), {"mean_sym_sizes": (2, 3)}),
        (
            lambda t: t.mm(torch.ones(3, 4)),
            {
                "self_sym_sizes": (2, 3),
                "self_sym_strides": (3, 1),
                "mat2_sym_sizes": (3, 4),
                "mat2_sym_strides": (),
            },
        ),
        (lambda t: t[None] @ t.t(), {"self_sym_sizes": (2, 2)}),
        (lambda t: torch.sub(t, t, alpha=2), {"alpha": 2}),
        (lambda t: t.tril(-1), {"diagonal": 2**64 - 1}),
        (lambda t: t.mm(t.t()), {"self_sym_sizes": (2, 3), "mat2_sym_strides": (1, 3)}),
        (lambda t: t.prod(1), {"dim": 1}),
        (lambda t: t.index_select(0, torch.tensor([1])), {"dim": 0}),
        (lambda t: t.split(1, 1)[0], {"split_size": 1, "dim": 1}),
        (lambda t: t.rot90(1, (0, 1)), {"k": 1, "dims": (0, 1)}),
        (
            lambda t: torch.nn.functional.mse_loss(t, t.detach() * 2),
            {"reduction": 1},
        ),
        (
            lambda t: torch.nn.functional.avg_pool2d(t[None], 2),
            # As given: without strides, and as a window is large.
            {"kernel_size": (2, 2), "stride": (), "count_include_pad": True},
        ),
        (
            lambda t: torch.nn.functional.max_pool2d(t[None], 2, 1, ceil_mode=True),
            {"stride": (1, 1), "padding": (0, 0), "ceil_mode": True},
        ),
        (
            lambda t: torch.nn.functional.interpolate(
                t[None], scale_factor=1.5, mode="linear", align_corners=True
            ),
            {"scales": 1.5, "align_corners": True, "output_size": (4,)},
        ),
        (
            lambda t: torch.nn.functional.batch_norm(
                t, torch.zeros(3), torch.ones(3), eps=0.5
            ),
            {"eps": 0.5, "training": False},
        ),
        (
            lambda t: torch.nn.functional.embedding_bag(
                torch.tensor([[0, 1]]), t, padding_idx=1
            ),
            {"mode": 1, "padding_idx": 1, "weight": None, "weight_sym_argsize_0": 2},
        ),
        (
            lambda t: torch.nn.functional.conv1d(t[None], torch.ones(4, 2, 1)),
            {"groups": 1, "transposed": False, "bias_sym_sizes_opt": (0,)},
        ),
        (
            lambda t: torch.nn.functional.conv_transpose1d(
                t[None], torch.ones(2, 4, 3), stride=2, padding=2, output_padding=1
            ),
            {"transposed": True, "output_padding": (1,)},
        ),
        (
            lambda t: torch.nn.functional.interpolate(t[None], 5),
            {"self_sym_sizes": (1, 2, 3), "output_size": (5,)},
        ),
        (
            lambda t: torch.nn.functional.pad(t[None], (1, 2), mode="reflect"),
            {"padding": (1, 2)},
        ),
        (
            lambda t: torch.nn.functional.pad(t[None], (0, 2, 1, 0), mode="replicate"),
            {"padding": (0, 2, 1, 0)},
        ),
        (
            lambda t: torch.nn.functional.unfold(t[None, None], 2),
            {"self_sym_argsize_minus_1": 3, "self_sym_argsize_minus_2": 2},
        ),
        (
            lambda t: torch.addbmm(t, torch.ones(4, 2, 5), torch.ones(4, 5, 3)),
            {"batch1_sym_argsize_0": 4, "batch2_sym_argsize_2": 3},
        ),
    ],
)
def test_facts(make, facts):
    node = make(x()).grad_fn
    for name, value in facts.items():
        assert getattr(node, f"_saved_{name}") == value
        assert f"_saved_{name}" in dir(node)


def test_operand_that_no_gradient_reads_is_none():
    node = (x() * 2).grad_fn
    assert node._saved_self is None
    assert node._raw_saved_self.data is None
    assert node._saved_other.item() == 2
    assert {"_saved_self", "_raw_saved_self", "_saved_other"} <= set(dir(node))
    node = torch.addcmul(x(), x().detach(), x(), value=3).grad_fn
    assert node._saved_tensor2 is None
    assert node._saved_tensor1 is not None
    assert node._saved_value == 3
    # A weight that is a number leaves nothing to save.
    assert dir(torch.lerp(x(), x(), 0.5).grad_fn).count("_saved_end") == 0


def test_reflected_operators_have_the_tensor_first():
    for y in (2 + x(), 2 * x()):
        first, second = y.grad_fn.next_functions
        assert first[0] is not None
        assert second == (None, 0)
    assert len((2 ** x()).grad_fn.next_functions) == 1
    assert len(torch.xlogy(2, x()).grad_fn.next_functions) == 1


@pytest.mark.parametrize("bound", ["min", "max"])
def test_clamp_by_one_tensor(bound):
    t, limit = x(), torch.full((3,), 3.0, requires_grad=True)
    y = t.clamp(**{bound: limit})
    edges = [node for node, _ in y.grad_fn.next_functions]
    place = 1 + (bound == "max")
    assert [node is not None for node in edges] == [True, place == 1, place == 2]
    other = {"min": "max", "max": "min"}[bound]
    assert getattr(y.grad_fn, f"_saved_{other}") is None
    assert getattr(y.grad_fn, f"_saved_{bound}") is limit
    y.sum().backward()
    below = t.detach() < 3 if bound == "min" else t.detach() > 3
    assert torch.equal(t.grad, torch.where(below, 0.0, 1.0))
    assert torch.equal(limit.grad, below.sum(0).float())


@pytest.mark.parametrize("dim", [0, 1, -1])
def test_index_of_elements(dim):
    t, index = x(), torch.tensor([[1, 0], [0, 1]])
    made = [
        t.gather(dim, index),
        t.scatter(dim, index, 1.0),
        t.scatter(dim, index, torch.ones(2, 2)),
        t.scatter_add(dim, index, torch.ones(2, 2)),
    ]
    for out in made:
        assert out.grad_fn._saved_dim == dim % 2
        assert torch.equal(out.grad_fn._saved_index, index)


def test_index_of_places_and_of_nothing():
    t, index = x(), torch.tensor([5, 3])
    assert torch.equal(t.take(index).grad_fn._saved_index, index)
    put = t.put(index, torch.ones(2), accumulate=True).grad_fn
    assert torch.equal(put._saved_index, index)
    assert put._saved_accumulate is True
    scalar = torch.ones((), requires_grad=True)
    assert scalar.gather(0, torch.tensor(0)).grad_fn._saved_index.item() == 0
    none = torch.zeros(2, 0, dtype=torch.int64)
    assert t.gather(1, none).grad_fn._saved_index.shape == (2, 0)


def test_statistics_of_groups_are_those_of_the_groups():
    t = torch.arange(12.0).reshape(2, 6).requires_grad_()
    node = torch.nn.functional.group_norm(t, 2, eps=0.0).grad_fn
    groups = t.detach().reshape(2, 2, 3)
    assert torch.allclose(node._saved_result1, groups.mean(-1))
    assert torch.allclose(node._saved_result2, 1 / groups.std(-1, correction=0))


@pytest.mark.parametrize("mode", ["reflect", "replicate"])
def test_padding_by_negative_borders_is_one_node(mode):
    t = torch.arange(8.0).reshape(1, 2, 4).requires_grad_()
    out = torch.nn.functional.pad(t, (-1, 2), mode=mode)
    assert out.grad_fn.next_functions[0][0].name().endswith("AccumulateGrad")
    assert out.is_contiguous()
    assert out._base is None
    out.sum().backward()
    repeated = {"reflect": [0, 2, 2, 1], "replicate": [0, 1, 1, 3]}[mode]
    assert t.grad.tolist() == [[repeated] * 2]


def test_no_operation_shows_a_name_twice_or_fails():
    t = x()
    made = [t.median(1).values, t.sort(1).values, t.std(), t.cumsum(0), t.unbind()[0]]
    for out in made:
        names = [n for n in dir(out.grad_fn) if n.startswith("_saved_")]
        assert len(names) == len(set(names)) > 0
        for name in names:
            getattr(out.grad_fn, name)


def test_set_of_a_leaf_is_refused():
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad"):
        torch.ones(2).requires_grad_().set_(torch.ones(2))


def test_unpacked_leaf_is_a_leaf():
    t = x()
    with torch.autograd.graph.saved_tensors_hooks(lambda t: t.detach(), lambda t: t):
        y = t * t
    saved = y.grad_fn._saved_self
    assert saved is not t
    assert saved.is_leaf
    assert saved.grad_fn is None
    saved.sum().backward()
    assert t.grad.tolist() == [[1.0] * 3] * 2


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        (([1, 0],), ([1, 0],)),
        ((slice(None), [2, -1]), (None, [2, 2])),
        ((torch.tensor([[0], [1]]), [0, 2]), ([[0], [1]], [0, 2])),
        ((torch.tensor([True, False]),), ([True, False],)),
        ((torch.ones(2, 3) > 0,), ([[True] * 3] * 2,)),
        (([0, 1], None, [1]), ([0, 1], None, [1])),
        ((torch.tensor([], dtype=torch.int64),), ([],)),
    ],
)
def test_indices_of_subscripts(index, expected):
    def plain(indices):
        return tuple(None if i is None else i.tolist() for i in indices)

    t = x()
    read = t[index].grad_fn
    assert plain(read._saved_indices) == expected
    assert len(read._raw_saved_indices) == len(expected)
    if None in index:
        return  # written to through a view
    written = t.clone()
    written[index] = 1.0
    assert plain(written.grad_fn._saved_indices) == expected
    assert written.grad_fn._saved_accumulate is False


def test_indices_keep_their_dtype():
    t = x()
    for kind in (torch.int32, torch.int64):
        index = torch.tensor([1], dtype=kind)
        assert t[index].grad_fn._saved_indices[0].dtype is kind
        assert t.index_select(0, index).grad_fn._saved_index.dtype is kind
        assert t.gather(0, index[None]).grad_fn._saved_index.dtype is kind


def test_masks():
    t, row = x(), torch.tensor([True, False, True])
    one = torch.tensor([[True], [False]])
    for mask in (row, one, row & one):
        chosen = t.masked_select(mask).grad_fn
        assert torch.equal(chosen._saved_mask, mask)
        scattered = t.masked_scatter(mask, t).grad_fn
        assert torch.equal(scattered._saved_mask, mask)
        assert scattered._saved_source_sym_sizes == (2, 3)


def test_nodes_of_second_derivatives_show_what_they_have():
    t = x()
    for out in (
        t[[0, 1]],
        t.index_select(1, torch.tensor([0])),
        t.index_copy(0, torch.tensor([1]), t[:1]),
        t.masked_select(t > 2),
    ):
        (g,) = torch.autograd.grad((out**2).sum(), t, create_graph=True)
        pending, seen = [g.grad_fn], 0
        while pending:
            node = pending.pop()
            for name in dir(node):
                if name.startswith("_saved_"):
                    getattr(node, name)
                    seen += 1
            pending += [f for f, _ in node.next_functions if f is not None]
        assert seen > 1


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda t: torch.diagonal_copy(t), "DiagonalBackward0_copy"),
        (lambda t: torch.narrow_copy(t, 0, 0, 1), "NarrowCopyBackward0"),
        (lambda t: torch.unbind_copy(t)[0], "UnbindBackward0_copy"),
        (lambda t: torch.split_copy(t, 1)[0], "SplitBackward0_copy"),
        (lambda t: t[:, :2].t().reshape(2, 1, 2), "ReshapeAliasBackward0"),
        (lambda t: t.t().reshape(-1), "UnsafeViewBackward0"),
        (lambda t: t.sort(stable=False).values, "SortBackward1"),
        (lambda t: torch.aminmax(t).max, "AminmaxBackward0"),
        (lambda t: t.quantile(0.5, 0), "SqueezeBackward4"),
        (lambda t: t.unsafe_split_with_sizes([1, 1])[0], "UnsafeSplitWithSizes"),
        (
            lambda t: t.as_strided_scatter(torch.ones(2), (2,), (1,)),
            "AsStridedScatterBackward0",
        ),
    ],
)
def test_names(make, name):
    t = x()
    out = make(t)
    assert out.grad_fn.name().startswith(name)
    assert torch.autograd.gradcheck(make, t.double().detach().requires_grad_())
    assert torch.autograd.gradgradcheck(make, t.double().detach().requires_grad_())


def test_broadcast_tensor_has_no_node_of_its_own():
    row, mask = torch.ones(3).requires_grad_(), torch.tensor([[True], [False]])
    for out in (
        row.masked_fill(mask, 0.0),
        row.masked_fill(mask, row.detach()[0]),
        row.masked_select(mask),
        row.masked_scatter(mask, torch.zeros(3)),
        row.put(torch.tensor([[0]]), row[:1].detach()),
    ):
        assert out.grad_fn.next_functions[0][0].variable is row
        (g,) = torch.autograd.grad(out.sum(), row)
        assert g.shape == (3,)
