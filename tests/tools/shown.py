"""What people open, read as the programs that they open it with read it: tables, pages, text in a terminal.

Each reader yields what is wrong and returns what it read.
"""

import csv
import io
import re
import unicodedata

# What a spreadsheet takes for the beginning of a formula, full-width signs included.
FORMULA = tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")

# Elements that the Markdown of a report consists of.
MARKDOWN = set("html head body h1 h2 h3 p strong code table thead tbody tr th td ul ol li details summary".split())

# Elements that do something, and attributes that lead somewhere.
ACTIVE = set("iframe object embed base form link img image audio video source foreignobject animate set".split())
LEADING = set("href src srcset action formaction data poster background ping xlink:href".split())


def deceiving(texts):
    """Those that drive a terminal, turn the reading direction or hide."""
    return [text for text in texts if any(deceives(sign) for sign in text)]


def deceives(sign):
    kind = unicodedata.category(sign)
    return kind in ("Cc", "Zl", "Zp", "Cs") or (kind == "Cf" and sign != "\u0600")


def cells(path):
    """The rows of a table, as Python's reader sees them."""
    text = path.read_bytes().decode("utf-8")
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def table(path):
    """By Python's reader and by DuckDB's, which must agree on every cell."""
    import duckdb

    rows = cells(path)
    head, body = rows[0], rows[1:]
    if len(set(head)) != len(head):
        yield "two columns have one name"
    for number, row in enumerate(rows, 1):
        if len(row) != len(head):
            yield f"line {number}: {len(row)} cells instead of {len(head)}"
        yield from (f"line {number}: {cell!r} is a formula" for cell in row if cell.startswith(FORMULA) and not number_of(cell))
        yield from (f"line {number}: {cell!r} deceives" for cell in deceiving(row))
    again = io.StringIO(newline="")
    csv.writer(again).writerows(rows)
    if list(csv.reader(io.StringIO(again.getvalue(), newline=""))) != rows:
        yield "it does not survive being written again"
    other = duckdb.connect().execute(
        "select * from read_csv(?, auto_detect=false, header=true, delim=',', quote='\"', escape='\"',"
        " strict_mode=true, columns=?)",
        [str(path), {name: "VARCHAR" for name in head}],
    )
    if [[cell or "" for cell in row] for row in other.fetchall()] != body:
        yield "DuckDB reads other cells than Python"
    return {"columns": head, "rows": len(body)}


def number_of(cell):
    return re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", cell)


def workbook(path):
    """As openpyxl reads it: no formula, no link, nothing of other files."""
    import openpyxl

    book = openpyxl.load_workbook(path)
    if book.vba_archive or getattr(book, "_external_links", None):
        yield "it holds code, or leads to other files"
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    yield f"{sheet.title}!{cell.coordinate} is a formula: {cell.value!r}"
                if cell.hyperlink:
                    yield f"{sheet.title}!{cell.coordinate} leads to {cell.hyperlink.target!r}"
                if isinstance(cell.value, str) and deceiving([cell.value]):
                    yield f"{sheet.title}!{cell.coordinate} deceives: {cell.value!r}"
    return {sheet.title: [sheet.max_row, sheet.max_column] for sheet in book}


def markdown_tree(path):
    import html5lib
    from cmarkgfm import github_flavored_markdown_to_html
    from cmarkgfm.cmark import Options

    page = github_flavored_markdown_to_html(path.read_text("utf-8"), Options.CMARK_OPT_UNSAFE)
    return html5lib.parse(page, treebuilder="lxml", namespaceHTMLElements=False).getroot()


def markdown(path):
    """By GitHub's own parser, told to let raw HTML through, so that none can hide."""
    from cmarkgfm import github_flavored_markdown_to_html

    text = path.read_text("utf-8")
    yield from (f"{line!r} deceives" for line in deceiving(text.split("\n")))
    root = markdown_tree(path)
    for element in root.iter():
        if not isinstance(element.tag, str):
            if (element.text or "").strip():
                yield f"a comment: {element.text!r}"
            continue
        if element.tag not in MARKDOWN:
            yield f"<{element.tag}>: {''.join(element.itertext())[:80]!r}"
        elif set(element.attrib) - {"align", "start"}:
            yield f"<{element.tag}> has {dict(element.attrib)}"
    # What GitHub makes mentions and references of later: text outside code. An empty comment between the signs ends it.
    for string in root.xpath("//text()[not(ancestor::code)]"):
        for found in re.findall(r"(?:^|[^\w`])(@[A-Za-z0-9][\w-]*|#\d+|GH-\d+)", string):
            yield f"somebody is mentioned, or something referred to: {found!r}"
    rows = 0
    for block in re.split(r"\n{2,}", text):
        lines = block.split("\n")
        if not lines[0].startswith("|"):
            continue
        # A row with more cells than the head loses them silently, so each row is tried as a head.
        rule = lines[1]
        for line in [lines[0], *(line for line in lines[2:] if line.startswith("|"))]:
            rows += 1
            if "<table>" not in github_flavored_markdown_to_html(f"{line}\n{rule}\n"):
                yield f"not as many cells as the head: {line!r}"
    if rows != len(root.findall(".//tr")):
        yield f"{rows} rows are written and {len(root.findall('.//tr'))} are read"
    return {"tables": len(root.findall(".//table")), "rows": rows, "headings": len(root.xpath("//h1|//h2|//h3"))}


def page_tree(path):
    import html5lib

    return html5lib.parse(path.read_bytes(), treebuilder="lxml", namespaceHTMLElements=False, transport_encoding="utf-8").getroot()


def page(path):
    """As browsers parse it. Whether it asks for anything and runs only its own script, the tests in a browser show."""
    root, links, anchors = page_tree(path), [], []
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag.split("}")[-1].lower() in ACTIVE:
            yield f"<{element.tag}>"
        for name, value in element.attrib.items():
            if name.lower().startswith("on") or name == "style":
                yield f"<{element.tag} {name}={value!r}>"
            if name.lower() in LEADING and not value.startswith("#"):
                yield f"<{element.tag} {name}={value!r}> leads away"
            if name == "href":
                links.append(value[1:])
            if name == "id":
                anchors.append(value)
    if len(set(anchors)) != len(anchors):
        yield "two elements have one id"
    strings = root.xpath("//body//text()[not(ancestor::script)]")
    yield from (f"{text!r} deceives" for text in deceiving(text.replace("\n", " ") for text in strings))
    return {name: len(root.findall(f".//{name}")) for name in ("script", "section", "style", "table")}


def words(path):
    """The text of a page or of Markdown, as it is shown."""
    root = markdown_tree(path) if path.suffix == ".md" else page_tree(path)
    return "".join(root.xpath("//body//text()[not(ancestor::script) and not(ancestor::style)]"))


def terminal(path):
    """On a terminal of 120 columns: what stands there is what was written, and where."""
    import pyte

    # pyte knows combining marks, but stops at those that enclose a sign.
    text = "".join(sign for sign in path.read_text("utf-8") if unicodedata.category(sign) != "Me")
    lines = text.rstrip("\n").split("\n")
    yield from (f"{line!r} deceives" for line in deceiving(lines))
    screen = pyte.Screen(120, len(lines) + 1)
    stream = pyte.Stream(screen)
    asked = []
    screen.write_process_input = asked.append
    stream.feed(text.replace("\n", "\r\n"))
    shown = [unicodedata.normalize("NFC", line).rstrip() for line in screen.display]
    for line, wanted in zip(shown, lines, strict=False):
        if line != unicodedata.normalize("NFC", wanted).rstrip():
            yield f"{wanted!r} shows as {line!r}"
    if asked or screen.title or screen.icon_name:
        yield f"the terminal was driven: {asked} {screen.title!r} {screen.icon_name!r}"
    return {"empty": not text.strip()}


READERS = {
    "csv": table,
    "costs": table,
    "xlsx": workbook,
    "markdown": markdown,
    "html": page,
    "text": terminal,
}
