import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { compress } from './compress.ts';

/** Where `npm run dev` finds the server it is a face of: start that one with `npm start`. */
const SERVER = process.env.TOOKEN_URL ?? 'http://127.0.0.1:3000';

export default defineConfig({
  plugins: [react(), compress()],
  build: {
    target: 'es2023',
    // A strict Content-Security-Policy has no room for what is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1000,
  },
  server: {
    port: 5173,
    strictPort: true,
    proxy: { '^/(v1|docs|openapi.json)': { target: SERVER } },
  },
});
