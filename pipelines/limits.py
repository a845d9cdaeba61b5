"""How large a file may be. Beyond these it is no office's quarter, and reading it would take the machine with it.

The largest quarter that was ever tried, 200,000 rows of 24 columns, has 23 MB as XLSX, 220 MB unpacked, and 4.8 million
cells; the limits leave several times that. They are lowered or raised here and nowhere else.
"""

from __future__ import annotations

MB = 1 << 20

# Of a file as it lies there. Texts are read in pieces; a workbook is packed, and unpacks to many times its size.
MOST_BYTES_CSV = 500 * MB
MOST_BYTES_XLSX = 100 * MB
MOST_BYTES_XLS = 64 * MB  # held in memory as a whole; 65,536 rows, the most that the format has, need less

# Of texts: a line is held in memory as a whole.
MOST_BYTES_LINE = MB
MOST_ROWS_CSV = 10_000_000

# Of the parts that an XLSX unpacks to. Cells come one after another, but the list of texts is held as a whole.
MOST_PARTS = 2_000
MOST_UNPACKED = 1_024 * MB
MOST_UNPACKED_TEXTS = 256 * MB
MOST_UNPACKED_SMALL = 16 * MB  # of a part that is neither a sheet nor the list of texts
# Sheets as offices fill them pack 10 to 40 times; rows copied down without an end stay below 150.
MOST_RATIO = 250
RATIO_FROM = 4 * MB  # below this any ratio is harmless

# Of a sheet: the rectangle from its first cell to its last is held in memory, 32 bytes a cell, filled or not.
MOST_CELLS = 20_000_000

# So many places of one kind are noted on a sheet; above this many rows with errors the sheet as a whole is wrong.
PLACES_NOTED = 10_000
MOST_ERROR_ROWS = 200

# Findings name this many places each; their number is told in full.
PLACES_NAMED = 20
