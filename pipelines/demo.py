"""The sample quarters 2010-Q3 and 2010-Q4: the newsletter's own facts, and made people and events around them.

What is printed and what is made is told apart in docs/sample-data.md. The same scale gives the
same rows on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from indicators.facts import facts
from pipelines.demo_details import with_details
from pipelines.demo_directory import directory
from pipelines.demo_events import activities, hotline_contacts, trainings
from pipelines.demo_facts import printed_facts
from pipelines.demo_network import instruments, materials, recommendations, taught_trainers
from pipelines.demo_people import people
from pipelines.demo_profiles import PROFILES, Profile
from pipelines.demo_rows import PERIODS, Records, in_period

DIRECTORY_OFFICE = "region"
OFFICE_EXPORTS = ("cases", "training", "campaigns")
OF_AN_EVENT = ("participants", "trainers")


def sample_records(scale: int = 1) -> dict[tuple[str, str], Records]:
    """(office, period) -> rows by fact, for the five offices and the region's directory.

    `scale` multiplies the made people and events, never what the newsletter prints. Raises
    ValueError for a scale below 1.
    """
    return dict(_by_office(scale))


def write_demo(raw: Path, scale: int = 1) -> list[Path]:
    """Write the sample as the offices would send it, `raw/<office>/<file>`, and return the files in order.

    Every slot of a contract has its file, also when nothing happened: a file without rows says none, no
    file says nothing. Raises KeyError for an office of the sample that has no contract.
    """
    # Not at the top: the rows themselves need no contract.
    from pipelines.contracts import contracts
    from pipelines.render import render

    written = []
    for (office, period), records in _by_office(scale):
        contract = contracts()[office]
        folder = raw / office
        folder.mkdir(parents=True, exist_ok=True)
        for slot in contract.slots_at(period).values():
            path = folder / slot.file_name(period)
            path.write_bytes(render(contract, slot, period, records))
            written.append(path)
    return written


def _by_office(scale: int) -> Iterator[tuple[tuple[str, str], Records]]:
    """The sample one office after another: of a large one no more than an office is held at a time."""
    if scale < 1:
        raise ValueError(f"the scale is 1 or more, not {scale}")
    for profile in PROFILES:
        whole = _office_records(profile, scale)
        yield from (((profile.office, period), _cut(whole, period)) for period in PERIODS)
    yield from (((DIRECTORY_OFFICE, period), directory(period)) for period in PERIODS)


def _office_records(profile: Profile, scale: int) -> Records:
    """Everything of an office over both quarters; the newsletter's rows come first and keep their numbers."""
    printed = printed_facts(profile.office)
    cases = people(profile, scale, first_number=_next(printed, "cases"))
    made: Records = {
        **cases,
        **trainings(profile, scale, first_number=_next(printed, "training_events")),
        "activities": activities(profile, scale),
        "hotline_contacts": hotline_contacts(
            profile, scale, cases["cases"], first_number=_next(printed, "hotline_contacts")
        ),
    }
    made = with_details(profile, scale, made)
    made |= {
        **taught_trainers(profile, made),
        "materials": materials(profile, scale),
        "instruments": instruments(profile),
        "recommendations": recommendations(profile),
    }
    names = [fact.name for fact in facts().values() if fact.export in OFFICE_EXPORTS]
    return {name: [*printed.get(name, []), *made.get(name, [])] for name in names}


def _next(printed: Records, fact: str) -> int:
    return len(printed.get(fact, [])) + 1


def _cut(whole: Records, period: str) -> Records:
    """What happened in a period; participants and trainers belong to that in which their event ended."""
    cut = {
        name: in_period(rows, facts()[name].dated_by or "", period)
        for name, rows in whole.items()
        if name not in OF_AN_EVENT
    }
    ended = {event["event_ref"] for event in cut["training_events"]}
    return {**cut, **{name: [r for r in whole[name] if r["event_ref"] in ended] for name in OF_AN_EVENT}}
