import { defineConfig } from 'vitest/config';

export default defineConfig({
  build: {
    target: 'es2022',
    // A data: URL would need an exception in the Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Only the files under assets/ have a hash of their content in their names.
    assetsDir: 'assets',
  },
  test: { include: ['src/**/*.test.ts'] },
});
