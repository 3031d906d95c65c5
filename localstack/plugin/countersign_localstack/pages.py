"""Pages of a listing by NextToken and MaxResults."""
import base64

from localstack.aws.api import CommonServiceException


def page(member, rows, request, longest, refusal="InvalidInputException"):
    try:
        start = int(base64.b64decode(request["NextToken"], validate=True)) if request.get("NextToken") else 0
    except ValueError:
        raise CommonServiceException(refusal, "The NextToken is invalid.", 400, True) from None
    ends = start + min(request.get("MaxResults") or longest, longest)
    token = {"NextToken": base64.b64encode(str(ends).encode()).decode()} if ends < len(rows) else {}
    return {member: rows[start:ends], **token}
