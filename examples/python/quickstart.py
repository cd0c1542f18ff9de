"""A login, from its first request to its last. It needs no server."""

from datetime import timedelta

import sessio


def main() -> None:
    with sessio.Store("memory:") as store:  # or "mysql://user:password@host/app"
        token = sessio.generate_token()
        store.save(token, b'{"user": "ada"}', timedelta(hours=24), subject="ada")
        print(f"saved a session under a token of {len(token)} characters")

        record = store.find(token)
        assert record is not None
        print(f"found {record.data.decode()}, which ends at {record.expires_at:%Y-%m-%d %H:%M} UTC")

        # Only if it was not changed since: two requests at once cannot undo each other's work.
        ends = record.expires_at
        outcome = store.replace(token, record.data, b'{"user": "ada", "cart": [7]}', ends)
        print(f"changed it: {outcome}")
        outcome = store.replace(token, record.data, b"{}", ends)
        print(f"changed it from what it no longer is: {outcome}")

        fresh = sessio.generate_token()
        print(f"renamed it, as after a login: {store.rename(token, fresh)}")
        print(f"the old token finds {store.find(token)}")
        print(f"signed ada out everywhere: {store.delete_subject('ada')} session")


if __name__ == "__main__":
    main()
