import type { Run, SharedRun } from "../outputs";
import type { Session } from "../session";
import { CreatedFiles } from "./created-files";
import { PackagesNote } from "./packages";
import { PreparedInput } from "./prepared-input";
import { ProgramInput } from "./program-input";
import { PromptField } from "./prompt-field";
import { TestResults } from "./test-results";
import { TranscriptView } from "./transcript-view";
import { runWords } from "./words";

export function OutputPane({ session }: { session: Session }) {
  const phase = session.python.phase.value;
  const run = session.outputs.mine.value;
  const me = session.people.value.find((person) => person.me)?.member.id;
  const shared = [...session.outputs.shared.value.values()].filter((other) => other.member !== me);
  return (
    <div class="outputs">
      <section class="output" aria-label="My output">
        <header class="pane-head">
          <h2>Output</h2>
          {run !== null && <RunFacts run={run} />}
          <span class="pane-space" />
          {session.canEdit.value && <ShareSwitch session={session} />}
        </header>
        {session.python.reduced.value && (
          <p class="pane-note">
            This page is not isolated (plain http), so Stop starts Python afresh. Everything else works.
          </p>
        )}
        {phase.phase === "failed" && (
          <p class="pane-note bad" role="alert">
            Python could not start. Run tries again. <small>({phase.reason})</small>
          </p>
        )}
        {run !== null && <TestResults session={session} run={run} />}
        <div class="transcript-place">
          <TranscriptView session={session} run={run} label="Output" />
          {run === null && <Hint queued={phase.phase === "loading" && phase.queued} />}
        </div>
        {run !== null && <CreatedFiles session={session} run={run} />}
        <PackagesNote session={session} />
        {phase.phase === "waiting-for-input" && <ProgramInput session={session} prompt={phase.prompt} />}
        <PromptField session={session} phase={phase.phase} />
        <PreparedInput stdin={session.stdin} />
      </section>
      {shared.map((other) => (
        <SharedOutput key={other.member} session={session} shared={other} />
      ))}
    </div>
  );
}

function Hint({ queued }: { queued: boolean }) {
  return (
    <p class="output-hint soft">
      {queued
        ? "Python is getting ready. Your program starts by itself."
        : "What your program prints appears here. It runs in this browser only."}
    </p>
  );
}

function ShareSwitch({ session }: { session: Session }) {
  const on = session.sharing.on.value;
  return (
    <button
      type="button"
      role="switch"
      class="switch"
      aria-checked={on}
      onClick={() => (on ? session.sharing.stop() : session.sharing.start())}
    >
      <span class="switch-track" aria-hidden="true" />
      Share my output
    </button>
  );
}

function SharedOutput({ session, shared }: { session: Session; shared: SharedRun }) {
  const member = session.members.all.value.get(shared.member);
  const name = member?.name ?? shared.name;
  return (
    <section class="output shared" aria-label={`Output of ${name}`}>
      <header class="pane-head">
        <h2>
          <span class={`swatch member-${member?.colour ?? 0}`} aria-hidden="true" />
          {name}
        </h2>
        <RunFacts run={shared.run} />
      </header>
      <div class="transcript-place">
        <TranscriptView session={session} run={shared.run} label={`${name}'s program`} />
      </div>
    </section>
  );
}

function RunFacts({ run }: { run: Run }) {
  const state = run.state.value;
  return (
    <p class="run-facts">
      <span class="run-file">{run.file}</span>
      <span class="run-state" data-state={state.state}>
        {runWords(state)}
      </span>
    </p>
  );
}
