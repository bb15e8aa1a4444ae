// Bundles the pages with Vite, then writes the notices of everything third-party that the package holds: notices.json
// for the About page and THIRD-PARTY-NOTICES.txt for people. Minified code has lost its license comments, so this is
// where they live on. Usage: node scripts/bundle.mjs OUT_DIR (the folder that Vite builds into).
//
// Of npm packages exactly those are named that Vite put into the bundle. What is inside the ready-made files of
// Pyodide and basedpyright can't be read from them: notices/index.json lists it, by hand, for one version of each.
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "vite";

const [folder] = process.argv.slice(2);
const client = new URL("..", import.meta.url);
const LICENSES = "licenses.json";

const text = (path) => readFile(new URL(path, client), "utf8");
const json = async (path) => JSON.parse(await text(path));

function homepage({ name, homepage, repository }) {
  const address = homepage ?? repository?.url ?? repository ?? `https://www.npmjs.com/package/${name}`;
  return address.replace(/^git\+|\.git$/g, "");
}

async function bundledPackages() {
  const path = join(folder, LICENSES);
  const licenses = JSON.parse(await readFile(path, "utf8"));
  await rm(path);
  // Pyodide's package brings no license text: it leads the list made by hand.
  const others = licenses.filter(({ name }) => name !== "pyodide");
  return Promise.all(
    others.map(async ({ name, version, identifier, text }) => {
      if (!identifier || !text) throw new Error(`${name} ${version} is bundled but brings no license`);
      const url = homepage(await json(`node_modules/${name}/package.json`));
      return { name, version, license: identifier, text, url };
    }),
  );
}

async function insideOthers() {
  const { reviewed, notices } = await json("notices/index.json");
  for (const [name, known] of Object.entries(reviewed)) {
    const { version } = await json(`node_modules/${name}/package.json`);
    if (version !== known) {
      throw new Error(
        `notices/index.json describes ${name} ${known}, but ${version} is installed: review the list`,
      );
    }
  }
  return Promise.all(
    notices.map(async (notice) => ({ ...notice, text: await text(`notices/${notice.text}`) })),
  );
}

await build({ logLevel: "error", build: { license: { fileName: LICENSES } } });
const notices = [...(await insideOthers()), ...(await bundledPackages())];
const line = "=".repeat(100);
const pages = notices.map(
  ({ name, version, license, text, url }) =>
    `${line}\n${name} ${version}\n${license}\n${url}\n${line}\n\n${text.trim()}\n`,
);

await writeFile(join(folder, "notices.json"), JSON.stringify(notices));
await writeFile(
  join(folder, "THIRD-PARTY-NOTICES.txt"),
  `Caretroom bundles the following software of others, with thanks.\n\n\n${pages.join("\n\n")}`,
);
