"""Python's part of the story that `./dev demo` tells: four languages share one session.

story.py cart URL TOKEN
"""

import sys

import sessio


def fill_cart(url: str, token: str) -> str:
    with sessio.Store(url) as store:
        manager = sessio.SessionManager(store)
        session = manager.load(token)
        user = session.get_as("user", str)
        if user is None:
            sys.exit("no one is logged in")
        cart = session.setdefault("cart", [])
        if not isinstance(cart, list):
            sys.exit("the cart is no list")
        print(f"read user {user!r} and cart {cart}")
        # What is changed in it is stored.
        cart.append("tea")
        session.flash("note", "tea is in your cart")
        result = manager.commit(session)
        if result.token is None:
            sys.exit(f"the session is {result.outcome}")
        print(f"wrote cart {cart} and a note for the next request: {result.outcome}")
        return result.token


def main() -> None:
    match sys.argv[1:]:
        case ["cart", url, token]:
            print(f"=> {fill_cart(url, token)}")
        case _:
            sys.exit("usage: story.py cart URL TOKEN")


if __name__ == "__main__":
    main()
