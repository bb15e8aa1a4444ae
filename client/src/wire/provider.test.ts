import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from "y-protocols/awareness";
import * as Y from "yjs";
import type { ClientFrame } from "./protocol";
import { Provider } from "./provider";

/** What the server does with the frames of any number of clients, by the rules of docs/protocol.md. */
class Relay {
  readonly doc = new Y.Doc();
  readonly awareness = new Awareness(this.doc);
  readonly clients = new Set<Client>();

  constructor() {
    this.awareness.setLocalState(null);
  }

  join(client: Client): void {
    this.clients.add(client);
    client.provider.opened();
    client.provider.received({ kind: "step1", stateVector: Y.encodeStateVector(this.doc) });
    const known = [...this.awareness.getStates().keys()];
    client.provider.received({ kind: "presence", update: encodeAwarenessUpdate(this.awareness, known) });
  }

  leave(client: Client): void {
    this.clients.delete(client);
    client.provider.lost();
  }

  take(from: Client, frame: ClientFrame): void {
    if (!this.clients.has(from)) return;
    switch (frame.kind) {
      case "step1":
        from.provider.received({ kind: "step2", update: Y.encodeStateAsUpdate(this.doc, frame.stateVector) });
        break;
      case "step2":
      case "update":
        from.changes += 1;
        Y.applyUpdate(this.doc, frame.update);
        for (const client of this.clients)
          if (client !== from) client.provider.received({ kind: "update", update: frame.update });
        break;
      case "presence":
        applyAwarenessUpdate(this.awareness, frame.update, from);
        for (const client of this.clients) client.provider.received(frame);
        break;
    }
  }
}

class Client {
  readonly doc = new Y.Doc();
  readonly awareness = new Awareness(this.doc);
  readonly sent: ClientFrame[] = [];
  readonly provider: Provider;
  changes = 0;

  constructor(relay: Relay, readOnly = false) {
    this.provider = new Provider({
      doc: this.doc,
      awareness: this.awareness,
      send: (frame) => {
        this.sent.push(frame);
        relay.take(this, frame);
      },
      readOnly: () => readOnly,
    });
  }

  get text(): string {
    return this.doc.getText("t").toString();
  }

  type(at: number, text: string): void {
    this.doc.getText("t").insert(at, text);
  }

  kinds(): string[] {
    return this.sent.map((frame) => frame.kind);
  }
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function pair() {
  const relay = new Relay();
  const ada = new Client(relay);
  const mei = new Client(relay);
  return { relay, ada, mei };
}

describe("two clients", () => {
  it("see what the other types", () => {
    const { relay, ada, mei } = pair();
    relay.join(ada);
    relay.join(mei);
    ada.type(0, "hello ");
    mei.type(6, "world");
    expect(ada.text).toBe("hello world");
    expect(mei.text).toBe("hello world");
  });

  it("merge what both typed while one of them was away, and nothing twice", () => {
    const { relay, ada, mei } = pair();
    relay.join(ada);
    relay.join(mei);
    ada.type(0, "x");
    relay.leave(ada);
    ada.type(1, "A");
    mei.type(1, "M");
    relay.join(ada);
    expect(ada.text).toBe(mei.text);
    expect([...ada.text].sort()).toEqual(["A", "M", "x"]);
    expect(relay.doc.getText("t").toString()).toBe(ada.text);
  });

  it("bring edits made before the first connection", () => {
    const { relay, ada, mei } = pair();
    ada.type(0, "early");
    relay.join(ada);
    relay.join(mei);
    expect(mei.text).toBe("early");
  });
});

describe("greeting", () => {
  it("holds an edit back until the server's step 1 is answered with everything", () => {
    const { ada } = pair();
    ada.provider.opened();
    ada.type(0, "a");
    expect(ada.kinds()).not.toContain("update");
    ada.provider.received({ kind: "step1", stateVector: Y.encodeStateVector(new Y.Doc()) });
    expect(ada.kinds().filter((kind) => kind === "step2")).toHaveLength(1);
    ada.type(1, "b");
    expect(ada.kinds().at(-1)).toBe("update");
  });

  it("counts as synced only when the server's document has come", () => {
    const { ada } = pair();
    ada.provider.opened();
    expect(ada.provider.synced.value).toBe(false);
    ada.provider.received({ kind: "step2", update: Y.encodeStateAsUpdate(new Y.Doc()) });
    expect(ada.provider.synced.value).toBe(true);
  });
});

describe("saved", () => {
  it("waits until the store has every change of this connection", () => {
    const { relay, ada } = pair();
    relay.join(ada);
    ada.provider.stored(ada.changes);
    expect(ada.provider.saved.value).toBe(true);
    ada.type(0, "a");
    const first = ada.changes;
    ada.type(1, "b");
    expect(ada.provider.saved.value).toBe(false);
    ada.provider.stored(first);
    expect(ada.provider.saved.value).toBe(false);
    ada.provider.stored(ada.changes);
    expect(ada.provider.saved.value).toBe(true);
  });

  it("is false from an offline edit until the next connection has stored it", () => {
    const { relay, ada } = pair();
    relay.join(ada);
    relay.leave(ada);
    ada.type(0, "a");
    expect(ada.provider.saved.value).toBe(false);
    ada.changes = 0;
    relay.join(ada);
    expect(ada.provider.saved.value).toBe(false);
    ada.provider.stored(ada.changes);
    expect(ada.provider.saved.value).toBe(true);
  });

  it("does not listen to an answer that belongs to the connection before", () => {
    const { relay, ada } = pair();
    relay.join(ada);
    ada.type(0, "a");
    relay.leave(ada);
    ada.provider.stored(99);
    expect(ada.provider.saved.value).toBe(false);
  });
});

describe("a viewer", () => {
  it("sends no change, and reads all", () => {
    const relay = new Relay();
    const viewer = new Client(relay, true);
    const ada = new Client(relay);
    relay.join(ada);
    relay.join(viewer);
    viewer.type(0, "mine");
    ada.type(0, "hers");
    expect(viewer.kinds()).not.toContain("update");
    expect(viewer.kinds()).not.toContain("step2");
    expect(viewer.text).toContain("hers");
    expect(ada.text).toBe("hers");
  });
});

describe("presence", () => {
  const presence = (client: Client) => client.kinds().filter((kind) => kind === "presence").length;

  it("is sent at most twenty times a second, the latest last", () => {
    const { relay, ada, mei } = pair();
    relay.join(ada);
    relay.join(mei);
    vi.advanceTimersByTime(100);
    const before = presence(ada);
    for (let n = 0; n < 100; n++) {
      ada.awareness.setLocalStateField("n", n);
      vi.advanceTimersByTime(10);
    }
    vi.advanceTimersByTime(50);
    expect(presence(ada) - before).toBeLessThanOrEqual(21);
    expect(mei.awareness.getStates().get(ada.doc.clientID)?.n).toBe(99);
  });

  it("of others ends with the connection and is back right after it", () => {
    const { relay, ada, mei } = pair();
    relay.join(ada);
    relay.join(mei);
    mei.awareness.setLocalStateField("n", 1);
    vi.advanceTimersByTime(50);
    relay.leave(ada);
    expect([...ada.awareness.getStates().keys()]).toEqual([ada.doc.clientID]);
    relay.join(ada);
    expect(ada.awareness.getStates().get(mei.doc.clientID)?.n).toBe(1);
  });

  it("of mine shows again to those who saw me leave", () => {
    const { relay, ada, mei } = pair();
    relay.join(ada);
    relay.join(mei);
    vi.advanceTimersByTime(100);
    relay.leave(ada);
    const gone = encodeAwarenessUpdate(ada.awareness, [ada.doc.clientID], new Map());
    mei.provider.received({ kind: "presence", update: gone });
    expect(mei.awareness.getStates().has(ada.doc.clientID)).toBe(false);
    relay.join(ada);
    expect(mei.awareness.getStates().has(ada.doc.clientID)).toBe(true);
  });

  it("says goodbye at the end", () => {
    const { relay, ada, mei } = pair();
    relay.join(ada);
    relay.join(mei);
    ada.provider.destroy();
    expect(mei.awareness.getStates().has(ada.doc.clientID)).toBe(false);
  });
});
