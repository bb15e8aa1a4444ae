// A room seen through the stock y-websocket provider, driven line by line.
//
//   node stock-client.mjs VERSION URL ROOM TOKEN      VERSION is the provider's major version: 1, 2 or 3
//
// Commands come as JSON lines on stdin:
//   {"do":"insert","index":0,"text":"..."}   {"do":"delete","index":0,"length":1}     in the file called main.py
//   {"do":"awareness","state":{...} or null}   {"do":"text"}   {"do":"disconnect"}   {"do":"connect"}   {"do":"exit"}
// Events go as JSON lines to stdout:
//   {"event":"status","status":"connecting|connected|disconnected"}   {"event":"sync"}
//   {"event":"text","text":"..." or null}             at each change of main.py, and in answer to "text"
//   {"event":"awareness","states":[{"client":1,"state":{...}}]}       {"event":"connection-close","code":1006}
// A command that makes no sense ends the process with an error.
import { createInterface } from "node:readline";
import WebSocket from "ws";
import * as Y from "yjs";

const [version, url, room, token] = process.argv.slice(2);
const { WebsocketProvider } = await import(`y-websocket-${version}`);

const say = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);

const doc = new Y.Doc();
const files = doc.getMap("files");
const mainText = () => [...files.values()].find((file) => file.get("name") === "main.py")?.get("text");
const sayText = () => say({ event: "text", text: mainText()?.toString() ?? null });

const provider = new WebsocketProvider(url, room, doc, {
  WebSocketPolyfill: WebSocket,
  params: { token },
  disableBc: true,
  connect: false,
});
const { awareness } = provider;

provider.on("status", ({ status }) => say({ event: "status", status }));
provider.on("sync", (synced) => {
  if (synced) say({ event: "sync" });
});
provider.on("connection-close", (closed) => say({ event: "connection-close", code: closed?.code ?? null }));
awareness.on("change", () => {
  const states = [...awareness.getStates()].map(([client, state]) => ({ client, state }));
  say({ event: "awareness", states });
});

let lastText;
files.observeDeep(() => {
  const text = mainText()?.toString();
  if (text === lastText) return;
  lastText = text;
  sayText();
});

const commands = {
  insert: ({ index, text }) => mainText().insert(index, text),
  delete: ({ index, length }) => mainText().delete(index, length),
  awareness: ({ state }) => awareness.setLocalState(state),
  text: sayText,
  disconnect: () => provider.disconnect(),
  connect: () => provider.connect(),
  exit: leave,
};

function leave() {
  provider.destroy();
  // Let the socket's closing handshake and the last line out.
  setTimeout(() => process.exit(0), 100);
}

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const command = JSON.parse(line);
    commands[command.do](command);
  })
  .on("close", leave);

provider.connect();
