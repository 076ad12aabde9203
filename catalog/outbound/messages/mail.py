"""Notifications as mail: text and HTML, with a way to get no more that needs no signing in (RFC 8058)."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.utils.html import format_html, format_html_join

from catalog.models import User
from catalog.outbound.messages.chat import Line

SALT = "gazetteer.unsubscribe"


def unsubscribe_address(user: User) -> str:
    """Return the address that ends a person's mail."""
    return f"{settings.PUBLIC_URL}/unsubscribe/{signing.dumps(user.pk, salt=SALT)}"


def unsubscribed_by(token: str) -> int | None:
    """Return whose mail an address ends; None when we did not write it."""
    try:
        pk = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    return pk if isinstance(pk, int) else None


def write_mail(user: User, lines: Sequence[Line], title: str = "") -> EmailMultiAlternatives:
    """Return a mail that says some lines."""
    first = " ".join(lines[0].text.split())
    subject = title or (first if len(lines) == 1 else f"{first} and {len(lines) - 1} more")
    leave, choose = unsubscribe_address(user), f"{settings.PUBLIC_URL}/profile/messages"
    text = "\n\n".join(f"{one.text}\n{one.url}" for one in lines)
    text += f"\n\n-- \nChoose what reaches you: {choose}\nNo more mail: {leave}\n"
    items = format_html_join(
        "", '<li><a href="{}">{}</a></li>', ((one.url, one.text) for one in lines)
    )
    html = format_html(
        '<!doctype html><html lang="en"><body><ul>{}</ul><p><a href="{}">Choose what reaches you</a>'
        ' · <a href="{}">No more mail</a></p></body></html>',
        items,
        choose,
        leave,
    )
    headers = {
        "List-Unsubscribe": f"<{leave}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
    }
    mail = EmailMultiAlternatives(subject[:200], text, to=[user.email], headers=headers)
    mail.attach_alternative(html, "text/html")
    return mail
