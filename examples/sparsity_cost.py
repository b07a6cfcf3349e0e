"""Lecture 000 §4.2.2, the figure: what KL, squared error and L1 cost as the actual sparsity leaves the target.

Drawn with the framework's own formulas, for one coding with the target 0.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from examples import drawing
from examples.experiment import Experiment

TARGET = 0.1


def main(arguments: Sequence[str] | None = None) -> Path:
    run = Experiment.from_command_line(__doc__, arguments)
    formulas = run.package
    activity = np.linspace(0.001, 0.999, 100 if run.quick else 500)
    one_each = [np.array([[value]], dtype=np.float64) for value in activity]
    target = np.array([[TARGET]], dtype=np.float64)
    kl = np.array([float(run.call(formulas.kl_sparsity_loss, a, target=TARGET)) for a in one_each])
    mse = np.array([float(run.call(formulas.mean_squared_error, target, a)) for a in one_each])
    l1 = np.array([float(run.call(formulas.l1_activity_loss, a, weight=1.0)) for a in one_each])

    drawn = drawing.figure(3.0)
    axes = drawn.subplots()
    curves = {
        "KL divergence from the target": (kl, drawing.BLUE, "-", (0.73, 1.0, "right")),
        "L1, which pulls to 0": (l1, drawing.ORANGE, "--", (0.43, 0.5, "right")),
        "squared error from the target": (mse, drawing.GREEN, "-.", (0.66, 0.22, "left")),
    }
    for label, (cost, colour, line, (x, y, side)) in curves.items():
        axes.plot(activity, cost, color=colour, linestyle=line, linewidth=1.8)
        axes.text(x, y, label, color=colour, ha=side)
    axes.axvline(TARGET, color="black", linestyle=":", linewidth=1)
    axes.text(TARGET + 0.008, 0.97, "target sparsity 0.1", va="top", transform=axes.get_xaxis_transform())
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.2)
    axes.set_xlabel("actual sparsity, the mean activity of a coding")
    axes.set_ylabel("cost (KL in nats)")
    axes.set_title("§4.2.2: the cost of leaving the target")
    at = np.searchsorted(activity, 0.5)
    slope = (np.gradient(kl, activity)[at], np.gradient(mse, activity)[at])
    print(f"slope at 0.5: KL {slope[0]:.2f}, squared error {slope[1]:.2f}, L1 1.00")
    return drawing.save(drawn, run.out, "sparsity_cost")


if __name__ == "__main__":
    main()
