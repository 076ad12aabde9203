"""Notifications by mail and chat, as each person chose."""
