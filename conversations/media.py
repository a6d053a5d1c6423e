"""What a file that somebody sends really is, whatever it is called; and pictures without what they tell on the side.

Pure but for the picture library. Slow for large pictures: call it from a thread.
"""

import io
import warnings
from dataclasses import dataclass
from pathlib import PurePath

import pillow_heif
import puremagic
from PIL import Image, ImageOps, UnidentifiedImageError

from conversations.values import AttachmentKind
from core.errors import InvalidInput

pillow_heif.register_heif_opener(thumbnails=False)

#: A picture of more pixels is refused before it is unpacked: four bytes a pixel have to fit into a small machine.
MOST_PIXELS = 40_000_000
#: Longer sides are made this long, which is what phones and desks can show.
LONGEST_SIDE = 3_000
_QUALITY = 88
_HEAD = 8_192

_OFFICE = "application/vnd.openxmlformats-officedocument"
_SOUND, _FILM, _PAPER = AttachmentKind.AUDIO, AttachmentKind.VIDEO, AttachmentKind.DOCUMENT
#: What is taken beside pictures and plain text. What a browser would run (HTML, SVG, programs) is not here.
_KNOWN: dict[str, tuple[str, AttachmentKind]] = {
    ".pdf": ("application/pdf", _PAPER),
    ".docx": (f"{_OFFICE}.wordprocessingml.document", _PAPER),
    ".xlsx": (f"{_OFFICE}.spreadsheetml.sheet", _PAPER),
    ".pptx": (f"{_OFFICE}.presentationml.presentation", _PAPER),
    ".ogg": ("audio/ogg", _SOUND),
    ".mp3": ("audio/mpeg", _SOUND),
    ".mpga": ("audio/mpeg", _SOUND),
    ".m4a": ("audio/mp4", _SOUND),
    ".wav": ("audio/wav", _SOUND),
    ".amr": ("audio/amr", _SOUND),
    ".mp4": ("video/mp4", _FILM),
    ".mov": ("video/quicktime", _FILM),
    ".webm": ("video/webm", _FILM),
}
_PICTURES = {"JPEG": ("image/jpeg", ".jpg"), "PNG": ("image/png", ".png"), "WEBP": ("image/webp", ".webp")}
_TEXTS = (".txt", ".csv")


class FileRefused(InvalidInput):
    """The file is not of a kind that is taken, or it is damaged."""

    code = "file_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(f"the file {reason}", {"file": reason})


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What is kept of a file: its bytes, a name that fits what it is, and what it is."""

    data: bytes
    name: str
    media_type: str
    kind: AttachmentKind


def clean(data: bytes, name: str) -> Cleaned:
    """The file as it may be kept. Pictures are written anew, turned upright, without place and camera.

    Raises:
        FileRefused
    """
    if not data:
        raise FileRefused("is empty")
    shown = _plain_name(name)
    return _picture(data, shown) or _document(data, shown) or _text(data, shown)


def _plain_name(name: str) -> str:
    """The last part of a path, without what is not printed; long ones keep their ending."""
    last = PurePath(name.replace("\\", "/")).name
    printed = "".join(mark for mark in last if mark.isprintable()).strip(" .")
    stem, suffix = PurePath(printed).stem, PurePath(printed).suffix[:12]
    return (stem[:100] + suffix) or "file"


def _picture(data: bytes, name: str) -> Cleaned | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            opened = Image.open(io.BytesIO(data))
        return _written_anew(opened, name)
    except UnidentifiedImageError:
        return None
    except Image.DecompressionBombError:
        raise FileRefused("has too many pixels") from None
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise FileRefused(f"is a damaged picture ({type(error).__name__})") from None


def _written_anew(opened: Image.Image, name: str) -> Cleaned:
    if opened.width * opened.height > MOST_PIXELS:
        raise FileRefused(f"has too many pixels: {MOST_PIXELS // 1_000_000} million at most")
    written = opened.format if opened.format in _PICTURES else "JPEG"
    upright = ImageOps.exif_transpose(opened)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    if written == "JPEG" and upright.mode != "RGB":
        upright = upright.convert("RGB")
    upright.info = {}  # place, camera, comments, colour profile: nothing of it is written again
    out = io.BytesIO()
    upright.save(out, written, quality=_QUALITY)
    media_type, suffix = _PICTURES[written]
    return Cleaned(out.getvalue(), PurePath(name).stem + suffix, media_type, AttachmentKind.PHOTO)


def _document(data: bytes, name: str) -> Cleaned | None:
    """By its first bytes. Several kinds begin alike: then the name decides among those."""
    try:
        found = [match.extension for match in puremagic.magic_string(data[:_HEAD])]
    except (puremagic.PureError, ValueError):
        return None
    known = [suffix for suffix in found if suffix in _KNOWN]
    own = PurePath(name).suffix.lower()
    if not known:
        return None
    suffix = own if own in known else known[0]
    media_type, kind = _KNOWN[suffix]
    return Cleaned(data, PurePath(name).stem + suffix, media_type, kind)


def _text(data: bytes, name: str) -> Cleaned:
    """Plain text, in whatever encoding: without the bytes that only other files have."""
    suffix = PurePath(name).suffix.lower()
    is_text = suffix in _TEXTS and not any(byte < 32 and byte not in b"\t\n\r\f" for byte in data[:_HEAD])
    if not is_text:
        raise FileRefused("is of a kind that is not taken: photos, sound, video, PDF, Word, Excel and text are")
    return Cleaned(data, name, "text/csv" if suffix == ".csv" else "text/plain", AttachmentKind.DOCUMENT)
