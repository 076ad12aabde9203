"""Forms about who owns namespaces: form only, the rules are in `catalog.governance.namespaces`."""

from __future__ import annotations

from typing import Any

from django import forms

from catalog.governance.namespaces import LONGEST_DISPUTE, LONGEST_NOTE, NewOwner
from catalog.models import Domain, Team, User
from catalog.people import policies
from catalog.people.policies import Action


class OwnerForm(forms.Form):
    """A team, or a domain with all its teams."""

    owner = forms.ChoiceField(
        label="New owner", help_text="A team, or a domain whose teams share it."
    )
    note = forms.CharField(label="Why", required=False, max_length=LONGEST_NOTE)

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(data)
        domain_ids = policies.domains_where(user, Action.GRANT_NAMESPACE)
        domains = Domain.objects.visible_to(user).order_by("path")
        teams = Team.objects.select_related("domain").order_by("name")
        if domain_ids is not None:
            domains = domains.filter(pk__in=domain_ids)
            teams = teams.filter(domain__in=domain_ids)
        self._owners: dict[str, NewOwner] = {
            **{f"team:{team.key}": NewOwner.of(team, None) for team in teams},
            **{f"domain:{domain.key}": NewOwner.of(None, domain) for domain in domains},
        }
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ChoiceField)
        owner.choices = [
            ("", "Choose"),
            ("Teams", [(key, str(o.team)) for key, o in self._owners.items() if o.team]),
            ("Domains", [(key, str(o.domain)) for key, o in self._owners.items() if not o.team]),
        ]

    def new_owner(self) -> NewOwner:
        """Return who was chosen."""
        return self._owners[self.cleaned_data["owner"]]


class GrantForm(OwnerForm):
    """Names that nobody owns, and who is to own them."""

    namespace = forms.CharField(
        max_length=500,
        strip=False,
        help_text="As in addresses: postgres://warehouse:5432, airflow.",
    )
    begins = forms.CharField(
        max_length=1000,
        strip=False,
        required=False,
        label="Names that begin with",
        help_text="As claims.public. with its dot; empty: every name.",
    )
    field_order = ("namespace", "begins", "owner", "note")


class DisputeForm(forms.Form):
    """What speaks against a claim."""

    word = forms.CharField(
        label="What speaks against it",
        max_length=LONGEST_DISPUTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The owner and the stewards read it; a steward decides.",
    )
