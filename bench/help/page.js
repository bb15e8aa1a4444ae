// Both engines behind one interface: open(), complete(place) -> names, hover(place) -> text.

export function openJedi() {
  const worker = new Worker("/bench/jedi.js", { type: "module" });
  const waiting = new Map();
  worker.onmessage = ({ data }) => waiting.get(data.id)(data.answer);
  let last = 0;
  const ask = (message) =>
    new Promise((done) => {
      waiting.set(++last, done);
      worker.postMessage({ id: last, ...message });
    });
  return {
    open: () => ask({ question: "open" }),
    complete: (place) => ask({ question: "complete", ...place }),
    hover: (place) => ask({ question: "hover", ...place }),
  };
}

export function openPyright() {
  const worker = new Worker("/pyright/pyright.worker.js");
  const waiting = new Map();
  let last = 0;
  let version = 0;
  worker.onmessage = ({ data }) => {
    // It would like a second worker, for diagnostics of the whole project.
    if (data.type === "browser/newWorker") data.port.close();
    else if (data.method === undefined) {
      waiting.get(data.id)(data.result);
      waiting.delete(data.id);
    }
  };
  const tell = (method, params) => worker.postMessage({ jsonrpc: "2.0", method, params });
  const ask = (method, params) =>
    new Promise((done) => {
      waiting.set(++last, done);
      worker.postMessage({ jsonrpc: "2.0", id: last, method, params });
    });
  const main = "file:///room/main.py";
  const show = ({ code }) =>
    tell("textDocument/didChange", {
      textDocument: { uri: main, version: ++version },
      contentChanges: [{ text: code }],
    });
  const at = ({ line, column }) => ({ textDocument: { uri: main }, position: { line, character: column } });
  return {
    async open(files) {
      worker.postMessage({ type: "browser/boot", mode: "foreground" });
      const texts = { ...files, "main.py": "" };
      await ask("initialize", {
        processId: null,
        rootUri: "file:///room",
        workspaceFolders: [{ uri: "file:///room", name: "room" }],
        initializationOptions: {
          // Stubs of packages that no room has would be offered as modules to import.
          files: {
            "/typeshed/stubs": null,
            ...Object.fromEntries(Object.entries(texts).map(([name, text]) => [`/room/${name}`, text])),
          },
        },
        capabilities: {
          textDocument: {
            completion: { completionItem: { documentationFormat: ["plaintext"] } },
            hover: { contentFormat: ["plaintext"] },
          },
        },
      });
      tell("initialized", {});
      // Its own typeshed lies where it doesn't look by itself.
      tell("workspace/didChangeConfiguration", {
        settings: { basedpyright: { analysis: { typeshedPaths: ["/typeshed"], typeCheckingMode: "off" } } },
      });
      for (const [name, text] of Object.entries(texts))
        tell("textDocument/didOpen", {
          textDocument: { uri: `file:///room/${name}`, languageId: "python", version: ++version, text },
        });
    },
    async complete(place) {
      show(place);
      const answer = await ask("textDocument/completion", at(place));
      return (answer?.items ?? []).map((item) => item.label);
    },
    async hover(place) {
      show(place);
      const answer = await ask("textDocument/hover", at(place));
      return answer?.contents.value ?? "";
    },
  };
}
