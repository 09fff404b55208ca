'use strict';
/**
 * Makes JavaScript of a TypeScript file for Jest, one file at a time and without looking at its types (`tsc` does
 * that). With esbuild, because a spec's first run in a fresh clone waits for all of them: it takes a tenth of the
 * compiler's time.
 */
const { createHash } = require('node:crypto');
const { transformSync, version } = require('esbuild');

const OPTIONS = { loader: 'ts', format: 'cjs', target: 'es2022', sourcemap: 'external' };

module.exports = {
  getCacheKey: (source, path) =>
    createHash('sha256')
      .update(JSON.stringify([version, OPTIONS, path, source]))
      .digest('hex'),
  process(source, path) {
    const { code, map } = transformSync(source, { ...OPTIONS, sourcefile: path });
    return { code, map };
  },
};
