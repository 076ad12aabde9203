"""Headings of personal columns in the languages most people write, beside English. Free of Django.

Words are written as `words.normalised` leaves them or with their marks: both are the same to it. Languages without
blanks between words (Chinese, Japanese, Thai) are searched inside a heading, as is Korean.
"""

from __future__ import annotations

from catalog.descriptors import Sensitivity as S

#: (class, weight, phrases): a line for each language or family, commas between phrases.
HEADINGS: tuple[tuple[S, float, str], ...] = (
    (
        S.PERSON_NAME,
        0.8,
        # German, Dutch, Swedish, Danish, Norwegian
        "vorname, nachname, familienname, zuname, rufname, geburtsname, ansprechpartner, kundenname, mitarbeitername,"
        " voornaam, achternaam, tussenvoegsel, volledige naam, fornamn, efternamn, fornavn, etternavn, fullt navn,"
        # French, Spanish, Portuguese, Italian, Romanian
        " prenom, nom famille, nom de famille, nom complet, nom usage, nom client, nombre completo, nombres,"
        " apellido, apellidos, primer apellido, segundo apellido, nombre cliente, nombre y apellidos, nome completo,"
        " sobrenome, apelido, primeiro nome, ultimo nome, nome cliente, nome do cliente, nome da mae, cognome,"
        " nome e cognome, nominativo, prenume, nume complet, nume familie,"
        # Polish, Czech, Hungarian, Turkish
        " imie, nazwisko, imie i nazwisko, nazwisko panienskie, jmeno, prijmeni, vezeteknev, keresztnev, teljes nev,"
        " ad soyad, adi soyadi, soyad, soyadi, soyisim, musteri adi, isim soyisim, adsoyad,"
        # Vietnamese, Indonesian, Malay, Swahili, Filipino
        " ho ten, ho va ten, ten khach hang, ten nhan vien, ten dem, hoten, nama lengkap, nama depan, nama belakang,"
        " nama pelanggan, nama panggilan, nama karyawan, nama ibu, nama penuh, jina kamili, pangalan, apelyido,"
        # Russian, Ukrainian, Greek
        " фамилия, отчество, фио, ф и о, имя и фамилия, полное имя, имя клиента, имя пользователя клиента,"
        " прізвище, по батькові, піб, імя, повне імя, επωνυμο, ονοματεπωνυμο, ονομα,"
        # Arabic, Hebrew, Persian, Urdu
        " الاسم الاول, الاسم الأخير, اسم العائلة, الاسم الكامل, اسم العميل, اسم الموظف, اسم المريض, اللقب, الكنية,"
        " שם פרטי, שם משפחה, שם מלא, نام خانوادگی, نام و نام خانوادگی, نام کامل, نام پدر, نام مشتری, پورا نام,"
        " خاندانی نام, والد کا نام,"
        # Hindi, Marathi, Bengali, Tamil, Telugu
        " पूरा नाम, उपनाम, पहला नाम, अंतिम नाम, ग्राहक का नाम, पिता का नाम, माता का नाम, पूर्ण नाव, आडनाव,"
        " পুরো নাম, নামের শেষাংশ, গ্রাহকের নাম, পিতার নাম, মাতার নাম, ডাকনাম, முழு பெயர், పూర్తి పేరు, ఇంటి పేరు,"
        # Chinese, Japanese, Korean, Thai
        " 姓名, 名字, 联系人, 聯絡人, 收件人, 客户姓名, 客戶姓名, 曾用名, xingming, 氏名, お名前, 名前, 苗字, 姓, フリガナ,"
        " ふりがな, 担当者名, 성명, 이름, 고객명, 성함, 담당자명, ชื่อจริง, นามสกุล, ชื่อสกุล, ชื่อลูกค้า, ชื่อเล่น",
    ),
    (
        S.PERSON_NAME,
        0.62,
        "имя, ім'я, імʼя, اسم, الاسم, نام, नाम, नाव, নাম, பெயர், పేరు, ชื่อ",
    ),
    (S.PERSON_NAME, 0.35, "isim, nama, jina, navn, nimi, ime, nome, nume, imya, naam"),
    (
        S.EMAIL,
        0.8,
        "correo, correo electronico, courriel, adresse electronique, e mail adresse, emailadresse, e posta, eposta,"
        " posta elettronica, correio eletronico, adres email, poczta, e postadress, sahkoposti, surel, thu dien tu,"
        " почта, электронная почта, эл почта, имейл, мейл, емейл, електронна пошта, пошта, بريد, البريد الالكتروني,"
        " البريد الإلكتروني, ایمیل, پست الکترونیک, ای میل, ईमेल, ई मेल, ইমেইল, ই মেইল, மின்னஞ்சல், ఇమెయిల్,"
        " 邮箱, 电子邮件, 電子郵件, 邮件地址, youxiang, メール, メールアドレス, 이메일, 전자우편, อีเมล, דואל, דוא ל",
    ),
    (
        S.PHONE,
        0.8,
        "telefon, telefonnummer, rufnummer, handy, handynummer, mobilnummer, mobiltelefon, festnetz, telefoonnummer,"
        " mobiel, mobil, telefono, telefono movil, celular, movil, telephone, portable, numero de telephone,"
        " telefone, telemovel, cellulare, recapito, numar de telefon, numer telefonu, komorka, telefon komorkowy,"
        " telefon numarasi, cep telefonu, gsm, cep, dien thoai, so dien thoai, sdt, so di dong, telepon, no hp,"
        " nomor telepon, nomor hp, no telp, simu, телефон, номер телефона, мобильный, мобильный телефон, моб тел,"
        " сотовый, номер телефону, мобільний, τηλεφωνο, κινητο, هاتف, الهاتف, رقم الهاتف, الجوال, رقم الجوال, جوال,"
        " موبايل, المحمول, تلفن, شماره تلفن, موبایل, شماره موبایل, همراه, تلفن همراه, فون نمبر, فون, موبائل, טלפון, נייד,"
        " फोन, फ़ोन, फोन नंबर, मोबाइल, मोबाइल नंबर, दूरभाष, ফোন, ফোন নম্বর, মোবাইল, মোবাইল নম্বর, தொலைபேசி, ఫోన్,"
        " 电话, 電話, 手机, 手機, 手机号, 联系方式, 联系电话, shouji, shoujihao, dianhua, 電話番号, 携帯, 携帯電話, 携帯番号, 전화, 전화번호,"
        " 휴대폰, 휴대전화, 핸드폰, 연락처, โทรศัพท์, เบอร์โทร, เบอร์โทรศัพท์, มือถือ",
    ),
    (
        S.POSTAL_ADDRESS,
        0.72,
        "anschrift, strasse, wohnort, wohnadresse, hausnummer, plz, postleitzahl, adres, woonplaats, straatnaam, straat,"
        " adresse, adresse postale, domicile, rue, code postal, direccion, domicilio, calle, codigo postal, endereco,"
        " morada, logradouro, cep code, indirizzo, residenza, cap code, adresa, strada, ulica, adres zamieszkania,"
        " kod pocztowy, zamieszkania, bydliste, ev adresi, posta kodu, mahalle, dia chi, dia chi nha, diachi, alamat,"
        " alamat rumah, kode pos, anwani, адрес, домашний адрес, адрес проживания, улица, почтовый индекс, индекс,"
        " место жительства, прописка, адреса, вулиця, поштовий індекс, διευθυνση, عنوان, العنوان, عنوان السكن, الشارع,"
        " الرمز البريدي, آدرس, نشانی, کد پستی, پتہ, כתובת, רחוב, पता, घर का पता, पिन कोड, डाक पता, ঠিকানা, বাড়ির ঠিকানা,"
        " முகவரி, చిరునామా, 地址, 住址, 家庭住址, 联系地址, 邮编, 邮政编码, dizhi, 住所, 自宅住所, 郵便番号, 주소, 집주소, 우편번호, ที่อยู่, รหัสไปรษณีย์",
    ),
    (
        S.BIRTH_DATE,
        0.8,
        "geburtsdatum, geburtstag, geb datum, gebdat, geboren, geboortedatum, fodelsedatum, fodselsdato, date naissance,"
        " date de naissance, naissance, ne le, fecha nacimiento, fecha de nacimiento, nacimiento, cumpleanos,"
        " data nascimento, data de nascimento, nascimento, dt nasc, aniversario, data nascita, data di nascita,"
        " nascita, nato il, data nasterii, data urodzenia, urodzenia, rok urodzenia, datum narozeni, szuletesi datum,"
        " dogum tarihi, dogum gunu, ngay sinh, nam sinh, ngaysinh, tanggal lahir, tgl lahir, lahir, tarikh lahir,"
        " tarehe ya kuzaliwa, дата рождения, день рождения, год рождения, рождения, дата народження, народження,"
        " ημερομηνια γεννησης, تاريخ الميلاد, الميلاد, تاريخ الولادة, تاریخ تولد, تولد, تاریخ پیدائش, پیدائش, תאריך לידה,"
        " जन्म तिथि, जन्मतिथि, जन्म दिनांक, जन्म तारीख, जन्म, জন্ম তারিখ, জন্মতারিখ, জন্মদিন, பிறந்த தேதி, పుట్టిన తేదీ,"
        " 出生日期, 出生年月, 生日, 出生, shengri, chusheng, 生年月日, 誕生日, 생년월일, 생일, 출생일, วันเกิด, วันเดือนปีเกิด, ปีเกิด",
    ),
    (
        S.NATIONAL_ID,
        0.8,
        "ausweisnummer, personalausweis, ausweisnr, sozialversicherungsnummer, svnr, steuernummer, steuer id, reisepass,"
        " rijksregisternummer, burgerservicenummer, paspoort, personnummer, numero securite sociale, nir, passeport,"
        " carte identite, cedula, cedula de identidad, documento identidad, numero documento, nro documento, pasaporte,"
        " rut, cuit, cuil, seguridad social, identidade, rg, cpf, passaporte, cartao cidadao, codice fiscale,"
        " carta identita, passaporto, cnp, dowod osobisty, numer dowodu, paszport, rodne cislo, tc kimlik, tc kimlik no,"
        " kimlik no, tckn, pasaport, cmnd, cccd, can cuoc, so cmnd, ho chieu, ktp, nik, no ktp, nomor induk kependudukan,"
        " paspor, npwp, паспорт, серия и номер паспорта, номер паспорта, снилс, инн, удостоверение личности, рнокпп, іпн,"
        " رقم الهوية, الهوية, الرقم القومي, الرقم الوطني, جواز السفر, رقم الجواز, بطاقة الهوية, کد ملی, شماره ملی, شناسنامه,"
        " گذرنامه, شناختی کارڈ, شناختی کارڈ نمبر, תעודת זהות, आधार, आधार नंबर, आधार संख्या, पासपोर्ट, पैन नंबर,"
        " এনআইডি, জাতীয় পরিচয়পত্র, পাসপোর্ট, ஆதார், ఆధార్, 身份证, 身份證, 身份证号, 证件号, 证件号码, 护照, 护照号, 社保号, shenfenzheng,"
        " マイナンバー, 個人番号, 旅券番号, パスポート, 免許証番号, 주민번호, 주민등록번호, 여권번호, 여권, 운전면허, บัตรประชาชน, เลขบัตรประชาชน, เลขประจำตัวประชาชน, หนังสือเดินทาง",
    ),
    (
        S.BANK_ACCOUNT,
        0.75,
        "kontonummer, bankverbindung, bankkonto, rekeningnummer, compte bancaire, numero de compte, cuenta bancaria,"
        " numero cuenta, clabe, conta bancaria, numero da conta, conto corrente, conto bancario, cont bancar,"
        " numer konta, konto bankowe, rachunek bankowy, banka hesabi, hesap no, hesap numarasi, so tai khoan,"
        " tai khoan ngan hang, rekening, nomor rekening, no rekening, банковский счет, номер счета, расчетный счет,"
        " рахунок, номер рахунку, الحساب البنكي, رقم الحساب, الايبان, شماره حساب, شماره شبا, بینک اکاؤنٹ, खाता संख्या,"
        " बैंक खाता, ব্যাংক হিসাব, হিসাব নম্বর, 银行账号, 银行卡号, 银行账户, 开户行, 口座番号, 銀行口座, 계좌번호, 은행계좌, เลขบัญชี, เลขที่บัญชี, บัญชีธนาคาร",
    ),
    (
        S.PAYMENT_CARD,
        0.75,
        "kreditkarte, kreditkartennummer, kartennummer, creditcardnummer, carte bancaire, numero de carte, carte credit,"
        " tarjeta, tarjeta credito, numero tarjeta, cartao credito, cartao de credito, numero do cartao, carta credito,"
        " carta di credito, karta kredytowa, numer karty, kredi karti, kart no, kart numarasi, so the, the tin dung,"
        " kartu kredit, nomor kartu, номер карты, банковская карта, кредитная карта, номер картки, رقم البطاقة,"
        " بطاقة الائتمان, شماره کارت, کارڈ نمبر, कार्ड नंबर, क्रेडिट कार्ड, কার্ড নম্বর, 信用卡, 信用卡号, 卡号, クレジットカード, カード番号, 카드번호,"
        " 신용카드, บัตรเครดิต, เลขบัตรเครดิต",
    ),
    (
        S.CREDENTIAL,
        0.8,
        "passwort, kennwort, wachtwoord, losenord, mot de passe, motdepasse, contrasena, clave secreta, senha,"
        " palavra passe, haslo, heslo, jelszo, sifre, mat khau, matkhau, kata sandi, sandi, пароль, كلمة المرور,"
        " كلمة السر, رمز عبور, گذرواژه, پاس ورڈ, סיסמה, पासवर्ड, পাসওয়ার্ড, கடவுச்சொல், 密码, 密碼, 口令, mima, パスワード, 暗証番号, 비밀번호,"
        " 암호, รหัสผ่าน",
    ),
    (
        S.USERNAME,
        0.75,
        "benutzername, benutzerkennung, anmeldename, gebruikersnaam, anvandarnamn, nom utilisateur, nom d utilisateur,"
        " identifiant connexion, nombre usuario, nombre de usuario, usuario, nome usuario, nome de usuario, utilizador,"
        " nome utente, nume utilizator, nazwa uzytkownika, kullanici adi, ten dang nhap, nama pengguna, логин,"
        " имя пользователя, ник, никнейм, логін, імя користувача, اسم المستخدم, نام کاربری, صارف نام, שם משתמש, उपयोगकर्ता नाम,"
        " यूज़रनेम, ব্যবহারকারীর নাম, 用户名, 用戶名, 昵称, 账号名, 登录名, yonghuming, 微信号, ユーザー名, ユーザ名, ニックネーム, 사용자명, 아이디, 닉네임,"
        " ชื่อผู้ใช้",
    ),
    (
        S.SALARY,
        0.7,
        "gehalt, lohn, einkommen, bruttolohn, nettolohn, monatsgehalt, jahresgehalt, salaris, loon, inkomen, lon manad,"
        " salaire, remuneration, revenu, traitement mensuel, sueldo, salario, ingresos, nomina, renda, remuneracao,"
        " vencimento, ordenado, stipendio, retribuzione, reddito, salariu, wynagrodzenie, pensja, zarobki, plat mesicni,"
        " maas, ucret, gelir, luong, tien luong, thu nhap, gaji, penghasilan, upah, mshahara, зарплата, заработная плата,"
        " оклад, доход, заробітна плата, оклад, راتب, الراتب, الأجر, الدخل, حقوق ماهانه, دستمزد, تنخواه, آمدنی, שכר, משכורת,"
        " वेतन, तनख्वाह, आय, বেতন, আয়, சம்பளம், జీతం, 工资, 薪资, 薪水, 月薪, 年薪, 收入, gongzi, xinzi, 給与, 給料, 年収, 月給, 賞与, 급여, 연봉,"
        " 월급, 소득, เงินเดือน, รายได้, ค่าจ้าง",
    ),
    (
        S.HEALTH,
        0.75,
        "krankheit, diagnose, krankheiten, befund, allergien, medikament, medikamente, blutgruppe, behinderung, ziekte,"
        " medicatie, bloedgroep, sjukdom, maladie, diagnostic, traitement medical, groupe sanguin, allergies, handicap,"
        " enfermedad, diagnostico, medicamento, medicamentos, grupo sanguineo, alergias, discapacidad, doenca,"
        " tipo sanguineo, alergia, malattia, diagnosi, farmaco, gruppo sanguigno, boala, choroba, rozpoznanie, leki,"
        " grupa krwi, niepelnosprawnosc, nemoc, hastalik, teshis, tani, ilac, kan grubu, benh, chan doan, nhom mau,"
        " di ung, penyakit, diagnosa, golongan darah, alergi, obat, ugonjwa, болезнь, диагноз, заболевание, лекарства,"
        " группа крови, инвалидность, аллергия, хвороба, діагноз, група крові, ασθενεια, διαγνωση, المرض, التشخيص,"
        " الحالة الصحية, فصيلة الدم, الحساسية, الدواء, بیماری, تشخیص, گروه خونی, مرض, מחלה, אבחנה, रोग, बीमारी, निदान, रक्त समूह, दवा,"
        " রোগ, রোগ নির্ণয়, রক্তের গ্রুপ, நோய், వ్యాధి, 疾病, 诊断, 診斷, 病史, 病症, 血型, 过敏史, 药物, 病名, 診断, 病歴, 血液型, アレルギー, 持病, 질병, 진단,"
        " 병명, 혈액형, 병력, โรค, วินิจฉัย, กรุ๊ปเลือด, แพ้ยา, การแพ้",
    ),
    (
        S.BELIEF_OR_ORIGIN,
        0.75,
        "religion, konfession, religionszugehorigkeit, glaube, ethnie, ethnische herkunft, parteizugehorigkeit,"
        " gewerkschaft, godsdienst, geloof, etniciteit, religion affiliation, croyance, origine ethnique, ethnie,"
        " syndicat, etnia, origen etnico, afiliacion politica, sindicato, raza, orientacion sexual, religiao, raca,"
        " orientacao sexual, filiacao partidaria, religione, origine etnica, religie, religia, wyznanie, narodowosc,"
        " pochodzenie etniczne, nabozenstvi, mezhep, etnik koken, irk, ton giao, dan toc, agama, suku, dini,"
        " религия, вероисповедание, национальность, этническая принадлежность, релігія, віросповідання, національність,"
        " θρησκεια, الديانة, الدين, المذهب, العرق, القومية, دین, مذهب, قومیت, مذہب, نسل, דת, धर्म, जाति, मज़हब, ধর্ম, জাতি, மதம்,"
        " சாதி, మతం, 宗教, 宗教信仰, 民族, 政治面貌, 信仰, 種族, zongjiao, minzu, 人種, 信条, 종교, 민족, 인종, ศาสนา, เชื้อชาติ, ชาติพันธุ์",
    ),
    (
        S.VEHICLE,
        0.75,
        "kennzeichen, kfz kennzeichen, nummernschild, fahrgestellnummer, fin nummer, kenteken, registreringsnummer,"
        " plaque immatriculation, immatriculation, numero chassis, matricula vehiculo, placa, placas, patente vehiculo,"
        " bastidor, placa do veiculo, placa veiculo, matricula do carro, chassi, targa, telaio, numar inmatriculare,"
        " tablica rejestracyjna, numer rejestracyjny, spz, plaka, plaka no, sasi no, bien so, bien so xe, so khung,"
        " plat nomor, nomor polisi, nopol, nomor rangka, госномер, гос номер, номер автомобиля, номер машины, вин,"
        " номерний знак, держномер, رقم اللوحة, لوحة السيارة, رقم السيارة, رقم الهيكل, پلاک, شماره پلاک, گاڑی نمبر, מספר רכב,"
        " वाहन नंबर, वाहन संख्या, गाड़ी नंबर, গাড়ির নম্বর, 车牌, 車牌, 车牌号, 车架号, chepai, ナンバープレート, 車両番号, 車台番号, 차량번호, 차대번호,"
        " ทะเบียนรถ, เลขทะเบียนรถ, เลขตัวถัง",
    ),
    (
        S.LOCATION,
        0.5,
        "breitengrad, langengrad, koordinaten, standort, latitud, longitud, coordenadas, ubicacion, coordonnees gps,"
        " latitudine, longitudine, coordinate, szerokosc geograficzna, dlugosc geograficzna, wspolrzedne, enlem, boylam,"
        " vi do, kinh do, toa do, lintang, bujur, koordinat, широта, долгота, координаты, довгота, خط العرض, خط الطول,"
        " الاحداثيات, عرض جغرافیایی, طول جغرافیایی, अक्षांश, देशांतर, অক্ষাংশ, দ্রাঘিমাংশ, 纬度, 经度, 坐标, 緯度, 経度, 座標, 위도, 경도, 좌표,"
        " ละติจูด, ลองจิจูด, พิกัด",
    ),
    (
        S.FREE_TEXT,
        0.3,
        "bemerkung, bemerkungen, notiz, notizen, kommentar, opmerking, commentaire, remarque, notas, comentario,"
        " observaciones, observacoes, osservazioni, uwagi, aciklama, ghi chu, catatan, keterangan, примечание,"
        " комментарий, описание, примітка, ملاحظات, یادداشت, توضیحات, टिप्पणी, মন্তব্য, 备注, 备考, 描述, 備考, 메모, 비고, หมายเหตุ",
    ),
)

#: Words beside which a heading speaks of a thing: of a firm, a product, a place, a kind, a state.
THINGS = (
    "produkt, firma, unternehmen, artikel, stadt, ort, land, abteilung, status, typ, anzahl, produit, entreprise,"
    " societe, ville, pays, producto, empresa, ciudad, pais, produto, cidade, prodotto, azienda, citta, miasto, urun,"
    " sirket, sehir, san pham, cong ty, produk, perusahaan, barang, kota, товар, товара, компания, компании,"
    " организация, организации, города, город, страна, страны, отдел, отдела, статус, тип, количество, продукта,"
    " файла, компанії, міста, المنتج, الشركة, المدينة, الدولة, القسم, النوع, الحالة, محصول, شرکت, شهر, کشور, उत्पाद, कंपनी, शहर,"
    " देश, विभाग, পণ্য, কোম্পানি, শহর, দেশ, 公司, 产品, 商品, 部门, 学校, 城市, 国家, 类型, 状态, 数量, 企业, 项目, 文件, 会社, 製品, 部署, 種別,"
    " 店舗, 회사, 제품, 상품, 부서, 도시, 업체, บริษัท, สินค้า, แผนก, เมือง, ประเทศ"
)

#: Words for those whom a table or a column is about.
PEOPLE = (
    "kunde, kunden, mitarbeiter, patient, patienten, personen, benutzer, versicherte, klant, klanten, medewerker,"
    " client, clients, employes, salaries, utilisateurs, patients, personne, personnes, cliente, clientes, empleado,"
    " empleados, personas, persona, paciente, pacientes, funcionario, funcionarios, pessoas, usuarios, clienti, dipendenti,"
    " persone, utenti, klient, klienci, pracownik, pracownicy, osoba, osoby, pacjenci, musteri, musteriler, calisanlar,"
    " personel, hasta, hastalar, khach hang, nhan vien, benh nhan, pelanggan, karyawan, pegawai, pasien, клиент, клиенты,"
    " сотрудник, сотрудники, пациент, пациенты, люди, пользователи, клієнти, співробітники, пацієнти, العملاء, الموظفين,"
    " المرضى, الأشخاص, مشتریان, کارمندان, بیماران, گاہک, ग्राहक, कर्मचारी, मरीज, রোগী, গ্রাহক, কর্মচারী, 客户, 员工, 用户, 患者, 会员,"
    " 人员, 顧客, 社員, 従業員, 会員, 고객, 직원, 환자, 회원, ลูกค้า, พนักงาน, ผู้ป่วย"
)
