"""The two libraries inside a page, from their wheels: Vega (vl-convert) and DataTables (itables)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import vl_convert
from itables.options import dt_bundle
from markupsafe import Markup

from hessbench.results.page.pack import pack


@cache
def vega() -> Markup:
    """The module that sets window.vegaEmbed."""
    return pack(vl_convert.javascript_bundle("window.vegaEmbed=vegaEmbed;"))


@cache
def datatables() -> Markup:
    """The module whose default export is DataTable."""
    return pack(Path(str(dt_bundle)).read_text(encoding="utf-8"))


@cache
def datatables_style() -> Markup:
    """Its style sheet."""
    return pack(Path(str(dt_bundle)).with_suffix(".css").read_text(encoding="utf-8"))
