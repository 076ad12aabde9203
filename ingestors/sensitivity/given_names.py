"""The evidence of well-known names: what people are called, in the world's most used languages."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LATIN = _names(
    """
    james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony mark donald
    steven paul andrew joshua kenneth kevin brian george timothy ronald edward jason jeffrey ryan jacob gary nicholas eric
    jonathan stephen larry justin scott brandon benjamin samuel gregory frank alexander raymond patrick jack dennis jerry
    tyler aaron jose adam nathan henry douglas zachary peter kyle walter ethan jeremy harold keith christian roger noah
    gerald carl terry sean austin arthur lawrence jesse dylan bryan joe jordan billy bruce albert willie gabriel logan
    alan juan wayne roy ralph randy eugene vincent russell elijah louis bobby philip johnny mary patricia jennifer linda
    elizabeth barbara susan jessica sarah karen nancy lisa betty margaret sandra ashley kimberly emily donna michelle
    carol amanda dorothy melissa deborah stephanie rebecca sharon laura cynthia kathleen amy angela shirley anna brenda
    pamela emma nicole helen samantha katherine christine debra rachel carolyn janet catherine maria heather diane ruth
    julie olivia joyce virginia victoria kelly lauren christina joan evelyn judith megan andrea cheryl hannah jacqueline
    martha gloria teresa ann sara madison frances kathryn janice jean abigail alice julia judy sophia grace denise amber
    doris marilyn danielle beverly isabella theresa diana natalie brittany charlotte marie kayla alexis lori
    hans klaus jurgen wolfgang dieter uwe bernd manfred heinz helmut gunter gerhard horst jens torsten sven lukas leon
    finn felix maximilian jonas moritz ursula renate monika helga sabine ingrid petra brigitte gisela heike karin birgit
    anja katrin lea mia lena hannelore greta johanna clara frieda jan piet kees henk willem daan sem bram johan anders
    lars erik nils bjorn karl gustav olof astrid ingeborg sigrid freja maja
    pierre jean michel philippe alain nicolas christophe laurent francois julien antoine jacques mathieu lucas theo
    nathalie isabelle sylvie francoise monique celine chloe manon camille lea ines aurelie juliette margaux
    antonio manuel francisco javier carlos miguel rafael pedro alejandro fernando luis sergio jorge alberto diego pablo
    raul enrique ramon vicente andres joaquin santiago mateo carmen josefa isabel dolores pilar cristina lucia elena
    raquel rosa mercedes beatriz silvia sofia valentina camila mariana gabriela ximena guadalupe juana
    joao rui tiago paulo ricardo marcos marcelo eduardo felipe gustavo leonardo rodrigo thiago ana francisca adriana
    marcia fernanda patricia aline juliana bruna leticia vanessa
    giuseppe giovanni francesco mario luigi angelo vincenzo pietro salvatore carlo franco domenico bruno paolo marco
    giorgio luca matteo lorenzo alessandro davide simone giulia chiara federica francesca alessia giorgia martina
    rosaria giuseppina
    jan andrzej piotr krzysztof stanislaw tomasz pawel jozef marcin marek michal grzegorz jerzy tadeusz adam lukasz
    zbigniew ryszard dariusz henryk mariusz kazimierz wojciech katarzyna malgorzata agnieszka krystyna barbara ewa
    elzbieta zofia teresa magdalena joanna jadwiga danuta irena halina jiri josef pavel jaroslav zdenek vaclav jana
    hana lenka katerina lucie laszlo istvan zoltan ferenc gabor erzsebet ilona
    ion gheorghe vasile constantin mihai alexandru elena ioana andreea mihaela
    mehmet mustafa ahmet ali huseyin hasan ibrahim ismail osman yusuf murat omer ramazan halil suleyman abdullah fatma
    ayse emine hatice zeynep elif meryem serife sultan hanife merve zehra esra ozlem yasemin busra emre burak
    nguyen tran hung dung hoa huong linh lan mai thao trang tuan minh duc thanh phuong nga
    budi agus siti sri dewi nur putri eko wahyu dwi rina ratna joko bambang sutrisno suharto hendra yanto indah ayu
    mohammed muhammad mohamed ahmed mahmoud omar khalid hassan hussein abdul abdulrahman tariq yasser karim fatima aisha
    maryam khadija zainab layla noor huda amina salma rania yasmin sami nabil walid faisal saad hamza bilal imran
    reza mehdi hossein amir farhad zahra narges maryam shirin parisa
    rahul amit sanjay rajesh suresh ramesh vijay anil sunil ravi deepak rakesh manoj ajay ashok arjun rohan aditya priya
    pooja neha anjali sunita kavita rekha sita lakshmi divya shreya ananya kiran meena geeta asha ankit vikram harish
    abdur rahim karim nasrin farhana shamima tanvir rafiq
    wei fang jing xiuying xiaoming jun yang min lei jie tao ming chao xiulan ping gang guiying hao yan
    hiroshi takashi kenji akira yuki haruto sakura yoko keiko naoko tomoko emi satoshi makoto kazuo hanako taro ichiro
    minjun seojun jiho jihoon seoyeon jiwoo minseo jimin hyun sungho youngho soojin eunji
    ivan sergei sergey aleksandr alexey dmitry dmitri andrei andrey mikhail vladimir nikolai pavel yuri oleg igor viktor
    anatoly boris natalia natalya olga tatiana elena irina svetlana anastasia ekaterina galina lyudmila oksana
    oleksandr andriy mykola volodymyr yulia nadia
    chinedu emeka ngozi chioma adebayo oluwaseun kwame kofi ama abena wanjiku kamau otieno achieng thabo sipho
    juma mwangi fatou mamadou aminata ousmane
    """
)
#: Given names in other scripts, whole words.
_OTHER = _names(
    """
    александр сергей дмитрий андрей алексей владимир михаил николай иван пётр петр павел юрий олег игорь виктор анатолий
    борис евгений максим артём артем роман анна мария елена ольга наталья татьяна ирина светлана екатерина анастасия
    галина людмила надежда любовь вера юлия ксения дарья оксана олександр андрій микола володимир сергій дмитро петро
    наталія тетяна ірина олена юлія
    محمد أحمد احمد محمود علي على حسن حسين عمر خالد يوسف ابراهيم إبراهيم عبدالله عبد عبدالرحمن مصطفى سعيد طارق كريم فاطمة
    عائشة مريم خديجة زينب ليلى نور هدى سارة سلمى رانيا رضا مهدی مهدي امير امیر زهرا نرگس پریسا شیرین عمران بلال فاطمہ عائشہ
    राहुल अमित संजय राजेश सुरेश रमेश विजय अनिल सुनील रवि दीपक मनोज अजय अशोक अर्जुन रोहन प्रिया पूजा नेहा अंजलि सुनीता कविता रेखा सीता
    लक्ष्मी मीना गीता आशा किरण মোহাম্মদ আবদুল রহিম করিম ফাতেমা আয়েশা রাহুল প্রিয়া সুমন নাসরিন
    สมชาย สมศรี สมหญิง ประเสริฐ วิชัย สุดา มาลี นภา γιωργος μαρια δημητρης ελενη κωστας νικος
    """
)
#: The most common family names in Chinese, Korean and Japanese: they begin a name.
_SURNAMES = frozenset(
    "王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何林罗羅高郑鄭梁谢謝宋唐许許邓鄧韩韓冯馮曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔"
    "谭陆汪范金石廖贾夏韦付方邹熊白孟秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严"
) | frozenset("김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노")
_JAPANESE = _names(
    "佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 林 斎藤 清水 山崎 森 池田 橋本 阿部 石川 山下 中島 石井 小川 前田"
    " 岡田 長谷川 藤田 後藤 近藤 村上 遠藤 青木 坂本"
)


def names_share(values: Mapping[str, int]) -> float:
    """Return the share of the different values that are written as a name and hold a known one."""
    chosen = list(values)[:300]
    return sum(map(holds_a_name, chosen)) / len(chosen) if chosen else 0.0


@lru_cache(maxsize=20_000)
def holds_a_name(value: str) -> bool:
    """Tell whether a short value is a name: one to four words, one of them a known given or family name."""
    text = value.strip().strip(".,")
    if not 2 <= len(text) <= 50 or any(sign.isdigit() for sign in text):
        return False
    if _is_east_asian(text):
        return True
    words = text.replace(",", " ").replace("-", " ").split()
    if not 1 <= len(words) <= 4:
        return False
    if text.isascii() or text[0].isascii():
        is_written = all(word[0].isupper() for word in words if len(word) > 3)
        return is_written and any(_plain(word) in _LATIN for word in words)
    return any(word.lower() in _OTHER or _plain(word) in _LATIN for word in words)


def _plain(word: str) -> str:
    from ingestors.sensitivity.words import normalised

    return normalised(word).lower()


def _is_east_asian(text: str) -> bool:
    text = text.replace(" ", "").replace("\u3000", "").replace("・", "").replace("·", "")
    if not 2 <= len(text) <= 4 or not all(
        "\u3400" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7af" for c in text
    ):
        return False
    return text[0] in _SURNAMES or any(text.startswith(name) for name in _JAPANESE)
