"""Reads the libraries inside installed wheels, and their licenses, from the wheels' license files."""

import re
from collections.abc import Iterator
from email.parser import HeaderParser
from pathlib import Path
from typing import NamedTuple

UNSTATED = "not stated by the wheel"

# The first phrase in a text decides the license.
KNOWN_TEXTS = {
    "GNU LESSER GENERAL PUBLIC LICENSE Version 2.1": "LGPL-2.1",
    "GNU LESSER GENERAL PUBLIC LICENSE Version 3": "LGPL-3.0",
    "Apache License Version 2.0": "Apache-2.0",
    "Licensed under the Apache License, Version 2.0": "Apache-2.0",
    "MIT License": "MIT",
    "OpenSSL License": "OpenSSL",
    "The FreeType Project LICENSE": "FTL",
    "PNG Reference Library License version 2": "libpng-2.0",
    "libjpeg-turbo is covered by three compatible BSD-style": "IJG AND BSD-3-Clause AND Zlib",
    "libjpeg-turbo is covered by two compatible BSD-style": "IJG AND BSD-3-Clause",
    "Intel Simplified Software License": "Intel Simplified Software License",
    'This program, "bzip2"': "bzip2-1.0.6",
    "Sam Leffler": "libtiff",
    "to deal in the Software without restriction": "MIT",
    "Redistribution and use in source and binary forms": "BSD-2-Clause",
    "Permission to use, copy, modify, and/or distribute": "ISC",
    "'as-is', without any express or implied": "Zlib",
}


class Bundled(NamedTuple):
    """A library inside a wheel, by its name in the wheel's license files."""

    name: str
    license: str
    text: Path  # the license file, relative to the folder that the wheel was installed into


def stated_license(metadata: Path) -> str:
    """Return the license in the METADATA file of a wheel."""
    fields = HeaderParser().parsestr(metadata.read_text("utf-8"))
    classified = [value.rpartition(" :: ")[2] for value in fields.get_all("Classifier", []) if "License ::" in value]
    return fields["License-Expression"] or fields["License"] or " AND ".join(classified) or UNSTATED


def bundled_libraries(dist_info: Path, architecture: str) -> list[Bundled]:
    """List the libraries that a wheel's license files name as part of its build for Linux on `architecture`."""
    found = []
    for file in sorted(
        path for path in dist_info.rglob("*") if path.is_file() and re.search("LICENSE|COPYING", path.name)
    ):
        content, place = file.read_text("utf-8"), file.relative_to(dist_info.parent)
        named = [*_blocks(content), *_chapters(content), *_sections(content, architecture)]
        if not named and (source := _source_folder(file, dist_info)):
            named = [(source, _known_license(content))]
        found += [Bundled(name, license_, place) for name, license_ in named]
    return found


def _source_folder(file: Path, dist_info: Path) -> str | None:
    """Return the source folder of a license file; None for the top folder."""
    folders = file.relative_to(dist_info).parts[:-1]
    return "/".join(folders[1:]) if folders[:1] == ("licenses",) and folders[1:] else None


def _blocks(content: str) -> Iterator[tuple[str, str]]:
    """Yield blocks with the fields Name and License, as in the wheels of NumPy and pi-heif."""
    for name, block in re.findall(r"^Name: (.+)\n((?:\S.*\n)+)", content, re.MULTILINE):
        if license_ := re.search(r"^License: (.+)$", block, re.MULTILINE):
            yield name, license_[1]


def _chapters(content: str) -> Iterator[tuple[str, str]]:
    """Yield chapters under a name in capitals or the path of a library file, as in Pillow and simplejpeg."""
    chapters = re.split(
        r"^(?:-{4}\n\n([A-Z][A-Z0-9_]+)|=+\nContent of: .*/lib/([^/\n]+)/.*)\n", content, flags=re.MULTILINE
    )
    for capitals, folder, text in zip(chapters[1::3], chapters[2::3], chapters[3::3], strict=True):
        yield (capitals or folder), _known_license(text)


def _sections(content: str, architecture: str) -> Iterator[tuple[str, str]]:
    """Yield sections between lines of dashes that begin like "libvpx is redistributed within all …"."""
    for section in re.split(r"^-{70,}$", content, flags=re.MULTILINE):
        head = re.split(r"\n\s*\n(?![^\n]*distributed within)", section.strip(), maxsplit=1)[0]
        for sentence in re.split(r"\.(?:\s|$)", head):
            told = re.match(
                r"\s*(.+?) (?:library |libraries )?(?:and it's dependnecies )?(?:(?:is|are) )?"
                r"(?:redistributed|distributed|statically linked) with(?:in)? (.+)",
                re.sub(r"\s+", " ", sentence),
            )
            if told and _is_for(told[2], architecture):
                for name in re.split(r", | and ", told[1]):
                    yield name.strip(), _known_license(section)


def _is_for(packages: str, architecture: str) -> bool:
    """Return whether "all opencv-python Linux packages" and the like cover the headless build on `architecture`."""
    if "non-headless" in packages or "Windows" in packages or ("acOS" in packages and "Linux" not in packages):
        return False
    return architecture == "x86_64" or "x86_64" not in packages


def _known_license(section: str) -> str:
    text = re.sub(r"\s+", " ", section)
    found = [(text.find(phrase), name) for phrase, name in KNOWN_TEXTS.items() if phrase in text]
    start, name = min(found, default=(0, "see the text"))
    if name == "BSD-2-Clause" and "endorse or promote products" in text[start : start + 1500]:
        return "BSD-3-Clause"  # the same text with one more clause
    return name
