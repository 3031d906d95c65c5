"""Notebook instances are moto's; their times, which it writes as texts, are listed as AWS gives them."""
from ..pages import page


def list_notebooks(context, request):
    from moto.sagemaker.models import sagemaker_backends

    kept = sagemaker_backends[context.account_id][context.region].notebook_instances.values()
    rows = [{"NotebookInstanceName": n.notebook_instance_name, "NotebookInstanceArn": n.arn, "NotebookInstanceStatus": n.status,
             "InstanceType": n.instance_type, "Url": n.url, "CreationTime": n.creation_time, "LastModifiedTime": n.last_modified_time}
            for n in kept if request.get("StatusEquals", n.status) == n.status and request.get("NameContains", "") in n.notebook_instance_name]
    return page("NotebookInstances", sorted(rows, key=lambda row: row["NotebookInstanceName"]), {"MaxResults": 10, **request}, 100, "ValidationException")
