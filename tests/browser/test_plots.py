"""Matplotlib's figures in the output, with a stand-in for Matplotlib (support/plots.py)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, expect
from support.browser import Person
from support.plots import INSTALLED
from support.server import Server


@asynccontextmanager
async def plotting(server: Server, browser: Browser, code: str) -> AsyncIterator[Person]:
    room = await server.create_room(code=INSTALLED + code)
    async with Person.entering(browser, room.links["host"], "Ada") as ada:
        await ada.until_python_is_ready()
        yield ada


async def alts(ada: Person, count: int) -> list[str]:
    pictures = ada.output.get_by_role("img")
    await expect(pictures).to_have_count(count)
    return [await picture.get_attribute("alt") or "" for picture in await pictures.all()]


async def test_show_puts_each_figure_in_its_place_and_closes_it(server: Server, browser: Browser) -> None:
    code = """
for year in (2025, 2026):
    plt.plot([1, 2, 3])
    plt.title(f'Rain in {year}')
    plt.show()
    print('shown', plt.get_fignums())
"""
    async with plotting(server, browser, code) as ada:
        seen = await ada.runs_the_program()
        assert (seen.stdout, seen.stderr) == ("shown []\nshown []\n", "")
        assert await alts(ada, 2) == ["Figure 1: Rain in 2025", "Figure 1: Rain in 2026"]
        kinds = await ada.output.evaluate("log => [...log.children].map(line => line.className)")
        assert kinds[:4] == ["display", "voice-stdout", "display", "voice-stdout"]
        # Twice as many pixels as the page has for it.
        picture = ada.output.get_by_role("img").first
        assert await picture.evaluate("picture => [picture.naturalWidth, picture.getAttribute('width')]") == [
            1280,
            "640",
        ]


async def test_figures_left_open_are_shown_at_the_end_also_after_an_error(server: Server, browser: Browser) -> None:
    code = """
plt.figure(7).suptitle('Left open')
plt.plot([1, 2])
plt.savefig('saved.png')
print(open('saved.png', 'rb').read(4))
plt.figure(8)
plt.plot([1, 'x', 2], None)
"""
    async with plotting(server, browser, code) as ada:
        seen = await ada.runs_the_program()
        assert "TypeError: no numbers" in seen.stderr
        assert "_caretroom" not in seen.stderr
        assert seen.stdout == "b'\\x89PNG'\n"
        assert await alts(ada, 2) == ["Figure 7: Left open", "Figure 8"]


async def test_a_loop_with_pause_moves_one_picture_and_can_be_stopped(server: Server, browser: Browser) -> None:
    code = """
step = 0
while True:
    step += 1
    plt.clf()
    plt.plot([step])
    plt.title(f'Step {step}')
    plt.pause(0.05)
"""
    async with plotting(server, browser, code) as ada:
        await ada.starts_the_program()
        await expect(ada.output.get_by_role("img", name="Step 5")).to_be_visible()
        await ada.stop_button.click()
        seen = await ada.until_the_run_ends()
        assert seen.stderr.endswith("KeyboardInterrupt\n")
        assert len(await alts(ada, 1)) == 1


async def test_show_plays_an_animation_to_its_end(server: Server, browser: Browser) -> None:
    code = """
figure = plt.figure()
plt.plot([0])
frames = iter(range(10))
timer = figure.canvas.new_timer(interval=20)

def step():
    number = next(frames, None)
    if number is None:
        return False
    plt.title(f'Frame {number}')
    figure.canvas.draw_idle()

timer.add_callback(step)
figure.canvas.mpl_connect('draw_event', lambda event: timer.start() if not figure.canvas.is_saving() else None)
plt.show()
print('over')
"""
    async with plotting(server, browser, code) as ada:
        await ada.starts_the_program()
        await expect(ada.output.get_by_role("img", name="Frame 9")).to_be_visible()
        seen = await ada.until_the_run_ends()
        assert (seen.stdout, seen.stderr) == ("over\n", "")
        await alts(ada, 1)


async def test_interactive_figures_are_shown_as_they_grow(server: Server, browser: Browser) -> None:
    code = """
import time
plt.ion()
figure = plt.figure()
for step in range(4):
    plt.plot([step])
    plt.title(f'{step} lines')
    figure.canvas.draw()
    figure.canvas.flush_events()
    time.sleep(0.05)
input('Go on? ')
plt.title('All lines')
"""
    async with plotting(server, browser, code) as ada:
        await ada.starts_the_program()
        await expect(ada.output.get_by_role("img", name="3 lines")).to_be_visible()
        await expect(ada.program_input).to_be_visible()
        await ada.program_input.press("Enter")
        await ada.until_the_run_ends()
        assert await alts(ada, 1) == ["Figure 1: All lines"]


async def test_a_figure_can_be_displayed_and_the_next_program_begins_anew(server: Server, browser: Browser) -> None:
    code = """
import matplotlib
print(matplotlib.rcParams['lines.linewidth'], plt.isinteractive(), plt.get_fignums(), matplotlib.get_backend())
from matplotlib.figure import Figure
alone = Figure()
alone.add_subplot().set_title('Alone')
display(alone)
matplotlib.rcParams['lines.linewidth'] = 9
matplotlib.use('Agg')
plt.ion()
plt.plot([1])
"""
    async with plotting(server, browser, code) as ada:
        for _ in range(2):
            seen = await ada.runs_the_program()
            assert (seen.stdout, seen.stderr) == ("1.5 False [] module://_caretroom.matplotlib_backend\n", "")
            assert await alts(ada, 2) == ["Figure: Alone", "Figure 1"]
