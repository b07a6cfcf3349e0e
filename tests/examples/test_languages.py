"""The word generators against standard grammar: forms known to be right, and laws that hold in every form."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from conformance.languages import LANGUAGES, finnish, plural_or_not, split, turkish

# stem, class: the form by number, possessor and case. Source: Göksel & Kerslake 2005, Lewis 2000.
TURKISH = {
    ("ev", "consonant"): {
        "nominative": "ev",
        "accusative": "evi",
        "dative": "eve",
        "locative": "evde",
        "ablative": "evden",
        "genitive": "evin",
        "plural": "evler",
        "plural dative": "evlere",
        "1sg": "evim",
        "2sg": "evin",
        "3sg": "evi",
        "1pl": "evimiz",
        "2pl": "eviniz",
        "3pl": "evleri",
        "1sg locative": "evimde",
        "3sg accusative": "evini",
        "3sg dative": "evine",
        "3sg locative": "evinde",
        "3sg ablative": "evinden",
        "3sg genitive": "evinin",
        "plural 1pl ablative": "evlerimizden",
        "plural 3pl": "evleri",
        "plural 3pl locative": "evlerinde",
    },
    ("araba", "vowel"): {
        "accusative": "arabayı",
        "dative": "arabaya",
        "locative": "arabada",
        "genitive": "arabanın",
        "1sg": "arabam",
        "2sg": "araban",
        "3sg": "arabası",
        "1pl": "arabamız",
        "2pl": "arabanız",
        "3pl": "arabaları",
        "3sg locative": "arabasında",
        "plural 1sg ablative": "arabalarımdan",
    },
    ("köprü", "vowel"): {
        "accusative": "köprüyü",
        "genitive": "köprünün",
        "3sg": "köprüsü",
        "1pl": "köprümüz",
        "plural": "köprüler",
    },
    ("kutu", "vowel"): {"accusative": "kutuyu", "dative": "kutuya", "2pl": "kutunuz", "plural accusative": "kutuları"},
    ("kedi", "vowel"): {"dative": "kediye", "3sg dative": "kedisine", "1sg": "kedim"},
    ("göz", "consonant"): {"accusative": "gözü", "dative": "göze", "1sg": "gözüm", "plural 1sg": "gözlerim", "2pl": "gözünüz"},
    ("kız", "consonant"): {"accusative": "kızı", "genitive": "kızın", "1pl": "kızımız", "plural ablative": "kızlardan"},
    ("okul", "consonant"): {"accusative": "okulu", "locative": "okulda", "1pl dative": "okulumuza", "plural genitive": "okulların"},
    ("kuş", "consonant"): {"locative": "kuşta", "ablative": "kuştan", "accusative": "kuşu", "plural locative": "kuşlarda"},
    ("top", "consonant"): {"accusative": "topu", "locative": "topta", "3sg": "topu"},
    ("saç", "consonant"): {"accusative": "saçı", "1sg": "saçım", "ablative": "saçtan"},
    ("at", "consonant"): {"accusative": "atı", "dative": "ata", "locative": "atta"},
    ("kök", "consonant"): {"accusative": "kökü", "ablative": "kökten"},
    ("kitap", "softening"): {
        "accusative": "kitabı",
        "locative": "kitapta",
        "1sg": "kitabım",
        "3sg": "kitabı",
        "3pl": "kitapları",
        "plural": "kitaplar",
        "1sg locative": "kitabımda",
    },
    ("ağaç", "softening"): {"accusative": "ağacı", "dative": "ağaca", "ablative": "ağaçtan", "plural accusative": "ağaçları"},
    ("kurt", "softening"): {"accusative": "kurdu", "genitive": "kurdun", "locative": "kurtta"},
    ("köpek", "softening"): {"accusative": "köpeği", "1sg": "köpeğim", "3sg dative": "köpeğine", "locative": "köpekte"},
    ("çocuk", "softening"): {"accusative": "çocuğu", "dative": "çocuğa", "3sg": "çocuğu", "plural": "çocuklar"},
    ("renk", "softening"): {"accusative": "rengi", "dative": "renge", "locative": "renkte", "plural": "renkler"},
    ("mektup", "softening"): {"accusative": "mektubu", "2sg": "mektubun"},
    ("burun", "dropping"): {
        "accusative": "burnu",
        "1sg": "burnum",
        "locative": "burunda",
        "plural": "burunlar",
        "3pl": "burunları",
    },
    ("şehir", "dropping"): {"dative": "şehre", "accusative": "şehri", "ablative": "şehirden", "1pl": "şehrimiz"},
    ("oğul", "dropping"): {"1sg": "oğlum", "3sg": "oğlu", "plural": "oğullar"},
}
# nominative, class: twelve singular forms and twelve plural forms. Source: Karlsson 2018; Kielitoimiston sanakirja.
ORDER = (
    *("nominative", "genitive", "partitive", "inessive", "elative", "illative"),
    *("adessive", "ablative", "allative", "essive", "translative", "abessive"),
)
FINNISH = {
    ("talo", "talo"): (
        "talo talon taloa talossa talosta taloon talolla talolta talolle talona taloksi talotta",
        "talot talojen taloja taloissa taloista taloihin taloilla taloilta taloille taloina taloiksi taloitta",
    ),
    ("katu", "talo, graded"): (
        "katu kadun katua kadussa kadusta katuun kadulla kadulta kadulle katuna kaduksi kadutta",
        "kadut katujen katuja kaduissa kaduista katuihin kaduilla kaduilta kaduille katuina kaduiksi kaduitta",
    ),
    ("tyttö", "talo, graded"): (
        "tyttö tytön tyttöä tytössä tytöstä tyttöön tytöllä tytöltä tytölle tyttönä tytöksi tytöttä",
        "tytöt tyttöjen tyttöjä tytöissä tytöistä tyttöihin tytöillä tytöiltä tytöille tyttöinä tytöiksi tytöittä",
    ),
    ("risti", "risti"): (
        "risti ristin ristiä ristissä rististä ristiin ristillä ristiltä ristille ristinä ristiksi ristittä",
        "ristit ristien ristejä risteissä risteistä risteihin risteillä risteiltä risteille risteinä risteiksi risteittä",
    ),
    ("kuppi", "risti, graded"): (
        "kuppi kupin kuppia kupissa kupista kuppiin kupilla kupilta kupille kuppina kupiksi kupitta",
        "kupit kuppien kuppeja kupeissa kupeista kuppeihin kupeilla kupeilta kupeille kuppeina kupeiksi kupeitta",
    ),
    ("ovi", "ovi"): (
        "ovi oven ovea ovessa ovesta oveen ovella ovelta ovelle ovena oveksi ovetta",
        "ovet ovien ovia ovissa ovista oviin ovilla ovilta oville ovina oviksi ovitta",
    ),
    ("lehti", "ovi, graded"): (
        "lehti lehden lehteä lehdessä lehdestä lehteen lehdellä lehdeltä lehdelle lehtenä lehdeksi lehdettä",
        "lehdet lehtien lehtiä lehdissä lehdistä lehtiin lehdillä lehdiltä lehdille lehtinä lehdiksi lehdittä",
    ),
    ("joki", "ovi, graded"): (
        "joki joen jokea joessa joesta jokeen joella joelta joelle jokena joeksi joetta",
        "joet jokien jokia joissa joista jokiin joilla joilta joille jokina joiksi joitta",
    ),
    ("kala", "kala"): (
        "kala kalan kalaa kalassa kalasta kalaan kalalla kalalta kalalle kalana kalaksi kalatta",
        "kalat kalojen kaloja kaloissa kaloista kaloihin kaloilla kaloilta kaloille kaloina kaloiksi kaloitta",
    ),
    ("silta", "kala, graded"): (
        "silta sillan siltaa sillassa sillasta siltaan sillalla sillalta sillalle siltana sillaksi sillatta",
        "sillat siltojen siltoja silloissa silloista siltoihin silloilla silloilta silloille siltoina silloiksi silloitta",
    ),
    ("koira", "koira"): (
        "koira koiran koiraa koirassa koirasta koiraan koiralla koiralta koiralle koirana koiraksi koiratta",
        "koirat koirien koiria koirissa koirista koiriin koirilla koirilta koirille koirina koiriksi koiritta",
    ),
    ("kukka", "koira, graded"): (
        "kukka kukan kukkaa kukassa kukasta kukkaan kukalla kukalta kukalle kukkana kukaksi kukatta",
        "kukat kukkien kukkia kukissa kukista kukkiin kukilla kukilta kukille kukkina kukiksi kukitta",
    ),
    ("pöytä", "koira, graded"): (
        "pöytä pöydän pöytää pöydässä pöydästä pöytään pöydällä pöydältä pöydälle pöytänä pöydäksi pöydättä",
        "pöydät pöytien pöytiä pöydissä pöydistä pöytiin pöydillä pöydiltä pöydille pöytinä pöydiksi pöydittä",
    ),
    ("nainen", "nainen"): (
        "nainen naisen naista naisessa naisesta naiseen naisella naiselta naiselle naisena naiseksi naisetta",
        "naiset naisten naisia naisissa naisista naisiin naisilla naisilta naisille naisina naisiksi naisitta",
    ),
    ("huone", "huone"): (
        "huone huoneen huonetta huoneessa huoneesta huoneeseen huoneella huoneelta huoneelle huoneena huoneeksi huoneetta",
        "huoneet huoneiden huoneita huoneissa huoneista huoneisiin huoneilla huoneilta huoneille huoneina huoneiksi huoneitta",
    ),
}
GENITIVES = (
    "katto katon, kirkko kirkon, lukko lukon, hattu hatun, lippu lipun, lamppu lampun, peitto peiton, apu avun, kylpy kylvyn, "
    "lintu linnun, sänky sängyn, teko teon, näky näyn, pankki pankin, mökki mökin, äiti äidin, tunti tunnin, kaupunki kaupungin, "
    "mäki mäen, tähti tähden, lahti lahden, lampi lammen, ilta illan, ranta rannan, hinta hinnan, kampa kamman, parta parran, "
    "virta virran, tapa tavan, lauta laudan, kauppa kaupan, jalka jalan, pata padan, aita aidan, lanka langan, rotta rotan, "
    "luokka luokan, ruoka ruoan, leipä leivän, kenttä kentän, kenkä kengän, selkä selän, posti postin, matka matkan, metsä metsän, "
    "hevonen hevosen, perhe perheen, nimi nimen, kivi kiven, auto auton"
)


@pytest.mark.parametrize(("stem", "kind"), TURKISH)
def test_turkish_forms(stem: str, kind: str) -> None:
    """Known forms of each class, with every case, number and possessor among them."""
    for features, expected in TURKISH[stem, kind].items():
        named = features.split()
        case = next((name for name in named if name in turkish.CASES), "nominative")
        possessor = next((name for name in named if name in turkish.POSSESSORS), "")
        assert turkish.inflect(stem, kind, case, "plural" in named, possessor) == expected
    assert stem in turkish.STEMS[kind]


@pytest.mark.parametrize(("stem", "kind"), FINNISH)
def test_finnish_paradigms(stem: str, kind: str) -> None:
    """A whole paradigm of each class."""
    for plural, forms in enumerate(FINNISH[stem, kind]):
        assert [finnish.inflect(stem, kind, case, bool(plural)) for case in ORDER] == forms.split()
    assert stem in finnish.STEMS[kind]


@pytest.mark.parametrize("pair", GENITIVES.split(", "))
def test_finnish_gradation(pair: str) -> None:
    """The weak grade, or its absence, in the genitive."""
    nominative, genitive = pair.split()
    kind = next(kind for kind, stems in finnish.STEMS.items() if nominative in stems)
    assert finnish.inflect(nominative, kind, "genitive") == genitive


def test_the_test_knows_enough() -> None:
    """At least forty known forms a language, and of every Finnish class."""
    assert sum(map(len, TURKISH.values())) >= 40
    assert {kind for _, kind in TURKISH} == set(turkish.STEMS)
    assert {kind for _, kind in FINNISH} == set(finnish.STEMS)
    assert set(ORDER) == set(finnish.CASES)


def test_turkish_harmony() -> None:
    """From the last vowel of the stem on, front stays front and back stays back; a high vowel is round exactly after a round one."""
    for stem, kind in LANGUAGES["turkish"].lemmas():
        for form in turkish.paradigm(stem, kind):
            shared = len(_common(stem, form.word))
            first = max(i for i, letter in enumerate(form.word[:shared]) if letter in "aeıioöuü")
            vowels = [letter for letter in form.word[first:] if letter in "aeıioöuü"]
            for before, vowel in pairwise(vowels):
                assert (before in "aıou") == (vowel in "aıou"), form
                assert vowel in ("uü" if before in "ouöü" else "ıi") + "ae", form


def test_turkish_voice() -> None:
    """Behind a voiceless consonant the locative has t, else d; no stop is left hard before a vowel where it should soften."""
    for stem, kind in LANGUAGES["turkish"].lemmas():
        locative = turkish.inflect(stem, kind, "locative")
        assert locative[-2] == ("t" if stem[-1] in "fstkçşhp" else "d")
        assert (turkish.inflect(stem, kind, "accusative")[len(stem) - 1] == stem[-1]) == (kind in ("vowel", "consonant"))


def test_finnish_harmony() -> None:
    """No word has both a, o or u and ä, ö or y; e and i go with either."""
    for stem, kind in LANGUAGES["finnish"].lemmas():
        for form in finnish.paradigm(stem, kind):
            assert not (set(form.word) & set("aou") and set(form.word) & set("äöy")), form


def test_gradation_is_marked_where_it_happens() -> None:
    """A class that says it is graded has a weak genitive for every stem, and a strong essive."""
    for stem, kind in LANGUAGES["finnish"].lemmas():
        cut = finnish.TYPES[kind.partition(",")[0]].cut
        root = stem[: len(stem) - cut]
        assert finnish.inflect(stem, kind, "essive").startswith(root)
        assert finnish.inflect(stem, kind, "genitive").startswith(root) != kind.endswith("graded")


@pytest.mark.parametrize("name", LANGUAGES)
def test_the_tables_are_large_and_clean(name: str) -> None:
    """At least sixty stems, each once, in the letters of the language."""
    stems = [stem for stem, _ in LANGUAGES[name].lemmas()]
    letters = {"turkish": "abcçdefgğhıijklmnoöprsştuüvyz", "finnish": "abdefghijklmnoprstuvyäö"}[name]
    assert len(stems) == len(set(stems)) >= 60
    assert set("".join(stems)) <= set(letters)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", LANGUAGES)
def test_every_test_word_is_new(name: str, seed: int) -> None:
    """No stem is on both sides, no test word was seen, every class is on both sides, every stem is used."""
    language = LANGUAGES[name]
    train, test = split(language, seed=seed)
    learned, held_out = {form.stem for form in train}, {form.stem for form in test}
    assert not learned & held_out
    assert not {form.word for form in train} & ({form.word for form in test} | held_out)
    assert learned | held_out == {stem for stem, _ in language.lemmas()}
    assert all(learned & set(stems) and held_out & set(stems) for stems in language.stems.values())
    assert {letter for form in test for letter in form.word} <= {letter for form in train for letter in form.word}


@pytest.mark.parametrize("name", LANGUAGES)
def test_the_task_is_certain_and_balanced(name: str) -> None:
    """Every word once, with one label, neither of them rare; what can be read both ways is gone."""
    train, _ = split(LANGUAGES[name])
    task = plural_or_not(train)
    numbers = {word: {form.plural for form in train if form.word == word} for word in task.words[:200]}
    assert len(task.words) == len(set(task.words)) == len(task.labels)
    assert all({bool(label)} == numbers[word] for word, label in zip(task.words[:200], task.labels[:200, 0], strict=True))
    assert 0.35 < task.labels.mean() < 0.65
    assert task.labels.dtype == np.float32


def test_what_is_ambiguous() -> None:
    """evleri is a plural to some readers and a singular to others, so it is no word of the task."""
    forms = list(turkish.paradigm("ev", "consonant"))
    task = plural_or_not(forms)
    assert "evleri" in {form.word for form in forms}
    assert "evleri" not in task.words
    assert dict(zip(task.words, task.labels[:, 0], strict=True))["evlerimizden"] == 1.0


def _common(first: str, second: str) -> str:
    """The letters that both begin with."""
    count = next((i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second)))
    return first[:count]
