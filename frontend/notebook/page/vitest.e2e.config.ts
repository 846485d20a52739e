import { defineConfig } from "vitest/config";

/** The tests in the browser: `make test-browser`, or `npm run e2e` once bin/fanout is built. */
export default defineConfig({
  test: {
    environment: "node",
    include: ["e2e/**/*.test.ts"],
    // For a machine that has much else to do; none comes near them alone.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 60_000, interval: 50 } },
    pool: "forks",
    poolOptions: { forks: { maxForks: 2 } },
  },
});
