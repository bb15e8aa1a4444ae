import { rmSync } from "node:fs";
import { resolve } from "node:path";
import pyodide from "pyodide/package.json" with { type: "json" };
import { defineConfig, type Plugin } from "vite";

const outDir = resolve(import.meta.dirname, "../server/caretroom/static");
const backend = "http://127.0.0.1:8000";

/** Python's own files live beside ours and take long to make: only the assets of the last build go. */
const cleanAssets: Plugin = {
  name: "clean-assets",
  apply: "build",
  buildStart: () => rmSync(resolve(outDir, "assets"), { recursive: true, force: true }),
};

/** The server's addresses for the pages, as the development server knows only files. */
const pages: Plugin = {
  name: "pages",
  configureServer(server) {
    server.middlewares.use((request, _response, next) => {
      if (request.url?.startsWith("/r/")) request.url = "/room.html";
      else if (request.url === "/about") request.url = "/about.html";
      next();
    });
  },
  transformIndexHtml: (html, { server }) =>
    server ? html.replace("__PYTHON__", `/pyodide/${pyodide.version}/`) : html,
};

export default defineConfig({
  plugins: [cleanAssets, pages],
  build: {
    outDir,
    emptyOutDir: false,
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: ["index.html", "room.html", "about.html", "sandbox.html", "markup.html"].map((page) =>
        resolve(import.meta.dirname, page),
      ),
    },
  },
  server: {
    proxy: {
      "/api": backend,
      "/ws": { target: backend, ws: true },
      "/sandbox": backend,
      "/markup": backend,
      "/pyodide": backend,
      "/packages": backend,
      "/notices.json": backend,
    },
  },
});
