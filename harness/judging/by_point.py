"""The verdict on a result that is judged at special points, too: each on its own, since they have nothing in common.

Where f bends at zero nobody can be right there, and where a slope is lost in a tail nothing is said of other places.
The worst one counts for the cell; the column `by_point` has them all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from hessbench.backends.contract.interface import FloatArray
from hessbench.harness.judging.accuracy import Verdict, worst_of

if TYPE_CHECKING:
    from hessbench.harness.judging.references import References
    from hessbench.harness.judging.verdict import Question

START = "start"


def by_point(
    judged: Callable[[Question, Sequence[FloatArray], References], Verdict],
    question: Question,
    results: Sequence[FloatArray],
    references: References,
    raised: Mapping[str, str] = MappingProxyType({}),
) -> Verdict:
    """The verdict over all points of a problem.

    Args:
        judged: Gives the verdict on points that belong together.
        question: What is judged.
        results: One result for each point.
        references: The right values.
        raised: What the method raised instead of a result, by special point.

    Returns:
        The verdict; of a problem with special points the worst one, which says where.
    """
    if not question.instance.problem.special_points and not raised:
        return judged(question, results, references)
    verdicts: dict[str, Verdict] = {}
    for name, which, instance in question.instance.groups():
        cell = replace(question.cell, problem=f"{question.cell.problem}@{name}") if name else question.cell
        found = judged(replace(question, cell=cell, instance=instance), [results[index] for index in which], references)
        verdicts[name] = found
    verdicts |= {name: Verdict("error", reason, "exception") for name, reason in raised.items()}
    told = {name or START: [v.status, v.fault, v.rel_error, v.reason] for name, v in verdicts.items()}
    named = [replace(v, reason=f"at {name}: {v.reason}") if name and v.reason else v for name, v in verdicts.items()]
    return replace(worst_of(named), by_point=json.dumps(told))
