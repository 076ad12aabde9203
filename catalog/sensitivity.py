"""The classes of personal and secret content, and how people call them. Free of Django."""

from __future__ import annotations

from enum import StrEnum


class Sensitivity(StrEnum):
    """The personal or secret content of a column."""

    NONE = "none"
    PERSON_NAME = "person-name"
    USERNAME = "username"
    EMAIL = "email"
    PHONE = "phone"
    POSTAL_ADDRESS = "postal-address"
    BIRTH_DATE = "birth-date"
    NATIONAL_ID = "national-id"
    PAYMENT_CARD = "payment-card"
    BANK_ACCOUNT = "bank-account"
    SALARY = "salary"
    VEHICLE = "vehicle"
    DEVICE = "device"
    IP_ADDRESS = "ip-address"
    CREDENTIAL = "credential"
    HEALTH = "health"
    BELIEF_OR_ORIGIN = "belief-or-origin"
    LOCATION = "location"
    FREE_TEXT = "free-text"

    @property
    def words(self) -> str:
        """The class as people read it, in lower case."""
        return _SENSITIVITY_WORDS.get(self.value, self.value.replace("-", " "))


#: Where the value with blanks for its hyphens is not what people say.
_SENSITIVITY_WORDS = {
    "email": "e-mail address",
    "phone": "phone number",
    "national-id": "national id",
    "username": "user name",
    "salary": "salary or income",
    "vehicle": "vehicle of a person",
    "device": "device of a person",
    "ip-address": "IP address",
    "health": "health data",
    "belief-or-origin": "belief, ethnicity or orientation",
    "location": "location of a person",
    "free-text": "free text with personal data",
}
