"""How our own scripts, styles and icons are served: by a name that changes with their content, compressed once."""

from collections.abc import Iterator
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage

OURS = ("vendor/", "js/", "img/")


class OurFilesHashed(CompressedManifestStaticFilesStorage):
    """A browser keeps ours for ever and a new release is a new name; what Django and libraries bring stays as it is.

    Hashing those too would take ten seconds a side at each start, and their source maps do not exist. Where nothing was
    collected (tests, development) names are plain.
    """

    patterns = ()  # our stylesheets name no other file

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        """Only ours."""
        ours = {name: found for name, found in paths.items() if name.startswith(OURS)}
        yield from super().post_process(ours, dry_run, **options)

    def stored_name(self, name: str) -> str:
        """The name with its digest, if the file is one of ours and was collected."""
        hashed: str = self.hashed_files.get(self.hash_key(self.clean_name(name)), name)
        return hashed
