// The frames of docs/protocol.md, read and written. Knows bytes and JSON, and nothing of sockets or documents.

import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";

export type Role = "host" | "editor" | "viewer";
export type Kind = "pair" | "interview" | "class";
export type Stream = "stdout" | "stderr";

export type SyncFrame =
  | { readonly kind: "step1"; readonly stateVector: Uint8Array }
  | { readonly kind: "step2"; readonly update: Uint8Array }
  | { readonly kind: "update"; readonly update: Uint8Array };

export type PresenceFrame =
  /** The entries stay packed: y-protocols reads and writes them. */
  { readonly kind: "presence"; readonly update: Uint8Array } | { readonly kind: "query-presence" };

/** `data` is in base64; `mime` one of `displays.ts`. */
export interface DisplayEvent {
  readonly type: "display";
  readonly run: string;
  readonly id: string;
  readonly mime: string;
  readonly alt: string;
  readonly width: number | null;
  readonly data: string;
}

export interface DroppedEvent {
  readonly type: "dropped";
  readonly run: string;
  readonly characters: number;
  /** None when it is missing. */
  readonly displays?: number;
}

export type OutputEvent =
  | { readonly type: "start"; readonly run: string; readonly file: string }
  | { readonly type: "text"; readonly run: string; readonly stream: Stream; readonly text: string }
  | DisplayEvent
  | DroppedEvent
  | {
      readonly type: "end";
      readonly run: string;
      readonly state: "ok" | "error" | "stopped";
      readonly seconds: number;
    }
  | { readonly type: "clear" };

/** The same events as everyone else gets them: numbered, and with the member that they came from. */
export type MemberOutput = { readonly number: number; readonly member: string } & (
  | { readonly type: "start"; readonly run: string; readonly file: string; readonly name: string }
  | { readonly type: "text"; readonly run: string; readonly stream: Stream; readonly text: string }
  | DisplayEvent
  | DroppedEvent
  | {
      readonly type: "end";
      readonly run: string;
      readonly state: "ok" | "error" | "stopped" | "left";
      readonly seconds: number;
    }
  | { readonly type: "clear" }
);

export interface Hello {
  readonly type: "hello";
  readonly name: string;
  readonly key: string;
}

export interface RosterEntry {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** A slot from 0 to 11; the tokens of the style sheet say which colour that is. */
  readonly colour: number;
  /** The Yjs client ids that belong to this member. */
  readonly clients: readonly number[];
}

export type RoomMessage =
  | {
      readonly type: "welcome";
      readonly member: string;
      readonly role: Role;
      readonly room: string;
      readonly kind: Kind;
      readonly title: string;
      readonly epoch: string;
    }
  | {
      readonly type: "members";
      readonly reset: boolean;
      readonly present: readonly RosterEntry[];
      readonly gone: readonly string[];
    }
  | { readonly type: "saved"; readonly count: number }
  | { readonly type: "notice"; readonly code: string; readonly message: string };

export type ClientFrame =
  | SyncFrame
  | PresenceFrame
  | { readonly kind: "output"; readonly event: OutputEvent }
  | { readonly kind: "room"; readonly message: Hello };

export type ServerFrame =
  | SyncFrame
  | PresenceFrame
  | { readonly kind: "denied"; readonly reason: string }
  | { readonly kind: "output"; readonly event: MemberOutput }
  | { readonly kind: "room"; readonly message: RoomMessage }
  /** Something newer than this client: to be ignored. */
  | { readonly kind: "unknown"; readonly number: number };

const SYNC = 0;
const PRESENCE = 1;
const AUTH = 2;
const QUERY_PRESENCE = 3;
const OUTPUT = 64;
const ROOM = 65;
const STEPS = ["step1", "step2", "update"] as const;
const DENIED = 0;

export function encode(frame: ClientFrame): Uint8Array<ArrayBuffer> {
  const encoder = encoding.createEncoder();
  switch (frame.kind) {
    case "step1":
    case "step2":
    case "update":
      encoding.writeVarUint(encoder, SYNC);
      encoding.writeVarUint(encoder, STEPS.indexOf(frame.kind));
      encoding.writeVarUint8Array(encoder, frame.kind === "step1" ? frame.stateVector : frame.update);
      break;
    case "presence":
      encoding.writeVarUint(encoder, PRESENCE);
      encoding.writeVarUint8Array(encoder, frame.update);
      break;
    case "query-presence":
      encoding.writeVarUint(encoder, QUERY_PRESENCE);
      break;
    case "output":
      encoding.writeVarUint(encoder, OUTPUT);
      encoding.writeVarString(encoder, JSON.stringify(frame.event));
      break;
    case "room":
      encoding.writeVarUint(encoder, ROOM);
      encoding.writeVarString(encoder, JSON.stringify(frame.message));
      break;
  }
  return encoding.toUint8Array(encoder) as Uint8Array<ArrayBuffer>;
}

/** Throws when the bytes break the grammar; a message that is only newer than this client comes back as `unknown`. */
export function decode(bytes: Uint8Array): ServerFrame {
  const decoder = decoding.createDecoder(bytes);
  const number = decoding.readVarUint(decoder);
  const frame = read(decoder, number);
  if (frame.kind !== "unknown") expectEnd(decoder);
  return frame;
}

function read(decoder: decoding.Decoder, number: number): ServerFrame {
  switch (number) {
    case SYNC: {
      const kind = STEPS[decoding.readVarUint(decoder)];
      if (kind === undefined) throw new Error("expected step 1, step 2 or an update");
      const content = decoding.readVarUint8Array(decoder);
      return kind === "step1" ? { kind, stateVector: content } : { kind, update: content };
    }
    case PRESENCE: {
      const update = decoding.readVarUint8Array(decoder);
      checkPresence(update);
      return { kind: "presence", update };
    }
    case AUTH:
      if (decoding.readVarUint(decoder) !== DENIED) return { kind: "unknown", number };
      return { kind: "denied", reason: decoding.readVarString(decoder) };
    case QUERY_PRESENCE:
      return { kind: "query-presence" };
    case OUTPUT: {
      const event = json(decoder);
      return isMemberOutput(event) ? { kind: "output", event } : { kind: "unknown", number };
    }
    case ROOM: {
      const message = json(decoder);
      return isRoomMessage(message) ? { kind: "room", message } : { kind: "unknown", number };
    }
    default:
      return { kind: "unknown", number };
  }
}

function checkPresence(update: Uint8Array): void {
  const decoder = decoding.createDecoder(update);
  for (let left = decoding.readVarUint(decoder); left > 0; left--) {
    decoding.readVarUint(decoder);
    decoding.readVarUint(decoder);
    JSON.parse(decoding.readVarString(decoder));
  }
  expectEnd(decoder);
}

function expectEnd(decoder: decoding.Decoder): void {
  if (decoding.hasContent(decoder)) throw new Error("expected the end of the message");
}

type Json = Record<string, unknown>;

function json(decoder: decoding.Decoder): Json {
  const value: unknown = JSON.parse(decoding.readVarString(decoder));
  return isObject(value) ? value : {};
}

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null;
const isString = (value: unknown): value is string => typeof value === "string";
const isNumber = (value: unknown): value is number => typeof value === "number";
const oneOf = (...words: string[]) => {
  const known = new Set<unknown>(words);
  return (value: unknown) => known.has(value);
};
const isRole = oneOf("host", "editor", "viewer");
const isKind = oneOf("pair", "interview", "class");
const isStream = oneOf("stdout", "stderr");
const isEnd = oneOf("ok", "error", "stopped", "left");

function isMemberOutput(event: Json): event is Json & MemberOutput {
  if (!isNumber(event.number) || !isString(event.member)) return false;
  if (event.type === "clear") return true;
  if (!isString(event.run)) return false;
  switch (event.type) {
    case "start":
      return isString(event.file) && isString(event.name);
    case "text":
      return isStream(event.stream) && isString(event.text);
    case "display":
      return (
        [event.id, event.mime, event.alt, event.data].every(isString) &&
        (event.width === null || isNumber(event.width))
      );
    case "dropped":
      return isNumber(event.characters) && (event.displays === undefined || isNumber(event.displays));
    case "end":
      return isEnd(event.state) && isNumber(event.seconds);
    default:
      return false;
  }
}

function isRosterEntry(entry: unknown): entry is RosterEntry {
  return (
    isObject(entry) &&
    isString(entry.id) &&
    isString(entry.name) &&
    isRole(entry.role) &&
    isNumber(entry.colour) &&
    Array.isArray(entry.clients) &&
    entry.clients.every(isNumber)
  );
}

function isRoomMessage(message: Json): message is Json & RoomMessage {
  switch (message.type) {
    case "welcome":
      return (
        isRole(message.role) &&
        isKind(message.kind) &&
        [message.member, message.room, message.title, message.epoch].every(isString)
      );
    case "members":
      return (
        typeof message.reset === "boolean" &&
        Array.isArray(message.present) &&
        message.present.every(isRosterEntry) &&
        Array.isArray(message.gone) &&
        message.gone.every(isString)
      );
    case "saved":
      return isNumber(message.count);
    case "notice":
      return isString(message.code) && isString(message.message);
    default:
      return false;
  }
}
