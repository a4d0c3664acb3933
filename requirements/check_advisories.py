"""Asks a list of known vulnerabilities about every version that the locks pin.

    python check_advisories.py [--service pypi|osv] [--unreachable-ok] LOCK...

Run with a Python that has pip-audit. Exit status: 0 every version was looked up and none has a known vulnerability,
1 some have, 2 the list could not be reached or did not know some versions, so that nothing is known about these
(0 with --unreachable-ok, and it is said all the same).
"""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

CLEAR, VULNERABLE, UNKNOWN = 0, 1, 2


def pins(locks: Iterable[Path]) -> list[str]:
    """List "name==version" for every version in the locks, whatever Python or system it is for; each once."""
    found = set()
    for lock in locks:
        here = re.findall(r"^([A-Za-z0-9._-]+)(?:\[.*\])?==([^\s;]+)", lock.read_text("utf-8"), re.MULTILINE)
        if not here:
            raise ValueError(f"expected a lock with pinned versions, got none in {lock}")
        found |= {f"{name.lower()}=={version}" for name, version in here}
    return sorted(found)


def rounds(versions: Iterable[str]) -> Iterator[list[str]]:
    """Split the versions so that no round has two of one package, which pip-audit refuses."""
    left = list(versions)
    while left:
        one_each = {version.partition("==")[0]: version for version in left}
        yield sorted(one_each.values())
        left = [version for version in left if version not in one_each.values()]


def look_up(versions: list[str], service: str) -> list[dict[str, Any]] | str:
    """Return what pip-audit knows of each version, or why it could not ask."""
    with TemporaryDirectory() as folder:
        listed = Path(folder) / "versions.txt"
        listed.write_text("\n".join(versions) + "\n", "utf-8")
        command = [sys.executable, "-m", "pip_audit", "--requirement", str(listed), "--no-deps", "--disable-pip"]
        command += ["--vulnerability-service", service, "--format", "json", "--progress-spinner", "off"]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (our own arguments)
    try:
        answered: list[dict[str, Any]] = json.loads(ended.stdout)["dependencies"]
    except (ValueError, KeyError):
        return (ended.stderr.strip() or "no answer").splitlines()[-1]
    return answered


def main(arguments: list[str] | None = None) -> int:
    usage = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    usage.add_argument("--service", choices=["pypi", "osv"], default="pypi")
    usage.add_argument("--unreachable-ok", action="store_true", help="status 0 instead of 2")
    usage.add_argument("locks", nargs="+", type=Path, metavar="LOCK")
    asked = usage.parse_args(arguments)
    status = check(pins(asked.locks), asked.service)
    return CLEAR if status == UNKNOWN and asked.unreachable_ok else status


def check(versions: list[str], service: str) -> int:
    """Look up every version and print what is known; return the exit status."""
    answers: list[dict[str, Any]] = []
    for some in [versions[:1], *rounds(versions[1:])]:  # one first: where no list answers, that is soon known
        answer = look_up(some, service)
        if isinstance(answer, str):
            print(f"advisories: NOT CHECKED, the list could not be asked: {answer}", file=sys.stderr)
            return UNKNOWN
        answers += answer
        if not any("vulns" in known for known in answers):
            break
    return report(versions, answers)


def report(versions: list[str], answers: list[dict[str, Any]]) -> int:
    """Print what is known, and return the exit status."""
    vulnerable = [(answer, fault) for answer in answers for fault in answer.get("vulns", [])]
    for answer, fault in vulnerable:
        fixed = ", ".join(fault["fix_versions"]) or "no version"
        print(f"{answer['name']} {answer['version']}: {fault['id']}, fixed in {fixed}", file=sys.stderr)
    known = sum("vulns" in answer for answer in answers)
    if known < len(versions):
        print(
            f"advisories: {len(versions) - known} of {len(versions)} versions NOT CHECKED: the list that was reached "
            "does not know them, or is not a list of vulnerabilities",
            file=sys.stderr,
        )
    if vulnerable:
        return VULNERABLE
    if known < len(versions):
        return UNKNOWN
    print(f"advisories: {known} versions checked, no known vulnerability")
    return CLEAR


if __name__ == "__main__":
    sys.exit(main())
