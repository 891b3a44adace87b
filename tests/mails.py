"""Mails as programs write them, for tests: of customers, of a shop that answers, in its Japanese forms."""

import base64


def jis(text: str) -> bytes:
    """Write text as ISO-2022-JP as mailers on Windows do: with the rows that CP932 adds, and ESC ( I."""
    out, mode = bytearray(), b"\x1b(B"
    for character in text:
        raw = character.encode("cp932")
        if len(raw) == 2:
            lead = raw[0] - (0x40 if raw[0] >= 0xE0 else 0)
            late = raw[1] >= 0x9F
            cell = raw[1] - 0x7E if late else raw[1] - (0x1F if raw[1] < 0x7F else 0x20)
            wanted, written = b"\x1b$B", bytes(((lead - 0x81) * 2 + 0x21 + late, cell))
        elif raw[0] < 0x80:
            wanted, written = b"\x1b(B", raw
        else:
            wanted, written = b"\x1b(I", bytes((raw[0] & 0x7F,))
        out += (b"" if wanted == mode else wanted) + written
        mode = wanted
    return bytes(out) + (b"" if mode == b"\x1b(B" else b"\x1b(B")


def word(charset: str, raw: bytes) -> bytes:
    """Return an encoded word of a header."""
    return b"=?%s?B?%s?=" % (charset.encode(), base64.b64encode(raw))


def mail(body: bytes = b"It does not start.\n", /, **fields: str | bytes) -> bytes:
    """Return a mail; fields are named with `_` for `-`, and an empty value leaves one out."""
    usual: dict[str, str | bytes] = {
        "From": "Aya Mori <aya@customer.example>",
        "To": "support@shop.example",
        "Subject": "Help",
        "Date": "Mon, 4 May 2026 10:00:00 +0900",
        "Message-ID": "<one@customer.example>",
    }
    given = {name.replace("_", "-"): value for name, value in fields.items()}
    lines = [
        name.encode() + b": " + (value if isinstance(value, bytes) else value.encode())
        for name, value in {**usual, **given}.items()
        if value
    ]
    return b"\r\n".join([*lines, b"", body])


def mbox(*mails: bytes) -> bytes:
    """Return mails in one file."""
    return b"".join(b"From aya@customer.example Mon May  4 10:00:00 2026\n" + one + b"\n" for one in mails)


def asked(number: int, **fields: str | bytes) -> bytes:
    """Return a question of customer `number` to support."""
    usual: dict[str, str | bytes] = {
        "From": f"c{number}@mail{number}.example",
        "Message_ID": f"<q{number}@mail{number}.example>",
    }
    return mail(b"Question %d\n" % number, **{**usual, **fields})


def answered(number: int, **fields: str | bytes) -> bytes:
    """Return the answer of support to it."""
    usual: dict[str, str | bytes] = {
        "From": "Support <support@shop.example>",
        "To": f"c{number}@mail{number}.example",
        "Message_ID": f"<a{number}@shop.example>",
        "In_Reply_To": f"<q{number}@mail{number}.example>",
    }
    return mail(b"Answer %d\n" % number, **{**usual, **fields})
