// Keeps a Y.Doc and its awareness in step with the server. Speaks frames; who carries them is not its business.

import { type ReadonlySignal, signal } from "@preact/signals";
import {
  type Awareness,
  applyAwarenessUpdate,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from "y-protocols/awareness";
import * as Y from "yjs";
import type { ClientFrame, PresenceFrame, SyncFrame } from "./protocol";

export interface ProviderOptions {
  readonly doc: Y.Doc;
  readonly awareness: Awareness;
  readonly send: (frame: ClientFrame) => void;
  /** A viewer's changes would be dropped by the server: they are not sent. */
  readonly readOnly: () => boolean;
}

interface AwarenessChange {
  readonly added: readonly number[];
  readonly updated: readonly number[];
  readonly removed: readonly number[];
}

/** At most 20 presence frames a second. */
const PRESENCE_INTERVAL_MS = 50;

/**
 * Life of a connection: `opened`, then `received` for each frame, then `lost`, and so on again.
 * Until the server's step 1 is answered, changes wait: the answer (step 2) brings them all, and an update that
 * overtook it would only be a gap to the server.
 */
export class Provider {
  /** True once the server has brought its whole document on the present or an earlier connection. */
  readonly synced: ReadonlySignal<boolean>;
  /** True while all that was changed here is in the server's store. */
  readonly saved: ReadonlySignal<boolean>;
  readonly #options: ProviderOptions;
  readonly #synced = signal(false);
  readonly #saved = signal(true);
  #link: "down" | "greeting" | "up" = "down";
  #sent = 0;
  #presence: ReturnType<typeof setTimeout> | undefined;
  #presencePending = false;

  constructor(options: ProviderOptions) {
    this.#options = options;
    this.synced = this.#synced;
    this.saved = this.#saved;
    options.doc.on("update", this.#changed);
    options.awareness.on("update", this.#presenceChanged);
  }

  opened(): void {
    const { awareness, doc, send } = this.#options;
    this.#link = "greeting";
    this.#sent = 0;
    send({ kind: "step1", stateVector: Y.encodeStateVector(doc) });
    // Setting the state again raises its clock: others who have seen me leave would ignore the old one.
    awareness.setLocalState(awareness.getLocalState());
  }

  lost(): void {
    this.#link = "down";
    const { awareness } = this.#options;
    const others = [...awareness.meta.keys()].filter((id) => id !== awareness.clientID);
    removeAwarenessStates(awareness, others, this);
    // Without their clocks the server's snapshot on return counts as news again.
    for (const id of others) awareness.meta.delete(id);
  }

  received(frame: SyncFrame | PresenceFrame): void {
    const { awareness, doc } = this.#options;
    switch (frame.kind) {
      case "step1":
        this.#link = "up";
        if (!this.#options.readOnly()) this.#bring("step2", Y.encodeStateAsUpdate(doc, frame.stateVector));
        break;
      case "step2":
        Y.applyUpdate(doc, frame.update, this);
        this.#synced.value = true;
        break;
      case "update":
        Y.applyUpdate(doc, frame.update, this);
        break;
      case "presence":
        applyAwarenessUpdate(awareness, frame.update, this);
        break;
      case "query-presence":
        this.#announce();
        break;
    }
  }

  /** The server has the first `count` changes of this connection in its store. */
  stored(count: number): void {
    if (this.#link === "up" && count >= this.#sent) this.#saved.value = true;
  }

  /** Says goodbye, so that nobody sees a ghost's cursor. */
  destroy(): void {
    const { awareness, doc } = this.#options;
    doc.off("update", this.#changed);
    awareness.off("update", this.#presenceChanged);
    clearTimeout(this.#presence);
    awareness.setLocalState(null);
    this.#announce();
    this.#link = "down";
  }

  readonly #changed = (update: Uint8Array, origin: unknown): void => {
    if (origin === this || this.#options.readOnly()) return;
    this.#saved.value = false;
    if (this.#link === "up") this.#bring("update", update);
  };

  #bring(kind: "step2" | "update", update: Uint8Array): void {
    this.#sent += 1;
    this.#options.send({ kind, update });
  }

  readonly #presenceChanged = (_change: AwarenessChange, origin: unknown): void => {
    if (origin !== "local") return;
    if (this.#presence !== undefined) {
      this.#presencePending = true;
      return;
    }
    this.#announce();
    this.#presence = setTimeout(() => {
      this.#presence = undefined;
      if (!this.#presencePending) return;
      this.#presencePending = false;
      this.#presenceChanged(_change, origin);
    }, PRESENCE_INTERVAL_MS);
  };

  #announce(): void {
    const { awareness, send } = this.#options;
    if (this.#link === "down") return;
    send({ kind: "presence", update: encodeAwarenessUpdate(awareness, [awareness.clientID]) });
  }
}
