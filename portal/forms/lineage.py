"""A word to those whom a change hits: form only, the rules are in `lineage.services.impact`."""

from __future__ import annotations

from django import forms

from lineage.services.impact import LONGEST_MESSAGE


class AnnounceForm(forms.Form):
    """What is going to happen, and when."""

    message = forms.CharField(
        label="What you tell them",
        required=False,
        max_length=LONGEST_MESSAGE,
        widget=forms.Textarea(
            attrs={"rows": 3, "placeholder": "What changes, when, and what to use instead"}
        ),
        help_text=f"Up to {LONGEST_MESSAGE} characters.",
    )
