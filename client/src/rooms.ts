// The HTTP side of the server: rooms are made, joined and looked up here.

import type { Kind, Role } from "./wire/protocol";

export interface RoomInfo {
  readonly room: string;
  readonly kind: Kind;
  readonly title: string;
  readonly role: Role;
  readonly epoch: string;
}

export interface RoomLinks {
  readonly links: { readonly host?: string; readonly editor?: string; readonly viewer?: string };
  readonly join_code: string;
}

/** The server answered, and the answer was no. `message` is a sentence for people. */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** These say that the link will not work later either. */
export const isGone = (status: number): boolean => [401, 403, 404, 410].includes(status);

const PATIENCE_MS = 8_000;

async function request(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(path, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) });
  if (response.ok) return response;
  const body = (await response.json().catch(() => null)) as { error?: { message?: string } } | null;
  throw new Refused(
    response.status,
    body?.error?.message ?? "The server could not answer. Please try again.",
  );
}

async function ask<Answer>(path: string, init: RequestInit): Promise<Answer> {
  const response = await request(path, init);
  return (await response.json()) as Answer;
}

const post = (body: unknown): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

const bearer = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } });

export const createRoom = (kind: Kind): Promise<{ links: { host: string } }> =>
  ask("/api/rooms", post({ kind }));

export const joinRoom = (code: string): Promise<{ url: string }> =>
  ask("/api/join", post({ join_code: code }));

export const fetchRoom = (room: string, token: string): Promise<RoomInfo> =>
  ask(`/api/rooms/${encodeURIComponent(room)}`, bearer(token));

export const replaceLinks = (room: string, token: string): Promise<RoomLinks> =>
  ask(`/api/rooms/${encodeURIComponent(room)}/links`, { method: "POST", ...bearer(token) });

export const fetchLinks = (room: string, token: string): Promise<RoomLinks> =>
  ask(`/api/rooms/${encodeURIComponent(room)}/links`, bearer(token));

/** A zip archive of the room's files. */
export async function fetchExport(room: string, token: string): Promise<Blob> {
  const response = await request(`/api/rooms/${encodeURIComponent(room)}/export?format=zip`, bearer(token));
  return response.blob();
}
