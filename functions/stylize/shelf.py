"""What lies in the store for one photo: its paintings and its manifest."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .engine import Style
from .engine.codec import Format
from .manifest import Manifest, painting_key


@dataclass(frozen=True)
class Shelf:
    """The ETag of every painting by its key; of the manifest, its ETag and, if it can be read, what it says."""

    etags: Mapping[str, str] = field(default_factory=dict)
    manifest_etag: str | None = None
    manifest: Manifest | None = field(default=None, compare=False)  # its ETag tells

    @property
    def is_whole(self) -> bool:
        """Whether exactly the paintings lie there that the manifest names, each as its run left it."""
        return self.manifest is not None and self.manifest.etags() == self.etags


def possible_keys(photo_key: str) -> list[str]:
    """Every key under which a painting of the photo can lie."""
    return [painting_key(photo_key, style, fmt.extension) for style in Style for fmt in Format]
