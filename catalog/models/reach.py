"""How people are told beside the portal."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Reach(models.Model):
    """What one person wants by mail and chat; the portal always shows everything."""

    user = models.OneToOneField("catalog.User", models.CASCADE, related_name="reach")
    mail = models.JSONField(default=list, help_text="Families of events mailed at once: `access`.")
    chat = models.JSONField(default=list, help_text="Families of events said in chat at once.")
    chat_url = models.CharField(max_length=1000, blank=True)
    chat_format = models.CharField(
        max_length=10,
        choices=[("slack", "Slack"), ("teams", "Microsoft Teams"), ("mattermost", "Mattermost")],
        default="slack",
    )
    digest_hour = models.PositiveSmallIntegerField(null=True, blank=True)
    digest_on = models.DateField(null=True, blank=True, help_text="Day of the last digest.")
    since = models.DateTimeField(default=timezone.now, help_text="What is older is not sent.")
    mail_retry_at = models.DateTimeField(null=True, blank=True)
    chat_retry_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"reach of {self.user}"
