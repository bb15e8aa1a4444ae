// One WebSocket that comes back. Knows close codes and patience, and nothing of what the frames mean.

import { type ReadonlySignal, signal } from "@preact/signals";

export type Connection =
  | { readonly state: "connecting" | "live" | "reconnecting" | "offline" }
  /** Final: `code` is the close code of docs/protocol.md, or the HTTP status of a refused upgrade. */
  | { readonly state: "closed"; readonly code: number };

/** What a connection needs to know of the device: is anyone looking, and is there a network. */
export interface Surroundings {
  visible(): boolean;
  online(): boolean;
  /** Calls back when either changes; returns how to stop. */
  watch(changed: () => void): () => void;
}

export interface SocketOptions {
  /** Asked for each attempt, because the epoch may have changed since the last one. */
  readonly address: () => { readonly url: string; readonly protocols: readonly string[] };
  readonly surroundings: Surroundings;
  readonly opened: () => void;
  readonly received: (frame: Uint8Array) => void;
  readonly lost: () => void;
  /** A browser hides why an upgrade was refused: this asks over HTTP. A number is final, null means try again. */
  readonly refusal: () => Promise<number | null>;
  /** Sends something that any server answers. */
  readonly probe: () => void;
  readonly connect?: (url: string, protocols: string[]) => WebSocket;
  readonly random?: () => number;
}

const FIRST_DELAY_MS = 300;
const LONGEST_DELAY_MS = 5_000;
/** Nobody is looking: a closed laptop lid must not knock every five seconds. */
const LONGEST_HIDDEN_DELAY_MS = 60_000;
/** The server speaks at least every 15 seconds, so this long a silence is a dead connection. */
const SILENCE_MS = 35_000;
const PROBE_ANSWER_MS = 4_000;
const CLOSED_BY_US = 1000;

/** These end the connection for good: coming back would meet the same answer. */
export const isFinal = (code: number): boolean => code === 1009 || (code >= 4400 && code < 4500);

export class Socket {
  readonly connection: ReadonlySignal<Connection>;
  readonly #connection = signal<Connection>({ state: "connecting" });
  readonly #options: SocketOptions;
  readonly #unwatch: () => void;
  #socket: WebSocket | null = null;
  #attempts = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #deadline = 0;
  #visible: boolean;
  #online: boolean;

  constructor(options: SocketOptions) {
    this.#options = options;
    this.connection = this.#connection;
    this.#visible = options.surroundings.visible();
    this.#online = options.surroundings.online();
    this.#unwatch = options.surroundings.watch(() => this.#surroundingsChanged());
  }

  start(): void {
    if (this.#socket !== null || this.#connection.value.state === "closed") return;
    clearTimeout(this.#retry);
    const { url, protocols } = this.#options.address();
    const connect = this.#options.connect ?? ((to, as) => new WebSocket(to, as));
    const socket = connect(url, [...protocols]);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    let opened = false;
    socket.onopen = () => {
      opened = true;
      this.#connection.value = { state: "live" };
      this.#listenFor(SILENCE_MS);
      this.#options.opened();
    };
    socket.onmessage = (event: MessageEvent<unknown>) => {
      this.#attempts = 0;
      this.#deadline = Date.now() + SILENCE_MS;
      if (event.data instanceof ArrayBuffer) this.#options.received(new Uint8Array(event.data));
    };
    socket.onclose = (event) => void this.#ended(socket, event.code, opened);
  }

  /** What is sent while there is no connection is gone: whoever sends must bring it again on `opened`. */
  send(frame: Uint8Array<ArrayBuffer>): void {
    if (this.#connection.value.state === "live") this.#socket?.send(frame);
  }

  /** Hangs up until `start` is called. */
  pause(): void {
    clearTimeout(this.#retry);
    this.#drop();
    this.#connection.value = this.#waiting();
  }

  /** Ends the connection for good, for a reason of the caller's own. */
  close(code: number): void {
    this.#finish(code);
  }

  destroy(): void {
    this.#finish(CLOSED_BY_US);
  }

  #finish(code: number): void {
    this.#unwatch();
    clearTimeout(this.#retry);
    this.#drop();
    this.#connection.value = { state: "closed", code };
  }

  #drop(): void {
    clearTimeout(this.#silence);
    const socket = this.#socket;
    if (socket === null) return;
    this.#socket = null;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(CLOSED_BY_US);
    if (this.#connection.value.state === "live") this.#options.lost();
  }

  async #ended(socket: WebSocket, code: number, opened: boolean): Promise<void> {
    if (this.#connection.value.state === "live") this.#options.lost();
    clearTimeout(this.#silence);
    if (isFinal(code)) {
      this.#finish(code);
      return;
    }
    this.#connection.value = this.#waiting();
    const refusal = opened ? null : await this.#options.refusal();
    if (this.#socket !== socket) return;
    this.#socket = null;
    if (refusal !== null) this.#finish(refusal);
    else this.#comeBack();
  }

  #comeBack(): void {
    this.#connection.value = this.#waiting();
    const longest = this.#visible ? LONGEST_DELAY_MS : LONGEST_HIDDEN_DELAY_MS;
    const delay = Math.min(longest, FIRST_DELAY_MS * 2 ** this.#attempts);
    this.#attempts += 1;
    // Half fixed, half chance: a class of forty must not return in the same instant.
    const jittered = delay * (0.5 + 0.5 * (this.#options.random ?? Math.random)());
    this.#retry = setTimeout(() => this.start(), jittered);
  }

  #waiting(): Connection {
    return { state: this.#online ? "reconnecting" : "offline" };
  }

  #listenFor(milliseconds: number): void {
    clearTimeout(this.#silence);
    this.#deadline = Date.now() + milliseconds;
    const check = () => {
      const left = this.#deadline - Date.now();
      if (left > 0) {
        this.#silence = setTimeout(check, left);
      } else {
        this.#drop();
        this.#comeBack();
      }
    };
    this.#silence = setTimeout(check, milliseconds);
  }

  #surroundingsChanged(): void {
    const visible = this.#options.surroundings.visible();
    const online = this.#options.surroundings.online();
    const better = (visible && !this.#visible) || (online && !this.#online);
    const worse = !online && this.#online;
    this.#visible = visible;
    this.#online = online;
    if (this.#connection.value.state === "live") {
      // A network that went or came, or a lid that opened, may have left a connection that only looks alive.
      // It is asked, not cut: a room served from this very machine outlives the network.
      if (better || worse) {
        this.#options.probe();
        this.#listenFor(PROBE_ANSWER_MS);
      }
    } else if (this.#connection.value.state !== "connecting") {
      this.#connection.value = this.#waiting();
      if (better) {
        this.#attempts = 0;
        this.start();
      }
    }
  }
}
