"""Forms around access requests: form only, the rules are in `catalog.access`."""

from __future__ import annotations

from django import forms

from catalog.models import Team


class RequestForm(forms.Form):
    """What one asks for."""

    port = forms.ChoiceField(label="Output port")
    grantee = forms.ChoiceField(label="Who for")
    purpose = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
        help_text="What will you do with the data? The owners decide on this.",
    )
    ends_on = forms.DateField(
        label="Until",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Leave empty when there is no end in sight.",
    )
    note = forms.CharField(
        label="Note to the owners",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(
        self,
        *args: object,
        ports: list[tuple[str, str]],
        teams: list[Team],
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["port"] = forms.ChoiceField(label="Output port", choices=ports)
        self.fields["grantee"] = forms.ChoiceField(
            label="Who for",
            choices=[("me", "Me"), *((str(team.pk), f"My team {team.name}") for team in teams)],
        )


class DecisionForm(forms.Form):
    """A decision on one request."""

    decision = forms.ChoiceField(choices=[("approve", "Approve"), ("reject", "Reject")])
    comment = forms.CharField(required=False, max_length=2000)


class EndGrantForm(forms.Form):
    """Why a grant ends early."""

    comment = forms.CharField(required=False, max_length=2000)
