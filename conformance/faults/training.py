"""The training loop."""

from __future__ import annotations

from conformance.faults.families import MODELS, UNSEEN
from conformance.faults.fault import Change, Fault, Kind

_LOOP = "models.model:Model.training_steps"
_REPORT = 'losses.append(float(self.loss_terms(**batch)["total"]))'
_GRADIENTS = "gradients = self.gradients(**batch)"
_STEP = "states.get(name), learning_rate)"


def _loop(id: str, sentence: str, hint: str, seen: str, *changes: Change, kind: Kind = "fault") -> Fault:
    return Fault(id, MODELS, sentence, hint, seen, kind, changes)


ENTRIES = (
    _loop(
        "loss_after_step",
        "The loss reported is that after the step instead of before.",
        "Which weights belong to the first loss of the list?",
        "loops that evaluate the model again for the log",
        Change(_LOOP, _REPORT, "pass"),
        Change(_LOOP, _STEP, f"{_STEP}\n            {_REPORT}"),
    ),
    _loop(
        "losses_running_mean",
        "The losses reported are running means.",
        "Is the second loss that of the second batch alone?",
        "the history of Keras' fit within an epoch",
        Change(_LOOP, "return losses", "return [float(np.mean(losses[: i + 1])) for i in range(len(losses))]"),
        kind="variant",
    ),
    _loop(
        "gradients_not_cleared",
        "Gradients of earlier batches are never cleared, so they add up.",
        "Is the first step right, and the second?",
        "zero_grad() forgotten",
        Change(_LOOP, "states: dict[str, State] = {}", "states, gathered = {}, {}"),
        Change(
            _LOOP,
            _GRADIENTS,
            "gradients = gathered = {n: g + gathered.get(n, 0.0) for n, g in self.gradients(**batch).items()}",
        ),
    ),
    _loop(
        "gradients_of_batch_before",
        "Every step is made with the gradients of the batch before.",
        "What happens in the first step?",
        "backward() called after step()",
        Change(_LOOP, "states: dict[str, State] = {}", "states, late = {}, None"),
        Change(
            _LOOP,
            _GRADIENTS,
            "fresh = self.gradients(**batch)\n            gradients, late = late or {n: 0.0 * g for n, g in fresh.items()}, fresh",
        ),
    ),
    _loop(
        "step_depends_on_batch",
        "Gradients are multiplied by the size of the batch.",
        "How does the step change when every sample is stated twice?",
        "losses summed where they should be averaged",
        Change(_LOOP, "gradients[name]", "gradients[name] * len(next(iter(batch.values())))"),
    ),
    _loop(
        "step_divided_by_batch",
        "Gradients are divided by the size of the batch once more.",
        "How does the step change when every sample is stated twice?",
        "averaged losses divided by B again",
        Change(_LOOP, "gradients[name]", "gradients[name] / len(next(iter(batch.values())))"),
    ),
    _loop(
        "state_reset",
        "The optimiser's state is thrown away after every step.",
        "Is the first step right, and the second?",
        "an optimiser made inside the loop",
        Change(_LOOP, "states.get(name)", "None"),
    ),
    _loop(
        "one_batch_only",
        "All steps see the first batch.",
        "Is the first step right, and the second?",
        "next(iter(loader)) inside the loop",
        Change(_LOOP, "for batch in batches", "for batch in [batches[0]] * len(batches)"),
    ),
    _loop(
        "batches_reversed",
        "The batches are taken from the last to the first.",
        "Which batch belongs to the first loss?",
        "shuffling left on",
        Change(_LOOP, "for batch in batches", "for batch in batches[::-1]"),
    ),
    _loop(
        "last_batch_dropped",
        "The last batch is left out.",
        "How many losses are there?",
        "drop_last=True, and ranges that end one too early",
        Change(_LOOP, "for batch in batches", "for batch in batches[:-1]"),
    ),
    _loop(
        "weight_decay",
        "0.01 times the parameter is added to its gradient.",
        "Do weights without a gradient stay where they are?",
        "weight_decay=0.01 handed to every optimiser",
        Change(_LOOP, "gradients[name]", "gradients[name] + 0.01 * self.weights[name]"),
    ),
    _loop(
        "gradients_clipped",
        "The gradient of every parameter is clipped to norm 1.",
        "How does the step change when the loss is multiplied by 100?",
        "clipnorm=1.0 left from a recurrent model",
        Change(_LOOP, "gradients[name]", "gradients[name] / max(1.0, float(np.linalg.norm(gradients[name])))"),
    ),
    _loop(
        "gradients_clipped_by_value",
        "Every element of the gradient is clipped to ±0.1.",
        "How does the step change when the loss is multiplied by 100?",
        "clipvalue left from a recurrent model",
        Change(_LOOP, "gradients[name]", "np.clip(gradients[name], -0.1, 0.1)"),
    ),
    _loop(
        "parameters_one_by_one",
        "The gradient of a parameter is taken after the parameters before it were moved.",
        "Is the first parameter's step right, and the last one's?",
        UNSEEN,
        Change(_LOOP, "gradients[name]", "self.gradients(**batch)[name]"),
    ),
    _loop(
        "learning_rate_decays",
        "The learning rate is divided by the number of the step.",
        "Is the first step right, and the second?",
        "decay arguments and schedules",
        Change(_LOOP, _STEP, "states.get(name), learning_rate / len(losses))"),
    ),
    _loop(
        "learning_rate_ignored",
        "The learning rate is 0.001, whatever the argument says.",
        "How does the first step change when the learning rate doubles?",
        'compile(optimizer="adam")',
        Change(_LOOP, _STEP, "states.get(name), 1e-3)"),
    ),
    _loop(
        "biases_not_trained",
        "Training leaves the biases as they are.",
        "Which parameters are still what they were?",
        UNSEEN,
        Change(_LOOP, "gradients[name]", 'gradients[name] * (not name.endswith("bias"))'),
    ),
    _loop(
        "steps_twice",
        "Every batch is stepped on twice.",
        "What does one batch do to the weights?",
        "optimizer.step() called in the loop and in a callback",
        Change(
            _LOOP,
            "for name in self.trainable_names:",
            "for name in (*self.trainable_names, *self.trainable_names):",
        ),
    ),
)
