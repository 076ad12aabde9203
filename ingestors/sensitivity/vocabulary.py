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
GENERIC_NAMES = _words(
    "name, display name, nombre, nom, naam, nama, isim, jina, navn, nimi, ime, nome, nume, imya"
)

#: Roles that people and programs fill alike: a person only where values are written as full names.
ROLES = _words(
    "by, account manager, product manager, manager, supervisor, interviewer, interviewee, speaker,"
    " received from, reviewer, approver, signer, surveyor, underwriter, trainer, payer,"
    " payee, sender, recipient, receiver, user, teacher, doctor, physician, nurse, employee, owner,"
    " holder, author, editor, caller, witness, requester, reporter, assignee, submitter, operator"
)

#: Whole names of columns that are always people; given up where the values are no names.
PERSONS = _words(
    "director, founder, author, editor or author, player, pilot, composer, singer, coach, conductor, photographer,"
    " chef, directed by, written by, winning pilot, winning driver, jockey, screenwriter, architect, inventor,"
    " professor, lawyer, attorney, defendant, plaintiff, victim, suspect, donor, vice manager, captain, head coach,"
    " creator name, translator, illustrator, producer name, godparent, spouse, spouse name, child name"
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
        " homephone, workphone, whatsapp, contact number, contact no, tel no, tel number, mobile no, cell number,"
        " phone no, phone nr, cell mobile number, pager, sms number, fax number, emergency number",
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
    *_rules(
        S.PERSON_NAME,
        0.65,
        "fname, lname, kundenname, name first, name last, name given, name middle, surnames, forenames,"
        " legal name, preferred name, mother name, father name, mothers maiden name, emergency contact,"
        " contact person, attn, attention to, head of household",
    ),
    *_rules(S.PERSON_NAME, 0.55, ", ".join(sorted(PERSONS))),
    *_rules(
        S.PERSON_NAME,
        0.35,
        "name, display name, nombre, nom, naam, initials, customer,"
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
    *_rules(S.POSTAL_ADDRESS, 0.62, "address, addr, zip postcode, residence, place of residence"),
    *_rules(
        S.POSTAL_ADDRESS,
        0.5,
        "postcode, postal code, postalcode, zip code, zipcode, line 1, line 2, line 3, line1, line2, line3,"
        " apartment, apt number, suite number, po box, door number",
    ),
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
    *_rules(S.BIRTH_DATE, 0.5, "birth, born, birth year, year of birth, geburtsjahr, yob"),
    *_rules(
        S.BIRTH_DATE,
        0.65,
        "bdate, birth month, birth day, dateofbirth, month of birth, day of birth",
    ),
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
    *_rules(S.IP_ADDRESS, 0.8, "ipv6, source ip, user ip"),
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
        " bmi, pregnant, vaccine, vaccinated, surgery, illnesses, handicap, comorbidity, comorbidities, pregnancy, vaccination, hiv status, injuries, disease, mental health, chronic",
    ),
    *_rules(S.HEALTH, 0.4, "condition, procedure code, illness, drug, impairment"),
    *_rules(
        S.USERNAME,
        0.75,
        "username, user name, login, login name, user login, userid name, user handle, screen name, screenname,"
        " twitter handle, twitter, instagram, facebook, skype, skype name, telegram, linkedin, snapchat, tiktok,"
        " github username, github handle, wechat, gamertag, social handle, samaccountname, upn, account login",
    ),
    *_rules(S.USERNAME, 0.4, "handle, nick, account name, alias, uname, slack, logon"),
    *_rules(
        S.SALARY,
        0.7,
        "salary, salaries, wage, wages, gross pay, net pay, base pay, base salary, annual salary, monthly salary,"
        " pay rate, hourly rate of pay, remuneration, annual income, monthly income, household income, personal income,"
        " take home pay, payslip, stipend, severance, bonus amount, net worth",
    ),
    *_rules(
        S.SALARY, 0.4, "income, compensation, pay, bonus, earnings, pension, payroll, credit score"
    ),
    *_rules(
        S.VEHICLE,
        0.75,
        "license plate, licence plate, number plate, plate number, plate no, registration plate, plate, plates,"
        " vehicle registration, vehicle reg, vehicle registration number, car registration, vin, vin number, vin code,"
        " vehicle identification number, chassis number, chassis no, truck licence number, truck license number,"
        " vehicle licence, vehicle license, car license, car licence, vrn, tag number",
    ),
    *_rules(
        S.VEHICLE, 0.4, "registration number, registration no, reg no, reg number, chassis, fin"
    ),
    *_rules(
        S.DEVICE,
        0.75,
        "imei, imei number, imsi, iccid, meid, mac address, mac addr, macaddress, device mac, wifi mac,"
        " bluetooth address, advertising id, advertiser id, ad id, idfa, idfv, gaid, aaid, android id, udid, device id,"
        " device identifier, device uuid, device token, device fingerprint, browser fingerprint, push token,"
        " device serial, handset id, cookie id, sim number, deviceid",
    ),
    *_rules(S.DEVICE, 0.4, "mac, serial number, hardware id"),
    *_rules(
        S.BELIEF_OR_ORIGIN,
        0.75,
        "religion, religious affiliation, religious belief, faith, creed, ethnicity, ethnic group, ethnic origin,"
        " ethnic, raceethnicity, race ethnicity, racial group, racial origin, caste, political affiliation,"
        " political party membership, party affiliation, political view, political views, political opinion,"
        " union membership, trade union, union member, sexual orientation, gender identity, sexuality, tribe,"
        " indigenous status, migration background",
    ),
    *_rules(
        S.BELIEF_OR_ORIGIN, 0.35, "race, denomination, nationality, citizenship, country of origin"
    ),
    *_rules(
        S.LOCATION, 0.6, "home location, home coordinates, last known location, geo location home"
    ),
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
        " carrier, manufacturer, store, film, playlist, good, bad, jobcode, job, movie"
    ),
    S.POSTAL_ADDRESS: _words(
        "id, type, count, is, email, mail, ip, mac, web, url, wallet, key, city, country, state"
    ),
    S.BIRTH_DATE: _words("place, country, city, id, weight, count, rate, rates, births"),
    S.NATIONAL_ID: _words(
        "amount, rate, total, type, status, rates, sum, count, cents, gross, net, sin, deaths"
    ),
    S.PAYMENT_CARD: _words(
        "id, type, brand, expiry, status, count, last4, present, y, yellow, red, report, business, game"
    ),
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
    S.USERNAME: _words(
        "id, type, count, at, date, time, last, attempts, failed, success, status, url, enabled, is, has"
    ),
    S.SALARY: _words(
        "id, type, code, currency, statement, tax, operating, investment, interest, category, median, average, avg,"
        " mean, cap, total, frequency, method, period, date, at, status, by, per, view, channel, rental, premium,"
        " group, ref, cycle, rider, line, sales, company, net, gross, national, gdp"
    ),
    S.VEHICLE: _words(
        "type, count, color, colour, size, status, date, count, company, tectonic, is, has"
    ),
    S.DEVICE: _words("type, count, model, brand, os, status, product, name"),
    S.BELIEF_OR_ORIGIN: _words(
        "date, time, number, result, round, year, name, condition, track, car, distance, winner, lap, count, rate, share"
    ),
    S.FREE_TEXT: _words("id, count, type, at, date, length, is, has, score"),
}

#: Words after which a table is still what the word before says.
TABLE_TAILS = _words(
    "list, info, detail, details, data, master, profile, profiles, record, records, directory, registry, register, view,"
    " tbl, table, history, archive, acct, account, accounts, roster, dim, base, main, all, new, old, raw, stg, csv,"
    " dataset, current, active, personal, contact, contacts, extended, v1, v2, tmp, temp, log, sheet, export"
)

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
    " counterparty, submitter, requester, assignee, author, authors, editor, editors, director, directors, founder,"
    " player, players, pilot, pilots, singer, singers, coach, coaches, conductor, photographer, chef, composer,"
    " writer, visitor, visitors, technician, technicians, professor, professors, instructor, instructors, principal,"
    " journalist, journalists, architect, architects, engineer, engineers, mechanic, politician, politicians,"
    " participant, participants, attendee, attendees, delegate, delegates, representative, representatives, captain,"
    " officer, officers, soldier, soldiers, researcher, researchers, scientist, scientists, friend, friends,"
    " dependent, dependents, parent, parents, guardian, guardians, mother, father, wife, husband, sibling, relative,"
    " landlord, individual, individuals, resident, residents, tourist, tourists, investor, investors, worker, workers,"
    " entrepreneur, donator, seller, sellers, trainee, trainees, swimmer, athlete, athletes, runner, racer, rider,"
    " musician, dancer, dancers, nominee, wrestler, perpetrator, performer, performers, climber, pupil, pupils,"
    " citizen, citizens, voter, voters, doctors, physicians, nurses, teachers, drivers, faculty, judge, lawyer,"
    " lawyers, attorney, officials, volunteer, volunteers, refugee, prisoner, inmate, inmates, offender, offenders,"
    " applicants, consultants, consultant, freelancer, jobseeker, borrower, borrowers, debtor, cardholders,"
    " policyholders, hcp, prescriber, caregiver, carer, leader, leaders, crew, humans, human, actors, mitglied, mitglieder"
)

#: Words of columns that only people have.
TRAITS = _words(
    "gender, sex, ethnicity, raceethnicity, marital, religion, geschlecht, salutation, occupation"
)

#: Last words of columns that hold codes, kinds or states of things: what is frequent in them is no secret.
ENUMERATIONS = _words(
    "status, state, type, kind, category, class, code, level, grade, stage, phase, mode, channel, method, currency,"
    " country, region, continent, unit, units, uom, language, locale, genre, color, colour, size, priority, severity,"
    " segment, tier, plan, line, lob, format, version, brand, make, market, sector, industry, result, outcome, frequency,"
    " period, quarter, month, weekday, day, season, flag, yn, indicator, gender, sex, direction, environment, env, platform,"
    " os, protocol, extension, encoding, suffix, shape, material, fuel, transmission, division, department, dept, cause,"
    " reason, decision, rating, score, bucket, band, range, group, cluster, zone, area, position, rank, event, action,"
    " operation, source, medium, device, browser, coverage, peril, product, service, cycle, shift, role, label, scale,"
    " typ, art, zustand, stufe, kategorie, waehrung, wahrung, sprache, farbe, etat, statut, categorie, devise, langue,"
    " estado, tipo, clase, categoria, moneda, idioma, stato, valuta, lingua, rodzaj, stan, waluta, tur, durum, para,"
    " loai, trang thai, jenis, kategori, статус, тип, категория, валюта, вид, состояние, حاله, نوع, وضعیت, स्थिति, प्रकार"
)
ENUMERATIONS_INSIDE = (
    "状态",
    "类型",
    "种类",
    "类别",
    "等级",
    "货币",
    "状態",
    "種別",
    "区分",
    "通貨",
    "상태",
    "유형",
    "구분",
    "통화",
    "สถานะ",
    "ประเภท",
)
