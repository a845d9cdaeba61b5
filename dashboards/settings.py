"""How the dashboard is served, as the environment of its processes says it; `serve` writes it, `wsgi` reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

EDITIONS = Path("data/curated/editions")
VARIABLES = {
    "editions": "ESEP_EDITIONS",
    "login": "ESEP_LOGIN",
    "hosts": "ESEP_HOSTS",
    "prefix": "ESEP_PREFIX",
    "https": "ESEP_HTTPS",
    "proxies": "ESEP_PROXIES",
}
HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)*")


@dataclass(frozen=True)
class Settings:
    """Where the editions are, who may come in and under which names and address they come.

    `login` is the folder of users and secret, `prefix` the path below which everything is served (`/esep`), `https`
    says that browsers come by TLS, `proxies` how many proxies of ours stand before the server and name the visitor.
    Raises ValueError, naming the setting, for what cannot be meant.
    """

    editions: Path = EDITIONS
    login: Path | None = None
    hosts: tuple[str, ...] = ()
    prefix: str = ""
    https: bool = False
    proxies: int = 0

    def __post_init__(self) -> None:
        wrong = [name for name in self.hosts if not HOST_NAME.fullmatch(name)]
        if wrong:
            raise ValueError(f"{VARIABLES['hosts']}: {wrong[0]!r} is no host name; write it as in esep.example.org")
        if not PREFIX.fullmatch(self.prefix) or {".", ".."} & set(self.prefix.split("/")):
            raise ValueError(f"{VARIABLES['prefix']}: {self.prefix!r} is no path; write it as in /esep")
        if not 0 <= self.proxies <= 9:
            raise ValueError(f"{VARIABLES['proxies']}: from 0 to 9 proxies, not {self.proxies}")

    @property
    def folder(self) -> Path:
        """The folder of users and secret: beside the editions, if it is not said."""
        return self.login or self.editions.parent / "dashboard"

    def environment(self) -> dict[str, str]:
        """The variables that say the same."""
        return {
            VARIABLES["editions"]: str(self.editions.resolve()),
            VARIABLES["login"]: str(self.folder.resolve()),
            VARIABLES["hosts"]: ",".join(self.hosts),
            VARIABLES["prefix"]: self.prefix,
            VARIABLES["https"]: "1" if self.https else "",
            VARIABLES["proxies"]: str(self.proxies),
        }


def read(environment: Mapping[str, str]) -> Settings:
    """The settings that an environment says; what it leaves out is the default. Raises ValueError."""
    said = {field: environment.get(variable, "").strip() for field, variable in VARIABLES.items()}
    if said["https"] not in ("", "0", "1"):
        raise ValueError(f"{VARIABLES['https']}: 1 or nothing, not {said['https']!r}")
    if not said["proxies"].isdigit() and said["proxies"]:
        raise ValueError(f"{VARIABLES['proxies']}: a number, not {said['proxies']!r}")
    return Settings(
        editions=Path(said["editions"]) if said["editions"] else EDITIONS,
        login=Path(said["login"]) if said["login"] else None,
        hosts=tuple(name.strip().lower() for name in said["hosts"].split(",") if name.strip()),
        prefix=said["prefix"].rstrip("/"),
        https=said["https"] == "1",
        proxies=int(said["proxies"] or 0),
    )
