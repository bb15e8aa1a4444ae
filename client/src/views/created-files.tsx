import { useSignal } from "@preact/signals";
import type { CreatedFile } from "../created";
import type { Run } from "../outputs";
import type { Session } from "../session";
import { Modal } from "./modal";
import { save } from "./save";
import { sizeWords } from "./words";

const HEADING = "created-heading";

export function CreatedFiles({ session, run }: { session: Session; run: Run }) {
  const { files, more } = run.created.value;
  const shown = useSignal<CreatedFile | null>(null);
  if (files.length === 0) return null;
  return (
    <section class="created" aria-labelledby={HEADING}>
      <header class="created-head">
        <h3 id={HEADING}>Created by the run</h3>
        <small class="soft">The next run starts without them.</small>
      </header>
      <ul aria-labelledby={HEADING}>
        {files.map((file) => (
          <CreatedItem
            key={file.name}
            session={session}
            file={file}
            onView={() => {
              shown.value = file;
            }}
          />
        ))}
        {more > 0 && <li class="created-more soft">And {more.toLocaleString("en")} more, not shown here.</li>}
      </ul>
      {shown.value !== null && (
        <Modal
          title={shown.value.name}
          wide
          onClose={() => {
            shown.value = null;
          }}
        >
          <TextView file={shown.value} />
          <div class="modal-actions">
            <button
              type="button"
              class="button"
              onClick={() => {
                shown.value = null;
              }}
            >
              Done
            </button>
          </div>
        </Modal>
      )}
    </section>
  );
}

interface CreatedItemProps {
  readonly session: Session;
  readonly file: CreatedFile;
  readonly onView: () => void;
}

function CreatedItem({ session, file, onView }: CreatedItemProps) {
  const { name, change, size, content, text } = file;
  return (
    <li class="created-file">
      <span class="created-name code">{name}</span>
      <span class="created-facts soft">
        {sizeWords(size)}
        {change === "changed" && " · changed"}
        {content === null && " · too large to fetch"}
      </span>
      <span class="created-actions">
        {text !== null && <ActionButton action="View" name={name} onClick={onView} />}
        {content !== null && (
          <ActionButton action="Download" name={name} onClick={() => save(name, content)} />
        )}
        {text !== null && session.canEdit.value && (
          <ActionButton
            action="Add to the room"
            name={name}
            onClick={() => session.arrivals.add([{ name, text }])}
          />
        )}
      </span>
    </li>
  );
}

interface ActionButtonProps {
  readonly action: string;
  readonly name: string;
  readonly onClick: () => void;
}

function ActionButton({ action, name, onClick }: ActionButtonProps) {
  return (
    <button type="button" class="button small" aria-label={`${action}: ${name}`} onClick={onClick}>
      {action}
    </button>
  );
}

/** More than anyone reads in a dialog; the download has it all. */
const SHOWN_CHARACTERS = 100_000;

function TextView({ file: { name, text } }: { file: CreatedFile }) {
  const whole = text ?? "";
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="created-text code" tabIndex={0} aria-label={`Text of ${name}`}>
        {whole.slice(0, SHOWN_CHARACTERS)}
      </section>
      {whole === "" && <p class="soft">The file is empty.</p>}
      {whole.length > SHOWN_CHARACTERS && (
        <p class="soft">
          This is the beginning: {SHOWN_CHARACTERS.toLocaleString("en")} of{" "}
          {whole.length.toLocaleString("en")} characters.
        </p>
      )}
    </>
  );
}
