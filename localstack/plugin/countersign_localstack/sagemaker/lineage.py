"""Lineage: actions, artifacts, contexts and what joins them."""
from .documents import KINDS, Kind, invalid, now, table, who
from .listing import listing


def _node(context, arn_):
    for kind in ("Action", "Artifact", "Context"):
        for d in table(context, kind).values():
            if d[KINDS[kind].arn] == arn_:
                return kind, d
    return None, {}


def new_lineage(context, doc, request):
    if "Source" in doc and "ArtifactType" in doc:
        for d in table(context, "Artifact").values():
            if d["Source"]["SourceUri"] == doc["Source"]["SourceUri"]:
                invalid(f"An artifact with source uri {doc['Source']['SourceUri']} already exists: {d['ArtifactArn']}")


def add_association(context, request):
    s, d = request["SourceArn"], request["DestinationArn"]
    (st, sd), (tt, td) = _node(context, s), _node(context, d)
    type_of = lambda t, n: n.get("ArtifactType") or n.get("ContextType") or n.get("ActionType")
    table(context, "_associations")[(s, d)] = {
        "SourceArn": s, "DestinationArn": d, "AssociationType": request.get("AssociationType"), "SourceType": type_of(st, sd),
        "DestinationType": type_of(tt, td), "CreationTime": now(), "CreatedBy": who(context),
        "SourceName": sd.get("ArtifactName") or sd.get("ContextName") or sd.get("ActionName"),
        "DestinationName": td.get("ArtifactName") or td.get("ContextName") or td.get("ActionName")}
    return {"SourceArn": s, "DestinationArn": d}


def delete_association(context, request):
    table(context, "_associations").pop((request["SourceArn"], request["DestinationArn"]), None)
    return {"SourceArn": request["SourceArn"], "DestinationArn": request["DestinationArn"]}


def list_associations(context, request):
    return listing(Kind("Association", id="SourceName"), context, request, list(table(context, "_associations").values()))


def query_lineage(context, request):
    edges, way = list(table(context, "_associations").values()), request.get("Direction") or "Both"
    seen, used, todo = set(request.get("StartArns") or []), [], [(a, 0) for a in request.get("StartArns") or []]
    while todo:
        at, depth = todo.pop(0)
        if depth >= (request.get("MaxDepth") or 10):
            continue
        for e in edges:
            for here, there, ok in (("SourceArn", "DestinationArn", way != "Ascendants"), ("DestinationArn", "SourceArn", way != "Descendants")):
                if ok and e[here] == at:
                    if e not in used:
                        used.append(e)
                    if e[there] not in seen:
                        seen.add(e[there])
                        todo.append((e[there], depth + 1))
    vertices = []
    for a in sorted(seen):
        kind, d = _node(context, a)
        type_ = d.get("ArtifactType") or d.get("ContextType") or d.get("ActionType")
        vertices.append({k: v for k, v in {"Arn": a, "LineageType": kind, "Type": type_}.items() if v})
    return {"Vertices": vertices, "Edges": [{k: e[k] for k in ("SourceArn", "DestinationArn", "AssociationType") if e[k]} for e in used]}
