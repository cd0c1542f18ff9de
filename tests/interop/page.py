"""The programs of docs/go.md, beside the Go services that it is about.

    python page.py URL FOLDER       where the programs are made; C is built as pkg-config says

In Go a user logs in. Each program of the page finds the user, and Go finds what each left.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

from programs import ROOT, Server, Table, dsn
from variants import BEEGO_TABLE, SCS_TABLE

PAGE = (ROOT / "docs" / "go.md").read_text()
DSN = "user:password@tcp(host:3306)/app"
# The code around the lines of the page. All of them print the user that Go has put, and put
# their own name.
FRAMES = {
    "rust": """
PAGE
fn main() -> Result<()> {
    let manager = sessions()?;
    let session = manager.load(std::env::args().nth(1).as_deref());
    println!("{}", session.get::<String>("user")?.unwrap_or_default());
    session.put("rust", &true)?;
    manager.commit(&session).map(drop)
}
""",
    "c": """
#include <stdio.h>
#include <string.h>
#include <sessio.h>

int main(int argc, char **argv) {
    int good;
    sessio_error *error = NULL;
    sessio_store *store = NULL;
    sessio_manager *manager = NULL;
    sessio_session *session = NULL;
    sessio_value *user = NULL;
    sessio_commit_result *result = NULL;
PAGE
    const char *token = argv[argc - 1];
    good = good &&
           sessio_manager_load(manager, token, strlen(token), &session, &error) == SESSIO_DONE &&
           sessio_session_get(session, "user", &user, &error) == SESSIO_DONE &&
           sessio_session_put_bool(session, "c", 1, &error) == SESSIO_DONE &&
           sessio_manager_commit(manager, session, &result, &error) == SESSIO_DONE;
    puts(good ? sessio_value_text(user, NULL) : sessio_error_message(error));
    sessio_value_free(user);
    sessio_commit_result_free(result);
    sessio_session_free(session);
    sessio_manager_free(manager);
    sessio_store_free(store);
    sessio_error_free(error);
    return !good;
}
""",
    "python": """
import sys

import sessio

PAGE
session = manager.load(sys.argv[1])
print(session["user"])
session["python"] = True
manager.commit(session)
""",
    "js": """
const { SessionManager, Store } = require('sessio')

PAGE
async function main () {
  const session = await manager.load(process.argv[2])
  console.log(session.getString('user'))
  session.put('js', true)
  await manager.commit(session)
}

main()
""",
}
ENDINGS = {"rust": "rs", "c": "c", "python": "py", "js": "js"}


def snippets(language: str) -> list[str]:
    """The lines in a language: for SCS, and for beego."""
    found = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert len(found) == 2, f"{len(found)} programs in {language}"
    return found


def output(*command: str | Path) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def command(language: str, source: Path) -> list[str | Path]:
    """How a program is run; before that, it is built."""
    program = source.with_suffix(f".{language}-program")
    match language:
        case "python":
            return [sys.executable, source]
        case "js":
            return ["node", source]
        case "rust":
            built = ROOT / "target" / "release"
            own = ["--extern", f"sessio={built / 'libsessio.rlib'}", "-L", f"{built / 'deps'}"]
            output("rustc", "--edition", "2024", *own, source, "-o", program)
        case "c":
            flags = output("pkg-config", "--cflags", "--libs", "sessio").split()
            place = output("pkg-config", "--variable", "libdir", "sessio")
            strict = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
            output("cc", *strict, source, "-o", program, *flags, f"-Wl,-rpath,{place}")
    return [program]


def run(language: str, lines: str, place: str, token: str, folder: Path) -> str:
    """What the program prints that has these lines of the page, with the database in its place."""
    assert DSN in lines, f"a program in {language} names no database"
    source = folder / f"page.{ENDINGS[language]}"
    source.write_text(FRAMES[language].replace("PAGE", lines.replace(DSN, place)))
    return output(*command(language, source), token)


def beside(go: Server, place: str, section: int, folder: Path) -> None:
    """All four beside one Go service."""
    put = {"do": "put", "key": "user", "value": {"type": "string", "value": "ada"}}
    token = go.ask({**put, "token": None, "keys": []})["token"]
    for language in FRAMES:
        said = run(language, snippets(language)[section], place, token, folder)
        assert said == "ada", f"{language} says {said!r}"
    read = go.ask({"do": "read", "token": token, "keys": [*FRAMES, "user"]})["before"]
    left = {"user": "ada"} | dict.fromkeys(FRAMES, "true")
    assert {key: value["value"] for key, value in read.items()} == left, read


def main() -> None:
    url, folder = sys.argv[1], Path(sys.argv[2])
    place = dsn(url, "").removesuffix("?")
    with Table(url) as table:
        for name, create in (("sessions", SCS_TABLE), ("session", BEEGO_TABLE)):
            table.run(f"DROP TABLE IF EXISTS {name}")
            table.run(create)
    with Server("scs", "-dsn", dsn(url)) as go:
        beside(go, place, 0, folder)
    # The JSON of the page is the Go service's too.
    config = re.search(r'"""(\{.*?\})"""', snippets("python")[1], re.DOTALL)
    assert config is not None
    shared = config[1].replace(DSN, place)
    cookie = json.loads(shared)["cookieName"]
    with Server("beego", "-config", shared, cookie=cookie) as go:
        beside(go, place, 1, folder)
    print("the programs of docs/go.md and Go see the same sessions, of SCS and of beego")


if __name__ == "__main__":
    main()
