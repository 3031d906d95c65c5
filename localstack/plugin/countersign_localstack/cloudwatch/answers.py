"""How an operation of LocalStack's provider is answered from here."""
from localstack.aws.api import handler
from localstack.utils.strings import camel_to_snake_case


def install(P, operation, function):
    """LocalStack finds the function of an operation by its name, so it is given the name of the attribute it becomes."""

    def call(self, context, request):
        return function(self, context, request)

    call.__name__ = camel_to_snake_case(operation)
    setattr(P, call.__name__, handler(operation, expand=False)(call))
