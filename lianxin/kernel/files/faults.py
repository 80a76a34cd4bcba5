"""What may be wrong with a file, without Django, so that the child process starts fast."""


class Fault(Exception):  # noqa: N818 - an answer about a file, turned into a refusal by the caller
    """Something is wrong with a file: ``code`` is one of the codes that :mod:`lianxin.kernel.files.preparing` has words for."""

    def __init__(self, code: str) -> None:  # noqa: D107 - said above
        super().__init__(code)
        self.code = code
