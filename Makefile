# What each verb makes lies in ignored folders: .venv, build, .aws-sam, paintings.

BIN   := .venv/bin
SAM   := build/sam/bin/sam

# Installs exactly what a lock names, each file by its hash, and runs no code of a package to install it.
INSTALL := -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary=:all: --no-deps

KERNELS  := functions/stylize/engine/kernels/libstylize_kernels.so
MODULE   := functions/stylize/page/kernels.wasm
COMPILER := $(if $(filter environment command,$(firstword $(origin CC))),$(CC))
ARCHS := arm64 x86_64

# A name on PATH may be there and not work, so each is tried.
NEWEST = $(firstword $(foreach p,python3.13 python3.12 python3.11 python3 python,\
	$(shell $(p) -c 'import sys; sys.version_info >= (3, 11) and print("$(p)")' 2>/dev/null)))

# The Python of Lambda, whose version the build is for. Where there is none, name one: make test-runtime PYTHON313=…
PYTHON313 ?= $(firstword $(foreach p,python3.13 python3 python $(wildcard $(HOME)/.pyenv/versions/3.13*/bin/python3.13 \
	$(HOME)/.local/share/uv/python/cpython-3.13*/bin/python3.13 /usr/local/bin/python3.13 /opt/*/bin/python3.13),\
	$(shell $(p) -c 'import sys, ensurepip; sys.version_info[:2] == (3, 13) and print("$(p)")' 2>/dev/null)))

# The Pythons of a build: one that has what it needs, and Lambda's, for compiled modules.
BUILDING = PYTHON="$(CURDIR)/build/sam/bin/python" PYTHON313="$(PYTHON313)"

# The architecture of this machine, and what a build is made of.
BUILT := $(shell uname -m | sed 's/aarch64/arm64/')
SOURCES = $(shell find functions layers -type f -not -name '*.so' -not -path '*/__pycache__*') template.yaml

need_python = @test -n "$(NEWEST)" || { echo "expected Python 3.11 or newer on PATH, found none" >&2; exit 1; }

# For functions/Makefile and layers/opencv/Makefile, which sam runs in a scratch folder.
export SAM_CLI_TELEMETRY := 0
export KERNELS_WORK      := $(CURDIR)/build/kernels

.PHONY: $(shell sed -n 's/^\([a-z0-9-]*\):.*## .*/\1/p' Makefile)
help: ## Lists the verbs.
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

setup: $(KERNELS) $(MODULE) ## Makes .venv, installs what running, testing and linting need, compiles the kernels.

.venv/ready: pyproject.toml requirements.lock
	$(call need_python)
	$(NEWEST) -m venv .venv
	$(BIN)/python $(INSTALL) --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-index --no-deps --no-build-isolation --editable .
	$(BIN)/python -m pip check
	@touch $@

# Every other environment, from the lock of its name (and more locks, where a line below says so).
build/%/ready: requirements/%.lock
	$(call need_python)
	$(NEWEST) -m venv --clear build/$*
	build/$*/bin/python $(INSTALL) $(foreach lock,$^,--requirement $(lock))
	build/$*/bin/python -m pip check
	@touch $@

build/sam/ready: requirements/compiler.lock
build/fuzz/ready: requirements.lock

# With Lambda's Python, not the newest.
build/lambda/ready: NEWEST = $(PYTHON313)
build/lambda/ready: need_python = @test -n "$(PYTHON313)" || { echo "expected a Python 3.13, as Lambda has, found none:" \
	"install one, or name it by PYTHON313=/path/to/python3.13" >&2; exit 1; }

LOCKS := compiler fuzz sam lambda golden audit advisories locking
COMPILE = build/locking/bin/uv pip compile --quiet --generate-hashes --no-build --custom-compile-command 'make lock' \
	$(if $(UPGRADE),--upgrade)
SHIPPED = $(COMPILE) --python-version 3.13 --python-platform x86_64-manylinux_2_28 --constraint requirements.lock
lock: build/locking/ready ## Pins what pyproject.toml asks for; make lock UPGRADE=1 takes newer versions of all.
	$(COMPILE) --universal --python-version 3.11 --output-file requirements.lock --group dev pyproject.toml
	$(foreach group,$(LOCKS),$(COMPILE) --universal --python-version 3.11 --output-file requirements/$(group).lock \
		--group $(group) &&) true
	$(SHIPPED) --output-file functions/requirements.txt --group function
	$(SHIPPED) --output-file layers/opencv/requirements.txt --group layer

# With the compiler that CC names, or else with a packaged one: no system compiler is needed.
$(KERNELS): .venv/ready requirements/compiler.lock $(wildcard $(dir $(KERNELS))*.[ch]) $(dir $(KERNELS))build.py
	$(if $(COMPILER),,$(BIN)/python $(INSTALL) --requirement requirements/compiler.lock)
	$(BIN)/python $(dir $(KERNELS))build.py --work build/kernels --cc "$(COMPILER)"

# The same kernels for browsers: always with the packaged compiler, so that the bytes are the same everywhere.
$(MODULE): .venv/ready requirements/compiler.lock $(wildcard $(dir $(KERNELS))*.[ch]) $(dir $(KERNELS))build.py
	$(BIN)/python $(INSTALL) --requirement requirements/compiler.lock
	$(BIN)/python $(dir $(KERNELS))build.py --target wasm32 --work build/kernels

# With a cloud behind it: make page API=https://….amazonaws.com/v1/ S3="https://PHOTOS.s3.REGION.amazonaws.com https://PAINTINGS…"
page: setup ## Writes the studio page into build/page, for any web host: make page, make page API=https://…
	$(BIN)/python -m stylize.page build/page $(if $(API),--api "$(API)" --auth key --s3 $(S3))

bench-page: setup ## Measures the page in Chromium; prints a table for docs/performance.md.
	$(BIN)/python -m bench.page

# As it was typed: neither make nor a shell reads it.
override PHOTO := $(value PHOTO)
export PHOTO
run: setup ## Opens the studio on this machine, until Ctrl-C; make run PHOTO=cat.jpg paints yours first, WORKERS=4 with four
	$(BIN)/python -m local $(if $(PHOTO),--list "$$PHOTO")

paint: setup ## Paints a sample photo end to end, or yours: make paint PHOTO=cat.jpg
	$(BIN)/python -m local.paint $(if $(PHOTO),--list "$$PHOTO")

test: setup ## Runs the tests.
	$(BIN)/python -m pytest

test-fast: setup ## Runs the tests that take a minute together: all but those marked slow.
	$(BIN)/python -m pytest -m "not slow"

check-protocol: setup ## Explores the protocol with S3 in every order, with every rule taken away once; some minutes.
	CHECK_PROTOCOL=1 $(BIN)/python -m pytest tests/studio/protocol

FUZZ_SECONDS ?= 300
fuzz: setup build/fuzz/ready ## Feeds 7,000 hostile files to the function, and to its parsers what coverage leads to, for 5 minutes.
	$(BIN)/python -m tests.hostile.feeding
	PYTHONPATH=functions:. build/fuzz/bin/python -m tests.engine.codec.guided $(FUZZ_SECONDS)

memory: setup ## Paints the largest photos of every kind in functions of 512, 1024 and 1769 MB, or MEMORY=…
	$(BIN)/python -m tests.studio.function_memory $(MEMORY)

PHOTOS ?= 2000
soak: setup ## Paints 2,000 photos (or PHOTOS=…) while workers are killed; the tests take 100.
	$(BIN)/python -m tests.soak $(PHOTOS)

test-runtime: setup build/lambda/ready .aws-sam/build-$(BUILT)/template.yaml ## Tests the build in Lambda's own runtime.
	$(BIN)/python -m pytest tests/runtime

test-sam: setup build/lambda/ready .aws-sam/build-$(BUILT)/template.yaml ## Tests sam local in containers: Docker, or root with podman.
	tests/containers/engine.sh $(BIN)/python -m pytest tests/containers

C_FILES     = $(shell find functions tests -name '*.[ch]')
SHELL_FILES = .ci/run $(shell find tests -name '*.sh') tests/containers/bootstrap
# There is no packaged one for Linux on ARM.
SHELLCHECK  = $(firstword $(wildcard $(BIN)/shellcheck) shellcheck)

lint: setup ## Checks style and types of Python, C and shell, and the template.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/clang-format --dry-run --Werror $(C_FILES)
	$(SHELLCHECK) $(SHELL_FILES)
	$(BIN)/cfn-lint template.yaml

audit: build/audit/ready ## Checks the template with a policy scanner; exceptions are argued for in the template.
	build/audit/bin/checkov --file template.yaml --framework cloudformation --skip-download --compact --quiet

advisories: build/advisories/ready ## Looks up known vulnerabilities of all locked versions; fails where no list answers, unless UNREACHABLE=ok.
	build/advisories/bin/python requirements/check_advisories.py $(if $(UNREACHABLE),--unreachable-ok) \
		requirements.lock requirements/*.lock functions/requirements.txt layers/opencv/requirements.txt

fields: setup ## Writes the fields of a recipe into docs/api.md, docs/openapi.json and the page's recipe.json.
	$(BIN)/python -m docs.make_recipe

styles: setup ## Makes docs/styles.md and its pictures; make styles LARGE="a.jpg b.jpg" compares sizes, too.
	$(BIN)/python -m docs.make_styles $(LARGE)

format: setup ## Formats the code.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/clang-format -i $(C_FILES)

build: build/sam/ready ## Builds function and layer for both architectures, checks them, and lists what ships (build/sbom).
	$(foreach arch,$(ARCHS),$(BUILDING) $(SAM) build --parameter-overrides Architecture=$(arch) \
		--build-dir .aws-sam/build-$(arch) --cache-dir .aws-sam/cache-$(arch) &&) true
	build/sam/bin/python layers/check_build.py $(foreach arch,$(ARCHS),$(arch)=.aws-sam/build-$(arch))
	build/sam/bin/python layers/bill_of_materials.py --out build/sbom --licenses docs/licenses.md \
		$(foreach arch,$(ARCHS),.aws-sam/build-$(arch))

# From a copy with the kernels of the one architecture, of which the wheel bears the name.
wheel: $(ARCHS:%=wheel-%) ## Builds platform wheels for Linux into build/dist: x86_64 and aarch64, kernels inside.

wheel-%: setup
	$(if $(COMPILER),$(BIN)/python $(INSTALL) --requirement requirements/compiler.lock)
	rm -rf build/wheel/$* && mkdir -p build/wheel/$*
	cp -R functions pyproject.toml LICENSE build/wheel/$*
	find build/wheel/$* \( -name '*.so' -o -name __pycache__ -o -name '*.egg-info' \) -prune -exec rm -rf {} +
	$(BIN)/python $(dir $(KERNELS))build.py --arch $* --cc "" --work build/kernels --out build/wheel/$*/$(dir $(KERNELS))
	$(BIN)/python -m pip wheel --quiet --no-index --no-deps --no-build-isolation --wheel-dir build/dist \
		--config-settings=--build-option=--plat-name=manylinux_2_34_$(subst arm64,aarch64,$*) ./build/wheel/$*

deploy: build/sam/ready ## Builds and deploys to your AWS account, asking what it must.
	$(BUILDING) $(SAM) build
	build/sam/bin/python layers/check_build.py .aws-sam/build
	$(SAM) deploy --guided

.aws-sam/build-$(BUILT)/template.yaml: build/sam/ready $(SOURCES)
	$(BUILDING) $(SAM) build --parameter-overrides Architecture=$(BUILT) \
		--build-dir .aws-sam/build-$(BUILT) --cache-dir .aws-sam/cache-$(BUILT)
	build/sam/bin/python layers/check_build.py $(BUILT)=.aws-sam/build-$(BUILT)

bench-cold: setup build/lambda/ready .aws-sam/build-$(BUILT)/template.yaml ## Measures the cold start; writes docs/performance.md.
	$(BIN)/python -m bench.cold_start --build .aws-sam/build-$(BUILT) --python build/lambda/bin/python

bench: setup build/golden/ready ## Measures the project beside OpenCV and others; writes docs/performance.md.
	$(BIN)/python -m bench

load: setup build/golden/ready ## Measures answers under load, and S3's latency; writes docs/performance.md.
	$(BIN)/python -m bench.load

# PHOTOS is for the soak as well, with another default.
plan: setup ## Prints the whole bill: make plan, make plan MEMORY=2048 PHOTOS=10000000 CONCURRENCY=500
	$(BIN)/python -m bench.plan $(if $(MEMORY),--memory $(MEMORY)) $(if $(filter-out file,$(origin PHOTOS)),--photos $(PHOTOS)) \
		$(if $(CONCURRENCY),--concurrency $(CONCURRENCY)) $(PRICES)

golden: build/golden/ready ## Makes the goldens of tests/goldens again, with OpenCV contrib in a venv of its own.
	build/golden/bin/python tests/goldens/make.py

sanitize: setup ## Runs the kernels' tests with address and undefined-behavior sanitizers (needs gcc).
	tests/engine/kernels/sanitize.sh $(BIN)/python build/sanitize

arm64: setup ## Checks that the arm64 kernels give the bytes of the x86-64 ones (needs qemu-user, on x86-64).
	$(BIN)/python $(INSTALL) --requirement requirements/compiler.lock
	tests/engine/kernels/arm64.sh $(BIN)/python build/arm64

clean: ## Removes everything that the verbs above have made.
	rm -rf .venv build .aws-sam paintings $(KERNELS) $(MODULE)
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
