"""Derived operators as data: a formula of `newton` or `eigenvalues` over base methods that a backend declares already.

A backend names its Hessians, its gradient, its linearized gradient and its `Algebra`; the methods follow, each as one
function of x and the data that the framework compiles whole. What is driven by SciPy is made of `parts`, base methods
that are built as they are, and calls them from the host.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.method import Builder, Method
from hessbench.backends.contract.operators import OPERATORS, OperatorName
from hessbench.backends.contract.words import Execution, Mode, Needs
from hessbench.backends.derived import eigenvalues, newton
from hessbench.backends.derived.algebra import Algebra, Derivatives, numpy_algebra
from hessbench.backends.derived.arpack import TOLERANCE, eigsh

Function = Callable[..., Any]

RESIDUAL = TOLERANCE
"""Relative residual at which conjugate gradients and Lanczos stop: errors of at most the condition times that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A formula and what is declared of it.

    Attributes:
        operator: What it computes.
        formula: (algebra, derivatives, what the operator takes) -> the result; with the iterations where `counted`.
        needs: What it asks of the Hessian.
        products: Whether it takes products with the Hessian and never the matrix.
        counted: Whether it iterates, and tells how often.
        tolerance: The relative residual at which it stops.
        stock: The function of the framework's linear algebra that it stands for.
        summary: One sentence, with the base method left to fill in.
    """

    operator: OperatorName
    formula: Function
    needs: Needs = ""
    products: bool = False
    counted: bool = False
    tolerance: float = 0.0
    stock: str = ""
    summary: str


RECIPES: Mapping[str, Recipe] = MappingProxyType(
    {
        "newton-lu": Recipe(
            operator="newton-step",
            formula=newton.step(newton.lu),
            needs="regular",
            stock="linalg.solve",
            summary="The Hessian by {base}, factored by elimination with pivoting: for every regular Hessian.",
        ),
        "newton-cholesky": Recipe(
            operator="newton-step",
            formula=newton.step(newton.cholesky),
            needs="definite",
            stock="linalg.cholesky",
            summary="The Hessian by {base}, factored by Cholesky: half the work, for positive definite ones.",
        ),
        "newton-least-norm": Recipe(
            operator="newton-step",
            formula=newton.step(newton.least_norm),
            stock="linalg.eigh",
            summary="The least-norm step, by eigenvectors of the Hessian by {base}: also where that is singular.",
        ),
        "newton-cg": Recipe(
            operator="newton-step",
            formula=newton.conjugate_gradients(RESIDUAL),
            needs="definite",
            products=True,
            counted=True,
            tolerance=RESIDUAL,
            summary="Conjugate gradients on products with the Hessian, by {base}, to a relative residual of 1e-10.",
        ),
        "spectrum": Recipe(
            operator="spectrum",
            formula=eigenvalues.spectrum,
            stock="linalg.eigvalsh",
            summary="The eigenvalues of the Hessian by {base}.",
        ),
        "top-dense": Recipe(
            operator="top-eigenvalues",
            formula=eigenvalues.dense_top,
            stock="linalg.eigvalsh",
            summary="The largest of all eigenvalues of the Hessian by {base}.",
        ),
        "top-lanczos": Recipe(
            operator="top-eigenvalues",
            formula=eigenvalues.lanczos(RESIDUAL),
            products=True,
            counted=True,
            tolerance=RESIDUAL,
            summary="Band Lanczos with full reorthogonalization on products with the Hessian, by {base}.",
        ),
        "inertia": Recipe(
            operator="inertia",
            formula=eigenvalues.inertia,
            stock="linalg.eigvalsh",
            summary="Eigenvalues of the Hessian by {base}, counted by sign; up to 64 n eps of the largest one is zero.",
        ),
        "stationary-lu": Recipe(
            operator="stationary-point",
            formula=newton.stationary_point(newton.lu),
            needs="regular",
            counted=True,
            stock="linalg.solve",
            summary="Newton's method with full steps, each by the Hessian by {base} and elimination.",
        ),
    }
)
"""Stem of a method -> what it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bases:
    """What a backend's derived methods are made of.

    Attributes:
        algebra: Makes the backend's `Algebra`; called when a method is built.
        gradient: f -> (x, *data) -> gradient.
        linearized: f -> (x, *data) -> the gradient, and v -> H v.
        by: What stands for `linearized` in words.
        mode: Its sweeps.
        executions: The executions that the methods are declared in.
        but: Stems that are left to the executions above all the same.
        whole: Further ones, which compile no loops, so that they are for what does not iterate.
        methods: The backend's methods, among them the Hessians below.
        hessians: Names of Hessians without execution, the stock call first; all are for `COMPARED`, it is for the rest.
    """

    algebra: Callable[[], Algebra]
    gradient: Builder
    linearized: Builder
    by: str
    mode: Mode
    executions: tuple[Execution, ...]
    methods: Sequence[Method]
    hessians: tuple[str, ...]
    whole: tuple[Execution, ...] = ()
    but: tuple[str, ...] = ()


COMPARED = ("newton-lu", "newton-cholesky", "stationary-lu")
"""Stems for which every Hessian that a backend names is tried: there its price shows."""


def derived(bases: Bases, default: Sequence[Execution], recipes: Iterable[str] = RECIPES) -> tuple[Method, ...]:
    """The derived methods of a backend that computes with its own linear algebra.

    Args:
        bases: What they are made of.
        default: The executions that belong to the default tier.
        recipes: Stems of `RECIPES`.

    Returns:
        The methods, named `<stem>-<base>-<execution>`.
    """
    found: list[Method] = []
    for stem in recipes:
        recipe = RECIPES[stem]
        if recipe.products:
            found += [_of_products(stem, recipe, bases, execution, default) for execution in bases.executions]
            continue
        names = bases.hessians if stem in COMPARED else bases.hessians[:1]
        executions = bases.executions + (() if recipe.counted or stem in bases.but else bases.whole)
        chosen = [m for name in names for m in bases.methods if m.name in {f"{name}-{e}" for e in executions}]
        # One function for all executions of a Hessian, as everywhere else.
        first = {base.build: base for base in reversed(chosen)}
        shared = {build: _of_hessian(recipe, bases, base) for build, base in first.items()}
        found += [_inheriting(stem, base, default, shared[base.build]) for base in chosen]
    return tuple(found)


def _of_hessian(recipe: Recipe, bases: Bases, base: Method) -> dict[str, Any]:
    """The fields of a recipe over a Hessian."""

    def derivatives(f: Function) -> Callable[..., Derivatives]:
        gradient, hessian = bases.gradient(f), base.make(f)

        def at(*constants: Array) -> Derivatives:
            data = constants[base.needs_basis :]
            return Derivatives(lambda x: gradient(x, *data), lambda x: hessian(x, *constants), _none)

        return at

    return _shared(recipe, bases, derivatives, base.name.removesuffix(f"-{base.execution}"), base.stock)


def _inheriting(stem: str, base: Method, default: Sequence[Execution], fields: dict[str, Any]) -> Method:
    """A method with the declaration of the Hessian that it is over: sweeps, version, faults, refusals."""
    usual = base.execution in default and base.default
    return replace(base, name=f"{stem}-{base.name}", cost="", default=usual, **fields)


def _of_products(stem: str, recipe: Recipe, bases: Bases, execution: Execution, default: Sequence[Execution]) -> Method:
    """A recipe over the linearized gradient."""

    def derivatives(f: Function) -> Callable[..., Derivatives]:
        linearized = bases.linearized(f)
        return lambda *data: Derivatives(_none, _none, lambda x: linearized(x, *data))

    return Method(
        name=f"{stem}-{execution}",
        execution=execution,
        mode=bases.mode,
        default=execution in default,
        cost="2 for each iteration",
        **_shared(recipe, bases, derivatives, bases.by, ""),
    )


def _shared(
    recipe: Recipe, bases: Bases, derivatives: Callable[[Function], Callable[..., Derivatives]], by: str, stock: str
) -> dict[str, Any]:
    """The fields that follow from a recipe and what it is over."""
    inputs = len(OPERATORS[recipe.operator].takes)

    def built(part: int | None) -> Builder:
        def build(f: Function) -> Function:
            algebra, at = bases.algebra(), derivatives(f)

            def call(*arguments: Array) -> Any:
                found = recipe.formula(algebra, at(*arguments[inputs:]), *arguments[:inputs])
                return found if part is None else found[part]

            return call

        return build

    return {
        "operator": recipe.operator,
        "summary": recipe.summary.format(base=by),
        "needs": recipe.needs,
        "tolerance": recipe.tolerance,
        "stock": " and ".join(name for name in (stock, recipe.stock) if name),
        "build": built(0 if recipe.counted else None),
        "counts": built(1) if recipe.counted else None,
    }


def _none(x: Array) -> Any:
    raise AssertionError("the recipe does not say that it takes this derivative")


def driven(gradient: Method, hessian: Method, hvp: Method) -> tuple[Method, ...]:
    """The derived methods of a backend whose arrays are NumPy's: its derivatives as they are, and LAPACK around them.

    Args:
        gradient: Its gradient.
        hessian: Its Hessian.
        hvp: Its product with the Hessian.

    Returns:
        A method for each recipe, and SciPy's `eigsh`.
    """
    return (
        *(_driven(stem, recipe, (gradient, hvp if recipe.products else hessian)) for stem, recipe in RECIPES.items()),
        by_arpack(hvp),
    )


def _driven(stem: str, recipe: Recipe, parts: tuple[Method, Method]) -> Method:
    def around(part: int | None) -> Callable[..., Function]:
        def drive(engine: Any, gradient: Function, second: Function) -> Function:
            def call(*arguments: Array) -> Any:
                inputs = len(OPERATORS[recipe.operator].takes)
                data = arguments[inputs:]

                def linearized(x: Array) -> tuple[Array, Function]:
                    return gradient(x, *data), lambda v: second(x, v, *data)

                f = Derivatives(lambda x: gradient(x, *data), lambda x: second(x, *data), linearized)
                found = recipe.formula(numpy_algebra(), f, *arguments[:inputs])
                return found if part is None else found[part]

            return call

        return drive

    _, base = parts
    by = base.name.removesuffix(f"-{base.execution}")
    return replace(
        base,
        name=f"{stem}-{base.execution}" if recipe.products else f"{stem}-{base.name}",
        operator=recipe.operator,
        parts=parts,
        around=around(0 if recipe.counted else None),
        counts=around(1) if recipe.counted else None,
        needs=recipe.needs,
        tolerance=recipe.tolerance,
        default=True,
        cost="2 for each iteration" if recipe.products else "",
        stock=" and ".join(name for name in (base.stock, recipe.stock.replace("linalg", "numpy.linalg")) if name),
        summary=recipe.summary.format(base=by),
    )


def by_arpack(hvp: Method) -> Method:
    """SciPy's `eigsh` over a backend's product with the Hessian, which is compiled where it is."""
    return replace(
        hvp,
        name=f"top-eigsh-{hvp.name.removeprefix('hvp-')}",
        operator="top-eigenvalues",
        parts=(hvp,),
        around=eigsh,
        counts=None,
        tolerance=RESIDUAL,
        cost="2 for each iteration",
        stock="scipy.sparse.linalg.eigsh",
        summary=f"SciPy's eigsh (ARPACK, on the host) over {hvp.name.removesuffix(f'-{hvp.execution}')}.",
    )
