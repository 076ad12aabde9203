"""The forms of the vault: form only, the service decides."""

from __future__ import annotations

from django import forms

from ingestors.services.vault import LONGEST, LONGEST_NAME

_HIDDEN = forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"})


class NewSecretForm(forms.Form):
    """A secret to keep."""

    name = forms.CharField(
        max_length=LONGEST_NAME, help_text="As warehouse-password; sources write vault:NAME."
    )
    value = forms.CharField(
        max_length=LONGEST,
        strip=False,
        label="Secret",
        widget=_HIDDEN,
        help_text="It is encrypted and never shown again.",
    )
    note = forms.CharField(
        max_length=200, required=False, help_text="What it opens, and who can make a new one."
    )


class ReplaceSecretForm(forms.Form):
    """Another value for a secret."""

    value = forms.CharField(max_length=LONGEST, strip=False, label="New secret", widget=_HIDDEN)
