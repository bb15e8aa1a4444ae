import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Answer } from "../arrivals";
import type { Session } from "../session";
import { Modal } from "./modal";
import { VIEW_ONLY } from "./words";

/** Files that are dropped anywhere on the page, and the question what becomes of a name that is taken. */
export function ArrivalsView({ session }: { session: Session }) {
  return (
    <>
      <DropPlace session={session} />
      {session.arrivals.waiting.value.length > 0 && <TakenDialog session={session} />}
    </>
  );
}

const bringsFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;

function DropPlace({ session }: { session: Session }) {
  const over = useSignal(false);
  useEffect(() => {
    const listening = new AbortController();
    // Before the editor, which would put the text of the file into the one that is open.
    const options = { capture: true, signal: listening.signal };
    const drag = (event: DragEvent) => {
      if (!bringsFiles(event) || !event.dataTransfer) return;
      event.preventDefault();
      event.stopPropagation();
      event.dataTransfer.dropEffect = session.canEdit.value ? "copy" : "none";
      over.value = session.canEdit.value;
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) over.value = false;
    };
    const drop = (event: DragEvent) => {
      over.value = false;
      if (!bringsFiles(event)) return;
      event.preventDefault();
      event.stopPropagation();
      if (session.canEdit.value) void session.arrivals.upload([...(event.dataTransfer?.files ?? [])]);
      else session.notify(VIEW_ONLY);
    };
    window.addEventListener("dragenter", drag, options);
    window.addEventListener("dragover", drag, options);
    window.addEventListener("dragleave", leave, options);
    window.addEventListener("drop", drop, options);
    return () => listening.abort();
  }, [session, over]);
  return over.value ? (
    <div class="drop-place" aria-hidden="true">
      <p>Drop text files here to add them to the room</p>
    </div>
  ) : null;
}

function TakenDialog({ session: { arrivals } }: { session: Session }) {
  const names = arrivals.waiting.value.map(({ name }) => name);
  const one = names.length === 1;
  const answer = (answer: Answer) => () => arrivals.answer(answer);
  return (
    <Modal
      title={one ? `There is already a file called ${names[0]}` : `${names.length} of these names are taken`}
      onClose={answer("leave-out")}
    >
      <div class="stack">
        {!one && (
          <ul class="taken-names code">
            {names.map((name) => (
              <li key={name}>{name}</li>
            ))}
          </ul>
        )}
        <p>
          {one
            ? "Replacing changes its text for everyone in the room."
            : "Replacing changes their texts for everyone in the room."}
        </p>
        <div class="modal-actions">
          <button type="button" class="button" onClick={answer("leave-out")}>
            Cancel
          </button>
          <button type="button" class="button" onClick={answer("keep-both")}>
            Keep both
          </button>
          <button type="button" class="button primary" onClick={answer("replace")}>
            Replace
          </button>
        </div>
      </div>
    </Modal>
  );
}
