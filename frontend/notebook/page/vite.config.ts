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

const server = "http://127.0.0.1:8899"; // of `npm run dev`

export default defineConfig({
  plugins: [woff2Only()],
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
