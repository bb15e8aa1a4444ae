// A stand-in until the runtime lands: echoes what it would run.
import { signal } from "@preact/signals";
import type { Phase, Program, RunEvent } from "./runtime/runs";
import type { Python } from "./session";

export function fakePython(onEvent: (event: RunEvent) => void): Python {
  const phase = signal<Phase>({ phase: "loading", progress: 0.4, queued: false });
  let timer: ReturnType<typeof setTimeout> | undefined;
  let current = "";
  return {
    phase,
    reduced: signal(false),
    start: () =>
      void setTimeout(() => {
        phase.value = { phase: "idle" };
      }, 300),
    run(program: Program) {
      const run = crypto.randomUUID();
      current = run;
      const text = program.files.find((f) => f.name === program.entry)?.text ?? "";
      onEvent({ type: "start", run, file: program.entry });
      phase.value = { phase: "running", run };
      const end = (state: "ok" | "error") => {
        onEvent(
          state === "ok"
            ? { type: "end", run, outcome: { state, exitCode: 0, seconds: 0.42 } }
            : {
                type: "end",
                run,
                outcome: { state, exitCode: 1, errorType: "ZeroDivisionError", seconds: 0.42 },
              },
        );
        phase.value = { phase: "idle" };
      };
      if (text.includes("flood")) {
        let n = 0;
        const step = () => {
          let chunk = "";
          for (let i = 0; i < 2000; i++) chunk += `line ${n++}\n`;
          onEvent({ type: "text", run, stream: "stdout", text: chunk });
          if (n < 100000) timer = setTimeout(step, 4);
          else end("ok");
        };
        step();
      } else if (text.includes("input(") && !text.includes("boom")) {
        onEvent({ type: "text", run, stream: "stdout", text: "What is your name? " });
        phase.value = { phase: "waiting-for-input", run, prompt: "What is your name? " };
      } else if (text.includes("boom")) {
        onEvent({
          type: "text",
          run,
          stream: "stdout",
          text: "\u001b[32mgreen\u001b[0m then \u001b[1;34mbold blue\u001b[0m \u001b[38;5;208mpalette\u001b[0m\n",
        });
        onEvent({
          type: "text",
          run,
          stream: "stderr",
          text: 'Traceback (most recent call last):\n  File "main.py", line 3, in <module>\n    1 / 0\n    ~~^~~\nZeroDivisionError: division by zero\n',
        });
        onEvent({ type: "remark", run, text: "Python was restarted because it did not stop by itself." });
        end("error");
      } else {
        onEvent({ type: "text", run, stream: "stdout", text: "Hello from Caretroom!\n" + "x = 3\n" });
        timer = setTimeout(() => end("ok"), 1500);
      }
      return run;
    },
    stop() {
      clearTimeout(timer);
      onEvent({ type: "end", run: current, outcome: { state: "stopped", how: "interrupted", seconds: 1.2 } });
      phase.value = { phase: "idle" };
    },
    send(line) {
      onEvent({ type: "text", run: current, stream: "stdout", text: `Hi ${line}\n` });
      onEvent({ type: "end", run: current, outcome: { state: "ok", exitCode: 0, seconds: 3.1 } });
      phase.value = { phase: "idle" };
    },
    endInput() {},
    destroy() {},
  };
}
