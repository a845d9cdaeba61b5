"""Generated cases of the sample quarters, with the services, referrals and follow-up talks that come of them.

Nobody here exists. The order of a case is kept as the rules want it: registered, then served, then
followed up; a referral lies between registration and service. A case has at most four services,
three referrals and two talks over both quarters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from indicators.calendars import Quarter
from pipelines.demo_directory import SEATS, directory
from pipelines.demo_profiles import (
    CHILDREN,
    DURATIONS,
    EDUCATION,
    IDENTIFIERS,
    MARITAL,
    MEANS,
    METHODS,
    RECRUITERS,
    SECTORS,
    SEX_BY_FORM,
    SEXUAL_FORMS,
    STATUS,
    WORK,
    Profile,
)
from pipelines.demo_rows import LAST_DAY, PERIODS, Chance, Records, Row, row

MOST_REFERRALS = 3
# The plan is taken to begin with the registration; a talk may be held this long before or after it is due.
DUE = {"m3": 91, "m6": 183}
TALK_WITHIN = 28


@dataclass(frozen=True)
class Network:
    """Who can take over a service: the organisations already in the directory of the first quarter."""

    organisations: list[Row] = field(default_factory=lambda: directory(PERIODS[0])["organisations"])

    def members(self, country: str) -> list[Row]:
        """The country's members."""
        return [o for o in self.organisations if o["country"] == country and o["is_member"]]

    def offering(self, country: str, service: str, without: str) -> list[Row]:
        """The country's organisations that offer a service, without one of them."""
        return [
            o
            for o in self.organisations
            if o["country"] == country and service in o["services"] and o["organisation_ref"] != without
        ]


def people(profile: Profile, scale: int, first_number: int) -> Records:
    """Rows of cases, assistance, referrals and follow-ups over both quarters, `cases * scale` cases.

    Case and person numbers begin at `first_number`.
    """
    chance = Chance("people", profile.office, scale)
    network = Network()
    records: Records = {"cases": [], "assistance": [], "referrals": [], "follow_ups": []}
    days = sorted(_identified_on(chance) for _ in range(profile.cases * scale))
    victims: list[Row] = []
    for number, day in enumerate(days, start=first_number):
        is_first_quarter = str(Quarter.of(day)) == PERIODS[0]
        case = _case(chance, profile, number, day, [] if is_first_quarter else victims)
        if is_first_quarter and case["vot_status"] == "actual":
            victims.append(case)
        home = chance.pick(network.members(profile.country))
        follows = _what_follows(chance, case, home, network)
        records["cases"].append(_kept_open(case, follows))
        for fact, rows in follows.items():
            records[fact] += rows
    return records


def _identified_on(chance: Chance) -> date:
    quarter = Quarter.parse(chance.pick(PERIODS))
    # Half of them early, so that some cases of July are followed up at six months in December.
    draw = chance.skewed if chance.happens(0.5) else chance.whole
    return quarter.start + timedelta(days=draw(0, (quarter.end - quarter.start).days))


def _case(chance: Chance, profile: Profile, number: int, day: date, victims: list[Row]) -> Row:
    status = chance.weighed(STATUS)
    forms = chance.weighed(profile.forms) if status != "not_vot" else ()
    return row(
        "cases",
        case_ref=f"{profile.country}-2010-{number}",
        vot_status=status,
        screened_on=day - timedelta(days=min(chance.skewed(0, 6), (day - Quarter.of(day).start).days)),
        identified_on=day,
        region=_region(chance, profile),
        identified_by=chance.weighed(IDENTIFIERS),
        case_status=_case_status(chance, status),
        **_person(chance, profile, number, forms, victims),
        **(_exploitation(chance, profile, forms) if status != "not_vot" else {}),
    )


def _case_status(chance: Chance, status: str) -> str:
    if status == "not_vot":
        return "closed"
    return chance.weighed({"active": 60, "follow_up": 25, "closed": 10, "closed_referred": 5})


def _kept_open(case: Row, follows: Records) -> Row:
    """A case is not closed at the end of its quarter when something is done for the person after it."""
    end = Quarter.of(case["identified_on"]).end
    later = [
        day for rows in follows.values() for r in rows for day in r.values() if isinstance(day, date) and day > end
    ]
    return {**case, "case_status": "active"} if later and case["case_status"].startswith("closed") else case


def _region(chance: Chance, profile: Profile) -> str | None:
    seats = [f"{profile.country}-{seat}" for seat in SEATS[profile.country]]
    return None if chance.happens(0.05) else chance.pick(seats)


KEPT = ("person_ref", "sex", "age", "age_group_given", "citizenship", "education", "marital_status", "children")


def _person(
    chance: Chance, profile: Profile, number: int, forms: tuple[str, ...], victims: list[Row]
) -> dict[str, Any]:
    """Who the case is about: now and then someone who was a victim in the quarter before."""
    if victims and chance.happens(0.05):
        known = victims.pop(chance.whole(0, len(victims) - 1))
        return {name: known[name] for name in KEPT}
    age = _age(chance, forms)
    is_minor = age is not None and age < 16
    return {
        "person_ref": f"{profile.country}P{number}",
        "sex": chance.weighed(SEX_BY_FORM.get(forms[-1] if forms else "other", SEX_BY_FORM["other"])),
        "age": age,
        "age_group_given": "adult" if age is None and chance.happens(0.6) else None,
        "citizenship": _citizenship(chance, profile),
        "education": "lower_secondary" if is_minor else chance.weighed(EDUCATION),
        "marital_status": "single" if is_minor else chance.weighed(MARITAL),
        "children": 0 if is_minor else chance.weighed(CHILDREN),
    }


def _age(chance: Chance, forms: tuple[str, ...]) -> int | None:
    if "child_labour" in forms:
        return chance.whole(11, 17)
    if chance.happens(0.07):
        return None
    return chance.whole(14, 17) if chance.happens(0.08) else chance.skewed(18, 54)


def _citizenship(chance: Chance, profile: Profile) -> list[str]:
    if profile.foreigners and chance.happens(0.3 if len(profile.foreigners) > 1 else 0.05):
        return [chance.weighed(profile.foreigners)]
    return [] if chance.happens(0.02) else [profile.country]


def _exploitation(chance: Chance, profile: Profile, forms: tuple[str, ...]) -> dict[str, Any]:
    means = MEANS["sexual" if "sexual" in forms else "labour"]
    return {
        "exploitation": forms,
        "labour_sector": [chance.weighed(SECTORS)] if "labour" in forms else [],
        "sexual_form": [chance.weighed(SEXUAL_FORMS)] if "sexual" in forms else [],
        "country_of_exploitation": [] if chance.happens(0.03) else [chance.weighed(profile.destinations)],
        "means_of_control": chance.some(means, chance.whole(0, 4)),
        "recruiter_relation": [known for known in [chance.weighed(RECRUITERS)] if known],
        "recruitment_method": chance.weighed(METHODS),
        "duration_band": chance.weighed(DURATIONS),
    }


def _what_follows(chance: Chance, case: Row, home: Row, network: Network) -> Records:
    if not chance.happens({"actual": 0.9, "possible": 0.5, "not_vot": 0.0}[case["vot_status"]]):
        return {}
    services = list(_services(chance, case, home, network))
    referrals = [r for _, r in services if r] + list(_unanswered(chance, case, home, network))
    assistance = [s for s, _ in services if s["delivered_on"] <= LAST_DAY]
    return {
        "assistance": assistance,
        "referrals": _as_known_at_the_time(referrals)[:MOST_REFERRALS],
        "follow_ups": list(_talks(chance, case, assistance)),
    }


PLANS = (
    ("psychosocial", "medical", "shelter", "legal"),
    ("documents", "psychosocial", "medical", "in_kind"),
    ("legal", "documents", "psychosocial", "education_vocational"),
    ("medical", "psychosocial", "education_vocational", "livelihood_equipment"),
    ("return_travel", "shelter", "medical", "family_mediation"),
)


def _services(chance: Chance, case: Row, home: Row, network: Network) -> Iterator[tuple[Row, Row | None]]:
    """Services in the order of a plan, each with the referral that led to it, if another body gave it."""
    day = case["identified_on"]
    for kind in chance.pick(PLANS)[: chance.weighed({1: 20, 2: 36, 3: 28, 4: 16})]:
        day += timedelta(days=chance.whole(1, 34))
        others = network.offering(home["country"], kind, without=home["organisation_ref"])
        if kind in home["services"] or not others:
            yield _service(case, kind, day, home), None
        else:
            receiver = chance.pick(others)
            sent = day - timedelta(days=chance.whole(0, min(14, (day - case["identified_on"]).days)))
            yield _service(case, kind, day, receiver), _referral(case, kind, home, receiver, sent, day)


def _service(case: Row, kind: str, day: date, provider: Row) -> Row:
    return row(
        "assistance", case_ref=case["case_ref"], assistance_type=kind, delivered_on=day,
        organisation_ref=provider["organisation_ref"], provider_type=provider["org_type"],
    )  # fmt: skip


def _referral(case: Row, kind: str, sender: Row, receiver: Row, sent: date, received: date | None) -> Row:
    return row(
        "referrals", case_ref=case["case_ref"], assistance_type=kind, from_organisation=sender["organisation_ref"],
        to_organisation=receiver["organisation_ref"], to_org_type=receiver["org_type"], sent_on=sent,
        received_on=received,
    )  # fmt: skip


def _unanswered(chance: Chance, case: Row, home: Row, network: Network) -> Iterator[Row]:
    """Referrals that led to no service of this office: still open, or to a member in another country."""
    if chance.happens(0.3):
        sent = case["identified_on"] + timedelta(days=chance.whole(5, 40))
        others = network.offering(home["country"], "legal", without=home["organisation_ref"])
        yield _referral(case, "legal", home, chance.pick(others), sent, None)
    if chance.happens(0.12):
        abroad = chance.pick([country for country in SEATS if country != home["country"]])
        receiver = chance.pick(network.members(abroad))
        sent = case["identified_on"] + timedelta(days=chance.whole(3, 30))
        received = sent + timedelta(days=chance.whole(4, 35)) if chance.happens(0.6) else None
        yield _referral(case, chance.pick(receiver["services"]), home, receiver, sent, received)


def _as_known_at_the_time(referrals: list[Row]) -> list[Row]:
    """Sent within the sample, one for each key, and open where the service began after the quarter's end."""
    kept: dict[tuple[Any, ...], Row] = {}
    for referral in sorted(referrals, key=lambda r: r["sent_on"]):
        if referral["sent_on"] > LAST_DAY:
            continue
        received, quarter_end = referral["received_on"], Quarter.of(referral["sent_on"]).end
        known = received if received and received <= quarter_end else None
        key = (referral["assistance_type"], referral["to_organisation"], referral["sent_on"])
        kept.setdefault(key, {**referral, "received_on": known})
    return list(kept.values())


def _talks(chance: Chance, case: Row, assistance: list[Row]) -> Iterator[Row]:
    """Talks about the third and sixth month that fall within the sample, after the first service."""
    for wave, days in DUE.items():
        due = case["identified_on"] + timedelta(days=days)
        first, last = due - timedelta(days=TALK_WITHIN), min(due + timedelta(days=TALK_WITHIN), LAST_DAY)
        if assistance and first <= last and assistance[0]["delivered_on"] < first and chance.happens(0.75):
            yield row(
                "follow_ups", case_ref=case["case_ref"], wave=wave, followed_up_on=chance.day(first, last),
                work_status=chance.weighed(WORK),
            )  # fmt: skip
