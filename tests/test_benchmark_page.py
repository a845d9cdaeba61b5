"""The page of measurements: each part is written anew by itself, and the drawing is an image with every way in it."""

from __future__ import annotations

from xml.etree import ElementTree

from benchmarks.page import drawing, write_page

POINTS = {"ours & others": {5_000: 1.0, 1_000_000: 9.0}, "nothing": {0: 0.1}, "floor": {5_000: 0.1, 1_000_000: 0.4}}


def test_a_part_is_written_anew_and_the_other_stays(tmp_path):
    page = tmp_path / "benchmarks.md"
    write_page(page, "small", [["a  1.0x"], ["b  2.0x"]], {})
    write_page(page, "large", [["c  3.0x"]], {"counting": POINTS, "protection": {}})
    first = page.read_text(encoding="utf-8")
    assert [first.count(text) for text in ("a  1.0x", "b  2.0x", "c  3.0x")] == [1, 1, 1]
    assert [image.name for image in (tmp_path / "images").iterdir()] == ["counting-large.svg"], "nothing else is known"
    write_page(page, "small", [["a  9.0x"]], {})
    second = page.read_text(encoding="utf-8")
    assert "a  1.0x" not in second
    assert "b  2.0x" not in second
    assert second.count("c  3.0x") == second.count("a  9.0x") == 1
    assert second.startswith(first[:200])


def test_every_way_is_a_line_of_the_drawing():
    root = ElementTree.fromstring(drawing(POINTS))
    lines = [one for one in root if one.tag.endswith("polyline")]
    assert len(lines) == len(POINTS)
    assert "ours & others" in {one.text for one in root}
    first, last = (tuple(map(float, point.split(","))) for point in lines[2].get("points", "").split())
    assert first[0] < last[0], "more rows are further to the right"
    assert first[1] > last[1], "dearer is further up"
