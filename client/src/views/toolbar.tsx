import { useSignal } from "@preact/signals";
import { ListChecks, Play, Share2, Square } from "lucide";
import { useCallback } from "preact/hooks";
import { MOD, SHIFT } from "../keys";
import type { RoomInfo } from "../rooms";
import { isBusy, type Session } from "../session";
import { Brand } from "./brand";
import { Icon } from "./icon";
import { People } from "./people";
import { ShareDialog } from "./share-dialog";
import { kindWords } from "./words";

export function Toolbar({ session, info }: { session: Session; info: RoomInfo }) {
  return (
    <header class="toolbar">
      <Brand />
      <h1 class="room-title">{info.title === "" ? kindWords[info.kind] : info.title}</h1>
      <RunButton session={session} />
      <TestsButton session={session} />
      <span class="toolbar-space" />
      <People session={session} />
      <ShareButton session={session} />
    </header>
  );
}

const KEYS = `${MOD} Enter`;
const TESTS_KEYS = `${MOD} ${SHIFT} Enter`;

function RunButton({ session }: { session: Session }) {
  const phase = session.python.phase.value;
  const busy = isBusy(phase);
  const entry = session.files.entry.value;
  return (
    <button
      type="button"
      class={busy ? "button stop" : "button run"}
      data-state={phase.phase}
      disabled={session.files.active.value === null}
      aria-keyshortcuts="Control+Enter Meta+Enter"
      title={busy || entry === null ? KEYS : `Runs ${entry.name} · ${KEYS}`}
      onClick={() => session.runOrStop()}
    >
      <Icon of={busy ? Square : Play} />
      {busy ? "Stop" : "Run"}
      <span class="run-keys" aria-hidden="true">
        {KEYS}
      </span>
    </button>
  );
}

function TestsButton({ session }: { session: Session }) {
  return (
    <button
      type="button"
      class="button tests"
      disabled={session.files.active.value === null || isBusy(session.python.phase.value)}
      aria-label="Run tests"
      aria-keyshortcuts="Control+Shift+Enter Meta+Shift+Enter"
      title={`Run tests (${TESTS_KEYS})`}
      onClick={() => session.runTests()}
    >
      <Icon of={ListChecks} />
      <span class="tests-word">Tests</span>
    </button>
  );
}

function ShareButton({ session }: { session: Session }) {
  const open = useSignal(false);
  const ask = useCallback(() => session.links(), [session]);
  const stage = session.stage.value;
  const host = stage.stage === "open" && stage.info.role === "host";
  return (
    <>
      <button
        type="button"
        class="button share"
        aria-haspopup="dialog"
        onClick={() => {
          open.value = true;
        }}
      >
        <Icon of={Share2} />
        <span class="share-word">Share</span>
      </button>
      {open.value && (
        <ShareDialog
          ask={ask}
          replace={host ? () => session.replaceLinks() : null}
          onClose={() => {
            open.value = false;
          }}
        />
      )}
    </>
  );
}
