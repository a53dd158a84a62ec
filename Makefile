# Two commands for everybody: `make bench` and `make test`. They need Python >= 3.11 with venv, and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Three processes on two cores: many tests wait for a run that they have started. The tests of one framework share one, so
# that it is imported and compiles once. They are dealt out in the order of tests/conftest.py, long ones first. The slowest
# are named. A process that dies is a failure that ends the run: one that takes its place is not given what was left, and
# the others wait for ever.
PARALLEL := -n 3 --dist loadgroup --no-loadscope-reorder --max-worker-restart 0 --durations 10

.PHONY: bench test test-slow lint pages docs gallery clean

bench: $(READY)
	$(BIN)/hessbench run tutorial quick --quick

# make test ROOM=suites ONLY=rosenbrock: the fast tests of one room, of one problem or method. Checks of whole registries
# go by the name `declarations`; one process starts sooner than two where only a few tests are wanted.
ROOM :=
ONLY :=
test: $(READY)
	$(BIN)/python -m pytest tests/$(ROOM) -m "not slow" $(if $(ONLY),-k "$(ONLY) or declarations",$(PARALLEL))

test-slow: $(READY)
	$(BIN)/python -m pytest -m slow $(PARALLEL)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The pages that the code writes; what fails leaves the page as it was.
pages: $(READY)
	for page in methods problems vocabulary columns; do \
		$(BIN)/hessbench list $$page --markdown > docs/$$page.new && mv docs/$$page.new docs/$$page.md || exit 1; \
	done

# The reference reads the package through links of its own: below src/hessbench, which is the root, lie .venv and src itself.
REFERENCE := build/reference/hessbench
docs: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[docs]'
	mkdir -p $(REFERENCE)
	ln -sfn $(addprefix $(CURDIR)/,__init__.py backends harness results suites) $(REFERENCE)
	$(BIN)/python -m mkdocs build --strict --quiet

# A small run and its report, for docs/gallery; about ten minutes. Resumed where it was interrupted.
GALLERY := runs/gallery
gallery: $(READY)
	test -d $(GALLERY) || $(BIN)/hessbench run quick/rosenbrock quick/logistic_regression quick/tanh_network \
		-n 10,30,100 --quick --rounds 3 --out $(GALLERY)
	$(BIN)/hessbench run --resume $(GALLERY)
	$(BIN)/hessbench report $(GALLERY) --format html,markdown --figures $(GALLERY)/figures --formats svg
	mkdir -p docs/gallery
	cp $(GALLERY)/report.html $(GALLERY)/summary.md docs/gallery
	cp $(addprefix $(GALLERY)/figures/,answer-hessian.svg time-hessian.svg accuracy-hessian.svg) docs/gallery

clean:
	rm -rf $(VENV) build dist site .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("hessbench needs Python 3.11 or newer; say make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[all,dev]'
	touch $@
