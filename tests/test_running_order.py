"""Files named one by one are taken in in the order in which a folder's are, whatever order they are named in."""

from __future__ import annotations

import random

from pipelines.cycle import programme_contracts
from pipelines.intake_folder import _files, in_turn, visible


def test_single_files_come_in_the_order_of_the_landing_zone(repository):
    contracts = programme_contracts()
    offices = {folder.name: folder for folder in visible(repository / "data" / "raw") if folder.name in contracts}
    ordered = [path for _, path, _ in _files(offices, contracts)]
    assert len(ordered) > len(offices)
    shuffled = list(ordered)
    random.Random(1).shuffle(shuffled)
    assert in_turn(shuffled, contracts) == ordered


def test_a_file_that_nobody_sends_comes_last(tmp_path, repository):
    known = next(path for path in visible(repository / "data" / "raw" / "kaz") if "cases" in path.name)
    strange = tmp_path / "holiday.jpg"
    assert in_turn([strange, known], programme_contracts()) == [known, strange]
