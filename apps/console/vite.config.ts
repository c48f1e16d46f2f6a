import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { bundleSize } from './dev/bundle-size.ts';
import { compressedFiles } from './dev/compressed-files.ts';

const apiServer = process.env['HOLDFAST_API'] ?? 'https://localhost:8443';

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [react(), bundleSize(), compressedFiles()],
  resolve: { alias: { typebox: join(import.meta.dirname, 'src/shared/api/no-schemas.ts') } },
  // The server replaces the placeholder in index.html with a fresh nonce for every response.
  html: { cspNonce: '__CSP_NONCE__' },
  build: {
    outDir: 'dist',
    assetsDir: 'assets',
    emptyOutDir: true,
    target: 'es2023',
    // Data URLs would need `data:` in the content security policy.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // Shared by the directory and a dialog of it: by itself it would lie with the page, and bring that to the dialog of a device.
        codeSplitting: { groups: [{ name: 'device-changes', test: /api\/src\/device-changes\.ts$/u }] },
      },
    },
  },
  server: {
    port: 4170,
    strictPort: true,
    // The server of this computer, whose authority the runtime does not know.
    proxy: { '/api': { target: apiServer, changeOrigin: false, secure: false } },
  },
});
