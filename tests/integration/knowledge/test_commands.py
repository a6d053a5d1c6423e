"""The commands around the knowledge base, as an owner and as a script use them."""

import json
from pathlib import Path

import pytest

from bot.bootstrap import sample_rows
from tests.support.command_line import CommandLine

FAQ = """问题,答案,分类,相似问法
你们几点开门？,早上九点。,店铺,营业时间|几点关门
怎么退货？,七天内可退。,售后,退货流程|可以退吗
"""


@pytest.fixture
def kefu(
    build_here: None,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> CommandLine:
    """A brand-new shop without a language model; its tables are there already."""
    monkeypatch.setenv("KEFU_EMBEDDER", "none")
    monkeypatch.setenv("KEFU_DATABASE_URL", database_url)
    return CommandLine(tmp_path, monkeypatch, capsys)


def write(name: str, content: str) -> str:
    Path(name).write_text(content, "utf-8")
    return name


def test_an_import_is_answered_from_at_once(kefu: CommandLine) -> None:
    imported = kefu("kb", "import", write("faq.csv", FAQ))
    asked = kefu("ask", "营业时间", "--json")

    assert (imported.code, imported.out) == (0, "Articles: 2 created.\n")
    assert set(asked.json) == {
        "outcome", "article", "language", "version", "confidence", "answer", "also", "candidates", "took_ms",
    }  # fmt: skip
    assert (asked.json["outcome"], asked.json["article"], asked.json["version"]) == ("answer", "你们几点开门", 1)
    assert asked.json["answer"] == "早上九点。"
    assert 0 <= asked.json["confidence"] <= 1
    assert asked.json["candidates"][0]["question"] == "你们几点开门？"


def test_an_import_never_brings_the_sample_shop(kefu: CommandLine) -> None:
    kefu("kb", "import", write("faq.csv", FAQ))
    assert "Longjing" not in kefu("ask", "how do I brew Longjing").out
    assert kefu("sample", "remove").out == "There is no sample shop here.\n"


def test_bad_rows_end_with_one_and_a_report_for_scripts(kefu: CommandLine) -> None:
    ran = kefu("kb", "import", write("faq.csv", FAQ + "没有答案,,,\n"), "--json")

    assert ran.code == 1
    assert ran.json == {
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "rejected": 1,
        "archived": 0,
        "applied": True,
        "rejections": [{"sheet": None, "row": 4, "column": "answer", "reason": "is missing"}],
        "rejected_file": "faq.csv.rejected.csv",
        "warnings": [],
    }


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("kb", "import", "none.csv"), 1, "none.csv cannot be read"),  # no such file
        (("kb", "import", "faq.csv", "--map", "nonsense"), 2, "THEIR HEADER=column"),  # wrong use
        (("kb", "import", "faq.csv", "--replace-sample", "--keep-sample"), 2, "one of"),  # both
        (("kb", "export", "faq.docx"), 1, "choose the format by the name"),
        (("kb", "eval"), 1, "there are no labelled questions yet"),
    ],
)
def test_what_goes_wrong_is_said_in_a_line(kefu: CommandLine, words: tuple[str, ...], code: int, said: str) -> None:
    write("faq.csv", FAQ)
    ran = kefu(*words)
    assert ran.code == code
    assert said in ran.err


def test_the_template_can_be_imported_as_it_is(kefu: CommandLine) -> None:
    for name in ("start.xlsx", "start.csv", "start.jsonl"):
        assert kefu("kb", "template", name).code == 0
    assert kefu("kb", "import", "start.xlsx", "--dry-run", "--json").json["created"] == 2
    assert kefu("kb", "import", "start.csv", "--json").json["created"] == 2
    assert kefu("kb", "import", "start.jsonl", "--json").json["unchanged"] == 2


def test_labelled_questions_are_scored(kefu: CommandLine) -> None:
    kefu("kb", "import", write("faq.csv", FAQ))
    labels = [("营业时间", "你们几点开门"), ("退货流程", "怎么退货"), ("买一架飞机", None)]
    lines = [json.dumps({"question": question, "article": article}) for question, article in labels]

    found = kefu("kb", "eval", write("labels.jsonl", "\n".join(lines)), "--json").json

    assert set(found) == {"questions", "in_scope", "out_of_scope", "auroc", "latency_ms", "confusions"}
    assert (found["questions"], found["in_scope"]["n"], found["out_of_scope"]["n"]) == (3, 2, 1)
    assert found["in_scope"]["top1"] == 1.0


def test_runs_are_kept_compared_drawn_and_tuned_by(kefu: CommandLine) -> None:
    kefu("kb", "import", write("faq.csv", FAQ))
    labels = [("营业时间", "你们几点开门"), ("退掉", "怎么退货"), ("买一架飞机", None)]
    lines = [json.dumps({"question": f"{'呀' * n}{q}", "article": a}) for q, a in labels for n in range(15)]
    file = write("labels.jsonl", "\n".join(lines))

    first = kefu("kb", "eval", file, "--json", "--more", "--save", "first.json", "--curve", "first.svg").json
    kefu("kb", "import", write("worse.csv", FAQ.replace("营业时间|", "").replace("开门", "上新")), "--archive-missing")
    second = kefu("kb", "eval", file, "--against", "first.json", "--tune")

    assert 0 <= first["calibration_error"] <= 1
    assert {key for key, _, _ in first["weakest"]} == {"你们几点开门", "怎么退货"}
    assert Path("first.svg").read_text("utf-8").startswith("<svg")
    assert "45 questions in both" in second.out
    assert "lost: 营业时间" in second.out
    assert "Thresholds are set by these 45 questions" in second.out


def test_an_import_that_breaks_labelled_questions_needs_a_reason(kefu: CommandLine) -> None:
    kefu("kb", "import", write("faq.csv", FAQ))
    labels = "question,article,language\n营业时间,你们几点开门,zh\n退货流程,怎么退货,zh\n"
    assert kefu("kb", "labels", "import", write("labels.csv", labels)).code == 0
    worse = write("worse.csv", FAQ.replace("营业时间|几点关门", "天上的云"))

    refused = kefu("kb", "import", worse)
    assert (refused.code, refused.out) == (1, "")
    assert "of the 2 labelled questions 1 would be served worse: '营业时间' got 你们几点开门" in refused.err
    assert kefu("ask", "营业时间", "--json").json["article"] == "你们几点开门"
    assert "In a chat this is no question" in kefu("ask", "我要找人").out

    assert kefu("kb", "import", worse, "--force", " ").code == 2
    assert kefu("kb", "import", worse, "--force", "we know").code == 0
    assert kefu("ask", "营业时间", "--json").json["outcome"] != "answer"


def test_without_labels_wordings_that_lead_elsewhere_are_named(kefu: CommandLine) -> None:
    kefu("kb", "import", write("faq.csv", FAQ))
    warnings = kefu("kb", "import", write("more.csv", FAQ.replace("几点关门", "退货流程呢")), "--json").json["warnings"]
    assert warnings == ["'退货流程呢' (你们几点开门) would find 怎么退货: '怎么退货？'"]


def test_the_sample_shop_goes_in_and_out_without_a_trace(kefu: CommandLine, tmp_path: Path, database_url: str) -> None:
    kefu("shop", "set", "currency=EUR")
    assert kefu("sample", "load").code == 0
    assert kefu("ask", "茶铺几点开门，几点关门？", "--json").json["article"] == "opening-hours"
    again = kefu("sample", "load")
    assert (again.code, "needs an empty one" in again.err) == (1, True)

    assert kefu("sample", "remove", "--yes").code == 0

    marks = [text.encode() for text in ("满觉陇", "SAMPLE-C01", "Manjuelong", "13800000101", "西湖春")]
    database = Path(database_url.partition(":///")[2])
    files = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    files += database.parent.glob(f"{database.name}*")
    assert database in files
    found = [(path.name, mark.decode()) for path in files for mark in marks if mark in path.read_bytes()]
    assert found == []
    assert kefu("ask", "茶铺几点开门，几点关门？", "--json").json["outcome"] == "none"


def test_a_live_sample_shop_makes_the_owner_choose(kefu: CommandLine) -> None:
    kefu("sample", "load")
    file = write("faq.csv", FAQ)

    asked = kefu("kb", "import", file)
    assert (asked.code, "--replace-sample or --keep-sample" in asked.err) == (2, True)

    kept = kefu("kb", "import", file, "--keep-sample", "--json")
    assert kept.json["created"] == 2
    assert kefu("ask", "茶铺几点开门，几点关门？", "--json").json["article"] == "opening-hours"

    replaced = kefu("kb", "import", file, "--replace-sample", "--json")
    assert replaced.json["unchanged"] == 2
    exported = kefu("kb", "export", "out.csv")
    assert exported.out == "2 articles written to out.csv\n"


def test_a_brand_new_shop_answers_from_the_sample(kefu: CommandLine) -> None:
    first = next(sample_rows.objects("articles.jsonl"))
    ran = kefu("ask", first["question"], "--language", first["language"])
    assert first["answer"] in ran.out
    assert ran.out.startswith("The customer would get this answer (")
