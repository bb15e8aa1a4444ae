// One visit to one room: joins document, connection, people, Python and output. Knows no DOM; whatever the device has to
// offer (storage, network, Python) is handed in.

import { batch, computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { clearDocument, IndexeddbPersistence } from "y-indexeddb";
import { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";
import { Arrivals } from "./arrivals";
import { type File, Files } from "./files";
import { type Memory, memberKey, rememberedName, rememberName } from "./identity";
import { type Member, Members } from "./members";
import { Outputs } from "./outputs";
import { Places } from "./places";
import { asTyped, Prompt } from "./prompt";
import {
  fetchExport,
  fetchLinks,
  fetchRoom,
  isGone,
  Refused,
  type RoomInfo,
  type RoomLinks,
  replaceLinks,
} from "./rooms";
import type { Phase, Program, RunEvent, Task } from "./runtime/runs";
import { Sharing } from "./sharing";
import { Stdin } from "./stdin";
import { type ClientFrame, decode, encode, type RoomMessage, type ServerFrame } from "./wire/protocol";
import { Provider } from "./wire/provider";
import { type Connection, Socket, type Surroundings } from "./wire/socket";

/** What the page needs of running Python; `runtime/runner.ts` is it. */
export interface Python {
  readonly phase: ReadonlySignal<Phase>;
  readonly reduced: ReadonlySignal<boolean>;
  readonly offered: ReadonlySignal<string | null>;
  start(): void;
  run(program: Program): string;
  stop(): void;
  send(line: string): void;
  endInput(): void;
  destroy(): void;
}

export type Stage =
  | { readonly stage: "opening" }
  /** There is a document to look at; `null` until the room itself could be asked. */
  | { readonly stage: "open"; readonly info: RoomInfo }
  /** There is nothing behind this link. 0 means that the server could not be reached. */
  | { readonly stage: "gone"; readonly status: number };

export type Activity = "typing" | "running" | "idle";

export interface Person {
  readonly member: Member;
  readonly me: boolean;
  readonly activity: Activity;
  /** The name of the file they look at, when it is another one than mine. */
  readonly elsewhere: string | null;
}

export interface Notice {
  readonly id: number;
  readonly text: string;
  /** Takes back what the notice tells of. */
  readonly undo: (() => void) | null;
}

export interface SessionOptions {
  readonly room: string;
  readonly token: string;
  /** `ws:` or `wss:`, and the host. */
  readonly origin: string;
  readonly memory: Memory;
  readonly surroundings: Surroundings;
  readonly python: (onEvent: (event: RunEvent) => void) => Python;
  /** My link was replaced: this is the new one. */
  readonly moved: (link: string) => void;
  /** The room was replaced by another under the same name: my copy is gone, begin anew. */
  readonly stale: () => void;
}

const TYPING_MS = 2_000;
const NOTICE_MS = 12_000;
/** There is something to decide, and perhaps to reach by keyboard first. */
const UNDO_MS = 30_000;
const BAD_MESSAGE = 4400;
const STALE_EPOCH = 4409;
/** After these the room is no more, and a copy on this device would only be a ghost. */
const ROOM_IS_NO_MORE = new Set([404, 410, 4404, 4410]);

export class Session {
  readonly doc = new Y.Doc();
  readonly awareness = new Awareness(this.doc);
  readonly files = new Files(this.doc);
  readonly arrivals = new Arrivals(this.files, (sentence) => this.notify(sentence));
  readonly members = new Members();
  readonly outputs = new Outputs();
  readonly places = new Places();
  readonly prompt = new Prompt();
  readonly python: Python;
  readonly sharing: Sharing;
  readonly stdin: Stdin;
  readonly stage: ReadonlySignal<Stage>;
  readonly name: ReadonlySignal<string | null>;
  readonly connection: ReadonlySignal<Connection>;
  readonly saved: ReadonlySignal<boolean>;
  readonly notices: ReadonlySignal<readonly Notice[]>;
  readonly people: ReadonlySignal<readonly Person[]>;
  readonly canEdit: ReadonlySignal<boolean>;

  readonly #options: SessionOptions;
  #token: string;
  readonly #socket: Socket;
  readonly #provider: Provider;
  readonly #stage = signal<Stage>({ stage: "opening" });
  readonly #name = signal<string | null>(null);
  readonly #notices = signal<readonly Notice[]>([]);
  readonly #presence = signal(0);
  readonly #me = signal<string | null>(null);
  readonly #typing = signal(false);
  readonly #endings: (() => void)[] = [];
  #store: IndexeddbPersistence | null = null;
  #typingEnds: ReturnType<typeof setTimeout> | undefined;
  #noticeCount = 0;
  #typedSinceRun = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#token = options.token;
    this.#name.value = rememberedName(options.memory);
    this.#socket = new Socket({
      address: () => this.#address(),
      surroundings: options.surroundings,
      opened: () => this.#opened(),
      received: (bytes) => this.#received(bytes),
      lost: () => this.#provider.lost(),
      refusal: () => this.#refusal(),
      probe: () => this.#send({ kind: "step1", stateVector: Y.encodeStateVector(this.doc) }),
    });
    this.#provider = new Provider({
      doc: this.doc,
      awareness: this.awareness,
      send: (frame) => this.#send(frame),
      readOnly: () => this.#role === "viewer",
    });
    this.sharing = new Sharing(
      (event) => this.#send({ kind: "output", event }),
      () => performance.now(),
    );
    this.stdin = new Stdin(options.memory, options.room);
    this.python = options.python((event) => {
      if (event.type === "start") this.stdin.begin();
      batch(() => this.outputs.happened(event));
      this.sharing.happened(event);
      const statement = this.prompt.happened(event);
      if (statement !== null) this.#typedAtRun(asTyped(statement));
      if (event.type === "report" && event.report.kind === "error")
        this.places.failed(event.report.failures, this.files.list.value);
    });
    this.stage = this.#stage;
    this.name = this.#name;
    this.notices = this.#notices;
    this.connection = this.#socket.connection;
    this.saved = computed(() => this.#role === "viewer" || this.#provider.saved.value);
    this.canEdit = computed(() => this.#role !== "viewer" && this.connection.value.state !== "closed");
    this.people = computed(() => this.#findPeople());
    this.awareness.on("change", () => {
      this.#presence.value += 1;
    });
    this.doc.on("afterTransaction", (transaction: Y.Transaction) => {
      if (transaction.local && transaction.changed.size > 0) this.#typed();
    });
    this.#endings.push(
      effect(() => this.#showWhatIDo()),
      effect(() => this.#feed()),
      effect(() => this.#followConnection()),
    );
  }

  /** Python begins to load and the local copy to open at once; the connection waits for a name. */
  async start(): Promise<void> {
    this.python.start();
    const info = await this.#findRoom();
    if (typeof info === "number") {
      this.#stage.value = { stage: "gone", status: info };
      return;
    }
    this.#store = new IndexeddbPersistence(copyName(info), this.doc);
    this.#stage.value = { stage: "open", info };
    if (this.#name.value !== null) this.#socket.start();
  }

  /** Enters under this name; later calls change it. */
  enter(name: string): void {
    rememberName(this.#options.memory, name);
    this.#name.value = name;
    if (this.connection.value.state === "live") this.#hello();
    else this.#socket.start();
  }

  /** Runs `files.entry`, or stops what runs: the two share one place and one key. */
  runOrStop(): void {
    if (isBusy(this.python.phase.value)) this.python.stop();
    else this.#begin({ kind: "program" });
  }

  /** Runs the tests of the file that is looked at, and of the room's files of tests. */
  runTests(): void {
    if (!isBusy(this.python.phase.value)) this.#begin({ kind: "tests" });
  }

  #begin(task: Task): void {
    const program = this.files.program(task);
    if (program === null) {
      if (this.files.list.value.length > 0)
        this.notify("There is no Python file to run: the names of those end in .py.");
      return;
    }
    this.#typedSinceRun = false;
    this.places.begin(program.files);
    this.python.run(program);
  }

  /** Shows a line of one of the room's files. */
  show(fileName: string, line: number): void {
    const file = this.files.list.value.find(({ name }) => name === fileName);
    if (file === undefined) {
      this.notify(`There is no ${fileName} in the room any more.`);
      return;
    }
    this.files.select(file.id);
    this.places.go(file.text, line);
  }

  /** Types at the program; each line end sends a line. */
  type(text: string): void {
    this.stdin.type(text);
    this.#feed();
  }

  endInput(): void {
    this.stdin.end();
    this.#feed();
  }

  /** Runs what stands at the prompt, when Python is free. */
  evaluate(): void {
    const source = this.prompt.draft.value;
    if (source.trim() === "" || this.python.phase.value.phase !== "idle") return;
    const program = this.files.program({ kind: "statement", source });
    if (program === null) return;
    this.#typedSinceRun = false;
    if (this.outputs.mine.value === null) this.places.begin(program.files);
    this.prompt.sent(this.python.run(program), source);
  }

  /** Whoever goes on typing while a program runs should keep the caret. */
  get typedSinceRun(): boolean {
    return this.#typedSinceRun;
  }

  links(): Promise<RoomLinks> {
    return fetchLinks(this.#options.room, this.#token);
  }

  /** Makes every link to the room new, as only a host may; everyone else has to come again by a new one. */
  async replaceLinks(): Promise<RoomLinks> {
    // The server ends all connections that came by the old links, this one too.
    this.#socket.pause();
    try {
      const replaced = await replaceLinks(this.#options.room, this.#token);
      const { host } = replaced.links;
      if (host !== undefined) {
        this.#token = host.slice(host.indexOf("#") + 1);
        this.#options.moved(host);
      }
      return replaced;
    } finally {
      this.#socket.start();
    }
  }

  /** All files of the room, as the server has them, in one archive. */
  exportFiles(): Promise<Blob> {
    return fetchExport(this.#options.room, this.#token);
  }

  /** Makes an empty file, unless the room is full. */
  newFile(): File | null {
    const problem = this.files.fullness(0);
    if (problem === null) return this.files.create("untitled.py", "");
    this.notify(problem);
    return null;
  }

  deleteFile(file: File): void {
    this.notify(`Deleted ${file.name}.`, this.files.remove(file));
  }

  notify(text: string, undo: Notice["undo"] = null): void {
    this.#noticeCount += 1;
    const id = this.#noticeCount;
    const others = this.#notices.value.filter((notice) => notice.text !== text);
    this.#notices.value = [...others, { id, text, undo }];
    setTimeout(() => this.dismiss(id), undo === null ? NOTICE_MS : UNDO_MS);
  }

  dismiss(id: number): void {
    this.#notices.value = this.#notices.value.filter((notice) => notice.id !== id);
  }

  destroy(): void {
    for (const end of this.#endings) end();
    clearTimeout(this.#typingEnds);
    this.#provider.destroy();
    this.#socket.destroy();
    this.python.destroy();
    this.doc.destroy();
  }

  /** A program that asks gets what there is. */
  #feed(): void {
    if (this.python.phase.value.phase !== "waiting-for-input") return;
    const entry = this.stdin.next();
    switch (entry?.type) {
      case "line":
        this.#typedAtRun(entry.line);
        this.python.send(entry.line);
        break;
      case "end":
        this.python.endInput();
        break;
    }
  }

  get #info(): RoomInfo | null {
    const stage = this.#stage.value;
    return stage.stage === "open" ? stage.info : null;
  }

  get #role(): RoomInfo["role"] | null {
    return this.#info?.role ?? null;
  }

  /** The room, or the status that says why not. A server that can't be reached leaves what was remembered. */
  async #findRoom(): Promise<RoomInfo | number> {
    const { room, memory } = this.#options;
    const remembered = rememberedRoom(memory, room);
    try {
      const info = await fetchRoom(room, this.#token);
      if (remembered !== null && remembered.epoch !== info.epoch) await clearDocument(copyName(remembered));
      rememberRoom(memory, info);
      return info;
    } catch (problem) {
      const status = problem instanceof Refused ? problem.status : 0;
      if (!isGone(status)) return remembered ?? status;
      if (remembered !== null && ROOM_IS_NO_MORE.has(status)) {
        await clearDocument(copyName(remembered));
        memory.removeItem(roomPlace(room));
        this.stdin.forget();
      }
      return status;
    }
  }

  #address(): { url: string; protocols: readonly string[] } {
    const { origin, room } = this.#options;
    const epoch = this.#info?.epoch ?? "";
    return {
      url: `${origin}/ws/${encodeURIComponent(room)}?epoch=${encodeURIComponent(epoch)}`,
      protocols: [`caretroom.token.${this.#token}`],
    };
  }

  async #refusal(): Promise<number | null> {
    try {
      await fetchRoom(this.#options.room, this.#token);
      return null;
    } catch (problem) {
      return problem instanceof Refused && isGone(problem.status) ? problem.status : null;
    }
  }

  #opened(): void {
    this.outputs.forgetShared();
    this.#hello();
    this.#provider.opened();
    this.sharing.resume();
  }

  #hello(): void {
    const { memory, room } = this.#options;
    const name = this.#name.value ?? "";
    this.#send({ kind: "room", message: { type: "hello", name, key: memberKey(memory, room) } });
    this.awareness.setLocalStateField("user", { name });
  }

  #send(frame: ClientFrame): void {
    this.#socket.send(encode(frame));
  }

  #received(bytes: Uint8Array): void {
    let frame: ServerFrame;
    try {
      frame = decode(bytes);
    } catch {
      this.#socket.close(BAD_MESSAGE);
      return;
    }
    switch (frame.kind) {
      case "step1":
      case "step2":
      case "update":
      case "presence":
      case "query-presence":
        this.#provider.received(frame);
        break;
      case "output":
        batch(() => this.outputs.received(frame.event));
        break;
      case "room":
        batch(() => this.#told(frame.message));
        break;
      case "denied":
      case "unknown":
        break;
    }
  }

  #told(message: RoomMessage): void {
    switch (message.type) {
      case "welcome": {
        const { room, kind, title, role, epoch } = message;
        const info = { room, kind, title, role, epoch };
        this.#me.value = message.member;
        this.#stage.value = { stage: "open", info };
        rememberRoom(this.#options.memory, info);
        break;
      }
      case "members":
        this.members.apply(message);
        break;
      case "saved":
        this.#provider.stored(message.count);
        break;
      case "notice":
        this.notify(message.message);
        break;
    }
  }

  #followConnection(): void {
    const connection = this.connection.value;
    if (connection.state !== "closed") return;
    if (connection.code === STALE_EPOCH) void this.#forgetCopy().then(this.#options.stale);
    else if (ROOM_IS_NO_MORE.has(connection.code)) {
      this.stdin.forget();
      void this.#forgetCopy();
    }
  }

  async #forgetCopy(): Promise<void> {
    this.#options.memory.removeItem(roomPlace(this.#options.room));
    await this.#store?.clearData();
  }

  #typedAtRun(line: string): void {
    this.outputs.typed(line);
    this.sharing.typed(line);
  }

  #typed(): void {
    this.#typedSinceRun = true;
    this.#typing.value = true;
    clearTimeout(this.#typingEnds);
    this.#typingEnds = setTimeout(() => {
      this.#typing.value = false;
    }, TYPING_MS);
  }

  #showWhatIDo(): void {
    const phase = this.python.phase.value.phase;
    const running = phase === "running" || phase === "waiting-for-input";
    const activity: Activity = this.#typing.value ? "typing" : running ? "running" : "idle";
    const file = this.files.active.value?.id ?? null;
    const state = this.awareness.getLocalState();
    if (state === null || (state.activity === activity && state.file === file)) return;
    this.awareness.setLocalState({ ...state, activity, file });
  }

  #findPeople(): readonly Person[] {
    this.#presence.value;
    const states = this.awareness.getStates();
    const active = this.files.active.value?.id ?? null;
    const names = new Map(this.files.list.value.map((file) => [file.id, file.name]));
    const people = [...this.members.all.value.values()].map((member): Person => {
      const me = member.id === this.#me.value;
      const shown = member.clients.map((client) => states.get(client)).filter((state) => state !== undefined);
      const doing = (activity: Activity) => shown.some((state) => state.activity === activity);
      const file = shown.map((state) => state.file).find((id) => typeof id === "string");
      return {
        member,
        me,
        activity: doing("typing") ? "typing" : doing("running") ? "running" : "idle",
        elsewhere: me || file === active ? null : (names.get(file ?? "") ?? null),
      };
    });
    return people.sort((a, b) => Number(b.me) - Number(a.me) || a.member.name.localeCompare(b.member.name));
  }
}

/** Whether pressing the button now means Stop. */
export const isBusy = (phase: Phase): boolean =>
  phase.phase === "loading" ? phase.queued : phase.phase !== "idle" && phase.phase !== "failed";

const copyName = ({ room, epoch }: RoomInfo): string => `caretroom.${room}.${epoch}`;
const roomPlace = (room: string): string => `caretroom.room.${room}`;

function rememberRoom(memory: Memory, info: RoomInfo): void {
  const { room, kind, title, role, epoch } = info;
  memory.setItem(roomPlace(room), JSON.stringify({ room, kind, title, role, epoch }));
}

function rememberedRoom(memory: Memory, room: string): RoomInfo | null {
  const text = memory.getItem(roomPlace(room));
  return text === null ? null : (JSON.parse(text) as RoomInfo);
}
