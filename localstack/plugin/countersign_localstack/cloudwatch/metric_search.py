"""SEARCH: which series an expression such as `{AWS/SageMaker,EndpointName,VariantName} MetricName="ModelLatency" fraud` finds."""
import re

TOKEN = re.compile(r'\s*(\(|\)|\{[^}]*\}|[\w.]+\s*=\s*"[^"]*"|[\w.]+\s*=\s*[^\s()]+|"[^"]*"|[^\s()]+)')


def find(text, rows):
    """The keys of `rows` that match, in order, at most the 500 that AWS gives."""
    tokens, at = [], 0
    while match := TOKEN.match(text, at):
        tokens.append(match[1])
        at = match.end()
    matches, rest = _or(tokens)
    if rest:
        raise ValueError(text)
    return [row for row in sorted(rows) if matches(row)][:500]


def _or(tokens):
    left, rest = _and(tokens)
    while rest and rest[0].upper() == "OR":
        right, rest = _and(rest[1:])
        left = (lambda a, b: lambda row: a(row) or b(row))(left, right)
    return left, rest


def _and(tokens):
    left, rest = _one(tokens)
    while rest and rest[0] != ")" and rest[0].upper() != "OR":
        right, rest = _one(rest[1:] if rest[0].upper() == "AND" else rest)
        left = (lambda a, b: lambda row: a(row) and b(row))(left, right)
    return left, rest


def _one(tokens):
    token, rest = tokens[0], tokens[1:]
    if token.upper() == "NOT":
        inner, rest = _one(rest)
        return (lambda row: not inner(row)), rest
    if token == "(":
        inner, rest = _or(rest)
        if rest[:1] != [")"]:
            raise ValueError("unbalanced")
        return inner, rest[1:]
    if token.startswith("{"):
        namespace, *names = [part.strip().strip('"') for part in token[1:-1].split(",")]
        return (lambda row: row[0] == namespace and (not names or sorted(k for k, _ in row[2]) == sorted(names))), rest
    if "=" in token and not token.startswith('"'):
        name, value = (part.strip() for part in token.split("=", 1))
        return (lambda row: _has(_property(row, name), value)), rest
    return (lambda row: any(_has(text, token) for text in [row[0], row[1], *(x for pair in row[2] for x in pair)])), rest


def _property(row, name):
    return {"Namespace": row[0], "MetricName": row[1]}.get(name, dict(row[2]).get(name))


def _has(text, wanted):
    """A quoted term is the whole text; one that is not is a part of it, word by word and in any case."""
    if text is None:
        return False
    if wanted.startswith('"'):
        return text == wanted.strip('"')
    words = lambda s: [w.lower() for w in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", s)]
    return set(words(wanted)) <= set(words(text)) or wanted.lower() in text.lower()
