"""In RPC v2 CBOR LocalStack names an error that the service's model lacks (AccessDenied, ThrottlingException) after its own class."""
from localstack.aws.api import CommonServiceException


def patch():
    from localstack.aws.protocol.serializer import RpcV2CBORResponseSerializer as S

    plain = S._get_error_code

    def _get_error_code(self, is_query_compatible, error, shape=None):
        return error.code if type(error) is CommonServiceException else plain(self, is_query_compatible, error, shape)

    S._get_error_code = _get_error_code
