"""Whether each test of the Go systems has its row in go_suites.csv, and each row its test here.

A row says in `ours` what shows the same here: `vectors/FILE.json: case`, or `path::test` for what
is no vector; several with `; ` between them. What differs on purpose stands beside it, and without
a counterpart it says why there is none.
"""

import csv
import json
import re
import sys
from collections import Counter
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent

# As SCS v2.9.0 and v1.4.1 call them. beego's MySQL provider has no such tests: the methods of its
# interfaces stand for them, and the defects that sessio must not share.
SUITES = """
scs v2 mysqlstore:
    TestFind TestFindMissing TestSaveNew TestSaveUpdated TestExpiry TestDelete TestCleanup
    TestStopNilCleanup
scs v2 memstore:
    TestFind TestFindMissing TestCommitNew TestCommitUpdated TestExpiry TestDelete
    TestCleanupInterval
scs v2 mockstore:
    TestMockStore_Delete TestMockStore_Find TestMockStore_Commit TestMockStore_All
scs v2 session_test:
    TestEnable TestLifetime TestIdleTimeout TestDestroy TestRenewToken TestRememberMe TestIterate
scs v2 session_go120_test:
    TestFlusher TestHijacker
scs v2 data_test:
    TestSessionDataFromContext
    TestSessionManager_Load/happy_path
    TestSessionManager_Load/with_preexisting_session_data
    TestSessionManager_Load/with_empty_token
    TestSessionManager_Load/with_error_finding_token_in_store
    TestSessionManager_Load/with_unfound_token_in_store
    TestSessionManager_Load/with_error_decoding_found_token
    TestSessionManager_Load/with_token_hashing
    TestSessionManager_Commit/happy_path
    TestSessionManager_Commit/with_empty_token
    TestSessionManager_Commit/with_expired_deadline
    TestSessionManager_Commit/with_error_committing_to_store
    TestSessionManager_Commit/with_token_hashing
    TestPut TestGet TestPop TestRemove TestClear TestExists TestKeys TestStatus
    TestGetString TestGetBool TestGetInt TestGetFloat TestGetBytes TestGetTime
    TestPopString TestPopBool TestPopInt TestPopFloat TestPopBytes TestPopTime
scs v1 mysqlstore:
    TestFind TestFindMissing TestSaveNew TestSaveUpdated TestExpiry TestDelete TestCleanup
    TestStopNilCleanup
scs v1 memstore:
    TestFind TestFindMissing TestFindBadData TestSaveNew TestSaveUpdated TestExpiry TestDelete
scs v1 manager:
    TestGenerateToken TestString TestObject TestDestroy TestRenewToken TestClear TestKeys
    TestLoadFailure TestMultipleSessions TestCookieOptions TestLifetime TestIdleTimeout
    TestPersist TestName
beego provider:
    SessionInit SessionRead SessionExist SessionRegenerate SessionDestroy SessionAll SessionGC
beego store:
    Set Get Delete SessionID SessionRelease Flush
beego manager:
    SessionStart SessionDestroy GetSessionStore GC SessionRegenerateId GetActiveSession SetSecure
beego defects:
    B4 B7 B8 B9 B10 B11 B12 B13 B15
"""


def wanted() -> Counter[str]:
    """Every test as `suite, test`."""
    tests: Counter[str] = Counter()
    suite = ""
    for line in SUITES.strip().splitlines():
        if line.endswith(":"):
            suite = line.removesuffix(":")
        else:
            tests.update(f"{suite}, {test}" for test in line.split())
    return tests


def exists(named: str) -> bool:
    """Whether there is such a case, or such a test."""
    if named.startswith("vectors/"):
        file, _, case = named.partition(": ")
        path = HERE / file
        cases = json.loads(path.read_text())["cases"] if path.is_file() else []
        return case in {each["name"] for each in cases}
    file, _, test = named.partition("::")
    path = ROOT / file
    # A function, or a title between quotes as Node's tests have.
    declared = rf"\b(?:fn|def|func|int|void) {re.escape(test)}\(|'{re.escape(test)}'"
    return bool(test) and path.is_file() and bool(re.search(declared, path.read_text()))


def wrong_about(row: dict[str, str]) -> list[str]:
    ours = list(filter(None, row["ours"].split("; ")))
    if not ours and not row["difference"]:
        return ["says neither what is the same here nor why nothing is"]
    return [f"names what is not there: {named}" for named in ours if not exists(named)]


def main() -> None:
    if sys.argv[1:] != ["--check"]:
        sys.exit(f"usage: {sys.argv[0]} --check")
    with (HERE / "go_suites.csv").open(newline="") as file:
        rows = [(f"{row['suite']}, {row['test']}", row) for row in csv.DictReader(file)]
    said = Counter(name for name, _ in rows)
    wrong = [f"{name} has no row" for name in wanted() - said]
    wrong += [f"{name} is no such test, or said twice" for name in said - wanted()]
    wrong += [f"{name} {what}" for name, row in rows for what in wrong_about(row)]
    if wrong:
        sys.exit("go_suites.csv:\n" + "\n".join(wrong))


if __name__ == "__main__":
    main()
