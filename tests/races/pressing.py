"""A server that presses buttons and can be killed at a known place: what the process of those tests runs.

Each line of its input is a request. A child of its own sends it, stands still at the end of its transaction, and waits for the
end of its life; what it has done by then is all that there is.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from flask import session as cookie
from flask_login import login_user
from sqlalchemy import event

from erpcrm import create_app
from erpcrm.access.models import User
from erpcrm.core.db import db
from erpcrm.core.lifecycle import transaction

MOMENTS = ("commit", "after_commit")
"""All is written and nothing is committed; all is committed and nothing is answered."""


def press(app: Any, path: str, data: dict[str, str], user: int, moment: str, marker: str) -> None:
    client = app.test_client()
    with app.test_request_context(), transaction(writes=False):
        login_user(db.session.get_one(User, user))
        signed = dict(cookie)
    with client.session_transaction() as stored:
        stored.update(signed)

    def stand_still(_what: Any) -> None:
        Path(marker).touch()
        signal.pause()

    with app.app_context():
        event.listen(db.engine if moment == "commit" else db.session, moment, stand_still)
    answer = client.post(path, data=data)
    sys.stderr.write(f"{path} answered {answer.status_code} without changing anything\n{answer.text[:2000]}\n")


def main() -> None:
    app = create_app({"TESTING": True, "WTF_CSRF_ENABLED": False, "RATELIMIT_ENABLED": False})
    for line in sys.stdin:
        child = os.fork()
        if not child:
            press(app, **json.loads(line))
            os._exit(1)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
