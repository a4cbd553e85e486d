"""Small files, made here: documents as programs write them, and what may be hidden in them."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
PROGRAM = b"MZ\x90\0\3\0\0\0"
PICTURE = b"\xff\xd8\xff\xe0 a picture"

_RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = """<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="bin" ContentType="application/vnd.openxmlformats-officedocument.oleObject"/>
<Override PartName="/word/document.xml" ContentType="{}"/></Types>"""
_WORDS = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def zipped(parts: Mapping[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def office(further: Mapping[str, str | bytes] | None = None, content_type: str = _WORDS) -> bytes:
    """A `.docx` with these parts besides."""
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": _TYPES.format(content_type),
        "word/document.xml": "<?xml version='1.0'?><w:document><w:t>ActiveX and vbaProject: no</w:t></w:document>",
        "word/media/image1.jpeg": PICTURE,
        "word/media/image2.emz": b"\x1f\x8b a metafile",
    }
    return zipped(parts | dict(further or {}))


def relation(kind: str, target: str, mode: str = "External") -> dict[str, str | bytes]:
    """The list of what a `.docx` refers to, with one line."""
    line = f'<Relationship Id="r>1" Type="{_RELATIONSHIPS}/{kind}" Target="{target}" TargetMode="{mode}"/>'
    return {"word/_rels/settings.xml.rels": f"<Relationships>{line}</Relationships>"}


def opened(further: Mapping[str, str | bytes] | None = None) -> bytes:
    """An `.odt` with these parts besides, or in place of its own."""
    parts: dict[str, str | bytes] = {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "META-INF/manifest.xml": "<?xml version='1.0'?><manifest:manifest/>",
        "content.xml": "<?xml version='1.0'?><office:document-content><office:scripts/><text:p>module </text:p>",
        "Object 1/content.xml": "<?xml version='1.0'?><office:document-content/>",
        "Thumbnails/thumbnail.png": b"\x89PNG\r\n",
    }
    return zipped(parts | dict(further or {}))


def flat(body: str = "", encoding: str = "UTF-8", prolog: str = "") -> bytes:
    """An `.fodt`, as LibreOffice writes one without macros, with this in it besides."""
    text = f"""<?xml version="1.0" encoding="{encoding}"?>
{prolog}<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0">
<office:scripts><office:script script:language="ooo:Basic"><ooo:libraries>
<ooo:library-embedded ooo:name="Standard"/></ooo:libraries></office:script></office:scripts>
<office:body><office:text><text:p>A module of work, an event-listener</text:p>{body}</office:text></office:body>
</office:document>"""
    return text.encode("utf-16" if encoding == "UTF-16" else "utf-8")


def pdf(
    *objects: str, packed: bytes | None = None, said: str = "/Type/ObjStm/N 1/First 4/Filter/FlateDecode"
) -> bytes:
    """A PDF document with an outline, a packed page, these objects, and packed objects where given."""
    page = zlib.compress(b"q 1 0 0 1 72 720 cm BT (JavaScript) Tj ET Q")
    parts = [b"%PDF-1.7", b"1 0 obj<</Type/Outlines/First 3 0 R/Count 1>>endobj"]
    parts.append(b"2 0 obj<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream endobj" % (len(page), page))
    parts += [f"{number} 0 obj{body}\nendobj".encode() for number, body in enumerate(objects, start=3)]
    if packed is not None:
        parts.append(f"9 0 obj<<{said}>>stream".encode() + b"\r\n" + packed + b"\r\nendstream endobj")
    return b"\n".join([*parts, b"%%EOF"])
