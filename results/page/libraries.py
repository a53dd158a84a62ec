"""The two libraries inside a page, from their wheels: Vega (vl-convert) and DataTables (itables)."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from pathlib import Path

import vl_convert
from itables.options import dt_bundle
from markupsafe import Markup

from hessbench.results.page.pack import pack
from hessbench.results.stored.files import cache_folder, write_atomically


@cache
def vega() -> Markup:
    """The module that sets window.vegaEmbed; bundling takes seconds, so a version of vl-convert does it once."""
    kept = cache_folder() / f"vega-{version('vl-convert-python')}.js"
    try:
        return pack(kept.read_text(encoding="utf-8"))
    except OSError:
        bundle: str = vl_convert.javascript_bundle("window.vegaEmbed=vegaEmbed;")
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(kept, bundle)
    except OSError:  # a home that cannot be written costs these seconds every time, and no page
        pass
    return pack(bundle)


@cache
def datatables() -> Markup:
    """The module whose default export is DataTable."""
    return pack(Path(str(dt_bundle)).read_text(encoding="utf-8"))


@cache
def datatables_style() -> Markup:
    """Its style sheet."""
    return pack(Path(str(dt_bundle)).with_suffix(".css").read_text(encoding="utf-8"))
