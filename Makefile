# What each verb makes lies in ignored folders: .venv, build, .aws-sam, paintings.

BIN   := .venv/bin
SAM   := build/sam/bin/sam
PIP    = $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock

KERNELS  := functions/stylize/engine/kernels/libstylize_kernels.so
COMPILER := $(if $(filter environment command,$(firstword $(origin CC))),$(CC))
ARCHS := arm64 x86_64

# A name on PATH may be there and not work, so each is tried.
NEWEST = $(firstword $(foreach p,python3.13 python3.12 python3.11 python3 python,\
	$(shell $(p) -c 'import sys; sys.version_info >= (3, 11) and print("$(p)")' 2>/dev/null)))

# The Python of Lambda, whose version the build is for. Where there is none, name one: make test-runtime PYTHON313=…
PYTHON313 ?= $(firstword $(foreach p,python3.13 python3 python $(wildcard $(HOME)/.pyenv/versions/3.13*/bin/python3.13 \
	$(HOME)/.local/share/uv/python/cpython-3.13*/bin/python3.13 /usr/local/bin/python3.13 /opt/*/bin/python3.13),\
	$(shell $(p) -c 'import sys, ensurepip; sys.version_info[:2] == (3, 13) and print("$(p)")' 2>/dev/null)))

# The architecture of this machine, and what a build is made of.
BUILT := $(shell uname -m | sed 's/aarch64/arm64/')
SOURCES = $(shell find functions layers -type f -not -name '*.so' -not -path '*/__pycache__*') template.yaml

need_python = @test -n "$(NEWEST)" || { echo "expected Python 3.11 or newer on PATH, found none" >&2; exit 1; }

# For functions/Makefile and layers/opencv/Makefile, which sam runs in a scratch folder.
export SAM_CLI_TELEMETRY := 0
export KERNELS_WORK      := $(CURDIR)/build/kernels

.PHONY: help setup run serve test test-runtime test-sam fuzz soak lint audit format build deploy bench bench-cold plan golden \
	sanitize arm64 clean
help: ## Lists the verbs.
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

setup: $(KERNELS) ## Makes .venv, installs what running, testing and linting need, compiles the kernels.

.venv/ready: pyproject.toml requirements.lock
	$(call need_python)
	$(NEWEST) -m venv .venv
	$(PIP) --editable '.[dev]'
	@touch $@

# With the compiler that CC names, or else with a packaged one: no system compiler is needed.
$(KERNELS): .venv/ready $(wildcard $(dir $(KERNELS))*.[ch]) $(dir $(KERNELS))build.py
	$(if $(COMPILER),,$(PIP) ziglang)
	$(BIN)/python $(dir $(KERNELS))build.py --work build/kernels --cc "$(COMPILER)"

run: setup ## Paints a sample photo end to end, or yours: make run PHOTO=cat.jpg
	$(BIN)/python -m local $(PHOTO)

serve: setup ## Serves the API on this machine; docs/api.md says how to call it.
	$(BIN)/python -m local.serve

test: setup ## Runs the tests.
	$(BIN)/python -m pytest

fuzz: setup ## Feeds some 3,000 hostile files to the function; the tests take a part of them.
	$(BIN)/python -m tests.hostile.feeding

PHOTOS ?= 2000
soak: setup ## Paints 2,000 photos (or PHOTOS=…) while workers are killed; the tests take 100.
	$(BIN)/python -m tests.soak $(PHOTOS)

test-runtime: setup build/lambda/ready .aws-sam/build-$(BUILT)/template.yaml ## Tests the build in Lambda's own runtime.
	$(BIN)/python -m pytest tests/runtime

test-sam: setup build/lambda/ready .aws-sam/build-$(BUILT)/template.yaml ## Tests sam local in containers: Docker, or root with podman.
	tests/containers/engine.sh $(BIN)/python -m pytest tests/containers

lint: setup ## Checks style, types and the template.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --package local
	$(BIN)/cfn-lint template.yaml

audit: build/audit/ready ## Checks the template with a policy scanner; exceptions are argued for beside what they are about.
	build/audit/bin/checkov --file template.yaml --framework cloudformation --skip-download --compact --quiet

build/audit/ready:
	$(call need_python)
	$(NEWEST) -m venv build/audit
	build/audit/bin/python -m pip install --quiet --disable-pip-version-check 'checkov==3.3.30'
	@touch $@

format: setup ## Formats the code.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

build: build/sam/ready ## Builds function and layer for both architectures, and checks size and contents.
	$(foreach arch,$(ARCHS),PYTHON=$(CURDIR)/build/sam/bin/python $(SAM) build --parameter-overrides Architecture=$(arch) \
		--build-dir .aws-sam/build-$(arch) --cache-dir .aws-sam/cache-$(arch) &&) true
	build/sam/bin/python layers/check_build.py $(foreach arch,$(ARCHS),$(arch)=.aws-sam/build-$(arch))

deploy: build/sam/ready ## Builds and deploys to your AWS account, asking what it must.
	PYTHON=$(CURDIR)/build/sam/bin/python $(SAM) build
	build/sam/bin/python layers/check_build.py .aws-sam/build
	$(SAM) deploy --guided

# In a venv of its own: the SAM CLI brings typings of boto3 that are not those of the checks.
build/sam/ready: pyproject.toml requirements.lock
	$(call need_python)
	$(NEWEST) -m venv build/sam
	build/sam/bin/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock \
		aws-sam-cli ziglang pyelftools
	@touch $@

# With what Lambda's own Python has: the client that runs a function, and boto3.
build/lambda/ready: requirements.lock
	@test -n "$(PYTHON313)" || { echo "expected a Python 3.13, as Lambda has, found none:" \
		"install one, or name it by PYTHON313=/path/to/python3.13" >&2; exit 1; }
	rm -rf build/lambda
	$(PYTHON313) -m venv build/lambda
	build/lambda/bin/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock \
		awslambdaric boto3
	@touch $@

.aws-sam/build-$(BUILT)/template.yaml: build/sam/ready $(SOURCES)
	PYTHON=$(CURDIR)/build/sam/bin/python $(SAM) build --parameter-overrides Architecture=$(BUILT) \
		--build-dir .aws-sam/build-$(BUILT) --cache-dir .aws-sam/cache-$(BUILT)
	build/sam/bin/python layers/check_build.py $(BUILT)=.aws-sam/build-$(BUILT)

bench-cold: setup build/lambda/ready .aws-sam/build-$(BUILT)/template.yaml ## Measures the cold start; writes docs/performance.md.
	$(BIN)/python -m bench.cold_start --build .aws-sam/build-$(BUILT) --python build/lambda/bin/python

bench: setup build/golden/ready ## Measures the project beside OpenCV and others; writes docs/performance.md.
	$(BIN)/python -m bench

plan: setup ## What memory sizes mean in seconds and dollars: make plan, make plan MEMORY=2048
	$(BIN)/python -m bench.plan $(if $(MEMORY),--memory $(MEMORY))

golden: build/golden/ready ## Makes the goldens of tests/goldens again, with OpenCV contrib in a venv of its own.
	build/golden/bin/python tests/goldens/make.py

build/golden/ready: tests/goldens/requirements.txt
	$(call need_python)
	$(NEWEST) -m venv build/golden
	build/golden/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

sanitize: setup ## Runs the kernels' tests with address and undefined-behavior sanitizers (needs gcc).
	tests/engine/kernels/sanitize.sh $(BIN)/python build/sanitize

arm64: setup ## Checks that the arm64 kernels give the bytes of the x86-64 ones (needs qemu-user, on x86-64).
	$(PIP) ziglang
	tests/engine/kernels/arm64.sh $(BIN)/python build/arm64

clean: ## Removes everything that the verbs above have made.
	rm -rf .venv build .aws-sam paintings $(KERNELS)
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
