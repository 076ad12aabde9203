"""Template tags and filters of the portal; every template has them without loading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from catalog.models import Domain, User
from portal.rendering import figures, formats, markdown, marks

register = template.Library()


@register.simple_tag
def icon(name: str, extra: str = "", label: str = "") -> SafeString:
    """Draw an icon of the set; without a label it is decoration."""
    return format_html(
        '<svg class="icon {}" {}><use href="{}#{}"/></svg>',
        extra,
        format_html('role="img" aria-label="{}"', label)
        if label
        else mark_safe('aria-hidden="true"'),
        static("sprite.svg"),
        name,
    )


@register.simple_tag
def dot(domain: Domain | int | None, size: str = "") -> SafeString:
    """Draw the coloured dot of a domain (or of a hue number)."""
    hue = domain.hue if isinstance(domain, Domain) else domain
    extra = f"dot-{size}" if size else ""
    if hue is None:
        return format_html('<span class="dot {}" aria-hidden="true"></span>', extra)
    return format_html(
        '<span class="dot {}" data-hue="{}" aria-hidden="true"></span>', extra, hue % 12
    )


@register.simple_tag
def ago(value: datetime | None, none: str = "never") -> SafeString:
    """Write how long ago something was; the exact time is the tooltip."""
    if value is None:
        return format_html('<span class="faint">{}</span>', none)
    local = timezone.localtime(value)
    return format_html(
        '<time datetime="{}" title="{}" data-ago>{}</time>',
        local.isoformat(timespec="seconds"),
        formats.exact(local),
        formats.relative(value, timezone.now()),
    )


@register.simple_tag
def on_day(value: date | datetime | None, none: str = "–") -> SafeString:
    """Write a day."""
    if value is None:
        return format_html('<span class="faint">{}</span>', none)
    if isinstance(value, datetime):
        value = timezone.localtime(value)
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), formats.day(value))


@register.simple_tag
def moment(value: datetime | None, none: str = "–") -> SafeString:
    """Write a moment in full."""
    if value is None:
        return format_html('<span class="faint">{}</span>', none)
    local = timezone.localtime(value)
    return format_html(
        '<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), formats.exact(local)
    )


@register.simple_tag
def status(family: str, state: object, word: str = "") -> SafeString:
    """Write a state as icon and word. Families: status outcome kept run request grant."""
    mark = marks.mark_of(family, state)
    return format_html(
        '<span class="status" data-tone="{}">{}{}</span>',
        mark.tone,
        icon(mark.icon),
        word or mark.word,
    )


@register.simple_tag
def badge(family: str, state: object, word: str = "") -> SafeString:
    """Write a state as a small box. Families as `status`, and classification archetype kind."""
    if state in (None, ""):
        return SafeString("")
    mark = marks.mark_of(family, state)
    return format_html(
        '<span class="badge" data-tone="{}">{}{}</span>',
        mark.tone,
        icon(mark.icon),
        word or mark.word,
    )


@register.simple_tag
def quality(score: float | None) -> SafeString:
    """Write a quality score with its tone, or that nothing was measured."""
    if score is None:
        return SafeString('<span class="faint">not measured</span>')
    return format_html(
        '<span class="score tone-{}">{}</span>', marks.quality_tone(score), int(score)
    )


@register.simple_tag
def avatar(user: User | None, extra: str = "") -> SafeString:
    """Draw the round mark of a person."""
    if user is None:
        return format_html(
            '<span class="avatar {}" aria-hidden="true">{}</span>', extra, icon("user")
        )
    return format_html(
        '<span class="avatar {}" data-hue="{}" aria-hidden="true">{}</span>',
        extra,
        (user.pk or 0) * 5 % 12,
        user.initials,
    )


@register.simple_tag
def copy(text: str, label: str = "Copy") -> SafeString:
    """Put a button beside a text that copies it."""
    return format_html(
        '<button type="button" class="copy" data-copy="{}" aria-label="{}" title="{}">'
        "{}{}</button>",
        text,
        label,
        label,
        icon("copy", "is-idle"),
        icon("check", "is-done"),
    )


@register.simple_tag
def meter(share: float | None, tone: str = "", label: str = "") -> SafeString:
    """Draw a share of 0 to 1 as a bar."""
    return figures.meter(share, tone, label)


@register.simple_tag
def strip(outcomes: Sequence[tuple[str, str]]) -> SafeString:
    """Draw the outcomes of a check over days."""
    return figures.strip(outcomes)


@register.simple_tag
def spark(values: Sequence[float | None], top: float | None = None, label: str = "") -> SafeString:
    """Draw a short series of numbers."""
    return figures.spark(values, top, label)


@register.simple_tag
def score_bar(score: float) -> SafeString:
    """Draw a score of 0 to 100 as a bar of its tone."""
    return figures.meter(score / 100, marks.quality_tone(score))


@register.simple_tag
def share_bar(count: float, total: float) -> SafeString:
    """Draw a part of a whole as a bar."""
    return figures.meter(count / total if total else 0)


@register.simple_tag
def histogram(
    bins: Sequence[tuple[str, str, int]], width: int = 96, height: int = 20
) -> SafeString:
    """Draw the distribution of a column."""
    return figures.histogram(bins, width, height)


@register.filter
def get(mapping: Mapping[str, object], key: str) -> object:
    """Look a key up; nothing when it is missing."""
    return mapping.get(key)


@register.filter
def cells(row: Sequence[object], names: Sequence[str]) -> list[tuple[str, object]]:
    """Join the values of a row with the names of their columns."""
    return list(zip(names, row, strict=False))


@register.filter
def is_link(address: str) -> bool:
    """Tell whether an address that people wrote may be linked: the web and mail alone."""
    return (address or "").lower().startswith(("https://", "http://", "mailto:"))


@register.filter
def comparison(sign: str) -> str:
    """Say a comparison in words."""
    return formats.COMPARISONS.get(sign, sign)


@register.filter
def number_plain(value: float) -> str:
    """Write a number for machines: no grouping."""
    return format(float(value), ".10g")


@register.filter
def as_markdown(text: str) -> SafeString:
    """Render markdown safely."""
    return mark_safe(markdown.to_html(text or ""))  # noqa: S308  (cleaned by nh3)


@register.filter
def first_line(text: str, limit: int = 300) -> str:
    """Return the plain words of the first paragraph."""
    return markdown.first_line(text or "", limit)


@register.filter
def after_lead(text: str, limit: int = 300) -> str:
    """Drop the first paragraph of a text whose lead stands above it."""
    return markdown.after_lead(text or "", limit)


@register.filter
def quality_tone(score: float | None) -> str:
    """Name the tone of a score."""
    return marks.quality_tone(score)


@register.filter
def word_of(state: object, family: str) -> str:
    """Return the word of a state: `product.status|word_of:"status"`."""
    return marks.mark_of(family, state).word


@register.filter
def as_text(value: object, limit: int = 2000) -> str:
    """Write a value for people: text as it is, yes or no, lists by commas, else JSON."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(item, str | int | float) for item in value):
        text = ", ".join(str(item) for item in value)
    elif isinstance(value, list):
        text = "\n".join(as_text(item) for item in value)
    elif isinstance(value, dict):
        text = ", ".join(f"{key}: {as_text(item)}" for key, item in value.items())
    else:
        text = str(value)
    return text if len(text) <= limit else text[:limit] + "…"


register.filter("thousands", formats.thousands)
register.filter("short", formats.short)
register.filter("number", formats.number)
register.filter("percent", formats.percent)
register.filter("bytes", formats.bytes_text)
register.filter("duration", formats.duration)
register.filter("took", formats.took)
register.filter("measure", formats.measure)
register.filter("speaker", formats.speaker)
