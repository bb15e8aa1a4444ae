// The real Yjs as a witness: applies the updates that a room tells everyone, and says what an editor would show.
//
// Commands come on stdin, each as four bytes of length and then its bytes, the first of which says what it is:
//   0  begin a new document       1  apply the update that follows       2  say the files, as a line of JSON
import * as Y from "yjs";

let doc = new Y.Doc();

const commands = [
  () => {
    doc = new Y.Doc();
  },
  (update) => Y.applyUpdate(doc, update),
  () => process.stdout.write(`${JSON.stringify(shown())}\n`),
];

/** Per id, the name and the text of each file that has both. */
function shown() {
  const files = [...doc.getMap("files")].filter(([, file]) => file instanceof Y.Map);
  const parts = files.map(([id, file]) => [id, [file.get("name"), file.get("text")]]);
  const whole = parts.filter(([, [name, text]]) => typeof name === "string" && text instanceof Y.Text);
  return Object.fromEntries(whole.map(([id, [name, text]]) => [id, [name, text.toString()]]));
}

let waiting = Buffer.alloc(0);
for await (const chunk of process.stdin) {
  waiting = waiting.length === 0 ? chunk : Buffer.concat([waiting, chunk]);
  let at = 0;
  while (waiting.length - at >= 4) {
    const end = at + 4 + waiting.readUInt32BE(at);
    if (waiting.length < end) break;
    const command = waiting.subarray(at + 4, end);
    commands[command[0]](command.subarray(1));
    at = end;
  }
  waiting = waiting.subarray(at);
}
