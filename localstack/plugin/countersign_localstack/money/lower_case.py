"""Pages of services whose members begin with a small letter."""
from ..pages import page as plain


def page(member, rows, request, usual, longest):
    asked = {"MaxResults": request.get("maxResults") or usual, "NextToken": request.get("nextToken")}
    answer = plain(member, rows, asked, longest, "ValidationException")
    if "NextToken" in answer:
        answer["nextToken"] = answer.pop("NextToken")
    return answer
