"""SageMaker, answered from botocore's own service model.

moto knows the create/describe/list calls of about a hundred operations but drops newer members, pages almost nothing
and has no UpdateEndpoint, monitoring schedule, inference component, batch describe or lineage. What `overrides` does
not name still goes to moto.
"""
from localstack.aws.spec import load_service

from . import cards, endpoints, jobs, lineage, monitors, notebooks, registry, sharing, studio
from .documents import KINDS, create, delete, describe
from .listing import listing
from .search import search
from .tags import tags

NEW = {
    "ModelPackageGroup": registry.new_group, "ModelPackage": registry.new_package, "Model": endpoints.new_model,
    "EndpointConfig": endpoints.new_config, "Endpoint": endpoints.new_endpoint, "InferenceComponent": endpoints.new_component,
    "TransformJob": jobs.new_transform, "TrainingJob": jobs.new_training, "ProcessingJob": jobs.new_processing, "ModelCard": cards.new_card, "MonitoringSchedule": monitors.new_schedule,
    "Artifact": lineage.new_lineage, **{kind: monitors.new_definition for kind in KINDS if kind.endswith("JobDefinition")},
}


def overrides(moto):
    """Operation name -> its answer."""
    operations = {}
    for kind in KINDS.values():
        operations["Create" + kind.name] = lambda c, r, k=kind: create(k, c, r, NEW.get(k.name))
        operations["Describe" + kind.name] = lambda c, r, k=kind: describe(k, c, r)
        operations["Delete" + kind.name] = lambda c, r, k=kind: delete(k, c, r)
        operations["List" + kind.plural] = lambda c, r, k=kind: listing(k, c, r)
    operations.update(studio.OPERATIONS)
    operations.update({
        "ListModelPackageGroups": registry.list_groups, "DescribeModelPackageGroup": sharing.describe_shared("ModelPackageGroup"),
        "DescribeModelPackage": sharing.describe_shared("ModelPackage"), "UpdateModelPackage": registry.update_package,
        "ListModelPackages": registry.list_packages, "BatchDescribeModelPackage": registry.batch_describe,
        "DeleteModelPackageGroup": registry.delete_group, "PutModelPackageGroupPolicy": registry.group_policy,
        "GetModelPackageGroupPolicy": registry.group_policy, "DeleteModelPackageGroupPolicy": registry.group_policy,
        "UpdateEndpoint": endpoints.update_endpoint, "UpdateEndpointWeightsAndCapacities": endpoints.update_weights,
        "UpdateInferenceComponent": endpoints.update_component, **{f"Stop{kind}": jobs.stop(kind) for kind in ("TransformJob", "TrainingJob", "ProcessingJob")},
        "UpdateModelCard": cards.update_card, "DescribeModelCard": cards.describe_card, "ListModelCardVersions": cards.list_card_versions,
        "UpdateMonitoringSchedule": monitors.update_schedule, "StartMonitoringSchedule": monitors.start_stop_schedule,
        "StopMonitoringSchedule": monitors.start_stop_schedule, "ListMonitoringExecutions": monitors.list_executions,
        "ListMonitoringAlerts": monitors.list_alerts, "ListMonitoringAlertHistory": monitors.list_alert_history,
        "AddAssociation": lineage.add_association, "DeleteAssociation": lineage.delete_association,
        "ListAssociations": lineage.list_associations, "QueryLineage": lineage.query_lineage,
        "Search": search(moto), "AddTags": tags(moto), "DeleteTags": tags(moto), "ListTags": tags(moto),
        "ListPipelineExecutionSteps": lambda c, r: {"PipelineExecutionSteps": []},
        "ListNotebookInstances": notebooks.list_notebooks,
        "ListMlflowTrackingServers": lambda c, r: {"TrackingServerSummaries": []},
    })
    return {k: v for k, v in operations.items() if k in load_service("sagemaker").operation_names}
