"""Messages that no person wrote: automatic replies, notices of delivery, mail that nobody may answer.

Told only by what such mail says of itself in its title or its first lines; a customer who writes *about* an
automatic reply ("the automatic reply never arrives") is a customer.
"""

import re

FIRST_LINES = 240
"""Code points of a message in which it says of itself that it is automatic."""

LONGEST_TITLE = 200
"""Characters read of a title: what says that nobody wrote it stands at its beginning."""
_TITLE = re.compile(
    r"^\s*(?:(?:re|fwd?)\s*[:：]\s*)*[\[【(（]?\s*"
    r"(?:automatic reply|auto(?:matic)?[- ]?(?:reply|response)|out of (?:the )?office|autoreply"
    r"|undeliver(?:able|ed)(?: mail(?: returned to sender)?)?|delivery status notification"
    r"|mail delivery (?:failed|failure|subsystem)"
    r"|returned mail|自動(?:返信|応答|送信|配信)|不在(?:通知|のお知らせ|連絡)|配信(?:不能|エラー)通知)"
    r"(?:\s*(?:メール|のお知らせ|通知))?\s*(?:$|[:：\])】）])",
    re.IGNORECASE,
)
_SAYS_SO = re.compile(
    r"this is an automat(?:ed|ic) (?:message|reply|response|e-?mail|notification)"
    r"|this (?:message|e-?mail) (?:was|is|has been) (?:automatically|auto-?) ?(?:generated|sent)"
    r"|do not reply to this (?:automated )?(?:message|e-?mail)"
    r"|i(?:'m| am)(?: currently)? out of (?:the )?office"
    r"|(?:本|この|当)(?:メール|メッセージ|通知)は[、,]?.{0,30}?(?:送信専用|自動(?:的に|で)?.{0,8}(?:送信|配信|返信|送って|お送り))"
    r"|(?:休暇|出張|外出|退職)の(?:ため|為)[、,]?.{0,20}不在(?:に|と|で)",
    re.IGNORECASE,
)


def is_automatic(title: str, message: str) -> bool:
    """Say whether a title, or the first lines of a message, tell that no person wrote it."""
    says_title = _TITLE.match(title.strip()[:LONGEST_TITLE])
    return says_title is not None or _SAYS_SO.search(message[:FIRST_LINES]) is not None
