"""Lists the contents of builds: a CycloneDX bill of materials per architecture, and a list of licenses.

    python layers/bill_of_materials.py --out FOLDER --licenses FILE FOLDER...

The lists combine three sources: the wheels in the build, the libraries inside them (by name, version and SHA-256 of the
file), and the license files and bills of materials that the wheels' builders included. Exit
status: 0 written, 1 a bill that does not follow CycloneDX's schema, 2 bad usage.
"""

import argparse
import hashlib
import re
import sys
from collections.abc import Iterator
from email.parser import HeaderParser
from json import loads
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from check_build import PARTS, built_architecture
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from licenses import UNSTATED, bundled_libraries, stated_license
from packageurl import PackageURL

PROJECT = "atelier-stylize"
LICENSE_FILE, FILE = "atelier:license-file", "atelier:file"  # names of properties

# Libraries whose license uses another name than their files: the beginnings of the file names.
FILES_OF = {
    "ffmpeg": ("libavcodec", "libavformat", "libavutil", "libswresample", "libswscale"),
    "openblas": ("libscipy_openblas",),
    "brotli": ("libbrotli",),
    "jpegturbo": ("libjpeg",),
    "openjpeg": ("libopenjp2",),
    "webp": ("libwebp", "libsharpyuv"),
}


def bill_of(build: Path) -> Bom:
    """Describe a build folder: the project, the wheels it depends on, and the libraries inside each wheel."""
    project = Component(name=PROJECT, version=_version(build), type=ComponentType.APPLICATION, bom_ref=PROJECT)
    project.licenses.add(DisjunctiveLicense(name="MIT"))
    bill = Bom()
    bill.metadata.component = project
    for dist_info in sorted(path for part in PARTS for path in (build / part).rglob("*.dist-info")):
        wheel, inside = _wheel(dist_info), list(_inside(dist_info, built_architecture(build) or ""))
        bill.components.update([wheel, *inside])
        bill.register_dependency(project, [wheel])
        bill.register_dependency(wheel, inside)
    content = "".join(sorted(str(component.bom_ref) for component in bill.components))
    bill.serial_number = uuid5(NAMESPACE_URL, f"{PROJECT} {project.version} {content}")
    return bill


def _version(build: Path) -> str:
    text = (build / "StylizeFunction" / "stylize" / "__init__.py").read_text("utf-8")
    (version,) = re.findall(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    return str(version)


def _wheel(dist_info: Path) -> Component:
    fields = HeaderParser().parsestr((dist_info / "METADATA").read_text("utf-8"))
    name, version = fields["Name"].replace("_", "-").lower(), fields["Version"]
    url = PackageURL("pypi", None, name, version)
    return _component(name, version, str(url), stated_license(dist_info / "METADATA"), purl=url)


def _inside(dist_info: Path, architecture: str) -> Iterator[Component]:
    """Yield the libraries of one wheel: first separate files, then those that are part of another file."""
    wheel, stated = dist_info.name.removesuffix(".dist-info"), bundled_libraries(dist_info, architecture)
    told = set()
    for file in sorted((dist_info.parent / f"{wheel.partition('-')[0]}.libs").glob("*.so*")):
        name, version = _name_and_version(file.name)
        license_ = next((known for known in stated if _is_same(known.name, name)), None)
        told.add(license_)
        component = _component(name, version, f"{wheel}/{file.name}", license_.license if license_ else UNSTATED)
        component.hashes.add(HashType(alg=HashAlgorithm.SHA_256, content=hashlib.sha256(file.read_bytes()).hexdigest()))
        component.properties.add(Property(name=FILE, value=file.relative_to(dist_info.parent).as_posix()))
        if license_:
            component.properties.add(Property(name=LICENSE_FILE, value=license_.text.as_posix()))
        yield component
    for known in stated:
        if known not in told:
            component = _component(known.name, None, f"{wheel}/{known.name}", known.license)
            component.properties.add(Property(name=LICENSE_FILE, value=known.text.as_posix()))
            yield component
    yield from _told_by_builders(dist_info)


def _told_by_builders(dist_info: Path) -> Iterator[Component]:
    """Yield the components in a wheel's own bills of materials, such as packages that libraries come from."""
    for file in sorted(dist_info.glob("sboms/*.json")):
        place = file.relative_to(dist_info.parent).as_posix()
        parts = {(part["name"], part.get("purl")): part for part in loads(file.read_text("utf-8"))["components"]}
        for (name, url), part in parts.items():
            purl = PackageURL.from_string(url) if url else None
            if purl and purl.type == "pypi":
                continue  # the wheel itself
            licenses = [entry.get("license", {}) for entry in part.get("licenses", [])]
            stated = " AND ".join(entry.get("id") or entry.get("name", "") for entry in licenses) or UNSTATED
            component = _component(name, part.get("version"), url or f"{place}/{name}", stated, purl=purl)
            component.properties.add(Property(name=FILE, value=place))
            yield component


def _component(
    name: str, version: str | None, reference: str, license_name: str, purl: PackageURL | None = None
) -> Component:
    component = Component(name=name, version=version, type=ComponentType.LIBRARY, bom_ref=reference, purl=purl)
    if license_name != UNSTATED:
        component.licenses.add(DisjunctiveLicense(name=license_name))
    return component


def _name_and_version(file_name: str) -> tuple[str, str | None]:
    """ "libaom-a0d22147.so.3.14.1" -> "libaom", "3.14.1"; the middle part is a hash that keeps builds apart."""
    found = re.fullmatch(r"(.+?)-[0-9a-f]{8}(?:\.(\d[\d.]*))?\.so(?:\.(.+))?", file_name)
    return (found[1], found[3] or found[2]) if found else (file_name.partition(".so")[0], None)


def _is_same(stated: str, library: str) -> bool:
    """Return whether a license for `stated` covers the file `library`."""
    return library.startswith(FILES_OF.get(_letters(stated), ())) or _letters(stated) == _letters(library)


def _letters(name: str) -> str:
    """ "libpng16" -> "png": names are written in many ways."""
    return re.sub("[^a-z]", "", name.lower().removeprefix("lib"))


def license_list(bills: dict[str, Bom]) -> str:
    """Return a Markdown table of all components in the bills, with the licenses that the wheels state."""
    lines = [
        "# Licenses of what ships",
        "",
        "Made by `make build`: what the wheels in the function and its layer say of themselves, in their metadata and",
        "license files. Such a file may name more than the build for Linux holds. The texts ship with the wheels.",
        "",
        "| name | version | license | on | text |",
        "| --- | --- | --- | --- | --- |",
    ]
    rows: dict[tuple[str, ...], list[str]] = {}
    for architecture, bill in bills.items():
        for part in bill.components:
            license_name = next((license_.name or "" for license_ in part.licenses), UNSTATED)
            text = next((p.value or "" for p in part.properties if p.name == LICENSE_FILE), "")
            rows.setdefault((part.name, part.version or "", license_name, text), []).append(architecture)
    for (name, version, license_name, text), on in sorted(rows.items(), key=lambda row: row[0][0].lower()):
        lines.append(f"| {name} | {version} | {license_name} | {', '.join(sorted(set(on)))} | {text and f'`{text}`'} |")
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    usage = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    usage.add_argument("--out", type=Path, required=True, help="folder of the bills: ARCHITECTURE.cdx.json")
    usage.add_argument("--licenses", type=Path, required=True, help="file of the list of licenses")
    usage.add_argument("builds", nargs="+", type=Path, metavar="FOLDER")
    asked = usage.parse_args(arguments)
    bills = {built_architecture(folder) or "": bill_of(folder) for folder in asked.builds}
    asked.out.mkdir(parents=True, exist_ok=True)
    for architecture, bill in bills.items():
        content = JsonV1Dot6(bill).output_as_string(indent=2)
        if fault := JsonStrictValidator(SchemaVersion.V1_6).validate_str(content):
            print(f"{architecture}: expected a bill that follows CycloneDX 1.6, got {fault}", file=sys.stderr)
            return 1
        file = asked.out / f"{architecture}.cdx.json"
        file.write_text(content + "\n", "utf-8")
        print(f"{architecture:<8}{len(bill.components)} components in {file}")
    asked.licenses.write_text(license_list(bills), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
