"""Why a correction is not made, or a preview not taken, in words.

Each has the name under which pages have it in other languages.
"""

from typing import TypeVar

from service.errors import Conflict, Forbidden, KoeError, WrongUse

E = TypeVar("E", bound=KoeError)

TOLD = {
    "no_op": "“{op}” is no correction; there are {ops}.",
    "title_long": "A title has at most {most} characters.",
    "reason_long": "A reason has at most {most} characters.",
    "many_voices": "One correction is about at most {most} voices; make several.",
    "many_themes": "One correction is about at most {most} themes; make several.",
    "with_itself": "A theme cannot be merged with itself.",
    "no_title": "{op} takes no title.",
    "needs_create": "create needs voices and a title, and no theme.",
    "needs_rename": "rename needs one theme and a title.",
    "needs_merge": "merge needs two themes or more, and no voices.",
    "needs_split": "split needs one theme: with voices of it, or a sub-theme as a whole.",
    "needs_move": "move needs voices, and one theme to move them to, or none.",
    "needs_must_link": "must_link needs two voices or more.",
    "needs_cannot_link": "cannot_link needs two voices or more, or two themes or more.",
    "needs_ignore": "ignore needs one theme, or voices.",
    "needs_pin": "pin needs one theme.",
    "no_target": "Choose a theme.",
    "unknown_theme": "No theme is called “{title}”; write its title as it stands, or its id.",
    "like_themes": "No theme is called “{title}”; do you mean one of these? {themes}",
    "which_theme": "Several themes are called “{title}”; write the id of the one that you mean: {themes}",
    "no_voices": "Choose voices first.",
    "part": "“{title}” is part of a theme; this is for whole themes.",
    "part_voices": "“{title}” is part of a theme; split it off as a whole, or split the theme.",
    "which_voices": "Say which voices leave the theme, or name a sub-theme.",
    "strangers": "{count} of these voices are not in “{title}”; move those instead.",
    "all_of_it": "That is all of it, so nothing would be left of the theme; rename it instead.",
    "ended": "“{title}” has ended, and no other theme took its place.",
    "overtaken": "Somebody else has just changed “{title}”. Nothing was done; look at it as it is now.",
    "one_already": "These themes are one already.",
    "both_pinned": "Both themes are pinned; take the pin off one of them first.",
    "opposite": "{by} said the opposite on {day} ({op}, correction {correction}); take that back first.",
    "swallowed": (
        "{by} made “{title}” part of another theme since ({op}, correction {correction}); "
        "take that back first."
    ),
    "preview_outdated": (
        "People have changed themes since this preview was made, and it does not know of that. "
        "Make it anew: koe run --preview"
    ),
    "run_at_work": "A run is at work right now; take the preview when it is through.",
    "preview_gone": "This preview was thrown away. Make another: koe run --preview",
    "run_superseded": "This run was live before; a later one has taken its place, and it cannot come back.",
    "preview_cut": "This preview was cut off before it was made. Make it anew: koe run --preview",
    "no_preview": "This run is no preview; there is nothing to decide about it.",
    "views_of_others": "This view is {whose}'s.",
    "came_of_suggestion": "This came of a suggestion; open the suggestion again instead.",
    "being_told": "Customers are being told of this already, so it stays.",
    "last_admin": (
        "{who} is the only administrator who is let in. Make somebody else one first: "
        "koe user add EMAIL --role admin"
    ),
    "not_let_in": "{who} is not let in any longer; let them in again first: koe user enable {email}",
    "no_longer_revoked": "This token has been over for too long to bring back. Make another one.",
    "name_in_use": "There is a token called {token} already. Revoke it, or choose another name.",
    "built_upon": "{by} corrected “{title}” since ({op}, correction {correction}); take that back first.",
}


def conflict(name: str, **words: object) -> Conflict:
    """Return the error for what cannot be done as things stand."""
    return _named(Conflict, name, words)


def forbidden(name: str, **words: object) -> Forbidden:
    """Return the error for what somebody else has to do."""
    return _named(Forbidden, name, words)


def wrong(name: str, **words: object) -> WrongUse:
    """Return the error for what makes no sense."""
    return _named(WrongUse, name, words)


def _named(kind: type[E], name: str, words: dict[str, object]) -> E:
    error = kind(TOLD[name].format(**words))
    error.name, error.words = name, words
    return error
