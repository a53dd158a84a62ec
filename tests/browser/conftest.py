"""A headless Chromium (the system's own) that sees files only, and a run with everything in it."""

import importlib.util
import os
import shutil
from pathlib import Path

import pytest

spec = importlib.util.spec_from_file_location("synthetic_runs", Path(__file__).parents[1] / "results" / "conftest.py")
synthetic = importlib.util.module_from_spec(spec)
spec.loader.exec_module(synthetic)
make_run, record = synthetic.make_run, synthetic.record

CHROMIUM = os.environ.get("HESSBENCH_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)> =1+1 {{ 7*7 }} " + "long " * 200
PROBLEMS = ("rosenbrock", "lennard_jones", "quadratic")


@pytest.fixture(scope="session")
def chromium():
    """The browser, started once."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM:
        pytest.skip("no Chromium: apt-get install chromium, or name one in HESSBENCH_CHROMIUM")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium):
    """Opens a file without a network; every console error, page error or request fails the test at its end."""
    contexts, noise = [], []

    def visit(path, fragment="", width=1280, scheme="light"):
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: message.type == "error" and noise.append(message.text))
        page.on("pageerror", lambda problem: noise.append(str(problem)))
        page.on(
            "request", lambda request: request.url.startswith(("file:", "blob:", "data:")) or noise.append(request.url)
        )
        page.on("dialog", lambda dialog: noise.append(f"dialog: {dialog.message}"))
        page.goto(f"{path.resolve().as_uri()}{fragment}")
        page.wait_for_selector("html[data-ready=yes]", timeout=60_000)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert not noise


@pytest.fixture
def rich_run(make_run, record):
    """Three frameworks, three problems, three sizes, three launches, two devices, and every kind of failure."""
    rows = []
    for p, problem in enumerate(PROBLEMS):
        for b, backend in enumerate(("jax", "torch", "numpy")):
            for n in (10, 100, 1000):
                for launch in (1, 2, 3):
                    cell = {
                        "problem": problem,
                        "n": n,
                        "round": launch,
                        "judge": "richardson-64" if p else "closed_form",
                    }
                    scale = 1e-6 * (1 + 4 * b) * (1 + launch / 20) * (p + 1)
                    jit = "eager" if b else "jit"
                    rows += [
                        record(backend, f"gradient-{jit}", "gradient", min_s=scale * n, execution=jit, **cell),
                        record(backend, f"hvp-{jit}", "hvp", min_s=scale * 2 * n, execution=jit, **cell),
                        record(
                            backend,
                            f"hessian-{jit}",
                            min_s=scale * n**1.8,
                            execution=jit,
                            prepare_s=1 / (1 + 9 * b),
                            peak_host_bytes=10**8 + n * n * 8,
                            rel_error=10.0 ** (-16 + 2 * b),
                            sketch=f"[1.0, {b}.0]",
                            **cell,
                        ),
                        record(backend, f"loop-{jit}", min_s=scale * n**2.1, execution=jit, rel_error=1e-16, **cell),
                    ]
    for status in ("wrong", "timeout", "out_of_memory", "unsupported", "crashed", "error"):
        rows += [
            record(
                "torch",
                f"bad-{status}",
                n=100,
                round=r,
                status=status,
                log_tail=f"log of {status}\nline 2",
                reason=HOSTILE if status == "error" else f"because {status}",
            )
            for r in (1, 2, 3)
        ]
    rows += [
        record(device="gpu:0", n=n, round=r, min_s=1e-4 + 1e-9 * n * r, execution="jit", cell=f"gpu{n}")
        for n in (10, 100, 1000)
        for r in (1, 2, 3)
    ]
    return make_run(rows, rounds=3)
