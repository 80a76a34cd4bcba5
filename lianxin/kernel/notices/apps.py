"""App."""

import uuid

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """See the package."""

    name = "lianxin.kernel.notices"
    label = "notices"

    def ready(self) -> None:
        """Answer the news of cases; send sign-in codes where a gateway is set up."""
        from lianxin.kernel import events
        from lianxin.kernel.cases.events import CaseMoved, CaseOpened
        from lianxin.kernel.notices import answers, senders
        from lianxin.kernel.orgs.columns import register_path_column
        from lianxin.kernel.people.messages import register_sender

        events.subscribe(CaseOpened, answers.answer_opened, within=True)
        events.subscribe(CaseMoved, answers.answer_moved, within=True)
        register_path_column("notices_notice", "organization_path", source="jurisdiction_path")
        send = senders.sender_for("sms")
        if send is senders.gateway:
            register_sender(
                lambda phone, code: senders.gateway(
                    senders.Message("sms", phone, f"【连心】验证码 {code}，请勿告诉他人。", uuid.uuid4())
                )
            )
