"""Measure datasets in few statements; nothing sensitive leaves. Free of Django."""
