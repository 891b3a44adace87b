"""Word documents and PDF files made by hand, as small as they can be."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

_NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def run(text: str) -> str:
    """Return a run of text as Word writes it, line ends as breaks."""
    return "<w:r><w:br/></w:r>".join(
        f'<w:r><w:t xml:space="preserve">{escape(part)}</w:t></w:r>' for part in text.split("\n")
    )


def paragraph(inner: str, *, style: str = "", listed: bool = False) -> str:
    """Return a paragraph around runs."""
    told = f'<w:pStyle w:val="{style}"/>' if style else ""
    told += '<w:numPr><w:numId w:val="1"/></w:numPr>' if listed else ""
    return f"<w:p><w:pPr>{told}</w:pPr>{inner}</w:p>"


def table(*rows: Sequence[str]) -> str:
    """Return a table of texts."""
    cells = ("".join(f"<w:tc>{paragraph(run(cell))}</w:tc>" for cell in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


def write_docx(path: Path, *body: str, styles: str = "") -> Path:
    """Write a Word document of paragraphs and tables."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "word/document.xml",
            f"<?xml version='1.0'?><w:document {_NAMESPACE}><w:body>{''.join(body)}</w:body></w:document>",
        )
        archive.writestr(
            "word/styles.xml", f"<?xml version='1.0'?><w:styles {_NAMESPACE}>{styles}</w:styles>"
        )
    return path


def write_bomb(path: Path, kind: str, member: str) -> Path:
    """Write an archive that is small, and `big`, `many` or a declarer of `entities` when unpacked."""
    folder = member.partition("/")[0]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        if kind == "big":
            archive.writestr(member, b"0" * (50 << 20))
        elif kind == "many":
            for number in range(2_500):
                archive.writestr(f"{folder}/{number}.xml", b"")
        else:
            archive.writestr(member, b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "a">]><x/>')
    return path


def write_pdf(path: Path, *pages: Sequence[str]) -> Path:
    """Write a PDF with these lines, ASCII without brackets, on its pages."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    kids = []
    for lines in pages:
        shown = "".join(
            f"BT /F1 9 Tf 40 {760 - 14 * at} Td ({line}) Tj ET\n" for at, line in enumerate(lines)
        ).encode()
        objects.append(b"<< /Length %d >>\nstream\n%sendstream" % (len(shown), shown))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    data = b"%PDF-1.4\n"
    places = []
    for number, written in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, written)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    tail = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(data))
    path.write_bytes(data + head + tail)
    return path
