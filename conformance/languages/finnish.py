"""Finnish nouns: twelve cases in two numbers, with vowel harmony and consonant gradation.

A is a or ä: a in a word with a, o or u, else ä. The consonants at the start of the last syllable are strong where it is open and
weak where an ending closes it: katto, katon; katu, kadun; joki, joen.

Source: F. Karlsson, Finnish: A Comprehensive Grammar, Routledge 2018 (harmony, gradation, the nominals with their types, cases);
Institute for the Languages of Finland, Kielitoimiston sanakirja, whose numbers of inflection types are given below.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.languages.forms import Form

VOWELS = "aeiouyäö"
# Strong → weak, the first that fits. Stems with k between two u or two y (puku, puvun) or two a (raaka, raa'an) are not shipped.
GRADATION = (
    *(("kk", "k"), ("pp", "p"), ("tt", "t")),
    *(("nk", "ng"), ("mp", "mm"), ("nt", "nn"), ("lt", "ll"), ("rt", "rr")),
    *(("p", "v"), ("t", "d"), ("k", "")),
)


@dataclass(frozen=True)
class Type:
    """A class of nouns: how much of the nominative its root leaves out, and what stands behind the root.

    `singular` and `plural` are followed by a case ending; the other four are whole.
    """

    cut: int
    singular: str
    plural: str
    partitive: str
    plural_genitive: str
    plural_partitive: str
    plural_illative: str


# Each named after its model in the grammars; behind it the number of its type in the dictionary.
TYPES = {
    "talo": Type(0, "", "i", "A", "jen", "jA", "ihin"),  # 1
    "risti": Type(1, "i", "ei", "iA", "ien", "ejA", "eihin"),  # 5
    "ovi": Type(1, "e", "i", "eA", "ien", "iA", "iin"),  # 7
    "kala": Type(1, "A", "oi", "AA", "ojen", "ojA", "oihin"),  # 9
    "koira": Type(1, "A", "i", "AA", "ien", "iA", "iin"),  # 10
    "nainen": Type(3, "se", "si", "stA", "sten", "siA", "siin"),  # 38
    "huone": Type(1, "ee", "ei", "ettA", "eiden", "eitA", "eisiin"),  # 48
}
_TABLE = {
    "talo": "talo auto valo pallo kello norsu hylly pöllö",
    "talo, graded": ("katto matto lukko kirkko verkko hattu tyttö lippu lamppu peitto katu apu kylpy lintu sänky teko näky"),
    "risti": "risti tuoli lasi torni posti tulli kaali muuri hissi",
    "risti, graded": "kuppi pankki takki lakki nappi mökki äiti tunti kaupunki",
    "ovi": "ovi nimi järvi kivi talvi pilvi hirvi sormi torvi helmi onni",
    "ovi, graded": "joki mäki lehti tähti lahti lampi",
    "kala": "kala sana kana kissa maja kirja raha linna marja matka hiha",
    "kala, graded": "silta ilta ranta hinta kampa parta virta tapa lauta kauppa jalka pata aita lanka",
    "koira": "koira kuva muna päivä isä metsä kynä kylä pyörä seinä",
    "koira, graded": "kukka tukka sukka rotta luokka ruoka pöytä leipä kenttä kenkä selkä",
    "nainen": "nainen hevonen ihminen perhonen varpunen muurahainen mehiläinen kärpänen",
    "huone": "huone perhe kone hame herne",
}
STEMS: dict[str, tuple[str, ...]] = {kind: tuple(words.split()) for kind, words in _TABLE.items()}
_ENDINGS = {
    "genitive": "n",
    "inessive": "ssA",
    "elative": "stA",
    "adessive": "llA",
    "ablative": "ltA",
    "allative": "lle",
    "translative": "ksi",
    "abessive": "ttA",
    "essive": "nA",
}
CASES = ("nominative", "partitive", "illative", *_ENDINGS)
# The endings that leave the last syllable open.
_OPEN = ("partitive", "illative", "essive")


def paradigm(stem: str, kind: str) -> Iterator[Form]:
    """Every form of a stem: two numbers × twelve cases, one form each where the language allows several."""
    for plural in (False, True):
        for case in CASES:
            yield Form(inflect(stem, kind, case, plural), stem, case, plural)


def inflect(stem: str, kind: str, case: str = "nominative", plural: bool = False) -> str:
    """One form of a noun; `stem` is the nominative.

    >>> inflect("katu", "talo, graded", "inessive"), inflect("pöytä", "koira, graded", "illative", plural=True)
    ('kadussa', 'pöytiin')
    """
    if case == "nominative" and not plural:
        return stem
    name, _, graded = kind.partition(", ")
    pattern = TYPES[name]
    root = stem[: len(stem) - pattern.cut]
    strong = case in _OPEN or (plural and case == "genitive")
    if graded and not strong:
        root = weakened(root)
    return root + _ending(pattern, root, case, plural).replace("A", "a" if set(stem) & set("aou") else "ä")


def _ending(pattern: Type, root: str, case: str, plural: bool) -> str:
    """All that follows the root."""
    if plural:
        special = {
            "nominative": pattern.singular + "t",
            "genitive": pattern.plural_genitive,
            "partitive": pattern.plural_partitive,
            "illative": pattern.plural_illative,
        }
        return special.get(case) or pattern.plural + _ENDINGS[case]
    if case == "partitive":
        return pattern.partitive
    if case == "illative":
        # The vowel before is doubled; after a long one the ending is -seen.
        return pattern.singular + ("seen" if pattern.singular == "ee" else (root + pattern.singular)[-1] + "n")
    return pattern.singular + _ENDINGS[case]


def weakened(root: str) -> str:
    """The root with its last consonants in the weak grade; a vowel behind them stays."""
    vowel = root[-1] if root[-1] in VOWELS else ""
    body = root.removesuffix(vowel)
    strong, weak = next(pair for pair in GRADATION if body.endswith(pair[0]))
    return body.removesuffix(strong) + weak + vowel
