"""The door: what a file must be before a byte of it is read. Its name is never a path, and only plain files come in."""

from __future__ import annotations

import stat
import unicodedata
from pathlib import Path

from pipelines import limits
from pipelines.complaints import refusal
from pipelines.findings import Finding
from pipelines.forms import OLD_WORKBOOK, WORKBOOKS
from pipelines.personal_values import kind_of

# What programs append to the name of a file while it is on its way.
UNFINISHED = (".part", ".partial", ".filepart", ".crdownload", ".download", ".tmp", ".temp", ".opdownload")
_LONGEST_SHOWN = 120
# In place of a name: what it seems to hold, so that whoever sees the folder knows which one is meant.
_PERSONAL, _LONGEST_SUFFIX = "[personal data in the name / личные данные в имени]", 5
_KINDS = (
    (stat.S_ISLNK, "a link to another place", "ссылка на другое место"),
    (stat.S_ISDIR, "a folder", "папка"),
    (stat.S_ISFIFO, "a pipe", "канал"),
)


def shown(name: str) -> str:
    """A name as it may be printed: signs that steer a terminal or turn the direction of writing are spelt out.

    One that seems to hold personal data is left out: it would stand on the pages of checks.
    """
    spelt = _spelt(name)
    if kind_of(spelt):
        suffix = Path(spelt).suffix
        return f"{_PERSONAL}{'' if kind_of(suffix) or len(suffix) > _LONGEST_SUFFIX else suffix}"
    return spelt if len(spelt) <= _LONGEST_SHOWN else f"{spelt[:_LONGEST_SHOWN]}..."


def _spelt(name: str) -> str:
    return "".join(sign if _is_plain(sign) else f"<{ord(sign):04X}>" for sign in name)


def _is_plain(sign: str) -> bool:
    return unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def by_name(name: str) -> list[Finding]:
    """What is wrong with a name, whatever the file."""
    if _spelt(name) != name or "/" in name or "\\" in name or name in ("", ".", ".."):
        return [refusal(
            shown(name), "", "name_not_plain",
            "The file name holds signs that are not seen or that lead elsewhere. Name the file as the form says.",
            "Имя файла содержит невидимые знаки или знаки пути. Назовите файл так, как указано в форме.",
        )]  # fmt: skip
    if name.lower().endswith(UNFINISHED):
        return [refusal(
            name, "", "unfinished_copy",
            "The name says that the copy has not been finished; the file is passed over. Wait until it has, or copy it "
            "again.",
            "По имени видно, что копирование не закончено; файл пропущен. Дождитесь конца или скопируйте его снова.",
        )]  # fmt: skip
    return []


def by_kind(path: Path) -> list[Finding]:
    """What keeps a file out before it is opened: it is no plain file, or larger than any quarter. May raise OSError."""
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode):
        found = ((en, ru) for is_kind, en, ru in _KINDS if is_kind(status.st_mode))
        return [no_plain_file(path.name, *next(found, ("a device", "устройство")))]
    most = most_bytes(path)
    return [too_large(path.name, status.st_size, most)] if status.st_size > most else []


def no_plain_file(name: str, en: str, ru: str) -> Finding:
    """Something that is followed, waited for or opened instead of read."""
    return refusal(
        shown(name), "", "no_plain_file",
        f"This is {en}, not a file. It was not opened. Put the file itself into the folder of the office.",
        f"Это {ru}, а не файл. Содержимое не открывалось. Поместите в папку офиса сам файл.",
    )  # fmt: skip


def no_plain_folder(name: str) -> Finding:
    """A link in place of the folder of an office."""
    return refusal(
        name, "", "no_plain_file",
        "This is a link in place of the folder of an office; it was not followed. Make a folder of this name and put "
        "the files into it.",
        "Это ссылка вместо папки офиса; по ней не переходили. Создайте папку с этим именем и поместите файлы в неё.",
    )  # fmt: skip


def too_large(name: str, size: int, most: int) -> Finding:
    """More bytes than a file of its format may have."""
    return refusal(
        shown(name), "", "file_too_large",
        f"The file has {size / limits.MB:,.0f} MB; a quarter has at most {most // limits.MB} MB in this format. It was "
        "not opened. Check whether it is the right file; a workbook shrinks when empty rows and formats are deleted.",
        f"Размер файла {size / limits.MB:.0f} МБ, для квартала в этом формате допустимо не более {most // limits.MB} "
        "МБ. Файл не открывался. Проверьте, тот ли это файл; книга уменьшится, если удалить пустые строки и форматы.",
    )  # fmt: skip


def most_bytes(path: Path) -> int:
    """The most bytes that a file of this name may have."""
    if path.suffix.lower() == OLD_WORKBOOK:
        return limits.MOST_BYTES_XLS
    return limits.MOST_BYTES_XLSX if path.suffix.lower() in WORKBOOKS else limits.MOST_BYTES_CSV


def by_lines(path: Path) -> list[Finding]:
    """What keeps a text out before it is decoded: a line is held in memory as a whole, and so is no table so long."""
    lines, open_bytes = 0, 0
    with path.open("rb") as file:
        while chunk := file.read(limits.MOST_BYTES_LINE):
            ends = chunk.count(b"\n") or chunk.count(b"\r")
            lines += ends
            first = _first_end(chunk) if ends else len(chunk)
            if open_bytes + first > limits.MOST_BYTES_LINE:
                return [_line_too_long(path.name, lines + 1 if not ends else lines - ends + 1)]
            open_bytes = open_bytes + first if not ends else len(chunk) - _last_end(chunk) - 1
    return [_too_many_rows(path.name, lines)] if lines > limits.MOST_ROWS_CSV else []


def _first_end(chunk: bytes) -> int:
    return min(at for at in (chunk.find(b"\n"), chunk.find(b"\r")) if at >= 0)


def _last_end(chunk: bytes) -> int:
    return max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))


def _line_too_long(name: str, line: int) -> Finding:
    return refusal(
        name, "", "line_too_long",
        f"Line {line} is longer than {limits.MOST_BYTES_LINE // limits.MB} MB: this is no table with a row on each "
        "line. Save the table as CSV again.",
        f"Строка {line} длиннее {limits.MOST_BYTES_LINE // limits.MB} МБ: это не таблица, где каждая запись на своей "
        "строке. Сохраните таблицу в CSV заново.", row=line,
    )  # fmt: skip


def _too_many_rows(name: str, rows: int) -> Finding:
    return refusal(
        name, "", "too_many_rows",
        f"The file has {rows:,} lines, more than {limits.MOST_ROWS_CSV:,}: it is no quarter of an office. Check "
        "whether it is the right file.",
        f"В файле {rows} строк, больше {limits.MOST_ROWS_CSV}: это не квартал офиса. Проверьте, тот ли это файл.",
        count=rows,
    )  # fmt: skip
