import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["e2e/python/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 20_000,
    pool: "forks",
    reporters: ["default", ["json", { outputFile: ".cache/test-results/python.json" }]],
  },
});
