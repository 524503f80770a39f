"""The XRechnung test suite, where it lies beside the project (`../shared/data`); it is not ours to carry."""

from pathlib import Path

import pytest

from base.env import ROOT

FOLDERS = [place / "shared" / "data" / "einvoices_xrechnung" for place in ROOT.parents]
FOLDER = next((folder for folder in FOLDERS if folder.is_dir()), FOLDERS[0])
SAMPLES: list[Path] = sorted(FOLDER.glob("*.xml"))
PAIRS = sorted({path.name.rpartition("_")[0] for path in SAMPLES})

needs_samples = pytest.mark.skipif(not SAMPLES, reason="the XRechnung files of ../shared/data are not here")


def each_sample(test):
    """Run the test with every file."""
    marked = pytest.mark.parametrize("path", SAMPLES or [None], ids=[path.stem for path in SAMPLES] or ["none"])
    return needs_samples(marked(test))
