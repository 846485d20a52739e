import { build as bundle } from "esbuild";
import { defineConfig, type Plugin } from "vite";

/** Every browser that can show the page reads woff2, so KaTeX's older fonts are left out. */
function woff2Only(): Plugin {
  return {
    name: "woff2-only",
    enforce: "pre",
    transform(code, id) {
      if (!id.includes("katex") || !id.split("?")[0]!.endsWith(".css")) return null;
      return code.replace(/,\s*url\([^)]*\.(?:woff|ttf)\)\s*format\(["'](?:woff|truetype)["']\)/g, "");
    },
  };
}

/** Adds math.js, which sets the formulas of reports outside of a browser. */
function reportMath(): Plugin {
  return {
    name: "report-math",
    apply: "build",
    async generateBundle() {
      const { outputFiles } = await bundle({
        entryPoints: ["src/report/math.ts"],
        bundle: true,
        write: false,
        minify: true,
        charset: "ascii", // whoever reads it counts in bytes
        target: "es2017",
        format: "iife",
        legalComments: "none",
        loader: { ".css": "empty" },
      });
      this.emitFile({ type: "asset", fileName: "math.js", source: outputFiles[0]!.contents });
    },
  };
}

const server = "http://127.0.0.1:8899"; // of `npm run dev`

export default defineConfig({
  plugins: [woff2Only(), reportMath()],
  esbuild: { jsx: "automatic", jsxImportSource: "preact", legalComments: "none" },
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    chunkSizeWarningLimit: 1200,
  },
  test: { environment: "jsdom", include: ["test/**/*.test.ts"] },
  server: {
    proxy: {
      "/api": { target: server, ws: true },
      "/files": { target: server },
    },
  },
} as Parameters<typeof defineConfig>[0]);
