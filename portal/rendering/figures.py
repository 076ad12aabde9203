"""Small figures as SVG: meters, strips, sparks, histograms. Classes give the colours."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from portal.rendering.formats import thousands


def meter(
    share: float | None, tone: str = "", label: str = "", target: float | None = None
) -> SafeString:
    """Draw a share of 0 to 1 as a bar, with a tick at the target."""
    width = 0.0 if share is None else max(0.0, min(1.0, share)) * 100
    tick: SafeString | str = ""
    if target is not None:
        tick = format_html(
            '<rect class="target" x="{}" width="0.6" height="6"/>', _n(min(target, 0.994) * 100)
        )
    return format_html(
        '<svg class="meter" data-tone="{}" viewBox="0 0 100 6" preserveAspectRatio="none" {}>'
        '<rect class="track" width="100" height="6"/>'
        '<rect class="fill" width="{}" height="6"/>{}</svg>',
        tone,
        _name(label),
        _n(width),
        tick,
    )


def strip(outcomes: Sequence[tuple[str, str]]) -> SafeString:
    """Draw outcomes over days, oldest first, as (outcome, what it says)."""
    bars = format_html_join(
        "",
        '<rect x="{}" width="4" height="16" rx="1" data-outcome="{}"><title>{}</title></rect>',
        ((index * 6, outcome or "none", title) for index, (outcome, title) in enumerate(outcomes)),
    )
    width = max(len(outcomes) * 6 - 2, 1)
    bad = sum(1 for outcome, _ in outcomes if outcome in {"failed", "error"})
    return format_html(
        '<svg class="strip" width="{}" height="16" viewBox="0 0 {} 16" {}>{}</svg>',
        width,
        width,
        _name(f"Last {len(outcomes)} days, {bad} with failures"),
        bars,
    )


def spark(values: Sequence[float | None], top: float | None = None, label: str = "") -> SafeString:
    """Draw a short series as bars."""
    known = [value for value in values if value is not None]
    highest = top or max(known, default=0) or 1
    step = 44 / max(len(values), 1)
    bars = format_html_join(
        "",
        '<rect x="{}" y="{}" width="{}" height="{}"/>',
        (
            (_n(i * step), _n(14 - height), _n(max(step - 1.5, 1)), _n(height))
            for i, value in enumerate(values)
            for height in [max(1.0, 14 * (value or 0) / highest)]
        ),
    )
    return format_html('<svg class="spark" viewBox="0 0 44 14" {}>{}</svg>', _name(label), bars)


def histogram(
    bins: Sequence[tuple[str, str, int]], width: int = 96, height: int = 20
) -> SafeString:
    """Draw the bins of a profile; each says its range and count."""
    highest = max((count for *_, count in bins), default=0) or 1
    step = width / max(len(bins), 1)
    bars = format_html_join(
        "",
        '<rect x="{}" y="{}" width="{}" height="{}"><title>{} to {}: {}</title></rect>',
        (
            (
                _n(i * step),
                _n(height - size),
                _n(max(step - 1, 0.6)),
                _n(size),
                low,
                high,
                thousands(count),
            )
            for i, (low, high, count) in enumerate(bins)
            for size in [max(1.0 if count else 0.0, height * count / highest)]
        ),
    )
    return format_html(
        '<svg class="histogram" width="{}" height="{}" viewBox="0 0 {} {}" {}>{}</svg>',
        width,
        height,
        width,
        height,
        _name("Distribution of values"),
        bars,
    )


def _name(label: str) -> SafeString:
    if label:
        return format_html('role="img" aria-label="{}"', label)
    return format_html('aria-hidden="{}"', "true")


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
