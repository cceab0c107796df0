"""Asks noob itself whether it takes the forms that the tables in forms.rs say it takes.

    NOOB_FORMS=/tmp/forms.jsonl cargo test -p noob-zmq-tests --test wire forms
    venv/bin/python tests/wire/ask.py /tmp/forms.jsonl

`venv` is made as capture.py says. Prints what noob sees otherwise, and how many forms were asked.
"""

import json
import logging
import sys
from pathlib import Path

from noob.network.message import Message

logging.disable(logging.CRITICAL)


def taken(body: str) -> bool:
    try:
        Message.from_bytes([body.encode()])
    except Exception:  # noqa: BLE001  (whatever it says, it is a refusal)
        return False
    return True


forms = [json.loads(line) for line in Path(sys.argv[1]).read_text().splitlines()]
wrong = [form for form in forms if taken(form["body"]) != form["taken"]]
for form in wrong:
    print(f"noob {'refuses' if form['taken'] else 'takes'} {form['body'][:200]}")
print(f"{len(forms)} forms, {len(wrong)} of them wrong")
sys.exit(bool(wrong))
