import "fake-indexeddb/auto";
import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as Y from "yjs";
import type { File } from "./files";
import { openMemory } from "./identity";
import type { Phase } from "./runtime/runs";
import { type Python, Session } from "./session";
import { decode, encode, type RoomMessage } from "./wire/protocol";

const INFO = { room: "r1", kind: "pair", title: "", role: "editor", epoch: "e1" } as const;

class FakeWebSocket {
  static made: FakeWebSocket[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readonly sent: Uint8Array[] = [];
  readonly url: string;
  readonly protocols: string[];

  constructor(url: string, protocols: string[]) {
    this.url = url;
    this.protocols = protocols;
    FakeWebSocket.made.push(this);
  }

  send(frame: Uint8Array): void {
    this.sent.push(frame);
  }

  close(): void {}

  say(frame: Uint8Array): void {
    this.onmessage?.({ data: frame.slice().buffer });
  }

  tell(message: RoomMessage): void {
    const json = new TextEncoder().encode(JSON.stringify(message));
    this.say(Uint8Array.from([65, (json.length & 127) | 128, json.length >> 7, ...json]));
  }
}

const fakePython = (phase: Phase): Python => ({
  phase: signal(phase),
  reduced: signal(false),
  offered: signal(null),
  start: vi.fn(),
  run: vi.fn(() => "run"),
  stop: vi.fn(),
  send: vi.fn(),
  endInput: vi.fn(),
  destroy: vi.fn(),
});

const answer = (status: number, body: unknown) => () =>
  Promise.resolve(new Response(JSON.stringify(body), { status }));

function setUp({
  name = "Ada" as string | null,
  memory = emptyMemory(),
  role = "editor" as string,
  phase = { phase: "idle" } as Phase,
} = {}) {
  if (name !== null) memory.setItem("caretroom.name", name);
  vi.stubGlobal("fetch", vi.fn(answer(200, { ...INFO, role })));
  const python = fakePython(phase);
  const stale = vi.fn();
  const moved = vi.fn();
  const session = new Session({
    room: INFO.room,
    token: "t1",
    origin: "ws://test",
    memory,
    surroundings: { visible: () => true, online: () => true, watch: () => () => {} },
    python: () => python,
    moved,
    stale,
  });
  sessions.push(session);
  const socket = () => FakeWebSocket.made.at(-1) as FakeWebSocket;
  const enter = async () => {
    await session.start();
    socket().onopen?.();
  };
  return { session, python, moved, stale, memory, socket, enter };
}

const emptyMemory = () =>
  openMemory(() => {
    throw new Error("no storage here");
  });

const sessions: Session[] = [];

beforeEach(() => {
  FakeWebSocket.made = [];
  vi.stubGlobal("WebSocket", FakeWebSocket);
});
afterEach(() => {
  for (const session of sessions.splice(0)) session.destroy();
  vi.unstubAllGlobals();
});

/** A room with `main.py`, as the server would bring it. */
function seeded(): Uint8Array {
  const doc = new Y.Doc();
  const file = new Y.Map<unknown>([
    ["name", "main.py"],
    ["text", new Y.Text("print(1)")],
  ]);
  doc.getMap("files").set("main", file);
  return Y.encodeStateAsUpdate(doc);
}

describe("entering", () => {
  it("begins with hello and step 1, and keeps the token out of the address", async () => {
    const { socket, enter } = setUp();
    await enter();
    expect(socket().url).toBe("ws://test/ws/r1?epoch=e1");
    expect(socket().protocols).toEqual(["caretroom.token.t1"]);
    const [hello, step1] = socket().sent;
    expect(hello?.[0]).toBe(65);
    expect(new TextDecoder().decode(hello)).toContain('"type":"hello","name":"Ada","key":"');
    expect(decode(step1 as Uint8Array).kind).toBe("step1");
  });

  it("waits for a name, while Python already loads", async () => {
    const { session, python } = setUp({ name: null });
    await session.start();
    expect(python.start).toHaveBeenCalled();
    expect(FakeWebSocket.made).toHaveLength(0);
    session.enter("Mei");
    expect(FakeWebSocket.made).toHaveLength(1);
  });

  it("never writes a file of its own into an empty room", async () => {
    const { session, enter } = setUp();
    await enter();
    expect(session.files.list.value).toEqual([]);
  });

  it("says so when there is nothing behind the link", async () => {
    const { session } = setUp();
    vi.stubGlobal("fetch", vi.fn(answer(410, { error: { code: "gone", message: "Deleted." } })));
    await session.start();
    expect(session.stage.value).toEqual({ stage: "gone", status: 410 });
    expect(FakeWebSocket.made).toHaveLength(0);
  });

  it("goes by what it remembers when the server can't be asked", async () => {
    const first = setUp();
    await first.session.start();
    const second = setUp({ memory: first.memory });
    vi.stubGlobal("fetch", vi.fn().mockRejectedValue(new TypeError("no network")));
    await second.session.start();
    expect(second.session.stage.value).toEqual({ stage: "open", info: INFO });
  });
});

describe("in the room", () => {
  it("Run runs the file that is looked at, with what everyone typed", async () => {
    const { session, python, socket, enter } = setUp();
    await enter();
    socket().say(encode({ kind: "step2", update: seeded() }));
    session.runOrStop();
    expect(python.run).toHaveBeenCalledWith({
      entry: "main.py",
      files: [{ name: "main.py", text: "print(1)" }],
      task: { kind: "program" },
    });
  });

  it("Run says so when there is no Python file", async () => {
    const { session, python, enter } = setUp();
    await enter();
    session.files.create("notes.txt", "");
    session.runOrStop();
    expect(python.run).not.toHaveBeenCalled();
    expect(session.notices.value.map(({ text }) => text)).toEqual([
      expect.stringContaining("no Python file"),
    ]);
  });

  it("a file that I deleted can be taken back from the notice", async () => {
    const { session, socket, enter } = setUp();
    await enter();
    socket().say(encode({ kind: "step2", update: seeded() }));
    session.deleteFile(session.files.active.value as File);
    expect(session.files.list.value).toEqual([]);
    const [notice] = session.notices.value;
    expect(notice?.text).toBe("Deleted main.py.");
    notice?.undo?.();
    expect(session.files.program({ kind: "program" })?.files).toEqual([
      { name: "main.py", text: "print(1)" },
    ]);
  });

  it("tests and the prompt run with the same files, the prompt only when there is something to run", async () => {
    const { session, python, socket, enter } = setUp();
    await enter();
    socket().say(encode({ kind: "step2", update: seeded() }));
    session.runTests();
    session.prompt.write("  ");
    session.evaluate();
    session.prompt.write("1 + 1");
    session.evaluate();
    const files = [{ name: "main.py", text: "print(1)" }];
    expect(vi.mocked(python.run).mock.calls.map(([program]) => program)).toEqual([
      { entry: "main.py", files, task: { kind: "tests" } },
      { entry: "main.py", files, task: { kind: "statement", source: "1 + 1" } },
    ]);
  });

  it("people are those of the roster, I first", async () => {
    const { session, socket, enter } = setUp();
    await enter();
    const { room, kind, title, epoch } = INFO;
    socket().tell({ type: "welcome", member: "m2", role: "editor", room, kind, title, epoch });
    socket().tell({
      type: "members",
      reset: true,
      present: [
        { id: "m1", name: "Ada", role: "host", colour: 0, clients: [] },
        { id: "m2", name: "Mei", role: "editor", colour: 1, clients: [session.doc.clientID] },
      ],
      gone: [],
    });
    expect(session.people.value.map(({ member, me }) => [member.name, me])).toEqual([
      ["Mei", true],
      ["Ada", false],
    ]);
  });

  it("what the server has to say is shown once", async () => {
    const { session, socket, enter } = setUp();
    await enter();
    socket().tell({ type: "notice", code: "read-only", message: "You are viewing." });
    socket().tell({ type: "notice", code: "read-only", message: "You are viewing." });
    expect(session.notices.value.map(({ text }) => text)).toEqual(["You are viewing."]);
  });

  it("a viewer can't edit, and has nothing unsaved", async () => {
    const { session, enter } = setUp({ role: "viewer" });
    await enter();
    session.newFile();
    expect(session.canEdit.value).toBe(false);
    expect(session.saved.value).toBe(true);
  });

  it("an answer stands in the output and goes to the program", async () => {
    const phase = { phase: "waiting-for-input", run: "r", prompt: "? " } as const;
    const { session, python, enter } = setUp({ phase });
    await enter();
    session.outputs.happened({ type: "start", run: "r", file: "main.py", tests: false });
    session.type("42\n");
    expect(session.outputs.mine.value?.transcript.text).toBe("42\n");
    expect(python.send).toHaveBeenCalledWith("42");
  });
});

describe("new links", () => {
  const NEW = { links: { host: "http://test/r/r1#t2", viewer: "http://test/r/r1#t3" }, join_code: "ABCDEF" };

  it("take the host's own connection along", async () => {
    const { session, moved, socket, enter } = setUp({ role: "host" });
    await enter();
    const old = socket();
    vi.stubGlobal("fetch", vi.fn(answer(200, NEW)));
    expect(await session.replaceLinks()).toEqual(NEW);
    expect(moved).toHaveBeenCalledWith(NEW.links.host);
    expect(socket()).not.toBe(old);
    expect(socket().protocols).toEqual(["caretroom.token.t2"]);
  });

  it("that the server could not make leave the old ones as they are", async () => {
    const { session, moved, socket, enter } = setUp({ role: "host" });
    await enter();
    vi.stubGlobal("fetch", vi.fn(answer(503, { error: { code: "unavailable", message: "Later." } })));
    await expect(session.replaceLinks()).rejects.toThrow("Later.");
    expect(moved).not.toHaveBeenCalled();
    expect(socket().protocols).toEqual(["caretroom.token.t1"]);
  });
});

describe("the end of a room", () => {
  it("leaves no copy of a room that was set up anew, and begins again", async () => {
    const { stale, memory, socket, enter } = setUp();
    await enter();
    socket().onclose?.({ code: 4409 });
    await vi.waitFor(() => expect(stale).toHaveBeenCalled());
    expect(memory.getItem("caretroom.room.r1")).toBeNull();
  });

  it("lets nobody type into a room that was deleted", async () => {
    const { session, memory, socket, enter } = setUp();
    await enter();
    socket().onclose?.({ code: 4410 });
    expect(session.canEdit.value).toBe(false);
    expect(memory.getItem("caretroom.room.r1")).toBeNull();
  });

  it("comes at once when the server talks nonsense", async () => {
    const { session, socket, enter } = setUp();
    await enter();
    socket().say(Uint8Array.from([0, 9]));
    expect(session.connection.value).toEqual({ state: "closed", code: 4400 });
  });
});
