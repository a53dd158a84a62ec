"""Templates to pages: one Jinja2 environment with the house's filters, and the assets that every page has."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from hessbench.results.page import libraries
from hessbench.results.page.pack import pack_frame, script_json
from hessbench.results.units import ratio, scientific, seconds

SHORT = 160
"""Characters of a message that stand on the page unfolded."""


def asset(name: str) -> Markup:
    """A style or script of the page as it stands in its file; Jinja2 does not look into it."""
    return Markup((files("hessbench.results.page") / "templates" / "assets" / name).read_text(encoding="utf-8"))


def environment() -> jinja2.Environment:
    """What all pages are made with; everything is escaped."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("hessbench.results.page"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "seconds": seconds,
        "ratio": ratio,
        "scientific": scientific,
        "packed": pack_frame,
        "script_json": script_json,
        "count": count,
        "grouped": grouped,
    }
    made.globals |= {"asset": asset, "libraries": libraries, "SHORT": SHORT}
    return made


def grouped(number: int) -> str:
    """Such as "12 345", with a space that does not break."""
    return f"{number:,}".replace(",", "\u00a0")


def count(number: int, thing: str) -> str:
    """Such as "1 cell" and "2 cells"."""
    return f"{grouped(number)} {thing}{'' if number == 1 else 's'}"


def page(template: str, context: Mapping[str, Any]) -> str:
    """A page from a template that extends base.html.

    Its policy lets only scripts run that carry the page's nonce, so that text
    of a run which slipped in as HTML is dead.
    """
    return environment().get_template(template).render({"calibration": None, "nonce": secrets.token_hex(16), **context})
