"""The form of what reaches a person."""

from __future__ import annotations

from typing import Any

from django import forms

from catalog.models import Reach
from catalog.outbound.messages.outbox import FAMILIES

HOURS = [("", "No daily digest"), *((str(hour), f"At {hour:02}:00") for hour in range(24))]


class ReachForm(forms.Form):
    """Kinds by channel, the chat's address, the hour of the digest."""

    mail = forms.MultipleChoiceField(required=False, choices=list(FAMILIES.items()))
    chat = forms.MultipleChoiceField(required=False, choices=list(FAMILIES.items()))
    digest_hour = forms.ChoiceField(
        required=False,
        choices=HOURS,
        label="Daily digest",
        help_text="One mail with everything new that was not mailed at once.",
    )
    chat_format = forms.ChoiceField(
        choices=list(Reach.chat_format.field.choices or ()), label="Chat"
    )
    chat_url = forms.CharField(
        max_length=1000,
        required=False,
        label="Address of its incoming webhook",
        help_text="Whoever knows it may write there; only you see it here.",
    )

    def __init__(self, reach: Reach, data: Any = None) -> None:
        hour = "" if reach.digest_hour is None else str(reach.digest_hour)
        initial = {
            "mail": reach.mail,
            "chat": reach.chat,
            "digest_hour": hour,
            "chat_format": reach.chat_format,
            "chat_url": reach.chat_url,
        }
        super().__init__(data, initial=initial)

    def said(self) -> dict[str, Any]:
        """Return what the service takes."""
        hour = self.cleaned_data["digest_hour"]
        return {**self.cleaned_data, "digest_hour": int(hour) if hour else None}

    def families(self) -> list[tuple[str, str, bool, bool]]:
        """Return each family with its words, and whether it is mailed and said in chat."""
        mail, chat = self["mail"].value() or [], self["chat"].value() or []
        return [(key, words, key in mail, key in chat) for key, words in FAMILIES.items()]
