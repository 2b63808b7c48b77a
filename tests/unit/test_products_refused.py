# What products refuse, and with which words.

from __future__ import annotations

import re

import pytest

import derivo as torch
from derivo import linalg
from derivo.nn import functional as F

r = torch.randn
ones = torch.ones


def randn(*shape):
    return torch.randn(shape, dtype=torch.float64)


ERRORS = [
    (lambda: torch.mm(r(2, 3), r(4, 5)), RuntimeError, "(2x3 and 4x5)"),
    (lambda: torch.mm(r(2), r(2, 3)), RuntimeError, "self must be a matrix"),
    (lambda: torch.mm(r(2, 3), r(3)), RuntimeError, "mat2 must be a matrix"),
    (
        lambda: torch.mm(r(2, 3), randn(3, 4)),
        RuntimeError,
        "expected m1 and m2 to have the same dtype, but got: float != double",
    ),
    (lambda: torch.mm(r(2, 3), 3), TypeError, "argument 'mat2' (position 2)"),
    (
        lambda: torch.mm(ones(2, 2).bool(), ones(2, 2).bool()),
        NotImplementedError,
        "\"addmm_impl_cpu_\" not implemented for 'Bool'",
    ),
    (lambda: torch.bmm(r(2, 3), r(2, 3)), RuntimeError, "batch1 must be a 3D tensor"),
    (lambda: torch.bmm(r(2, 3, 4), r(2, 4)), RuntimeError, "batch2 must be a 3D"),
    (
        lambda: torch.bmm(r(2, 3, 4), r(3, 4, 5)),
        RuntimeError,
        "Expected size for first two dimensions of batch2 tensor to be: [2, 4] but "
        "got: [3, 4]",
    ),
    (
        lambda: torch.bmm(r(2, 3, 4), randn(2, 4, 5)),
        RuntimeError,
        "expected scalar type Float but found Double",
    ),
    (
        lambda: torch.mv(r(2, 3), r(4)),
        RuntimeError,
        "size mismatch, got input (2), mat (2x3), vec (4)",
    ),
    (lambda: torch.mv(r(2), r(3)), RuntimeError, "vector + matrix @ vector expected"),
    (lambda: torch.dot(r(2, 2), r(2)), RuntimeError, "1D tensors expected"),
    (lambda: torch.dot(r(2), r(3)), RuntimeError, "inconsistent tensor size"),
    (lambda: torch.dot(r(2), randn(2)), RuntimeError, "to have same dtype"),
    (lambda: r(()) @ r(3), RuntimeError, "need to be at least 1D, but they are 0D"),
    (
        lambda: r(2, 3, 4) @ r(3, 4, 5),
        RuntimeError,
        "The size of tensor a (2) must match the size of tensor b (3) at "
        "non-singleton dimension 0",
    ),
    (lambda: torch.matmul(r(2), 2), TypeError, "argument 'other' (position 2)"),
    (lambda: torch.inner(r(2, 3), r(4)), RuntimeError, "last dimension must match"),
    (lambda: torch.outer(r(2, 2), r(3)), RuntimeError, "Expected 1-D argument self"),
    (lambda: torch.outer(r(2), r(3, 3)), RuntimeError, "Expected 1-D argument vec2"),
    (
        lambda: torch.addmm(r(3), r(2, 3), r(3, 4)),
        RuntimeError,
        "The expanded size of the tensor (4) must match the existing size (3) at "
        "non-singleton dimension 1.  Target sizes: [2, 4].  Tensor sizes: [3]",
    ),
    (
        lambda: torch.addmm(r(2, 3, 4), r(2, 3), r(3, 4)),
        RuntimeError,
        "the number of sizes provided (2) must be greater or equal",
    ),
    (
        lambda: torch.addmm(randn(4), r(2, 3), r(3, 4)),
        RuntimeError,
        "self and mat2 must have the same dtype, but got Double and Float",
    ),
    (
        lambda: torch.addmm(r(4), r(2, 3, 3), r(3, 4)),
        RuntimeError,
        "mat1 must be a matrix, got 3-D tensor",
    ),
    (lambda: torch.addmv(r(3), r(2, 3), r(3)), RuntimeError, "size mismatch"),
    (lambda: torch.addr(r(3, 4), r(3, 3), r(4)), RuntimeError, "1-D argument vec1"),
    (lambda: F.linear(r(2, 3), r(4, 5)), RuntimeError, "(2x3 and 5x4)"),
    (lambda: F.linear(r(2, 3), r(4, 3), r(5)), RuntimeError, "The expanded size"),
    (lambda: F.linear(r(2, 3), randn(4, 3)), RuntimeError, "the same dtype"),
    (
        lambda: F.linear(torch.tensor(1.0), r(3, 3)),
        RuntimeError,
        "both arguments to linear need to be at least 1D",
    ),
    (lambda: F.linear(r(2, 3), r(3, 2, 2)), RuntimeError, "t() expects a tensor with"),
    (
        lambda: F.bilinear(r(3, 4), r(3, 5), r(2, 4, 6)),
        RuntimeError,
        "input2 size does not match weight size: got 5 but expected 6",
    ),
    (lambda: torch.chain_matmul(), RuntimeError, "Expected one or more matrices"),
    (
        lambda: torch.chain_matmul(r(2), r(2, 3)),
        RuntimeError,
        "Tensor dimension is 1, expected 2 instead",
    ),
    (lambda: linalg.multi_dot([r(2, 3)]), RuntimeError, "at least 2 tensors but got 1"),
    (
        lambda: linalg.multi_dot([r(2, 3), r(4, 5)]),
        RuntimeError,
        "tensors 0 and 1 with shapes [2, 3] and [4, 5] cannot be multiplied",
    ),
    (
        lambda: linalg.multi_dot([r(2, 3), r(3, 3, 2), r(2, 2)]),
        RuntimeError,
        "tensor 1 must be 2D but got 3D",
    ),
    (
        lambda: torch.tensordot(r(2, 3), r(4, 2), ([1], [0])),
        RuntimeError,
        "contracted dimensions need to match, but first has size 3 in dim 1 and "
        "second has size 4 in dim 0",
    ),
    (lambda: torch.tensordot(r(2), r(2), -1), RuntimeError, "expects dims >= 0"),
    (
        lambda: torch.tensordot(r(2, 3), r(3, 2), ([1], [0, 1])),
        RuntimeError,
        "both dimension lists should have same length",
    ),
    (
        lambda: torch.tensordot(r(2, 3), r(3, 2), ([1, 1], [0, 0])),
        RuntimeError,
        "dim 1 appears multiple times in the list of dims",
    ),
    (
        lambda: torch.cross(r(2, 4), r(2, 4)),
        RuntimeError,
        "no dimension of size 3 in input",
    ),
    (
        lambda: linalg.cross(r(3, 2), r(3, 2)),
        RuntimeError,
        "inputs dimension -1 must have length 3. Got 2 and 2",
    ),
    (
        lambda: linalg.cross(r(3), r(2, 3)),
        RuntimeError,
        "inputs must have the same number of dimensions",
    ),
    (
        lambda: linalg.vecdot(r(2, 3).int(), r(2, 3).int()),
        RuntimeError,
        "Expected a floating point or complex tensor as input. Got Int",
    ),
    (
        lambda: linalg.vecdot(r(2, 3), randn(2, 3)),
        RuntimeError,
        "found x of type Float and y of type Double instead",
    ),
    (lambda: torch.trace(r(2, 3, 3)), RuntimeError, "expected a matrix"),
    (
        lambda: torch.trace(ones(2, 2).bool()),
        NotImplementedError,
        "\"trace\" not implemented for 'Bool'",
    ),
    (
        lambda: torch.einsum("ij,jk->ik", r(2, 3), r(4, 5)),
        RuntimeError,
        "subscript j has size 4 for operand 1 which does not broadcast with "
        "previously seen size 3",
    ),
    (lambda: torch.einsum("ij,jk", r(2, 3)), RuntimeError, "fewer operands were"),
    (lambda: torch.einsum("ij", r(2, 3), r(2)), RuntimeError, "more operands were"),
    (
        lambda: torch.einsum("ij->ijk", r(2, 3)),
        RuntimeError,
        "output subscript k does not appear in the equation for any input operand",
    ),
    (
        lambda: torch.einsum("i1->i", r(2, 3)),
        RuntimeError,
        "invalid subscript given at index 1 in the equation string",
    ),
    (
        lambda: torch.einsum("ijk->i", r(2, 3)),
        RuntimeError,
        "the number of subscripts in the equation (3) does not match the number of "
        "dimensions (2) for operand 0 and no ellipsis was given",
    ),
    (
        lambda: torch.einsum("ij->ii", r(2, 3)),
        RuntimeError,
        "output subscript i appears more than once in the output",
    ),
    (
        lambda: torch.einsum("ii", r(2, 3)),
        RuntimeError,
        "subscript i is repeated for operand 0 but the sizes don't match, 3 != 2",
    ),
    (
        lambda: torch.einsum("i..->i", r(2)),
        RuntimeError,
        "found '.' for operand 0 that is not part of any ellipsis",
    ),
    (
        lambda: torch.einsum("...i...->i", r(2)),
        RuntimeError,
        "found '.' for operand 0 for which an ellipsis was already found",
    ),
    (lambda: torch.einsum("i,i"), ValueError, "must specify the equation string"),
]


@pytest.mark.parametrize("number", range(len(ERRORS)))
def test_what_is_refused(number):
    call, error, phrase = ERRORS[number]
    with pytest.raises(error, match=re.escape(phrase)):
        call()
