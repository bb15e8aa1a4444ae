import { loadPyodide } from "/pyodide/__VERSION__/pyodide.mjs";

const python = await loadPyodide({ stdout: (line) => postMessage({ line }) });
postMessage({ type: "ready" });
onmessage = async ({ data }) => {
  await python.runPythonAsync(data);
  postMessage({ type: "done" });
};
