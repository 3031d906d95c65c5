"""ECR, Studio domains, signing keys."""
import hashlib
import json

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.serialization import load_der_public_key

from kit import Account, refused, same

MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def manifest(text):
    return json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "annotations": {"of": text}, "layers": [{"digest": "sha256:0", "size": 7}]})


def sha(text):
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def shows_tags_digests_and_push_times():
    a = Account()
    ecr = a["ecr"]
    a.clock("2026-07-01T00:00:00Z")
    made = ecr.create_repository(repositoryName="serving/fraud")["repository"]
    same((made["repositoryUri"], made["imageTagMutability"], made["createdAt"].day),
         (f"{a.id}.dkr.ecr.us-east-1.amazonaws.com/serving/fraud", "MUTABLE", 1))
    same(ecr.put_image(repositoryName="serving/fraud", imageManifest=manifest("one"), imageTag="v1")["image"]["imageId"],
         {"imageDigest": sha(manifest("one")), "imageTag": "v1"})
    a.clock("2026-07-02T00:00:00Z")
    ecr.put_image(repositoryName="serving/fraud", imageManifest=manifest("two"), imageTag="v1")  # the tag moves
    have = ecr.describe_images(repositoryName="serving/fraud")["imageDetails"]
    same([(i["imageDigest"], i.get("imageTags"), i["imagePushedAt"].day) for i in have], [(sha(manifest("one")), None, 1), (sha(manifest("two")), ["v1"], 2)])
    same([i["imageDigest"] for i in ecr.describe_images(repositoryName="serving/fraud", imageIds=[{"imageTag": "v1"}])["imageDetails"]], [sha(manifest("two"))])
    same(refused(ecr.put_image, repositoryName="serving/fraud", imageManifest=manifest("two"), imageTag="v1")[0], "ImageAlreadyExistsException")
    same(refused(ecr.describe_images, repositoryName="serving/fraud", imageIds=[{"imageTag": "nope"}])[0], "ImageNotFoundException")
    same(refused(ecr.describe_images, repositoryName="nope")[0], "RepositoryNotFoundException")
    same(refused(ecr.describe_repositories, repositoryNames=["nope"])[0], "RepositoryNotFoundException")
    ecr.batch_delete_image(repositoryName="serving/fraud", imageIds=[{"imageDigest": sha(manifest("one"))}])
    same(len(ecr.list_images(repositoryName="serving/fraud")["imageIds"]), 1)


def shows_mutability():
    a = Account()
    ecr = a["ecr"]
    ecr.create_repository(repositoryName="fixed", imageTagMutability="IMMUTABLE")
    ecr.create_repository(repositoryName="mostly", imageTagMutability="IMMUTABLE_WITH_EXCLUSION",
                          imageTagMutabilityExclusionFilters=[{"filterType": "WILDCARD", "filter": "latest*"}])
    for name, tag in (("fixed", "v1"), ("mostly", "v1"), ("mostly", "latest-1")):
        ecr.put_image(repositoryName=name, imageManifest=manifest(f"{tag} one"), imageTag=tag)
    for name in ("fixed", "mostly"):
        same(refused(ecr.put_image, repositoryName=name, imageManifest=manifest("other"), imageTag="v1")[0], "ImageTagAlreadyExistsException")
    ecr.put_image(repositoryName="mostly", imageManifest=manifest("other"), imageTag="latest-1")
    ecr.put_image_tag_mutability(repositoryName="fixed", imageTagMutability="MUTABLE")
    ecr.put_image(repositoryName="fixed", imageManifest=manifest("other"), imageTag="v1")


def shows_registries_of_others_and_pages():
    a, other = Account(), Account()
    for number in range(5):
        a["ecr"].create_repository(repositoryName=f"r{number}")
    a["ecr"].put_image(repositoryName="r0", imageManifest=manifest("x"), imageTag="v1")
    same(other["ecr"].describe_repositories()["repositories"], [])
    same(len(other["ecr"].describe_repositories(registryId=a.id)["repositories"]), 5)
    same(other["ecr"].describe_images(registryId=a.id, repositoryName="r0")["imageDetails"][0]["registryId"], a.id)
    names = [r["repositoryName"] for p in a["ecr"].get_paginator("describe_repositories").paginate(PaginationConfig={"PageSize": 2}) for r in p["repositories"]]
    same(names, [f"r{n}" for n in range(5)])


def shows_the_image_that_a_tag_named_when_it_was_deployed():
    a = Account()
    a["ecr"].create_repository(repositoryName="serving/fraud")
    a["ecr"].put_image(repositoryName="serving/fraud", imageManifest=manifest("one"), imageTag="v1")
    image = f"{a.id}.dkr.ecr.us-east-1.amazonaws.com/serving/fraud:v1"
    a.model("m", Image=image)
    a.endpoint("e", "m")
    a["ecr"].put_image(repositoryName="serving/fraud", imageManifest=manifest("two"), imageTag="v1")
    deployed = a["sagemaker"].describe_endpoint(EndpointName="e")["ProductionVariants"][0]["DeployedImages"][0]
    same((deployed["SpecifiedImage"], deployed["ResolvedImage"].split("@")[1]), (image, sha(manifest("one"))))


def shows_studio_domains():
    a = Account()
    a.clock("2026-07-01T00:00:00Z")
    sagemaker = a["sagemaker"]
    same(sagemaker.list_domains()["Domains"], [])
    about = dict(AuthMode="SSO", DefaultUserSettings={"ExecutionRole": a.role}, VpcId="vpc-1", SubnetIds=["subnet-1"])
    named = sagemaker.create_domain(DomainName="named", DomainSettings={"ExecutionRoleIdentityConfig": "USER_PROFILE_NAME"}, **about)["DomainId"]
    plain = sagemaker.create_domain(DomainName="plain", **about)["DomainId"]
    same([(d["DomainName"], d["Status"], d["CreationTime"].day) for d in sagemaker.list_domains()["Domains"]],
         [("named", "InService", 1), ("plain", "InService", 1)])
    same(sagemaker.describe_domain(DomainId=named)["DomainSettings"], {"ExecutionRoleIdentityConfig": "USER_PROFILE_NAME"})
    same("DomainSettings" in sagemaker.describe_domain(DomainId=plain), False)
    same(sagemaker.describe_domain(DomainId=plain)["DefaultUserSettings"]["ExecutionRole"], a.role)
    sagemaker.update_domain(DomainId=plain, DomainSettingsForUpdate={"ExecutionRoleIdentityConfig": "DISABLED"})
    same(sagemaker.describe_domain(DomainId=plain)["DomainSettings"]["ExecutionRoleIdentityConfig"], "DISABLED")
    sagemaker.create_user_profile(DomainId=named, UserProfileName="jan-devries")
    same([p["UserProfileName"] for p in sagemaker.list_user_profiles(DomainIdEquals=named)["UserProfiles"]], ["jan-devries"])
    same(refused(sagemaker.describe_domain, DomainId="d-nope")[0], "ResourceNotFound")


def shows_signatures_of_keys():
    kms = Account()["kms"]
    asked = [("ECC_NIST_P256", "ECDSA_SHA_256", lambda key, s: key.verify(s, b"pack", ec.ECDSA(hashes.SHA256()))),
             ("RSA_2048", "RSASSA_PSS_SHA_256", lambda key, s: key.verify(s, b"pack", padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())),
             ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_256", lambda key, s: key.verify(s, b"pack", padding.PKCS1v15(), hashes.SHA256()))]
    for spec, algorithm, verify in asked:
        id_ = kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
        public = kms.get_public_key(KeyId=id_)
        same((public["KeySpec"], public["KeyUsage"], algorithm in public["SigningAlgorithms"]), (spec, "SIGN_VERIFY", True))
        key = load_der_public_key(public["PublicKey"])
        for kind, message in (("DIGEST", hashlib.sha256(b"pack").digest()), ("RAW", b"pack")):
            verify(key, kms.sign(KeyId=id_, Message=message, MessageType=kind, SigningAlgorithm=algorithm)["Signature"])
    same(refused(kms.sign, KeyId="11111111-1111-1111-1111-111111111111", Message=b"x", SigningAlgorithm="ECDSA_SHA_256")[0], "NotFoundException")


def shows_roles_and_their_trust():
    a = Account()
    a.clock("2026-07-01T00:00:00Z")
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{a.id}:root"},
                                                     "Condition": {"StringLike": {"sts:RoleSessionName": "${aws:username}"}}}]}
    a["iam"].create_role(RoleName="Approver", AssumeRolePolicyDocument=json.dumps(trust))
    role = a["iam"].get_role(RoleName="Approver")["Role"]
    same((role["AssumeRolePolicyDocument"], role["CreateDate"].isoformat()), (trust, "2026-07-01T00:00:00+00:00"))
    same(refused(a["iam"].get_role, RoleName="Nobody"), ("NoSuchEntity", "The role with name Nobody cannot be found.", 404))
