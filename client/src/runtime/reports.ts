// Reads reports: their words are a program's own, so whatever doesn't fit is not heard.

import { fieldsOf, isCount, isText } from "./checks";
import type { Place, Report } from "./runs";

const WORD_CHARACTERS = 200;
const MESSAGE_CHARACTERS = 10_000;
const MOST_PLACES = 1_000;

/** The report in `value`, as Python sent it or as the frame passed it on, or null. */
export function readReport(value: unknown): Report | null {
  const report = fieldsOf(value);
  if (!report) return null;
  switch (report.kind) {
    case "error": {
      const { kind, errorType, message, places } = report;
      return isText(errorType, WORD_CHARACTERS) &&
        isText(message, MESSAGE_CHARACTERS) &&
        isListOf(places, isPlace)
        ? { kind, errorType, message, places }
        : null;
    }
    default:
      return null;
  }
}

function isPlace(value: unknown): value is Place {
  const place = fieldsOf(value);
  return (
    place !== null &&
    isText(place.file, WORD_CHARACTERS) &&
    isCount(place.line) &&
    (place.column === null || isCount(place.column)) &&
    (place.endColumn === null || isCount(place.endColumn))
  );
}

function isListOf<T>(value: unknown, isOne: (value: unknown) => value is T): value is readonly T[] {
  return Array.isArray(value) && value.length <= MOST_PLACES && value.every(isOne);
}
