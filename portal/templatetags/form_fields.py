"""Form fields in the portal's own dress: `{% load form_fields %}`."""

from __future__ import annotations

from django import forms, template
from django.forms import BoundField
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """Draw the input of a field with the class of its kind."""
    widget = field.field.widget
    kind = "input"
    if isinstance(widget, forms.Textarea):
        kind = "textarea"
    elif isinstance(widget, forms.Select):
        kind = "select"
    own = widget.attrs.get("class", "")
    described = f"{field.auto_id}_helptext" if field.help_text else ""
    if field.errors:
        described = f"{field.auto_id}_error {described}".strip()
    attrs: dict[str, str | bool] = {"class": f"{kind} {own}".strip()}
    if described:
        attrs["aria-describedby"] = described
    return field.as_widget(attrs=attrs)
