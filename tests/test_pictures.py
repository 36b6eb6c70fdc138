"""The picture of the front page shows what the library draws now."""

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def words(svg):
    return [" ".join(text.split()) for text in re.findall(r">([^<>]+)<", svg) if text.strip()]


def test_the_front_page_shows_what_is_drawn_now(monkeypatch):
    pytest.importorskip("matplotlib", reason="pictures need the extra plots")
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import make_pictures

    committed = words(make_pictures.PLACE.read_text("utf-8"))
    assert "SYN-01 CR" in " ".join(committed)
    assert committed == words(make_pictures.draw())
    sys.modules.pop("make_pictures")
