"""The vectors in memory, so that a plain `pytest` meets them; `./dev test` runs them everywhere."""

from run_vectors import run_async, run_sync


def test_both_stores_pass_the_same_cases_and_steps() -> None:
    cases, steps = run_sync("memory:")
    assert (cases, steps) == run_async("memory:")
    assert steps >= cases > 0
