"""Every word of the dashboard, in English and in Russian, side by side.

Words that belong to the data (titles, definitions, places, categories, periods) come from the
edition; everything else is here. No sentence is put together from pieces, because Russian bends
its words: counts stand behind a colon instead.
"""

from __future__ import annotations

from collections.abc import Mapping

LANGUAGES = {"en": "English", "ru": "Русский"}

TEXTS: dict[str, tuple[str, str]] = {
    # Frame
    "programme": ("Counter-trafficking programme", "Противодействие торговле людьми"),
    "skip": ("Skip to the figures", "Перейти к показателям"),
    "pages": ("Pages", "Страницы"),
    "language": ("Language", "Язык"),
    "filters": ("What is shown", "Что показано"),
    "filter_period": ("Quarter", "Квартал"),
    "filter_calendar": ("Counted over", "Период подсчёта"),
    "filter_indicator": ("Indicator", "Показатель"),
    "filter_place": ("Place", "Территория"),
    "filter_edition": ("Edition", "Выпуск"),
    "edition_current": ("Current: {edition}", "Текущий: {edition}"),
    "edition_older": ("You are looking at an older edition. The current one may say otherwise.",
                      "Вы смотрите более ранний выпуск. В текущем значения могут быть иными."),
    "edition_to_current": ("Go to the current edition", "Перейти к текущему выпуску"),
    "not_found_title": ("Page not found", "Страница не найдена"),
    "not_found_text": ("There is no page at this address.", "По этому адресу страницы нет."),
    "not_found_home": ("Go to the overview", "Перейти к обзору"),
    "no_edition": (
        "No edition has been published yet. Publish one with: make run",
        "Ни один выпуск ещё не опубликован. Опубликуйте его командой: make run",
    ),
    # Overview
    "overview_nav": ("Overview", "Обзор"),
    "overview_title": ("Are we on target?", "Выполняется ли план?"),
    "actual": ("Actual", "Факт"),
    "target": ("Target", "План"),
    "period": ("Period", "Период"),
    "of_target_column": ("% of target", "% плана"),
    "status_column": ("Status", "Оценка"),
    "headline": (
        "{place}: {good} of the {judged} indicators that can be judged are on track or ahead.",
        "{place}: по плану или с опережением — {good} из {judged} показателей, которые можно оценить.",
    ),
    "headline_none": ("{place}: no indicator with a target has a figure to judge.",
                      "{place}: ни по одному показателю с планом нет значения для оценки."),
    "headline_not_judged": ("Not judged: {count} (no figure, no target, or no direction).",
                            "Не оценено: {count} (нет значения, плана или желаемого направления)."),
    "objectives_title": ("By objective", "По задачам"),
    "objective": ("Objective and indicator", "Задача и показатель"),
    "attention_title": ("What needs attention", "На что обратить внимание"),
    "attention_none": ("Nothing that can be judged is off track or at risk.",
                       "Среди того, что можно оценить, отставания и риска нет."),
    "tiles_title": ("By country", "По странам"),
    "crumbs": ("Where you are", "Где вы находитесь"),
    "regions_title": ("Regions: {place}", "Области: {place}"),
    "regions_lead": ("A region leads to the figures that are counted by region.",
                     "Область ведёт к показателям, которые рассчитываются по областям."),
    "changes_title": ("What changed since the last edition", "Что изменилось с прошлого выпуска"),
    "changes_lead": ("Figures published before that differ in this edition: {count}. {calendar}, without breakdowns.",
                     "Опубликованные ранее значения, которые в этом выпуске иные: {count}. {calendar}, без разбивок."),
    "changes_none": ("No figure that was published before differs in this edition ({calendar}, without breakdowns).",
                     "Ни одно опубликованное ранее значение не изменилось ({calendar}, без разбивок)."),
    "changes_none_here": ("No published figure of this indicator differs in this edition ({calendar}).",
                          "Опубликованные значения этого показателя не изменились ({calendar})."),
    "changes_first": ("This is the first edition: nothing was published before it.",
                      "Это первый выпуск: до него ничего не публиковалось."),
    "changes_more": ("Not listed here: {count}. The donor workbook lists every figure it holds.",
                     "Здесь не перечислено: {count}. В книге для донора есть все её значения."),
    "change_was": ("Was", "Было"),
    "change_is": ("Is", "Стало"),
    "change_why": ("Why", "Почему"),
    "change_reason": ("{reason}: {note}", "{reason}: {note}"),
    "change_absent": ("not published", "не публиковалось"),
    "table_keys": ("How the states are judged", "Как ставится оценка"),
    "indicator": ("Indicator", "Показатель"),
    "states_rule": (
        "Percent of target, rounded to whole percent. Where less is better, the share of the planned change since the "
        "baseline is judged instead. An indicator of which neither more nor less is better is not judged.",
        "Процент выполнения плана, округлённый до целого. Если лучше меньше, оценивается доля планового изменения "
        "относительно исходного значения. Если ни рост, ни снижение не желательны сами по себе, оценка не ставится.",
    ),
    "band_below": ("below {value}%", "менее {value} %"),
    "band_between": ("{low}% to {high}%", "от {low} % до {high} %"),
    "band_above": ("over {value}%; explain this too", "более {value} %; тоже требует пояснения"),
    # Charts, their tables and their files
    "download": ("Download", "Скачать"),
    "download_of": ("Download as {kind}: {title}", "Скачать в формате {kind}: {title}"),
    "download_all": ("All tables of this page", "Все таблицы страницы"),
    "save_picture": ("Save as a picture", "Сохранить как изображение"),
    "place": ("Place", "Территория"),
    "numerator_column": ("numerator", "числитель"),
    "denominator_column": ("denominator", "знаменатель"),
    "offices_column": ("offices counted", "учтено офисов"),
    "does_not_add_up": (
        "These numbers do not add up to the whole: one person or event can stand in several lines.",
        "Эти числа в сумме не дают итога: один человек или одно мероприятие может быть в нескольких строках.",
    ),
    "no_indicator": ("This edition does not count this.", "В этом выпуске это не рассчитывается."),
    "no_breakdown": ("This edition has no figures by this breakdown here.",
                     "В этом выпуске здесь нет данных по этой разбивке."),
    "all_hidden": (
        "Every number of this breakdown is hidden here to protect people: too few stand behind it. They are not zero.",
        "Все числа этой разбивки здесь скрыты для защиты людей: за ними стоит слишком мало человек. Это не нули.",
    ),
    "all_without_number": ("There is no number to show here: nothing was reported, recorded or to be shared.",
                           "Здесь нечего показать: данных нет, они не учитывались или долю не от чего считать."),
    # Pages of a family
    "rest_title": ("More indicators", "Другие показатели"),
    "rest_lead": ("What else the edition counts of this kind.", "Что ещё рассчитывается в этом выпуске."),
    "more_breakdowns": ("More breakdowns", "Другие разбивки"),
    "by_place_note": (
        "Where a figure says nothing about offices, every expected office is in it.",
        "Если об офисах ничего не сказано, учтены все ожидаемые офисы.",
    ),
    "by_place_lead": ("Every country and the region in one table of the overview.",
                      "Все страны и регион в одной таблице обзора."),
    "by_place_title": ("Places side by side", "Все территории"),
    "to_indicator": ("Trend and breakdowns", "Динамика и разбивки"),
    "about_sheet": ("About this file", "Об этом файле"),
    "address": ("Address on the dashboard", "Адрес на панели"),
    "sheet": ("Sheet", "Лист"),
    "protection": ("Protection of people", "Защита людей"),
    # A figure
    "value_of_target": ("of target {target}", "при плане {target}"),
    "no_target": ("No target set", "План не задан"),
    "percent_of_target": ("{percent} of target", "{percent} плана"),
    "percent_of_change": ("{percent} of the planned change", "{percent} планового изменения"),
    "parts": ("{numerator} of {denominator}", "{numerator} из {denominator}"),
    "values": ("values: {number}", "значений: {number}"),
    "offices": ("Offices counted: {reported} of {expected}", "Учтено офисов: {reported} из {expected}"),
    # States
    "state_on_track": ("On track", "По плану"),
    "state_watch": ("Watch", "Есть риск"),
    "state_off_track": ("Off track", "Отставание"),
    "state_above": ("Ahead of plan", "Сверх плана"),
    "state_no_target": ("No target set", "План не задан"),
    "state_not_judged": ("Not judged", "Без оценки"),
    "status_suppressed": ("Suppressed", "Скрыто"),
    "status_not_reported": ("Not reported", "Нет отчёта"),
    "status_unknown": ("Not recorded", "Не учтено"),
    "status_undefined": ("Does not apply", "Неприменимо"),
    # Why there is no number
    "why_suppressed": (
        "Hidden to protect people: this number, or one it would give away, is too small to publish. It is not zero.",
        "Скрыто для защиты людей: это число или то, которое оно раскрыло бы, слишком мало. Это не ноль.",
    ),
    "brief_suppressed": ("protects people; not zero", "защита людей; не ноль"),
    "why_too_fine": (
        "Hidden to protect people: most numbers of this breakdown would be too small to publish.",
        "Скрыто для защиты людей: большинство чисел этой разбивки слишком малы для публикации.",
    ),
    "why_not_reported": (
        "What the office owes for this period has not been accepted. It is not zero.",
        "Данные офиса за этот период не приняты. Это не ноль.",
    ),
    "why_unknown": ("Reported, but the number was not recorded.", "Отчёт есть, но число не учитывалось."),
    "why_undefined": ("A share of nothing: there was nobody to count.", "Доля от нуля: считать было некого."),
    "no_row": ("Not in this edition", "Нет в этом выпуске"),
    "why_no_row": (
        "This edition holds no figure here: the indicator is not counted at this place.",
        "В этом выпуске такого значения нет: показатель здесь не рассчитывается.",
    ),
    # Definition
    "definition": ("Definition", "Определение"),
    "unit": ("Unit", "Единица"),
    "direction": ("Better", "Лучше"),
    "direction_up": ("More is better", "Чем больше, тем лучше"),
    "direction_down": ("Less is better", "Чем меньше, тем лучше"),
    "direction_neither": ("Neither more nor less is better", "Ни рост, ни снижение не желательны сами по себе"),
    "breakdowns": ("Breakdowns", "Разбивки"),
    "reviewed": ("Reviewed", "Пересмотрено"),
    "none": ("none", "нет"),
    # Data quality
    "quality_title": ("How complete the data are", "Полнота данных"),
    "quality_lead": ("Reports that offices owe for {period}", "Отчёты офисов за период: {period}"),
    "office": ("Office", "Офис"),
    "export_cases": ("Cases", "Случаи"),
    "export_training": ("Training", "Обучение"),
    "export_campaigns": ("Campaigns", "Кампании"),
    "export_directory": ("Directory", "Справочник"),
    "report_came": ("Reported", "Получен"),
    "report_refused": ("Refused, so not reported", "Не принят, отчёта нет"),
    "report_missing": ("Not reported", "Нет отчёта"),
    "report_none": ("Not expected", "Не ожидается"),
    "rows_held": ("Rows held back", "Строки отложены"),
    "rows_held_yes": ("yes", "да"),
    "rows_held_no": ("no", "нет"),
    "checks_failed": ("Checks with findings: {failed} of {run}", "Проверок с замечаниями: {failed} из {run}"),
    "quality_none": ("This source names no reports by quarter.", "У этого источника нет поквартальных отчётов."),
    # Checks of the files
    "checks_nav": ("Checks", "Проверка"),
    "checks_title": ("Checks of the files", "Проверка файлов"),
    "checks_lead": (
        "Every file of an office is checked rule by rule before its rows count. Choose an office and quarter.",
        "Каждый файл офиса проверяется по правилам, прежде чем его строки учитываются. Выберите офис и квартал.",
    ),
    "checks_where": (
        "How many rows were checked and held back is not published: it could give hidden figures away. Staff find "
        "the pages with counts on the machine of the programme, in the folder",
        "Число проверенных и отложенных строк не публикуется: по нему можно было бы узнать скрытые значения. "
        "Сотрудники найдут страницы с количеством строк на компьютере программы, в папке",
    ),
    "checks_every": ("Every rule by office and quarter", "Все правила по офисам и кварталам"),
    "checks_kept": ("Every rule kept", "Правила соблюдены"),
    "checks_partly": ("Kept, but a report is missing", "Соблюдены, но нет части отчётов"),
    "checks_broken": ("Rules broken", "Есть нарушения"),
    "checks_nothing": ("No file accepted", "Файлы не приняты"),
    "checks_no_rules": (
        "No file of this office is in force for this quarter, so there were no rows to check.",
        "Действующих файлов этого офиса за этот квартал нет, поэтому проверять было нечего.",
    ),
    "checks_export": ("Report", "Отчёт"),
    "checks_state": ("State", "Состояние"),
    "checks_file": ("File in force", "Действующий файл"),
    "checks_rules": ("Rules", "Правила"),
    "checks_rule": ("Rule", "Правило"),
    "checks_follows": ("When broken", "При нарушении"),
    "checks_result": ("Result", "Итог"),
    "rule_kept": ("Kept", "Соблюдено"),
    "rule_broken": ("Broken", "Нарушено"),
    "severity_refuse": ("The file is refused", "Файл не принимается"),
    "severity_quarantine": ("The row is held back", "Строка откладывается"),
    "severity_warn": ("The row counts; the office is told", "Строка учитывается; офису сообщается"),
    # Edition line
    "edition": ("Edition", "Выпуск"),
    "data_until": ("Data until", "Данные по"),
    "code_version": ("Software", "Версия программы"),
    "fingerprint": ("Fingerprint of the figures", "Отпечаток показателей"),
    "edition_note": (
        "An edition never changes. Late or corrected data make a new one.",
        "Выпуск не меняется. Поздние и исправленные данные публикуются в новом выпуске.",
    ),
}  # fmt: skip


def text(key: str, language: str, own: Mapping[str, tuple[str, str]] | None = None, **values: str) -> str:
    """The words for a key, a page's own before everybody's. Raises KeyError for a key that is in neither."""
    words = (own or {}).get(key) or TEXTS[key]
    return words[list(LANGUAGES).index(language)].format(**values)
