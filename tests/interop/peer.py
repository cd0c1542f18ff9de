"""A Python program beside a Go one, on the same sessions. It is asked a line of JSON at a time.

    python peer.py URL SETTINGS         as `codec=gob&lifetime=24h`

`{"do": …, "token": …, "key": …, "value": …}` gives `{"found", "before", "token", "popped"}`, or
`{"error"}`; values are spelled as the json codec writes them.
"""

import base64
import json
import sys
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from tagged import native

import sessio


def spelled(value: Any) -> Any:
    """A value as the json codec writes it."""
    if type(value) is int and abs(value) >= 2**53:
        return {"$int": str(value)}
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, datetime):
        return {"$time": value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
    if isinstance(value, list):
        return [spelled(part) for part in value]
    if isinstance(value, dict):
        return {key: spelled(part) for key, part in value.items()}
    return value


def answered(manager: sessio.SessionManager, asked: dict[str, Any]) -> dict[str, Any]:
    session = manager.load(asked["token"])
    found = not session.is_new()
    answer = {"found": found, "before": spelled(dict(session)), "token": asked["token"]}
    match asked["do"]:
        case "read":
            return answer
        case "put":
            session[asked["key"]] = native(asked["value"])
        case "pop":
            answer["popped"] = spelled(session.pop(asked["key"]))
        case "renew":
            session.renew()
        case "destroy":
            session.destroy()
        case "expire":
            session.set_deadline(-timedelta(minutes=1))
    return answer | {"token": manager.commit(session).token}


def main() -> None:
    url, settings = sys.argv[1:]
    given: Any = dict(parse_qsl(settings))
    with sessio.Store(url) as store:
        manager = sessio.SessionManager(store, **given)
        for line in sys.stdin:
            try:
                answer = answered(manager, json.loads(line))
            except sessio.SessioError as error:
                answer = {"error": f"{type(error).__name__}: {error}"}
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
