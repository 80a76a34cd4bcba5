"""What may be wrong with a file, without Django, so that the child process starts fast."""


class Fault(Exception):
    """Something is wrong with a file; :data:`lianxin.kernel.files.prepared.FAULTS` has the words for each code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
