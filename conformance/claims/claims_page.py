"""The page: every claim with its verdict, what was done, and the numbers behind it, in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from conformance.claims import wording
from conformance.claims.catalogue import experiments
from conformance.claims.claim import Claim, Numbers, Outcome
from conformance.claims.pictures import Pictures
from conformance.claims.sparsity import TARGET

_LEGEND = """\
A claim names an effect and says on which side of a threshold it lies. Every experiment is run once for each seed, which decides the initial
weights, the order of the batches, the noise and what is drawn from the data; both frameworks are given the same batches. From one effect a seed
come the mean, its 95 % interval by Student's t, and Cohen's d (distance of the mean from the threshold in standard deviations, positive on the
claimed side).

* **holds**: the whole interval lies on the claimed side, in both frameworks
* **does not hold here**: the whole interval lies on the other side, in one framework or both
* **undecided**: neither; more seeds may decide it

What is measured and every threshold were fixed before the first run, and a claim that does not hold is left as it came out. Training was
not fixed: after trials on some of these seeds the linear autoencoder's was lengthened until it had converged; those of the overcomplete and
the three latent-term models were shortened to save time; that of the interpolation was shortened too and then, when its differences had
become smaller and undecided, put back to what it had been, that of the examples. The word model meets the unknown word more often than at
first, for it had not learned which number is the commoner."""
# What follows from a formula, whatever is measured.
_REMARKS = {
    "kl-steeper-near": (
        "A cost that is least at the target has slope 0 there, so around it KL is flatter than L1, whose slope is 1 everywhere "
        "(`kl-steeper-near`); with equal weights KL is the steeper one below 0.051 and above 0.316 (`kl-steeper-far`)."
    ),
}


@dataclass(frozen=True)
class Header:
    """What the page says of its making. `command` made it; `missing` names the frameworks that were not run."""

    command: str
    versions: Mapping[str, str]
    pictures: Pictures
    seeds: int
    missing: Sequence[str] = ()


def claims_page(header: Header, outcomes: Sequence[Outcome]) -> str:
    """The whole page."""
    parts = ["# The lecture's claims, measured", _made_by(header), _LEGEND, "## Verdicts", _table(outcomes)]
    figures = list(_must_show(outcomes))
    if figures:
        parts += ["## Two figures that must be right", *figures]
    parts.append("## What was done, and all numbers")
    for experiment in experiments(outcome.claim for outcome in outcomes):
        of_it = [outcome for outcome in outcomes if outcome.claim.experiment.name == experiment.name]
        remarks = [_REMARKS[outcome.claim.id] for outcome in of_it if outcome.claim.id in _REMARKS]
        parts += [f"### {experiment.name.capitalize()}", experiment.done, *remarks, _numbers(of_it[0])]
    return "\n\n".join(parts) + "\n"


def _made_by(header: Header) -> str:
    pictures = header.pictures
    height, width = pictures.shape
    versions = ", ".join(f"{name} {version}" for name, version in header.versions.items())
    not_run = "".join(
        f" **{wording.NAMES[name]}: not run**, for it cannot be used where this page was made." for name in header.missing
    )
    return (
        f"Written by `{header.command}`; not by hand.{not_run}\n\n"
        f"Data: {pictures.name}, {len(pictures.train):,} images of {height}×{width} pixels to learn from and {len(pictures.test):,} held out; "
        f"inflected Turkish and Finnish nouns. Seeds: 0 to {header.seeds - 1}. Versions: {versions}."
    )


def _table(outcomes: Sequence[Outcome]) -> str:
    names = list(outcomes[0].found) if outcomes else []
    rows = [
        ["claim", "what is measured", *(f"{wording.NAMES[n]}: mean, 95 % interval, d" for n in names), "verdict"],
        ["---"] * (len(names) + 3),
    ]
    for outcome in outcomes:
        rows.append(
            [_sentence(outcome.claim), _measured(outcome.claim), *(_found(outcome, n) for n in names), f"**{outcome.verdict}**"]
        )
    return _markdown(rows)


def _sentence(claim: Claim) -> str:
    return f"{claim.sentence}<br>`{claim.id}`, {claim.source}"


def _measured(claim: Claim) -> str:
    if claim.threshold == 0 and claim.side == "above":
        return f"{claim.measured}; claimed above 0"
    return claim.measured


def _found(outcome: Outcome, framework: str) -> str:
    claim, result = outcome.claim, outcome.found[framework]
    unit = f" {claim.unit}" if claim.unit else ""
    return f"{wording.mean(claim, result)}{unit}<br>{wording.interval(claim, result)}<br>d {wording.standardized(result)}"


def _must_show(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Two promises of the project, with each seed's figure."""
    by_id = {outcome.claim.id: outcome for outcome in outcomes}
    if (sparse := by_id.get("kl-reaches-target")) is not None:
        lines = [
            f"* {wording.NAMES[n]}: {_each(seeds, 'kl_activity')}; {_all(abs(s['kl_activity'] - TARGET) < 0.02 for s in seeds)} within 0.02"
            for n, seeds in sparse.numbers.items()
        ]
        yield _figure(f"Sparse KL: mean coding activity on held-out images; the target is {TARGET}", sparse.claim, lines)
    if (stacked := by_id.get("stacked-beats-pca")) is not None:
        lines = [
            f"* {wording.NAMES[n]}: {_each(seeds, 'stacked')}; PCA {_each(seeds[:1], 'pca')}; "
            f"{_all(s['stacked'] < s['pca'] for s in seeds)} below"
            for n, seeds in stacked.numbers.items()
        ]
        yield _figure(
            "Stacked autoencoder: held-out mean squared error, and that of PCA with as many codings", stacked.claim, lines
        )


def _figure(title: str, claim: Claim, lines: Sequence[str]) -> str:
    return f"{title}. `conformance claims --claim {claim.id}`\n\n" + "\n".join(lines)


def _each(seeds: Sequence[Numbers], name: str) -> str:
    return ", ".join(wording.number(numbers[name]) for numbers in seeds)


def _all(flags: Iterator[bool] | Sequence[bool]) -> str:
    results = list(flags)
    return f"{sum(results)} of {len(results)} seeds"


def _numbers(outcome: Outcome) -> str:
    """Mean ± standard deviation over the seeds of every number that the experiment returns."""
    frameworks = list(outcome.numbers)
    names = list(outcome.numbers[frameworks[0]][0]) if frameworks else []
    rows = [["mean ± standard deviation", *(wording.NAMES[f] for f in frameworks)], ["---"] * (len(frameworks) + 1)]
    for name in names:
        cells = []
        for framework in frameworks:
            values = np.array([numbers[name] for numbers in outcome.numbers[framework]])
            cells.append(f"{wording.number(values.mean())} ± {wording.number(values.std(ddof=1), values.mean())}")
        rows.append([name.replace("_", " "), *cells])
    return _markdown(rows)


def _markdown(rows: Sequence[Sequence[str]]) -> str:
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)
