// Prints what the built page weighs, gzipped, and fails where it is too much.
import { readdir, readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

const LIMIT = 60_000;
const folder = new URL('../dist/', import.meta.url);
const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) =>
  entry.isFile(),
);
let total = 0;
for (const entry of files) {
  const path = `${entry.parentPath}/${entry.name}`.replace(/\/+/g, '/');
  const bytes = gzipSync(await readFile(path), { level: 9 }).length;
  total += bytes;
  console.log(`${String(bytes).padStart(7)}  ${path.slice(path.indexOf('/dist/') + 6)}`);
}
console.log(`${String(total).padStart(7)}  gzipped in all, of ${LIMIT} at most`);
if (total > LIMIT) process.exit(1);
