"""The figures of `kefu kb eval`, in words."""

from typing import Any

_SHOWN = 10
_CHANCE = 0.05


def explain(found: dict[str, Any]) -> None:
    _shares(found)
    latency = found["latency_ms"]
    print(f"AUROC {found['auroc']}; {latency['p50']} ms a question, 99 % under {latency['p99']} ms")
    print(f"Calibration error {found['calibration_error']:.3f} (confidence against the share that was right)")
    _listed("Most often confused (expected, given, times):", found["confusions"], "{} -> {}  {}")
    weakest = [(key, f"{share:.0%}", count) for key, share, count in found["weakest"] if share < 1]
    _listed("Weakest articles (found first, of how many questions):", weakest, "{}  {} of {}")
    if "comparison" in found:
        _compared(found["comparison"])
    if "tuned" in found:
        _tuned(found["tuned"])


def _shares(found: dict[str, Any]) -> None:
    inside, outside = found["in_scope"], found["out_of_scope"]
    print(f"{found['questions']} questions")
    print(f"Answerable: {inside['n']}")
    for name in ("top1", "recall_at_3", "answered", "answered_correctly", "clarified_correctly"):
        print(f"  {name.replace('_', ' '):<20} {_share(inside[name])}")
    print(f"Not answerable: {outside['n']}")
    for name in ("refused", "not_answered"):
        print(f"  {name.replace('_', ' '):<20} {_share(outside[name])}")


def _listed(heading: str, rows: list[Any], form: str) -> None:
    if rows:
        print(heading)
    for row in rows:
        print("  " + form.format(*row))


def _compared(found: dict[str, Any]) -> None:
    low, high = found["interval"]
    gained, lost = len(found["gained"]), len(found["lost"])
    print(f"Beside the kept run, {found['questions']} questions in both: {gained} served better, {lost} worse.")
    print(f"  difference {found['difference']:+.1%} (95 in 100: {low:+.1%} to {high:+.1%}), {_words(found['p'])}")
    for word in ("lost", "gained"):
        for pair in found[word][:_SHOWN]:
            print(f"  {word}: {pair['question']}  ({_given(pair['before'])} -> {_given(pair['after'])})")


def _given(side: dict[str, Any]) -> str:
    return f"{side['outcome']} {side['article'] or '-'}"


def _words(p: float) -> str:
    return f"p = {p:.4f}: " + ("not chance" if p < _CHANCE else "may well be chance")


def _tuned(found: dict[str, Any]) -> None:
    before, after = found["before"], found["after"]
    if before == after:
        print(f"Thresholds stay as they are: no others serve these {found['questions']} questions better.")
        return
    print(f"Thresholds are set by these {found['questions']} questions (before -> after):")
    for name in before:
        print(f"  {name.replace('_', ' '):<20} {before[name]:.3f} -> {after[name]:.3f}")


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"
