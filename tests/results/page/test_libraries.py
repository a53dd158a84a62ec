"""The libraries inside a page: Vega is bundled once for a version; a home that cannot be written costs only time."""

import vl_convert

from hessbench.results.page import libraries


def test_vega_is_bundled_once(tmp_path, monkeypatch):
    calls = []
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(vl_convert, "javascript_bundle", lambda code: calls.append(code) or "the bundle")
    first, second = libraries.vega.__wrapped__(), libraries.vega.__wrapped__()
    assert first == second
    assert calls == ["window.vegaEmbed=vegaEmbed;"]


def test_a_home_that_is_a_file_costs_only_time(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(vl_convert, "javascript_bundle", lambda code: "the bundle")
    assert libraries.vega.__wrapped__() == libraries.pack("the bundle")
