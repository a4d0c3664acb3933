# What each verb makes lies in ignored folders: .venv, build, .aws-sam, paintings.

BIN   := .venv/bin
ARCHS := arm64 x86_64

# A name on PATH may be there and not work, so each is tried.
NEWEST = $(firstword $(foreach p,python3.13 python3.12 python3.11 python3 python,\
	$(shell $(p) -c 'import sys; sys.version_info >= (3, 11) and print("$(p)")' 2>/dev/null)))

export SAM_CLI_TELEMETRY := 0

.PHONY: help setup run serve test lint format build deploy golden clean
help: ## Lists the verbs.
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

setup: .venv/ready ## Makes .venv and installs what running, testing and linting need.

.venv/ready: pyproject.toml requirements.lock
	@test -n "$(NEWEST)" || { echo "expected Python 3.11 or newer on PATH, found none" >&2; exit 1; }
	$(NEWEST) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable '.[dev]'
	@touch $@

run: setup ## Paints a sample photo end to end, or yours: make run PHOTO=cat.jpg
	$(BIN)/python -m local $(PHOTO)

serve: setup ## Serves the API on this machine; docs/api.md says how to call it.
	$(BIN)/python -m local.serve

test: setup ## Runs the tests.
	$(BIN)/python -m pytest

lint: setup ## Checks style, types and the template.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --package local
	$(BIN)/cfn-lint template.yaml

format: setup ## Formats the code.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

build: .venv/sam ## Builds function and layer for both architectures, and checks size and contents.
	$(foreach arch,$(ARCHS),$(BIN)/sam build --parameter-overrides Architecture=$(arch) \
		--build-dir .aws-sam/build-$(arch) --cache-dir .aws-sam/cache-$(arch) &&) true
	$(BIN)/python layers/check_build.py $(foreach arch,$(ARCHS),$(arch)=.aws-sam/build-$(arch))

deploy: .venv/sam ## Builds and deploys to your AWS account, asking what it must.
	$(BIN)/sam build
	$(BIN)/sam deploy --guided

.venv/sam: .venv/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock '.[build]'
	@touch $@

golden: ## Makes the goldens of tests/goldens again, with OpenCV contrib in a venv of its own.
	@test -n "$(NEWEST)" || { echo "expected Python 3.11 or newer on PATH, found none" >&2; exit 1; }
	$(NEWEST) -m venv build/golden
	build/golden/bin/python -m pip install --quiet --disable-pip-version-check --requirement tests/goldens/requirements.txt
	build/golden/bin/python tests/goldens/make.py

clean: ## Removes everything that the verbs above have made.
	rm -rf .venv build .aws-sam paintings
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
