"""Feeds the corpus to the function, in a process that has little memory and little time, and tells what became of it.

`python -m tests.hostile.feeding` takes the whole corpus: `make fuzz`.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass

from local.cloud import Cloud, local_cloud
from tests.support import ROOT

CODES = {"unreadable_photo", "unsupported_format", "photo_too_large", "bad_recipe"}
MEGAPIXELS = 0.5  # the function's limit here, so that few megabytes are much
MEMORY_MB = 400  # address space on top of what the function has when it is warm
SECONDS = 10.0  # per file, all requests and four paintings included


@dataclass(frozen=True)
class Verdict:
    """What became of a file: `done`, a code of refusal, or how the function failed."""

    name: str
    result: str
    seconds: float = 0.0
    peak_mb: float = 0.0  # resident, of the process so far

    @property
    def is_good(self) -> bool:
        return self.result == "done" or self.result in CODES


def feed(cloud: Cloud, every: int = 1) -> list[Verdict]:
    """Feeds each file whose number is divisible by `every`. A process that dies is noted and replaced."""
    verdicts: list[Verdict] = []
    begun = 0
    while True:
        with _eater(cloud, begun, every) as eater:
            assert eater.stdout
            name, finished = "", False
            for line in eater.stdout:
                fields = json.loads(line)
                name, finished = fields.get("name", name), "end" in fields
                if "result" in fields:
                    verdicts.append(Verdict(**fields))
                    begun, name = begun + 1, ""
        if finished:
            return verdicts
        if not name:
            raise RuntimeError(f"expected the function to start, got exit status {eater.returncode}")
        verdicts.append(Verdict(name, f"died with status {eater.returncode}"))
        begun += 1


def _eater(cloud: Cloud, start: int, every: int) -> "subprocess.Popen[str]":
    env = os.environ | cloud.environment | {"MAX_MEGAPIXELS": str(MEGAPIXELS), "POWERTOOLS_LOG_LEVEL": "CRITICAL"}
    env |= {"POWERTOOLS_METRICS_DISABLED": "true", "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    command = [sys.executable, "-m", "hostile.eater", str(start), str(every)]
    return subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def main() -> int:
    with local_cloud() as cloud:
        verdicts = feed(cloud)
    for verdict in verdicts:
        if not verdict.is_good:
            print(f"{verdict.name}: expected done or refused, got {verdict.result}", file=sys.stderr)
    print(f"{len(verdicts)} files:", ", ".join(f"{n} {result}" for result, n in tally(verdicts)))
    slowest = max(verdicts, key=lambda verdict: verdict.seconds)
    print(f"slowest: {slowest.name}, {slowest.seconds:.2f} s; most memory: {max(v.peak_mb for v in verdicts):.0f} MB")
    return 0 if all(verdict.is_good for verdict in verdicts) else 1


def tally(verdicts: list[Verdict]) -> list[tuple[str, int]]:
    return Counter(verdict.result for verdict in verdicts).most_common()


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "tests"))
    sys.exit(main())
