import { type Signal, useSignal } from "@preact/signals";
import { Download, FilePlus, FolderDown, type IconNode, Pencil, Trash2, Upload } from "lucide";
import { useEffect, useId, useRef } from "preact/hooks";
import { baseOf, LONGEST_FILE_NAME } from "../file-names";
import type { File } from "../files";
import type { Session } from "../session";
import { Icon } from "./icon";
import { save } from "./save";

export const EDITOR_PANEL = "editor-panel";
export const tabId = (file: File): string => `tab-${file.id}`;

export function FileTabs({ session }: { session: Session }) {
  const naming = useSignal<File | null>(null);
  const { files } = session;
  const active = files.active.value;
  const canEdit = session.canEdit.value;
  return (
    <div class="files">
      <div role="tablist" aria-label="Files" class="tabs" onKeyDown={(event) => move(event, session)}>
        {files.list.value.map((file) => (
          <Tab
            key={file.id}
            file={file}
            selected={file.id === active?.id}
            onSelect={() => files.select(file.id)}
            onRename={() => {
              if (canEdit) naming.value = file;
            }}
          />
        ))}
      </div>
      <div class="file-actions">
        {canEdit && (
          <>
            <IconButton
              label="New file"
              of={FilePlus}
              onClick={() => {
                naming.value = session.newFile();
              }}
            />
            <UploadButton session={session} />
          </>
        )}
        {active !== null && (
          <>
            <IconButton
              label={`Download ${active.name}`}
              of={Download}
              onClick={() => save(active.name, active.text.toString())}
            />
            <IconButton label="Download all files (zip)" of={FolderDown} onClick={() => saveAll(session)} />
            {canEdit && (
              <IconButton
                label={`Rename ${active.name}`}
                of={Pencil}
                onClick={() => {
                  naming.value = active;
                }}
              />
            )}
            {canEdit && files.list.value.length > 1 && (
              <IconButton
                label={`Delete ${active.name}`}
                of={Trash2}
                onClick={() => session.deleteFile(active)}
              />
            )}
          </>
        )}
        {naming.value !== null && (
          <NameField key={naming.value.id} session={session} file={naming.value} naming={naming} />
        )}
      </div>
    </div>
  );
}

interface TabProps {
  readonly file: File;
  readonly selected: boolean;
  readonly onSelect: () => void;
  readonly onRename: () => void;
}

function Tab({ file, selected, onSelect, onRename }: TabProps) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (selected) button.current?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [selected]);
  const base = baseOf(file.name);
  const folder = file.name.slice(0, -base.length - 1);
  return (
    <button
      ref={button}
      id={tabId(file)}
      type="button"
      role="tab"
      class="tab"
      aria-label={file.name}
      aria-selected={selected}
      aria-controls={EDITOR_PANEL}
      tabIndex={selected ? 0 : -1}
      title={folder && file.name}
      onClick={onSelect}
      onDblClick={onRename}
    >
      {folder !== "" && (
        <>
          <span class="tab-folder">{folder}</span>/
        </>
      )}
      {base}
    </button>
  );
}

function UploadButton({ session }: { session: Session }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <IconButton label="Upload files" of={Upload} onClick={() => input.current?.click()} />
      <input
        ref={input}
        type="file"
        multiple
        hidden
        onChange={(event) => {
          const { files } = event.currentTarget;
          void session.arrivals.upload([...(files ?? [])]);
          // The same file may be chosen again.
          event.currentTarget.value = "";
        }}
      />
    </>
  );
}

interface IconButtonProps {
  readonly label: string;
  readonly of: IconNode;
  readonly onClick: () => void;
}

function IconButton({ label, of, onClick }: IconButtonProps) {
  return (
    <button type="button" class="button quiet icon-only" aria-label={label} title={label} onClick={onClick}>
      <Icon of={of} />
    </button>
  );
}

async function saveAll(session: Session): Promise<void> {
  try {
    save("room.zip", await session.exportFiles());
  } catch {
    session.notify(
      "The files can't be fetched from the server just now. Please try again when you are connected.",
    );
  }
}

interface NameFieldProps {
  readonly session: Session;
  readonly file: File;
  readonly naming: Signal<File | null>;
}

/** Beside the tabs and not over the page: a new file is there at once, its name may wait. */
function NameField({ session, file, naming }: NameFieldProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const problem = useSignal<string | null>(null);
  useEffect(() => {
    const field = input.current;
    field?.focus();
    field?.setSelectionRange(
      file.name.length - baseOf(file.name).length,
      Math.max(0, file.name.lastIndexOf(".")),
    );
  }, [file]);
  const close = () => {
    naming.value = null;
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
          aria-describedby={`${id}-help ${id}-problem`}
        />
        <button type="submit" class="button">
          Keep
        </button>
      </div>
      <small id={`${id}-help`} class="soft">
        A slash makes a folder: data/people.csv
      </small>
      <small id={`${id}-problem`} role="status" class="problem">
        {problem}
      </small>
    </form>
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
