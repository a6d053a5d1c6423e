"""The knowledge base's promised figures, by the commands that an owner types: kb import, kb eval --json.

`python -m benchmarks.figures banking77-10 sample` measures some rows only. KEFU_BENCH_DATA names the folder with
SET.kbK.jsonl, SET.dev.jsonl and SET.dev.typo.jsonl; the sample shop is measured on its own labels, as they are, in
traditional script, and with a homophone a question.
"""

import json
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.labelled import SETS, data_folder, environment, sample_questions
from knowledge_base.values import LabelledExample

_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
_COLUMNS = ("top1", "recall@3", "AUROC", "answered right", "not answered", "calibration", "typo loses")
_FLOORS = {
    "clinc150 k=5": (0.885, 0.97, 0.965, 0.77, 0.94, 0.05, 0.03),
    "clinc150 k=10": (0.915, 0.98, 0.97, 0.83, 0.94, 0.05, 0.03),
    "banking77 k=5": (0.78, 0.925, 0.985, 0.64, 0.96, 0.05, 0.04),
    "banking77 k=10": (0.85, 0.945, 0.985, 0.75, 0.96, 0.05, 0.04),
}
Spoil = Callable[[str], str]


def main() -> None:
    print(f"{'':24}" + "".join(f"{name:>16}" for name in _COLUMNS))
    data = data_folder()
    if data is None:
        print("no labelled questions (KEFU_BENCH_DATA): only the sample shop is measured")
    else:
        for name in SETS:
            for phrasings in (5, 10):
                if _is_wanted(f"{name}-{phrasings}"):
                    _public(data, name, phrasings)
    if _is_wanted("sample"):
        _sample()
    seconds = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{seconds.ru_utime + seconds.ru_stime:.0f} s of CPU")


def _is_wanted(row: str) -> bool:
    named = [word for word in sys.argv[1:] if word == "sample" or word.startswith(SETS)]
    return not named or row in named


def _public(data: Path, name: str, phrasings: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        kefu = _Kefu(Path(folder), sample=False)
        kefu.run("kb", "import", str(data / f"{name}.kb{phrasings}.jsonl"))
        clean = kefu.json("kb", "eval", str(data / f"{name}.dev.jsonl"), "--json", "--more")
        typo = kefu.json("kb", "eval", str(data / f"{name}.dev.typo.jsonl"), "--json")
    title = f"{name} k={phrasings}"
    _row(title, clean, clean["in_scope"]["top1"] - typo["in_scope"]["top1"])
    print(f"{'  at least / most':24}" + "".join(f"{floor:16.3f}" for floor in _FLOORS[title]), flush=True)
    _row("  wordings alone", _without_answers(data / f"{name}.kb{phrasings}.jsonl", data / f"{name}.dev.jsonl"))


def _without_answers(articles: Path, questions: Path) -> dict[str, Any]:
    """The answers of the sets are the names of their classes, which tell more than most answers do."""
    with tempfile.TemporaryDirectory() as folder:
        kefu = _Kefu(Path(folder), sample=False)
        rows = [json.loads(line) | {"answer": "-"} for line in articles.read_text("utf-8").splitlines()]
        silent = Path(folder) / "articles.jsonl"
        silent.write_text("\n".join(map(json.dumps, rows)), "utf-8")
        kefu.run("kb", "import", str(silent))
        return kefu.json("kb", "eval", str(questions), "--json", "--more")


def _sample() -> None:
    with tempfile.TemporaryDirectory() as folder:
        kefu = _Kefu(Path(folder), sample=True)
        kefu.run("sample", "load")
        whole = kefu.json("kb", "eval", "--json", "--more")
        _row("sample shop", whole)
        for language in ("en", "zh"):
            _row(f"  {language}", kefu.asked(sample_questions(language)))
        chinese = sample_questions("zh")
        plain = kefu.asked(chinese)["in_scope"]["top1"]
        for words, spoil in (("traditional script", _traditional()), ("a homophone each", _homophones(chinese))):
            found = kefu.asked([_spoilt(one, spoil) for one in chinese])
            _row(f"  zh, {words}", found, plain - found["in_scope"]["top1"])


def _row(title: str, found: dict[str, Any], loss: float | None = None) -> None:
    inside, outside = found["in_scope"], found["out_of_scope"]
    shares = (inside["top1"], inside["recall_at_3"], found["auroc"], inside["answered_correctly"])
    cells = (*shares, outside["not_answered"], found["calibration_error"], loss)
    print(f"{title:24}" + "".join(f"{'-' if cell is None else f'{cell:.3f}':>16}" for cell in cells), flush=True)


class _Kefu:
    """The command line, on a data folder of its own."""

    def __init__(self, folder: Path, *, sample: bool) -> None:
        self._folder = folder
        own = {"KEFU_DATA_DIR": str(folder / "data"), "KEFU_SAMPLE_DATA": str(sample).lower()}
        self._environment = environment() | _ONE_THREAD | own

    def run(self, *words: str) -> str:
        command = [sys.executable, "-c", "from bot.cli.main import main; main()", *words]
        done = subprocess.run(
            command, cwd=self._folder, env=self._environment | _path(), capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"kefu {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    def json(self, *words: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run(*words))
        return found

    def asked(self, examples: Iterable[LabelledExample]) -> dict[str, Any]:
        file = self._folder / "questions.jsonl"
        rows = ({"question": e.question, "article": e.article, "language": e.language} for e in examples)
        file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
        return self.json("kb", "eval", str(file), "--json", "--more")


def _path() -> dict[str, str]:
    return {"PYTHONPATH": str(Path(__file__).resolve().parents[1])}


def _spoilt(one: LabelledExample, spoil: Spoil) -> LabelledExample:
    return LabelledExample(spoil(one.question), one.article, one.language)


def _traditional() -> Spoil:
    convert: Spoil = import_module("opencc").OpenCC("s2t").convert
    return convert


def _homophones(examples: Sequence[LabelledExample]) -> Spoil:
    """One character of a question becomes another of the same sound, out of those that the questions use."""
    sound: Callable[[str], list[str]] = import_module("pypinyin").lazy_pinyin
    used = sorted({letter for one in examples for letter in one.question if "\u4e00" <= letter <= "\u9fff"})
    alike: dict[str, list[str]] = {}
    for letter in used:
        alike.setdefault(sound(letter)[0], []).append(letter)
    rng = random.Random(0)

    def spoil(text: str) -> str:
        places = [i for i, letter in enumerate(text) if letter in used and len(alike[sound(letter)[0]]) > 1]
        if not places:
            return text
        place = rng.choice(places)
        others = [letter for letter in alike[sound(text[place])[0]] if letter != text[place]]
        return text[:place] + rng.choice(others) + text[place + 1 :]

    return spoil


if __name__ == "__main__":
    main()
