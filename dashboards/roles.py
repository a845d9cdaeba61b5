"""Who may see what: the roles, what each opens, and whose rows a user is shown. All of it is said here.

What a user may see is enforced where figures are read (`reports.scope`) and where a page or file is
asked for (`login`); what a page offers is a courtesy.
"""

from __future__ import annotations

from dataclasses import dataclass

from reports.scope import Scope

VIEWER, OFFICER, ADMINISTRATOR = "viewer", "officer", "administrator"


@dataclass(frozen=True)
class Role:
    """What a role is called, and whether what is handed to donors is open to it."""

    en: str
    ru: str
    opens_restricted: bool
    has_places: bool = True  # may be kept to some countries


ROLES = {
    VIEWER: Role("Viewer", "Читатель", opens_restricted=False),
    OFFICER: Role("M&E officer", "Сотрудник по МиО", opens_restricted=True),
    ADMINISTRATOR: Role("Administrator", "Администратор", opens_restricted=True, has_places=False),
}

# What is handed to donors, and the edition as files: whole, so for those who see the whole region. A path is closed
# with all below it.
RESTRICTED = ("/reports", "/files")


def may_open(role: str, scope: Scope, path: str) -> bool:
    """Whether a user of this role and scope may ask for a page, a file or anything else at this path."""
    if ROLES[role].opens_restricted and scope.is_whole:
        return True
    asked = "/" + path.strip("/")
    return not any(asked == closed or asked.startswith(closed + "/") for closed in RESTRICTED)
