"""Endpoint configurations, endpoints and inference components."""
import copy
import hashlib

from localstack.aws.api import CommonServiceException

from ..ecr import held_digest
from .documents import KINDS, LOCK, SETTLE, find, invalid, look_up, now, table
from .sharing import owner_of


def new_config(context, doc, request):
    for v in (doc.get("ProductionVariants") or []) + (doc.get("ShadowProductionVariants") or []):
        for name in _models(v):
            find(context, KINDS["Model"], name)


def _models(variant):
    """The models of one variant: its own, and those that its instance pools put in its place."""
    names = [variant.get("ModelName")] + [p.get("ModelNameOverride") for p in variant.get("InstancePools") or []]
    return [n for n in names if n]


def _images(context, model_name):
    model = look_up(table(context, "Model"), KINDS["Model"], model_name or "") or {}
    out = []
    for c in model.get("Containers") or ([model["PrimaryContainer"]] if model.get("PrimaryContainer") else []):
        image = c.get("Image")
        if not image and c.get("ModelPackageName"):
            try:
                package = find(owner_of(context, c["ModelPackageName"]), KINDS["ModelPackage"], c["ModelPackageName"])
                image = package["InferenceSpecification"]["Containers"][0].get("Image")
            except (CommonServiceException, KeyError, IndexError):
                continue
        if image:
            out.append(_resolved(image))
    return out


def digest(image):
    """What a tag names now in the emulator's ECR; an image that no registry here holds has one digest, made from its name."""
    if "@sha256:" in image:
        return image.split("@")[1]
    return held_digest(image) or "sha256:" + hashlib.sha256(image.encode()).hexdigest()


def _resolved(image):
    repository = image.split("@")[0].rsplit(":", 1)[0] if ":" in image.rsplit("/", 1)[-1] else image.split("@")[0]
    return {"SpecifiedImage": image, "ResolvedImage": f"{repository}@{digest(image)}", "ResolutionTime": now()}


def _deploy(context, doc):
    config = find(context, KINDS["EndpointConfig"], doc["EndpointConfigName"])
    for member in ("ProductionVariants", "ShadowProductionVariants"):
        out = []
        for v in config.get(member) or []:
            one = {"VariantName": v["VariantName"], "DeployedImages": [i for m in _models(v) for i in _images(context, m)],
                   "CurrentWeight": v.get("InitialVariantWeight", 1.0), "DesiredWeight": v.get("InitialVariantWeight", 1.0)}
            if v.get("ServerlessConfig"):
                one.update(CurrentServerlessConfig=v["ServerlessConfig"], DesiredServerlessConfig=v["ServerlessConfig"])
            if v.get("InitialInstanceCount") is not None:
                one.update(CurrentInstanceCount=v["InitialInstanceCount"], DesiredInstanceCount=v["InitialInstanceCount"])
            if v.get("InstancePools"):
                first = min(v["InstancePools"], key=lambda pool: pool["Priority"])
                one["InstancePools"] = [
                    {"InstanceType": p["InstanceType"], "CurrentInstanceCount": v.get("InitialInstanceCount") or 1 if p is first else 0}
                    for p in v["InstancePools"]]
            for extra in ("ManagedInstanceScaling", "RoutingConfig"):
                if v.get(extra):
                    one[extra] = v[extra]
            out.append(one)
        doc[member] = out or None
    doc["_models"] = {m for member in ("ProductionVariants", "ShadowProductionVariants") for v in config.get(member) or [] for m in _models(v)}
    capture = config.get("DataCaptureConfig")
    doc["DataCaptureConfig"] = capture and {
        "EnableCapture": capture.get("EnableCapture", False), "CaptureStatus": "Started" if capture.get("EnableCapture") else "Stopped",
        "CurrentSamplingPercentage": capture["InitialSamplingPercentage"], "DestinationS3Uri": capture["DestinationS3Uri"],
        "KmsKeyId": capture.get("KmsKeyId", "")}
    for member in ("AsyncInferenceConfig", "ExplainerConfig", "MetricsConfig", "CrossRegionTrafficConfig"):
        doc[member] = config.get(member)


def new_endpoint(context, doc, request):
    _deploy(context, doc)


def update_endpoint(context, request):
    with LOCK:
        doc = find(context, KINDS["Endpoint"], request["EndpointName"])
        find(context, KINDS["EndpointConfig"], request["EndpointConfigName"])
        kept = {v["VariantName"]: v for v in doc.get("ProductionVariants") or []}
        doc["EndpointConfigName"] = request["EndpointConfigName"]
        doc.pop("_planted", None)
        _deploy(context, doc)
        if request.get("RetainAllVariantProperties"):
            for v in doc["ProductionVariants"] or []:
                for k in ("CurrentWeight", "DesiredWeight", "CurrentInstanceCount", "DesiredInstanceCount"):
                    if k in kept.get(v["VariantName"], {}):
                        v[k] = kept[v["VariantName"]][k]
        if request.get("DeploymentConfig"):
            doc["LastDeploymentConfig"] = request["DeploymentConfig"]
        doc.update(LastModifiedTime=now(), EndpointStatus="Updating" if SETTLE else "InService")
        return {"EndpointArn": doc["EndpointArn"]}


def update_weights(context, request):
    with LOCK:
        doc = find(context, KINDS["Endpoint"], request["EndpointName"])
        named = {v["VariantName"]: v for v in doc.get("ProductionVariants") or []}
        for want in request["DesiredWeightsAndCapacities"]:
            if want["VariantName"] not in named:
                invalid(f'The variant name(s) "{want["VariantName"]}" is/are not present within endpoint configuration "{doc["EndpointConfigName"]}".')
            v = named[want["VariantName"]]
            if want.get("DesiredWeight") is not None:
                v["CurrentWeight"] = v["DesiredWeight"] = want["DesiredWeight"]
            if want.get("DesiredInstanceCount") is not None:
                v["CurrentInstanceCount"] = v["DesiredInstanceCount"] = want["DesiredInstanceCount"]
        doc["LastModifiedTime"] = now()
        return {"EndpointArn": doc["EndpointArn"]}


def new_component(context, doc, request):
    endpoint = find(context, KINDS["Endpoint"], doc["EndpointName"])
    doc.update(EndpointName=endpoint["EndpointName"], EndpointArn=endpoint["EndpointArn"])
    copies = (doc.get("RuntimeConfig") or {}).get("CopyCount", 1)
    doc["RuntimeConfig"] = {"DesiredCopyCount": copies, "CurrentCopyCount": copies}
    for specification in [doc.get("Specification") or {}, *(doc.get("Specifications") or [])]:
        _deploy_component(context, specification)


def _deploy_component(context, specification):
    """AWS answers with the image it resolved: from the container given, or from the model."""
    if base := specification.get("BaseInferenceComponentName"):
        find(context, KINDS["InferenceComponent"], base)
    container = specification.get("Container") or {}
    if image := container.pop("Image", None):
        container["DeployedImage"] = _resolved(image)
    elif model := specification.get("ModelName"):
        find(context, KINDS["Model"], model)
        images = _images(context, model)
        container = {**container, **({"DeployedImage": images[0]} if images else {})}
    if container:
        specification["Container"] = container


def update_component(context, request):
    with LOCK:
        doc = find(context, KINDS["InferenceComponent"], request["InferenceComponentName"])
        for member in ("Specification", "Specifications"):
            if request.get(member):
                doc[member] = copy.deepcopy(request[member])
                for specification in doc[member] if isinstance(doc[member], list) else [doc[member]]:
                    _deploy_component(context, specification)
        if copies := (request.get("RuntimeConfig") or {}).get("CopyCount"):
            doc["RuntimeConfig"] = {"DesiredCopyCount": copies, "CurrentCopyCount": copies}
        doc.update(LastModifiedTime=now(), InferenceComponentStatus="Updating" if SETTLE else "InService")
        return {"InferenceComponentArn": doc["InferenceComponentArn"]}


def new_model(context, doc, request):
    doc.setdefault("EnableNetworkIsolation", False)
