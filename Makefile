# Two commands: `make reproduce` runs the main job, `make test` passes the tests. Both set up .venv first.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TORCH_INDEX ?=
TORCH := 'torch>=2.5,<2.14'
OUT ?= runs
# options of the benchmarks, such as BENCH=--quick
BENCH ?=
GPU_BENCHMARKS := $(addprefix benchmarks/,connectome_speed.py growth.py layered_sweep_speed.py recurrent_sweep_speed.py)
BENCHMARKS := $(filter-out benchmarks/measure.py,$(sort $(wildcard benchmarks/*.py)))

.PHONY: reproduce test test-fast bench check format clean

reproduce: $(STAMP)
	$(BIN)/creditgraph reproduce --out $(OUT)

# one process a core, each of one thread
test: $(STAMP)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadfile

test-fast: $(STAMP)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadfile -m 'not slow'

# one after the other, each to its end even if another failed; then those that can on a GPU, if torch has one
bench: $(STAMP)
	@failed=; for script in $(BENCHMARKS); do \
		echo "== $$script"; $(BIN)/python $$script $(BENCH) || failed="$$failed $$script"; done; \
	if $(BIN)/python -c 'import sys, torch; sys.exit(not torch.cuda.is_available())'; then \
		for script in $(GPU_BENCHMARKS); do echo "== $$script on the GPU"; \
			$(BIN)/python $$script $(BENCH) --device cuda --out benchmarks/results/cuda || failed="$$failed $$script(GPU)"; done; fi; \
	test -z "$$failed" || { echo "failed:$$failed"; exit 1; }

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

$(STAMP): pyproject.toml setup.py
	@test -n "$(PYTHON)" || { echo "creditgraph needs Python 3.11 or newer: install one, or name it with make PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(if $(TORCH_INDEX),$(BIN)/pip install --no-compile --index-url $(TORCH_INDEX) $(TORCH))
	$(BIN)/pip install --no-compile -e '.[test]'
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info
