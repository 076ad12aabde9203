"""The one door: the only code that turns descriptors into rows."""
