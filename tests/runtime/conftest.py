"""The build that `sam build` made, in the runtime that it is for, over an S3 that is empty before every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.cloud import PAINTINGS, PHOTOS, Cloud, local_cloud

from .emulator import Emulator, emulator


@pytest.fixture(scope="session")
def furnished_cloud() -> Iterator[Cloud]:
    with local_cloud() as cloud:
        yield cloud


@pytest.fixture
def cloud(furnished_cloud: Cloud) -> Cloud:
    for bucket in (PHOTOS, PAINTINGS):
        for listed in furnished_cloud.s3.list_objects_v2(Bucket=bucket).get("Contents", []):
            furnished_cloud.s3.delete_object(Bucket=bucket, Key=listed["Key"])
    return furnished_cloud


@pytest.fixture(scope="session")
def warm_worker(furnished_cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    log: Path = tmp_path_factory.mktemp("emulator") / "log"
    with emulator(furnished_cloud.environment, log) as worker:
        yield worker


@pytest.fixture
def worker(warm_worker: Emulator, cloud: Cloud) -> Emulator:
    return warm_worker
