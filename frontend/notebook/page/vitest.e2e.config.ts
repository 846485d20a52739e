import { defineConfig } from "vitest/config";

/** The tests in the browser: `make test-page`, or `npm run e2e` once bin/fanout is built. */
export default defineConfig({
  test: {
    environment: "node",
    include: ["e2e/**/*.test.ts"],
    testTimeout: 120_000, // for a machine that has much else to do; none comes near it alone
    hookTimeout: 120_000,
    pool: "forks",
    poolOptions: { forks: { maxForks: 2 } },
  },
});
