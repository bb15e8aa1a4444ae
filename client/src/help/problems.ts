// What ruff found, in offsets of the text and in words for people who are learning.

import type { Diagnostic } from "@astral-sh/ruff-wasm-web";
import type { Edit, Fix, Problem } from "./lint-protocol";

type Place = Diagnostic["start_location"];

/**
 * What is most likely a mistake, and nothing about taste. Not F704 and PLE1142: `await` outside of a function is
 * allowed here.
 * Not F403: what a star brings is seen when the program runs.
 */
export const SETTINGS = {
  /** The Python that rooms run, and what they give to every program. */
  "target-version": "py314",
  builtins: ["display"],
  lint: {
    select: [
      "F",
      "E711",
      "E712",
      "E713",
      "E714",
      "E721",
      "E722",
      "B006",
      "B008",
      "B015",
      "B018",
      "PLE",
      "PLW0127",
    ],
    ignore: ["F403", "F405", "F704", "PLE1142"],
  },
};

/** Ruff's sentences are for people who know the words; these are for the others. The rest speaks for itself. */
const PLAIN: Readonly<Record<string, (found: string, quoted: string) => string>> = {
  F401: (_, name) => `${name} is imported but never used.`,
  F541: () => "This f-string has nothing in braces, so the f does nothing.",
  F632: () => "`is` compares who, not what: use == to compare values.",
  F811: (found) => found,
  F821: (_, name) => `There is nothing called ${name} here. Is it spelled right, and made before this line?`,
  F823: (_, name) => `${name} is used before it gets its value.`,
  F841: (_, name) => `${name} gets a value that is never used.`,
  E711: () => "Compare with None by `is None` or `is not None`.",
  E712: () => "There is no need to compare with True or False.",
  E722: () =>
    "This `except` catches everything, even Stop and typing mistakes: name the error that you expect.",
  B006: () => "This default is made once and shared by all calls: use None, and make a new one inside.",
  B015: () => "This comparison does nothing: its answer is thrown away. Did you mean = or an `if`?",
  B018: () => "This line does nothing: its value is thrown away.",
  F706: () => "`return` only works inside a function.",
  F701: () => "`break` only works inside a loop.",
  F702: () => "`continue` only works inside a loop.",
};

/** Rules whose finding Python itself will refuse. */
const REFUSED = new Set(["F633", "F701", "F702", "F706", "F707", "F821", "F823"]);
const HINTS = new Set(["E711", "E712", "E713", "E714", "E721", "F541"]);

export function toProblems(text: string, diagnostics: readonly Diagnostic[]): readonly Problem[] {
  const offset = offsets(text);
  const problems = diagnostics.map((diagnostic): Problem => {
    const { code } = diagnostic;
    const rule = code === null || code === "invalid-syntax" ? null : code;
    return {
      from: offset(diagnostic.start_location),
      to: offset(diagnostic.end_location),
      rule,
      severity: severity(rule),
      message: words(rule, diagnostic),
      fix: toFix(diagnostic, offset),
    };
  });
  // Where Python stops reading, everything after it is guesswork: one thing at a time.
  const broken = problems.filter(({ rule }) => rule === null).sort((a, b) => a.from - b.from)[0];
  return broken === undefined ? problems : [broken];
}

function severity(rule: string | null): Problem["severity"] {
  if (rule === null || REFUSED.has(rule)) return "error";
  return HINTS.has(rule) ? "hint" : "warning";
}

function words(rule: string | null, { message }: Diagnostic): string {
  if (rule === null) return `Python can't read this: ${message[0]?.toLowerCase()}${message.slice(1)}.`;
  const quoted = message.match(/`[^`]+`/)?.[0] ?? "this";
  return PLAIN[rule]?.(message, quoted) ?? message;
}

function toFix({ fix, message }: Diagnostic, offset: (place: Place) => number): Fix | null {
  if (fix === null) return null;
  const edits = fix.edits.map(
    (edit): Edit => ({
      from: offset(edit.location),
      to: offset(edit.end_location),
      insert: edit.content ?? "",
    }),
  );
  return { title: fix.message ?? message, edits };
}

/** Rows and columns count from 1. */
function offsets(text: string): (place: Place) => number {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return ({ row, column }) => Math.min(text.length, (starts[row - 1] ?? text.length) + column - 1);
}
