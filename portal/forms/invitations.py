"""Forms of invitations: made by who may invite, accepted by the invited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.forms import UserCreationForm

from catalog.models import Role, Team, User
from catalog.people import policies
from catalog.people.invitations import DAYS
from catalog.people.policies import Action

if TYPE_CHECKING:
    AccountForm = UserCreationForm[User]
else:
    AccountForm = UserCreationForm  # not generic when it runs


class InvitationForm(forms.Form):
    """Whom to invite, and into which team."""

    team = forms.ModelChoiceField(Team.objects.none(), required=False, to_field_name="key")
    role = forms.ChoiceField(choices=Role.choices, initial=Role.MEMBER, label="As")
    email = forms.EmailField(required=False, label="Mail address")
    note = forms.CharField(
        max_length=200,
        required=False,
        label="For",
        help_text="A name, so that you know the link again.",
    )
    days = forms.TypedChoiceField(
        choices=[("1", "1 day"), ("7", "7 days"), ("30", "30 days")],
        initial=str(DAYS),
        coerce=int,
        label="Valid for",
    )

    def __init__(self, user: User, data: Any = None, *, team: str = "", mails: bool) -> None:
        super().__init__(data, initial={"team": team})
        choice = self.fields["team"]
        assert isinstance(choice, forms.ModelChoiceField)
        own = policies.teams_where(user, Action.MANAGE_TEAM)
        choice.queryset = Team.objects.all() if own is None else Team.objects.filter(pk__in=own)
        is_admin = policies.may(user, Action.ADMINISTER)
        choice.required = not is_admin
        choice.empty_label = "No team: an account alone" if is_admin else "Choose"
        told = (
            "The link is sent there." if mails else "Mail is not set up here: you pass the link on."
        )
        self.fields[
            "email"
        ].help_text = f"{told} The account has this address. Empty: a link for anybody."


class JoinForm(AccountForm):
    """The account of somebody who was invited."""

    display_name = forms.CharField(
        max_length=200, label="Your name", widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    field_order = ("display_name", "username", "password1", "password2")

    class Meta:
        model = User
        fields = ("display_name", "username")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["username"].label = "User name"
        self.fields[
            "username"
        ].help_text = "To sign in with, as ana.ruiz. Letters, digits and . _ - + @."
        self.fields["username"].widget.attrs.pop("autofocus", None)
        self.fields[
            "password1"
        ].help_text = "At least 8 characters, and none of the passwords everybody uses."
        self.fields["password2"].label = "Password again"
        self.fields["password2"].help_text = ""
