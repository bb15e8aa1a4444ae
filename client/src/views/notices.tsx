import { Undo2, X } from "lucide";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Session } from "../session";
import { Icon } from "./icon";

export function Notices({ session }: { session: Session }) {
  return (
    <div class="notices" role="status" aria-label="Notices">
      {session.notices.value.map(({ id, text, undo }) => (
        <div key={id} class="notice">
          <p>{text}</p>
          {undo !== null && (
            <UndoButton
              undo={() => {
                undo();
                session.dismiss(id);
              }}
            />
          )}
          <button
            type="button"
            class="button quiet icon-only"
            aria-label="Dismiss"
            onClick={() => session.dismiss(id)}
          >
            <Icon of={X} />
          </button>
        </div>
      ))}
    </div>
  );
}

/** Takes the focus, so that the keyboard need not go round the page for it, and gives it to the file that is open then. */
function UndoButton({ undo }: { undo: () => void }) {
  const button = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    const element = button.current;
    element?.focus();
    return () => {
      if (document.activeElement === element) requestAnimationFrame(focusOpenFile);
    };
  }, []);
  return (
    <button ref={button} type="button" class="button small" onClick={undo}>
      <Icon of={Undo2} />
      Undo
    </button>
  );
}

function focusOpenFile(): void {
  if (document.activeElement === document.body)
    document.querySelector<HTMLElement>('[role="tab"][aria-selected="true"]')?.focus();
}
