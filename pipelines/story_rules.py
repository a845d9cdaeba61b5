"""Rules that hold a row against the rest of its story: the same person, case, event, line or organisation.

All of them only warn: each may be true of somebody, and none can say which of two rows is wrong.
"""

from __future__ import annotations

from indicators.facts import codelists
from pipelines.rules import RowRule

# Rows of the same file are asked through `sent_`: one that is held back for another reason still says something.
_PERSON = (
    RowRule(
        "cases", "person_of_other_sex", ("person_ref", "sex"), "warn",
        "sex <> 'U' AND person_ref IN (SELECT known_person_ref FROM sent_cases WHERE known_sex <> 'U' "
        "GROUP BY known_person_ref HAVING min(known_sex) <> max(known_sex))",
        "Another case of this person gives another sex; check whether the code means two people.",
        "В другом деле этого лица указан другой пол; проверьте, не означает ли код двух разных людей.",
    ),
    RowRule(
        "cases", "person_twice_a_day", ("case_ref", "person_ref", "identified_on"), "warn",
        "(person_ref, identified_on) IN (SELECT (known_person_ref, known_identified_on) FROM sent_cases "
        "WHERE known_person_ref IS NOT NULL AND known_identified_on IS NOT NULL "
        "GROUP BY ALL HAVING count(DISTINCT known_case_ref) > 1)",
        "This person was identified on the same day in two cases; if it is one case, keep one code.",
        "Это лицо выявлено в один и тот же день по двум делам; если дело одно, оставьте один код.",
    ),
    RowRule(
        "cases", "age_goes_back", ("person_ref", "identified_on", "age"), "warn",
        "age < (SELECT max(known_age) FROM sent_cases "
        "WHERE known_person_ref = person_ref AND known_identified_on < identified_on) "
        "OR age > (SELECT min(known_age) FROM sent_cases "
        "WHERE known_person_ref = person_ref AND known_identified_on > identified_on)",
        "In a later case this person is younger; correct the age, or the code of the person.",
        "В более позднем деле это лицо моложе; исправьте возраст или код лица.",
    ),
)  # fmt: skip


def _months(wave: str) -> str:
    """SQL: after how many months a wave is due; nothing for a code that is not in the list."""
    whens = " ".join(
        f"WHEN '{code.code}' THEN {code.attributes['months']}" for code in codelists()["follow_up_wave"].codes.values()
    )
    return f"CASE {wave} {whens} END"


_FOLLOW_UPS = (
    RowRule(
        "follow_ups", "waves_out_of_order", ("case_ref", "wave", "followed_up_on"), "warn",
        "followed_up_on < (SELECT max(known_followed_up_on) FROM sent_follow_ups "
        f"WHERE known_case_ref = case_ref AND {_months('known_wave')} < {_months('wave')}) "
        "OR followed_up_on > (SELECT min(known_followed_up_on) FROM sent_follow_ups "
        f"WHERE known_case_ref = case_ref AND {_months('known_wave')} > {_months('wave')})",
        "The waves of this case do not follow each other in time; correct the wave or the day.",
        "Волны наблюдения по этому делу не идут по порядку; исправьте волну или дату.",
    ),
    # Due 3, 6 and 12 calendar months after the plan began, 30 days more or less (indicator registry R02). The
    # plan's first day is often not recorded; it lies no earlier than the identification, so a wave before this bound
    # is early whenever the plan began.
    RowRule(
        "follow_ups", "before_due", ("case_ref", "wave", "followed_up_on"), "warn",
        "followed_up_on < (SELECT min(known_identified_on) FROM known_cases WHERE known_case_ref = case_ref) "
        f"+ to_months({_months('wave')}) - to_days(30)",
        "Earlier than 30 days before the wave can be due, counted from the identification; "
        "correct the wave or the day.",
        "Раньше чем за 30 дней до срока этой волны, считая от выявления; исправьте волну или дату.",
    ),
)  # fmt: skip

_SERVICES = (
    # Only a warning, unlike assistance: a presumed victim is often referred first and identified by the receiver.
    RowRule(
        "referrals", "before_identification", ("case_ref", "sent_on"), "warn",
        "EXISTS (SELECT 1 FROM known_cases WHERE known_case_ref = case_ref AND sent_on < known_identified_on)",
        "Sent before the person was identified; right for a referral to the identification, else correct a date.",
        "Направление отправлено раньше, чем пострадавший выявлен; для направления на выявление это верно, "
        "иначе исправьте дату.",
    ),
    # The status is that of the end of the quarter in which the case was sent. `closed_referred` says that others go on.
    RowRule(
        "assistance", "after_closing", ("case_ref", "delivered_on"), "warn",
        "(SELECT min(known_snapshot) FROM known_cases "
        "WHERE known_case_ref = case_ref AND known_case_status = 'closed') < (SELECT period FROM this_file)",
        "The case was closed in an earlier quarter; check its code, or send the case anew with its status.",
        "Дело закрыто в одном из прошлых кварталов; проверьте код или пришлите дело заново с верным статусом.",
    ),
    # Every edition of the directory is asked: a later one may have lost the dates of a membership that has ended.
    RowRule(
        "assistance", "organisation_no_member", ("organisation_ref", "delivered_on"), "warn",
        "EXISTS (SELECT 1 FROM known_organisations WHERE known_organisation_ref = organisation_ref "
        "AND known_is_member) AND NOT EXISTS (SELECT 1 FROM known_organisations "
        "WHERE known_organisation_ref = organisation_ref AND known_is_member AND delivered_on BETWEEN "
        "coalesce(known_member_from, DATE '0001-01-01') AND coalesce(known_member_to, DATE '9999-12-31'))",
        "This organisation was no member of the network on that day; check the day, or tell the region.",
        "В этот день организация не состояла в сети; проверьте дату или сообщите региональному координатору.",
    ),
    RowRule(
        "hotline_contacts", "line_not_open", ("hotline_ref", "received_on"), "warn",
        "EXISTS (SELECT 1 FROM known_hotlines WHERE known_hotline_ref = hotline_ref) "
        "AND NOT EXISTS (SELECT 1 FROM known_hotlines WHERE known_hotline_ref = hotline_ref AND received_on BETWEEN "
        "coalesce(known_open_from, DATE '0001-01-01') AND coalesce(known_open_to, DATE '9999-12-31'))",
        "By the directory the line was not open on that day; check the day, or tell the region.",
        "По справочнику линия в этот день не работала; проверьте дату или сообщите региональному координатору.",
    ),
)  # fmt: skip

_CANCELLED = (
    RowRule(
        "participants", "event_cancelled", ("event_ref",), "warn",
        "EXISTS (SELECT 1 FROM known_training_events "
        "WHERE known_event_ref = event_ref AND known_event_status = 'cancelled')",
        "The event was cancelled and yet has participants; correct its status, or delete the list.",
        "Мероприятие отменено, но у него есть участники; исправьте его статус или удалите список.",
    ),
    RowRule(
        "activities", "cancelled_but_reached", ("activity_status", "reached"), "warn",
        "activity_status = 'cancelled' AND reached > 0",
        "The activity was cancelled and yet reached people; correct one of the two.",
        "Мероприятие отменено, но охват больше нуля; исправьте одно из двух.",
    ),
)  # fmt: skip

STORY_RULES = (*_PERSON, *_FOLLOW_UPS, *_SERVICES, *_CANCELLED)
