import { afterEach, expect, test, vi } from "vitest";
import { PackageProblem, Packages } from "./packages";

const CONTENT = "a wheel";
const SHA256 = "5e5fb0e6f58d1b7f3f2a4e9e7a1d9b8c";

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Buffer.from(digest).toString("hex");
}

async function list(sha = SHA256): Promise<Packages> {
  const entry = (name: string) => ({
    name,
    file_name: `${name}-1.0-py3-none-any.whl`,
    sha256: sha,
    imports: [name, `${name}_extra`],
  });
  const lock = { info: {}, packages: { garden: entry("garden"), plants: entry("plants") } };
  return Packages.read(new Blob([JSON.stringify(lock)]));
}

const answer = (body: BodyInit, status = 200) =>
  vi.fn(() => Promise.resolve(new Response(body, { status, headers: { "content-length": "7" } })));

afterEach(() => vi.unstubAllGlobals());

test.each([true, false])(
  "a file is fetched once, by its content's address (secure context: %s)",
  async (secure) => {
    const fetched = answer(CONTENT);
    vi.stubGlobal("fetch", fetched);
    vi.stubGlobal("isSecureContext", secure);
    const sha = await sha256(CONTENT);
    const packages = await list(sha);
    const files = await Promise.all([1, 2].map(() => packages.file("garden-1.0-py3-none-any.whl")));
    expect(await files[1]?.text()).toBe(CONTENT);
    expect(fetched).toHaveBeenCalledTimes(1);
    expect(fetched).toHaveBeenCalledWith(`/packages/${sha}/garden-1.0-py3-none-any.whl`, expect.anything());
  },
);

test.each(["garden", "../api/rooms", "http://example.org/x", "__proto__", "constructor", ""])(
  "nothing is fetched for the name %j",
  async (name) => {
    const fetched = answer(CONTENT);
    vi.stubGlobal("fetch", fetched);
    expect((await list()).file(name)).toBeNull();
    expect(fetched).not.toHaveBeenCalled();
  },
);

test("a module is looked up by its name, and by nothing that objects have", async () => {
  const packages = await list();
  expect(packages.providerOf("garden_extra")).toBe("garden");
  expect(packages.providerOf("toString")).toBeNull();
});

test.each([
  ["another content", answer("forged"), "sha256 differs"],
  [
    "a refusal in words",
    answer(JSON.stringify({ error: { code: "unavailable", message: "Not now." } }), 503),
    "Not now.",
  ],
  ["a refusal without words", answer("<html>", 502), "answered 502"],
  ["no answer", vi.fn(() => Promise.reject(new TypeError("no network"))), "can't be reached"],
])("%s is a problem with words, and another attempt may do better", async (_, broken, words) => {
  vi.stubGlobal("isSecureContext", true);
  vi.stubGlobal("fetch", broken);
  const packages = await list(await sha256(CONTENT));
  const problem = await packages.file("plants-1.0-py3-none-any.whl")?.catch((problem: unknown) => problem);
  expect(problem).toBeInstanceOf(PackageProblem);
  expect((problem as PackageProblem).package).toBe("plants");
  expect((problem as PackageProblem).message).toContain(words);
  expect(packages.downloading.value).toBeNull();
  vi.stubGlobal("fetch", answer(CONTENT));
  expect(await packages.file("plants-1.0-py3-none-any.whl")).toBeInstanceOf(Blob);
});

test("what is on its way is counted all together", async () => {
  vi.stubGlobal("isSecureContext", true);
  let stream: ReadableStreamDefaultController | undefined;
  const body = new ReadableStream({
    start(controller) {
      stream = controller;
      controller.enqueue(new TextEncoder().encode("a wh"));
    },
  });
  vi.stubGlobal("fetch", answer(body));
  const packages = await list();
  const file = packages.file("garden-1.0-py3-none-any.whl");
  await vi.waitFor(() =>
    expect(packages.downloading.value).toEqual({ names: ["garden"], loaded: 4, total: 7 }),
  );
  stream?.close();
  await expect(file).rejects.toThrow("sha256 differs");
  expect(packages.downloading.value).toBeNull();
});
