"""What somebody may do: each scope holds those before it."""

from enum import IntEnum


class Scope(IntEnum):
    """`public` is for the door itself; everything else is for a token or a session."""

    PUBLIC = 0
    READ = 1
    RUN = 2
    ADMIN = 3

    @property
    def word(self) -> str:
        """The scope as commands, files and answers write it."""
        return self.name.lower()

    def allows(self, wanted: "Scope") -> bool:
        """Whether what is wanted lies within this scope.

        Example:
            >>> Scope.RUN.allows(Scope.READ), Scope.READ.allows(Scope.RUN)
            (True, False)
        """
        return self >= wanted


GRANTED = (Scope.READ, Scope.RUN, Scope.ADMIN)


def parse_scope(word: str) -> Scope | None:
    """The scope of a word that a token may have.

    Example:
        >>> parse_scope("run"), parse_scope("public")
        (<Scope.RUN: 2>, None)
    """
    return next((scope for scope in GRANTED if scope.word == word), None)
