"""CloudFormation: LocalStack's stacks, with what its resources leave out and with what keeps a resource when its stack goes."""


def patch_when_loaded():
    from . import resources, stacks

    resources.patch()
    stacks.patch()
