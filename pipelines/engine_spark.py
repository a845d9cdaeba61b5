"""Apache Spark as an engine: what the statements create are Parquet tables in a folder of the session's own."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from indicators.dialects import SPARK, rendered
from indicators.facts import all_facts
from pipelines.engine_facts import columns_of

# A laptop's two cores want few pieces of work; a cluster sets its own number through SPARK_CONF_DIR.
_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    # The statements are wider than what Spark compiles to one method; it would try each time, and then interpret it.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.cteRecursionRowLimit": "-1",
    "spark.sql.catalogImplementation": "in-memory",
}
_LOCAL = {"spark.sql.shuffle.partitions": "2", "spark.default.parallelism": "2", "spark.driver.memory": "3g",
          "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}  # fmt: skip

Answer = tuple[list[str], list[tuple[Any, ...]]]  # the columns of a query and its rows


class Spark:
    """One session, which takes the engine's statements as DuckDB's connection does.

    `folder` is where its tables lie, which are case level; `at` is the address of a master, such as
    `spark://host:7077`; without one, Spark runs in this machine's memory.
    """

    def __init__(self, folder: Path, at: str = "") -> None:
        from pyspark.sql import SparkSession

        self._folder = tempfile.TemporaryDirectory(prefix="spark-", dir=folder)
        master = at or "local[2]"
        builder = SparkSession.builder.master(master).appName("esep")
        own = {"spark.sql.warehouse.dir": f"{self._folder.name}/tables", "spark.local.dir": f"{self._folder.name}/work"}
        for name, value in {**_SETTINGS, **own, **(_LOCAL if master.startswith("local") else {})}.items():
            builder = builder.config(name, value)
        self._session = builder.getOrCreate()
        # Spark says at length when it cannot compile a plan and interprets it; what fails is raised all the same.
        self._session.sparkContext.setLogLevel("OFF")
        self._last: Answer = ([], [])
        self._asked: dict[str, Answer] = {}

    def execute(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Spark:
        """Run a statement of the engine."""
        for statement in rendered(sql, SPARK, parameters):
            if not statement.startswith("SELECT"):
                self._session.sql(statement)
            elif "FROM counted_" in statement:
                # Facts stay as they are while a session lasts, and measures of the network ask the same again.
                if statement not in self._asked:
                    self._asked[statement] = self._answer(statement)
                self._last = self._asked[statement]
            else:
                self._last = self._answer(statement)
        return self

    def _answer(self, statement: str) -> Answer:
        frame = self._session.sql(statement)
        return frame.columns, [tuple(row) for row in frame.collect()]

    @property
    def description(self) -> Sequence[Any]:
        """The columns of the last query."""
        return [(name,) for name in self._last[0]]

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows of the last query."""
        return self._last[1]

    def fetchone(self) -> tuple[Any, ...] | None:
        """The first row of the last query."""
        return self._last[1][0] if self._last[1] else None

    def load(self, folder: Path, names: Sequence[str]) -> None:
        """Name the Parquet files of facts; nothing is copied."""
        for name in names:
            self._session.read.parquet(str(folder / f"{name}.parquet")).createOrReplaceTempView(f"in_force_{name}")

    def fill(self, folder: Path, name: str) -> None:
        """Copy the rows of one fact into its table, which is there and empty."""
        columns = ", ".join(columns_of(all_facts()[name]))
        self._session.sql(
            f"INSERT INTO in_force_{name} ({columns}) SELECT {columns} FROM parquet.`{folder / name}.parquet`"
        )

    def close(self) -> None:
        """End the session, and take its tables away."""
        self._session.stop()
        self._folder.cleanup()
