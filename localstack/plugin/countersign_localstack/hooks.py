"""Where LocalStack starts: put our handlers and routes into its gateway."""
import os

from localstack import config
from localstack.runtime import hooks


@hooks.on_infra_start(priority=100)
def install():
    from localstack.aws import handlers
    from localstack.services.internal import get_internal_apis

    from . import clock, event_bridge, faults, organizations, regions, repairs, sns
    from .cloudwatch import plant as cloudwatch, series
    from .money import planted as money
    from .sagemaker import plant
    from .trail import events, files, lookup, record

    bind_listen_address()
    quiet_catalog()
    repairs.apply()
    handlers.serve_custom_service_request_handlers.append(clock.enter)
    handlers.serve_custom_service_request_handlers.append(regions.check)
    handlers.serve_custom_service_request_handlers.append(faults.inject)
    handlers.run_custom_response_handlers.append(record.record)
    handlers.run_custom_finalizers.append(clock.leave)

    routes = get_internal_apis()
    health = {"emulator": "countersign", "code": os.environ.get("COUNTERSIGN_EMULATOR_CODE")}
    routes.add("/_countersign/health", lambda request: health, methods=["GET"])
    routes.add("/_countersign/clock", clock.route, methods=["GET", "POST"])
    routes.add("/_countersign/regions", regions.route, methods=["GET", "POST"])
    routes.add("/_countersign/events/deliver", event_bridge.deliver_route, methods=["POST"])
    routes.add("/_countersign/events/fire", event_bridge.fire_route, methods=["POST"])
    routes.add("/_countersign/organizations", organizations.route, methods=["POST"])
    routes.add("/_countersign/sns/confirm", sns.confirm_route, methods=["POST"])
    routes.add("/_countersign/cloudtrail/events", events.seed, methods=["POST"])
    routes.add("/_countersign/cloudtrail/delay", lookup.delay_route, methods=["GET", "POST"])
    routes.add("/_countersign/cloudtrail/deliver", files.route, methods=["POST"])
    routes.add("/_countersign/cloudwatch", cloudwatch.route, methods=["POST"])
    routes.add("/_countersign/cloudwatch/metrics", series.plant, methods=["POST"])
    routes.add("/_countersign/money", money.route, methods=["POST"])
    routes.add("/_countersign/sagemaker", plant.route, methods=["POST"])
    routes.add("/_localstack/chaos/faults", faults.faults_route, methods=["GET", "POST", "PATCH", "DELETE"])
    routes.add("/_localstack/chaos/effects", faults.effects_route, methods=["GET", "POST"])


@hooks.on_infra_shutdown()
def end_functions():
    from .functions.process import kill_all

    kill_all()


def bind_listen_address():
    """GATEWAY_LISTEN's host is ignored by the twisted server, which binds 0.0.0.0; hold it to what was asked."""
    from twisted.internet import endpoints

    host = config.GATEWAY_LISTEN[0].host
    original = endpoints.TCP4ServerEndpoint.__init__

    def __init__(self, reactor, port, backlog=50, interface=""):
        original(self, reactor, port, backlog, interface or ("" if host == "0.0.0.0" else host))

    endpoints.TCP4ServerEndpoint.__init__ = __init__


def quiet_catalog():
    """An unimplemented operation makes LocalStack POST to its platform for a catalogue; answer from here instead."""
    from localstack.utils.catalog import catalog_loader

    def unreachable(self):
        raise catalog_loader.AwsCatalogLoaderException("offline")

    catalog_loader.RemoteCatalogLoader.get_remote_catalog = unreachable
