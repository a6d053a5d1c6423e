"""What a file really is decides, not its name; pictures lose what they tell on the side."""

import io

import pillow_heif
import pytest
from PIL import ExifTags, Image

from conversations import media
from conversations.media import FileRefused, clean
from conversations.values import AttachmentKind

HANGZHOU = (30.0, 16.0, 0.0)


def picture(form: str = "JPEG", size: tuple[int, int] = (40, 20), orientation: int = 1) -> bytes:
    """A red picture that tells where it was taken."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "SECRETCAM"
    exif[ExifTags.Base.Orientation] = orientation
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = HANGZHOU
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, form, exif=exif)
    return out.getvalue()


def heic() -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (64, 48), "red")).save(out)
    return out.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_picture_loses_place_and_camera_and_stays_a_picture(form: str) -> None:
    sent = picture(form)
    assert b"SECRETCAM" in sent
    kept = clean(sent, "tin.jpg")
    shown = Image.open(io.BytesIO(kept.data))
    assert shown.format == form
    assert not shown.getexif()
    assert b"SECRETCAM" not in kept.data
    assert kept.kind is AttachmentKind.PHOTO


def test_a_picture_taken_sideways_is_turned_upright() -> None:
    shown = Image.open(io.BytesIO(clean(picture(orientation=6), "tin.jpg").data))
    assert shown.size == (20, 40)


def test_what_phones_call_heic_becomes_a_picture_that_everybody_can_open() -> None:
    kept = clean(heic(), "IMG_0042.HEIC")
    assert (kept.name, kept.media_type) == ("IMG_0042.jpg", "image/jpeg")
    assert Image.open(io.BytesIO(kept.data)).format == "JPEG"


def test_a_very_large_picture_is_made_smaller() -> None:
    shown = Image.open(io.BytesIO(clean(picture(size=(6_000, 30)), "wide.jpg").data))
    assert max(shown.size) == media.LONGEST_SIDE


# bytes, name -> media type, name that is kept
KINDS = [
    (b"%PDF-1.7\n%", "bill.pdf", "application/pdf", "bill.pdf"),
    # the content decides: a PDF that calls itself a picture
    (b"%PDF-1.7\n%", "bill.jpg", "application/pdf", "bill.pdf"),
    (b"OggS\0\2" + bytes(40), "voice.oga", "audio/ogg", "voice.ogg"),
    (b"\0\0\0\x18ftypM4A " + bytes(40), "memo.m4a", "audio/mp4", "memo.m4a"),
    (b"\0\0\0\x18ftypmp42" + bytes(40), "clip.mp4", "video/mp4", "clip.mp4"),
    ("订单 A-1".encode("gbk"), "note.txt", "text/plain", "note.txt"),
    # a path and control characters are no part of a name
    (b"%PDF-1.7\n%", "..\\..\\etc/pass\x00wd\u202e.pdf", "application/pdf", "passwd.pdf"),
]


@pytest.mark.parametrize(("data", "name", "media_type", "kept_name"), KINDS)
def test_a_file_is_what_its_bytes_say(data: bytes, name: str, media_type: str, kept_name: str) -> None:
    kept = clean(data, name)
    assert (kept.media_type, kept.name) == (media_type, kept_name)


# bytes, name, what the refusal says
REFUSED = [
    (b"", "empty.pdf", "is empty"),
    # what a browser would run
    (b"<html><script>alert(1)</script></html>", "page.html", "not taken"),
    (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "logo.svg", "not taken"),
    (b"<html><script>alert(1)</script></html>", "photo.jpg", "not taken"),
    # programs
    (b"MZ" + bytes(60), "setup.exe", "not taken"),
    (b"\x7fELF" + bytes(60), "notes.txt", "not taken"),
    # a picture that ends in the middle
    (picture()[:300], "half.jpg", "damaged"),
]


@pytest.mark.parametrize(("data", "name", "reason"), REFUSED)
def test_what_may_run_or_is_damaged_is_refused_in_words(data: bytes, name: str, reason: str) -> None:
    with pytest.raises(FileRefused, match=reason):
        clean(data, name)


def test_a_picture_that_would_fill_the_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "MOST_PIXELS", 100)
    with pytest.raises(FileRefused, match="too many pixels"):
        clean(picture("PNG"), "bomb.png")
