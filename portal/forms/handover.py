"""The forms of handing over, and of a new password by a link."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.forms import SetPasswordForm

from catalog.handover import Holding
from catalog.models import User

if TYPE_CHECKING:
    PasswordForm = SetPasswordForm[User]
else:
    PasswordForm = SetPasswordForm  # not generic when it runs

NOBODY = "(nobody)"  # no user name looks like this


class HandoverForm(forms.Form):
    """One field for each holding that can be given: the user name of who gets it, or nobody."""

    def __init__(self, held: Sequence[Holding], data: Any = None) -> None:
        super().__init__(data)
        for one in held:
            if not one.can_be_given:
                continue
            told = (
                f"{one.note} Write {NOBODY} to leave it without." if one.must_be_said else one.note
            )
            self.fields[one.ref] = forms.CharField(
                max_length=150,
                required=one.must_be_said,
                label=one.title,
                help_text=told,
                widget=forms.TextInput(
                    attrs={
                        "list": "people",
                        "autocomplete": "off",
                        "placeholder": "User name"
                        if one.must_be_said
                        else "User name, or empty: it ends",
                    }
                ),
            )
            self.fields[one.ref].error_messages["required"] = (
                f"Name who follows, or write {NOBODY}."
            )

    def clean(self) -> dict[str, Any]:
        """Find who is named; one query for all."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        names = {name for name in said.values() if name}
        known = {
            one.username: one for one in User.objects.filter(username__in=names, is_active=True)
        }
        for ref, name in list(said.items()):
            if name and name != NOBODY and name not in known:
                self.add_error(ref, f"Nobody who may sign in has the user name {name}.")
        self.known = known
        return said

    def plan(self) -> dict[str, User | None]:
        """Return who gets what; None: it ends."""
        return {ref: self.known.get(name) for ref, name in self.cleaned_data.items()}


class NewPasswordForm(PasswordForm):
    """A new password, twice."""

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(user, data)
        self.fields[
            "new_password1"
        ].help_text = "At least 8 characters, and none of the passwords everybody uses."
        self.fields["new_password2"].label = "New password again"
