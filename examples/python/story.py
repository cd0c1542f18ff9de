"""Python's part of the story that `./dev demo` tells: four languages share one session.

story.py change URL TOKEN, or end URL TOKEN
"""

import json
import sys

import sessio


def change(url: str, token: str) -> None:
    with sessio.Store(url) as store:
        while True:
            record = store.find(token)
            if record is None:
                sys.exit("there is no such session")
            session = json.loads(record.data)
            print(f"read {record.data.decode()}")
            session["seen_by"] = [*session.get("seen_by", []), "Python"]
            data = json.dumps(session).encode()
            # A conflict means that another request was faster: look again, then change that.
            if store.replace(token, record.data, data, record.expires_at):
                break
        print(f"wrote {data.decode()}")


def end(url: str, token: str) -> None:
    with sessio.Store(url) as store:
        if not store.delete(token):
            sys.exit("there is no such session")
        print("ada is logged out")


def main() -> None:
    match sys.argv[1:]:
        case ["change", url, token]:
            change(url, token)
            print(f"=> {token}")
        case ["end", url, token]:
            end(url, token)
        case _:
            sys.exit("usage: story.py change URL TOKEN, or end URL TOKEN")


if __name__ == "__main__":
    main()
