"""Asks the public advisory services about everything that we depend on: `make audit`, a part of `make check`.

Known weaknesses fail it. A service that can't be reached does not, but is said aloud: then nobody looked.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
SECONDS = 30
OWN = "caretroom"


def ask(command: list[str], folder: Path) -> Any:
    """What the command printed as JSON, or None."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=SECONDS, check=False)
        return json.loads(done.stdout)
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return None


def python_packages() -> tuple[list[str], bool]:
    """The weaknesses found, and whether every package was looked at."""
    command = [sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off", "--skip-editable"]
    answer = ask(command, ROOT)
    if not isinstance(answer, dict):
        return [], False
    packages = [package for package in answer["dependencies"] if package["name"] != OWN]
    weak = [
        f"{package['name']} {package['version']}: {weakness['id']}"
        for package in packages
        for weakness in package.get("vulns", [])
    ]
    return weak, not any("skip_reason" in package for package in packages)


def node_packages(folder: Path) -> tuple[list[str], bool]:
    answer = ask(["npm", "audit", "--json"], folder)
    if not isinstance(answer, dict) or "vulnerabilities" not in answer:
        return [], False
    return [f"{name}: {weakness['severity']}" for name, weakness in answer["vulnerabilities"].items()], True


def main() -> int:
    audits = {
        "the Python packages": python_packages(),
        "the client's packages": node_packages(ROOT / "client"),
        "the stock clients of the tests": node_packages(ROOT / "tests" / "node"),
    }
    for what, (weak, looked) in audits.items():
        for each in weak:
            print(f"Known weakness in {what}: {each}", file=sys.stderr)
        if not looked:
            print(f"NOT AUDITED: {what}. The advisory service did not answer for all of them.", file=sys.stderr)
    return 1 if any(weak for weak, _ in audits.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
