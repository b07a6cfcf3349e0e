"""Padding and truncating."""

from __future__ import annotations

from conformance.faults.fault import Change, Fault, Kind

_PLACE = "formulas.tokenization:pad_sequences"
_SPECS = ("pad_sequences",)
_FILLED = 'slice(len(kept)) if padding == "post" else slice(-len(kept), None)'
_WIDTH = 'whole_number("maxlen", maxlen, 1)'
_SIDES = "Pad [[1, 2, 3], [4]] to two columns with each side of padding and of truncating: four results."


def _pad(id: str, old: str, new: str, sentence: str, hint: str, seen: str, kind: Kind = "fault") -> Fault:
    return Fault(id, _SPECS, sentence, hint, seen, kind, (Change(_PLACE, old, new),))


ENTRIES = (
    _pad(
        "padding_side",
        'if padding == "post"',
        'if padding == "pre"',
        "The filling stands on the other side.",
        _SIDES,
        "common in tutorials",
    ),
    _pad(
        "truncating_side",
        'if truncating == "pre"',
        'if truncating == "post"',
        "The other side is cut.",
        _SIDES,
        "common in tutorials",
    ),
    _pad("padding_always_pre", _FILLED, "slice(-len(kept), None)", "Padding is always in front.", _SIDES, "an argument forgotten"),
    _pad(
        "padding_always_post", _FILLED, "slice(len(kept))", "Padding is always behind.", _SIDES, "torch.nn.utils.rnn.pad_sequence"
    ),
    _pad(
        "truncating_follows_padding",
        'if truncating == "pre"',
        'if padding == "pre"',
        "The side that is cut follows from padding; truncating is not looked at.",
        _SIDES,
        "wrappers with one argument for both",
    ),
    _pad(
        "padding_follows_truncating",
        'if padding == "post"',
        'if truncating == "post"',
        "The side that is filled follows from truncating; padding is not looked at.",
        _SIDES,
        "wrappers with one argument for both",
    ),
    _pad(
        "truncating_always_pre",
        'row[-width:] if truncating == "pre" else row[:width]',
        "row[-width:]",
        "The front is always cut.",
        _SIDES,
        "an argument forgotten",
    ),
    _pad(
        "truncating_always_post",
        'row[-width:] if truncating == "pre" else row[:width]',
        "row[:width]",
        "The end is always cut.",
        _SIDES,
        "tokenizers of transformers",
    ),
    _pad("value_ignored", "value, dtype", "0, dtype", "The filling is always 0.", "Pad with value=−1.", "an argument forgotten"),
    _pad(
        "maxlen_ignored",
        f" if maxlen is None else {_WIDTH}",
        "",
        "maxlen is not looked at: the longest sequence decides.",
        "Pad to fewer and to more columns than the longest sequence has.",
        "collate functions",
    ),
    _pad(
        "maxlen_at_most",
        _WIDTH,
        f"min({_WIDTH}, max(map(len, rows)))",
        "There are never more columns than the longest sequence has.",
        "Pad to more columns than the longest sequence has.",
        "dynamic padding with a limit",
    ),
    _pad(
        "maxlen_at_least",
        _WIDTH,
        f"max({_WIDTH}, max(map(len, rows)))",
        "Nothing is cut: maxlen is only a least number of columns.",
        "Pad to fewer columns than the longest sequence has.",
        "padding without truncating",
    ),
    _pad(
        "maxlen_plus_one",
        _WIDTH,
        f"{_WIDTH} + 1",
        "There is one column too many.",
        "How many columns has the result?",
        "off by one",
    ),
    _pad(
        "longest_plus_one",
        "max(map(len, rows))",
        "max(map(len, rows)) + 1",
        "Without maxlen there is one column too many.",
        "How many columns has the result without maxlen?",
        "room for an end token",
    ),
    _pad(
        "first_sets_width",
        "max(map(len, rows))",
        "len(rows[0])",
        "The first sequence decides on the number of columns.",
        "Put the longest sequence second.",
        "debugged with one sequence",
    ),
    _pad(
        "shortest_sets_width",
        "max(map(len, rows))",
        "min(map(len, rows))",
        "The shortest sequence decides on the number of columns.",
        "How many columns has the result without maxlen?",
        "think of a slip",
    ),
    _pad(
        "kept_backwards", "= kept", "= kept[::-1]", "The sequences run backwards.", "Pad one sequence that fits.", "packing helpers"
    ),
    _pad(
        "zeros_dropped",
        "kept = row[",
        "kept = [i for i in row if i][",
        "Zeros inside a sequence are dropped.",
        "Pad a sequence that has a 0 in the middle.",
        "masks taken for padding",
    ),
    _pad(
        "padded_int64",
        "dtype=np.int32",
        "dtype=np.int64",
        "The result is int64, not int32.",
        "Which dtype has the result?",
        "the default of PyTorch and NumPy",
    ),
    _pad(
        "padded_float",
        "dtype=np.int32",
        "dtype=np.float64",
        "The result is floating-point.",
        "Which dtype has the result?",
        "np.zeros without a dtype",
    ),
    _pad(
        "columns_first",
        "return padded",
        "return padded.T",
        "Rows are columns: the result is (maxlen, N).",
        "Which shape has the result?",
        "torch.nn.utils.rnn.pad_sequence without batch_first",
    ),
    Fault(
        "post_defaults",
        _SPECS,
        "Filling and cutting are at the end by default.",
        "Call the function without padding and truncating.",
        "tokenizers of transformers; torch.nn.utils.rnn.pad_sequence",
        "variant",
        (
            Change(_PLACE, 'padding: str = "pre"', 'padding: str = "post"'),
            Change(_PLACE, 'truncating: str = "pre"', 'truncating: str = "post"'),
        ),
    ),
    Fault(
        "sequences_changed",
        _SPECS,
        "The given sequences are padded in place.",
        "Look at your argument after the call.",
        "list.insert and list.append in loops",
        changes=(Change(_PLACE, "if not rows:", "[row.append(0) for row in sequences]\n    if not rows:"),),
        symptom="changed_input",
    ),
)
