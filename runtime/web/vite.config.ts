import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";
import { fonts } from "./fonts.ts";
import { interfaceIcons } from "./src/icons.ts";

const here = import.meta.dirname;
const packages = resolve(here, "node_modules");

/** `[element, attributes]` pairs by icon name, as the icon package ships them. */
type Drawings = Record<string, [string, Record<string, string>][]>;

function drawing(parts: Drawings[string]): string {
  const attributes = (given: Record<string, string>) =>
    Object.entries(given)
      .filter(([name]) => name !== "key")
      .map(([name, value]) => ` ${name}="${value}"`)
      .join("");
  return parts.map(([element, given]) => `<${element}${attributes(given)}/>`).join("");
}

/** Emits the sprite that pages refer to, and all drawings for icons which only metadata names. */
function icons(): Plugin {
  return {
    name: "kith-icons",
    generateBundle() {
      const file = resolve(packages, "@tabler/icons/tabler-nodes-outline.json");
      const all: Drawings = JSON.parse(readFileSync(file, "utf8"));
      const missing = interfaceIcons.filter((name) => !(name in all));
      if (missing.length > 0) this.error(`src/icons.ts names icons that do not exist: ${missing.join(", ")}`);
      const symbols = interfaceIcons.map(
        (name) =>
          `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round" ` +
          `stroke-linejoin="round">${drawing(all[name]!)}</symbol>`,
      );
      const sprite = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
      this.emitFile({ type: "asset", name: "icons.svg", source: sprite });
      const names = Object.keys(all).sort();
      const drawings = Object.fromEntries(names.map((name) => [name, drawing(all[name]!)]));
      this.emitFile({ type: "asset", fileName: "icons.json", source: JSON.stringify(drawings) + "\n" });
    },
  };
}

/** Emits the licences of what the output contains, as their terms ask. */
function licences(): Plugin {
  const parts = ["@fontsource-variable/inter", "@tabler/icons", "htmx.org", "idiomorph"];
  return {
    name: "kith-licences",
    generateBundle() {
      const texts = parts.map((part) => `${part}\n\n${readFileSync(resolve(packages, part, "LICENSE"), "utf8").trim()}\n`);
      this.emitFile({ type: "asset", fileName: "licences.txt", source: texts.join("\n----\n\n") });
    },
  };
}

/** Leaves out what Vite adds around `import()` to preload styles: ours come with the page. */
function plainImports(): Plugin {
  return {
    name: "kith-plain-imports",
    enforce: "pre",
    load: (id) => (id.endsWith("vite/preload-helper.js") ? "export const __vitePreload = (load) => load();" : null),
  };
}

/** Lays a packed copy of each text beside it, so that the server packs nothing that never changes. */
function packed(): Plugin {
  return {
    name: "kith-packed",
    writeBundle({ dir }, bundle) {
      for (const name of Object.keys(bundle).filter((name) => /\.(js|css|svg)$/.test(name))) {
        const content = readFileSync(resolve(dir!, name));
        writeFileSync(resolve(dir!, `${name}.gz`), gzipSync(content, { level: 9 }));
        writeFileSync(resolve(dir!, `${name}.br`), brotliCompressSync(content));
      }
    },
  };
}

/** Emits `manifest.json`: plain name to hashed name, the only thing that the server needs to know. */
function manifest(): Plugin {
  return {
    name: "kith-manifest",
    enforce: "post",
    generateBundle(_options, bundle) {
      const names: Record<string, string> = {};
      for (const item of Object.values(bundle)) {
        const plain = item.type === "chunk" ? `${item.name}.js` : item.names[0];
        if (plain !== undefined && plain !== item.fileName) names[plain] = item.fileName;
      }
      const sorted = Object.fromEntries(Object.entries(names).sort());
      this.emitFile({ type: "asset", fileName: "manifest.json", source: JSON.stringify(sorted, null, 2) + "\n" });
    },
  };
}

export default defineConfig({
  root: here,
  base: "./",
  publicDir: false,
  plugins: [
    fonts(
      resolve(here, "src/css/fonts.css"),
      resolve(packages, "@fontsource-variable/inter/files"),
      resolve(packages, ".kith/cut"),
    ),
    plainImports(),
    icons(),
    licences(),
    manifest(),
    packed(),
  ],
  build: {
    outDir: resolve(here, "../kith_runtime/static"),
    emptyOutDir: true,
    assetsInlineLimit: 0, // the policy allows files from the same origin only, no data: addresses
    modulePreload: false,
    target: "es2022",
    rolldownOptions: {
      checks: { eval: false }, // htmx has one, switched off by allowEval and barred by the policy
      input: { kith: resolve(here, "src/main.ts") },
      output: {
        // All that every page needs in one file, also what the further parts share with it.
        codeSplitting: { groups: [{ name: "kith", tags: ["$initial"] }] },
        entryFileNames: "[name]-[hash].js",
        chunkFileNames: "[name]-[hash].js",
        assetFileNames: "[name]-[hash][extname]",
      },
    },
  },
});
