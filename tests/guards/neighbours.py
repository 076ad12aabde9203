"""Things that are hidden, each beside something that everybody may see.

Each hidden thing has a word of its own: found in an answer, it tells what leaked. A new kind of neighbour is one more
function in `NEIGHBOURS`; `test_visibility_of_neighbours.py` reads every address after all of them.
"""

from __future__ import annotations

from collections.abc import Callable

from catalog.access.requests import decide, request_access
from catalog.descriptors import (
    CheckDescriptor,
    DatasetAddress,
    ForeignKey,
    PortDescriptor,
)
from catalog.governance.namespaces import NewOwner, grant_namespace
from catalog.models import Dataset, Domain, Product, Role
from catalog.people.domains import save_domain
from catalog.people.teams import save_team, set_member, set_steward
from catalog.registry.edit import edit
from catalog.registry.remove import remove_product
from lineage.marquez.namespaces import delete_job
from lineage.models import Job
from tests.conftest import Mesh
from tests.factories import NAMESPACE, column, make_dataset, make_product
from tests.lineage.openlineage.events import DB, columns, event, facet, run_id, take

#: What is hidden is of this team, in domains of their own.
TEAM = "claims-team"


def hidden_domain(mesh: Mesh, key: str) -> Domain:
    """Make a domain that only the claims team sees."""
    return save_domain(key, name=f"{key} area", visibility="team", team=mesh.team, by=None)


def domain_above(mesh: Mesh) -> str:
    """A domain that a stranger sees lies in one that they do not."""
    top = hidden_domain(mesh, "zyxabove")
    own = mesh.other_team
    save_domain("own-area", name="Own area", parent=top, visibility="team", team=own, by=None)
    make_product("own-facts", domain="own-area", team=own.key)
    make_dataset("main.own", domain="own-area", team=own.key)
    return "zyxabove"


def home_of_an_owner(mesh: Mesh) -> str:
    """What everybody sees is owned by a team of a hidden domain: the team is named with it, its home is not."""
    area = hidden_domain(mesh, "zyxhearth")
    team = save_team("crew", name="The crew", domain=area, by=None)
    port = _serving("main.shown")
    make_dataset("main.shown", team=team.key)
    product = make_product("shown-facts", team=team.key, ports=[port])
    reading = PortDescriptor(direction="in", name="shown", upstream=str(product.ref))
    make_product("reading-facts", ports=[reading])
    return "zyxhearth"


def _serving(name: str) -> PortDescriptor:
    served = [DatasetAddress(namespace=NAMESPACE, name=name)]
    return PortDescriptor(direction="out", name="sql", technology="sqlite", datasets=served)


def team_of_a_grant(mesh: Mesh) -> str:
    """A team of a hidden domain uses what everybody sees, and owns names in a domain that everybody sees."""
    area = hidden_domain(mesh, "zyxteam-area")
    team = save_team("zyxteam", name="zyxteam crew", domain=area, by=None)
    set_member(team, mesh.bob, role=Role.OWNER, by=None)
    other = make_product("used-facts")
    asked = request_access(other.ports.get(), by=mesh.bob, team=team, purpose="To see")
    decide(asked, by=mesh.alice, approve=True)
    grant_namespace("files://shown", "", NewOwner.of(team, mesh.claims), by=mesh.admin)
    return "zyxteam"


def domain_of_a_dataset(mesh: Mesh) -> str:
    """A product that everybody sees serves a dataset of a hidden domain."""
    hidden_domain(mesh, "zyxhome")
    make_dataset("main.housed", domain="zyxhome", team=TEAM)
    make_product("housed-facts", ports=[_serving("main.housed")])
    return "zyxhome"


def successor(mesh: Mesh) -> str:
    """The successor of a product is hidden, and then deleted."""
    make_product("zyxheir", visibility="team")
    make_product("old-facts")
    make_product("old-facts", successor="claims/zyxheir")
    remove_product(Product.objects.get(key="zyxheir"), by=mesh.alice)
    return "zyxheir"


def check_of_a_product(mesh: Mesh) -> str:
    """A hidden product has a check on a dataset that everybody sees."""
    dataset = make_dataset("main.checked")
    make_product("zyxrule", visibility="team", checks=[_check("zyxrule", dataset)])
    return "zyxrule"


def checked_dataset(mesh: Mesh) -> str:
    """A product that everybody sees has a check on a hidden dataset."""
    area = hidden_domain(mesh, "probed")
    dataset = make_dataset("main.zyxprobed", domain=area.key)
    make_product("probing-facts", checks=[_check("rows", dataset)])
    return "zyxprobed"


def _check(key: str, dataset: Dataset) -> CheckDescriptor:
    address = DatasetAddress(namespace=dataset.namespace, name=dataset.name)
    return CheckDescriptor(
        key=key, dimension="completeness", rule="row-count", dataset=address, params={"min": 1}
    )


def unread_view(mesh: Mesh) -> str:
    """A view whose statement nobody understood names a hidden table."""
    area = hidden_domain(mesh, "viewed")
    make_dataset("main.zyxviewed", domain=area.key)
    statement = "SELECT id FROM main.zyxviewed PIVOT WHO KNOWS"
    make_dataset("main.view", kind="view", view_definition=statement, columns=[column("id")])
    return "zyxviewed"


def foreign_key(mesh: Mesh) -> str:
    """A dataset that everybody sees refers to a hidden one, and did so before."""
    area = hidden_domain(mesh, "referred")
    make_dataset("main.zyxreferred", domain=area.key)
    key = ForeignKey(
        columns=["id"], namespace=NAMESPACE, name="main.zyxreferred", references=["id"]
    )
    make_dataset("main.referring", foreign_keys=[key])
    make_dataset("main.referring", foreign_keys=[])
    return "zyxreferred"


def job_input(mesh: Mesh) -> str:
    """A job reads a hidden dataset, and its output says of which columns it is made."""
    area = hidden_domain(mesh, "read-from")
    make_dataset("shop.zyxread", namespace=DB, domain=area.key, columns=[column("amount")])
    made = {"name": "shop.made", "namespace": DB}
    make_dataset("shop.made", namespace=DB, columns=[column("total")])
    said = {**made, "facets": columns(total=["shop.zyxread.amount"])}
    said["outputFacets"] = {"origin": facet(inputs=[{"namespace": DB, "name": "shop.zyxread"}])}
    take(event(run=1, job="make", reads=["shop.zyxread"], writes=[said]), by=None)
    return "zyxread"


def parent_job(mesh: Mesh) -> str:
    """A run that everybody may read was started by a job that is hidden."""
    area = hidden_domain(mesh, "started-by")
    make_dataset("shop.kept", namespace=DB, domain=area.key)
    take(event(run=2, job="zyxstarter", writes=["shop.kept"]), by=None)
    make_dataset("shop.open", namespace=DB)
    parent = {"job": {"namespace": "airflow", "name": "zyxstarter"}, "run": {"runId": run_id(2)}}
    said = event(run=3, job="child", writes=["shop.open"], run_facets={"parent": facet(**parent)})
    take(said, by=None)
    return "zyxstarter"


def removed_job(mesh: Mesh) -> str:
    """A job that wrote what is hidden was taken out."""
    area = hidden_domain(mesh, "written")
    make_dataset("shop.written", namespace=DB, domain=area.key)
    take(event(run=4, job="zyxremoved", writes=["shop.written"]), by=None)
    delete_job(Job.objects.get(name="zyxremoved"), by=mesh.admin)
    return "zyxremoved"


NEIGHBOURS: tuple[Callable[[Mesh], str], ...] = (
    domain_above,
    home_of_an_owner,
    team_of_a_grant,
    domain_of_a_dataset,
    successor,
    check_of_a_product,
    checked_dataset,
    unread_view,
    foreign_key,
    job_input,
    parent_job,
    removed_job,
)


def people_at_work(mesh: Mesh) -> None:
    """Let people do what is told of in public: edit, join, steward, ask."""
    product = make_product("edited-facts")
    edit(product, changes={"description": "Told anew"}, by=mesh.alice)
    set_member(mesh.team, mesh.dana, role=Role.MEMBER, by=mesh.alice)
    set_steward(mesh.claims, mesh.dana, by=mesh.admin)
