"""Caretroom: the room where people write Python together.

Six floors; imports go down only, and ``tests/server/test_floors.py`` keeps it so:

====== ======= ==================================================================================
floor  name    modules
====== ======= ==================================================================================
5      entry   __main__, cli, app
4      edge    pages, python, api, websocket, health, services, export, transport, requests
3      life    registry, carriers, writer, packages, additions
2      ports   store (memory, sqlite), distribution, wheels, downloads
1      core    room, connection, document, size, gate, lists, pairs, presence, output, members, notices, feed, pace
0      words   lib0, protocol, records, capability, limits, config, errors, metrics, logs
====== ======= ==================================================================================
"""

__version__ = "0.1.0"
