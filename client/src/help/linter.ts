// The page's side of the lint worker: questions about a text, answered in their time.

import wasmAddress from "@astral-sh/ruff-wasm-web/ruff_wasm_bg.wasm?url";
import type {
  Formatted,
  LintAnswer,
  LintQuestion,
  LintRequest,
  LintResponse,
  OpenLint,
  Problem,
} from "./lint-protocol";

export class Linter {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, PromiseWithResolvers<LintAnswer>>();
  #asked = 0;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.addEventListener("message", ({ data }: MessageEvent<LintResponse>) => {
      this.#waiting.get(data.id)?.resolve(data);
      this.#waiting.delete(data.id);
    });
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      for (const { reject } of this.#waiting.values())
        reject(new Error(event.message || "the linter failed"));
      this.#waiting.clear();
    });
  }

  /** Resolves when it has answered a first question. */
  static async open(): Promise<Linter> {
    const response = await fetch(wasmAddress);
    if (!response.ok) throw new Error(`${wasmAddress}: ${response.status} ${response.statusText}`);
    const message: OpenLint = { type: "open", wasm: await response.arrayBuffer() };
    const worker = new Worker(new URL("./lint-worker.ts", import.meta.url), { type: "module", name: "lint" });
    worker.postMessage(message, [message.wasm]);
    const linter = new Linter(worker);
    await linter.check("");
    return linter;
  }

  async check(text: string): Promise<readonly Problem[]> {
    const answer = await this.#ask({ type: "check", text });
    return answer.type === "problems" ? answer.problems : unexpected(answer);
  }

  async format(text: string): Promise<Formatted> {
    const answer = await this.#ask({ type: "format", text });
    return answer.type === "formatted" || answer.type === "broken" ? answer : unexpected(answer);
  }

  destroy(): void {
    this.#worker.terminate();
  }

  #ask(question: LintQuestion): Promise<LintAnswer> {
    const request: LintRequest = { id: ++this.#asked, ...question };
    const answer = Promise.withResolvers<LintAnswer>();
    this.#waiting.set(request.id, answer);
    this.#worker.postMessage(request);
    return answer.promise;
  }
}

function unexpected(answer: LintAnswer): never {
  throw new Error(answer.type === "failed" ? answer.reason : `the linter answered with ${answer.type}`);
}
