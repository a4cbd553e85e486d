"""Small lexicons made by hand, so that the core is tried without catalogues or CLDR."""

from __future__ import annotations

from collections.abc import Mapping

from bot.flows.lexicon import Command, Lexicon
from bot.flows.understanding.matching import fold

_COMMANDS = {
    "help": Command.HELP,
    "back": Command.BACK,
    "skip": Command.SKIP,
    "pause": Command.PAUSE,
    "stop": Command.STOP,
}


def folded(words: str) -> frozenset[str]:
    """The words of a comma-separated list, folded."""
    return frozenset(fold(word) for word in words.split(","))


def counted(words: str, first: int = 1) -> dict[str, int]:
    """The words of a comma-separated list, folded, each with its place from `first`."""
    return {fold(word): number for number, word in enumerate(words.split(","), start=first)}


def _lexicon(language: str, **words: object) -> Lexicon:
    usual: dict[str, object] = {
        "commands": _COMMANDS,
        "stop_words": folded("stop,unsubscribe"),
        "agree": folded("agree,i agree"),
        "decline": folded("decline"),
        "more": folded("more"),
        "done": folded("done"),
        "submit": folded("submit"),
        "change": folded("change"),
        "relative_days": {},
        "date_order": "dmy",
        "decimal_mark": ".",
        "group_marks": frozenset(","),
        "countries": {},
        "language_names": {},
    }
    return Lexicon(language=language, **{**usual, **words})  # type: ignore[arg-type]


ENGLISH = _lexicon(
    "en",
    yes=folded("yes,yeah,yep,y,ok"),
    no=folded("no,nope,n"),
    dont_know=folded("I don't know,don't know,dunno,no idea,?"),
    none=folded("none,nothing,none of these"),
    joiners=folded("and,or,&"),
    numerals=counted("zero,one,two,three,four,five,six,seven,eight,nine,ten", 0),
    months=counted("January,February,March,April,May,June,July,August,September,October,November,December")
    | counted("Jan,Feb,Mar,Apr,May,Jun,Jul,Aug,Sept,Oct,Nov,Dec"),
    relative_days={"today": 0, "yesterday": -1, "tomorrow": 1},
    countries={
        "CI": "Côte d’Ivoire",
        "DK": "Denmark",
        "FJ": "Fiji",
        "FR": "France",
        "PF": "French Polynesia",
        "DE": "Germany",
        "IN": "India",
        "ID": "Indonesia",
        "MA": "Morocco",
        "MM": "Myanmar (Burma)",
        "NE": "Niger",
        "NG": "Nigeria",
        "NO": "Norway",
        "LC": "St. Lucia",
        "TT": "Trinidad & Tobago",
        "GB": "United Kingdom",
        "US": "United States",
    },
)

FRENCH = _lexicon(
    "fr",
    yes=folded("oui,ouais,yes,o"),
    no=folded("non,nan,no,n"),
    dont_know=folded("je ne sais pas,je sais pas,sais pas,aucune idée"),
    none=folded("aucun,aucune,rien,none"),
    joiners=folded("et,ou,&,and,or"),
    numerals=counted("zéro,un,deux,trois,quatre,cinq,six,sept,huit,neuf,dix", 0) | {"une": 1},
    months=counted("janvier,février,mars,avril,mai,juin,juillet,août,septembre,octobre,novembre,décembre")
    | {"janv": 1, "fevr": 2, "avr": 4, "juil": 7, "sept": 9, "oct": 10, "nov": 11, "dec": 12},
    relative_days={"aujourd'hui": 0, "hier": -1, "demain": 1},
    decimal_mark=",",
    group_marks=frozenset(" "),
    countries={"DE": "Allemagne", "CI": "Côte d’Ivoire", "FJ": "Fidji", "FR": "France", "MA": "Maroc"},
)

SPANISH = _lexicon(
    "es",
    yes=folded("sí,claro,s"),
    no=folded("no,n"),
    dont_know=folded("no sé,no lo sé,ni idea"),
    none=folded("ninguno,ninguna,nada"),
    joiners=folded("y,e,o,u"),
    numerals=counted("cero,uno,dos,tres,cuatro,cinco,seis,siete,ocho,nueve,diez", 0) | {"un": 1, "una": 1},
    months=counted(
        "enero,febrero,marzo,abril,mayo,junio,julio,agosto,septiembre,octubre,noviembre,diciembre"
    ),
    relative_days={"hoy": 0, "ayer": -1, "manana": 1},
    decimal_mark=",",
    group_marks=frozenset("."),
    countries={"FJ": "Fiyi", "ES": "España", "MA": "Marruecos"},
)

ARABIC = _lexicon(
    "ar",
    yes=folded("نعم,أجل"),
    no=folded("لا,كلا"),
    dont_know=folded("لا أعرف,لا أدري"),
    none=folded("لا شيء"),
    joiners=folded("و,أو"),
    numerals=counted("صفر,واحد,اثنان,ثلاثة,أربعة,خمسة,ستة,سبعة,ثمانية,تسعة,عشرة", 0),
    months=counted("يناير,فبراير,مارس,أبريل,مايو,يونيو,يوليو,أغسطس,سبتمبر,أكتوبر,نوفمبر,ديسمبر"),
    relative_days={fold("اليوم"): 0, fold("أمس"): -1},
    decimal_mark="٫",
    group_marks=frozenset("٬"),
    countries={"MA": "المغرب", "FJ": "فيجي"},
)

HINDI = _lexicon(
    "hi",
    yes=folded("हाँ,जी हाँ"),
    no=folded("नहीं,जी नहीं"),
    dont_know=folded("मुझे नहीं पता,पता नहीं"),
    none=folded("कोई नहीं,कुछ नहीं"),
    joiners=folded("और,या"),
    numerals=counted("शून्य,एक,दो,तीन,चार,पाँच,छह,सात,आठ,नौ,दस", 0),
    months=counted("जनवरी,फ़रवरी,मार्च,अप्रैल,मई,जून,जुलाई,अगस्त,सितंबर,अक्टूबर,नवंबर,दिसंबर") | {"जुल": 7, "जन": 1},
    relative_days={fold("आज"): 0},
    countries={"IN": "भारत", "FJ": "फ़िजी"},
)

LEXICONS: Mapping[str, Lexicon] = {
    lexicon.language: lexicon for lexicon in (ENGLISH, FRENCH, SPANISH, ARABIC, HINDI)
}
