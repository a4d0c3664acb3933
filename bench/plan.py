"""`make plan`: what a memory size means: threads, the largest photo, seconds and dollars per 1,000 photos.

The CPU time of a photo is measured here, its requests to S3 included; what a memory size makes of it is computed from
how Lambda shares out processors (1769 MB buy one) and from list prices.
"""

import argparse
import sys
from pathlib import Path

from local.cloud import Cloud, local_cloud
from stylize.settings import MB_PER_VCPU, megapixels_that_fit

from .cold_start import ROOT, paintings
from .report import fill, markdown

SIZES_MB = (512, 1024, 1769, 3008, 3538, 5307, 10240)
WAITS = 5
"""Requests to S3 beside which nothing else happens: a look, the photo, the last painting, the manifest, a look."""

PHOTOS = {"1920 x 1080": (1920, 1080), "24 megapixels": (6000, 4000)}


def main() -> None:
    asked = _arguments()
    with local_cloud() as cloud:
        cpu = {name: cpu_seconds(cloud, size) for name, size in PHOTOS.items()}
    header = ["memory, MB", "threads", "largest photo"]
    header += [f"{name}: {what}" for name in PHOTOS for what in ("s", "arm64", "x86_64")]
    rows = [_row(memory, cpu, asked) for memory in ([asked.memory] if asked.memory else SIZES_MB)]
    text = f"{_assumptions(cpu, asked)}\n\n{markdown([header, *rows])}"
    print(text)
    if not asked.memory:
        fill("make plan", text)


def _row(memory: int, cpu: dict[str, float], asked: argparse.Namespace) -> list[str]:
    row = [str(memory), str(-(-memory // MB_PER_VCPU)), f"{megapixels_that_fit(memory):g} MP"]
    for name, (width, height) in PHOTOS.items():
        if width * height / 1e6 > megapixels_that_fit(memory):
            row += ["too large", "", ""]
            continue
        seconds = cpu[name] * MB_PER_VCPU / memory + WAITS * asked.latency
        prices = [dollars(seconds, memory, price, asked.request) for price in (asked.arm64, asked.x86)]
        row += [f"{seconds:.2f}", *(f"${price:.4f}" for price in prices)]
    return row


def _assumptions(cpu: dict[str, float], asked: argparse.Namespace) -> str:
    measured = ", ".join(f"{name} {seconds:.3f} s" for name, seconds in cpu.items())
    return f"""CPU time of an invocation, measured on this machine with one thread and without TLS: {measured}.
Dollars are per 1,000 photos, at {asked.arm64:g} (arm64) and {asked.x86:g} (x86_64) per GB-second and
{asked.request:g} per request, AWS list prices for us-east-1 as of {asked.date}. Computed, not measured: processor time
in proportion to memory, all of it used, both architectures as fast as this machine, and waiting for {WAITS} requests to
S3 of {asked.latency:g} s each."""


def cpu_seconds(cloud: Cloud, size: tuple[int, int]) -> float:
    """Of one invocation of a function with one thread, from the message to the manifest; the median of five."""
    lambdas = {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(MB_PER_VCPU), "PYTHONPATH": str(ROOT / "functions")}
    return paintings(Path(sys.executable), cloud.environment | lambdas, cloud, 1, size)[1].cpu


def dollars(seconds: float, memory_mb: int, per_gb_second: float, per_request: float) -> float:
    """Of 1,000 photos."""
    return 1000 * (seconds * memory_mb / 1024 * per_gb_second + per_request)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make plan")
    parser.add_argument("--memory", type=int, help="one size, in MB, instead of a table of several")
    parser.add_argument("--arm64", type=float, default=0.0000133334, help="dollars per GB-second")
    parser.add_argument("--x86", type=float, default=0.0000166667, help="dollars per GB-second")
    parser.add_argument("--request", type=float, default=0.0000002, help="dollars per request")
    parser.add_argument("--date", default="2026-05", help="when these prices were valid")
    parser.add_argument("--latency", type=float, default=0.03, help="seconds until S3 has answered a request")
    return parser.parse_args()


if __name__ == "__main__":
    main()
