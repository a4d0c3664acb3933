"""`make plan`: seconds and dollars for each memory size, and bill and duration of uploads and of a backfill.

The CPU time of a photo, with its requests to S3, and its bytes are measured on this machine. Figures for a memory size
are computed from Lambda's CPU share (one vCPU per 1769 MB) and list prices; the queue is simulated.
"""

import argparse
import sys
from dataclasses import fields
from pathlib import Path
from statistics import quantiles

from local.cloud import PAINTINGS, Cloud, local_cloud
from local.cloud import PHOTOS as UPLOADS
from stylize.settings import MB_PER_VCPU, megapixels_that_fit

from .bill import GETS, LOG_BYTES, PUTS, Bill, Prices, Work, bill
from .cold_start import ROOT, paintings
from .draining import drain
from .photo import jpeg
from .report import fill, markdown
from .simulation import Service, fastest, simulate

SIZES_MB = (512, 1024, 1769, 3008, 3538, 5307, 10240)
WAITS = 3
"""Requests to S3 for which a single photo waits idly: a look, the last painting, the manifest."""

BATCH = 10
"""Photos in an invocation."""

START_SECONDS = 0.8
"""The start of a new environment (`make bench-cold`)."""

CHECKED = (10, 100)
"""Numbers of photos with which the simulation is checked."""

PHOTOS = {"1920 x 1080": (1920, 1080), "24 megapixels": (6000, 4000)}


def main() -> None:
    asked = _arguments()
    with local_cloud() as cloud:
        first, *others = PHOTOS
        cpu = {first: cpu_seconds(cloud, PHOTOS[first])}
        photo_bytes, painting_bytes = bytes_of_a_photo(cloud)
        cpu |= {name: cpu_seconds(cloud, PHOTOS[name]) for name in others}
        checked = check_text(cloud, cpu[first])
    header = ["memory, MB", "threads", "largest photo"]
    header += [f"{name}: {what}" for name in PHOTOS for what in ("s", "arm64", "x86_64")]
    rows = [_row(memory, cpu, asked) for memory in ([asked.memory] if asked.memory else SIZES_MB)]
    bills = bill_text(cpu[first], photo_bytes, painting_bytes, asked)
    text = "\n\n".join((_assumptions(cpu, asked), markdown([header, *rows]), bills, checked))
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
    """Return the CPU seconds of an invocation with one thread, from message to manifest; the median of five."""
    lambdas = {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(MB_PER_VCPU), "PYTHONPATH": str(ROOT / "functions")}
    return paintings(Path(sys.executable), cloud.environment | lambdas, cloud, 1, size)[1].cpu


def bytes_of_a_photo(cloud: Cloud) -> tuple[float, float]:
    """Return the mean bytes of a photo, and of its objects in the paintings bucket, in the local cloud now."""
    sizes = []
    for bucket in (UPLOADS, PAINTINGS):
        listed = cloud.s3.list_objects_v2(Bucket=bucket).get("Contents", [])
        photos = len(listed) if bucket == UPLOADS else sum(o["Key"].endswith("/manifest.json") for o in listed)
        sizes.append(sum(o["Size"] for o in listed) / photos)
    return sizes[0], sizes[1]


def bill_text(cpu: float, photo_bytes: float, painting_bytes: float, asked: argparse.Namespace) -> str:
    """Return the bills of uploads and of a backfill, with their durations, in Markdown."""
    memory = asked.memory or 1024
    seconds = cpu * MB_PER_VCPU / memory
    alone = seconds + WAITS * asked.latency
    among = seconds + WAITS * asked.latency / BATCH
    works = {
        f"{asked.photos:,} uploads": Work(
            asked.photos, among, memory, photo_bytes, painting_bytes, months=asked.months
        ),
        f"a backfill of {asked.photos:,}": Work(
            asked.photos, alone, memory, photo_bytes, painting_bytes, months=asked.months, is_job=True
        ),
    }
    prices = Prices(**{field.name: getattr(asked, f"price_{field.name}") for field in fields(Prices)})
    bills = {name: bill(work, prices) for name, work in works.items()}
    rows = [["US dollars", *bills]]
    rows += [[item.name, *(f"{getattr(b, item.name):,.2f}" for b in bills.values())] for item in fields(Bill)]
    rows.append(["total", *(f"{b.total:,.2f}" for b in bills.values())])
    rows.append(["per 1,000 photos", *(f"{1000 * b.total / asked.photos:.4f}" for b in bills.values())])
    speeds = [["", "photos/s", "hours", "PUT/s", "GET/s", "limited by"]]
    for name, work in works.items():
        rate, limited = fastest(work.seconds, PUTS, GETS, asked.concurrency, asked.account)
        hours = asked.photos / rate / 3600
        speeds.append([name, f"{rate:,.0f}", f"{hours:,.1f}", f"{rate * PUTS:,.0f}", f"{rate * GETS:,.0f}", limited])
    return f"""### The bill

{memory} MB, {asked.concurrency} environments at once, of {asked.account} that the account may run; photos of
{photo_bytes / 1e6:.2f} MB whose paintings take {painting_bytes / 1e6:.2f} MB, measured, and are
kept for {asked.months:g} months. Prices as of {asked.date}, us-east-1, list, without free tier and discounts
(`bench/bill.py` names the sources). Logs at {LOG_BYTES} bytes per photo. A job of S3 Batch Operations invokes the
function for each photo; photos of the queue come by {BATCH}. Rates hold if all keys share one prefix.

{markdown(rows)}

{markdown(speeds)}

### The queue, simulated

{_simulations(Service(seconds, WAITS * asked.latency, START_SECONDS, BATCH), asked)}"""


def _simulations(service: Service, asked: argparse.Namespace) -> str:
    """Return the simulated queue in Markdown: a burst, a stream, and as large a backfill as is quick to simulate."""
    cases = {
        "1,000 photos at once": [0.0] * 1000,
        "50 photos a second for 2 minutes": [n / 50 for n in range(6000)],
        "100,000 photos at once": [0.0] * 100_000,
    }
    rows = [["", "seconds", "p50", "p95", "environments", "photos per invocation", "throttled", "billed ms per photo"]]
    for name, arrivals in cases.items():
        end = simulate(arrivals, service, asked.concurrency, asked.account)
        cuts = quantiles(end.waits, n=20)
        rows.append(
            [
                name,
                *(f"{each:.1f}" for each in (end.seconds, cuts[9], cuts[18])),
                str(end.environments),
                f"{end.photos_per_invocation:.1f}",
                str(end.throttled),
                f"{1000 * end.billed / len(arrivals):.0f}",
            ]
        )
    return f"""Seconds from the first upload to the last painting, and from a photo's upload to its paintings. Assumed:
pollers begin with 5 and add 300 a minute up to {asked.concurrency} (AWS Lambda developer guide), an environment starts
in {START_SECONDS} s, a photo takes {1000 * service.seconds:.0f} ms, an invocation {1000 * service.tail:.0f} ms
more; none fails.

{markdown(rows)}"""


def check_text(cloud: Cloud, seconds: float) -> str:
    """Return in Markdown the simulated and the measured seconds for the same photos in one environment here."""
    rows = [["photos", "simulated, s", "measured, s", "ratio"]]
    for photos in CHECKED:
        drained = drain(cloud, jpeg(*PHOTOS["1920 x 1080"]), photos, environments=1, name=f"check-{photos}")
        service = Service(seconds, tail=0.0, start=0.0, batch=BATCH)
        simulated = simulate(drained.arrivals, service, concurrency=1).seconds
        rows.append([str(photos), f"{simulated:.1f}", f"{drained.seconds:.1f}", f"{drained.seconds / simulated:.2f}"])
    return f"""The simulation beside the local cloud: one environment with one thread, which is warm; its S3 and its
queue run on the same machine and answer in a few milliseconds.

{markdown(rows)}"""


def dollars(seconds: float, memory_mb: int, per_gb_second: float, per_request: float) -> float:
    """Return the dollars per 1,000 photos."""
    return 1000 * (seconds * memory_mb / 1024 * per_gb_second + per_request)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make plan")
    parser.add_argument("--memory", type=int, help="one size, in MB, instead of a table of several")
    parser.add_argument("--arm64", type=float, default=0.0000133334, help="dollars per GB-second")
    parser.add_argument("--x86", type=float, default=0.0000166667, help="dollars per GB-second")
    parser.add_argument("--request", type=float, default=0.0000002, help="dollars per request")
    parser.add_argument("--date", default="2026-06", help="when these prices were valid")
    parser.add_argument("--latency", type=float, default=0.03, help="seconds until S3 has answered a request")
    parser.add_argument("--photos", type=int, default=1_000_000, help="of the bill")
    parser.add_argument("--months", type=float, default=1.0, help="that photos and paintings are kept")
    parser.add_argument("--concurrency", type=int, default=50, help="environments at once (MaximumConcurrency)")
    parser.add_argument("--account", type=int, default=1000, help="environments that the account may run at once")
    for field in fields(Prices):
        parser.add_argument(f"--price-{field.name.replace('_', '-')}", type=float, default=field.default)
    return parser.parse_args()


if __name__ == "__main__":
    main()
