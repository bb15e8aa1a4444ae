// Files that a run left in the room's folder, bounded: the words and bytes are a program's own.

import type { Report } from "./runtime/runs";
import { decodeText, FILE_BYTES } from "./texts";

export interface CreatedFile {
  readonly name: string;
  readonly change: "created" | "changed";
  readonly size: number;
  /** Null when there were too many bytes to bring. */
  readonly content: Uint8Array<ArrayBuffer> | null;
  /** Null unless it is text, and no more than a file of the room can hold. */
  readonly text: string | null;
}

export interface Created {
  readonly files: readonly CreatedFile[];
  /** How many more there are. */
  readonly more: number;
}

export const NOTHING_CREATED: Created = { files: [], more: 0 };

/** What `_caretroom.created` keeps to; whoever doesn't is not listened to. */
export const MOST_FILES = 100;
export const TOTAL_BYTES = 16 * 1024 * 1024;

type FilesReport = Extract<Report, { kind: "file" | "more-files" }>;

export function withReport(created: Created, report: FilesReport): Created {
  const { more } = created;
  if (report.kind === "more-files") return { ...created, more: more + report.count };
  const files = created.files.filter(({ name }) => name !== report.name);
  const kept = files.reduce((sum, file) => sum + (file.content?.length ?? 0), 0);
  if (files.length >= MOST_FILES) return { files, more: more + 1 };
  const { name, change, size, payload } = report;
  const content = payload.length === size && kept + size <= TOTAL_BYTES ? payload : null;
  const text = content !== null && size <= FILE_BYTES ? decodeText(content) : null;
  return { files: [...files, { name, change, size, content, text }], more };
}
