import { defineConfig } from "vite";

// The script inside the bundle's offline page, from the same sources as the console's check. It is left readable: whoever
// checks a shop with it may want to read it.
export default defineConfig({
  build: {
    outDir: "../src/walkout/disclosure/static",
    emptyOutDir: false,
    copyPublicDir: false,
    target: "es2022",
    minify: false,
    lib: { entry: "src/verify.ts", formats: ["iife"], name: "verify", fileName: () => "verify.js" },
  },
});
