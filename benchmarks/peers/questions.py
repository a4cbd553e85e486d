"""The twenty questions as a bot's developer has them in a module, with how each is understood."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

YES_NO = ("Yes", "No")
WAY = ("On foot", "By bicycle", "By bus", "By car", "By boat")
OFTEN = ("Every day", "Every week", "Now and then", "Never")
TROUBLE = ("The price", "Safety", "The weather", "Crowds", "None of these")
FIVE = ("1", "2", "3", "4", "5")
THANKS = "Thank you! Your answers were received."


class NotUnderstood(ValueError):
    """What was typed is no answer; the text says why."""


@dataclass(frozen=True)
class Question:
    text: str
    kind: str = "one"
    choices: tuple[str, ...] = ()
    least: float = 0
    most: float = 1e9

    def understand(self, said: str) -> str:
        """The answer to keep; raises `NotUnderstood`."""
        said = said.strip()
        match self.kind:
            case "one":
                return self._choice(said)
            case "several":
                return " ".join(self._choice(one.strip()) for one in said.split(","))
            case "integer" | "decimal":
                return str(self._number(said))
            case "date":
                try:
                    return date.fromisoformat(said).isoformat()
                except ValueError:
                    raise NotUnderstood("Send a date, such as 2024-12-31.") from None
            case _:
                return said

    def _choice(self, said: str) -> str:
        if said.isdecimal() and 1 <= int(said) <= len(self.choices):
            return self.choices[int(said) - 1]
        for choice in self.choices:
            if choice.casefold() == said.casefold():
                return choice
        raise NotUnderstood(f"Choose one of: {', '.join(self.choices)}.")

    def _number(self, said: str) -> float:
        try:
            number = int(said) if self.kind == "integer" else float(said)
        except ValueError:
            raise NotUnderstood("Send a number.") from None
        if not self.least <= number <= self.most:
            raise NotUnderstood(f"Send a number from {self.least} to {self.most}.")
        return number


QUESTIONS = (
    Question("Q01. How do you get around most of the time?", choices=WAY),
    Question("Q02. How often do you take the bus?", choices=OFTEN),
    Question("Q03. How often do you take the boat?", choices=OFTEN),
    Question("Q04. Do you own a bicycle?", choices=YES_NO),
    Question("Q05. What keeps you from going out?", "several", TROUBLE),
    Question("Q06. How many people live in your household?", "integer", least=1, most=60),
    Question("Q07. How many minutes does your way to work take?", "integer", least=0, most=600),
    Question("Q08. How many kilometres is it to the next stop?", "decimal"),
    Question("Q09. How clean is the bus?", choices=FIVE),
    Question("Q10. How punctual is the bus?", choices=FIVE),
    Question("Q11. Is there a timetable at your stop?", choices=YES_NO),
    Question("Q12. How do you reach the stop?", "several", WAY),
    Question("Q13. Which line do you take most?", "text"),
    Question("Q14. When did you last take the bus?", "date"),
    Question("Q15. How would you like to get around?", choices=WAY),
    Question("Q16. What should be mended first?", "several", TROUBLE),
    Question("Q17. How many coins is a ticket worth to you?", "integer"),
    Question("Q18. Would you take a night bus?", choices=YES_NO),
    Question("Q19. How content are you?", choices=FIVE),
    Question("Q20. What else should we know?", "text"),
)
