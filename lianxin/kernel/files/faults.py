"""What may be wrong with a file, without Django, so that the child process starts fast."""


class Fault(Exception):  # noqa: N818 - an answer about a file, turned into a refusal by the caller
    """``code`` is one of the codes that :mod:`lianxin.kernel.files.preparing` has words for."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
