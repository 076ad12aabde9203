"""The words by which names of columns are judged. Free of Django."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.descriptors import Sensitivity as S


@dataclass(frozen=True, slots=True)
class NameRule:
    """A phrase of words in a name, and how strongly it speaks for a class (0 to 1)."""

    phrase: tuple[str, ...]
    sensitivity: S
    weight: float


def _rules(sensitivity: S, weight: float, phrases: str) -> list[NameRule]:
    return [
        NameRule(tuple(phrase.split()), sensitivity, weight)
        for phrase in (part.strip() for part in phrases.split(","))
        if phrase
    ]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split(", "))


#: Words for the name of anything: of a person only where people are described.
GENERIC_NAMES = _words("name, display name, nombre, nom, naam")

#: Roles that people and programs fill alike: a person only where values are written as full names.
ROLES = _words(
    "by, account manager, product manager, manager, supervisor, interviewer, interviewee, speaker,"
    " received from, reviewer, approver, signer, surveyor, underwriter, trainer, payer,"
    " payee, sender, recipient, receiver, user, teacher, doctor, physician, nurse, employee, owner,"
    " holder, author, editor, caller, witness, requester, reporter, assignee, submitter, operator"
)

#: Alone enough (>= 0.6), enough with support from values or context (0.3 to 0.6).
NAME_RULES: tuple[NameRule, ...] = (
    *_rules(S.EMAIL, 0.7, "email, e mail, mail address, emails, correo, courriel, emailadresse"),
    *_rules(S.EMAIL, 0.4, "mail, contact"),
    *_rules(
        S.PHONE,
        0.7,
        "phone, telephone, mobile number, mobile phone, cellphone, cell phone, phones, msisdn,"
        " telefon, telefono, telefonnummer, handynummer, handy, fax, phonenumber, mobilnummer,"
        " homephone, workphone, whatsapp",
    ),
    *_rules(S.PHONE, 0.4, "mobile, cell, tel, contact, movil, portable, extension"),
    *_rules(
        S.PERSON_NAME,
        0.8,
        "first name, last name, middle name, full name, given name, family name, maiden name,"
        " firstname, lastname, fullname, surname, forename, givenname, familyname, middlename,"
        " vorname, nachname, familienname, prenom, nom famille, nombre completo, apellido,"
        " apellidos, cognome, achternaam, voornaam, person name, customer name, client name,"
        " patient name, employee name, contact name, member name, policyholder name,"
        " insured name, claimant name, driver name, agent name, broker name, cardholder name,"
        " cardholder, subscriber name, passenger name, owner name, beneficiary name,"
        " account holder, accountholder, doctor name, physician name, adjuster name,"
        " handler name, listener name, manager name, rep name, signatory, next of kin,"
        " beneficiary full name",
    ),
    *_rules(S.PERSON_NAME, 0.65, "fname, lname, kundenname"),
    *_rules(
        S.PERSON_NAME,
        0.35,
        "name, display name, nombre, nom, naam, username, user name, login, initials, customer,"
        " claimant, insured, policyholder, patient, adjuster, driver, contact, assigned to,"
        " beneficiary, nickname",
    ),
    *_rules(S.PERSON_NAME, 0.35, ", ".join(sorted(ROLES))),
    *_rules(
        S.POSTAL_ADDRESS,
        0.7,
        "street, street address, home address, postal address, mailing address, billing address,"
        " shipping address, ship address, address line, address line1, address1, address2, strasse,"
        " anschrift, hausnummer, house number, direccion, domicilio, indirizzo, adresse, straat,"
        " streetaddress, addr line, residential address, addressline1, addressline2",
    ),
    *_rules(S.POSTAL_ADDRESS, 0.62, "address, addr"),
    *_rules(
        S.POSTAL_ADDRESS,
        0.4,
        "zip, zipcode, zip code, postcode, postal code, postalcode, plz, post code, rue, calle,"
        " code postal, codigo postal",
    ),
    *_rules(
        S.BIRTH_DATE,
        0.8,
        "birth date, date of birth, birthdate, dob, birthday, geburtsdatum, geburtstag, geboren,"
        " date naissance, naissance, fecha nacimiento, nacimiento, data nascita, nascita,"
        " geboortedatum, born on, born at, date birth, birth dt",
    ),
    *_rules(S.BIRTH_DATE, 0.5, "birth, born, birth year, year of birth, geburtsjahr"),
    *_rules(
        S.NATIONAL_ID,
        0.8,
        "ssn, social security, social security number, national id, national insurance, nino,"
        " passport, passport number, passport no, tax id, tax number, tin, steuernummer,"
        " steuer id, steuerid, sozialversicherungsnummer, personalausweis, dni, nif, nie, nir,"
        " codice fiscale, bsn, pesel, cpf, curp, aadhaar, personnummer, fodselsnummer, cpr,"
        " identity number, identity card, id card, drivers license, driver license,"
        " driver licence, drivers licence, driving licence, license number person,"
        " national identifier, citizen id, numero securite sociale, hetu, medicare number,"
        " national identification, national number, personal id, personal code",
    ),
    *_rules(S.NATIONAL_ID, 0.45, "license number, licence number, nhs number, tax, sin"),
    *_rules(
        S.PAYMENT_CARD,
        0.8,
        "card number, credit card, cardnumber, creditcard, credit card number, pan number,"
        " card no, cc number, ccnum, cvv, cvc, card pan, kreditkarte, kreditkartennummer,"
        " payment card, debit card",
    ),
    *_rules(S.PAYMENT_CARD, 0.4, "card, pan, cc, karte"),
    *_rules(
        S.BANK_ACCOUNT,
        0.8,
        "iban, bank account, account iban, bankaccount, kontonummer, sort code, routing number,"
        " bank account number, sepa account, payout account, numero cuenta, rib",
    ),
    *_rules(S.BANK_ACCOUNT, 0.4, "account number, account no, bic, swift, payout, konto"),
    *_rules(S.IP_ADDRESS, 0.8, "ip address, ipaddress, ip addr, client ip, remote addr, ip, ipv4"),
    *_rules(S.IP_ADDRESS, 0.8, "ipv6, source ip, user ip, mac address, device mac"),
    *_rules(
        S.CREDENTIAL,
        0.8,
        "password, passwd, pwd, passwort, contrasena, mot de passe, password hash, secret,"
        " client secret, api key, apikey, private key, access token, refresh token, auth token,"
        " session token, access key, secret key, passphrase, pin code, otp, security answer,"
        " bearer token, api token, webhook secret",
    ),
    *_rules(S.CREDENTIAL, 0.4, "token, salt, key, hash, credentials, session id, signature, pin"),
    *_rules(
        S.HEALTH,
        0.7,
        "diagnosis, diagnoses, diagnosis code, medical, icd, icd10, icd 10, icd code, medication,"
        " medications, prescription, allergy, allergies, blood type, blood group, disability,"
        " medical condition, medical history, health status, health condition, symptoms, symptom,"
        " treatment, injury, injury type, body part, diagnose, krankheit, smoker, smoker status,"
        " bmi, pregnancy, vaccination, hiv status, injuries, disease, mental health, chronic",
    ),
    *_rules(S.HEALTH, 0.4, "condition, procedure code, illness, drug, impairment"),
    *_rules(S.LOCATION, 0.45, "latitude, longitude, lat, lon, lng, long, geo, coordinates, gps"),
    *_rules(S.LOCATION, 0.45, "geolocation, lat lng, geo point, position lat, position lon"),
    *_rules(
        S.FREE_TEXT,
        0.3,
        "notes, note, comment, comments, remark, remarks, message, body, narrative, transcript,"
        " free text, description, memo, bemerkung, details, summary, text, feedback, review",
    ),
)

#: Words that make a name speak of something else: (class, words).
CONTRADICTIONS: dict[S, frozenset[str]] = {
    S.EMAIL: _words(
        "id, type, count, is, has, verified, sent, opened, enabled, status, template,"
        " subject, date, at, domain, opt, consent, rate, open, click, clicks, campaign,"
        " days, number"
    ),
    S.PHONE: _words("id, type, model, os, is, has, count, verified, brand, plan, device, app"),
    S.PERSON_NAME: _words(
        "id, ids, type, count, code, key, file, table, column, product, company, city,"
        " country, state, region, category, brand, album, artist, song, track, genre,"
        " station, team, show, event, domain, host, group, department, school, university,"
        " plan, channel, segment, business, org, organization, age, sex, gender, since,"
        " status, score, tier, value, satisfaction, number, no, date, at, ref, hash, flag,"
        " rating, email, phone, address, zip, income, language, nationality, title, desc,"
        " description, details, notes, comment, comments, supplier, shipper, vendor,"
        " carrier, manufacturer, store, film, playlist"
    ),
    S.POSTAL_ADDRESS: _words(
        "id, type, count, is, email, mail, ip, mac, web, url, wallet, key, city, country, state"
    ),
    S.BIRTH_DATE: _words("place, country, city, id, weight, count, rate, rates, births"),
    S.NATIONAL_ID: _words(
        "amount, rate, total, type, status, rates, sum, count, cents, gross, net, sin, deaths"
    ),
    S.PAYMENT_CARD: _words("id, type, brand, expiry, status, count, last4, present"),
    S.BANK_ACCOUNT: _words("id, type, status, count"),
    S.IP_ADDRESS: _words("count, type, id"),
    S.CREDENTIAL: _words(
        "id, type, count, changed, expires, expiry, at, date, updated, foreign, primary,"
        " sort, partition, natural, business, surrogate, code, reset, last, strength, row,"
        " content, file, record, commit, git"
    ),
    S.HEALTH: _words(
        "id, count, plan, cost, costs, amount, group, date, at, paid, rate, arm, alae, tax, surface"
    ),
    S.LOCATION: _words("id, type, count, name, term, form"),
    S.FREE_TEXT: _words("id, count, type, at, date, length, is, has, score"),
}

#: Words that say a table or a neighbouring column is about people.
PERSON_WORDS = _words(
    "customer, customers, client, clients, person, persons, people, user, users,"
    " member, members, patient, patients, employee, employees, staff, claimant,"
    " claimants, driver, drivers, policyholder, policyholders, insured, insureds,"
    " contact, contacts, subscriber, subscribers, listener, listeners, agent, agents,"
    " broker, brokers, passenger, passengers, beneficiary, beneficiaries, student,"
    " students, owner, owners, household, adjuster, adjusters, handler, applicant,"
    " applicants, candidate, lead, leads, guest, guests, tenant, tenants, kunde, kunden,"
    " mitarbeiter, cliente, clientes, account, accounts, payee, profile, profiles,"
    " party, parties, actor, buyer, recipient, payer, sender, receiver, holder, reviewer,"
    " approver, manager, interviewee, speaker, doctor, physician, nurse, teacher, spouse,"
    " child, heir, witness, victim, suspect, suspects, donor, caller, surveyor, trainer,"
    " counterparty, submitter, requester, assignee"
)

#: Words of columns that only people have.
TRAITS = _words(
    "gender, sex, ethnicity, raceethnicity, marital, nationality, geschlecht,"
    " salutation, occupation"
)
