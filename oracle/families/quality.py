"""Data quality, from the registry's text: files on time, files whose rows were all accepted, figures restated."""

from __future__ import annotations

from typing import Any

from oracle.counting import Frame, Numbers, Oracle, rows


def _every(frame: Frame) -> Frame:
    return frame


def _part(frame: Frame, is_of: Any) -> Numbers:
    return sum(bool(is_of(row)) for row in frame.to_dict("records")), len(frame)


def _on_time(frame: Frame) -> Numbers:
    """A file that never came is expected, and is not on time."""
    return _part(frame, lambda file: file["first_on"] is not None and file["first_on"] <= file["due_on"])


def _received(frame: Frame) -> Frame:
    return frame.loc[[day is not None for day in frame.first_on]]


def _held(frame: Frame) -> Frame:
    return frame.loc[[bool(kinds) for kinds in frame.held_for]]


ORACLES = {
    "Q01": Oracle("owed_files", _every, _on_time),
    "Q02": Oracle("owed_files", _received, lambda frame: _part(frame, lambda file: not file["held_for"])),
    "Q02_HELD": Oracle("owed_files", _held, rows),
    "Q03": Oracle("restated_figures", _every, rows),
}
