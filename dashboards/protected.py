"""How small numbers are protected, in words: the policy of the edition and what its certificate says."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from dashboards.data import Row
from dashboards.texts import text
from dashboards.view import View
from reports import format as fmt

# Editions of before remainders were protected do not say how many of them were given away.
_REMAINDERS = "remainders_given_away_by_earlier_editions"
# What a certificate counts, in the order a reader asks.
CERTIFIED = (
    "figures_protected", "figures_small", "figures_hidden", "figures_hidden_as_too_fine", "other_tables",
    "figures_attacked", "figures_worked_out", "intruder_cells", "intruder_worked_out",
    "counts_given_away_by_earlier_editions", _REMAINDERS, "smallest_interval",
)  # fmt: skip
WORDS = {
    "policy_decided_on": ("These rules were decided on {value}.", "Эти правила приняты {value}."),
    "policy_threshold": ("A count of people from 1 up to, but not including, {value} is not published.",
                         "Число лиц от 1 и меньше {value} не публикуется."),
    "policy_remainders": (
        "Two counts of which one is part of the other are not both published where they differ by so little.",
        "Два числа, одно из которых входит в другое, не публикуются вместе, если их разность так же мала.",
    ),
    "policy_protects": ("Counts of these people are protected: {value}.",
                        "Защищены сведения о числе таких людей: {value}."),
    "policy_hide_zeros": ("Zeros are hidden as well.", "Нули тоже скрываются."),
    "policy_show_zeros": ("Zeros are published as zeros.", "Нули публикуются как нули."),
    "policy_interval_width": (
        "Nobody can work out a hidden number more closely than to a range {value} wide.",
        "Скрытое число нельзя вычислить точнее, чем в пределах диапазона шириной {value}.",
    ),
    "policy_mostly_hidden": (
        "A breakdown of which more than {value} of the numbers would be hidden is left out as a whole.",
        "Разбивка, в которой пришлось бы скрыть более {value} чисел, не показывается целиком.",
    ),
    "group_callers": ("callers of hotlines", "обратившиеся на горячие линии"),
    "group_professionals": ("professionals trained", "обученные специалисты"),
    "group_survivors": ("people who were trafficked", "пострадавшие от торговли людьми"),
    "certificate_figures_protected": ("Figures of protected people", "Значений о защищаемых лицах"),
    "certificate_figures_small": ("of these too small to publish", "из них слишком малых для публикации"),
    "certificate_figures_hidden": ("Figures hidden in all", "Всего скрыто значений"),
    "certificate_figures_hidden_as_too_fine": ("of these because the breakdown is too fine",
                                               "из них из-за слишком подробной разбивки"),
    "certificate_other_tables": ("Other whole tables that agree with all that is published",
                                 "Других целых таблиц, согласных со всем опубликованным"),
    "certificate_figures_attacked": ("Hidden figures attacked before publishing",
                                     "Скрытых значений проверено на вскрытие"),
    "certificate_figures_worked_out": ("of these worked out", "из них вычислено"),
    "certificate_intruder_cells": ("Hidden cells attacked by the independent check",
                                   "Скрытых ячеек проверено независимой проверкой"),
    "certificate_intruder_worked_out": ("of these worked out", "из них вычислено"),
    "certificate_counts_given_away_by_earlier_editions": ("Counts that earlier editions give away",
                                                          "Чисел, которые выдают прежние выпуски"),
    f"certificate_{_REMAINDERS}": (
        "Small differences between two counts that earlier editions give away",
        "Малых разностей двух чисел, которые выдают прежние выпуски",
    ),
    "certificate_smallest_interval": ("Narrowest range found for a hidden number",
                                      "Самый узкий диапазон для скрытого числа"),
}  # fmt: skip
GROUPS = ("callers", "professionals", "survivors")


def policy(view: View) -> list[str]:
    """The rules as sentences in the reader's language; a rule without words of ours in those of the edition."""
    sentences = []
    for row in view.published.policy():
        sentences.append(_rule(row, view))
        if row["key"] == "threshold" and _REMAINDERS in view.published.certificate():
            sentences.append(_say(view, "policy_remainders"))
    return [words for words in sentences if words]


def _rule(row: Row, view: View) -> str:
    key = f"policy_{row['key']}"
    if key not in WORDS:
        return str(row[f"meaning_{view.lang}"] or "")
    if row["key"] == "hide_zeros":
        return _say(view, "policy_hide_zeros" if row["value"] == "True" else "policy_show_zeros")
    return _say(view, key, value=_value(row, view))


def _value(row: Row, view: View) -> str:
    """The value of a rule as a reader says it."""
    value = str(row["value"])
    if row["key"] == "protects":
        return ", ".join(_say(view, f"group_{name}") if name in GROUPS else name for name in value.split(", "))
    if row["key"] == "decided_on":  # a Russian day ends in the stop of `г.`, which its sentence has as well
        return fmt.day(date.fromisoformat(value), view.lang).removesuffix(".")
    if row["key"] == "mostly_hidden":
        return fmt.percent(Decimal(value), view.lang)
    return value


def certificate(view: View) -> list[tuple[str, str]]:
    """What was protected and attacked before the edition was published, in words and numbers."""
    held = view.published.certificate()
    return [
        (_say(view, f"certificate_{key}"), fmt.number(int(held[key]), view.lang))
        for key in CERTIFIED
        if str(held.get(key, "")).isdigit()
    ]


def _say(view: View, key: str, **values: str) -> str:
    return text(key, view.lang, WORDS, **values)
