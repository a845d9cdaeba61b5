"""The independent oracle: every indicator counted a second time in pandas, from its text and not from its SQL.

Tests hold the engine to it on random rows; `esep selfcheck` holds a published edition to it. It knows declarations
(definitions, facts, code lists, calendars) and nothing that counts: an import rule in pyproject.toml keeps it so.
"""
