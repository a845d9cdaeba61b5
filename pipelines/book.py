"""What a workbook is beside its cells, and the kinds of things in it for which it is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from pipelines.sheet_marks import Marks


class Kind(Enum):
    """Something that keeps a workbook out: the id of its finding, and what to do, in English and Russian."""

    DAMAGED = (
        "truncated_file",
        "The workbook is damaged or cut off and cannot be read. Export it again and send it whole.",
        "Книга повреждена или обрывается и не читается. Выгрузите её заново и отправьте целиком.",
    )
    OTHER_FORMAT = (
        "not_an_xlsx",
        "The file is no XLSX workbook: it has another format. Save it in Excel as .xlsx, without a password.",
        "Файл не является книгой XLSX: это файл другого формата. Сохраните его в Excel как .xlsx без пароля.",
    )
    WEB_PAGE = (
        "not_an_xlsx",
        "The file is no XLSX workbook: it is a web page. Open it in Excel and save it as .xlsx.",
        "Файл не является книгой XLSX: это веб-страница. Откройте его в Excel и сохраните как .xlsx.",
    )
    XML_2003 = (
        "not_an_xlsx",
        "The file is no XLSX workbook: it is an XML table of Excel 2003. Open it in Excel and save it as .xlsx.",
        "Файл не является книгой XLSX: это XML-таблица Excel 2003. Откройте его в Excel и сохраните как .xlsx.",
    )
    EXCEL_95 = (
        "not_an_xlsx",
        "The workbook was saved by Excel 95 or older, whose letters cannot be told for certain. Save it as .xlsx.",
        "Книга сохранена в Excel 95 или старше, где кодировка букв неизвестна. Сохраните её как .xlsx.",
    )
    BINARY = (
        "not_an_xlsx",
        "The file is no XLSX workbook: it is a binary workbook (.xlsb). Save it in Excel as .xlsx.",
        "Файл не является книгой XLSX: это двоичная книга (.xlsb). Сохраните его в Excel как .xlsx.",
    )
    OPEN_DOCUMENT = (
        "not_an_xlsx",
        "The file is no XLSX workbook: it is an OpenDocument table (.ods). Save it as .xlsx.",
        "Файл не является книгой XLSX: это таблица OpenDocument (.ods). Сохраните его как .xlsx.",
    )
    PASSWORD = (
        "not_an_xlsx",
        "The workbook has a password and cannot be read. Take the password off (File, Info, Protect) and save it.",
        "Книга защищена паролем и не читается. Снимите пароль (Файл, Сведения, Защита) и сохраните её.",
    )
    OLD_NAMED_NEW = (
        "not_an_xlsx",
        "The file is an old .xls workbook under the name of an .xlsx, or has a password. Save it in Excel as .xlsx, "
        "without a password, or name it .xls.",
        "Это старая книга .xls под именем .xlsx или книга с паролем. Сохраните её в Excel как .xlsx без пароля или "
        "назовите .xls.",
    )
    NEW_NAMED_OLD = (
        "not_an_xlsx",
        "The file is an XLSX workbook under the name of an old .xls. Name it .xlsx.",
        "Это книга XLSX под именем старой .xls. Назовите её .xlsx.",
    )
    BOMB = (
        "unpacks_too_large",
        "The workbook would unpack to far more than any quarter needs. Copy the table into an empty form, without the "
        "empty rows and formats around it, and send that.",
        "При распаковке книга оказывается намного больше любого квартала. Скопируйте таблицу в пустую форму без "
        "пустых строк и форматов вокруг неё и отправьте эту форму.",
    )
    DECLARES = (
        "xml_declaration",
        "A part of the workbook declares types or entities of its own, which no spreadsheet program writes. Copy the "
        "table into an empty form and send that.",
        "Одна из частей книги объявляет собственные типы или сущности, чего табличные программы не делают. Скопируйте "
        "таблицу в пустую форму и отправьте её.",
    )
    MACROS = (
        "macros_in_workbook",
        "The workbook holds macros. They are programs, and nobody here runs or passes on programs. Save it as .xlsx, "
        "which drops them.",
        "В книге есть макросы. Это программы, а чужие программы здесь не запускают и не пересылают. Сохраните её как "
        ".xlsx: макросы при этом удаляются.",
    )
    EMBEDDED = (
        "embedded_objects",
        "Another document or an object is embedded in the workbook; nobody can check it for personal data. Delete it "
        "and save the workbook again.",
        "В книгу вложен другой документ или объект; проверить его на личные данные нельзя. Удалите его и сохраните "
        "книгу снова.",
    )
    PICTURES = (
        "pictures_in_workbook",
        "The workbook holds a picture, text box, chart or preview, where personal data cannot be looked for. Delete "
        "it (a preview: File, Info, Properties) and save the workbook again.",
        "В книге есть рисунок, надпись, диаграмма или эскиз, в которых нельзя искать личные данные. Удалите их (эскиз: "
        "Файл, Сведения, Свойства) и сохраните книгу снова.",
    )
    EXTERNAL_LINKS = (
        "external_links",
        "The workbook refers to other files and keeps copies of what is in them. Break the links (Data, Edit Links) "
        "and save it again.",
        "Книга ссылается на другие файлы и хранит копии их данных. Разорвите связи (Данные, Изменить связи) и "
        "сохраните её снова.",
    )
    CONNECTIONS = (
        "data_connections",
        "The workbook is connected to a source of data. Delete the connection (Data, Queries and Connections) and save "
        "it again.",
        "Книга подключена к источнику данных. Удалите подключение (Данные, Запросы и подключения) и сохраните её "
        "снова.",
    )
    PIVOTS = (
        "pivot_tables",
        "The workbook holds a pivot table, which keeps a copy of all its source rows, deleted ones too. Delete it and "
        "save the workbook again.",
        "В книге есть сводная таблица: она хранит копию всех исходных строк, даже удалённых. Удалите её и сохраните "
        "книгу снова.",
    )
    REVISIONS = (
        "change_history",
        "The workbook keeps a history of changes, with the values that were there before. Stop sharing it (Review) and "
        "save it again.",
        "Книга хранит историю изменений с прежними значениями. Закройте общий доступ (Рецензирование) и сохраните её "
        "снова.",
    )
    COMMENTS = (
        "comments_in_workbook",
        "The workbook holds comments or notes, which are free text: they may name somebody, and the file is kept as it "
        "came. Delete them (Review, Delete) and save it again. Comments that came with a returned workbook may stay.",
        "В книге есть примечания. Это свободный текст: в нём может оказаться имя, а файл хранится как пришёл. Удалите "
        "их (Рецензирование, Удалить) и сохраните книгу снова. Примечания возвращённой нами книги могут остаться.",
    )
    PERSONAL_LINKS = (
        "link_to_a_person",
        "A cell of the workbook is a link that writes to an e-mail address or calls a telephone number. Delete the "
        "link (right click, Remove Hyperlink) and save it again.",
        "Ячейка книги содержит ссылку на адрес электронной почты или телефон. Удалите ссылку (правая кнопка, Удалить "
        "гиперссылку) и сохраните книгу снова.",
    )

    def __init__(self, rule: str, en: str, ru: str) -> None:
        self.rule, self.en, self.ru = rule, en, ru


class BookError(ValueError):
    """The workbook cannot be looked into: `kind` says why."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(kind.rule)
        self.kind = kind


@dataclass(frozen=True)
class Book:
    """A workbook looked into: the marks of its sheets by name, the sheets that are hidden, what should not be in it."""

    marks: Mapping[str, Marks]
    hidden: frozenset[str]
    found: frozenset[Kind]
    counts_from_1904: bool = False
    is_uncalculated: bool = False
