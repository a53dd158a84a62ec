"""Products of models over their gradients, in time and memory, beside what others have published."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

SUITE, PRODUCTS = "models", ("hvp", "ggn-vp")
SAME = ["backend", "execution", "problem", "n", "text", "dtype", "device"]
"""What a product and its gradient have in common."""

PUBLISHED: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("residual_network", "hvp"): "2.25 compiled, 7.9 eager (ResNet18, curvlinops)",
        ("residual_network", "ggn-vp"): "1.59 compiled, 2.6 eager (ResNet18, curvlinops)",
        ("gpt", "hvp"): "2.90 compiled, 4.5 eager (nanoGPT, curvlinops)",
        ("gpt", "ggn-vp"): "2.12 compiled, 3.1 eager (nanoGPT, curvlinops)",
        ("vision_transformer", "hvp"): "2.2 to 2.6 JAX, 2.8 to 4.6 PyTorch eager (bench_hvp)",
    }
)
"""By problem and operator, on GPUs: an RTX A6000 (curvlinops' benchmark), an A100 (bench_hvp, ICLR 2024 blog)."""


def bands(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The least product over the gradient of each model, text and execution, at its largest size.

    Args:
        table: A summary with the columns of `results.tables.cells`.

    Returns:
        `problem`, `text`, `n`, `operator`, `backend`, `method`, `ratio`, `memory` (None where it was not weighed) and
        what is `published`.
    """
    ours = table[(table["suite"] == SUITE) & table["largest"] & (table["status"] == "ok")]
    products = ours[ours["operator"].isin(PRODUCTS) & ours["ratio_to_gradient"].notna()]
    least = products.sort_values("ratio_to_gradient").drop_duplicates([*SAME, "operator"])
    gradients = ours[ours["operator"] == "gradient"].set_index(SAME)["extra_host_bytes"].to_dict()
    rows = least.sort_values(["problem", "operator", "text", "ratio_to_gradient"]).to_dict("records")
    return [_band(row, gradients.get(tuple(row[name] for name in SAME))) for row in rows]


def _band(row: Mapping[Any, Any], gradient: Any) -> dict[str, Any]:
    product = row["extra_host_bytes"]
    weighed = not pd.isna(product) and not pd.isna(gradient) and gradient > 0
    return {
        **{name: row[name] for name in ("problem", "text", "n", "operator", "backend", "method")},
        "ratio": row["ratio_to_gradient"],
        "memory": product / gradient if weighed else None,
        "published": PUBLISHED.get((row["problem"], row["operator"]), ""),
    }
