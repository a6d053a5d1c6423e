"""Processes of tests, forked from one server that has imported what their workers need: a start costs no import."""

import multiprocessing

forks = multiprocessing.get_context("forkserver")
# One list for all, since there is one server: a module that set its own would take the others' place.
forks.set_forkserver_preload(
    [
        "pypinyin",  # which the engine imports at the first question
        "tests.integration.follow_ups.worker",
        "tests.integration.loops.claimers",
        "tests.integration.loops.worker",
        "tests.integration.telegram.worker",
    ]
)
