"""The form of the first platform admin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.forms import UserCreationForm

from catalog.models import User

if TYPE_CHECKING:
    AccountForm = UserCreationForm[User]
else:
    AccountForm = UserCreationForm  # not generic when it runs


class FirstAdminForm(AccountForm):
    """The account of who sets an installation up."""

    display_name = forms.CharField(
        max_length=200, label="Your name", widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(
        label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    field_order = ("display_name", "email", "username", "password1", "password2")

    class Meta:
        model = User
        fields = ("display_name", "email", "username")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        username = self.fields["username"]
        username.label = "User name"
        username.help_text = "To sign in with, as ana.ruiz. Letters, digits and . _ - + @."
        username.widget.attrs.pop("autofocus", None)
        self.fields[
            "password1"
        ].help_text = "At least 8 characters, and none of the passwords everybody uses."
        self.fields["password2"].label = "Password again"
        self.fields["password2"].help_text = ""
