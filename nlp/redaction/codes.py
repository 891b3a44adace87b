"""E-mail addresses, secrets, secrets in web addresses, IP addresses."""

import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv6Address

from nlp.redaction.cues import cue_before
from nlp.redaction.zones import near_digits

Stretch = tuple[int, int]

_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+\-])(?:[A-Za-z0-9._%+\-]|(?<=[A-Za-z])'(?=[A-Za-z])){1,64}"
    r"(?: ?@\n?| ?[\[(](?:at|@|アット)[\])] ?)"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}",
    re.IGNORECASE,
)

_EMAIL_IN_KANJI = re.compile(
    r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9._%+\-]{1,64}@(?=[A-Za-z0-9\-]{0,20}[ぁ-ヿ一-鿿])[ぁ-ヿ一-鿿A-Za-z0-9\-]{1,30}"
    r"\.(?:jp|com|net|org|みんな)(?![A-Za-z])"
)
_SPELT_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9._%+\-]{1,64} ?(?:[\[(]at[\])]| at ) ?[A-Za-z0-9\-]{1,63}"
    r"(?: ?(?:[\[(]dot[\])]| dot ) ?[A-Za-z0-9\-]{2,24}){1,3}(?![A-Za-z0-9])",
    re.IGNORECASE,
)

_PARAMETER = re.compile(
    r"[?&;#](?:(?:access|id|refresh|auth|csrf|reset|invite|security|session)[_\-]?token|token|auth"
    r"|authorization|"
    r"(?:api|access|secret|private)?[_\-]?key(?:[_\-]?id)?|sig|signature|pass(?:word|wd|code)?|pwd|"
    r"(?:client[_\-]?)?secret|session(?:[_\-]?id)?|sid|jsessionid|phpsessid|otp|jwt|credentials?|"
    r"x-(?:amz|goog)-(?:signature|credential|security-token))="
    r"([A-Za-z0-9._~%+/=\-!*'()$,:@]+)",
    re.IGNORECASE,
)
_ONE_TIME_CODE = re.compile(r"[?&]code=([A-Za-z0-9._~%+\-]{16,})")
_ONE_TIME_PATH = re.compile(
    r"/(?:reset|reset-password|password-reset|invite|invitation|magic|magic-link|verify|confirm"
    r"|unsubscribe|activate)"
    r"/([A-Za-z0-9._~\-]{16,})",
    re.IGNORECASE,
)
_USER_INFO = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]{1,14}://([^\s/@:?#]{1,100}:[^\s/@?#]{1,200})@")

_KNOWN_KEY = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}(?:\.[A-Za-z0-9_\-]*)?"
    r"|sk-[A-Za-z0-9_\-]{16,}|(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{10,}|(?:AKIA|ASIA)[0-9A-Z]{16}"
    r"|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_\-]{16,}"
    r"|xox[abeprs]-[A-Za-z0-9\-]{10,}"
    r"|AIza[0-9A-Za-z_\-]{30,}|ya29\.[0-9A-Za-z_\-]{20,}|SG\.[A-Za-z0-9_\-]{16,}\.[A-Za-z0-9_\-]{16,}"
    r"|npm_[A-Za-z0-9]{30,}"
    r"|hf_[A-Za-z0-9]{20,}|koe_[A-Za-z0-9_\-]{16,}|whsec_[A-Za-z0-9+/=]{16,})"
)
_BEARER = re.compile(r"(?<![A-Za-z])(?:Bearer|Basic) +([A-Za-z0-9._~+/\-]{16,}=*)")
_CUED_KEY = re.compile(
    r"(?:api[ _\-]?key|access[ _\-]?key|secret(?:[ _\-]?key)?|token|private[ _\-]?key|credential"
    r"|license key"
    r"|APIキー|アクセスキー|シークレット(?:キー)?|トークン|秘密鍵|認証キー|キー)"
    r"[^A-Za-z0-9\n]{0,6}(?:(?:is|was|value)[ :=\"']{1,3})?(?:[^\x00-\x7f]{0,6})[ :=\"'「]{0,3}"
    r"([A-Za-z0-9+/_\-.]{16,}={0,2})",
    re.IGNORECASE,
)
_CUED_PASSWORD = re.compile(
    r"(?:password|passwd|passcode|pass ?phrase|(?<![a-z])pwd|パスワード|パスコード|合言葉)"
    r"(?P<said> ?(?:is|was|=|:|は|が|を|「)[ :\"'「]{0,3}| )"
    r"(?P<value>[0-9A-Za-z!@#$%^&*][!-\[\]-~]{3,63})",
    re.IGNORECASE,
)
_PIN = re.compile(
    r"(?:暗証番号|(?<![A-Za-z])PIN(?: ?code)?|認証コード)(?: ?(?:is|:|=|は"
    r"|が))? {0,2}「?([0-9]{4,8})(?![0-9])"
)
_HOST = re.compile(r"[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,6}")
_PEM_BEGIN = re.compile(r"-----BEGIN [A-Z ]{0,30}(?:PRIVATE KEY|CERTIFICATE)-----")
_PEM_END = re.compile(r"-----END [A-Z ]{0,30}(?:PRIVATE KEY|CERTIFICATE)-----")

_OPAQUE = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-f]{12,128}"
    r"|[0-9A-F]{16,128})"
    r"(?![0-9A-Za-z])"
)
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = re.compile(rf"(?<![0-9.])(?:{_OCTET}\.){{3}}{_OCTET}(?![0-9]|\.[0-9])")
_SAYS_VERSION = re.compile(
    r"(?:vers\w{1,4}|verzi\w{1,3}|release|build|firmware|driver|patch(?:ed)?|(?:up|down)(?:grad|dat)\w*"
    r"|install\w*|rolled back"
    r"|バージョン|リリース|ビルド|更新|アップデート|アップグレード|ファーム)",
    re.IGNORECASE,
)
_SAYS_HOST = re.compile(
    r"(?:(?<![A-Za-z])(?:ips?|ipv4|dns|nat|vpn|ssh|ping|port|subnet|gateway|router|server|host|proxy"
    r"|login|log(?:ged|s)?"
    r" in|from the address)(?![A-Za-z])|アドレス|サーバ|ホスト|ルータ|接続|アクセス|ログイン)",
    re.IGNORECASE,
)
_VERSION_BEHIND = re.compile(
    r" ?(?:に|へ|を)?(?:更新|アップ|ダウングレード|バージョン|戻し|インストール|リリース)| (?:version"
    r"|release|build|update|firmware|beta)(?![a-z])",
    re.IGNORECASE,
)
_PRODUCT = re.compile(r"[A-Z][A-Za-z]{2,} $")
"""Right before four numbers with a zero among them: “Thunderbird 2.0.0.23”."""
_CONTEXT = 40
_IPV6 = re.compile(r"(?<![0-9A-Za-z:.])[0-9A-Fa-f:]{4,39}(?:\.[0-9]{1,3}){0,3}(?![0-9A-Za-z:])")


def emails(text: str) -> Iterator[Stretch]:
    """Find e-mail addresses, also written with (at) or spelt “jane at example dot com”."""
    for pattern in (_EMAIL, _EMAIL_IN_KANJI, _SPELT_EMAIL):
        for match in pattern.finditer(text):
            yield match.span()


def url_secrets(text: str) -> Iterator[Stretch]:
    """Find what opens a door in a web address: user:password, tokens and signatures in parameters."""
    for pattern in (_PARAMETER, _USER_INFO, _ONE_TIME_CODE, _ONE_TIME_PATH):
        for match in pattern.finditer(text):
            yield match.span(1)


def secrets(text: str) -> Iterator[Stretch]:
    """Find private keys, tokens of well-known forms, and keys and passwords that are announced as such."""
    yield from _pem_blocks(text)
    for match in _KNOWN_KEY.finditer(text):
        yield match.span()
    for pattern in (_BEARER, _CUED_KEY):
        for match in pattern.finditer(text):
            if _is_mixed(match[1]):
                yield match.span(1)
    for match in _CUED_PASSWORD.finditer(text):
        word = match["value"].rstrip(".,;:!?)\"'")
        if _is_password(word, announced=match["said"] != " "):
            yield match.start("value"), match.start("value") + len(word)
    for match in _PIN.finditer(text):
        yield match.span(1)


def ips(text: str) -> Iterator[Stretch]:
    """Find IP addresses; a version of four parts is none where the words around it speak of versions."""
    for match in _IPV6.finditer(text):
        value = match.group().rstrip(":") if not match.group().endswith("::") else match.group()
        if _is_ipv6(value):
            yield match.start(), match.start() + len(value)
    for match in near_digits(_IPV4, text):
        if not _is_version(text, *match.span()):
            yield match.span()


def _is_version(text: str, start: int, end: int) -> bool:
    if cue_before(text, start) == "version" or _VERSION_BEHIND.match(text, end):
        return True
    sentence = re.split(r"[。!?\n]|\. ", text[max(0, start - _CONTEXT) : start])[-1]
    if _SAYS_HOST.search(sentence):
        return False
    return _SAYS_VERSION.search(sentence) is not None or (
        ".0." in text[start:end] and _PRODUCT.search(sentence) is not None
    )


def opaque(text: str) -> Iterator[Stretch]:
    """Find what is no person's: UUIDs and hashes, in which digits look like phone numbers and codes."""
    for match in near_digits(_OPAQUE, text):
        if _is_mixed(match.group()):
            yield match.span()


def _pem_blocks(text: str) -> Iterator[Stretch]:
    position = 0
    while begin := _PEM_BEGIN.search(text, position):
        end = _PEM_END.search(text, begin.end())
        position = end.end() if end else len(text)
        yield begin.start(), position


def _is_mixed(value: str) -> bool:
    return any(char.isdigit() for char in value) and any(char.isalpha() for char in value)


def _is_password(word: str, *, announced: bool) -> bool:
    """Tell `hunter2` from the rest of a sentence: digits among letters, or signs that words do not hold."""
    signs = any(char in "!@#$%^&*" for char in word)
    return (
        len(word) >= 4
        and not _HOST.fullmatch(word)
        and (_is_mixed(word) or (announced and signs and len(word) >= 6))
    )


def _is_ipv6(value: str) -> bool:
    groups = [group for group in value.split(":") if group]
    if value.count(":") < 2 or len(groups) < 2 or not any(char.isdigit() for char in value):
        return False
    try:
        IPv6Address(value)
    except AddressValueError:
        return False
    return True
