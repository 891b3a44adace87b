"""Words that greet, close or introduce, and so are no names of people."""

_WORDS = """
team support all there everyone everybody guys folks friends friend community sir madam sirs customer
service help desk helpdesk staff developers developer mozilla thunderbird firefox google microsoft apple
amazon again admin administrator moderator moderators experts expert people users user volunteers
volunteer to whom it may thanks thank regards best please windows linux mac macos android sent from
hello dear kind cheers yours sincerely i we you he she they the a an this that my our your is not using
having trying unable sorry new on in at for with and but if when after since just still now today
yesterday monday tuesday wednesday thursday friday saturday sunday january february march april june
july august september october november december any anyone anybody could can how what why where who
english german french spanish italian japanese ps note edit hi hey ok yes no gmail outlook yahoo office
excel word outlook powerpoint app apps ever product manager sales account order billing company
inc ltd llc gmbh beta version mr mrs ms miss mx dr prof herr frau
"""
"""What follows a greeting or stands under a closing word without being a name."""
_NO_NAMES = frozenset(_WORDS.split())


def is_word_of_letters(words: str) -> bool:
    """Tell whether `words` hold one of those that greet, close or introduce, and so are no name."""
    return any(word.strip(".,").lower() in _NO_NAMES for word in words.split())
