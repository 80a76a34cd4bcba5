"""What a password has to be, where Django's own sentence has no Chinese."""

from django.contrib.auth.password_validation import MinimumLengthValidator

from lianxin.kernel.text import Text


class LongEnough(MinimumLengthValidator):
    """Django's check of the length, in both languages."""

    def get_error_message(self) -> str:
        """Say how long it has to be."""
        told = Text(
            "密码太短，至少要 {n} 个字符。", "This password is too short: it needs at least {n} characters."
        )
        return str(told.format(n=self.min_length))

    def get_help_text(self) -> str:
        """Say the same before anything was typed."""
        return str(Text("至少 {n} 个字符。", "At least {n} characters.").format(n=self.min_length))
