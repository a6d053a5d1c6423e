"""An answer on its page says what the chat says, and nothing in it runs."""

import pytest

from bot.web.article_html import answer_html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("一行", "<p>一行</p>"),
        # lines of a paragraph, and paragraphs
        ("a\nb\n\nc", "<p>a<br>b</p><p>c</p>"),
        # a list between words
        ("带：\n- 茶\n- **杯子**\n谢谢", "<p>带：</p><ul><li>茶</li><li><strong>杯子</strong></li></ul><p>谢谢</p>"),
        # a link within bold words, behind a character of two units
        (
            "🍵 **看 [这里](https://a.cn/?x=1&y=2) 吧**",
            '<p>🍵 <strong>看 <a href="https://a.cn/?x=1&amp;y=2" rel="noopener nofollow">这里</a> 吧</strong></p>',
        ),
        # nothing runs
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        (
            '[x](https://a.cn/"onclick="x)',
            '<p><a href="https://a.cn/&#34;onclick=&#34;x" rel="noopener nofollow">x</a></p>',
        ),
        # nothing
        ("", ""),
    ],
)  # fmt: skip
def test_the_small_markup_as_html(text: str, html: str) -> None:
    assert answer_html(text) == html
