import { defineConfig } from 'vite';

/** The service worker: one classic script at a fixed address, beside what `vite build` has made. */
export default defineConfig({
  publicDir: false,
  build: {
    target: 'es2022',
    emptyOutDir: false,
    rollupOptions: {
      input: 'src/worker.ts',
      output: { format: 'iife', entryFileNames: 'worker.js' },
    },
  },
});
