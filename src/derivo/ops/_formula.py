"""Formulas of operations: definition and derivative, as people write them.

Made from the scalar expression that the kernels are made from, when they are asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from derivo.ir.expr import Expr
    from derivo.ops._elementwise import Spec

__all__ = ["Formula", "OperationFormula"]


class Formula:
    """A formula of scalars.

    Attributes
    ----------
    text : str
        As a line of Python.
    latex : str
        As LaTeX.
    where : str
        What names in it stand for, such as ``s = sigmoid(x)``; often empty.
    """

    __slots__ = ("_expr", "_operands", "_results")

    def __init__(
        self, expr: Expr, operands: dict[str, Expr], results: dict[Expr, Expr]
    ) -> None:
        self._expr = expr
        self._operands = operands
        # Variables that stand for the operation's results → what those are.
        self._results = results

    @property
    def text(self) -> str:
        """The formula as a line of Python."""
        from derivo.ir.formula import text
        from derivo.ir.handwriting import tidy

        return text(tidy(self._expr))

    @property
    def latex(self) -> str:
        """The formula as LaTeX."""
        from derivo.ir.formula import latex
        from derivo.ir.handwriting import tidy

        return latex(tidy(self._expr))

    @property
    def where(self) -> str:
        """What the names of results in it stand for."""
        from derivo.ir.expr import topological
        from derivo.ir.formula import text

        used = set(topological([self._expr]))
        return ", ".join(
            f"{v.name} = {text(e)}" for v, e in self._results.items() if v in used
        )

    def derivative(self, arg: str | None = None) -> Formula:
        """Differentiate by an operand.

        Parameters
        ----------
        arg : str, optional
            Name of the operand; the first, if not given.

        Returns
        -------
        Formula
            With a derivative of its own.

        Raises
        ------
        ValueError
            If there is no such operand.
        """
        from derivo.ir.derive import gradient
        from derivo.ir.expr import substitute

        v = self._operands[self._chosen(arg)]
        (whole,) = substitute([self._expr], self._results)
        return Formula(gradient(whole, v), self._operands, self._results)

    def _chosen(self, arg: str | None) -> str:
        names = list(self._operands)
        if arg is None:
            return names[0]
        if arg not in names:
            raise ValueError(
                f"[formula] no operand {arg!r}: expected one of {', '.join(names)}."
            )
        return arg

    def __str__(self) -> str:
        """Formula, and what the names in it stand for."""
        where = self.where
        return self.text + (f"  where {where}" if where else "")

    def __repr__(self) -> str:
        return f"<formula {self}>"

    def _repr_latex_(self) -> str:
        return f"${self.latex}$"


class OperationFormula:
    """Definition and derivatives of an elementwise operation.

    Attributes
    ----------
    text, latex : str
        The definition; of several results, those joined by commas.

    Examples
    --------
    >>> import derivo
    >>> print(derivo.sigmoid.formula)
    sigmoid(x) = 1 / (1 + exp(-x))
    d/dx = s * (1 - s)  where s = sigmoid(x)
    >>> derivo.tanh.formula.derivative("x").latex
    '1 - t^{2}'
    """

    __slots__ = ("_names", "_owner")

    def __init__(self, owner: Any, names: tuple[str, ...] = ()) -> None:
        # A record, a spec, or what has one: nothing is read before it is asked for.
        self._owner = owner
        self._names = names

    @property
    def _spec(self) -> Spec:
        spec: Spec = getattr(self._owner, "spec", self._owner)
        return spec

    @property
    def _definitions(self) -> tuple[Formula, ...]:
        spec = self._spec
        operands = dict(zip(spec.names, spec.variables()[0], strict=False))
        return tuple(Formula(e, operands, {}) for e in spec.definition)

    @property
    def text(self) -> str:
        """The definition as a line of Python."""
        return ", ".join(f.text for f in self._definitions)

    @property
    def latex(self) -> str:
        """The definition as LaTeX."""
        return r",\; ".join(f.latex for f in self._definitions)

    def derivative(self, arg: str | None = None, result: int = 0) -> Formula:
        """Differentiate by an operand.

        Parameters
        ----------
        arg : str, optional
            Name of the operand; the first, if not given.
        result : int, default 0
            Which result is differentiated, if there are several.

        Returns
        -------
        Formula
            What the kernel of the backward pass multiplies the incoming gradient by.

        Raises
        ------
        ValueError
            If there is no such operand.
        """
        from derivo.ir.expr import const, substitute, var
        from derivo.ir.simplify import simplify

        spec = self._spec
        operands, _ = spec.variables()
        named = dict(zip(spec.names, operands, strict=False))
        whole = Formula(spec.definition[result], named, {})
        chosen = whole._chosen(arg)
        if spec.nout > 1 and spec._derivative is None:
            return whole.derivative(chosen)
        mask = tuple(v.name == chosen for v in operands)
        (found,), seeds, outs = spec.gradients(mask)
        results = {}
        mapping = {s: const(1 if k == result else 0) for k, s in enumerate(seeds)}
        for k, out in enumerate(outs):
            name = self._result_name(k)
            mapping[out] = v = var(out.index, name)
            results[v] = self._call(k)
        (expr,) = simplify(*substitute([found], mapping))
        return Formula(expr, named, results)

    def _result_name(self, k: int) -> str:
        spec = self._spec
        free = [
            c
            for c in (spec.name[:1], "y", "r", "u", "v", "w")
            if c.isalpha() and c not in ("e", *spec.names)
        ]
        return free[0] if spec.nout == 1 else f"{free[0]}{k}"

    def _call(self, k: int) -> Any:
        """What a result is called: the operation itself, applied to its operands."""
        spec = self._spec
        if spec.nout == 1:
            from derivo.ir.calls import call

            operands, params = spec.variables()
            return call(spec.called_as(), (*operands, *params))
        return spec.definition[k]

    def __str__(self) -> str:
        """Definition, then each derivative on a line of its own."""
        spec = self._spec
        operands = spec.names[: spec.nin]
        lines = [f"{spec.name}({', '.join(spec.names)}) = {self.text}"]
        if not spec.node:
            return lines[0]
        for k in range(spec.nout):
            for i, name in enumerate(operands):
                if i in spec.no_derivative or i < spec.first_promoted:
                    continue
                which = "d" if spec.nout == 1 else f"d[{k}]"
                try:
                    lines.append(f"{which}/d{name} = {self.derivative(name, k)}")
                except NotImplementedError:
                    lines.append(f"{which}/d{name} is not implemented")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<formula {str(self).splitlines()[0]}>"

    def _repr_latex_(self) -> str:
        spec = self._spec
        name = spec.name.replace("_", r"\_")
        arguments = ", ".join(spec.names).replace("_", r"\_")
        left = rf"\operatorname{{{name}}}({arguments})"
        lines = [rf"{left} &= {self.latex}"]
        for i, operand in enumerate(spec.names[: spec.nin]):
            if not spec.node or i in spec.no_derivative or i < spec.first_promoted:
                continue
            lines += [
                rf"\frac{{\partial}}{{\partial {operand}}} &= "
                rf"{self.derivative(operand, k).latex}"
                for k in range(spec.nout)
            ]
        body = r" \\ ".join(lines)
        return rf"$$\begin{{aligned}} {body} \end{{aligned}}$$"
