"""A problem: the mathematics written once over an array namespace, with data, start point, closed forms and source."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from hessbench.suites.definition.arrays import Entries, FloatArray
from hessbench.suites.definition.facts import NOTHING_KNOWN, Published, Structure
from hessbench.suites.definition.model import Model, Shapes, ends
from hessbench.suites.definition.size import ANY_SIZE, Size

if TYPE_CHECKING:
    from hessbench.suites.definition.blocks import Layout


def no_data(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    """For problems without data."""
    del n, rng
    return ()


def no_portable_text(xp: Any, x: Any, *data: Any) -> Any:
    """Written in a framework's own functions only; see its source."""
    raise TypeError("this problem has no portable text")


SizeTier = Literal["smallest", "quick"]
SMALLEST: SizeTier = "smallest"
QUICK: SizeTier = "quick"
SIZE_TIERS: tuple[SizeTier, ...] = (SMALLEST, QUICK)
"""Selections of a problem's own sizes: the first one, or those of a quick look."""

QUICK_SIZES = 2
"""So many small ones, unless a problem says otherwise: growth is seen, and the large ones are what takes the time."""

NEARBY, FAR = 100, 2**16
"""How far from a size that a problem does not take others are looked for, and from which size on its own ones do: a
person's file may have to make an array of every size that is tried."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One objective f: R^n -> R and all that is known about it.

    The first line of the objective's docstring says what it is; the formula stands below in LaTeX between `$$`.

    Attributes:
        name: Unique within its suite.
        objective: f(xp, x, *data) with x of shape (n,); only names of `backends.contract.namespace.VOCABULARY`.
        sizes: The values of n that a run uses unless told otherwise, ascending.
        gpu_sizes: Further ones on a GPU, larger than those, so that it is busy.
        quick_sizes: Those of `sizes` that `run --quick` takes; None: the `QUICK_SIZES` smallest.
        start: Gives the point x of shape (n,) from (n, random generator); float64.
        data: Gives the further arguments of f from (n, random generator).
        gradient: Closed form, (x, *data) -> (n,); None where there is none.
        hessian: Closed form, (x, *data) -> (n, n); None where there is none.
        inertia: Numbers of positive, zero and negative eigenvalues of the Hessian where mathematics tells them,
            (x, *data) -> three integers; None where it does not.
        sparse_hessian: Closed form, (x, *data) -> rows, columns and values, (nnz,) each: the entries of both triangles
            that may differ from zero, each once, in the order of `Structure.pattern`; nothing of size n^2.
        allowed: The numbers of variables for which the problem exists.
        source: Where the definition comes from, with DOI where there is one.
        convention: Which definition it is, where collections disagree under one name.
        named_points: Further points by name ("minimum", "degenerate"), each from (n, random generator): checked,
            not timed.
        special_points: Points by name at which f is special (0, ties, ...), each judged on its own, beside the start.
        judge_text: NumPy's or SciPy's text, f(x, *data) or "module:function", by whose values results are judged where
            there is no portable text; None: by the framework's own values.
        published: Values that the literature prints.
        structure: What is known of the Hessian.
        spread: How far from the start point the other points lie, relative to max(1, |x_i|), but at most |x_i| / 2; 0
            where the start point itself is what matters, as in a trap.
        timed: Whether its time is of interest; that of a trap is not, so its results are only checked.
        upstream: Backend -> upstream threads on what goes wrong there, or "no report found".
        tags: Free words for selection.
        native: Backend -> the objective in that framework's own functions, f(x, *data), or "module:function", which
            only that framework's workers import. (What belongs to hessbench has its native texts in `backends/`.)
        layout: Where named blocks lie in x, where the objective takes a nested structure.
        layers: Backend -> "module:build" of the objective in that framework's own layers. build(shapes, dtype) gets
            the shapes of the nested parameters and returns outputs(parameters, *data) and loss(outputs, *data).
        layouts: Where those parameters lie in x, from n.
        native_calls: What native texts are known to call, in the words of `Refusal.operations`.
        model: The two halves of f where it is a loss of outputs; None: it has no Gauss-Newton products.
        arrays: The named arrays of which x is made, from n, where the objective takes them apart itself: then it has
            `block-diagonal`, as with a `layout`; None: it is one array.
    """

    name: str
    objective: Callable[..., Any]
    sizes: tuple[int, ...]
    start: Callable[[int, np.random.Generator], FloatArray]
    source: str
    data: Callable[[int, np.random.Generator], tuple[FloatArray, ...]] = no_data
    gpu_sizes: tuple[int, ...] = ()
    quick_sizes: tuple[int, ...] | None = None
    gradient: Callable[..., FloatArray] | None = None
    hessian: Callable[..., FloatArray] | None = None
    inertia: Callable[..., tuple[int, int, int]] | None = None
    sparse_hessian: Callable[..., Entries] | None = None
    allowed: Size = ANY_SIZE
    convention: str = ""
    named_points: Mapping[str, Callable[[int, np.random.Generator], FloatArray]] = field(default_factory=dict)
    special_points: Mapping[str, Sequence[float]] = field(default_factory=dict)
    judge_text: Callable[..., Any] | str | None = None
    published: tuple[Published, ...] = ()
    structure: Structure = NOTHING_KNOWN
    spread: float = 1e-2
    timed: bool = True
    upstream: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    native: Mapping[str, Callable[..., Any] | str] = field(default_factory=dict)
    layout: Layout | None = None
    layers: Mapping[str, str] = field(default_factory=dict)
    layouts: Callable[[int], Layout] | None = None
    native_calls: tuple[str, ...] = ()
    model: Model | None = None
    arrays: Callable[[int], Shapes] | None = None

    def __call__(self, xp: Any, x: Any, *data: Any) -> Any:
        """The objective itself, so that a decorated function can still be called."""
        return self.objective(xp, x, *data)

    @property
    def portable(self) -> bool:
        """Whether there is a text for all frameworks."""
        return self.objective is not no_portable_text

    @property
    def summary(self) -> str:
        """The first line of the objective's docstring."""
        return (self.objective.__doc__ or "").strip().partition("\n")[0]

    @property
    def formula(self) -> str:
        """The LaTeX between the `$$` of the objective's docstring, or the empty string."""
        return " ".join((self.objective.__doc__ or "").partition("$$")[2].partition("$$")[0].split())

    def ends(self, n: int) -> tuple[int, ...]:
        """Where each of its named arrays ends in x, (n,) for one array; the blocks of the Hessian."""
        if self.arrays is not None:
            return ends(self.arrays(n))
        layout = self.layouts(n) if self.layouts else self.layout
        if layout is None:
            return (n,)
        return ends(dict(zip(layout.names, layout.shapes, strict=True)))

    @property
    def rule(self) -> str:
        """The condition on the number of variables, in words."""
        return self.allowed.rule

    def takes(self, n: int) -> bool:
        """Whether the problem exists for n variables."""
        return self.allowed.accepts(n)

    def sizes_on(self, kind: str) -> tuple[int, ...]:
        """The sizes on a kind of device, "cpu" or "gpu"."""
        return self.sizes + (self.gpu_sizes if kind == "gpu" else ())

    def sizes_in(self, tier: SizeTier, kind: str) -> tuple[int, ...]:
        """The sizes of a tier: `SMALLEST`, or `QUICK` with all that a GPU adds."""
        if tier == SMALLEST:
            return self.sizes[:1]
        quick = self.sizes[:QUICK_SIZES] if self.quick_sizes is None else self.quick_sizes
        return quick + (self.gpu_sizes if kind == "gpu" else ())

    def nearest_sizes(self, n: int, count: int = 2) -> list[int]:
        """The admissible sizes nearest to n, ascending."""
        near = range(max(1, n - NEARBY), n + NEARBY + 1) if n < FAR else ()
        admissible = [m for m in near if self.takes(m)] or [*self.sizes, *self.gpu_sizes]
        return sorted(sorted(admissible, key=lambda m: abs(m - n))[:count])


@dataclass(frozen=True, slots=True)
class Instance:
    """A problem at one size with its data drawn: what a worker computes on.

    Attributes:
        problem: The problem.
        n: Number of variables.
        data: Further arguments of f.
        points: Points of shape (n,): the start point first, then points nearby, then the problem's special ones. The
            last one is only for preparing and is never measured.
        direction: The v of Hessian-vector products, shape (n,), of unit length.
        directions: The V of several products at once, shape (k, n), rows of unit length.
        batches: For each of `points` the X of batched operators, shape (b, n): that point and others nearby.
        fresh: Further points nearby with their batches, each for one call: who only is fast at a point that was seen
            before is not fast.
    """

    problem: Problem
    n: int
    data: tuple[FloatArray, ...]
    points: tuple[FloatArray, ...]
    direction: FloatArray
    directions: FloatArray
    batches: tuple[FloatArray, ...]
    fresh: tuple[tuple[FloatArray, FloatArray], ...]

    @property
    def special(self) -> dict[str, int]:
        """Where among `points` the problem's special ones stand, by name."""
        names, end = self.problem.special_points, len(self.points) - 1
        return dict(zip(names, range(end - len(names), end), strict=True))

    def groups(self) -> list[tuple[str, Sequence[int], Instance]]:
        """The points that are judged together: those near the start, under no name, and each special one on its own.

        Returns:
            Name, indices among `points`, and the problem as if there were these points only.
        """
        ordinary = range(len(self.points) - 1 - len(self.special))
        groups = {"": ordinary, **{name: (index,) for name, index in self.special.items()}}
        return [(name, which, self._at(which)) for name, which in groups.items()]

    def without(self, names: Collection[str]) -> Instance:
        """The problem without some of its special points, at which f has no value say."""
        if not names:
            return self
        gone = {self.special[name] for name in names}
        left = [name for name in self.special if name not in names]
        return self._at([i for i in range(len(self.points) - 1) if i not in gone], left)

    def _at(self, which: Sequence[int], special: Collection[str] = ()) -> Instance:
        """The problem at some of its points, the one that is for preparing among them, and with these special ones."""
        kept = [*which, len(self.points) - 1]
        points = {name: point for name, point in self.problem.special_points.items() if name in special}
        return replace(
            self,
            problem=replace(self.problem, special_points=points),
            points=tuple(self.points[i] for i in kept),
            batches=tuple(self.batches[i] for i in kept),
        )

    def inputs(self, takes: Sequence[str], index: int) -> tuple[FloatArray, ...]:
        """The arrays that an operator takes, by their names x, v, V, X, at the point of that index."""
        return self._arrays(takes, self.points[index], self.batches[index])

    def fresh_inputs(self, takes: Sequence[str]) -> list[tuple[FloatArray, ...]]:
        """The same at each of the points that nobody has seen before."""
        return [self._arrays(takes, *pair) for pair in self.fresh]

    def _arrays(self, takes: Sequence[str], point: FloatArray, batch: FloatArray) -> tuple[FloatArray, ...]:
        arrays = {"x": point, "v": self.direction, "V": self.directions, "X": batch}
        return tuple(arrays[name] for name in takes)


BATCH = 16
FRESH = 3


def draw(problem: Problem, n: int, seed: int = 0, points: int = 2, batch: int = BATCH) -> Instance:
    """Data, points and direction of a problem at size n; the same for the same seed on every machine.

    Args:
        problem: The problem.
        n: A size that it takes.
        seed: The run's seed.
        points: How many points are measured.
        batch: Number of directions (the k of `multi-hvp`) and of points of batched operators (their b).

    Returns:
        The problem at that size, with everything drawn.
    """
    # The name takes part, so that two problems of one size do not share their data; `hash` differs between processes.
    rng = np.random.default_rng([seed, n, zlib.crc32(problem.name.encode())])
    data = problem.data(n, rng)
    start = np.asarray(problem.start(n, rng), dtype=np.float64)
    scale = _near(start, problem.spread)
    nearby = [start + scale * rng.uniform(-1, 1, n) for _ in range(points)]
    nearby[-1:-1] = [np.array(point, dtype=np.float64) for point in problem.special_points.values()]
    v = rng.standard_normal(n)
    directions = rng.standard_normal((batch, n))
    batches = [x + scale * rng.uniform(-1, 1, (batch, n)) for x in (start, *nearby)]
    for x, rows in zip((start, *nearby), batches, strict=True):
        rows[0] = x  # so that a batched result can be compared with that of the point alone
    unseen = [start + scale * rng.uniform(-1, 1, (1 + batch, n)) for _ in range(FRESH)]
    return Instance(
        problem,
        n,
        data,
        (start, *nearby),
        v / np.linalg.norm(v),
        directions / np.linalg.norm(directions, axis=1, keepdims=True),
        tuple(batches),
        tuple((rows[0], rows[1:]) for rows in unseen),
    )


def _near(start: FloatArray, spread: float) -> FloatArray:
    """How far points beside this one lie, (n,): a share of max(1, |x_i|), but never as far as zero."""
    known = np.abs(start[start != 0])
    size = np.where(start == 0, np.median(known) if known.size else 1.0, np.abs(start))
    return np.minimum(spread * np.maximum(size, 1.0), size / 2)


def closed_form(instance: Instance, operator: str, x: Sequence[float] | FloatArray) -> FloatArray | None:
    """The result of an operator at x by the problem's closed form, or None where it has none.

    Args:
        instance: The problem with its data and directions.
        operator: Name of the operator.
        x: The point (n,), or for batched operators the points (b, n).

    Returns:
        An array of the operator's shape in float64, or None.

    Raises:
        ValueError: What the closed form returns has another shape.
    """  # noqa: DOC502
    problem, data = instance.problem, instance.data
    x = np.asarray(x, dtype=np.float64)
    n = x.shape[-1]
    if operator == "gradient" and problem.gradient is not None:
        return _of_shape(problem.gradient(x, *data), (n,), f"gradient= of {problem.name}")
    if problem.hessian is None or operator not in DERIVED:
        return None
    each = (problem.hessian(point, *data) for point in np.atleast_2d(x))
    hessians = np.stack([_of_shape(one, (n, n), f"hessian= of {problem.name}") for one in each])
    return DERIVED[operator](hessians, instance)


def _of_shape(found: FloatArray, shape: tuple[int, ...], what: str) -> FloatArray:
    found = np.asarray(found)
    if found.shape != shape:
        raise ValueError(f"{what} returns an array of shape {found.shape}, not {shape}")
    return found


def diagonal_blocks(matrix: FloatArray, ends: Sequence[int]) -> FloatArray:
    """The blocks of a matrix (n, n) that belong to arrays with these ends, raveled, one after the other."""
    return np.concatenate([matrix[a:b, a:b].ravel() for a, b in pairwise((0, *ends))])


DERIVED: Mapping[str, Callable[[FloatArray, Instance], FloatArray]] = MappingProxyType(
    {
        "hessian": lambda h, instance: h[0],
        "hvp": lambda h, instance: h[0] @ instance.direction,
        "multi-hvp": lambda h, instance: instance.directions @ h[0],
        "diagonal": lambda h, instance: np.diagonal(h[0]).copy(),
        "batched-hessian": lambda h, instance: h,
        "laplacian": lambda h, instance: np.trace(h, axis1=1, axis2=2),
        "trace": lambda h, instance: np.asarray(np.trace(h[0])),
        "block-diagonal": lambda h, instance: diagonal_blocks(h[0], instance.problem.ends(instance.n)),
    }
)
"""What follows from the Hessians (b, n, n) at the points of an operator; b = 1 where it takes one point."""
