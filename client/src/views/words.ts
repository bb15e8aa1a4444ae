// What the screen says about states, in one place, so that one state has one sentence.

import type { RunState } from "../outputs";
import type { Phase, TestOutcome, TestResult } from "../runtime/runs";
import type { Kind, Role } from "../wire/protocol";
import type { Connection } from "../wire/socket";

export const kindWords: Record<Kind, string> = {
  pair: "Pair room",
  interview: "Interview room",
  class: "Class room",
};

export const roleWords: Record<Role, string> = { host: "Host", editor: "Editor", viewer: "Viewer" };

export const connectionWords: Record<Connection["state"], string> = {
  connecting: "Connecting",
  live: "Live",
  reconnecting: "Reconnecting",
  offline: "Offline",
  closed: "Closed",
};

export const pythonWords: Record<Phase["phase"], string> = {
  loading: "Loading",
  idle: "Ready",
  "loading-packages": "Loading",
  running: "Running",
  "waiting-for-input": "Waiting for input",
  stopping: "Stopping",
  failed: "Failed",
};

export const kebab = (words: string): string => words.toLowerCase().replaceAll(" ", "-");

export const VIEW_ONLY = "View only: ask the host for an editor link if you want to type here.";

/** Why a connection ended for good; close codes and the statuses of a refused upgrade. */
export function closedSentence(code: number): string {
  switch (code) {
    case 1009:
      return "A change was larger than the server takes. Copy what you need, then reload the page.";
    case 401:
    case 4401:
      return "This link is not valid, or was replaced by a new one. Ask whoever sent it.";
    case 403:
    case 4403:
      return "This link does not open this room, or you were asked to leave it.";
    case 404:
    case 4404:
      return "There is no such room. Perhaps a part of the link got lost.";
    case 410:
    case 4410:
      return "This room was deleted by its host.";
    case 4408:
      return "Your connection could not keep up with the room. Reload the page to come back.";
    case 4409:
      return "The room was set up anew. Fetching it…";
    case 4429:
      return "There was too much at once from this page. Wait a minute, then reload it.";
    default:
      return "The server and this page did not understand each other. Reload the page to try again.";
  }
}

export function goneSentence(status: number): string {
  return status === 0 || status >= 429
    ? "The server can't be reached just now. Your room is not lost: try again in a moment."
    : closedSentence(status);
}

export function runWords(run: RunState): string {
  switch (run.state) {
    case "running":
      return "Running";
    case "left":
      return "Left while it ran";
    case "stopped": {
      const words = run.how === "restarted" ? "Stopped by restarting Python" : "Stopped";
      return `${words} · ${seconds(run.seconds)}`;
    }
    case "ok":
      return `OK · ${seconds(run.seconds)}`;
    case "error":
      return `Error · ${seconds(run.seconds)}`;
  }
}

function seconds(value: number): string {
  if (value >= 100) return `${Math.round(value)} s`;
  return `${value.toFixed(value < 10 ? 2 : 1)} s`;
}

export function sizeWords(bytes: number): string {
  if (bytes < 1024) return bytes === 1 ? "1 byte" : `${bytes} bytes`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

const OUTCOMES: readonly TestOutcome[] = ["passed", "failed", "error", "skipped", "stopped"];

export function testsSentence(tests: readonly TestResult[], running: boolean, file: string): string {
  if (tests.length === 0)
    return running
      ? "Looking for tests…"
      : `There are no tests in ${file}. A test is a function whose name begins with test_, a unittest.TestCase, or an example with >>> in a docstring.`;
  const counts = OUTCOMES.map((outcome) => ({
    outcome,
    count: tests.filter((test) => test.outcome === outcome).length,
  })).filter(({ count }) => count > 0);
  const sentence = counts
    .map(({ outcome, count }) => `${count} ${outcome === "error" && count > 1 ? "errors" : outcome}`)
    .join(", ");
  const current = tests.find((test) => test.outcome === "running");
  return current
    ? [sentence, `${current.name} is running`].filter((part) => part !== "").join(", ")
    : sentence;
}
