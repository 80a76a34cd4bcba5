"""Sessions in the database, sealed: a session holds the phone number that a code was sent to."""

import json
from base64 import b64decode, b64encode
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.serializers import JSONSerializer

from lianxin.kernel import clock, crypto
from lianxin.kernel.prepared import run

_CONTENT = "SELECT session_data FROM django_session WHERE session_key = $1 AND expire_date > $2"


class SessionStore(DatabaseStore):
    """The database's sessions, readable only with the ring."""

    def load(self) -> dict[str, Any]:
        """The content, read by a prepared statement: every page of somebody signed in asks for one."""
        found = run(_CONTENT, [self.session_key, clock.now()])
        if not found:
            self._session_key = None
            return {}
        return self.decode(found[0][0])

    def encode(self, session_dict: dict[str, Any]) -> str:
        """Seal the session's content."""
        content = JSONSerializer().dumps(session_dict)
        return b64encode(crypto.seal(content, purpose="session", aad="session")).decode()

    def decode(self, session_data: str | bytes) -> dict[str, Any]:
        """Open it; a session that does not open is an empty one, and its holder signs in again."""
        try:
            return dict(json.loads(crypto.unseal(b64decode(session_data), purpose="session", aad="session")))
        except (crypto.CannotOpen, ValueError):
            return {}
