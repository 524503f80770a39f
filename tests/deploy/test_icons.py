"""The icons of the home screen are what the script draws."""

import struct

import pytest

from deploy.icons import FOLDER, ICONS, draw


@pytest.mark.parametrize("name", ICONS)
def test_the_file_has_its_size(name):
    head = (FOLDER / f"{name}.png").read_bytes()[:24]

    assert struct.unpack(">II", head[16:24]) == (ICONS[name][0], ICONS[name][0])


def test_the_file_is_what_is_drawn():
    assert (FOLDER / "heming-192.png").read_bytes() == draw(192, maskable=False)
