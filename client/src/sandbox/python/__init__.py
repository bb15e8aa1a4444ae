"""The Python side of a run, in floors: each module imports only from those below it.

    program                     a run from its preparation to its end
    testing  asserts  prompt    the tasks besides a program
    world                       what a program runs in, and what it leaves
    traces  created  baseline   uncaught exceptions; files that were written; what the next program must not see
    figures                     Matplotlib's, and its backend
    matplotlib_backend
    turtles                     what moves and draws (library/turtle.py has the names)
    screens                     where it lives
    stage  colours              what it draws on, and with
    display                     values that are shown and not printed
    imports                     what a program imports and is not here
    hints_*                     what they mean, in plain words: one table for each kind
    hints                       how the tables are read
    waiting                     input() and sleep()
    loop                        asyncio, and suspending the program
    reports                     what programs put out besides text
    streams  room               output; the room's files

``caretroom_host`` (host.ts) is the only door to the worker.
"""
