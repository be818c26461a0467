import { defineConfig } from 'vitest/config';

export default defineConfig({
  build: {
    // Else a script has another name for each style sheet, whose content is none of its own.
    cssCodeSplit: false,
    target: 'es2022',
    // A data: URL would need an exception in the Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Only the files under assets/ have a hash of their content in their names.
    assetsDir: 'assets',
  },
  test: { include: ['src/**/*.test.ts'] },
});
