// Who is in the room, as the server says. The only source of names, roles and colours that are shown.

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { RosterEntry } from "./wire/protocol";

export type Member = RosterEntry;

export interface RosterChange {
  readonly reset: boolean;
  readonly present: readonly RosterEntry[];
  readonly gone: readonly string[];
}

export class Members {
  readonly all: ReadonlySignal<ReadonlyMap<string, Member>>;
  /** Whose a Yjs client id is. An id that is missing here belongs to nobody that the server vouches for. */
  readonly byClient: ReadonlySignal<ReadonlyMap<number, Member>>;
  readonly #all = signal<ReadonlyMap<string, Member>>(new Map());

  constructor() {
    this.all = this.#all;
    this.byClient = computed(() => {
      const owners = new Map<number, Member>();
      for (const member of this.#all.value.values())
        for (const client of member.clients) owners.set(client, member);
      return owners;
    });
  }

  apply(change: RosterChange): void {
    const members = new Map(change.reset ? [] : this.#all.value);
    for (const member of change.present) members.set(member.id, member);
    for (const id of change.gone) members.delete(id);
    this.#all.value = members;
  }
}
