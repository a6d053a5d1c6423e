"""The sample shop's snapshot as it ships, so that its first question need not wait until it is built.

`python -m tools.sample_index` makes it anew when the sample's texts, the packaged models or `plans.FORMAT` change: a
snapshot's name says what went into it, so that an old one is never taken for a new one.
"""

import tarfile
from pathlib import Path

FOLDER = Path(__file__).parent / "samples" / "index"


def archive_of(name: str) -> Path:
    """Where the snapshot `name` lies if it ships."""
    return FOLDER / f"{name}.tar.gz"


def unpack(name: str, folder: Path) -> Path | None:
    """The snapshot `name`, put under `folder`; None when it does not ship."""
    archive = archive_of(name)
    if not archive.is_file():
        return None
    with tarfile.open(archive) as files:
        files.extractall(folder / name, filter="data")
    return folder / name


def pack(snapshot: Path) -> Path:
    """Makes `snapshot` the one that ships."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    archive = archive_of(snapshot.name)
    with tarfile.open(archive, "w:gz") as files:
        for file in sorted(snapshot.iterdir()):
            files.add(file, file.name, filter=_without_owner)
    return archive


def _without_owner(file: tarfile.TarInfo) -> tarfile.TarInfo:
    file.uid = file.gid = file.mtime = 0
    file.uname = file.gname = ""
    return file
