"""A store of made-up people with some two hundred planted values of thirty kinds; each must stay where it is."""

from __future__ import annotations

import json
from collections.abc import Callable

from stdnum import luhn

from tests.ingestors.people import card, email, iban, national_id

COUNT = 24
_FIRST = [
    "Mehmet",
    "Yusuf",
    "Fatma",
    "Ayse",
    "Rahul",
    "Priya",
    "Sanjay",
    "Olga",
    "Dmitri",
    "Hassan",
    "Aisha",
    "Wei",
    "Hiroshi",
    "Keiko",
    "Thiago",
    "Lucia",
]
_LAST = [
    "Zorvanek",
    "Quelimbo",
    "Thraxil",
    "Okpurnu",
    "Vashtineh",
    "Brelkova",
    "Mzungari",
    "Ilkhanov",
    "Draxelby",
    "Ntswelo",
]
_HAN = [
    "王紫霖",
    "李沐岚",
    "张栩宁",
    "刘珞珈",
    "陈泓毅",
    "杨箬溪",
    "赵霁川",
    "黄芷澜",
    "周砚秋",
    "吴漪禾",
    "徐棠舟",
    "孙霏鸢",
]
_ARABIC = [
    "زهراء المنصوريخ",
    "يوسف القحطبان",
    "مريم الزعفرون",
    "خالد البرزخاوي",
    "ليلى النهرواش",
    "عمر الدهشوري",
]
_RUSSIAN = [
    "Ольга Жбанкова",
    "Дмитрий Хрущалев",
    "Ирина Цветоград",
    "Сергей Щукачев",
    "Анна Ёлкинская",
    "Павел Эхоленко",
]
_HINDI = [
    "राहुल झुनवाला",
    "प्रिया खरबन्दी",
    "संजय ठुकराल",
    "नेहा डबरासी",
    "सुनीता फलवाड़ी",
]
_KOREAN = [
    "김하룬빛",
    "이도솔찬",
    "박누리담",
    "최온새미",
    "정가람휘",
]
_ILL = [
    "Zerlinose",
    "Quarvitis",
    "Plomatosis",
    "Brexalgia",
    "Vintropathy",
    "Dulmaremia",
]


def _of(words: list[str]) -> Callable[[int], str]:
    return lambda n: words[n % len(words)]


def person(n: int) -> str:
    """Return a known given name and a family name that nobody has."""
    return f"{_FIRST[n % len(_FIRST)]} {_LAST[(n * 7) % len(_LAST)]}"


def _imei(n: int) -> str:
    body = f"35{209900000 + n * 7919:09d}{n:03d}"
    return body + str(luhn.calc_check_digit(body))


#: Heading, and what makes its values: a column of a table of people each.
KINDS: dict[str, Callable[[int], str]] = {
    "full_name": person,
    "姓名": _of(_HAN),
    "الاسم": _of(_ARABIC),
    "ФИО": _of(_RUSSIAN),
    "पूरा नाम": _of(_HINDI),
    "성명": _of(_KOREAN),
    "出生日期": lambda n: f"19{52 + n}年{1 + n % 12}月{3 + n}日",
    "تاريخ_الميلاد": lambda n: f"{1 + n % 12:02d}/{2 + n:02d}/19{41 + n}",
    "birth": lambda n: f"{2 + n} Marchuary 19{63 + n}",
    "mail": email,
    "phone": lambda n: f"+44 20 7946 0{n + 310:03d}",
    "mobile": lambda n: f"4420794{60400 + n * 13:05d}",
    "adresse": lambda n: f"Rue des Zorbelines {117 + n}",
    "ssn": lambda n: national_id(n + 60),
    "身份证号": lambda n: f"11010119{62 + n}0307{7001 + n}",
    "card": lambda n: card(n + 200),
    "iban": lambda n: iban(n + 100),
    "plate": lambda n: f"ZQ-{41 + n}-XK",
    "vin": lambda n: f"ZZVQX{n:02d}KJ8L{430911 + n * 37:06d}",
    "imei": _imei,
    "mac": lambda n: f"5e:ff:56:a2:{n + 16:02x}:{n + 33:02x}",
    "advertising_id": lambda n: f"7d4f0c1e-9a{n + 10:02d}-4c7b-8f21-a0b1c2d3{n:04d}",
    "religion": lambda n: f"Zorbastrian {_LAST[n % len(_LAST)]} rite",
    "ethnicity": lambda n: f"Quelimban of {_ILL[n % len(_ILL)]} vale",
    "salary": lambda n: f"{713370419 + n * 97711}",
    "username": lambda n: f"xq_{_LAST[n % len(_LAST)].lower()}{n + 77}",
    "twitter_handle": lambda n: f"@vz{_FIRST[n % len(_FIRST)].lower()}{n + 4021}",
    "coordinates": lambda n: f"51.4{73291 + n * 131}, -0.1{27758 + n * 17}",
    "position": lambda n: f"POINT(13.4{5291 + n * 31} 52.5{2008 + n * 77})",
    "diagnosis": _of(_ILL),
    "password": lambda n: f"hunter{n + 4090}!Zorv",
    "note": lambda n: f"{person(n)} was told that it is {_ILL[n % len(_ILL)]}",
    "c31": lambda n: f"{person(n)} hat {_ILL[n % len(_ILL)]}",
    "c32": person,
    "c33": lambda n: f"+49 151 2345{6700 + n}",
    "c34": email,
    "document": lambda n: json.dumps(
        {
            "kunde": {"name": person(n), "seit": 2019},
            "x": [{"geb": f"{1 + n:02d}.05.19{50 + n}", "nachname": _LAST[n % 10]}],
        }
    ),
}
#: Values that stand inside others, by kind.
_INSIDE: dict[str, Callable[[int], str]] = {
    "family name": _of(_LAST),
    "illness": _of(_ILL),
    "latitude": lambda n: f"51.4{73291 + n * 131}",
    "born": lambda n: f"{1 + n:02d}.05.19{50 + n}",
}
NUMBERS = ("mobile", "salary")


def values() -> frozenset[str]:
    """Return every planted value: none of them may be found anywhere."""
    makers = {**KINDS, **_INSIDE}
    makers.pop("document")
    return frozenset(make(n) for make in makers.values() for n in range(COUNT))


def rows() -> list[list[object]]:
    """Return the rows of the table of people."""
    return [
        [n, *(int(make(n)) if name in NUMBERS else make(n) for name, make in KINDS.items())]
        for n in range(COUNT)
    ]
