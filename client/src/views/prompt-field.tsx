import { useEffect, useId, useLayoutEffect, useRef } from "preact/hooks";
import type { Phase } from "../runtime/runs";
import type { Session } from "../session";

/** Goes on in what the last run left. It stays while its statement runs, so that the focus has somewhere to be. */
export function PromptField({ session, phase }: { session: Session; phase: Phase["phase"] }) {
  const hidden = phase === "loading" || phase === "failed" || phase === "waiting-for-input";
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const draft = session.prompt.draft.value;
  const lines = draft.split("\n").length;
  // While a statement waits for input that field has the focus; afterwards it comes back.
  const lent = useRef(false);
  if (hidden) lent.current ||= field.current !== null && document.activeElement === field.current;
  useLayoutEffect(() => {
    if (!hidden && lent.current) field.current?.focus();
    if (!hidden) lent.current = false;
  }, [hidden]);
  useEffect(() => {
    if (document.activeElement === field.current) field.current?.scrollIntoView({ block: "nearest" });
  }, [lines]);
  return (
    <form
      class="prompt"
      hidden={hidden}
      onSubmit={(event) => {
        event.preventDefault();
        session.evaluate();
      }}
    >
      <label for={id} class="unseen">
        Python prompt
      </label>
      <span id={`${id}-help`} class="unseen">
        Enter runs, Shift Enter begins a new line, Up and Down bring back what was typed before.
      </span>
      <span class="prompt-mark" aria-hidden="true">
        {">>>"}
      </span>
      <textarea
        id={id}
        ref={field}
        class="code"
        rows={Math.min(lines, 8)}
        value={draft}
        placeholder="Try a line of Python"
        autoComplete="off"
        autoCapitalize="off"
        spellcheck={false}
        aria-describedby={`${id}-help`}
        aria-disabled={phase !== "idle"}
        onInput={(event) => session.prompt.write(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
          if (press(event.key, event.currentTarget, session)) event.preventDefault();
        }}
      />
    </form>
  );
}

/** Whether the key was for the prompt. Up and Down leave the field's own lines first. */
function press(key: string, field: HTMLTextAreaElement, session: Session): boolean {
  const { value, selectionStart, selectionEnd } = field;
  switch (key) {
    case "Enter":
      session.evaluate();
      return true;
    case "ArrowUp":
      return !value.slice(0, selectionStart).includes("\n") && session.prompt.recall(-1);
    case "ArrowDown":
      return !value.slice(selectionEnd).includes("\n") && session.prompt.recall(1);
    default:
      return false;
  }
}
