"""What people may type, in English: the keys under which each language's own words are in its catalogue.

Each entry is a list with commas, or with semicolons where a word holds a comma; the main word comes first. It
is looked up whole, so a language gives as many words as its people use. A slash parts forms of a number word.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.flows.lexicon import Command
from bot.flows.speech import N_

WORDS_CONTEXT = "words"
OWN_NAME_CONTEXT = "own name"


def NP_(context: str, message: str) -> str:  # noqa: N802 (after gettext's N_ and pgettext)
    """Mark a message that means something else elsewhere; it is looked up with its context."""
    del context
    return message


# TRANSLATORS: the name of your own language, in your language
OWN_NAME = NP_("own name", "English")

COMMAND_WORDS: Mapping[Command, str] = {
    # TRANSLATORS: command words: begin, or begin again
    Command.START: NP_("words", "start, begin"),
    # TRANSLATORS: command words: show what can be sent
    Command.HELP: NP_("words", "help, menu"),
    # TRANSLATORS: command words: change the language
    Command.LANGUAGE: NP_("words", "language, change language"),
    # TRANSLATORS: command words: to the question before
    Command.BACK: NP_("words", "back, previous, go back"),
    # TRANSLATORS: command words: leave this question without an answer
    Command.SKIP: NP_("words", "skip, pass"),
    # TRANSLATORS: command words: list the sections of the questionnaire
    Command.SECTIONS: NP_("words", "sections, contents"),
    # TRANSLATORS: command words: how much is done
    Command.PROGRESS: NP_("words", "progress"),
    # TRANSLATORS: command words: show the answers given so far
    Command.REVIEW: NP_("words", "review, my answers, show my answers"),
    # TRANSLATORS: command words: stop for now, go on later
    Command.PAUSE: NP_("words", "pause, not now"),
    # TRANSLATORS: stop words: no more messages, ever; each works as a whole message at any time, so no word
    # that people use as an answer
    Command.STOP: NP_("words", "stop, unsubscribe, stopall, stop all"),
    # TRANSLATORS: command words: give me everything you hold about me
    Command.MYDATA: NP_("words", "my data"),
    # TRANSLATORS: command words: erase everything you hold about me
    Command.FORGET: NP_("words", "forget me, forget, erase me, delete my data"),
    # TRANSLATORS: command words: take my answers out of the results
    Command.WITHDRAW: NP_("words", "withdraw, withdraw my answers"),
    # TRANSLATORS: command words: take part in another consultation; its code follows
    Command.JOIN: NP_("words", "join"),
    # TRANSLATORS: command words: who asks, and why
    Command.ABOUT: NP_("words", "about"),
    # TRANSLATORS: command words: for staff, show the results of a consultation
    Command.RESULTS: NP_("words", "results"),
}

COMMAND_DESCRIPTIONS: Mapping[Command, str] = {
    Command.START: N_("Start, or go on where you stopped"),
    Command.HELP: N_("Show what you can send"),
    Command.LANGUAGE: N_("Change the language; your answers are kept"),
    Command.BACK: N_("Go back to the question before"),
    Command.SKIP: N_("Leave this question unanswered"),
    Command.SECTIONS: N_("See the sections and jump to one"),
    Command.PROGRESS: N_("See how much is done and what is left"),
    Command.REVIEW: N_("See all your answers and change them"),
    Command.PAUSE: N_("Take a break and go on later"),
    Command.STOP: N_("Get no more messages"),
    Command.MYDATA: N_("Get everything we hold about you"),
    Command.FORGET: N_("Have everything about you erased"),
    Command.WITHDRAW: N_("Take your answers out of the results"),
    Command.JOIN: N_("Take part in a consultation by its code"),
    Command.ABOUT: N_("See who asks, why and until when"),
    Command.RESULTS: N_("See results (staff only)"),
}
"""One short sentence for each command, for help and for a platform's list of commands."""

# TRANSLATORS: ways to say yes
YES = NP_("words", "yes, yeah, yep, yup, y, ok, okay, sure, of course")
# TRANSLATORS: ways to say no
NO = NP_("words", "no, nope, nah, n")
# TRANSLATORS: ways to say "I don't know"
DONT_KNOW = NP_("words", "I don't know, don't know, dont know, do not know, dunno, idk, no idea, not sure")
# TRANSLATORS: ways to consent to take part
AGREE = NP_("words", "I agree, agree, accept, I accept")
# TRANSLATORS: ways to refuse to take part
DECLINE = NP_(
    "words",
    "I decline; decline; no thank you; no, thank you; no thanks; no, thanks; I do not agree; I don't agree",
)
# TRANSLATORS: ways to ask for more text or for the next page
MORE = NP_("words", "more, read more, show more, next")
# TRANSLATORS: ways to end a choice of several options
DONE = NP_("words", "done, finished, that's all, that is all")
# TRANSLATORS: ways to hand in all answers
SUBMIT = NP_("words", "submit, send, send my answers")
# TRANSLATORS: what may stand before the number of an answer to change
CHANGE = NP_("words", "change, edit, correct")
# TRANSLATORS: ways to choose none of several options
NONE = NP_("words", "none, none of these, none of them, nothing")
# TRANSLATORS: what stands between the members of a list
JOINERS = NP_("words", "and, or, &, +")

# TRANSLATORS: the numbers from 0 to 20 in this order; a slash between forms of one number (uno/una)
NUMERALS = NP_(
    "words",
    "zero, one, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve, thirteen, fourteen, "
    "fifteen, sixteen, seventeen, eighteen, nineteen, twenty",
)

RELATIVE_DAYS: Mapping[int, str] = {
    -2: NP_("words", "the day before yesterday, day before yesterday"),
    -1: NP_("words", "yesterday"),
    0: NP_("words", "today"),
    1: NP_("words", "tomorrow"),
    2: NP_("words", "the day after tomorrow, day after tomorrow"),
}
"""Words for days, by their distance from today."""
