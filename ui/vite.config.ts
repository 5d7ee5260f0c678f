import preact from "@preact/preset-vite";
import { defineConfig } from "vite";
import { viteSingleFile } from "vite-plugin-singlefile";

// One file with everything in it. `dist/report.html` is copied to crates/app/page, where the program takes it from.
export default defineConfig({
  plugins: [preact({ devToolsEnabled: false, prefreshEnabled: false }), viteSingleFile({ removeViteModuleLoader: true })],
  build: {
    target: "es2022",
    modulePreload: false,
    chunkSizeWarningLimit: 4000,
    reportCompressedSize: false,
  },
});
