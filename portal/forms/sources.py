"""The form of a source: form only, the connector's own configuration rules decide."""

from __future__ import annotations

import json

from django import forms

from catalog.models import Domain, Team

_JSON = forms.Textarea(attrs={"rows": 8, "class": "mono", "spellcheck": "false"})


class _PrettyJSON(forms.JSONField):
    """JSON shown as people write it, one field a line; what they sent is given back as it was."""

    def prepare_value(self, value: object) -> str:
        """Indent what comes from the database."""
        if isinstance(value, str):
            return value
        return "" if value is None else json.dumps(value, indent=2, ensure_ascii=False)


class SourceForm(forms.Form):
    """A source: what to read, when, and whose it is."""

    name = forms.CharField(max_length=200)
    key = forms.SlugField(
        max_length=64,
        required=False,
        help_text="Short name used in commands and addresses; made from the name when empty.",
    )
    connector = forms.ChoiceField()
    config = _PrettyJSON(
        label="Configuration",
        widget=_JSON,
        help_text="JSON. Secrets of the team are written vault:NAME.",
    )
    domain = forms.ModelChoiceField(Domain.objects.none())
    team = forms.ModelChoiceField(Team.objects.none(), required=False)
    schedule = forms.CharField(
        max_length=100,
        required=False,
        help_text="Cron fields (15 3 * * *) or “every 30m”, “every 2h”. Empty: by hand.",
    )
    rules = _PrettyJSON(
        required=False,
        initial=list,
        widget=_JSON,
        help_text='JSON list: [{"match": "claims_*", "product": "settled-claims", "port": "sql"}].',
    )

    def __init__(
        self,
        *args: object,
        connectors: list[str],
        domains: list[Domain],
        teams: list[Team],
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["connector"] = forms.ChoiceField(choices=[(c, c) for c in connectors])
        domain_field = self.fields["domain"]
        team_field = self.fields["team"]
        if isinstance(domain_field, forms.ModelChoiceField):
            domain_field.queryset = Domain.objects.filter(pk__in=[d.pk for d in domains])
        if isinstance(team_field, forms.ModelChoiceField):
            team_field.queryset = Team.objects.filter(pk__in=[t.pk for t in teams])

    def clean_config(self) -> dict[str, object]:
        """Take a JSON object alone: `{…}`."""
        config = self.cleaned_data["config"]
        if not isinstance(config, dict):
            raise forms.ValidationError(
                'Write a JSON object, for instance {"path": "/data/*.csv"}.'
            )
        return config

    def clean_rules(self) -> list[dict[str, object]]:
        """Take a JSON list of objects; empty is none."""
        rules = self.cleaned_data["rules"] or []
        if not isinstance(rules, list) or not all(isinstance(one, dict) for one in rules):
            raise forms.ValidationError("Write a JSON list of objects: [{…}, {…}].")
        return rules
