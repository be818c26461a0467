import { defineConfig } from '@hey-api/openapi-ts';

export default defineConfig({
  input: '../handlers/openapi.yaml',
  output: { path: 'src/api' },
  plugins: ['@hey-api/typescript', '@hey-api/sdk', { name: '@hey-api/client-fetch', baseUrl: false }],
});
