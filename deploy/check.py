"""`make check-deploy`: what can be checked of the deployment files without a container engine or a cluster.

A tool that is not at hand is said and skipped; what one finds ends in exit status 1.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import yaml

HERE: Final = Path(__file__).resolve().parent
CHART: Final = HERE / "helm" / "moa-scorer"
KUBERNETES: Final = "1.33"
EVERYTHING: Final = (
    "autoscaling.enabled=true,tls.secret=t,tls.clientAuthoritySecret=c,catalogue.policies=p,"
    "serviceMonitor.enabled=true"
)
"""Values that turn every optional part on."""


class Skipped(Exception):
    """A tool is missing; the message says which and where it comes from."""


def tool(name: str, origin: str) -> str:
    """A program's path: in .tools/bin, beside Python, or on the path."""
    places = (HERE.parent / ".tools" / "bin" / name, Path(sys.executable).parent / name)
    found = next((str(place) for place in places if place.is_file()), None) or shutil.which(name)
    if found is None:
        raise Skipped(f"{name} was not found ({origin})")
    return found


def run(*command: str, cwd: Path = HERE) -> str:
    """What it prints; raises RuntimeError with what it says when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd)
    if done.returncode:
        raise RuntimeError((done.stdout + done.stderr).strip())
    return done.stdout


def dockerfile() -> str:
    """The Dockerfile by hadolint's rules."""
    run(tool("hadolint", "in the development dependencies"), "Dockerfile")
    return "hadolint finds nothing"


def alerts() -> str:
    """Alert rules, and the tests of when they fire."""
    promtool = tool("promtool", "Debian package prometheus")
    run(promtool, "check", "rules", "rules.yaml", cwd=HERE / "prometheus")
    run(promtool, "test", "rules", "rules_test.yaml", cwd=HERE / "prometheus")
    return "rules and their tests pass"


def dashboards() -> str:
    """Every query of every dashboard, which promtool reads as if it were a rule."""
    promtool = tool("promtool", "Debian package prometheus")
    boards = [json.loads(path.read_text()) for path in (HERE / "grafana" / "dashboards").glob("*.json")]
    queries = [t["expr"] for board in boards for panel in board["panels"] for t in panel["targets"]]
    plain = [query.replace("$__rate_interval", "1m").replace("$panel", ".*") for query in queries]
    rules = [{"record": f"panel:{number}", "expr": query} for number, query in enumerate(plain)]
    with TemporaryDirectory() as folder:
        file = Path(folder) / "queries.yaml"
        file.write_text(yaml.safe_dump({"groups": [{"name": "dashboards", "rules": rules}]}))
        run(promtool, "check", "rules", str(file))
    return f"{len(queries)} queries can be read"


def compose() -> str:
    """The compose file by the specification's schema, and whether what its services name is there."""
    run(tool("compose-go", "make tools"), "-no-interpolation", "compose.yaml")
    file: dict[str, Any] = yaml.safe_load((HERE / "compose.yaml").read_text())
    services = file["services"]
    mounted = {volume.partition(":")[0] for each in services.values() for volume in each.get("volumes", ())}
    named = {name for name in mounted if not name.startswith((".", "/"))} - file["volumes"].keys()
    wanted = {name for each in services.values() for name in each.get("depends_on", ())} - services.keys()
    absent = {name for name in mounted if name.startswith(".") and not (HERE / name).exists()}
    if lacking := sorted(named | wanted | absent):
        raise RuntimeError(f"compose.yaml names what is not there: {', '.join(lacking)}")
    return f"{len(services)} services are valid"


def chart() -> str:
    """The chart by helm's rules, and every manifest that it renders by the schemas of Kubernetes."""
    helm = tool("helm", "make tools")
    run(helm, "lint", "--strict", str(CHART))
    if find_spec("kubernetes_validate") is None:
        raise Skipped("kubernetes-validate was not found (in the development dependencies)")
    counts = [sum(1 for _ in valid_manifests(helm, values)) for values in ((), ("--set", EVERYTHING))]
    return f"lint passes, {sum(counts)} manifests are valid for Kubernetes {KUBERNETES}"


def valid_manifests(helm: str, values: Sequence[str]) -> Iterator[str]:
    """The kinds of what the chart renders; raises ValidationError for one that is not valid."""
    import kubernetes_validate

    rendered = run(helm, "template", "check", str(CHART), "--kube-version", f"{KUBERNETES}.0", *values)
    manifests: list[dict[str, Any]] = [each for each in yaml.safe_load_all(rendered) if each]
    for manifest in manifests:
        if manifest["kind"] != "ServiceMonitor":  # a custom resource: its schema is not Kubernetes's own
            kubernetes_validate.validate(manifest, KUBERNETES, strict=True)
            yield manifest["kind"]


def proxy() -> str:
    """The example for nginx, with names that resolve and a certificate that exists."""
    nginx = tool("nginx", "Debian package nginx-light")
    from deploy.demo.identities import Authority

    with TemporaryDirectory() as name:
        folder = Path(name)
        key, certificate = Authority.make().issued("localhost")
        (folder / "tls.key").write_bytes(key)
        (folder / "tls.crt").write_bytes(certificate)
        text = (HERE / "nginx" / "nginx.conf").read_text()
        text = text.replace("/etc/nginx/tls", name).replace("scorer-1", "127.0.0.1")
        (folder / "nginx.conf").write_text(text.replace("scorer-2", "127.0.0.1"))
        run(nginx, "-t", "-q", "-c", str(folder / "nginx.conf"), "-g", f"pid {folder}/pid;", "-e", "stderr")
    return "nginx takes it"


CHECKS: Final[tuple[Callable[[], str], ...]] = (dockerfile, alerts, dashboards, compose, chart, proxy)


def main() -> int:
    """1 when something is wrong."""
    wrong = False
    for check in CHECKS:
        try:
            print(f"ok       {check.__name__}: {check()}")
        except Skipped as reason:
            print(f"skipped  {check.__name__}: {reason}")
        except Exception as error:
            wrong = True
            print(f"WRONG    {check.__name__}: {error}")
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
