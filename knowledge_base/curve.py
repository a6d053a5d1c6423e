"""How sure the search was against how often it was right, as a picture. Pure."""

from collections.abc import Sequence
from html import escape

from knowledge_base.evaluation import ReliabilityBin

_SIZE, _EDGE = 320, 48
_LARGEST, _SMALLEST = 11.0, 2.5


def draw(bins: Sequence[ReliabilityBin], error: float, title: str) -> str:
    """An SVG: a dot a bin, as large as the bin is full; on the diagonal confidence is a probability."""
    most = max((one.count for one in bins), default=1)
    whole = _SIZE + 2 * _EDGE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {whole}" width="{whole}" height="{whole}" '
        'font-family="sans-serif" font-size="12" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{whole}" height="{whole}" fill="#fff"/>',
        *_grid(),
        *(_dot(one, most) for one in bins),
        _text(whole / 2, 20, f"{title}: calibration error {error:.3f}"),
        _text(whole / 2, whole - 8, "confidence"),
        f'<g transform="rotate(-90 12 {whole / 2})">{_text(12, whole / 2, "share that was right")}</g>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _grid() -> list[str]:
    lines = [_line(0, 0, 1, 1, "#999", ' stroke-dasharray="4 4"')]
    for tenth in range(0, 11, 2):
        at = tenth / 10
        lines += [_line(at, 0, at, 1, "#e5e5e5"), _line(0, at, 1, at, "#e5e5e5")]
        lines += [
            _text(_x(at), _y(0) + 16, f"{at:.1f}"),
            _text(_x(0) - 6, _y(at) + 4, f"{at:.1f}", "end"),
        ]
    return lines


def _dot(one: ReliabilityBin, most: int) -> str:
    radius = max(_SMALLEST, _LARGEST * (one.count / most) ** 0.5)
    words = f"{one.count} questions between {one.low:.1f} and {one.high:.1f}: sure {one.confidence:.0%}, right "
    return (
        f'<circle cx="{_x(one.confidence):.1f}" cy="{_y(one.accuracy):.1f}" r="{radius:.1f}" fill="#1f6feb" '
        f'fill-opacity="0.75"><title>{words}{one.accuracy:.0%}</title></circle>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, more: str = "") -> str:
    ends = f'x1="{_x(x1):.1f}" y1="{_y(y1):.1f}" x2="{_x(x2):.1f}" y2="{_y(y2):.1f}"'
    return f'<line {ends} stroke="{colour}"{more}/>'


def _text(x: float, y: float, words: str, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#333">{escape(words)}</text>'


def _x(share: float) -> float:
    return _EDGE + share * _SIZE


def _y(share: float) -> float:
    return _EDGE + (1 - share) * _SIZE
