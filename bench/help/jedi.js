// jedi in a Pyodide of its own: answers what it is asked, one question at a time.

import { loadPyodide } from "/pyodide/pyodide.mjs";

const ASK = `
import jedi, json
project = jedi.Project("/room")

def ask(question, files, code, line, column):
    for name, text in json.loads(files).items():
        with open("/room/" + name, "w") as file:
            file.write(text)
    script = jedi.Script(code, path="/room/main.py", project=project)
    if question == "complete":
        return json.dumps([item.name_with_symbols for item in script.complete(line, column)])
    return "\\n".join(name.docstring() for name in script.help(line, column))
`;

let ask;

async function open() {
  const python = await loadPyodide({ indexURL: "/pyodide/" });
  for (const wheel of ["parso", "jedi"]) {
    const bytes = await (await fetch(`/wheels/${wheel}.whl`)).arrayBuffer();
    python.unpackArchive(bytes, "wheel");
  }
  python.FS.mkdirTree("/room");
  python.runPython(ASK);
  ask = python.globals.get("ask");
}

self.onmessage = async ({ data }) => {
  if (data.question === "open") await open();
  const { id, question, files, code, line, column } = data;
  const answer = question === "open" ? null : ask(question, JSON.stringify(files), code, line + 1, column);
  self.postMessage({ id, answer: question === "complete" ? JSON.parse(answer) : answer });
};
