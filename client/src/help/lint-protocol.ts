// What the page and the lint worker say to each other. Offsets count UTF-16 units, as CodeMirror and Yjs do.

/** Comes first, once: the bytes of ruff's WebAssembly, which the worker itself may not fetch. */
export interface OpenLint {
  readonly type: "open";
  readonly wasm: ArrayBuffer;
}

export type LintQuestion = { readonly text: string } & (
  | { readonly type: "check" }
  | { readonly type: "format" }
);

export type LintRequest = LintQuestion & { readonly id: number };

export interface Edit {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
}

export interface Fix {
  readonly title: string;
  readonly edits: readonly Edit[];
}

export interface Problem {
  readonly from: number;
  readonly to: number;
  /** An error keeps the program from running, a warning is most likely a mistake, a hint could be done better. */
  readonly severity: "error" | "warning" | "hint";
  /** ruff's name for the rule; null for a syntax error. */
  readonly rule: string | null;
  readonly message: string;
  readonly fix: Fix | null;
}

export type Formatted =
  | { readonly type: "formatted"; readonly text: string }
  /** Text that is no Python can't be formatted: what is wrong, and where. */
  | { readonly type: "broken"; readonly at: number; readonly message: string };

export type LintAnswer =
  | { readonly type: "problems"; readonly problems: readonly Problem[] }
  | Formatted
  | { readonly type: "failed"; readonly reason: string };

export type LintResponse = LintAnswer & { readonly id: number };
