import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    exclude: ["**/node_modules/**", "dist/**", ".cache/**", "e2e/clients/suites/**", "e2e/kubernetes/*.test.ts"],
    globalSetup: "e2e/harness/overdue.ts",
    testTimeout: 20_000,
    hookTimeout: 20_000,
    pool: "forks",
    reporters: ["default", ["json", { outputFile: ".cache/test-results/node.json" }]],
  },
});
