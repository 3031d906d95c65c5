"""Lambda functions run as processes of this machine: LocalStack knows how to run them in Docker only."""
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin


class ProcessExecutorPlugin(RuntimeExecutorPlugin):
    """What `LAMBDA_RUNTIME_EXECUTOR=process` names."""

    name = "process"

    def load(self, *args, **kwargs):
        from .executor import ProcessExecutor

        return ProcessExecutor


def patch():
    """Newer service models hold four services that sign as `lambda`; LocalStack would take what it cannot tell apart for S3's."""
    from localstack.aws.protocol.service_router import ServiceModelIdentifier, signing_name_path_prefix_rules

    signing_name_path_prefix_rules["lambda"] = {"*": ServiceModelIdentifier("lambda")}
