import { type Signal, useSignal } from "@preact/signals";
import { Pencil, Plus, Trash2 } from "lucide";
import { useEffect, useId, useRef } from "preact/hooks";
import { type File, LONGEST_FILE_NAME } from "../files";
import type { Session } from "../session";
import { Icon } from "./icon";
import { Modal } from "./modal";

type Open = { what: "nothing" } | { what: "naming"; file: File } | { what: "deleting"; file: File };

const NOTHING: Open = { what: "nothing" };

export const EDITOR_PANEL = "editor-panel";
export const tabId = (file: File): string => `tab-${file.id}`;

export function FileTabs({ session }: { session: Session }) {
  const open = useSignal<Open>(NOTHING);
  const { files } = session;
  const active = files.active.value;
  const canEdit = session.canEdit.value;
  return (
    <div class="files">
      <div role="tablist" aria-label="Files" class="tabs" onKeyDown={(event) => move(event, session)}>
        {files.list.value.map((file) => (
          <button
            key={file.id}
            id={tabId(file)}
            type="button"
            role="tab"
            class="tab"
            aria-selected={file.id === active?.id}
            aria-controls={EDITOR_PANEL}
            tabIndex={file.id === active?.id ? 0 : -1}
            onClick={() => files.select(file.id)}
            onDblClick={() => {
              if (canEdit) open.value = { what: "naming", file };
            }}
          >
            {file.name}
          </button>
        ))}
      </div>
      {canEdit && (
        <div class="file-actions">
          <button
            type="button"
            class="button quiet icon-only"
            aria-label="New file"
            title="New file"
            onClick={() => {
              open.value = { what: "naming", file: files.create() };
            }}
          >
            <Icon of={Plus} />
          </button>
          {active !== null && (
            <>
              <button
                type="button"
                class="button quiet icon-only"
                aria-label={`Rename ${active.name}`}
                title="Rename"
                onClick={() => {
                  open.value = { what: "naming", file: active };
                }}
              >
                <Icon of={Pencil} />
              </button>
              {files.list.value.length > 1 && (
                <button
                  type="button"
                  class="button quiet icon-only"
                  aria-label={`Delete ${active.name}`}
                  title="Delete"
                  onClick={() => {
                    open.value = { what: "deleting", file: active };
                  }}
                >
                  <Icon of={Trash2} />
                </button>
              )}
            </>
          )}
          {open.value.what === "naming" && (
            <NameField key={open.value.file.id} session={session} file={open.value.file} open={open} />
          )}
        </div>
      )}
      {open.value.what === "deleting" && (
        <DeleteDialog session={session} file={open.value.file} open={open} />
      )}
    </div>
  );
}

/** Beside the tabs and not over the page: a new file is there at once, its name may wait. */
function NameField({ session, file, open }: { session: Session; file: File; open: Signal<Open> }) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const problem = useSignal<string | null>(null);
  useEffect(() => {
    const field = input.current;
    field?.focus();
    field?.setSelectionRange(0, Math.max(0, file.name.lastIndexOf(".")));
  }, [file]);
  const close = () => {
    open.value = NOTHING;
  };
  const commit = () => {
    problem.value = session.files.rename(file.id, input.current?.value ?? "");
    return problem.value === null;
  };
  return (
    <form
      class="file-name"
      onSubmit={(event) => {
        event.preventDefault();
        if (!commit()) return;
        close();
        document.getElementById(tabId(file))?.focus();
      }}
      onKeyDown={(event) => event.key === "Escape" && close()}
      onFocusOut={(event) => {
        if (event.currentTarget.contains(event.relatedTarget as Node | null)) return;
        commit();
        close();
      }}
    >
      <label for={id}>File name</label>
      <div class="field-row">
        <input
          id={id}
          ref={input}
          class="code"
          defaultValue={file.name}
          maxLength={LONGEST_FILE_NAME}
          spellcheck={false}
          autoComplete="off"
          aria-invalid={problem.value !== null}
          aria-describedby={`${id}-problem`}
        />
        <button type="submit" class="button">
          Keep
        </button>
      </div>
      <small id={`${id}-problem`} role="status" class="problem">
        {problem}
      </small>
    </form>
  );
}

function DeleteDialog({ session, file, open }: { session: Session; file: File; open: Signal<Open> }) {
  const close = () => {
    open.value = NOTHING;
  };
  return (
    <Modal title={`Delete ${file.name}?`} onClose={close}>
      <div class="stack">
        <p>It goes for everyone in the room.</p>
        <div class="modal-actions">
          <button type="button" class="button" onClick={close}>
            Keep it
          </button>
          <button
            type="button"
            class="button danger"
            onClick={() => {
              session.files.remove(file.id);
              close();
            }}
          >
            Delete
          </button>
        </div>
      </div>
    </Modal>
  );
}

function move(event: KeyboardEvent, { files }: Session): void {
  const list = files.list.value;
  const at = list.findIndex((file) => file.id === files.active.value?.id);
  const targets: Record<string, number> = {
    ArrowLeft: (at - 1 + list.length) % list.length,
    ArrowRight: (at + 1) % list.length,
    Home: 0,
    End: list.length - 1,
  };
  const file = list[targets[event.key] ?? -1];
  if (file === undefined) return;
  event.preventDefault();
  files.select(file.id);
  document.getElementById(tabId(file))?.focus();
}
