"""Reads the history as an engine that others wrote does: DuckDB, over the files and the shipped views.

A JSON document on standard input says where the files lie, which columns the tables declare, the views, and what to ask:

    {"folder": DIR, "tables": [{"name": …, "columns": [[NAME, GLUE TYPE], …]}], "views": [[NAME, SQL], …],
     "before": [SQL, …], "after": [SQL, …], "ask": [{"sql": SQL, "parameters": […]}, …]}

`before` runs before the tables are laid over the files, `after` after the views. The answer holds the columns of each view with
their types, and the rows of each question.
"""

import datetime
import decimal
import glob
import json
import sys

import duckdb

# Glue's names of types, as DuckDB spells them.
TYPES = {
    "string": "VARCHAR",
    "array<string>": "VARCHAR[]",
    "bigint": "BIGINT",
    "double": "DOUBLE",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP",
    "date": "DATE",
    "decimal(18,6)": "DECIMAL(18,6)",
}


def lay(database, folder, table):
    """A table over its files, by name and with the declared types, as Athena reads them; an empty one where there are none."""
    columns = [(name, TYPES[kind]) for name, kind in table["columns"]] + [("day", "VARCHAR")]
    files = f"{folder}/{table['name']}/v=1/*/*.parquet"
    if not glob.glob(files):
        declared = ", ".join(f"{name} {kind}" for name, kind in columns)
        database.execute(f"CREATE TABLE {table['name']} ({declared})")
        return
    # The files' instants are UTC, which DuckDB keeps apart from wall clocks and Athena does not.
    cast = ", ".join(
        f"CAST({name} AT TIME ZONE 'UTC' AS TIMESTAMP) AS {name}" if kind == "TIMESTAMP" else f"CAST({name} AS {kind}) AS {name}"
        for name, kind in columns
    )
    database.execute(
        f"CREATE VIEW {table['name']} AS SELECT {cast} FROM read_parquet('{files}', union_by_name = true, "
        "hive_partitioning = true, hive_types = {'day': VARCHAR})"
    )


def plain(value):
    """A value as the test spells it."""
    if isinstance(value, datetime.datetime):
        text = value.isoformat(timespec="microseconds")
        return text.rstrip("0").rstrip(".") + "Z"
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def rows(database, sql, parameters=()):
    cursor = database.execute(sql, list(parameters))
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, map(plain, row))) for row in cursor.fetchall()]


def main():
    asked = json.load(sys.stdin)
    database = duckdb.connect()
    database.execute("SET TimeZone = 'UTC'")
    for sql in asked.get("before", []):
        database.execute(sql)
    for table in asked["tables"]:
        lay(database, asked["folder"], table)
    for name, sql in asked["views"]:
        database.execute(f"CREATE VIEW {name} AS {sql}")
    for sql in asked.get("after", []):
        database.execute(sql)
    described = {
        name: [[row["column_name"], row["column_type"]] for row in rows(database, f"DESCRIBE {name}")]
        for name, _ in asked["views"]
    }
    answers = [rows(database, question["sql"], question.get("parameters", [])) for question in asked.get("ask", [])]
    json.dump({"views": described, "answers": answers}, sys.stdout)


main()
