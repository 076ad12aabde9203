"""Forms of domains and teams: form only, the rules are in `catalog.people`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from catalog.models import Domain, Team, User
from catalog.models.domains import VISIBILITY_CHOICES
from catalog.names import slugify
from catalog.people import policies
from catalog.people.policies import Action

_PROSE = forms.Textarea(attrs={"rows": 4})


def own_domains(user: User, also: int | None = None) -> QuerySet[Domain]:
    """Return the domains a person stewards, and one that they need not."""
    rows = Domain.objects.visible_to(user).order_by("path")
    mine = policies.domains_where(user, Action.MANAGE_DOMAIN)
    return rows if mine is None else rows.filter(Q(pk__in=mine) | Q(pk=also))


class DomainChoice(forms.ModelChoiceField[Domain]):
    """A domain, set in by how deep it stands."""

    def label_from_instance(self, obj: Domain) -> str:
        """Return its name behind its place in the tree."""
        return "\u2003" * obj.depth + obj.name


class MeshForm(forms.Form):
    """A form that knows which state of its subject it was opened with."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, initial: Mapping[str, Any]) -> None:
        super().__init__(data, initial={**initial, "seen": stamp(initial)})

    def was_opened_with(self, now: Mapping[str, Any]) -> bool:
        """Tell whether the subject is still as it was when the form was opened."""
        return bool(self.cleaned_data["seen"] == stamp(now))


def stamp(stated: Mapping[str, Any]) -> str:
    """Return a short digest of what is stated of a subject."""
    told = "\0".join(f"{name}={stated[name]}" for name in sorted(stated))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


class NamedForm(MeshForm):
    """What has a name, and a key made of it."""

    name = forms.CharField(max_length=200)
    key = forms.CharField(
        max_length=64,
        required=False,
        help_text="Lower-case letters, digits and hyphens for addresses; made from the name when empty.",
        widget=forms.TextInput(attrs={"class": "mono"}),
    )
    description = forms.CharField(required=False, widget=_PROSE, help_text="Markdown.")

    def clean(self) -> dict[str, Any]:
        """Make the key of the name where none is written."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        said["key"] = said.get("key") or slugify(said.get("name", ""))
        return said


class DomainForm(NamedForm):
    """A domain and where it stands."""

    parent = DomainChoice(
        Domain.objects.none(), required=False, label="Part of", empty_label="Nothing: at the top"
    )
    visibility = forms.ChoiceField(
        choices=VISIBILITY_CHOICES,
        label="Seen by",
        help_text="At most by those who see the domain above it.",
    )
    team = forms.ModelChoiceField(
        Team.objects.none(),
        required=False,
        label="Leading team",
        empty_label="None",
        help_text="Owns what names no other team.",
    )
    field_order = ("name", "key", "parent", "description", "visibility", "team")

    def __init__(
        self, user: User, data: Any, initial: Mapping[str, Any], domain: Domain | None = None
    ) -> None:
        super().__init__(data, initial)
        above = own_domains(user, domain.parent_id if domain else None)
        if domain is not None:
            above = above.exclude(path__startswith=domain.path)
        may_top = policies.may(user, Action.ADMINISTER)
        parent, team = self.fields["parent"], self.fields["team"]
        assert isinstance(parent, forms.ModelChoiceField)
        assert isinstance(team, forms.ModelChoiceField)
        parent.queryset = above
        parent.required = not may_top and not (domain and domain.parent_id is None)
        if parent.required:
            parent.empty_label = "Choose"
        team.queryset = Team.objects.visible_to(user)


class RetireForm(MeshForm):
    """Who gets what a domain or team has, and the word that it is meant."""

    confirm = forms.CharField(
        widget=forms.TextInput(attrs={"class": "mono", "autocomplete": "off"})
    )

    def __init__(self, data: Any, subject: Domain | Team, heirs: QuerySet[Any], has: str) -> None:
        super().__init__(data, {"key": subject.key})
        self.key = subject.key
        kind = DomainChoice if isinstance(subject, Domain) else forms.ModelChoiceField
        self.fields["successor"] = kind(
            heirs,
            required=bool(has),
            label="Everything goes to",
            empty_label="Choose" if has else "Nobody: it is empty",
        )
        self.fields["confirm"].label = f"Write {subject.key} to confirm"
        self.order_fields(("successor", "confirm"))

    def clean_confirm(self) -> str:
        """Take the key of what is to end."""
        said: str = self.cleaned_data["confirm"]
        if said != self.key:
            raise forms.ValidationError(f"Write {self.key}.")
        return said


class TeamForm(NamedForm):
    """A team and its domain."""

    domain = DomainChoice(Domain.objects.none(), required=False, empty_label="None")
    contact = forms.CharField(
        max_length=300, required=False, help_text="A channel, a mailing list, an address."
    )
    field_order = ("name", "key", "domain", "description", "contact")

    def __init__(
        self, user: User, data: Any, initial: Mapping[str, Any], team: Team | None = None
    ) -> None:
        super().__init__(data, initial)
        domain = self.fields["domain"]
        assert isinstance(domain, forms.ModelChoiceField)
        domain.queryset = own_domains(user, team.domain_id if team else None)
        domain.required = not policies.may(user, Action.ADMINISTER)
        if domain.required:
            domain.empty_label = "Choose"
