"""Turkish nouns: number, possessor and case, with vowel harmony, softened stops, dropped vowels and buffer consonants.

Suffixes are written as grammars write them. A is a or e and I is ı, i, u or ü, by harmony with the vowel before; D is t after a
voiceless consonant, else d; a sound in brackets stands only where it keeps two vowels, or two consonants, apart.

Source: A. Göksel & C. Kerslake, Turkish: A Comprehensive Grammar, Routledge 2005, chapters 2 (changes of stem and suffix),
3 (vowel harmony) and 8 (inflectional suffixes); G. Lewis, Turkish Grammar, 2nd edition, Oxford 2000, chapters 1–2.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.languages.forms import Form

_BACK, _FRONT = "aıou", "eiöü"
VOWELS = _BACK + _FRONT
_ROUND = "ouöü"
_VOICELESS = "çfhkpsşt"
_SOFT = {"p": "b", "ç": "c", "t": "d", "k": "ğ"}

# Stems whose last vowel stands for the harmony of all that follows; so no saat, kalp or harf, which take front vowels all the same.
_TABLE = {
    "vowel": (
        "araba masa kapı kedi oda elma anne baba dede bahçe pencere köprü kutu ordu sürü tepsi gemi tilki öğrenci hala dere tarla "
        "ülke gece komşu soru kuzu çanta küre"
    ),
    "consonant": (
        "ev el göz kız adam kadın deniz yol gün gül köy göl dağ okul kalem defter öğretmen asker ayran kiler dolar kuş taş baş iş diş "
        "güneş ateş ders ses at et ot süt top ip saç kök ok bulut sepet bilet maç"
    ),
    "softening": (
        "kitap ağaç dolap çorap şarap cevap sebep mektup kanat kurt yurt yoğurt armut umut köpek çocuk ekmek çiçek sokak bıçak yaprak "
        "bardak tabak kulak ayak parmak toprak balık böcek bebek gömlek eşek inek kelebek tavuk ilaç borç renk kepenk"
    ),
    "dropping": "burun ağız isim resim şehir oğul akıl fikir nehir boyun göğüs alın omuz beyin karın",
}
STEMS: dict[str, tuple[str, ...]] = {kind: tuple(words.split()) for kind, words in _TABLE.items()}
CASES = {"nominative": "", "accusative": "(y)I", "dative": "(y)A", "locative": "DA", "ablative": "DAn", "genitive": "(n)In"}
# After a possessive of the third person the buffer n comes before every case.
_PRONOMINAL = {"nominative": "", "accusative": "nI", "dative": "nA", "locative": "nDA", "ablative": "nDAn", "genitive": "nIn"}
POSSESSORS = {"": "", "1sg": "(I)m", "2sg": "(I)n", "3sg": "(s)I", "1pl": "(I)mIz", "2pl": "(I)nIz", "3pl": "lArI"}


def paradigm(stem: str, kind: str) -> Iterator[Form]:
    """Every form of a stem: two numbers × seven possessors, none included, × six cases."""
    for plural in (False, True):
        for possessor in POSSESSORS:
            for case in CASES:
                yield Form(inflect(stem, kind, case, plural, possessor), stem, case, plural, possessor)


def inflect(stem: str, kind: str, case: str = "nominative", plural: bool = False, possessor: str = "") -> str:
    """One form.

    >>> inflect("ev", "consonant", "ablative", plural=True, possessor="1pl")
    'evlerimizden'
    >>> inflect("kitap", "softening", "accusative"), inflect("burun", "dropping", possessor="1sg")
    ('kitabı', 'burnum')
    """
    suffixes = [
        "lAr" if plural else "",
        # evleri is "their house" and "their houses": the plural is not said twice.
        "I" if plural and possessor == "3pl" else POSSESSORS[possessor],
        (_PRONOMINAL if possessor in ("3sg", "3pl") else CASES)[case],
    ]
    word = stem
    for suffix in filter(None, suffixes):
        changes = word == stem and _brings_vowel(stem, suffix)
        word = attach(_before_vowel(stem, kind) if changes else word, suffix)
    return word


def attach(word: str, suffix: str) -> str:
    """The word with one suffix, its sounds chosen by what comes before each."""
    if suffix.startswith("("):
        buffer, rest = suffix[1], suffix[3:]
        # (I) keeps consonants apart, so it goes after a vowel; (y), (n), (s) keep vowels apart, so they stay there.
        suffix = buffer + rest if (word[-1] in VOWELS) != (buffer == "I") else rest
    for sound in suffix:
        last = next(letter for letter in reversed(word) if letter in VOWELS)
        if sound == "A":
            sound = "a" if last in _BACK else "e"
        elif sound == "I":
            sound = {(True, False): "ı", (False, False): "i", (True, True): "u", (False, True): "ü"}[last in _BACK, last in _ROUND]
        elif sound == "D":
            sound = "t" if word[-1] in _VOICELESS else "d"
        word += sound
    return word


def _brings_vowel(stem: str, suffix: str) -> bool:
    """Whether the suffix puts a vowel right behind this stem."""
    return attach(stem, suffix)[len(stem)] in VOWELS


def _before_vowel(stem: str, kind: str) -> str:
    """The stem as it is before a vowel: kitab-, reng-, burn-."""
    if kind == "softening":
        return stem[:-1] + ("g" if stem.endswith("nk") else _SOFT[stem[-1]])
    return stem[:-2] + stem[-1] if kind == "dropping" else stem
