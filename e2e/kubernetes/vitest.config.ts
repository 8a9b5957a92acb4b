import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["e2e/kubernetes/*.test.ts"],
    globalSetup: ["e2e/kubernetes/setup.ts", "e2e/harness/overdue.ts"],
    fileParallelism: false, // one cluster for all, and faults that everybody would feel
    maxConcurrency: 4,
    testTimeout: 120_000,
    hookTimeout: 60_000,
    pool: "forks",
    reporters: ["default", ["json", { outputFile: ".cache/test-results/kubernetes.json" }]],
  },
});
