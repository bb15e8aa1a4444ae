// Reads reports: their words are a program's own, so whatever doesn't fit is not heard.

import { readDisplay } from "../displays";
import { fieldsOf, isBytes, isCount, isText } from "./checks";
import type { Failure, Place, Report, TestOutcome } from "./runs";

const WORD_CHARACTERS = 200;
const MESSAGE_CHARACTERS = 10_000;
const MOST_ITEMS = 1_000;
/** The longest that a path can be. */
const PATH_CHARACTERS = 4_096;

/** The report in `value`, as Python sent it or as the frame passed it on, or null. */
export function readReport(value: unknown): Report | null {
  const report = fieldsOf(value);
  if (!report) return null;
  switch (report.kind) {
    case "error": {
      const { kind, failures, hint, missing } = report;
      return isListOf(failures, isFailure) &&
        (hint === null || isText(hint, MESSAGE_CHARACTERS)) &&
        (missing === null || isText(missing, WORD_CHARACTERS))
        ? { kind, failures, hint, missing }
        : null;
    }
    case "file": {
      const { kind, name, change, size, payload } = report;
      return isText(name, PATH_CHARACTERS) &&
        (change === "created" || change === "changed") &&
        isCount(size) &&
        isBytes(payload) &&
        (payload.length === size || payload.length === 0)
        ? { kind, name: name.toWellFormed(), change, size, payload }
        : null;
    }
    case "more-files": {
      const { kind, count } = report;
      return isCount(count) ? { kind, count } : null;
    }
    case "statement":
      return typeof report.complete === "boolean" ? { kind: report.kind, complete: report.complete } : null;
    case "test": {
      const { kind, number, name, outcome, message, difference, place, seconds, output } = report;
      return isCount(number) &&
        isText(name, WORD_CHARACTERS) &&
        isTestOutcome(outcome) &&
        isText(message, MESSAGE_CHARACTERS) &&
        isText(difference, MESSAGE_CHARACTERS) &&
        (place === null || isPlace(place)) &&
        typeof seconds === "number" &&
        seconds >= 0 &&
        isText(output, MESSAGE_CHARACTERS)
        ? { kind, number, name, outcome, message, difference, place, seconds, output }
        : null;
    }
    case "display": {
      const display = readDisplay(report);
      return display && { kind: report.kind, ...display };
    }
    default:
      return null;
  }
}

const TEST_OUTCOMES: readonly unknown[] = [
  "running",
  "passed",
  "failed",
  "error",
  "skipped",
  "stopped",
] satisfies TestOutcome[];

function isTestOutcome(value: unknown): value is TestOutcome {
  return TEST_OUTCOMES.includes(value);
}

function isFailure(value: unknown): value is Failure {
  const failure = fieldsOf(value);
  return (
    failure !== null &&
    isText(failure.errorType, WORD_CHARACTERS) &&
    isText(failure.message, MESSAGE_CHARACTERS) &&
    isListOf(failure.places, isPlace)
  );
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
  return Array.isArray(value) && value.length <= MOST_ITEMS && value.every(isOne);
}
