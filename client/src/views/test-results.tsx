import {
  CircleCheck,
  CircleDashed,
  CircleSlash,
  CircleX,
  type IconNode,
  LoaderCircle,
  TriangleAlert,
} from "lucide";
import type { Run } from "../outputs";
import type { TestOutcome, TestResult } from "../runtime/runs";
import type { Session } from "../session";
import { Icon } from "./icon";
import { testsSentence } from "./words";

const icons: Record<TestOutcome, IconNode> = {
  running: LoaderCircle,
  passed: CircleCheck,
  failed: CircleX,
  error: TriangleAlert,
  skipped: CircleDashed,
  stopped: CircleSlash,
};

export function TestResults({ session, run }: { session: Session; run: Run }) {
  const tests = run.tests.value;
  if (tests === null) return null;
  return (
    <section class="tests-pane" aria-label="Test results">
      <p role="status" class="tests-summary">
        {testsSentence(tests, run.state.value.state === "running", run.file)}
      </p>
      <ul>
        {tests.map((test) => (
          <Test key={test.number} session={session} test={test} />
        ))}
      </ul>
    </section>
  );
}

function Test({ session, test }: { session: Session; test: TestResult }) {
  const { name, outcome, message, difference, place, output } = test;
  return (
    <li class="test" data-state={outcome}>
      <Icon of={icons[outcome]} />
      <div class="test-facts">
        <p>
          <span class="test-name">{name}</span> <span class="test-outcome">{outcome}</span>{" "}
          {place !== null && (
            <button
              type="button"
              class="place-link"
              aria-label={`Go to ${place.file} line ${place.line}`}
              onClick={() => session.show(place.file, place.line)}
            >
              {place.file} line {place.line}
            </button>
          )}
        </p>
        {message !== "" && <p class="test-message">{message}</p>}
        {difference !== "" && <Difference text={difference} />}
        {output !== "" && (
          <details open={outcome === "failed" || outcome === "error"}>
            <summary>What it printed</summary>
            <pre class="code">{output}</pre>
          </details>
        )}
      </div>
    </li>
  );
}

/** The signs at the beginning of the lines say it, too: colour is not all there is. */
function Difference({ text }: { text: string }) {
  return (
    <pre class="code difference">
      {text.split("\n").map((line, index) => (
        <span key={index} class={`line-${kindOf(line)}`}>
          {`${line}\n`}
        </span>
      ))}
    </pre>
  );
}

function kindOf(line: string): string {
  switch (line[0]) {
    case "-":
      return "got";
    case "+":
      return "wanted";
    default:
      return "same";
  }
}
