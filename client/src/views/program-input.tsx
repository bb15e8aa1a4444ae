import { CornerDownLeft } from "lucide";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import type { Session } from "../session";
import { Icon } from "./icon";

/** Stands there only while a program waits. */
export function ProgramInput({ session, prompt }: { session: Session; prompt: string }) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const line = session.stdin.draft;
  useLayoutEffect(() => {
    const field = input.current;
    if (!session.typedSinceRun) field?.focus();
    return () => {
      // Focus must not fall off the page with the field: it goes to what the answer leads to.
      if (field !== document.activeElement) return;
      field?.closest("section")?.querySelector<HTMLElement>("[role=log]")?.focus();
    };
  }, [session]);
  return (
    <form
      class="program-input"
      onSubmit={(event) => {
        event.preventDefault();
        session.type(`${line.value}\n`);
      }}
    >
      <label for={id} class="unseen">
        Program input
      </label>
      <span id={`${id}-prompt`} class="unseen">
        {prompt.trim() === "" ? "The program waits for a line." : prompt}
      </span>
      <span class="program-input-mark" aria-hidden="true">
        ›
      </span>
      <input
        id={id}
        ref={input}
        class="code"
        value={line}
        onInput={(event) => {
          line.value = event.currentTarget.value;
        }}
        onKeyDown={(event) => {
          if (!event.ctrlKey || event.key !== "d") return;
          event.preventDefault();
          session.endInput();
        }}
        onPaste={(event) => {
          const pasted = event.clipboardData?.getData("text/plain") ?? "";
          if (!/[\r\n]/.test(pasted)) return;
          event.preventDefault();
          const { value, selectionStart, selectionEnd } = event.currentTarget;
          session.type(
            value.slice(0, selectionStart ?? 0) + pasted + value.slice(selectionEnd ?? value.length),
          );
        }}
        placeholder="Your program is waiting for a line"
        autoComplete="off"
        autoCapitalize="off"
        spellcheck={false}
        aria-describedby={`${id}-prompt`}
      />
      <button type="submit" class="button" title="Enter sends, Ctrl D ends the input">
        <Icon of={CornerDownLeft} />
        Send
      </button>
    </form>
  );
}
