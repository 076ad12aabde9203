"""The mail that brings an invitation."""

from __future__ import annotations

import logging
import smtplib

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone
from django.utils.html import format_html

from catalog.models import Invitation

log = logging.getLogger(__name__)


def can_mail() -> bool:
    """Tell whether a mail server is configured."""
    return bool(settings.EMAIL_HOST)


def mail_invitation(invitation: Invitation, link: str) -> bool:
    """Send the link to the invited and tell whether the server took it; the refusal is logged."""
    mail = write_invitation(invitation, link)
    try:
        mail.send()
    except (smtplib.SMTPException, OSError) as error:
        log.warning(
            "the mail of invitation %s was not taken: %s", invitation.pk, type(error).__name__
        )
        return False
    Invitation.objects.filter(pk=invitation.pk).update(mailed_at=timezone.now())
    return True


def write_invitation(invitation: Invitation, link: str) -> EmailMultiAlternatives:
    """Return the mail; names that people chose stand in it as text alone."""
    who = " ".join(str(invitation.invited_by).split())
    where = (
        f"the team {' '.join(invitation.team.name.split())} in Gazetteer"
        if invitation.team
        else "Gazetteer"
    )
    said = f"{who} invites you to {where}, the catalog of your data mesh."
    until = f"{timezone.localtime(invitation.expires_at):%-d %B %Y, %H:%M %Z}"
    rest = f"The link works once, until {until}. If you did not expect it, do nothing."
    html = format_html(
        '<!doctype html><html lang="en"><body><p>{}</p><p><a href="{}">Accept the invitation</a></p>'
        "<p>{}</p></body></html>",
        said,
        link,
        rest,
    )
    mail = EmailMultiAlternatives(
        f"{who} invites you to {where}"[:200],
        f"{said}\n\n{link}\n\n{rest}\n",
        to=[invitation.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(html, "text/html")
    return mail
