import { gzipSync } from 'node:zlib';
import type { Plugin, Rollup } from 'vite';

/** No page may need more script than this, compressed. */
const maxPageBytes = 300 * 1024;

/** Prints what each page needs to load, and fails the build when one needs too much. */
export function bundleSize(): Plugin {
  return {
    name: 'holdfast-bundle-size',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const chunks = Object.values(bundle).filter((output) => output.type === 'chunk');
        const entry = chunks.find((chunk) => chunk.isEntry);
        if (entry === undefined) return;
        const bytesOf = new Map(chunks.map((chunk) => [chunk.fileName, gzipSync(chunk.code).length]));
        const rows = chunks
          .filter((chunk) => chunk.isDynamicEntry)
          .map((chunk) => {
            const files = new Set([...closureOf(entry, chunks), ...closureOf(chunk, chunks)]);
            const bytes = [...files].reduce((sum, file) => sum + (bytesOf.get(file) ?? 0), 0);
            return { name: chunk.name, bytes, own: bytesOf.get(chunk.fileName) ?? 0 };
          })
          .toSorted((first, second) => second.bytes - first.bytes);
        const styles = Object.values(bundle).filter((output) => output.fileName.endsWith('.css'));
        const styleBytes = styles.reduce(
          (sum, output) => sum + (output.type === 'asset' ? gzipSync(output.source).length : 0),
          0,
        );
        console.log('\nscript that a page loads in all, and of its own (gzip):');
        for (const row of rows) console.log(`  ${kib(row.bytes)}  ${kib(row.own)}  ${row.name}`);
        console.log(`all styles together: ${kib(styleBytes)}`);
        const tooLarge = rows.filter((row) => row.bytes > maxPageBytes);
        if (tooLarge.length > 0) {
          this.error(
            `more than ${kib(maxPageBytes)} of script: ${tooLarge.map((row) => row.name).join(', ')}`,
          );
        }
      },
    },
  };
}

function closureOf(start: Rollup.OutputChunk, chunks: readonly Rollup.OutputChunk[]): ReadonlySet<string> {
  const files = new Set<string>();
  const visit = (fileName: string): void => {
    if (files.has(fileName)) return;
    files.add(fileName);
    for (const next of chunks.find((chunk) => chunk.fileName === fileName)?.imports ?? []) visit(next);
  };
  visit(start.fileName);
  return files;
}

function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(1).padStart(6)} KiB`;
}
