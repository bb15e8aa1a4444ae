"""Stop always wins, says how, and never reaches the program after, whether the page is isolated or not."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from playwright.async_api import expect
from support.stage import Stage

CASES = Path(__file__).parents[1] / "cases"

SOFTLY, BY_RESTART = "Stopped", "Stopped by restarting Python"
RUNGS = {
    "isolated": {"softly": SOFTLY, "softly when isolated": SOFTLY, "by restart": BY_RESTART},
    "reduced": {"softly": SOFTLY, "softly when isolated": BY_RESTART, "by restart": BY_RESTART},
}


@dataclass(frozen=True)
class Endless:
    name: str
    ends: str
    farewell: str
    code: str


def read_programs() -> list[Endless]:
    _, *entries = (CASES / "endless-programs.txt").read_text().split("\n=== ")
    programs = []
    for entry in entries:
        heading, code = entry.split("\n", 1)
        name, ends, farewell = [*heading.split(" | "), ""][:3]
        programs.append(Endless(name, ends, farewell, code))
    return programs


# One of them imports it.
FILES = {"forever.py": "print('go')\nwhile True: pass\n"}
AFTERWARDS = "import time\ntime.sleep(0.06)\nfor _ in range(10_000): pass\nprint('still here')\n"


@pytest.fixture(scope="module", params=["isolated", "reduced"])
async def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with Stage.opened(request.param, tmp_path_factory.mktemp("stopping")) as stage:
        yield stage


@pytest.mark.parametrize("program", read_programs(), ids=lambda program: program.name)
async def test_stop_ends_it_says_how_and_the_next_run_works_at_once(stage: Stage, program: Endless) -> None:
    ada = stage.runner
    rung = RUNGS[stage.name][program.ends]
    await stage.write({"main.py": program.code, **FILES})
    await ada.starts_the_program()
    await expect(ada.output).to_contain_text("go")
    await ada.stop_button.click()
    seen = await ada.until_the_run_ends()
    await expect(ada.run_state).to_contain_text(f"{rung} ·")
    if rung == SOFTLY:
        assert program.farewell in seen.stdout
        assert seen.remark == ""
    else:
        assert "Python was restarted" in seen.remark
    await stage.write({"main.py": AFTERWARDS})
    assert (await ada.runs_the_program()).stdout == "still here\n"
    await expect(ada.run_state).to_have_attribute("data-state", "ok")


# Presses Stop at a given moment of a run, and runs the program again at once and to its end. In the page, because such
# a moment is shorter than the way to it. Answers with what was wrong.
STOP_AT = """async ([moments]) => {
    const button = document.querySelector(".toolbar .run, .toolbar .stop");
    const status = document.querySelector('[role=status][aria-label=Python]');
    const log = document.querySelector('[role=log][aria-label=Output]');
    const change = (test) => new Promise((done, late) => {
        const timer = setTimeout(() => late(new Error(`hangs: ${status.dataset.state}`)), 30_000);
        const look = () => test() && (watch.disconnect(), clearTimeout(timer), done());
        const watch = new MutationObserver(look);
        watch.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
        look();
    });
    const frames = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    const ready = () => status.dataset.state === "ready";
    const runState = () => document.querySelector(".run-state");
    let stopped = 0;
    for (const { after, again } of moments) {
        button.click();
        const due = performance.now() + after;
        if (after > 4) await new Promise(done => setTimeout(done, after - 4));
        while (performance.now() < due);
        if (after <= 4 || button.classList.contains("stop")) { button.click(); stopped += 1; }
        // What the button did is on the page a moment later.
        await new Promise(done => setTimeout(done));
        for (const delay of again) {
            await new Promise(done => setTimeout(done, delay));
            if (status.dataset.state === "stopping") button.click();
        }
        await change(ready);
        button.click();
        await new Promise(done => setTimeout(done));
        await change(ready);
        await frames();
        const said = log.textContent, state = runState().dataset.state;
        if (said !== "begin fine\\n" || state !== "ok") return { after, again, said, state };
    }
    return stopped;
}"""

SHORT = """import time
print("begin", end=" ")
for _ in range(4):
    try:
        time.sleep(0.004)
    finally:
        pass
{busy}
print("fine")
"""


@pytest.mark.parametrize("seed", range(2))
async def test_a_stop_at_any_moment_never_reaches_the_program_after(stage: Stage, seed: int) -> None:
    random = Random(seed)
    ada = stage.runner
    # Without shared memory a busy program is only stopped after a second, and a silent one at once.
    busy = "for _ in range(200_000): pass" if stage.name == "isolated" else ""
    await stage.write({"main.py": SHORT.format(busy=busy)})
    await ada.runs_the_program()
    took = float((await ada.run_state.text_content() or "").removeprefix("OK · ").removesuffix(" s")) * 1000
    moments = []
    for _ in range(60):
        # The first milliseconds, the last ones, and anywhere between and after.
        after = random.choice([random.uniform(0, 4), random.uniform(0.7, 1.1) * took, random.uniform(0, 1.3) * took])
        again = [random.uniform(0, 40) for _ in range(random.choice([0, 0, 1, 2]))]
        moments.append({"after": after, "again": again})
    stopped = await ada.page.evaluate(STOP_AT, [moments])
    assert isinstance(stopped, int), stopped
    assert stopped > len(moments) / 4
