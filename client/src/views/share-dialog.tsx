import { useSignal } from "@preact/signals";
import { Check, Copy } from "lucide";
import { useEffect, useId } from "preact/hooks";
import type { RoomLinks } from "../rooms";
import { Icon } from "./icon";
import { Modal } from "./modal";

type Links = { state: "asking" } | { state: "known"; links: RoomLinks } | { state: "unknown" };

interface ShareDialogProps {
  readonly ask: () => Promise<RoomLinks>;
  /** Null for those who may not. */
  readonly replace: (() => Promise<RoomLinks>) | null;
  readonly onClose: () => void;
}

export function ShareDialog({ ask, replace, onClose }: ShareDialogProps) {
  const links = useSignal<Links>({ state: "asking" });
  useEffect(() => {
    ask().then(
      (known) => {
        links.value = { state: "known", links: known };
      },
      () => {
        links.value = { state: "unknown" };
      },
    );
  }, [ask, links]);
  return (
    <Modal title="Share this room" onClose={onClose}>
      <div class="stack">
        {links.value.state === "asking" && <p class="soft">Fetching the links…</p>}
        {links.value.state === "unknown" && (
          <p class="soft">The links can't be fetched just now. Please try again when you are connected.</p>
        )}
        {links.value.state === "known" && <LinkFields {...links.value.links} />}
        {links.value.state === "known" && replace !== null && (
          <Replacement
            replace={async () => {
              links.value = { state: "known", links: await replace() };
            }}
          />
        )}
        <div class="modal-actions">
          <button type="button" class="button" onClick={onClose}>
            Done
          </button>
        </div>
      </div>
    </Modal>
  );
}

type Stage = "offered" | "asked" | "replacing" | "replaced" | "failed";

/** For when a link has come into the wrong hands. */
function Replacement({ replace }: { readonly replace: () => Promise<void> }) {
  const stage = useSignal<Stage>("offered");
  const confirm = async () => {
    stage.value = "replacing";
    try {
      await replace();
      stage.value = "replaced";
    } catch {
      stage.value = "failed";
    }
  };
  return (
    <div class="stack">
      <button
        type="button"
        class="button"
        aria-expanded={stage.value === "asked"}
        disabled={stage.value === "replacing"}
        onClick={() => {
          stage.value = "asked";
        }}
      >
        New links…
      </button>
      {stage.value === "asked" && (
        <>
          <p>
            All links and the join code stop working, and everyone else has to come again by a new one.
            Nothing that was written is lost.
          </p>
          <div class="modal-actions">
            <button
              type="button"
              class="button"
              onClick={() => {
                stage.value = "offered";
              }}
            >
              Keep the links
            </button>
            <button type="button" class="button danger" onClick={confirm}>
              Replace all links
            </button>
          </div>
        </>
      )}
      <p role="status" class="soft">
        {stage.value === "replaced" && "These are the new links. The old ones open nothing any more."}
        {stage.value === "failed" && "The links could not be replaced just now. Please try again."}
      </p>
    </div>
  );
}

function LinkFields({ links, join_code }: RoomLinks) {
  return (
    <>
      {links.editor !== undefined && (
        <CopyField label="Editor link" value={links.editor} help="Whoever has it can type and run." />
      )}
      {links.viewer !== undefined && (
        <CopyField
          label="Viewer link"
          value={links.viewer}
          help="Whoever has it can look on and run for themselves."
        />
      )}
      <CopyField
        label="Join code"
        value={join_code}
        help="To be typed on the start page. Gives the viewer's rights."
      />
    </>
  );
}

function CopyField({ label, value, help }: { label: string; value: string; help: string }) {
  const id = useId();
  const copied = useSignal(false);
  const copy = async () => {
    await navigator.clipboard.writeText(value);
    copied.value = true;
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="field-row">
        <input
          id={id}
          class="code"
          value={value}
          readOnly
          aria-describedby={`${id}-help`}
          onFocus={(event) => event.currentTarget.select()}
        />
        <button type="button" class="button" aria-label={`Copy ${label.toLowerCase()}`} onClick={copy}>
          <Icon of={copied.value ? Check : Copy} />
          {copied.value ? "Copied" : "Copy"}
        </button>
      </div>
      <small id={`${id}-help`} class="soft">
        {help}
      </small>
      <span role="status" class="unseen">
        {copied.value ? `${label} copied` : ""}
      </span>
    </div>
  );
}
