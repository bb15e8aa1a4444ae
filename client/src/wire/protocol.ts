// The frames of docs/protocol.md, read and written. Knows bytes and JSON, and nothing of sockets or documents.

import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";

export type Role = "host" | "editor" | "viewer";
export type Kind = "pair" | "interview" | "class";
export type Stream = "stdout" | "stderr";

export type SyncFrame =
  | { readonly type: "step1"; readonly vector: Uint8Array }
  | { readonly type: "step2"; readonly update: Uint8Array }
  | { readonly type: "update"; readonly update: Uint8Array };

export type PresenceFrame =
  | { readonly type: "awareness"; readonly update: Uint8Array }
  | { readonly type: "query-awareness" };

export type OutputEvent =
  | { readonly type: "start"; readonly run: string; readonly file: string }
  | { readonly type: "text"; readonly run: string; readonly stream: Stream; readonly text: string }
  | { readonly type: "dropped"; readonly run: string; readonly characters: number }
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
  | { readonly type: "dropped"; readonly run: string; readonly characters: number }
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
  | { readonly type: "output"; readonly event: OutputEvent }
  | { readonly type: "room"; readonly message: Hello };

export type ServerFrame =
  | SyncFrame
  | PresenceFrame
  | { readonly type: "auth"; readonly reason: string }
  | { readonly type: "output"; readonly event: MemberOutput }
  | { readonly type: "room"; readonly message: RoomMessage }
  /** Something newer than this client: to be ignored. */
  | { readonly type: "unknown"; readonly number: number };

const SYNC = 0;
const AWARENESS = 1;
const AUTH = 2;
const QUERY_AWARENESS = 3;
const OUTPUT = 64;
const ROOM = 65;
const STEPS = ["step1", "step2", "update"] as const;

export function encode(frame: ClientFrame): Uint8Array<ArrayBuffer> {
  const encoder = encoding.createEncoder();
  switch (frame.type) {
    case "step1":
    case "step2":
    case "update":
      encoding.writeVarUint(encoder, SYNC);
      encoding.writeVarUint(encoder, STEPS.indexOf(frame.type));
      encoding.writeVarUint8Array(encoder, frame.type === "step1" ? frame.vector : frame.update);
      break;
    case "awareness":
      encoding.writeVarUint(encoder, AWARENESS);
      encoding.writeVarUint8Array(encoder, frame.update);
      break;
    case "query-awareness":
      encoding.writeVarUint(encoder, QUERY_AWARENESS);
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
  const unknown = { type: "unknown", number } as const;
  switch (number) {
    case SYNC: {
      const step = STEPS[decoding.readVarUint(decoder)];
      if (step === undefined) return unknown;
      const content = decoding.readVarUint8Array(decoder);
      return step === "step1" ? { type: step, vector: content } : { type: step, update: content };
    }
    case AWARENESS:
      return { type: "awareness", update: decoding.readVarUint8Array(decoder) };
    case AUTH:
      return decoding.readVarUint(decoder) === 0
        ? { type: "auth", reason: decoding.readVarString(decoder) }
        : unknown;
    case QUERY_AWARENESS:
      return { type: "query-awareness" };
    case OUTPUT: {
      const event = json(decoder);
      return isMemberOutput(event) ? { type: "output", event } : unknown;
    }
    case ROOM: {
      const message = json(decoder);
      return isRoomMessage(message) ? { type: "room", message } : unknown;
    }
    default:
      return unknown;
  }
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
    case "dropped":
      return isNumber(event.characters);
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
