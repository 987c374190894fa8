/** Makes what `vsce` packages: the bundle, the licences of all that is in it, and the program if there is one. */

import { chmod, copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";

const { metafile } = await build({
  entryPoints: ["src/extension.ts"],
  outfile: "out/extension.js",
  bundle: true,
  external: ["vscode"],
  format: "cjs",
  metafile: true,
  minify: true,
  platform: "node",
  target: "node20",
});

const own = await Promise.all(["../LICENSE-MIT", "../LICENSE-APACHE"].map((file) => readFile(file, "utf8")));
await writeFile("LICENSE", own.join("\n"));

// Every file of a package that went into the bundle lies below the package's folder.
const folders = Object.keys(metafile.inputs).map((file) => /^.*node_modules\/[^@/]+/.exec(file)?.[0]);
const notices = [...new Set(folders.filter((folder) => folder !== undefined))].sort().map(async (folder) => {
  const licence = (await readdir(folder)).find((file) => /^licen[cs]e/i.test(file));
  if (licence === undefined) {
    throw new Error(`${folder} has no licence that could be passed on`);
  }
  return `${path.basename(folder)}\n\n${await readFile(path.join(folder, licence), "utf8")}`;
});
await writeFile("NOTICES.txt", (await Promise.all(notices)).join("\n\n"));

await rm("bin", { recursive: true, force: true });
const program = process.env.MMDEV_BINARY;
if (program !== undefined) {
  await mkdir("bin");
  await copyFile(program, "bin/mmdev");
  await chmod("bin/mmdev", 0o755);
}
