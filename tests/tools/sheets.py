#!/usr/bin/env python3
"""Reads a spreadsheet as Python or openpyxl reads it, and says what its cells hold as JSON: sheets.py FILE.csv|FILE.xlsx

Prints {"sheets": {name: rows}, "formulas": [cells that compute something], "kinds": {kind: how many cells}}; a row is a list of texts.
"""
import collections
import csv
import json
import pathlib
import sys


def of_csv(path):
    with open(path, newline="", encoding="utf-8") as file:
        return {"sheets": {path.stem: list(csv.reader(file, strict=True))}, "formulas": [], "kinds": {}}


def of_xlsx(path):
    import openpyxl

    book = openpyxl.load_workbook(path)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    return {
        "sheets": {sheet.title: [[text(cell) for cell in row] for row in sheet.iter_rows()] for sheet in book},
        "formulas": [f"{cell.parent.title}!{cell.coordinate}: {cell.value}" for cell in cells if cell.data_type == "f"],
        "kinds": collections.Counter({"s": "text", "n": "number", "d": "date", "b": "boolean"}.get(cell.data_type, cell.data_type) for cell in cells),
    }


def text(cell):
    return "" if cell.value is None else str(cell.value)


def main():
    path = pathlib.Path(sys.argv[1])
    json.dump({".csv": of_csv, ".xlsx": of_xlsx}[path.suffix](path), sys.stdout)


if __name__ == "__main__":
    main()
