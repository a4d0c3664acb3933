"""The bill of materials lists every wheel, every library inside one, and the licenses that they state."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
RULE = "-" * 78

LICENSES = f"""libvpx is redistributed within all opencv-python Linux packages.
This license applies to libvpx binary in the directory cv2/.

Redistribution and use in source and binary forms, with or without modification, are permitted

  * The names may not be used to endorse or promote products derived from this software.

{RULE}
FFmpeg is redistributed within all opencv-python packages.

Libbluray and libsoxr are redistributed within all opencv-python macOS packages.

                  GNU LESSER GENERAL PUBLIC LICENSE
                       Version 2.1, February 1999
{RULE}
Intel(R) IPP ICV library statically linked within x86 and x86_64 opencv-python packages.

Intel Simplified Software License (Version October 2022)
{RULE}
Qt 5 is redistributed within non-headless opencv-python Linux and macOS packages.

                  GNU LESSER GENERAL PUBLIC LICENSE
                       Version 3, 29 June 2007
"""

BUILDERS_BILL = {
    "components": [
        {"name": "some-wheel", "version": "1.0", "purl": "pkg:pypi/some-wheel@1.0"},
        {"name": "openssl-libs", "version": "1.1.1k-15", "purl": "pkg:rpm/almalinux/openssl-libs@1.1.1k-15"},
    ]
}


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """A build folder with one wheel that has libraries in it."""
    files = {
        "template.yaml": "      BuildArchitecture: arm64\n",
        "StylizeFunction/stylize/__init__.py": '__version__ = "7.8.9"\n',
        "OpenCvLayer/python/some_wheel.libs/libavcodec-c4204469.so.62.28.101": "codec",
        "OpenCvLayer/python/some_wheel.libs/libavif-43e630fc.so.16.4.2": "avif",
        "OpenCvLayer/python/some_wheel-1.0.dist-info/METADATA": "Name: some_wheel\nVersion: 1.0\nLicense: MIT\n",
        "OpenCvLayer/python/some_wheel-1.0.dist-info/LICENSE-3RD-PARTY.txt": LICENSES,
        "OpenCvLayer/python/some_wheel-1.0.dist-info/licenses/numpy/random/LICENSE.md": "The MIT License\n",
        "OpenCvLayer/python/some_wheel-1.0.dist-info/sboms/auditwheel.cdx.json": json.dumps(BUILDERS_BILL),
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, "utf-8")
    return tmp_path


@pytest.fixture
def written(build: Path) -> tuple[dict, str]:
    """The bill of materials and the list of licenses."""
    out, licenses = build / "sbom", build / "licenses.md"
    script = ROOT / "layers" / "bill_of_materials.py"
    subprocess.run([sys.executable, script, "--out", out, "--licenses", licenses, build], check=True)
    return json.loads((out / "arm64.cdx.json").read_text("utf-8")), licenses.read_text("utf-8")


def test_everything_in_a_build_is_listed(written):
    """The bill has the wheel, its libraries by name and version, and copied parts, without parts for other systems."""
    bill, _ = written
    assert bill["metadata"]["component"]["version"] == "7.8.9"
    stated = {part["name"]: part["licenses"][0]["license"]["name"] for part in bill["components"] if "licenses" in part}
    found = {(part["name"], part.get("version"), stated.get(part["name"])) for part in bill["components"]}
    assert found == {
        ("some-wheel", "1.0", "MIT"),
        ("libavcodec", "62.28.101", "LGPL-2.1"),
        ("libavif", "16.4.2", None),
        ("libvpx", None, "BSD-3-Clause"),
        ("numpy/random", None, "MIT"),
        ("openssl-libs", "1.1.1k-15", None),
    }


def test_a_library_is_known_by_its_hash_and_its_wheel(written):
    """The bill identifies the file of a library by its hash, and the wheel that contains it."""
    bill, _ = written
    (codec,) = [part for part in bill["components"] if part["name"] == "libavcodec"]
    assert codec["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(b"codec").hexdigest()}]
    wheel = next(part["bom-ref"] for part in bill["components"] if part["name"] == "some-wheel")
    needs = {part["ref"]: part.get("dependsOn", []) for part in bill["dependencies"]}
    assert needs["atelier-stylize"] == [wheel]
    assert codec["bom-ref"] in needs[wheel]


def test_licenses_are_listed_with_their_texts(written):
    """A missing license is listed as not stated, not guessed."""
    _, licenses = written
    assert (
        "| libavcodec | 62.28.101 | LGPL-2.1 | arm64 | `some_wheel-1.0.dist-info/LICENSE-3RD-PARTY.txt` |" in licenses
    )
    assert "| libavif | 16.4.2 | not stated by the wheel | arm64 |  |" in licenses
