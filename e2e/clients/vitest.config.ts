import { defineConfig } from "vitest/config";

const include = ["e2e/clients/suites/*.test.ts"];

/** First what is measured, one by one; then all else, several clients and scenarios at a time: most of them wait. */
export default defineConfig({
  test: {
    globalSetup: "e2e/harness/overdue.ts",
    hookTimeout: 60_000,
    pool: "forks",
    reporters: ["default", ["json", { outputFile: ".cache/test-results/clients.json" }]],
    projects: [
      {
        extends: true,
        test: {
          name: "alone",
          include,
          provide: { part: "alone" },
          sequence: { groupOrder: 0 },
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: "together",
          include,
          provide: { part: "together" },
          sequence: { groupOrder: 1 },
          maxWorkers: 3,
          maxConcurrency: 4,
        },
      },
    ],
  },
});
