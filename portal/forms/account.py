"""Forms of the own account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm

from catalog.models import TokenScope, User

if TYPE_CHECKING:
    UserForm = forms.ModelForm[User]
else:
    UserForm = forms.ModelForm  # not generic when it runs


class SignInForm(AuthenticationForm):
    """User name and password."""

    error_messages = {
        "invalid_login": "This user name and password do not go together. Both are case-sensitive.",
        "inactive": "This account is switched off. Ask a platform admin.",
    }


class PasswordForm(PasswordChangeForm):
    """A new password; it takes no focus, as it is not the first thing on its page."""

    end_tokens = forms.BooleanField(
        required=False,
        label="End my API tokens, too",
        help_text="Do this when somebody may know the old password: whoever signed in with it could make tokens.",
    )

    def __init__(self, user: User, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(user, data)
        self.fields["old_password"].widget.attrs.pop("autofocus", None)


class ProfileForm(UserForm):
    """What others see of a person."""

    class Meta:
        model = User
        fields = ["display_name", "job_title", "email"]


class TokenForm(forms.Form):
    """A new token."""

    name = forms.CharField(
        max_length=100, help_text="What will use it, for instance “claims pipeline”."
    )
    scope = forms.ChoiceField(choices=TokenScope.choices, label="May")
    days = forms.ChoiceField(
        choices=[("30", "30 days"), ("90", "90 days"), ("365", "1 year")],
        initial="90",
        label="Valid for",
    )
