import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// In development the API comes from a running `eds serve` (EDS_URL, or the one of ./dev demo).
const api = process.env.EDS_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  server: { proxy: { "/api": api } },
  // The server embeds these files in its binary: no source maps, and names that carry a hash.
  build: { target: "es2022", sourcemap: false, reportCompressedSize: false },
  test: { environment: "node", include: ["src/**/*.test.{ts,tsx}"] },
});
