"""Holds Kubernetes manifests against the schemas of Kubernetes, and pods against the `restricted` security standard.

Usage: manifests.py FILE…

Prints each document's file, kind and name; a document of a kind that is not Kubernetes' own goes to standard output whole, as one
line of JSON after `other`. Ends with 1 and the reason at the first fault.
"""

import json
import sys

import kubernetes_validate
import yaml

VERSION = "1.37"


def pods(document):
    """The pod specifications of a document."""
    spec = document.get("spec") or {}
    if "jobTemplate" in spec:
        spec = spec["jobTemplate"]["spec"]
    return [spec["template"]["spec"]] if "template" in spec else []


def must_be_restricted(pod):
    """Pod Security Standards, profile `restricted`, and a root file system that cannot be written."""
    own = pod["securityContext"]
    assert own["runAsNonRoot"] is True and own["runAsUser"] >= 10000, own
    assert own["seccompProfile"]["type"] == "RuntimeDefault", own
    assert pod["automountServiceAccountToken"] is False
    assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()
    for volume in pod.get("volumes", []):
        assert volume.keys() & {"persistentVolumeClaim", "secret", "configMap", "emptyDir"}, volume
    for container in pod["containers"] + pod.get("initContainers", []):
        held = container["securityContext"]
        assert held["allowPrivilegeEscalation"] is False, held
        assert held["readOnlyRootFilesystem"] is True, held
        assert held["capabilities"] == {"drop": ["ALL"]}, held
        assert "privileged" not in held
        assert container["resources"]["limits"]["memory"]
        # A password is named, never written.
        for variable in container.get("env", []):
            assert "secretKeyRef" in variable["valueFrom"], variable


for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        documents = list(yaml.safe_load_all(file))
    assert documents, f"{path}: empty"
    for document in documents:
        print(path, document["kind"], document["metadata"]["name"], sep="\t")
        if document["apiVersion"].startswith("keda.sh/"):
            print("other", json.dumps(document), sep="\t")
            continue
        kubernetes_validate.validate(document, VERSION, strict=True)
        for pod in pods(document):
            must_be_restricted(pod)
