"""The form of a webhook."""

from __future__ import annotations

from typing import Any

from django import forms

from catalog.models import Domain, Product, User, Webhook


class WebhookForm(forms.Form):
    """Where events go, and which."""

    name = forms.CharField(max_length=100, help_text="What receives them, as “incident bot”.")
    url = forms.CharField(
        max_length=1000,
        label="Address",
        help_text="Begins with https:// and answers OPTIONS with WebHook-Allowed-Origin.",
    )
    types = forms.CharField(
        max_length=4000,
        required=False,
        label="Types of events",
        help_text="With commas between, as contract.published, product.*; empty: every type.",
    )
    domain = forms.ChoiceField(required=False, help_text="With those below it.")
    product = forms.CharField(
        max_length=64,
        required=False,
        label="Product",
        help_text="The dataProductGUID of one product; empty: of all.",
    )

    def __init__(self, user: User, data: Any = None, webhook: Webhook | None = None) -> None:
        initial = _initial(user, webhook) if webhook else None
        super().__init__(data, initial=initial)
        domains = Domain.objects.visible_to(user).values_list("key", "name")
        choices = self.fields["domain"]
        assert isinstance(choices, forms.ChoiceField)
        choices.choices = [("", "Every domain"), *domains]

    def said(self) -> dict[str, Any]:
        """Return what the service takes."""
        said = dict(self.cleaned_data)
        said["types"] = [word.strip() for word in said["types"].split(",") if word.strip()]
        return {**said, "domain": said["domain"] or None, "product": said["product"] or None}


def _initial(user: User, webhook: Webhook) -> dict[str, str]:
    """Return what a webhook says now; a product that is hidden by now is not named."""
    guids = Product.objects.visible_to(user).filter(pk=webhook.product_id or 0)
    return {
        "name": webhook.name,
        "url": webhook.url,
        "types": ", ".join(webhook.types),
        "domain": webhook.domain.key if webhook.domain else "",
        "product": guids.values_list("guid", flat=True).first() or "",
    }
