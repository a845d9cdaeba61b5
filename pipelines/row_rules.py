"""Rules that compare columns of a row, or a row with rows of other tables.

A plain column is the row's own, a `known_` column is another table's. `known_<fact>` holds the office's
rows of a fact that count or are about to, `sent_<fact>` also those held back from this file,
`taken_<fact>` only those of other files in force (`pipelines.staging`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from indicators.facts import Fact
from pipelines.findings import Severity
from pipelines.rules import DIRECTORY, RowRule, Rule
from pipelines.story_rules import STORY_RULES

if TYPE_CHECKING:
    from pipelines.contracts import Contract


_UNKNOWN_CASE = "NOT EXISTS (SELECT 1 FROM known_cases WHERE known_case_ref = case_ref)"
_UNKNOWN_EVENT = "NOT EXISTS (SELECT 1 FROM known_training_events WHERE known_event_ref = event_ref)"

_DETAIL_OF_CASE = tuple(
    RowRule(
        fact, "unknown_case", ("case_ref",), "quarantine", f"case_ref IS NOT NULL AND {_UNKNOWN_CASE}",
        "No case with this code counts; send the case first, or correct the code.",
        "Дела с таким кодом среди учтённых нет; сначала отправьте само дело или исправьте код.",
    )
    for fact in ("assistance", "referrals", "follow_ups")
)  # fmt: skip

_IN_THE_DIRECTORY = tuple(
    RowRule(
        fact, f"{column}_unknown", (column,), "warn",
        f"{column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM known_organisations "
        f"WHERE known_organisation_ref = {column})",
        "This organisation is not in the directory of the network; check the code, or tell the region.",
        "Этой организации нет в справочнике сети; проверьте код или сообщите региональному координатору.",
    )
    for fact, column in (
        ("referrals", "from_organisation"),
        ("referrals", "to_organisation"),
        ("assistance", "organisation_ref"),
    )
)  # fmt: skip


def _in_order(fact: str, earlier: str, later: str, severity: Severity, en: str, ru: str) -> RowRule:
    return RowRule(
        fact, f"{later}_before_{earlier}", (earlier, later), severity, f"{later} < {earlier}", en, ru
    )  # fmt: skip


_IN_ORDER = (
    _in_order(
        "training_events", "start_on", "end_on", "quarantine",
        "The event ends before it starts.", "Мероприятие заканчивается раньше, чем начинается.",
    ),
    _in_order(
        "referrals", "sent_on", "received_on", "quarantine",
        "The service was received before the referral was sent.", "Услуга получена раньше, чем отправлено направление.",
    ),
    _in_order(
        "organisations", "member_from", "member_to", "quarantine",
        "The membership ends before it begins.", "Членство заканчивается раньше, чем начинается.",
    ),
    _in_order(
        "hotlines", "open_from", "open_to", "quarantine",
        "The line closes before it opens.", "Линия закрывается раньше, чем открывается.",
    ),
    _in_order(
        "assistance", "delivered_on", "ended_on", "quarantine",
        "The help ends before it begins.", "Помощь заканчивается раньше, чем начинается.",
    ),
    _in_order(
        "recommendations", "issued_on", "referred_on", "quarantine",
        "Referred before it was issued.", "Рекомендация направлена раньше, чем принята.",
    ),
    _in_order(
        "recommendations", "referred_on", "closed_on", "quarantine",
        "Closed before it was referred.", "Рекомендация завершена раньше, чем направлена.",
    ),
    _in_order(
        "cases", "identified_on", "plan_started_on", "warn",
        "The plan began before the registration.", "План начат раньше, чем зарегистрировано дело.",
    ),
    _in_order(
        "cases", "screened_on", "identified_on", "warn",
        "The status was decided before the screening.", "Решение о статусе принято раньше, чем проведён скрининг.",
    ),
)  # fmt: skip

_CASES = (
    # The age in years is what counts, so a contradiction is said and the row stays.
    RowRule(
        "cases", "age_and_group", ("age", "age_group_given"), "warn",
        "(age < 18 AND age_group_given = 'adult') OR (age >= 18 AND age_group_given = 'minor')",
        "Age and 'minor or adult' contradict each other; the age in years is counted.",
        "Возраст и отметка «несовершеннолетний/взрослый» противоречат друг другу; учитывается возраст в годах.",
    ),
    RowRule(
        "cases", "status_without_body", ("formal_status_on", "formal_status_by"), "warn",
        "formal_status_on IS NOT NULL AND formal_status_by IS NULL",
        "The day of a decision on status is given, but not who decided; add the body.",
        "Дата решения о статусе указана, а кем оно принято, нет; укажите орган.",
    ),
)  # fmt: skip

_SERVICES = (
    RowRule(
        "assistance", "before_identification", ("case_ref", "delivered_on"), "quarantine",
        "EXISTS (SELECT 1 FROM known_cases WHERE known_case_ref = case_ref AND delivered_on < known_identified_on)",
        "Delivered before the person was identified; correct one of the two dates.",
        "Помощь оказана раньше, чем пострадавший был выявлен; исправьте одну из двух дат.",
    ),
    # With no assistance known at all there may be an older one, before the first file: that is only a warning.
    RowRule(
        "follow_ups", "before_assistance", ("case_ref", "followed_up_on"), "quarantine",
        "(SELECT min(known_delivered_on) FROM known_assistance WHERE known_case_ref = case_ref) > followed_up_on",
        "Followed up before any assistance was delivered; correct one of the two dates.",
        "Наблюдение проведено раньше, чем оказана какая-либо помощь; исправьте одну из двух дат.",
    ),
    RowRule(
        "referrals", "declined_and_received", ("received_on", "declined"), "warn",
        "declined AND received_on IS NOT NULL",
        "The service is marked as declined and as received; correct one of the two.",
        "Услуга отмечена и как отклонённая, и как полученная; исправьте одно из двух.",
    ),
    RowRule(
        "follow_ups", "without_assistance", ("case_ref",), "warn",
        "EXISTS (SELECT 1 FROM known_cases WHERE known_case_ref = case_ref) "
        "AND NOT EXISTS (SELECT 1 FROM known_assistance WHERE known_case_ref = case_ref)",
        "No assistance is recorded for this case; check that it was sent.",
        "По этому делу не учтено никакой помощи; проверьте, отправлены ли сведения о ней.",
    ),
    RowRule(
        "hotline_contacts", "unknown_case", ("case_ref",), "warn", f"case_ref IS NOT NULL AND {_UNKNOWN_CASE}",
        "No case with this code counts; check the code, or send the case.",
        "Дела с таким кодом среди учтённых нет; проверьте код или отправьте дело.",
    ),
    RowRule(
        "hotline_contacts", "unknown_hotline", ("hotline_ref",), "warn",
        "hotline_ref IS NOT NULL AND NOT EXISTS (SELECT 1 FROM known_hotlines WHERE known_hotline_ref = hotline_ref)",
        "This line is not in the directory; check the code, or tell the region.",
        "Этой линии нет в справочнике; проверьте код или сообщите региональному координатору.",
    ),
)  # fmt: skip

_TRAINING = (
    RowRule(
        "participants", "unknown_event", ("event_ref",), "quarantine", f"event_ref IS NOT NULL AND {_UNKNOWN_EVENT}",
        "No event with this code counts; send the event first, or correct the code.",
        "Мероприятия с таким кодом среди учтённых нет; сначала отправьте мероприятие или исправьте код.",
    ),
    # Persons win over groups: each stands on a line of its own, and the group would count them again.
    RowRule(
        "participants", "group_beside_persons", ("event_ref", "person_ref"), "quarantine",
        "person_ref IS NULL AND EXISTS (SELECT 1 FROM sent_participants "
        "WHERE known_event_ref = event_ref AND known_person_ref IS NOT NULL)",
        "The event lists persons, so a group line would count people twice; list all persons or only groups.",
        "На мероприятии участники указаны поимённо (кодами); строка группы учла бы их дважды. "
        "Укажите либо всех по кодам, либо только группы.",
    ),
    RowRule(
        "participants", "person_is_one", ("person_ref", "headcount"), "quarantine",
        "person_ref IS NOT NULL AND headcount > 1",
        "A line with a participant's code is one person, but the number of participants is higher.",
        "Строка с кодом участника — это один человек, а количество участников больше одного.",
    ),
    RowRule(
        "participants", "person_twice", ("event_ref", "person_ref"), "quarantine",
        "person_ref IS NOT NULL AND (event_ref, person_ref) IN (SELECT (event_ref, person_ref) "
        "FROM stage_participants WHERE person_ref IS NOT NULL GROUP BY ALL HAVING count(*) > 1)",
        "The same person stands twice on the list of one event; keep one line.",
        "Один и тот же участник указан в списке мероприятия дважды; оставьте одну строку.",
    ),
    RowRule(
        "trainers", "unknown_event", ("event_ref",), "quarantine", f"event_ref IS NOT NULL AND {_UNKNOWN_EVENT}",
        "No event with this code counts; send the event first, or correct the code.",
        "Мероприятия с таким кодом среди учтённых нет; сначала отправьте мероприятие или исправьте код.",
    ),
    RowRule(
        "recommendations", "unknown_event", ("event_ref",), "warn", f"event_ref IS NOT NULL AND {_UNKNOWN_EVENT}",
        "No event with this code counts; check the code, or send the event.",
        "Мероприятия с таким кодом среди учтённых нет; проверьте код или отправьте мероприятие.",
    ),
)  # fmt: skip

ROW_RULES = (*_CASES, *_DETAIL_OF_CASE, *_SERVICES, *_IN_THE_DIRECTORY, *_IN_ORDER, *_TRAINING, *STORY_RULES)

# The day on which a first-level unit must have been in force, and an exception to its country:
# a regional event may be held, and its participants may come from, anywhere in the region.
_END_OF_EVENT = "(SELECT max(known_end_on) FROM known_training_events WHERE known_event_ref = event_ref)"
_END_OF_PERIOD = "(SELECT ends_on FROM this_file)"
ABROAD_ALLOWED = {
    "training_events": "is_regional",
    "participants": "EXISTS (SELECT 1 FROM known_training_events "
    "WHERE known_event_ref = event_ref AND known_is_regional)",
}


def row_rules(fact: Fact, contract: Contract, sent: frozenset[str]) -> Iterator[Rule]:
    """The rules that compare columns and tables, for the columns an office collects."""
    for rule in ROW_RULES:
        if rule.fact == fact.name and set(rule.needs) <= sent:
            yield Rule(
                f"{fact.name}.{rule.name}", rule.severity, fact.name, rule.needs[-1], rule.predicate, rule.en, rule.ru
            )
    yield from _region_rules(fact, contract, sent)


def _region_rules(fact: Fact, contract: Contract, sent: frozenset[str]) -> Iterator[Rule]:
    if "region" in sent:
        yield from _seat_rules(fact, contract)
    if {"regions_covered", "country"} <= sent:
        yield Rule(
            f"{fact.name}.regions_covered.country", "warn", fact.name, "regions_covered",
            # ISO 3166-2: a unit's code begins with its country's.
            "len(list_filter(regions_covered, lambda unit: contains(unit, '-') AND left(unit, 2) <> country)) > 0",
            "The organisation covers a region of another country than its own; check the list.",
            "Среди охватываемых регионов есть регион другой страны; проверьте список.",
        )  # fmt: skip


def _seat_rules(fact: Fact, contract: Contract) -> Iterator[Rule]:
    column = fact.columns["region"]
    country = "country" if fact.export == DIRECTORY else "place"
    # Not `EXISTS (... AND known_country <> {country})`: DuckDB 1.5 takes that for true where {country} is empty.
    abroad = f"{country} <> (SELECT max(known_country) FROM declared_regions WHERE known_region = region)"
    allowed = ABROAD_ALLOWED.get(fact.name)
    yield Rule(
        f"{fact.name}.region.country", "quarantine", fact.name, "region",
        f"{abroad} AND NOT coalesce({allowed}, false)" if allowed else abroad,
        f"{column.label['en']}: a first-level unit of another country; correct it.",
        f"«{column.label['ru']}»: регион другой страны; исправьте.",
    )  # fmt: skip
    yield Rule(
        f"{fact.name}.region.in_force", "quarantine", fact.name, "region",
        f"EXISTS (SELECT 1 FROM declared_regions WHERE known_region = region "
        f"AND {_day(fact)} NOT BETWEEN known_from AND known_to)",
        f"{column.label['en']}: this first-level unit did not exist on that day; use the one of the time.",
        f"«{column.label['ru']}»: на эту дату такого региона не было; укажите регион того времени.",
    )  # fmt: skip


def _day(fact: Fact) -> str:
    if fact.kind == "state":
        return _END_OF_PERIOD
    return fact.dated_by if fact.dated_by in fact.columns and fact.dated_by else _END_OF_EVENT
