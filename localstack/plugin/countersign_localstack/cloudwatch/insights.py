"""Metrics Insights: SELECT FUNCTION(metric) FROM … WHERE … GROUP BY … ORDER BY … LIMIT."""
import re

QUERY = re.compile(
    r'\s*SELECT\s+(?P<function>\w+)\s*\(\s*(?P<metric>"[^"]+"|\w+)\s*\)\s+FROM\s+(?:SCHEMA\s*\(\s*(?P<schema>[^)]*)\)|(?P<namespace>"[^"]+"|[\w/]+))'
    r'(?:\s+WHERE\s+(?P<where>.*?))?(?:\s+GROUP\s+BY\s+(?P<group>.*?))?(?:\s+ORDER\s+BY\s+(?P<order>\w+)\s*\(\s*\)(?P<fall>\s+DESC|\s+ASC)?)?'
    r'(?:\s+LIMIT\s+(?P<limit>\d+))?\s*', re.I | re.S)
TERM = re.compile(r'\s*("[^"]+"|[\w.]+)\s*(=|!=)\s*\'([^\']*)\'\s*')
STATS = {"AVG": "Average", "SUM": "Sum", "MIN": "Minimum", "MAX": "Maximum", "COUNT": "SampleCount"}


def insights(text, rows, points, wrong):
    """[(label, {instant: value})], one for each group; `points(key, statistic)` gives the series of one metric."""
    found = QUERY.fullmatch(text)
    if not found or found["function"].upper() not in STATS:
        wrong(text)
    bare = lambda word: word.strip().strip('"')
    schema = [bare(part) for part in (found["schema"] or found["namespace"]).split(",")]
    terms = _terms(found["where"] or "", lambda: wrong(text))
    by = [bare(part) for part in found["group"].split(",")] if found["group"] else []
    groups = {}
    for which in sorted(rows):
        namespace, name, dimensions = which
        mine = dict(dimensions)
        if namespace != schema[0] or name != bare(found["metric"]) or (found["schema"] and schema[1:] and sorted(mine) != sorted(schema[1:])):
            continue
        if all((mine.get(k) == value) == (sign == "=") for k, sign, value in terms) and all(k in mine for k in by):
            groups.setdefault(tuple(mine[k] for k in by), []).append(which)
    function, out = found["function"].upper(), []
    for label, members in groups.items():
        out.append((" ".join(label) or bare(found["metric"]), _joined(function, members, points)))
    if found["order"]:
        whole = {"MAX": max, "MIN": min, "SUM": sum, "COUNT": len, "AVG": lambda v: sum(v) / len(v)}[found["order"].upper()]
        out.sort(key=lambda row: whole(list(row[1].values())) if row[1] else 0, reverse="DESC" in (found["fall"] or "").upper())
    return out[:int(found["limit"] or 500)]


def _joined(function, members, points):
    """Over all members of a group, as if they were one series."""
    if function == "AVG":
        sums, counts = (_joined(f, members, points) for f in ("SUM", "COUNT"))
        return {t: sums[t] / counts[t] for t in sums}
    join = {"MIN": min, "MAX": max}.get(function, sum)
    series = [points(which, STATS[function]) for which in members]
    return {t: join([s[t] for s in series if t in s]) for t in set().union(*series)}


def _terms(where, fail):
    terms = []
    for part in re.split(r"\s+AND\s+", where.strip(), flags=re.I) if where.strip() else []:
        if not (term := TERM.fullmatch(part)):
            fail()
        terms.append((term[1].strip('"'), term[2], term[3]))
    return terms
