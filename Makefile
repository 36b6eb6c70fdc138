# `make setup` once, then `make check`. Every target runs in .venv, or in the environment named by VENV.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: setup check format lint types layers test docs calculator bench readme

setup:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -e ".[dev]"
	$(BIN)/pre-commit install

check: lint types layers test docs

format:
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

lint:
	$(BIN)/ruff format --check
	$(BIN)/ruff check

types:
	$(BIN)/mypy

layers:
	$(BIN)/lint-imports

# Unit tests, doctests of the modules, the snippets of the docs and the README, the examples.
test:
	$(BIN)/python -m pytest -n auto

docs:
	$(BIN)/python -m sphinx -W --keep-going -n -b html docs docs/_build/html

# Before docs, where the site is to have its calculator: needs Node.js and a network.
calculator:
	$(BIN)/python scripts/build_calculator.py

bench:
	$(BIN)/python benchmarks/run.py

# Writes the real output of the README's first command into the README.
readme:
	$(BIN)/python tests/test_readme.py
