"""Reads files of Security Lake as an engine that others wrote does, and writes each event on a line, as JSON.

    lake.py FOLDER OUT

Says on standard output what it read: the files, the types of their columns, and whether their events are sorted by time.
"""

import json
import pathlib
import sys

import pyarrow
import pyarrow.parquet


def plain(value, kind):
    """A value as JSON has it: what is absent is left out, and a map is an object."""
    if value is None:
        return None
    if pyarrow.types.is_struct(kind):
        parts = {field.name: plain(value[field.name], field.type) for field in kind}
        return {name: part for name, part in parts.items() if part is not None}
    if pyarrow.types.is_map(kind):
        return dict(value)
    if pyarrow.types.is_list(kind):
        return [plain(item, kind.value_type) for item in value]
    return value


def main():
    folder, out = map(pathlib.Path, sys.argv[1:3])
    read, lines = [], []
    for path in sorted(folder.rglob("*.parquet")):
        file = pyarrow.parquet.ParquetFile(path)
        table = file.read()
        whole = pyarrow.struct(table.schema)
        events = [plain(row, whole) for row in table.to_pylist(maps_as_pydicts=None)]
        lines.extend(json.dumps(event) for event in events)
        times = [event["time"] for event in events]
        group = file.metadata.row_group(0)
        read.append({
            "path": str(path.relative_to(folder)),
            "events": len(events),
            "classes": sorted({event["class_uid"] for event in events}),
            "sorted": times == sorted(times),
            "compression": sorted({group.column(n).compression for n in range(group.num_columns)}),
            "columns": {field.name: str(field.type) for field in table.schema},
        })
    out.write_text("".join(line + "\n" for line in lines), "utf-8")
    json.dump(read, sys.stdout)


main()
